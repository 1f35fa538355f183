"""What stopping, deleting and describing services have in common."""

import shlex
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sagewarden.adapters.described import tags_of, unless_gone
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.ports import ActionFailedError, UnreadableError
from sagewarden.domain.actions import Action, ActionKind
from sagewarden.domain.resources import ResourceRef

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

type Manifest = Callable[[Sessions, ResourceRef], Mapping[str, object]]
type Present = Callable[[Sessions, ResourceRef, Mapping[str, Any]], Mapping[str, object]]


def require(action: Action, kind: ActionKind) -> None:
    """Refuse any action but one.

    Raises:
        ActionFailedError: It is another one.
    """
    if action.kind is not kind:
        raise ActionFailedError(
            f"{action.kind} of {action.ref.name}: a {action.ref.kind} knows {kind} only"
        )


def only_told(_sessions: Sessions, action: Action) -> None:
    """Refuse every action on a kind that is only told of.

    Raises:
        ActionFailedError: Always.
    """
    raise ActionFailedError(
        f"{action.kind} of {action.ref.name}: a {action.ref.kind} is only ever told of"
    )


def not_kept(_sessions: Sessions, ref: ResourceRef) -> dict[str, object]:
    """Refuse to describe what is only told of: nothing is done to it that a manifest could undo.

    Raises:
        UnreadableError: Always.
    """
    raise UnreadableError(f"{ref.kind} {ref.name}", "it is only ever told of")


def restoring(ref: ResourceRef) -> str:
    """The command that undoes what was done to a resource, from its manifest."""
    return shlex.join(["sagewarden", "restore", ref.arn])


def aws(operation: str, region: str, **options: str) -> str:
    """An AWS CLI command of SageMaker's."""
    words = ["aws", "sagemaker", operation]
    for option, value in options.items():
        words += [f"--{option.replace('_', '-')}", value]
    return shlex.join([*words, "--region", region])


def as_kept(manifest: Manifest) -> Present:
    """How a kind is looked at again that is described then as its manifest describes it."""

    def present(
        sessions: Sessions, ref: ResourceRef, _content: Mapping[str, Any]
    ) -> Mapping[str, object]:
        return manifest(sessions, ref)

    return present


def described_with_tags(
    client: "SageMakerClient",
    ref: ResourceRef,
    describe: Callable[..., Mapping[str, object]],
    **which: str,
) -> dict[str, object]:
    """A manifest's form of a SageMaker resource: its description, None without it, and its tags.

    Raises:
        botocore.exceptions.ClientError: A part of it could not be read.
    """
    found = unless_gone(describe, **which)
    return {"service": found, "tags": tags_of(client, ref.arn) if found is not None else {}}
