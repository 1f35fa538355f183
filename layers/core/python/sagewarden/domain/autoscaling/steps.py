"""From how something scales to how it should scale: the calls that lead there, in order."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sagewarden.domain.autoscaling.scaling import (
    WAKE,
    WAKING,
    Capacity,
    ScalingPolicy,
    ScalingState,
    ScheduledAction,
)


@dataclass(frozen=True, slots=True)
class Desired:
    """How something should scale.

    Attributes:
        capacity: Its bounds at this moment.
        policies: Its scaling policies: of a kind that we write, and with `WAKE` among them where
            there may ever be none of it.
        scheduled: What changes the bounds later.
    """

    capacity: Capacity
    policies: tuple[ScalingPolicy, ...]
    scheduled: tuple[ScheduledAction, ...]


@dataclass(frozen=True, slots=True)
class RegisterTarget:
    """Register something, or change its bounds. AWS moves what there is into them at once."""

    capacity: Capacity

    def __str__(self) -> str:
        return f"bounds {self.capacity}"


@dataclass(frozen=True, slots=True)
class DeregisterTarget:
    """Take the target away, and with it its policies and scheduled actions."""

    def __str__(self) -> str:
        return "take its scalable target away"


@dataclass(frozen=True, slots=True)
class PutPolicy:
    """Make or change a policy of a kind that we write, with the alarm that triggers it."""

    policy: ScalingPolicy

    def __str__(self) -> str:
        return str(self.policy)


@dataclass(frozen=True, slots=True)
class DeletePolicy:
    """Take a scaling policy away, and the alarm that we made for it."""

    name: str

    def __str__(self) -> str:
        return f"delete policy {self.name}"


@dataclass(frozen=True, slots=True)
class PutScheduledAction:
    """Make or change a scheduled action; what it does not say is taken from it, too."""

    action: ScheduledAction

    def __str__(self) -> str:
        action = self.action
        return f"{action.schedule} {action.timezone}: {action.least}..{action.most}"


@dataclass(frozen=True, slots=True)
class DeleteScheduledAction:
    """Take a scheduled action away."""

    name: str

    def __str__(self) -> str:
        return f"delete scheduled action {self.name}"


type Step = (
    RegisterTarget
    | DeregisterTarget
    | PutPolicy
    | DeletePolicy
    | PutScheduledAction
    | DeleteScheduledAction
)


def steps_to(desired: Desired | None, present: ScalingState) -> tuple[Step, ...]:
    """The calls that turn the present state into the desired one.

    Each may be repeated without harm. The order leaves a mark of ours on the target at every
    point, so that a run that breaks off is recognised and finished by the next; and it deletes
    a policy before it puts one, since AWS allows one policy per predefined metric. What may go to
    none can be woken before it may.

    Args:
        desired: How it should scale; None for not at all.
        present: How it scales. What is not desired in it goes, whoever made it.
    """
    if desired is None:
        return (*_unwoken(present), DeregisterTarget()) if present.target else ()
    return (
        *_woken(desired, present),
        *_bounds(desired, present),
        *_put_scheduled(desired.scheduled, present),
        *_policies(desired, present),
        *_surplus_scheduled(desired.scheduled, present),
    )


def way_back(before: ScalingState, steps: Sequence[Step]) -> tuple[Step, ...]:
    """The calls that undo steps, last first.

    What somebody else made in a form that this program cannot write is not in it: a manifest
    keeps that.
    """
    if before.target is None:
        woken = (DeletePolicy(WAKING),) if PutPolicy(WAKE) in steps else ()
        return (*woken, DeregisterTarget()) if steps else ()
    undone: list[Step] = []
    for step in reversed(steps):
        undone += _undone(step, before)
    return tuple(undone)


def _unwoken(present: ScalingState) -> Iterator[Step]:
    """What goes before its target, since AWS leaves our alarm behind."""
    if any(policy.name == WAKING for policy in present.policies):
        yield DeletePolicy(WAKING)


def _woken(desired: Desired, present: ScalingState) -> Iterator[Step]:
    """What makes sure that it can be woken, before it may go to none."""
    if WAKE not in desired.policies or WAKE in present.policies:
        return
    if present.target is None:
        yield RegisterTarget(desired.capacity.awake())
    yield PutPolicy(WAKE)


def _bounds(desired: Desired, present: ScalingState) -> Iterator[Step]:
    known = present.target.capacity if present.target else None
    if known is None and WAKE in desired.policies:
        known = desired.capacity.awake()
    if known != desired.capacity:
        yield RegisterTarget(desired.capacity)


def _policies(desired: Desired, present: ScalingState) -> Iterator[Step]:
    wanted = {policy.name for policy in desired.policies}
    for policy in present.policies:
        if policy.name not in wanted:
            yield DeletePolicy(policy.name)
    intact = [policy for policy in present.policies if not policy.missing]
    for policy in desired.policies:
        if policy != WAKE and policy not in intact:
            yield PutPolicy(policy)


def _put_scheduled(wanted: Iterable[ScheduledAction], present: ScalingState) -> Iterator[Step]:
    for action in wanted:
        if action not in present.scheduled:
            yield PutScheduledAction(action)


def _surplus_scheduled(wanted: Iterable[ScheduledAction], present: ScalingState) -> Iterator[Step]:
    names = {action.name for action in wanted}
    for action in present.scheduled:
        if action.name not in names:
            yield DeleteScheduledAction(action.name)


def _undone(step: Step, before: ScalingState) -> Iterator[Step]:
    policies = {policy.name: policy for policy in before.policies}
    scheduled = {action.name: action for action in before.scheduled}
    match step:
        case RegisterTarget():
            if before.target:
                yield RegisterTarget(before.target.capacity)
        case DeregisterTarget():
            if before.target:
                yield RegisterTarget(before.target.capacity)
            yield from _written(before)
        case PutPolicy(policy):
            yield from _policy_back(policy.name, policies.get(policy.name))
        case DeletePolicy(name):
            yield from _policy_back(name, policies.get(name))
        case PutScheduledAction(action):
            earlier = scheduled.get(action.name)
            yield PutScheduledAction(earlier) if earlier else DeleteScheduledAction(action.name)
        case DeleteScheduledAction(name):
            yield PutScheduledAction(scheduled[name])


def _policy_back(name: str, earlier: ScalingPolicy | None) -> Iterator[Step]:
    if earlier is None:
        yield DeletePolicy(name)
    elif earlier.writable:
        yield PutPolicy(earlier)


def _written(before: ScalingState) -> Iterator[Step]:
    for policy in before.policies:
        yield from _policy_back(policy.name, policy)
    for action in before.scheduled:
        yield PutScheduledAction(action)
