"""The notebook hours rule: what should run outside business hours, and what should not.

What it says of Studio apps is in `studio_apps`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from sagewarden.domain.actions import Action, ActionKind, Precondition
from sagewarden.domain.money import PriceBook, PriceComponent
from sagewarden.domain.resources import (
    NotebookInstance,
    NotebookStatus,
    Resource,
    ResourceKind,
    StudioApp,
)
from sagewarden.domain.schedules.assignment import ScheduleBook
from sagewarden.domain.schedules.reading import (
    InvalidScheduleError,
    OptedOut,
    Reading,
    Schedule,
    Wanted,
)
from sagewarden.domain.schedules.transitions import last_change, time_wanted
from sagewarden.domain.scope import Scope, expired_exemption, spared
from sagewarden.domain.verdicts import Verdict, VerdictKind

SAVING_HORIZON = timedelta(weeks=4)
"""The span over which a schedule's closed hours are counted to price a stop."""

STOP_TAKES = timedelta(minutes=30)
"""How long after our stop call a notebook may still be reported as modified by it."""

_SETTLED = {NotebookStatus.IN_SERVICE, NotebookStatus.STOPPED}
_IDLE_STATES = {
    NotebookStatus.FAILED: "it failed and runs nothing",
    NotebookStatus.DELETING: "it is being deleted",
}


class KeepsHours(Protocol):
    """What every rule on hours has."""

    @property
    def scope(self) -> Scope:
        """Its reach."""
        ...

    @property
    def schedules(self) -> ScheduleBook:
        """Where a schedule comes from."""
        ...

    @property
    def strict(self) -> bool:
        """Whether what a human started after hours is stopped all the same."""
        ...


@dataclass(frozen=True, slots=True)
class NotebookHours:
    """Stop notebook instances or Studio apps outside their hours, and start again what we stopped.

    Attributes:
        scope: Which of them.
        schedules: Where a notebook's schedule comes from.
        start_again: Whether what this program stopped is started when the schedule opens.
        strict: Whether a notebook that a human started after hours is stopped all the same.
        warn: How long before a stop its owner is told.
        kinds: The kinds of resource that it speaks of.
    """

    scope: Scope
    schedules: ScheduleBook
    start_again: bool = False
    strict: bool = False
    warn: timedelta = timedelta(minutes=30)
    kinds: tuple[str, ...] = (ResourceKind.NOTEBOOK_INSTANCE.value,)


def judge_notebook(
    notebook: NotebookInstance,
    rule: NotebookHours,
    stopped_by_us: datetime | None,
    prices: PriceBook,
    now: datetime,
) -> Verdict:
    """Judge a notebook instance against its hours.

    Args:
        notebook: The notebook as it is.
        rule: The rule.
        stopped_by_us: When this program last stopped it and has not started it since.
        prices: List prices, for the saving.
        now: The moment of judgement (aware).

    Returns:
        VIOLATION with a stop or a start, or why there is nothing to do. An unreadable schedule
        or status is UNKNOWN.
    """
    scope = rule.scope
    if notebook.status is NotebookStatus.UNKNOWN:
        return scope.verdict(notebook, VerdictKind.UNKNOWN, "its status is not one we know")
    if verdict := spared(notebook, scope, now):
        return verdict
    schedule = schedule_of(notebook, rule)
    if isinstance(schedule, Verdict):
        return schedule
    if notebook.status not in _SETTLED:
        reason = _IDLE_STATES.get(
            notebook.status, f"it is {notebook.status}; judged when it has settled"
        )
        return scope.verdict(notebook, VerdictKind.NOT_APPLICABLE, reason)
    reading = schedule.at(now)
    if notebook.status is NotebookStatus.STOPPED:
        return _judge_stopped(notebook, rule, schedule, stopped_by_us, now)
    if reading.wanted is not Wanted.STOPPED:
        return scope.verdict(notebook, VerdictKind.COMPLIANT, reading.reason)
    since = notebook.modified
    if verdict := left_running(notebook, since, rule, schedule, now):
        return verdict
    return stop(notebook, since, scope, (schedule, reading), (PriceComponent.NOTEBOOK, prices), now)


