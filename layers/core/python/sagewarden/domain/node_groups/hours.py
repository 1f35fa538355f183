"""The hours of a node group: to zero when they end, and back to its sizes when they begin."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from sagewarden.domain.actions import Action, ActionKind, Precondition
from sagewarden.domain.judged import Facts
from sagewarden.domain.metrics import Series, Window
from sagewarden.domain.node_groups.care import RunningWork
from sagewarden.domain.node_groups.gpu_metrics import RESERVED, series_of, window_before
from sagewarden.domain.node_groups.kept import kept_sizes
from sagewarden.domain.node_groups.scaling import (
    Careful,
    Finding,
    autoscaler_of,
    left_alone,
    to_zero,
    unsettled,
)
from sagewarden.domain.node_groups.snapshot import NodeGroup, Sizes
from sagewarden.domain.notebook_hours import (
    SAVING_HORIZON,
    KeepsHours,
    left_running,
    schedule_of,
)
from sagewarden.domain.schedules.reading import Reading, Schedule, Wanted
from sagewarden.domain.schedules.transitions import last_change, time_wanted
from sagewarden.domain.verdicts import Verdict, VerdictKind

SCALING_TAKES = timedelta(minutes=30)
"""How long after our call a node group may still be reported as modified by it."""

WORK_WINDOW = timedelta(minutes=15)
"""Over how long no pod must have held an accelerator before a node group is scaled to zero."""


class HoursOfNodes(Careful, KeepsHours, Protocol):
    """What a rule on the hours of node groups has."""

    @property
    def grace(self) -> timedelta:
        """How long before a closing it is announced."""
        ...

    @property
    def start_again(self) -> bool:
        """Whether what this program scaled to zero comes back at opening."""
        ...


def work_window(now: datetime) -> Window:
    """The span over which pods must have held nothing."""
    return window_before(now, WORK_WINDOW)


def work_series(group: NodeGroup, rule: HoursOfNodes, now: datetime) -> Iterator[Series]:
    """The series that tell whether pods hold its accelerators, where that is about to matter."""
    if rule.care.running_work is RunningWork.IGNORE or group.sizes.wanted == 0:
        return
    if left_alone(group, rule.scope, now):
        return
    schedule = schedule_of(group, rule)
    if isinstance(schedule, Verdict):
        return
    if any(schedule.at(at).wanted is Wanted.STOPPED for at in (now, now + rule.grace)):
        yield from series_of(group, RESERVED)


def judge_hours(group: NodeGroup, rule: HoursOfNodes, facts: Facts, now: datetime) -> Verdict:
    """Judge a node group against its hours.

    Args:
        group: The node group as it is.
        rule: The rule.
        facts: The readings of `work_series`, the prices, when we last scaled it to zero for this
            rule, and its newest manifest.
        now: The moment of judgement (aware).

    Returns:
        VIOLATION with a scaling to zero or back, or why there is nothing to do. An unreadable
        schedule, status, tag or workload is UNKNOWN.
    """
    scope = rule.scope
    if verdict := left_alone(group, scope, now):
        return verdict
    schedule = schedule_of(group, rule)
    if isinstance(schedule, Verdict):
        return schedule
    if verdict := unsettled(group, scope):
        return verdict
    owner = autoscaler_of(group, rule)
    if isinstance(owner, Verdict):
        return owner
    reading = schedule.at(now)
    is_down = group.sizes.wanted == 0 if owner is None else group.sizes.least == 0
    if is_down and reading.wanted is Wanted.RUNNING:
        return _judge_return(group, rule, owner, facts, reading)
    if group.sizes.wanted == 0:
        return scope.verdict(group, VerdictKind.COMPLIANT, "it is scaled to zero")
    if reading.wanted is not Wanted.STOPPED:
        return scope.verdict(group, VerdictKind.COMPLIANT, reading.reason)
    how = "its size or settings were changed at"
    if verdict := left_running(group, group.modified, rule, schedule, now, how):
        return verdict
    return to_zero(group, rule, owner, _closed(group, schedule, reading, now), facts, now)


def _closed(group: NodeGroup, schedule: Schedule, reading: Reading, now: datetime) -> Finding:
    closed = time_wanted(schedule, Wanted.STOPPED, now, now + SAVING_HORIZON) / SAVING_HORIZON
    since = last_change(schedule, now)
    nodes = group.sizes.wanted
    return Finding(
        f"it runs {nodes} node{'' if nodes == 1 else 's'} {reading.reason}",
        {
            "closed_since": since.isoformat() if since else None,
            "changed": group.modified.isoformat(),
            "closed_share": round(closed, 4),
        },
        Decimal(str(round(closed, 6))),
    )


def _judge_return(
    group: NodeGroup, rule: HoursOfNodes, owner: str | None, facts: Facts, reading: Reading
) -> Verdict:
    """What is scaled to zero while it should run: back to what it was, where we did it."""
    scope, stopped = rule.scope, facts.stopped
    if not rule.start_again:
        return scope.verdict(group, VerdictKind.COMPLIANT, "it is scaled to zero")
    if stopped is None:
        reason = (
            "it is scaled to zero, and not by this rule: its owner scales it up"
            if owner is None
            else f"its minimum is 0: {owner} scales it"
        )
        return scope.verdict(group, VerdictKind.COMPLIANT, reason)
    if group.modified > stopped + SCALING_TAKES:
        reason = "its owner changed it after we scaled it to zero"
        return scope.verdict(group, VerdictKind.COMPLIANT, reason)
    then, evidence = Precondition.of(group), {"stopped_by_us": stopped.isoformat()}
    before = None if facts.kept is None else kept_sizes(facts.kept)
    if before is None and facts.touched is not None:
        reason = "how many nodes it had is not known: no manifest of it was kept"
        return scope.verdict(group, VerdictKind.UNKNOWN, reason)
    told = f"we scaled it to zero at {stopped.isoformat()} and {reading.reason}"
    if before is None:
        action = Action(ActionKind.START, group.ref, then)
        return Verdict(scope.rule, group.ref, VerdictKind.VIOLATION, told, evidence, action)
    if not_yet := _not_yet(group, owner, before):
        return scope.verdict(group, VerdictKind.COMPLIANT, not_yet)
    sizes = (before.least, before.wanted if owner is None else None)
    return Verdict(
        scope.rule,
        group.ref,
        VerdictKind.VIOLATION,
        f"{told}; it had {before}",
        {**evidence, "min_size": before.least, "desired_size": before.wanted},
        Action(ActionKind.START, group.ref, then, sizes=sizes),
    )


def _not_yet(group: NodeGroup, owner: str | None, before: Sizes) -> str | None:
    """Say why the sizes it had cannot be given back now, or None.

    EKS takes no minSize over desiredSize, and none over maxSize.
    """
    if owner is not None and before.least > group.sizes.wanted:
        return (
            f"its minimum of {before.least} comes back when {owner} runs so many nodes; "
            f"it runs {group.sizes.wanted}"
        )
    if max(before.least, before.wanted) > group.sizes.most:
        return f"it had {before}, and its maximum is {group.sizes.most} now: its owner scales it up"
    return None
