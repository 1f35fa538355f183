"""Whether a node group stands idle: explicit data of every node, over the whole window."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Protocol

from sagewarden.domain.judged import Facts
from sagewarden.domain.metrics import Series
from sagewarden.domain.node_groups.care import Care, RunningWork
from sagewarden.domain.node_groups.gpu_metrics import RESERVED, UTILIZATION, highest, series_of
from sagewarden.domain.node_groups.scaling import (
    Finding,
    autoscaler_of,
    held_by_work,
    left_alone,
    too_many,
    under_autoscaler,
    unsettled,
)
from sagewarden.domain.node_groups.snapshot import NodeGroup
from sagewarden.domain.scope import Scope
from sagewarden.domain.verdicts import Verdict, VerdictKind

_HOUR = timedelta(hours=1)


class Idleness(Protocol):
    """What a rule on idle node groups has."""

    @property
    def scope(self) -> Scope:
        """Its reach."""
        ...

    @property
    def idle_for(self) -> timedelta:
        """For how long one must have been idle."""
        ...

    @property
    def gpu_below(self) -> float:
        """The utilisation, in percent, below which an accelerator is idle."""
        ...

    @property
    def care(self) -> Care:
        """What it heeds."""
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
    length = f"{rule.idle_for / _HOUR:.3g} h"
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
    owner = autoscaler_of(group, scope, rule.care)
    if isinstance(owner, Verdict):
        return owner
    reason = f"no accelerator was busier than {used:.3g} % for {length}"
    finding = Finding(reason, told)
    if owner is not None:
        return under_autoscaler(group, scope, rule.care, owner, finding)
    if verdict := held_by_work(group, scope, rule.care, facts.readings):
        return verdict
    return too_many(group, scope, finding, facts.prices, now)
