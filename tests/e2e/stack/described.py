"""All that AWS tells of endpoints, without what it tells otherwise of the same made again."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from sagewarden_cli.stack.wiring import Wiring

REGION = "us-east-1"
MADE_ANEW = {
    *("CreationTime", "LastModifiedTime", "StartTime", "ResolutionTime"),
    *("ScalableTargetARN", "ResponseMetadata", "AlarmConfigurationUpdatedTimestamp"),
    *("StateReason", "StateReasonData", "StateUpdatedTimestamp", "StateTransitionedTimestamp"),
    *("StateValue",),
}
"""What AWS itself tells otherwise of the same thing made again, and of another request."""

_IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def described(wiring: Wiring, endpoints: Iterable[str], account: str | None = None) -> Any:
    """What AWS tells of endpoints and of all that belongs to them, by the endpoint's name."""
    return {name: _lasting(dict(_parts(wiring, name, account))) for name in endpoints}


def _parts(wiring: Wiring, name: str, account: str | None) -> Iterator[tuple[str, Any]]:
    sagemaker, cloudwatch = (
        wiring.sandbox.client(service, REGION, account) for service in ("sagemaker", "cloudwatch")
    )

    def tagged(answer: dict[str, Any], arn: str) -> dict[str, Any]:
        return {**answer, **sagemaker.list_tags(ResourceArn=answer[arn])}

    endpoint = sagemaker.describe_endpoint(EndpointName=name)
    yield "endpoint", tagged(endpoint, "EndpointArn")
    config = sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
    yield "config", tagged(config, "EndpointConfigArn")
    for variant in config["ProductionVariants"]:
        if "ModelName" in variant:
            model = sagemaker.describe_model(ModelName=variant["ModelName"])
            yield "model", tagged(model, "ModelArn")
    listed = sagemaker.list_inference_components(EndpointNameEquals=name)["InferenceComponents"]
    scaled = [f"endpoint/{name}/"]
    for one in listed:
        component = one["InferenceComponentName"]
        found = sagemaker.describe_inference_component(InferenceComponentName=component)
        yield component, tagged(found, "InferenceComponentArn")
        scaled.append(f"inference-component/{component}")
    yield (
        "alarms",
        [
            {**alarm, **cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])}
            for alarm in cloudwatch.describe_alarms()["MetricAlarms"]
            if {"Name": "EndpointName", "Value": name} in alarm["Dimensions"]
        ],
    )
    yield from _scaling(wiring, tuple(scaled), account)


def _scaling(
    wiring: Wiring, resources: tuple[str, ...], account: str | None
) -> Iterator[tuple[str, Any]]:
    client = wiring.sandbox.client("application-autoscaling", REGION, account)
    for kind, describe in (
        ("ScalableTargets", client.describe_scalable_targets),
        ("ScalingPolicies", client.describe_scaling_policies),
        ("ScheduledActions", client.describe_scheduled_actions),
    ):
        found = describe(ServiceNamespace="sagemaker")[kind]
        yield kind, [one for one in found if one["ResourceId"].startswith(resources)]


def _lasting(value: Any) -> Any:
    if isinstance(value, list):
        return [_lasting(item) for item in value]
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if key not in MADE_ANEW}
        return {key: _lasting(item) for key, item in kept.items()}
    return _IDS.sub("ID", value) if isinstance(value, str) else value
