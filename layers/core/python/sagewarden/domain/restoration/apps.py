"""A Studio app that was stopped, and so deleted, is created anew where it ran."""

from collections.abc import Iterator, Mapping
from typing import Any

from sagewarden.domain.restoration.comparison import differences_of, item_differences, same
from sagewarden.domain.restoration.steps import (
    Difference,
    Json,
    Obstacle,
    Restoration,
    Step,
    StepKind,
)
from sagewarden.domain.restoration.surroundings import Item, own_tags

_RUNS = "InService"
_GOING = frozenset({"Pending", "Deleting"})
"""Statuses that end by themselves."""


def plan_app(name: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> Restoration:
    """Say what brings an app back.

    Args:
        name: How people know it.
        was: What the manifest says.
        now: What exists, in the same form.
    """
    what, old, new = f"studio app {name}", was["app"], now["app"]
    if missing := _place_gone(was, now):
        return Restoration(refused=(Obstacle(what, missing),))
    status = None if new is None else new["Status"]
    step = Step(StepKind.CREATE_APP, name, old, own_tags(was.get("tags", {})))
    if status == "Deleting":
        going = f"{what} is Deleting"
        awaited = Step(step.kind, name, old, step.tags, f"{what} is gone")
        return Restoration((awaited,), waiting=going)
    if new is None:
        return Restoration((step,))
    if status not in {_RUNS, *_GOING}:
        reason = new.get("FailureReason") or "AWS gives no reason"
        why = f"it is {status} ({reason}): delete it, then restore once more"
        return Restoration(refused=(Obstacle(what, why),))
    if not same("app", _as_asked(old), _as_asked(new)):
        found = next(differences_of("app", "", _as_asked(old), _as_asked(new)))
        why = f"somebody started it meanwhile, and it is another ({found}); it is left as it is"
        return Restoration(refused=(Obstacle(what, why),))
    if status in _GOING:
        return Restoration(waiting=f"{what} is {status}")
    return Restoration(differences=tuple(_differences(name, was, now)))


def _as_asked(app: Json) -> Json:
    """What of an app somebody asks for: what it runs on, and how."""
    return {key: app.get(key) for key in ("AppType", "ResourceSpec", "RecoveryMode")}


def _place_gone(was: Mapping[str, Any], now: Mapping[str, Any]) -> str | None:
    """Why an app cannot run any more where it ran, or None.

    A space that was made anew under its name has another volume.
    """
    space = was.get("space")
    if space is None:
        if now.get("user_profile") is None:
            return f"its user profile {was['app']['UserProfileName']} was deleted"
        return None
    name, present = space["SpaceName"], now.get("space")
    if present is None:
        return f"its space {name} was deleted, and what was stored in it"
    if present["CreationTime"] != space["CreationTime"]:
        return f"its space {name} was deleted, and another was made at {present['CreationTime']}"
    return None


def _differences(name: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    old, new = (Item(part["app"], part.get("tags", {})) for part in (was, now))
    yield from item_differences("app", name, old, new)
    if was.get("space") is not None:
        yield from differences_of("space", was["space"]["SpaceName"], was["space"], now["space"])
