"""One simulated week: people come and go, Sagewarden sweeps, the meter runs."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sagewarden.adapters.sessions import Sessions
from sagewarden.application.carry_out import Hands
from sagewarden.application.follow_case import notice_of
from sagewarden.application.sweep import SweepReport, sweep
from sagewarden.domain.node_groups.rules import NodeGroupHours
from sagewarden.domain.notebook_hours import NotebookHours
from sagewarden.domain.outcomes import Outcome
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.resources import ResourceRef, Tags
from sagewarden.domain.rules import Policy
from sagewarden.domain.schedules.assignment import ScheduleBook
from sagewarden.domain.schedules.reading import InvalidScheduleError, OptedOut, Wanted
from sagewarden.domain.schedules.transitions import Transition, transitions
from sagewarden.domain.verdicts import Verdict, VerdictKind
from sagewarden_cli.demo.meter import Meter
from sagewarden_cli.demo.notice_board import NoticeBoard
from sagewarden_cli.demo.organisation import (
    REGIONS,
    WEEK,
    WEEK_BEGINS,
    HumanEvent,
    Notebook,
    Organisation,
)
from sagewarden_cli.demo.people import People
from sagewarden_cli.demo.rest.kinds import Extra, Kind
from sagewarden_cli.sandbox import Sandbox

HOUR = timedelta(hours=1)
ENDPOINTS_EVERY = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Step:
    """A moment at which something happens: first people act, then rules are swept.

    Attributes:
        at: When.
        deeds: What people do by hand.
        rules: The rules on notebooks and endpoints that are swept.
        kinds: What else is swept, each kind by itself.
    """

    at: datetime
    deeds: tuple[HumanEvent, ...] = ()
    rules: Policy | None = None
    kinds: tuple[Kind[Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """An outcome, and the verdict that led to it."""

    outcome: Outcome
    verdict: Verdict


@dataclass(slots=True)
class Sighting:
    """What was said of a resource that was left alone.

    Attributes:
        last: The latest verdict.
        reasons: The latest reason of each kind of verdict that it ever had.
    """

    last: Verdict
    reasons: dict[VerdictKind, str] = field(default_factory=dict)


@dataclass(slots=True)
class Diary:
    """What the week's sweeps found and did.

    Attributes:
        done: Every outcome, in order.
        left_alone: By ARN, what was said of resources at times when nothing was to be done.
        resources: Everything that was ever seen, by ARN.
        said: By rule and ARN, the latest verdict.
        respected: By ARN, the notebooks that ran after hours because a human had started them.
        exceeded: Runs that would have exceeded the policy's limits, and why.
        incomplete: What could not be read.
        sweeps: How many sweeps there were.
    """

    done: list[Done] = field(default_factory=list)
    left_alone: dict[str, Sighting] = field(default_factory=dict)
    resources: dict[str, ResourceRef] = field(default_factory=dict)
    said: dict[tuple[str, str], Verdict] = field(default_factory=dict)
    respected: set[str] = field(default_factory=set)
    exceeded: list[tuple[datetime, str]] = field(default_factory=list)
    incomplete: list[Incomplete] = field(default_factory=list)
    sweeps: int = 0

    def note(self, report: SweepReport) -> None:
        """Take down one sweep."""
        self.sweeps += 1
        plan = report.plan
        self.exceeded += [(plan.generated_at, reason) for reason in plan.exceeded]
        self.incomplete += plan.incomplete
        verdicts = {planned.verdict.ref.arn: planned.verdict for planned in plan.actions}
        self.done += [Done(item, verdicts[item.action.ref.arn]) for item in report.outcomes]
        for verdict in (*verdicts.values(), *plan.left_alone):
            self.resources[verdict.ref.arn] = verdict.ref
            self.said[verdict.rule, verdict.ref.arn] = verdict
        for verdict in plan.left_alone:
            sighting = self.left_alone.setdefault(verdict.ref.arn, Sighting(verdict))
            sighting.last = verdict
            sighting.reasons[verdict.kind] = verdict.reason
            if verdict.kind is VerdictKind.COMPLIANT and "closed_since" in verdict.evidence:
                self.respected.add(verdict.ref.arn)


@dataclass(frozen=True, slots=True)
class Cast:
    """Who and what takes part in the week.

    Attributes:
        sandbox: AWS.
        organisation: Whose notebooks and endpoints there are.
        policy: The policy.
        hands: The ports.
        sessions: AWS's clients behind them.
        board: Where owners are told.
        meter: What it costs.
        kinds: What kinds of resource there are beside notebooks and endpoints.
        extras: What there is of them, by ARN.
    """

    sandbox: Sandbox
    organisation: Organisation
    policy: Policy
    hands: Hands
    sessions: Sessions
    board: NoticeBoard
    meter: Meter
    kinds: tuple[Kind[Any], ...] = ()
    extras: Mapping[str, Extra] = field(default_factory=dict[str, Extra])

    def swept(self, rules: Iterable[str]) -> Policy:
        """The policy with some of its rules only."""
        wanted = set(rules)
        kept = tuple(rule for rule in self.policy.rules if rule.scope.rule in wanted)
        return replace(self.policy, rules=kept)


def live_through(cast: Cast, on_step: Callable[[Step], None] = lambda _step: None) -> Diary:
    """Live through the week, step by step.

    Args:
        cast: Who takes part; the sandbox's clock stands at the beginning of the week.
        on_step: Told of each step once it is over, for a progress bar.

    Returns:
        What happened. What it cost is in the meter.
    """
    people, diary = People(cast.sandbox, cast.organisation), Diary()
    steps = steps_of(cast.organisation, cast.policy, cast.kinds)
    ends = [step.at for step in steps[1:]] + [WEEK_BEGINS + WEEK]
    cast.meter.begin()
    for step, end in zip(steps, ends, strict=True):
        cast.sandbox.clock.set(step.at)
        for deed in step.deeds:
            cast.meter.human(people.do(deed), deed.deed)
        if step.rules is not None:
            for region in REGIONS:
                diary.note(sweep(step.rules, region, cast.hands, cast.board))
        for kind in step.kinds:
            kind.live(cast.sandbox, step.at)
            rules = cast.swept(kind.rules)
            for region in sorted({extra.region for extra in kind.extras}):
                if kind.bot is not None:
                    diary.note(kind.bot(rules, region, cast.hands, cast.sessions, cast.board))
                else:
                    diary.note(sweep(rules, region, cast.hands, cast.board))
        cast.meter.count(step.at, end)
        on_step(step)
    return diary


def steps_of(
    organisation: Organisation, policy: Policy, kinds: Sequence[Kind[Any]] = ()
) -> Sequence[Step]:
    """Lay out the week.

    Notebooks are swept every hour, at every opening and closing, and one notice period before
    each closing; endpoints every six hours, with the notebooks; everything else as its kind says,
    and when its own schedules change. People act when they act.
    """
    alone = {rule for kind in kinds for rule in kind.rules}
    both = replace(policy, rules=tuple(r for r in policy.rules if r.scope.rule not in alone))
    notebooks = replace(both, rules=tuple(both.notebook_rules))
    moments = {WEEK_BEGINS + number * HOUR for number in range(int(WEEK / HOUR))}
    moments |= set(_changes(organisation, notebooks))
    due: dict[datetime, list[Kind[Any]]] = {}
    for kind in kinds:
        for at in {*_every(kind.every), *_hours_of(kind, policy)}:
            due.setdefault(at, []).append(kind)
    deeds: dict[datetime, list[HumanEvent]] = {}
    for event in organisation.events:
        deeds.setdefault(event.at, []).append(event)
    steps = []
    for at in sorted(moments | deeds.keys() | due.keys()):
        with_endpoints = (at - WEEK_BEGINS) % ENDPOINTS_EVERY == timedelta(0)
        rules = (both if with_endpoints else notebooks) if at in moments else None
        steps.append(Step(at, tuple(deeds.get(at, ())), rules, tuple(due.get(at, ()))))
    return steps


def _every(length: timedelta) -> Iterator[datetime]:
    return (WEEK_BEGINS + number * length for number in range(int(WEEK / length)))


def _hours_of(kind: Kind[Any], policy: Policy) -> Iterator[datetime]:
    """When the schedules of a kind's resources change as its rules heed, and a notice before."""
    for rule in policy.rules:
        if rule.scope.rule in kind.rules and isinstance(rule, NotebookHours | NodeGroupHours):
            for extra in kind.extras:
                for change in _changes_of(rule.schedules, extra.tags):
                    if change.reading.wanted is Wanted.STOPPED:
                        yield from _announced(change, notice_of(rule))
                    elif rule.start_again:
                        yield change.at


def _changes(organisation: Organisation, policy: Policy) -> Iterator[datetime]:
    """When schedules open and close, and one notice period before each change."""
    seen: set[tuple[str, str | None]] = set()
    for notebook in organisation.notebooks:
        rule = _rule_of(notebook, policy)
        if rule is None:
            continue
        key = (rule.scope.rule, notebook.tags.get(rule.schedules.tag or ""))
        if key not in seen:
            seen.add(key)
            for change in _changes_of(rule.schedules, notebook.tags):
                yield from _announced(change, rule.warn)


def _changes_of(book: ScheduleBook, tags: Tags) -> Iterator[Transition]:
    """When the schedule of something opens and closes in the week."""
    try:
        schedule = book.of(tags)
    except InvalidScheduleError:
        return
    if not isinstance(schedule, OptedOut):
        yield from transitions(schedule, WEEK_BEGINS, WEEK_BEGINS + WEEK)


def _announced(change: Transition, notice: timedelta) -> Iterator[datetime]:
    yield max(WEEK_BEGINS, change.at - notice)
    yield change.at


def _rule_of(notebook: Notebook, policy: Policy) -> NotebookHours | None:
    return next(
        (rule for rule in policy.notebook_rules if rule.scope.names_match(notebook.name)), None
    )
