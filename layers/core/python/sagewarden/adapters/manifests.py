"""Take down everything needed to bring a resource back, before it is touched."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_application_autoscaling import ApplicationAutoScalingClient
    from mypy_boto3_sagemaker import SageMakerClient


def endpoint_manifest(
    name: str, sagemaker: "SageMakerClient", autoscaling: "ApplicationAutoScalingClient"
) -> dict[str, object]:
    """Describe an endpoint, its config, models, components, tags and autoscaling.

    Args:
        name: The endpoint's name.
        sagemaker: The client of its region.
        autoscaling: The Application Auto Scaling client of its region.

    Returns:
        What AWS answered, as JSON values; times are ISO 8601 texts (UTC).

    Raises:
        botocore.exceptions.ClientError: A part could not be read: there is no manifest then.
    """
    endpoint = sagemaker.describe_endpoint(EndpointName=name)
    config = sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
    variants = [
        *config.get("ProductionVariants", []),
        *config.get("ShadowProductionVariants", []),
    ]
    models = sorted({item["ModelName"] for item in variants if item.get("ModelName")})
    return {
        "endpoint": _plain(endpoint),
        "endpoint_config": _plain(config),
        "models": [_plain(sagemaker.describe_model(ModelName=model)) for model in models],
        "inference_components": _components(name, sagemaker),
        "tags": _tags(sagemaker, endpoint["EndpointArn"]),
        "endpoint_config_tags": _tags(sagemaker, config["EndpointConfigArn"]),
        "autoscaling": _autoscaling(name, autoscaling),
    }


def training_job_manifest(name: str, client: "SageMakerClient") -> dict[str, object]:
    """Describe a training job and its tags: what creates the same job anew.

    Args:
        name: The job's name.
        client: The client of its region.

    Raises:
        botocore.exceptions.ClientError: A part could not be read: there is no manifest then.
    """
    job = client.describe_training_job(TrainingJobName=name)
    return {"training_job": _plain(job), "tags": _tags(client, job["TrainingJobArn"])}


def _components(endpoint: str, client: "SageMakerClient") -> list[object]:
    pages = client.get_paginator("list_inference_components").paginate(EndpointNameEquals=endpoint)
    return [
        _plain(
            client.describe_inference_component(
                InferenceComponentName=item["InferenceComponentName"]
            )
        )
        for page in pages
        for item in page["InferenceComponents"]
    ]


def _tags(client: "SageMakerClient", arn: str) -> dict[str, str]:
    pages = client.get_paginator("list_tags").paginate(ResourceArn=arn)
    return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}


def _autoscaling(endpoint: str, client: "ApplicationAutoScalingClient") -> dict[str, object]:
    """The scalable targets, policies and scheduled actions of an endpoint's variants."""
    prefix = f"endpoint/{endpoint}/variant/"
    found: dict[str, object] = {}
    for operation, key in (
        ("describe_scalable_targets", "ScalableTargets"),
        ("describe_scaling_policies", "ScalingPolicies"),
        ("describe_scheduled_actions", "ScheduledActions"),
    ):
        pages = client.get_paginator(operation).paginate(  # type: ignore[call-overload]  # a name, not a literal
            ServiceNamespace="sagemaker"
        )
        found[key] = [
            _plain(item)
            for page in pages
            for item in page[key]
            if item["ResourceId"].startswith(prefix)
        ]
    return found


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever JSON AWS answers
    """The same value with texts for times and without the answer's own metadata."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if key != "ResponseMetadata"}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
