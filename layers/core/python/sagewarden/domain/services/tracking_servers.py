"""MLflow tracking servers: billed by the hour until they are stopped."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.durations import hours
from sagewarden.domain.judged import Facts
from sagewarden.domain.money import PriceComponent
from sagewarden.domain.resources import Snapshot, Status
from sagewarden.domain.services.terms import Terms
from sagewarden.domain.services.verdicts import found, left_alone, too_new, violation
from sagewarden.domain.verdicts import Verdict, VerdictKind


class ServerStatus(Status):
    """The states of a tracking server (botocore 1.44, TrackingServerStatus)."""

    CREATING = "Creating"
    CREATED = "Created"
    CREATE_FAILED = "CreateFailed"
    UPDATING = "Updating"
    UPDATED = "Updated"
    UPDATE_FAILED = "UpdateFailed"
    DELETING = "Deleting"
    DELETE_FAILED = "DeleteFailed"
    STOPPING = "Stopping"
    STOPPED = "Stopped"
    STOP_FAILED = "StopFailed"
    STARTING = "Starting"
    STARTED = "Started"
    START_FAILED = "StartFailed"
    MAINTENANCE_IN_PROGRESS = "MaintenanceInProgress"
    MAINTENANCE_COMPLETE = "MaintenanceComplete"
    MAINTENANCE_FAILED = "MaintenanceFailed"
    UNKNOWN = "UNKNOWN"
    """A state that this version does not know; never acted on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingServer(Snapshot):
    """An MLflow tracking server.

    Attributes:
        size: ``Small``, ``Medium`` or ``Large``; None when it could not be read.
        active: Whether AWS calls it active; None when AWS does not tell.
    """

    size: str | None
    active: bool | None

    @property
    def running(self) -> bool:
        """Whether it serves, and has settled."""
        return self.status in _RUNS


_RUNS = frozenset(
    {
        ServerStatus.CREATED,
        ServerStatus.UPDATED,
        ServerStatus.STARTED,
        ServerStatus.MAINTENANCE_COMPLETE,
    }
)

_NOT_JUDGED: Mapping[Status, str] = {
    ServerStatus.STOPPED: "it is stopped",
    ServerStatus.STOPPING: "it is being stopped",
    ServerStatus.DELETING: "it is being deleted",
    ServerStatus.CREATE_FAILED: "it was never created and runs nothing",
    ServerStatus.START_FAILED: "it could not be started and runs nothing",
    **{
        state: f"it is {state}; judged when it has settled"
        for state in (
            ServerStatus.CREATING,
            ServerStatus.STARTING,
            ServerStatus.UPDATING,
            ServerStatus.MAINTENANCE_IN_PROGRESS,
        )
    },
}


def judge_server(server: TrackingServer, rule: Terms, facts: Facts, now: datetime) -> Verdict:
    """Judge whether a tracking server idles, by what AWS itself says of its activity.

    CloudWatch has no metric of tracking servers (SageMaker developer guide, "Amazon SageMaker AI
    metrics in Amazon CloudWatch", read 2026-11), so one look is all there is: every sweep of the
    grace period looks again, and one that finds it active calls the stop off.

    Args:
        server: The server as it is.
        rule: The rule.
        facts: Its price.
        now: The moment of judgement (aware).
    """
    verdict = left_alone(server, rule, _RUNS, _NOT_JUDGED, now) or too_new(server, rule, now)
    if verdict:
        return verdict
    cost = facts.prices.instances(PriceComponent.MLFLOW, server.ref.region, server.size)
    evidence = {"size": server.size, "is_active": _word(server.active)}
    if server.active is None:
        reason = "AWS does not say whether it is active"
        return found(server, rule, VerdictKind.UNKNOWN, reason, evidence, cost)
    if server.active:
        reason = "AWS says that it is active"
        return found(server, rule, VerdictKind.COMPLIANT, reason, evidence, cost)
    reason = f"it runs though AWS says that it is inactive, unchanged for {hours(rule.idle_for)}"
    return violation(server, rule, ActionKind.STOP, (reason, evidence), cost, now)


def _word(active: bool | None) -> str | None:  # noqa: FBT001 - what a server is, no option
    if active is None:
        return None
    return "Active" if active else "Inactive"
