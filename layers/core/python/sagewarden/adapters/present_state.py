"""What exists now of all that a manifest speaks of, in the manifest's own form."""

from collections.abc import Mapping
from typing import Any

from sagewarden.adapters.alarm_descriptions import alarm_tags, alarms_named
from sagewarden.adapters.described import Json, Sources, plain, tags_by_name, tags_of, unless_gone
from sagewarden.adapters.scaling_descriptions import autoscaling_of


def present_endpoint(content: Mapping[str, Any], sources: Sources) -> dict[str, object]:
    """Look at an endpoint, its config, models, components, autoscaling and alarms.

    Args:
        content: What the manifest of an endpoint holds.
        sources: The clients of its region.

    Returns:
        The same as `endpoint_manifest`, without what does not exist, and under ``running_config``
        the config that the endpoint runs now, where it is another.

    Raises:
        botocore.exceptions.ClientError: A part could not be read.
    """
    client = sources.sagemaker
    name = content["endpoint"]["EndpointName"]
    config_name = content["endpoint_config"]["EndpointConfigName"]
    endpoint = unless_gone(client.describe_endpoint, EndpointName=name)
    config = unless_gone(client.describe_endpoint_config, EndpointConfigName=config_name)
    running = endpoint["EndpointConfigName"] if endpoint else config_name
    models = [
        found
        for model in content.get("models", ())
        if (found := unless_gone(client.describe_model, ModelName=model["ModelName"]))
    ]
    components = _components(content, sources)
    watching = [alarm["AlarmName"] for alarm in content.get("alarms", ())]
    alarms = [plain(alarm) for alarm in alarms_named(watching, sources.cloudwatch)]
    return {
        "endpoint": endpoint,
        "endpoint_config": config,
        "running_config": unless_gone(client.describe_endpoint_config, EndpointConfigName=running)
        if running != config_name
        else None,
        "models": models,
        "inference_components": components,
        "tags": tags_of(client, endpoint["EndpointArn"]) if endpoint else {},
        "endpoint_config_tags": tags_of(client, config["EndpointConfigArn"]) if config else {},
        "model_tags": tags_by_name(client, models, "Model"),
        "inference_component_tags": tags_by_name(client, components, "InferenceComponent"),
        "autoscaling": autoscaling_of(name, _component_names(content), sources.autoscaling),
        "alarms": alarms,
        "alarm_tags": alarm_tags(alarms, sources.cloudwatch),
    }


def _component_names(content: Mapping[str, Any]) -> list[str]:
    return [item["InferenceComponentName"] for item in content.get("inference_components", ())]


def _components(content: Mapping[str, Any], sources: Sources) -> list[Json]:
    describe = sources.sagemaker.describe_inference_component
    found = (unless_gone(describe, InferenceComponentName=n) for n in _component_names(content))
    return [component for component in found if component]
