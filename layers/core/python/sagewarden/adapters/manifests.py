"""Take down everything needed to bring a resource back, before it is touched."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sagewarden.adapters.alarm_descriptions import alarm_tags, alarms_on
from sagewarden.adapters.described import (
    Json,
    Sources,
    plain,
    specifications,
    tags_by_name,
    tags_of,
)
from sagewarden.adapters.looks import Look
from sagewarden.adapters.scaling_descriptions import autoscaling_of

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient


def endpoint_manifest(name: str, sources: Sources, look: Look | None = None) -> dict[str, object]:
    """Describe an endpoint, its config, models, components, tags, autoscaling and alarms.

    Args:
        name: The endpoint's name.
        sources: The clients of its region.
        look: What was seen of it a moment ago, which is not asked for again.

    Returns:
        What AWS answered, as JSON values; times are ISO 8601 texts (UTC).

    Raises:
        botocore.exceptions.ClientError: A part could not be read: there is no manifest then.
    """
    client = sources.sagemaker
    seen = look or _look(name, client)
    endpoint, config = seen.endpoint, seen.config
    components = list(_components(name, client)) if _hosts_components(config) else []
    names = [item["InferenceComponentName"] for item in components]
    known = None if components else seen.targets
    wanted = sorted({*_models_of_variants(config), *_models_of_components(components)})
    models = [plain(client.describe_model(ModelName=model)) for model in wanted]
    tags = sources.tags([config["EndpointConfigArn"], *(model["ModelArn"] for model in models)])
    alarms = alarms_on(name, names, sources.metric_alarms())
    return {
        "endpoint": plain(endpoint),
        "endpoint_config": plain(config),
        "models": models,
        "inference_components": components,
        "tags": dict(seen.tags),
        "endpoint_config_tags": dict(tags[config["EndpointConfigArn"]]),
        "model_tags": {model["ModelName"]: dict(tags[model["ModelArn"]]) for model in models},
        "inference_component_tags": tags_by_name(client, components, "InferenceComponent"),
        "autoscaling": autoscaling_of(name, names, sources.autoscaling, known),
        "alarms": alarms,
        "alarm_tags": alarm_tags(alarms, sources.cloudwatch),
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
    return {"training_job": plain(job), "tags": tags_of(client, job["TrainingJobArn"])}


def _look(name: str, client: "SageMakerClient") -> Look:
    endpoint = client.describe_endpoint(EndpointName=name)
    config = client.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
    return Look(endpoint, config, tags_of(client, endpoint["EndpointArn"]))


def _hosts_components(config: Mapping[str, Any]) -> bool:
    """Whether a variant has no model of its own, as those have that host components."""
    return any(not variant.get("ModelName") for variant in config["ProductionVariants"])


def _models_of_variants(config: Mapping[str, Any]) -> Iterator[str]:
    for kind in ("ProductionVariants", "ShadowProductionVariants"):
        for variant in config.get(kind, ()):
            if variant.get("ModelName"):
                yield variant["ModelName"]


def _models_of_components(components: list[Json]) -> Iterator[str]:
    for component in components:
        for specification in specifications(component):
            if "ModelName" in specification:
                yield specification["ModelName"]


def _components(endpoint: str, client: "SageMakerClient") -> Iterator[Json]:
    pages = client.get_paginator("list_inference_components").paginate(EndpointNameEquals=endpoint)
    for page in pages:
        for item in page["InferenceComponents"]:
            yield plain(
                client.describe_inference_component(
                    InferenceComponentName=item["InferenceComponentName"]
                )
            )
