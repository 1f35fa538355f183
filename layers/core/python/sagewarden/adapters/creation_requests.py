"""From what AWS describes to the call that makes the same again.

Descriptions carry more than creation takes: times, statuses, ARNs. What a call takes is read from
botocore's model of it, so that a field which AWS adds comes back without a change here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sagewarden.adapters.described import Json
from sagewarden.domain.restoration.steps import Step, StepKind

_SERVICE_LINKED = ":role/aws-service-role/"
_AGAIN = "-again"
_SELECTED = frozenset({"SelectedInstanceType", "SelectedInstanceCount"})
_JOBS: Mapping[str, tuple[str, str, int]] = {
    "training-job": ("create_training_job", "TrainingJobName", 63),
    "processing-job": ("create_processing_job", "ProcessingJobName", 63),
    "transform-job": ("create_transform_job", "TransformJobName", 63),
    "hyper-parameter-tuning-job": (
        "create_hyper_parameter_tuning_job",
        "HyperParameterTuningJobName",
        32,
    ),
    "auto-ml-job": ("create_auto_ml_job_v2", "AutoMLJobName", 32),
    "inference-recommendations-job": ("create_inference_recommendations_job", "JobName", 64),
}
"""boto3's operation that creates each kind of job, the member that names it, and how long a name
may be (botocore 1.44)."""


@dataclass(frozen=True, slots=True)
class Call:
    """One AWS call.

    Attributes:
        service: boto3's name of the service.
        operation: boto3's name of the operation.
        request: What it is asked, perhaps with more than it takes.
    """

    service: str
    operation: str
    request: Mapping[str, Any]


def call_of(step: Step) -> Call:
    """The call that takes a step."""
    service, operation, request = _CALLS[step.kind]
    return Call(service, operation, request(step))


def creation_of_training_job(described: Json, tags: Mapping[str, str]) -> Call:
    """The call that runs the same training job from its beginning, under a name of its own."""
    return creation_of_job("training-job", described, tags)


def creation_of_job(kind: str, described: Json, tags: Mapping[str, str]) -> Call:
    """The call that runs the same job from its beginning, under a name of its own.

    What AWS selected among the types that a job prefers is told, but not asked for.

    Raises:
        KeyError: The kind is none of a job.
    """
    operation, member, longest = _JOBS[kind]
    name = f"{described[member][: longest - len(_AGAIN)].rstrip('-')}{_AGAIN}"
    request = {**_without_selection(described), member: name, "Tags": _tag_list(tags)}
    return Call("sagemaker", operation, request)


def _without_selection(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        known = ((key, item) for key, item in value.items() if key not in _SELECTED)
        return {key: _without_selection(item) for key, item in known}
    return [_without_selection(item) for item in value] if isinstance(value, list) else value


def accepted(shape: Any, value: Any) -> Any:  # noqa: ANN401 - botocore's shapes, any JSON
    """What of a value a call takes.

    Args:
        shape: botocore's shape of what it takes.
        value: What AWS described.
    """
    if shape.type_name == "structure":
        known = ((key, item) for key, item in value.items() if key in shape.members)
        return {key: accepted(shape.members[key], item) for key, item in known}
    if shape.type_name == "list":
        return [accepted(shape.member, item) for item in value]
    if shape.type_name == "map":
        return {key: accepted(shape.value, item) for key, item in value.items()}
    return value


def _tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _tagged(described: Mapping[str, Any], step: Step) -> Json:
    """SageMaker takes no empty list of tags everywhere; without tags there is none."""
    return {**described, **({"Tags": _tag_list(step.tags)} if step.tags else {})}


def _as_described(step: Step) -> Json:
    return dict(step.described)


def _with_tags(step: Step) -> Json:
    return _tagged(step.described, step)


def _app(step: Step) -> Json:
    """An app runs in a space or for a user profile: a description may tell both."""
    described = dict(step.described)
    if described.get("SpaceName"):
        described.pop("UserProfileName", None)
    return _tagged({key: value for key, value in described.items() if value is not None}, step)


def _endpoint(step: Step) -> Json:
    return _tagged(_switch(step), step)


def _switch(step: Step) -> Json:
    described = step.described
    request = {key: described[key] for key in ("EndpointName", "EndpointConfigName")}
    if rollout := described.get("LastDeploymentConfig"):
        request["DeploymentConfig"] = rollout
    return request


def _capacities(step: Step) -> Json:
    return {"EndpointName": step.name, **step.described}


def _component(step: Step) -> Json:
    described = dict(step.described)
    if "Specification" in described:
        described["Specification"] = _with_image(described["Specification"])
    if "Specifications" in described:
        described["Specifications"] = [_with_image(one) for one in described["Specifications"]]
    copies = described.pop("RuntimeConfig", {}).get("DesiredCopyCount")
    if copies is not None:
        described["RuntimeConfig"] = {"CopyCount": copies}
    return _tagged(described, step)


def _with_image(specification: Mapping[str, Any]) -> Json:
    """A description tells which image was deployed, creation asks for one."""
    container = dict(specification.get("Container", {}))
    image = container.pop("DeployedImage", {}).get("SpecifiedImage")
    if image:
        container["Image"] = image
    return {**specification, **({"Container": container} if container else {})}


def _copies(step: Step) -> Json:
    return {"InferenceComponentName": step.name, **step.described}


def _target(step: Step) -> Json:
    """SageMaker's service-linked role is found by itself; naming it would take iam:PassRole."""
    request = {key: value for key, value in step.described.items() if key != "RoleARN"}
    role = step.described.get("RoleARN", "")
    if role and _SERVICE_LINKED not in role:
        request["RoleARN"] = role
    return {**request, **({"Tags": dict(step.tags)} if step.tags else {})}


