"""Which steps bring Application Auto Scaling back: targets, policies and scheduled actions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sagewarden.domain.restoration.steps import Json, Obstacle, Step, StepKind
from sagewarden.domain.restoration.surroundings import Surroundings, own_tags, target_key

_COMPONENT = "inference-component/"


@dataclass(frozen=True, slots=True)
class ScalingPlan:
    """What is missing of autoscaling.

    Attributes:
        steps: Each target before what belongs to it.
        obstacles: What does not come back.
    """

    steps: tuple[Step, ...]
    obstacles: tuple[Obstacle, ...]


def scaling_steps(
    was: Surroundings,
    now: Surroundings,
    gate: str | None,
    components: Mapping[str, str],
    moment: datetime,
) -> ScalingPlan:
    """Say what is missing of the autoscaling of an endpoint and its components.

    A target can be registered only for what is in service, and clamps its capacity at once
    (RegisterScalableTarget, API reference): so it comes after the capacity. What exists is not
    overwritten, whatever it says.

    Args:
        was: What the manifest says.
        now: What exists.
        gate: What the endpoint itself still awaits, or None.
        components: By component: what it still awaits.
        moment: The present moment (aware).
    """
    steps: list[Step] = []
    obstacles: list[Obstacle] = []
    for key, item in was.targets.items():
        awaits = _awaited(key[0], gate, components)
        if key not in now.targets:
            tags = own_tags(item.tags)
            steps.append(Step(StepKind.REGISTER_TARGET, key[0], item.described, tags, awaits))
        for (*_, name), policy in _of(was.policies, key):
            if (*key, name) not in now.policies:
                steps.append(Step(StepKind.PUT_POLICY, name, policy, awaits=awaits))
        for (*_, name), action in _of(was.scheduled_actions, key):
            if (*key, name) in now.scheduled_actions:
                continue
            if why := over(action, moment):
                obstacles.append(Obstacle(f"scheduled action {name}", why))
            else:
                steps.append(Step(StepKind.PUT_SCHEDULED_ACTION, name, action, awaits=awaits))
    return ScalingPlan(tuple(steps), tuple(obstacles))


def over(action: Json, moment: datetime) -> str | None:
    """Why a scheduled action would never fire again, or None."""
    end = action.get("EndTime")
    if end is not None and datetime.fromisoformat(end) <= moment:
        return f"it ended at {end}, and would never fire again"
    schedule = str(action["Schedule"])
    if not schedule.startswith("at("):
        return None
    zone = ZoneInfo(action["Timezone"]) if "Timezone" in action else UTC
    due = datetime.fromisoformat(schedule[3:-1]).replace(tzinfo=zone)
    return f"it was due once, at {due.isoformat()}" if due <= moment else None


def _awaited(resource: str, gate: str | None, components: Mapping[str, str]) -> str | None:
    if resource.startswith(_COMPONENT):
        return gate or components.get(resource.removeprefix(_COMPONENT))
    return gate


def _of[K: tuple[str, str, str]](
    items: Mapping[K, Json], target: tuple[str, str]
) -> Iterator[tuple[K, Json]]:
    return ((key, item) for key, item in items.items() if target_key(item) == target)
