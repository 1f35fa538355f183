"""What is judged of how a resource scales, and the calls that mend it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from sagewarden.domain.actions import Precondition
from sagewarden.domain.autoscaling.rule import ScalingRule
from sagewarden.domain.autoscaling.scaling import Dimension, ScalingState
from sagewarden.domain.autoscaling.steps import Step
from sagewarden.domain.resources import Endpoint, EndpointStatus, Resource
from sagewarden.domain.scope import Scope, spared
from sagewarden.domain.verdicts import Verdict, VerdictKind

_SPELT_OUT = 4
"""How many steps a reason names."""

_UNCLEAR = {"UNKNOWN", EndpointStatus.UPDATE_ROLLBACK_FAILED.value}


class Sighting(Protocol):
    """What was seen of one resource, and the rule that speaks of it."""

    @property
    def resource(self) -> Resource:
        """The resource."""
        ...

    @property
    def rule(self) -> ScalingRule:
        """The first rule of the policy that covers it."""
        ...

    @property
    def dimension(self) -> Dimension:
        """Along what it scales."""
        ...


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be done with one thing that scales: a variant, or an inference component.

    Attributes:
        target: What Application Auto Scaling calls it.
        before: How it scales.
        steps: The calls, in order.
    """

    target: str
    before: ScalingState
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Judgement[Seen: Sighting]:
    """A verdict, and the calls that mend what it finds wrong.

    Attributes:
        seen: What was judged.
        verdict: The verdict.
        changes: What an action does that sets how something scales, in order.
    """

    seen: Seen
    verdict: Verdict
    changes: tuple[Change, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """The calls of all its changes."""
        return tuple(step for change in self.changes for step in change.steps)


def identity(resource: Resource) -> Precondition:
    """The state in which an action is right, without the time of its last modification.

    Every change of what is provisioned modifies a resource, the scheduled ones too.
    """
    return replace(Precondition.of(resource), modified=resource.created)


def settled(resource: Resource, scope: Scope, now: datetime) -> Verdict | None:
    """Judge what the list page and the tags already decide, or answer None."""
    status = resource.status.value
    if verdict := spared(resource, scope, now):
        return verdict
    if status in _UNCLEAR:
        reason = f"its status {status} does not say whether it can be scaled"
        return scope.verdict(resource, VerdictKind.UNKNOWN, reason)
    if status != EndpointStatus.IN_SERVICE.value:
        what = "an endpoint" if isinstance(resource, Endpoint) else "it"
        reason = f"it is {status}; AWS scales {what} only while it is InService"
        return scope.verdict(resource, VerdictKind.NOT_APPLICABLE, reason)
    return None


def spelt_out(steps: Iterable[Step]) -> str:
    """Say what steps do, the first few of them one by one."""
    words = [str(step) for step in steps]
    more = len(words) - _SPELT_OUT
    return ", ".join(words[:_SPELT_OUT]) + (f", and {more} more" if more > 0 else "")
