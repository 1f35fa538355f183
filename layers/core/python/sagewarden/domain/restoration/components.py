"""Which steps bring an endpoint's inference components back, and their copies."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from sagewarden.domain.restoration.comparison import differences_of
from sagewarden.domain.restoration.steps import Json, Obstacle, Step, StepKind
from sagewarden.domain.restoration.surroundings import Item, Surroundings, own_tags

_GOING = frozenset({"Creating", "Updating", "Deleting"})


@dataclass(frozen=True, slots=True)
class ComponentPlan:
    """What is missing of components.

    Attributes:
        steps: In their order: a component that adapts another comes after it.
        obstacles: Components that are left alone.
        awaited: By component: what has to happen before it can be scaled.
        waiting: What AWS is doing meanwhile.
    """

    steps: tuple[Step, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()
    awaited: Mapping[str, str] = field(default_factory=dict[str, str])
    waiting: str | None = None


def component_steps(was: Surroundings, now: Surroundings, gate: str | None) -> ComponentPlan:
    """Say what is missing of an endpoint's components.

    Args:
        was: What the manifest says.
        now: What exists.
        gate: What the endpoint itself still awaits, or None.
    """
    steps: list[Step] = []
    obstacles: list[Obstacle] = []
    awaited: dict[str, str] = {}
    going = None
    for name, item in _bases_first(was.components):
        present = now.components.get(name)
        base = _base(item.described)
        await_ = gate or (awaited.get(base) if base else None)
        if present is None:
            described, tags = item.described, own_tags(item.tags)
            steps.append(Step(StepKind.CREATE_COMPONENT, name, described, tags, await_))
            awaited[name] = f"inference component {name} is in service"
            continue
        status = present.described["InferenceComponentStatus"]
        if why := _stranger(item.described, present.described):
            obstacles.append(Obstacle(f"inference component {name}", why))
            awaited[name] = f"inference component {name} is as it was"
        elif status in _GOING:
            going = f"inference component {name} is {status}"
            awaited[name] = f"inference component {name} is in service"
        elif step := _copies(name, item.described, present.described):
            steps.append(replace(step, awaits=await_))
            awaited[name] = f"inference component {name} has its copies"
    return ComponentPlan(tuple(steps), tuple(obstacles), awaited, going)


def _copies(name: str, was: Json, now: Json) -> Step | None:
    """Its copies back, when it has none: any other number is somebody's wish, or was scaled."""
    wanted = _count(was)
    if not wanted or _count(now) != 0:
        return None
    return Step(StepKind.SET_COPIES, name, {"DesiredRuntimeConfig": {"CopyCount": wanted}})


def _count(component: Json) -> int | None:
    runtime: Json = component.get("RuntimeConfig", {})
    return runtime.get("DesiredCopyCount")


def _stranger(was: Json, now: Json) -> str | None:
    """Why a component of this name is not the one that is to come back, or None."""
    if now["EndpointName"] != was["EndpointName"]:
        return f"one of this name runs on endpoint {now['EndpointName']}; it is left as it is"
    if now["InferenceComponentStatus"] == "Failed":
        reason = now.get("FailureReason") or "AWS gives no reason"
        return f"it is Failed ({reason}): delete it, then restore once more"
    for member in ("Specification", "Specifications"):
        old, new = ({member: component.get(member)} for component in (was, now))
        for found in differences_of("inference component", "", old, new):
            return f"one of this name runs something else ({found}); it is left as it is"
    return None


def _base(component: Json) -> str | None:
    specification: Json = component.get("Specification", {})
    return specification.get("BaseInferenceComponentName")


def _bases_first(components: Mapping[str, Item]) -> Iterator[tuple[str, Item]]:
    """Adapters name a base of theirs; a base has none (CreateInferenceComponent, API reference)."""
    for adapts in (False, True):
        for name, item in components.items():
            if (_base(item.described) is not None) is adapts:
                yield name, item
