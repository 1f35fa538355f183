"""Change SageMaker: one function per kind of action, each leaving a way back."""

import hashlib
import json
import shlex
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sagewarden.adapters.described import Sources
from sagewarden.adapters.errors import acting, reading
from sagewarden.adapters.kinds import adapter_of, is_known
from sagewarden.adapters.manifests import endpoint_manifest, training_job_manifest
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.ports import ActionFailedError, UnreadableError
from sagewarden.domain.actions import Action, ActionKind
from sagewarden.domain.outcomes import Manifest
from sagewarden.domain.resources import ResourceKind, ResourceRef

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

CONFIG_NAME_LENGTH = 63
"""The most characters of an endpoint config's name (botocore, EndpointConfigName)."""


class SageMakerExecutor:
    """The executor port on boto3."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def manifest(self, ref: ResourceRef, now: datetime) -> Manifest:
        """Describe an endpoint and all that it refers to, a training job or a Studio app.

        Raises:
            UnreadableError: A part of it could not be read, or it is of another kind.
        """
        if is_known(ref.kind):
            with reading(f"manifest of {ref.name}"):
                return Manifest(ref, now, adapter_of(ref.kind).manifest(self._sessions, ref))
        client = self._sessions.client("sagemaker", ref.region)
        with reading(f"manifest of {ref.name}"):
            match ref.kind:
                case ResourceKind.ENDPOINT:
                    sources = Sources.of(self._sessions, ref.region)
                    look = self._sessions.looks.take(ref.arn)
                    return Manifest(ref, now, endpoint_manifest(ref.name, sources, look))
                case ResourceKind.TRAINING_JOB:
                    return Manifest(ref, now, training_job_manifest(ref.name, client))
                case ResourceKind.STUDIO_APP:
                    from sagewarden.adapters.app_manifests import app_manifest  # noqa: PLC0415 - see below

                    return Manifest(ref, now, app_manifest(ref, client))
        raise UnreadableError(f"{ref.kind} {ref.name}", "there is no manifest for this kind")

    def execute(self, action: Action) -> str | None:
        """Carry out an action.

        Raises:
            ActionFailedError: A call failed; the message says which, and what AWS answered.
        """
        name = action.ref.name
        if is_known(action.ref.kind) and not _tags_in_sagemaker(action):
            with acting(f"{action.kind} of {name}"):
                return adapter_of(action.ref.kind).act(self._sessions, action)
        client = self._sessions.client("sagemaker", action.ref.region)
        with acting(f"{action.kind} of {name}"):
            match action.kind:
                case ActionKind.STOP:
                    return _stop(client, action)
                case ActionKind.START:
                    client.start_notebook_instance(NotebookInstanceName=name)
                    return _command(action, "stop-notebook-instance", notebook_instance_name=name)
                case ActionKind.DELETE:
                    return _delete(client, action)
                case ActionKind.SCALE_TO_ZERO:
                    return _scale_to_zero(client, action)
                case ActionKind.RELEASE_PROVISIONED_CONCURRENCY:
                    self._deregister(action)
                    return _release(client, action)
                case ActionKind.TAG_OWNER:
                    return _tag(client, action)
                case ActionKind.NOTIFY:
                    raise ActionFailedError(f"{action.kind} of {name}: there is nothing to change")
                case (
                    ActionKind.SET_PROVISIONED_CONCURRENCY
                    | ActionKind.SET_CAPACITY
                    | ActionKind.RESTORE
                ):
                    raise ActionFailedError(
                        f"{action.kind} of {name} is not one call of SageMaker's; "
                        "adjust_concurrency and restore do it"
                    )

    def _deregister(self, action: Action) -> None:
        """Take a serverless endpoint's autoscaling target away, or it would provision anew."""
        autoscaling = self._sessions.client("application-autoscaling", action.ref.region)
        pages = autoscaling.get_paginator("describe_scalable_targets").paginate(
            ServiceNamespace="sagemaker"
        )
        for page in pages:
            for target in page["ScalableTargets"]:
                if target["ResourceId"].startswith(f"endpoint/{action.ref.name}/variant/"):
                    autoscaling.deregister_scalable_target(
                        ServiceNamespace="sagemaker",
                        ResourceId=target["ResourceId"],
                        ScalableDimension=target["ScalableDimension"],
                    )