def schedule_of(resource: Resource, rule: KeepsHours) -> Schedule | Verdict:
    """The schedule that a resource keeps, or why it keeps none: not valid, or opted out.

    Args:
        resource: What keeps it; its tags are readable.
        rule: The rule.
    """
    try:
        schedule = rule.schedules.of(resource.tags or {})
    except InvalidScheduleError as error:
        reason = f"its schedule is not valid: {error}"
        return rule.scope.verdict(resource, VerdictKind.UNKNOWN, reason)
    if isinstance(schedule, OptedOut):
        return rule.scope.verdict(resource, VerdictKind.EXEMPT, schedule.reason)
    return schedule


def left_running(
    resource: Resource,
    since: datetime,
    rule: KeepsHours,
    schedule: Schedule,
    now: datetime,
    how: str = "it was started at",
) -> Verdict | None:
    """Respect whoever started something after closing, unless the rule or schedule is strict.

    Args:
        resource: What runs.
        since: Since when, as far as is known.
        rule: The rule.
        schedule: Its schedule, which wants it stopped now.
        now: The moment of judgement (aware).
        how: What happened at `since`.
    """
    if rule.strict or rule.schedules.manners(schedule).enforced:
        return None
    closed_since = last_change(schedule, now)
    if closed_since is None or since < closed_since:
        return _retained(resource, since, rule, schedule, closed_since)
    return rule.scope.verdict(
        resource,
        VerdictKind.COMPLIANT,
        f"{how} {since.isoformat()}, after closing; left running until the next closing",
        closed_since=closed_since.isoformat(),
    )


def _retained(
    resource: Resource,
    since: datetime,
    rule: KeepsHours,
    schedule: Schedule,
    closed_since: datetime | None,
) -> Verdict | None:
    """Keep what already ran before opening, where the schedule says retain_running."""
    if closed_since is None or not rule.schedules.manners(schedule).retain_running:
        return None
    opened = last_change(schedule, closed_since - timedelta(microseconds=1))
    if opened is None or since >= opened:
        return None
    return rule.scope.verdict(
        resource,
        VerdictKind.COMPLIANT,
        "it ran before its schedule opened, and the schedule says retain_running",
    )


def _judge_stopped(
    notebook: NotebookInstance,
    rule: NotebookHours,
    schedule: Schedule,
    stopped_by_us: datetime | None,
    now: datetime,
) -> Verdict:
    scope = rule.scope
    reading = schedule.at(now)
    if reading.wanted is not Wanted.RUNNING or not rule.start_again:
        return scope.verdict(notebook, VerdictKind.COMPLIANT, "it is stopped")
    if stopped_by_us is None:
        return scope.verdict(
            notebook, VerdictKind.COMPLIANT, "it is stopped, and not by us: its owner starts it"
        )
    if notebook.modified > stopped_by_us + STOP_TAKES:
        return scope.verdict(
            notebook, VerdictKind.COMPLIANT, "its owner stopped it after we last did"
        )
    return Verdict(
        scope.rule,
        notebook.ref,
        VerdictKind.VIOLATION,
        f"we stopped it at {stopped_by_us.isoformat()} and {reading.reason}",
        {"stopped_by_us": stopped_by_us.isoformat()},
        Action(ActionKind.START, notebook.ref, Precondition.of(notebook)),
    )


def stop(
    resource: NotebookInstance | StudioApp,
    since: datetime,
    scope: Scope,
    hours: tuple[Schedule, Reading],
    costs: tuple[PriceComponent | None, PriceBook],
    now: datetime,
) -> Verdict:
    """What runs outside its hours, and is to be stopped.

    Args:
        resource: What runs.
        since: Since when, as far as is known.
        scope: The rule's.
        hours: Its schedule, and what that says now.
        costs: What its price belongs to, None where that is not known, and the prices.
        now: The moment of judgement (aware).
    """
    schedule, reading = hours
    closed = time_wanted(schedule, Wanted.STOPPED, now, now + SAVING_HORIZON) / SAVING_HORIZON
    closed_since = last_change(schedule, now)
    reason = f"it runs {reading.reason}"
    if expired := expired_exemption(resource.tags, now):
        reason += f"; {expired}"
    component, prices = costs
    share, instance_type = Decimal(str(round(closed, 6))), resource.instance_type
    return Verdict(
        scope.rule,
        resource.ref,
        VerdictKind.VIOLATION,
        reason,
        {
            "instance_type": instance_type,
            "closed_since": closed_since.isoformat() if closed_since else None,
            "running_since": since.isoformat(),
            "closed_share": round(closed, 4),
        },
        Action(ActionKind.STOP, resource.ref, Precondition.of(resource)),
        prices.instances(component, resource.ref.region, instance_type, share=share),
    )
