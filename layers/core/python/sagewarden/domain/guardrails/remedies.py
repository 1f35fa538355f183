"""What may follow from a guardrail's violation, and what of it a resource's state allows."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.resources import (
    SHARED_TYPES,
    AppStatus,
    Endpoint,
    EndpointStatus,
    NotebookInstance,
    NotebookStatus,
    Resource,
    Snapshot,
    StudioApp,
    StudioResource,
    TrainingJob,
)

if TYPE_CHECKING:
    from sagewarden.domain.job_runs import Run

_IN_PROGRESS = "InProgress"


class Remedy(StrEnum):
    """What may follow from a violation, in the policy's words."""

    TAG_OWNER = "tag-owner"
    NOTIFY = "notify"
    STOP = "stop"
    DELETE = "delete"


ACTED_ON = {
    Remedy.STOP: frozenset(
        {
            "notebook-instance",
            "training-job",
            "processing-job",
            "transform-job",
            "hyper-parameter-tuning-job",
            "auto-ml-job",
            "studio-app",
            "mlflow-tracking-server",
            "monitoring-schedule",
            "inference-recommendations-job",
        }
    ),
    Remedy.DELETE: frozenset({"endpoint", "provisioned-model"}),
}
"""The kinds of resource that are stopped, and those that are deleted."""

_DONE = {Remedy.STOP: "stopped", Remedy.DELETE: "deleted"}


@dataclass(frozen=True, slots=True)
class Remediation:
    """What is done about a violation now.

    Attributes:
        action: What; None where a coming state decides.
        hindrance: What stands in the way of what the rule asks for.
    """

    action: ActionKind | None
    hindrance: str | None = None


def remediation(resource: Resource, remedies: Sequence[Remedy]) -> Remediation:
    """What a rule's remedies, but the owner's tag, come to in a resource's present state.

    Its owner is told where nothing else is asked for or possible.
    """
    if isinstance(resource, NotebookInstance):
        return _of_notebook(resource, remedies)
    if isinstance(resource, TrainingJob):
        return _of_job(resource, resource.run, remedies)
    if isinstance(resource, StudioApp):
        return _of_app(resource, remedies)
    if isinstance(resource, StudioResource):
        return _told(resource, remedies)
    if isinstance(resource, Snapshot):
        run = resource.told
        return _of_service(resource, remedies) if run is None else _of_job(resource, run, remedies)
    return _of_endpoint(resource, remedies)


def _of_notebook(notebook: NotebookInstance, remedies: Sequence[Remedy]) -> Remediation:
    if Remedy.STOP not in remedies:
        return Remediation(ActionKind.NOTIFY)
    if notebook.status is NotebookStatus.IN_SERVICE:
        return Remediation(ActionKind.STOP)
    return Remediation(None, f"it is {notebook.status}: it is stopped only when it is InService")


def _of_job(
    job: TrainingJob | Snapshot, run: "Run | None", remedies: Sequence[Remedy]
) -> Remediation:
    """A job that another one launched would only be launched again: its owner is told."""
    if Remedy.STOP not in remedies:
        return Remediation(ActionKind.NOTIFY)
    if run is not None and run.parent is not None:
        whose = run.parent.rpartition(":")[2]
        return Remediation(ActionKind.NOTIFY, f"it is not stopped by itself: it belongs to {whose}")
    if job.status.value == _IN_PROGRESS:
        return Remediation(ActionKind.STOP)
    return Remediation(None, f"it is {job.status}: only a job InProgress is stopped")


def _of_app(app: StudioApp, remedies: Sequence[Remedy]) -> Remediation:
    if Remedy.STOP not in remedies:
        return Remediation(ActionKind.NOTIFY)
    if app.app_type in SHARED_TYPES:
        return Remediation(ActionKind.NOTIFY, f"{app.app_type} serves a whole domain")
    if app.status is AppStatus.IN_SERVICE:
        return Remediation(ActionKind.STOP)
    return Remediation(None, f"it is {app.status}: it is stopped only when it is InService")


def _of_service(service: Snapshot, remedies: Sequence[Remedy]) -> Remediation:
    """The first remedy that its kind knows, while it runs and nothing binds it."""
    kind = service.ref.kind
    known = [item for item in remedies if kind in ACTED_ON.get(item, ())]
    if not known and any(kind in kinds for kinds in ACTED_ON.values()):
        asked = [_DONE[item] for item in remedies if item in ACTED_ON]
        hindrance = f"a {kind} is not {' or '.join(asked)}" if asked else None
        return Remediation(ActionKind.NOTIFY, hindrance)
    if not known:
        return _told(service, remedies)
    if bound := service.bound:
        return Remediation(ActionKind.NOTIFY, bound)
    remedy = ActionKind(known[0].value)
    if not service.running:
        state = f"it is {service.status}: {remedy} waits until it runs"
        return Remediation(None, state)
    return Remediation(remedy)


def _told(resource: StudioResource | Snapshot, remedies: Sequence[Remedy]) -> Remediation:
    if Remedy.STOP in remedies or Remedy.DELETE in remedies:
        reason = f"a {resource.ref.kind} is neither stopped nor deleted"
        return Remediation(ActionKind.NOTIFY, reason)
    return Remediation(ActionKind.NOTIFY)


def _of_endpoint(endpoint: Endpoint, remedies: Sequence[Remedy]) -> Remediation:
    if Remedy.DELETE not in remedies:
        asked = Remedy.STOP in remedies
        return Remediation(ActionKind.NOTIFY, "an endpoint cannot be stopped" if asked else None)
    if endpoint.status is not EndpointStatus.IN_SERVICE:
        reason = f"it is {endpoint.status}: it is deleted only when it is InService"
        return Remediation(None, reason)
    if endpoint.details is None or endpoint.details.components is None:
        return Remediation(None, "it could not be described: it is not deleted")
    if hosted := len(endpoint.details.components):
        reason = f"it hosts {hosted} inference components, which must be deleted first"
        return Remediation(ActionKind.NOTIFY, reason)
    return Remediation(ActionKind.DELETE)
