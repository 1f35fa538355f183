"""Stopped services are started again; provisioned throughput that was deleted is bought anew."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sagewarden.domain.restoration.comparison import differences_of, item_differences
from sagewarden.domain.restoration.steps import (
    Difference,
    Json,
    Obstacle,
    Restoration,
    Step,
    StepKind,
)
from sagewarden.domain.restoration.surroundings import Item, own_tags

_DELETED = "it was deleted, which Sagewarden never does: nothing is known that creates it anew"
_MODEL = "provisioned throughput"


@dataclass(frozen=True, slots=True)
class _Startable:
    """A kind that is stopped and started: its word, its status, and what its statuses mean."""

    word: str
    status: str
    start: StepKind
    runs: frozenset[str]
    startable: frozenset[str]
    over: frozenset[str]


_SERVER = _Startable(
    word="tracking server",
    status="TrackingServerStatus",
    start=StepKind.START_TRACKING_SERVER,
    runs=frozenset({"Created", "Updated", "Started", "MaintenanceComplete"}),
    startable=frozenset({"Stopped", "StartFailed"}),
    over=frozenset({"CreateFailed", "Deleting", "DeleteFailed"}),
)

_SCHEDULE = _Startable(
    word="monitoring schedule",
    status="MonitoringScheduleStatus",
    start=StepKind.START_MONITORING_SCHEDULE,
    runs=frozenset({"Scheduled"}),
    startable=frozenset({"Stopped"}),
    over=frozenset({"Failed"}),
)


def plan_server(name: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> Restoration:
    """Say what makes a tracking server run again.

    Args:
        name: Its name.
        was: What the manifest says.
        now: What exists, in the same form.
    """
    return _started(_SERVER, name, was, now)


def plan_schedule(name: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> Restoration:
    """Say what makes a monitoring schedule run again.

    Args:
        name: Its name.
        was: What the manifest says.
        now: What exists, in the same form.
    """
    return _started(_SCHEDULE, name, was, now)


def plan_provisioned(name: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> Restoration:
    """Say what buys provisioned throughput anew. It has another ARN then, which is told.

    Args:
        name: Its name.
        was: What the manifest says.
        now: What has its name, in the same form.
    """
    what, old, new = f"{_MODEL} {name}", was["service"], now["service"]
    if new is None:
        tags = own_tags(was.get("tags", {}))
        return Restoration((Step(StepKind.CREATE_PROVISIONED_MODEL, name, old, tags),))
    if asked := next(differences_of(_MODEL, "", _bought(old), _bought(new)), None):
        why = f"another has its name ({asked}); it is left as it is"
        return Restoration(refused=(Obstacle(what, why),))
    if new["status"] in {"Creating", "Updating"}:
        return Restoration(waiting=f"{what} is {new['status']}")
    if new["status"] == "Failed":
        reason = new.get("failureMessage") or "AWS gives no reason"
        why = f"it is Failed ({reason}): delete it, then restore once more"
        return Restoration(refused=(Obstacle(what, why),))
    return Restoration(differences=tuple(_differences(_MODEL, name, was, now)))


def _started(
    kind: _Startable, name: str, was: Mapping[str, Any], now: Mapping[str, Any]
) -> Restoration:
    what, described = f"{kind.word} {name}", now["service"]
    if described is None:
        return Restoration(refused=(Obstacle(what, _DELETED),))
    status = described[kind.status]
    if status in kind.runs:
        return Restoration(differences=tuple(_differences(kind.word, name, was, now)))
    if status in kind.startable:
        return Restoration((Step(kind.start, name),))
    if status in kind.over:
        return Restoration(refused=(Obstacle(what, f"it is {status}, and cannot be started"),))
    return Restoration(waiting=f"{what} is {status}")


def _bought(model: Json) -> Json:
    """What of provisioned throughput somebody asks for."""
    return {key: model.get(key) for key in ("modelUnits", "modelArn")}


def _differences(
    word: str, name: str, was: Mapping[str, Any], now: Mapping[str, Any]
) -> Iterator[Difference]:
    old, new = (Item(part["service"], part.get("tags", {})) for part in (was, now))
    return item_differences(word, name, old, new)
