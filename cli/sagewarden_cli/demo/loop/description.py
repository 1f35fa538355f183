"""All that AWS tells of an endpoint and of what belongs to it, field by field.

Written apart from what restores: what that ignores must not decide what is compared here.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

type Clients = Callable[[str], Any]
"""A boto3 client of the endpoint's account and region, by the service's name."""

MADE_ANEW = frozenset(
    {
        *("CreationTime", "LastModifiedTime", "StartTime", "ResolutionTime"),
        *("ScalableTargetARN", "ResponseMetadata", "AlarmConfigurationUpdatedTimestamp"),
        *("StateValue", "StateReason", "StateReasonData", "StateUpdatedTimestamp"),
        "StateTransitionedTimestamp",
    }
)
"""What AWS itself tells otherwise of the same thing made again, and of another request."""

_IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
"""Ids that AWS makes: the end of a policy's ARN is another one for the same policy made again."""


def fields_of(name: str, clients: Clients) -> Mapping[str, object]:
    """What AWS tells of an endpoint, its config, models, components, alarms and autoscaling.

    Args:
        name: The endpoint, which exists.
        clients: The clients to ask with.

    Returns:
        Values by their paths, such as ``endpoint.ProductionVariants.0.VariantName``.
    """
    return dict(_flat("", dict(_parts(name, clients))))


def _parts(name: str, clients: Clients) -> Iterator[tuple[str, Any]]:
    sagemaker, cloudwatch = clients("sagemaker"), clients("cloudwatch")

    def tagged(answer: dict[str, Any], arn: str) -> dict[str, Any]:
        return {**answer, **sagemaker.list_tags(ResourceArn=answer[arn])}

    endpoint = sagemaker.describe_endpoint(EndpointName=name)
    yield "endpoint", tagged(endpoint, "EndpointArn")
    config = sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
    yield "config", tagged(config, "EndpointConfigArn")
    for variant in config["ProductionVariants"]:
        if model := variant.get("ModelName"):
            yield f"model {model}", tagged(sagemaker.describe_model(ModelName=model), "ModelArn")
    scaled = [f"endpoint/{name}/"]
    listed = sagemaker.list_inference_components(EndpointNameEquals=name)["InferenceComponents"]
    for one in listed:
        component = one["InferenceComponentName"]
        found = sagemaker.describe_inference_component(InferenceComponentName=component)
        yield f"component {component}", tagged(found, "InferenceComponentArn")
        scaled.append(f"inference-component/{component}")
    for alarm in cloudwatch.describe_alarms()["MetricAlarms"]:
        if {"Name": "EndpointName", "Value": name} in alarm["Dimensions"]:
            tags = cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])
            yield f"alarm {alarm['AlarmName']}", {**alarm, **tags}
    yield from _scaling(tuple(scaled), clients("application-autoscaling"))


def _scaling(resources: tuple[str, ...], client: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - a boto3 client
    for kind, describe in (
        ("ScalableTargets", client.describe_scalable_targets),
        ("ScalingPolicies", client.describe_scaling_policies),
        ("ScheduledActions", client.describe_scheduled_actions),
    ):
        found = describe(ServiceNamespace="sagemaker")[kind]
        mine = [one for one in found if one["ResourceId"].startswith(resources)]
        if kind == "ScalableTargets":
            arns = (one["ScalableTargetARN"] for one in mine)
            yield "target tags", [client.list_tags_for_resource(ResourceARN=arn) for arn in arns]
        yield kind, mine


def _flat(path: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in MADE_ANEW:
                yield from _flat(f"{path}.{key}" if path else str(key), item)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _flat(f"{path}.{number}", item)
    else:
        told = _IDS.sub("ID", value) if isinstance(value, str) else value
        yield _IDS.sub("ID", path), told
