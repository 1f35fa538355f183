"""Whether a node group stands idle: explicit data of every node, over the whole window."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Protocol

from sagewarden.domain.durations import hours
from sagewarden.domain.judged import Facts
from sagewarden.domain.metrics import Series
from sagewarden.domain.node_groups.care import RunningWork
from sagewarden.domain.node_groups.gpu_metrics import RESERVED, UTILIZATION, highest, series_of
from sagewarden.domain.node_groups.scaling import (
    Careful,
    Finding,
    autoscaler_of,
    left_alone,
    to_zero,
    unsettled,
)
from sagewarden.domain.node_groups.snapshot import NodeGroup
from sagewarden.domain.verdicts import Verdict, VerdictKind


class Idleness(Careful, Protocol):
    """What a rule on idle node groups has."""

    @property
    def idle_for(self) -> timedelta:
        """For how long one must have been idle."""
        ...

    @property
    def gpu_below(self) -> float:
        """The utilisation, in percent, below which an accelerator is idle."""
        ...


def use_series(group: NodeGroup, rule: Idleness, now: datetime) -> Iterator[Series]:
    """The series that tell how much its accelerators work, and whether pods hold them.

    None for one that would be left alone anyway.
    """
    if group.sizes.wanted == 0 or left_alone(group, rule.scope, now):
        return
    yield from series_of(group, UTILIZATION)
    if rule.care.running_work is RunningWork.HOLD:
        yield from series_of(group, RESERVED)


def judge_idle(group: NodeGroup, rule: Idleness, facts: Facts, now: datetime) -> Verdict:
    """Judge whether a node group stands idle.

    Args:
        group: The node group as it is.
        rule: The rule.
        facts: The readings of `use_series`, and the prices.
        now: The moment of judgement (aware).

    Returns:
        VIOLATION with a scaling to zero, or why there is nothing to do. A node without data, or
        with a gap in it, makes it UNKNOWN.
    """
    scope = rule.scope
    if verdict := left_alone(group, scope, now) or unsettled(group, scope):
        return verdict
    if group.sizes.wanted == 0:
        return scope.verdict(group, VerdictKind.COMPLIANT, "it is scaled to zero")
    length = hours(rule.idle_for)
    if now - group.modified < rule.idle_for:
        reason = f"it was changed less than {length} ago"
        return scope.verdict(group, VerdictKind.TOO_NEW, reason)
    used = highest(group, UTILIZATION, facts.readings)
    if isinstance(used, str):
        reason = f"how much its accelerators work is not known: {used}"
        return scope.verdict(group, VerdictKind.UNKNOWN, reason)
    told = {"highest_percent": used, "below_percent": rule.gpu_below}
    if used >= rule.gpu_below:
        reason = f"an accelerator was busy: {used:.3g} % within {length}"
        return scope.verdict(group, VerdictKind.COMPLIANT, reason, **told)
    owner = autoscaler_of(group, rule)
    if isinstance(owner, Verdict):
        return owner
    reason = f"no accelerator was busier than {used:.3g} % for {length}"
    return to_zero(group, rule, owner, Finding(reason, told), facts, now)