def _alarm(step: Step) -> Json:
    """An alarm on an expression may not name a metric, not even an empty one."""
    told = {key: value for key, value in step.described.items() if value not in (None, "", [])}
    return _tagged(told, step)


def _notebook(step: Step) -> Json:
    return {"NotebookInstanceName": step.name}


def _nodes(step: Step) -> Json:
    cluster, _, name = step.name.partition("/")
    scaling = dict(step.described)
    return {"clusterName": cluster, "nodegroupName": name, "scalingConfig": scaling}


def _tracking_server(step: Step) -> Json:
    return {"TrackingServerName": step.name}


def _monitoring_schedule(step: Step) -> Json:
    return {"MonitoringScheduleName": step.name}


def _provisioned_model(step: Step) -> Json:
    """Throughput is bought anew by the hour: what had a commitment is never deleted."""
    tags = [{"key": key, "value": value} for key, value in step.tags.items()]
    return {
        "provisionedModelName": step.name,
        "modelId": step.described["modelArn"],
        "modelUnits": step.described["modelUnits"],
        **({"tags": tags} if tags else {}),
    }


_CALLS: Mapping[StepKind, tuple[str, str, Callable[[Step], Json]]] = {
    StepKind.CREATE_MODEL: ("sagemaker", "create_model", _with_tags),
    StepKind.CREATE_CONFIG: ("sagemaker", "create_endpoint_config", _with_tags),
    StepKind.CREATE_ENDPOINT: ("sagemaker", "create_endpoint", _endpoint),
    StepKind.SWITCH_CONFIG: ("sagemaker", "update_endpoint", _switch),
    StepKind.SET_CAPACITIES: (
        "sagemaker",
        "update_endpoint_weights_and_capacities",
        _capacities,
    ),
    StepKind.CREATE_COMPONENT: ("sagemaker", "create_inference_component", _component),
    StepKind.SET_COPIES: ("sagemaker", "update_inference_component_runtime_config", _copies),
    StepKind.ADD_TAGS: ("sagemaker", "add_tags", _with_tags),
    StepKind.REGISTER_TARGET: ("application-autoscaling", "register_scalable_target", _target),
    StepKind.PUT_POLICY: ("application-autoscaling", "put_scaling_policy", _as_described),
    StepKind.PUT_SCHEDULED_ACTION: (
        "application-autoscaling",
        "put_scheduled_action",
        _as_described,
    ),
    StepKind.PUT_ALARM: ("cloudwatch", "put_metric_alarm", _alarm),
    StepKind.CREATE_APP: ("sagemaker", "create_app", _app),
    StepKind.START_NOTEBOOK: ("sagemaker", "start_notebook_instance", _notebook),
    StepKind.SET_NODES: ("eks", "update_nodegroup_config", _nodes),
    StepKind.START_TRACKING_SERVER: (
        "sagemaker",
        "start_mlflow_tracking_server",
        _tracking_server,
    ),
    StepKind.START_MONITORING_SCHEDULE: (
        "sagemaker",
        "start_monitoring_schedule",
        _monitoring_schedule,
    ),
    StepKind.CREATE_PROVISIONED_MODEL: (
        "bedrock",
        "create_provisioned_model_throughput",
        _provisioned_model,
    ),
}
