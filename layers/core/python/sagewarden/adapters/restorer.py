"""Bring back what was taken away: look at what exists, take a step, spell a step as a command."""

import json
import shlex
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from sagewarden.adapters.app_manifests import present_app
from sagewarden.adapters.creation_requests import (
    Call,
    accepted,
    call_of,
    creation_of_job,
    creation_of_training_job,
)
from sagewarden.adapters.described import Sources, unless_gone
from sagewarden.adapters.errors import acting, reading
from sagewarden.adapters.kinds import adapter_of, is_known
from sagewarden.adapters.present_state import present_endpoint
from sagewarden.adapters.sessions import Sessions
from sagewarden.domain.resources import ResourceKind, ResourceRef
from sagewarden.domain.restoration.steps import Step
from sagewarden.domain.restoration.surroundings import own_tags

_EXISTS = "already exist"


class AwsRestorer:
    """The restorer port on boto3."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def look(self, ref: ResourceRef, content: Mapping[str, Any]) -> Mapping[str, object]:
        """What exists now of all that a manifest speaks of, in the manifest's form.

        Raises:
            UnreadableError: A part of it could not be read.
        """
        with reading(f"what exists of {ref.name}"):
            if ref.kind == ResourceKind.NOTEBOOK_INSTANCE:
                client = self._sessions.client("sagemaker", ref.region)
                found = unless_gone(
                    client.describe_notebook_instance, NotebookInstanceName=ref.name
                )
                return {"notebook_instance": found}
            if ref.kind == ResourceKind.STUDIO_APP:
                return present_app(ref, self._sessions.client("sagemaker", ref.region))
            if is_known(ref.kind):
                return adapter_of(ref.kind).present(self._sessions, ref, content)
            return present_endpoint(content, Sources.of(self._sessions, ref.region))

    def take(self, ref: ResourceRef, step: Step) -> None:
        """Take a step. What exists already under its name is left as it is.

        Raises:
            ActionFailedError: AWS refused it; the message says what was tried.
        """
        call = call_of(step)
        client = self._sessions.client(call.service, ref.region)
        with acting(str(step)):
            try:
                getattr(client, call.operation)(**_request(client, call))
            except ClientError as error:
                # Another run was faster, or this one did not hear the answer: the next look tells.
                if _EXISTS not in str(error):
                    raise

    def command(self, ref: ResourceRef, step: Step) -> str:
        """The AWS CLI command that takes a step."""
        return self._spelt(call_of(step), ref.region)

    def command_to_run_again(self, ref: ResourceRef, content: Mapping[str, Any]) -> str:
        """The AWS CLI command that runs a stopped job again, from its beginning."""
        tags = own_tags(content.get("tags", {}))
        if ref.kind == ResourceKind.TRAINING_JOB:
            call = creation_of_training_job(content["training_job"], tags)
        else:
            call = creation_of_job(ref.kind, content["job"], tags)
        return self._spelt(call, ref.region)

    def _spelt(self, call: Call, region: str) -> str:
        client = self._sessions.client(call.service, region)
        words = ["aws", call.service, call.operation.replace("_", "-")]
        words += ["--cli-input-json", json.dumps(_request(client, call))]
        return shlex.join([*words, "--region", region])


def _request(client: Any, call: Call) -> dict[str, Any]:  # noqa: ANN401 - boto3 has no common client type
    name = client.meta.method_to_api_mapping[call.operation]
    shape = client.meta.service_model.operation_model(name).input_shape
    request: dict[str, Any] = accepted(shape, call.request)
    return request