def _stop(client: "SageMakerClient", action: Action) -> str | None:
    """Stop a training job, a notebook instance, or a Studio app by deleting it."""
    name = action.ref.name
    if action.ref.kind == ResourceKind.TRAINING_JOB:
        client.stop_training_job(TrainingJobName=name)
        return None
    if action.ref.kind == ResourceKind.STUDIO_APP:
        # Only where there are rules for apps: no other function pays for the import.
        from sagewarden.adapters.studio_apps import app_request  # noqa: PLC0415

        client.delete_app(**app_request(action.ref))
        return shlex.join(["sagewarden", "restore", action.ref.arn])
    client.stop_notebook_instance(NotebookInstanceName=name)
    return _command(action, "start-notebook-instance", notebook_instance_name=name)


def _delete(client: "SageMakerClient", action: Action) -> str:
    """Delete an endpoint; its config and models stay, so that it can be created again."""
    client.delete_endpoint(EndpointName=action.ref.name)
    return _command(
        action,
        "create-endpoint",
        endpoint_name=action.ref.name,
        endpoint_config_name=str(action.precondition.config_name),
    )


def _tags_in_sagemaker(action: Action) -> bool:
    """Whether it only writes a tag, which SageMaker takes of all that is its own."""
    return action.kind is ActionKind.TAG_OWNER and ":sagemaker:" in action.ref.arn


def _tag(client: "SageMakerClient", action: Action) -> str:
    """Write a tag that is not there yet."""
    if action.tag is None:
        raise ActionFailedError(f"{action.kind} of {action.ref.name}: it names no tag")
    key, value = action.tag
    client.add_tags(ResourceArn=action.ref.arn, Tags=[{"Key": key, "Value": value}])
    return _command(action, "delete-tags", resource_arn=action.ref.arn, tag_keys=key)


def _scale_to_zero(client: "SageMakerClient", action: Action) -> str:
    pages = client.get_paginator("list_inference_components").paginate(
        EndpointNameEquals=action.ref.name
    )
    undo = []
    for page in pages:
        for item in page["InferenceComponents"]:
            name = item["InferenceComponentName"]
            before = client.describe_inference_component(InferenceComponentName=name)
            copies = before["RuntimeConfig"].get("DesiredCopyCount", 1)
            client.update_inference_component_runtime_config(
                InferenceComponentName=name, DesiredRuntimeConfig={"CopyCount": 0}
            )
            undo.append(
                _command(
                    action,
                    "update-inference-component-runtime-config",
                    inference_component_name=name,
                    desired_runtime_config=f"CopyCount={copies}",
                )
            )
    return " && ".join(undo)


def _release(client: "SageMakerClient", action: Action) -> str:
    """Move a serverless endpoint to a config without provisioned concurrency.

    Setting it to 0 in place is not possible: the API's least value is 1.
    """
    before = str(action.precondition.config_name)
    config = _without_provisioned_concurrency(client, before)
    try:
        client.create_endpoint_config(**config)
    except ClientError as error:
        # The name is made from the content: what exists under it is the same config.
        if "already exist" not in str(error):
            raise
    client.update_endpoint(
        EndpointName=action.ref.name, EndpointConfigName=config["EndpointConfigName"]
    )
    return _command(
        action, "update-endpoint", endpoint_name=action.ref.name, endpoint_config_name=before
    )


def _without_provisioned_concurrency(client: "SageMakerClient", name: str) -> dict[str, Any]:
    """The input that creates the same endpoint config without provisioned concurrency."""
    answer: dict[str, Any] = dict(client.describe_endpoint_config(EndpointConfigName=name))
    accepted = client.meta.service_model.operation_model("CreateEndpointConfig").input_shape
    known = accepted.members if accepted is not None else {}
    config = {key: value for key, value in answer.items() if key in known}
    for variant in config.get("ProductionVariants", []):
        variant.get("ServerlessConfig", {}).pop("ProvisionedConcurrency", None)
    if tags := _copyable_tags(client, answer["EndpointConfigArn"]):
        config["Tags"] = tags
    digest = hashlib.sha256(json.dumps(config, sort_keys=True, default=str).encode()).hexdigest()
    suffix = f"-no-pc-{digest[:8]}"
    config["EndpointConfigName"] = name[: CONFIG_NAME_LENGTH - len(suffix)].rstrip("-") + suffix
    return config


def _copyable_tags(client: "SageMakerClient", arn: str) -> list[dict[str, str]]:
    """Tags as they were; those that begin with ``aws:`` are AWS's own and cannot be set."""
    pages = client.get_paginator("list_tags").paginate(ResourceArn=arn)
    return [
        {"Key": tag["Key"], "Value": tag["Value"]}
        for page in pages
        for tag in page["Tags"]
        if not tag["Key"].startswith("aws:")
    ]


def _command(action: Action, operation: str, **options: str) -> str:
    words = ["aws", "sagemaker", operation]
    for option, value in options.items():
        words += [f"--{option.replace('_', '-')}", value]
    return shlex.join([*words, "--region", action.ref.region])
