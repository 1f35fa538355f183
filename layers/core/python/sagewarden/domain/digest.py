"""What a digest tells of a week: what was done, what it saves, what waits, what is left alone."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.cases import Case, CaseState
from sagewarden.domain.exemptions import Exemption
from sagewarden.domain.money import MonthlyCost
from sagewarden.domain.outcomes import Outcome
from sagewarden.domain.standstill import Span, standstills

MOST_SHOWN = 5
"""How many of a kind are named; a busy person reads no more, and the others are counted."""

AHEAD = timedelta(days=14)
"""How far ahead exemptions that run out are told of."""

_COUNTED = {
    ActionKind.STOP,
    ActionKind.START,
    ActionKind.DELETE,
    ActionKind.SCALE_TO_ZERO,
    ActionKind.RELEASE_PROVISIONED_CONCURRENCY,
    ActionKind.TAG_OWNER,
}
"""What a digest counts. Provisioned concurrency moves all day, and AWS itself moves it."""

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that was done, and whose resource it was done to.

    Attributes:
        outcome: What became of the action: APPLIED.
        team: The team of its case; None where no case, or no team, is known.
    """

    outcome: Outcome
    team: str | None = None


@dataclass(frozen=True, slots=True)
class RunningOut:
    """An exemption, and whose resources it is known to cover.

    Attributes:
        exemption: The exemption.
        teams: The teams.
    """

    exemption: Exemption
    teams: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Records:
    """What is known of a time, of the whole organisation.

    Attributes:
        live: The cases that have not ended.
        ended: The cases that ended in that time.
        histories: What was done to each resource, oldest first, all that is known of it.
        exemptions: The exemptions that ran out in that time, or will soon.
        halted: Why all acting is halted, if it is.
        places: In how many accounts and regions somebody looks.
    """

    live: Sequence[Case] = ()
    ended: Sequence[Case] = ()
    histories: Sequence[Sequence[Deed]] = ()
    exemptions: Sequence[RunningOut] = ()
    halted: str | None = None
    places: int = 0


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount of money, and how many things it says nothing of.

    Attributes:
        usd: US dollars at list price.
        known: Of how many things it is the sum.
        unknown: How many more have no known price; they are no part of the sum.
        as_of: The day of the oldest price in it.
    """

    usd: Decimal = Decimal(0)
    known: int = 0
    unknown: int = 0
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One case, as a digest names it.

    Attributes:
        name: The resource's name.
        action: What happens, or would.
        rule: The rule's name.
        at: The moment that matters: when it is due, was warned of, wakes up or ended.
        owner: Whose it is.
        by: Who decided.
    """

    name: str
    action: ActionKind
    rule: str
    at: datetime | None
    owner: str | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class LastDay:
    """An exemption that has run out, or will soon.

    Attributes:
        resources: What it covers, as it was written.
        until: Its last day.
        over: Whether that is over.
        by: Who gave it.
    """

    resources: str
    until: date
    over: bool
    by: str


@dataclass(frozen=True, slots=True)
class Some[T]:
    """The first few of many.

    Attributes:
        shown: Those that are named.
        count: How many there are in all.
    """

    shown: tuple[T, ...] = ()
    count: int = 0


def first_few[T](items: Iterable[T], most: int = MOST_SHOWN) -> Some[T]:
    """The first of some things, and how many there are."""
    found = tuple(items)
    return Some(found[:most], len(found))


@dataclass(frozen=True, slots=True)
class Digest:
    """What one reader is told of a time.

    Every case that is alive is in one of `found`, `pending`, `unanswered` and `snoozed`.

    Attributes:
        team: Whose digest it is; None for the whole organisation's.
        first_day: The first day that it is about, in the reader's zone.
        last_day: The last one.
        at: When it was made (aware).
        done: How often each action was done.
        projected: What a month without the latest of these saves, where it still stands.
        realised: What hours would have cost in which things verifiably did not run.
        hours: Those hours, with those of no known price.
        pending: What was warned of, with when it is due; the soonest first.
        pending_saving: What a month saves once that is done.
        unanswered: Warnings that nothing follows from and nobody answered, the oldest first.
        snoozed: What somebody bought time for, with until when.
        exempted: How many cases ended with an exemption.
        exemptions: Exemptions that ran out, or will soon.
        restored: What was taken back.
        failed: What was given up.
        resolved: How many violations ended by themselves.
        found: How many violations wait for their first warning.
        halted: Why all acting is halted, if it is.
        places: In how many accounts and regions somebody looks.
        run: The run that sends it, by which its log lines are found.
    """

    team: str | None
    first_day: date
    last_day: date
    at: datetime
    done: Mapping[ActionKind, int] = field(default_factory=dict[ActionKind, int])
    projected: Sum = Sum()
    realised: Sum = Sum()
    hours: Decimal = Decimal(0)
    pending: Some[Entry] = Some()
    pending_saving: Sum = Sum()
    unanswered: Some[Entry] = Some()
    snoozed: Some[Entry] = Some()
    exempted: int = 0
    exemptions: Some[LastDay] = Some()
    restored: Some[Entry] = Some()
    failed: Some[Entry] = Some()
    resolved: int = 0
    found: int = 0
    halted: str | None = None
    places: int = 0
    run: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say."""
        listed = (
            self.pending,
            self.unanswered,
            self.snoozed,
            self.exemptions,
            self.restored,
            self.failed,
        )
        hours = self.realised.known + self.realised.unknown
        counts = (self.exempted, self.resolved, self.found, hours)
        return not (self.done or any(some.count for some in listed) or any(counts))

    @property
    def key(self) -> str:
        """The same for the same reader and the same time, whenever it is made."""
        return f"{self.first_day}/{self.last_day}/{(self.team or '*').casefold()}"

    @property
    def subject(self) -> str:
        """Under what the audit trail has it, in place of an ARN."""
        return f"digest:{self.key}"

    @property
    def line(self) -> str:
        """Behind which others it waits: those of the same reader."""
        return f"digest:{(self.team or '*').casefold()}"


def this_monday(now: datetime, zone: ZoneInfo) -> date:
    """The Monday of the week of a moment, by the clocks of a zone."""
    today = now.astimezone(zone).date()
    return today - timedelta(days=today.weekday())


def last_week(now: datetime, zone: ZoneInfo) -> Span:
    """The last whole week before a moment, Monday to Sunday by the clocks of a zone."""
    monday = this_monday(now, zone)
    begin = datetime.combine(monday - timedelta(days=7), time(), zone)
    return Span(begin, datetime.combine(monday, time(), zone))


def digest_of(
    records: Records, span: Span, now: datetime, zone: ZoneInfo, team: str | None = None
) -> Digest:
    """What a team is told of a time; without a team, what there is to say of everything.

    Args:
        records: What is known.
        span: The time.
        now: The present moment (aware), of which what waits is told.
        zone: Whose days are meant.
        team: The team, in any letter case.
    """
    mine = _belonging(team)
    live = [case for case in records.live if mine(case.team)]
    ended = [case for case in records.ended if mine(case.team)]
    pending = [case for case in live if _is_pending(case)]
    claims = list(_claims(records, span, mine))
    return Digest(
        team=team,
        first_day=span.begin.astimezone(zone).date(),
        last_day=(span.end - timedelta(microseconds=1)).astimezone(zone).date(),
        at=now,
        done=_counted(records, span, mine),
        projected=_total(_standing(records, span, mine)),
        realised=_sum((_worth(done, length), _day(done)) for done, length in claims),
        hours=sum((_hours(length) for _, length in claims), Decimal(0)),
        pending=_entries(pending, lambda case: case.due_at),
        pending_saving=_total(case.saving for case in pending if case.action.kind.undoable),
        unanswered=_entries(filter(_is_unanswered, live), lambda case: case.warned_at),
        snoozed=_entries(_in(live, CaseState.SNOOZED), lambda case: case.snoozed_until),
        exempted=len(_in(ended, CaseState.EXEMPT)),
        exemptions=_last_days(records.exemptions, now, team),
        restored=_entries(_in(ended, CaseState.RESTORED), lambda case: case.ended_at),
        failed=_entries(_in(ended, CaseState.FAILED), lambda case: case.ended_at),
        resolved=len(_in(ended, CaseState.RESOLVED)),
        found=len(_in(live, CaseState.OPEN)),
        halted=records.halted,
        places=records.places,
    )


def runs_out(exemption: Exemption, span: Span, now: datetime) -> bool:
    """Whether an exemption ran out since the beginning of a time, or will soon."""
    return exemption.in_force(span.begin) and not exemption.in_force(now + AHEAD)


def _belonging(team: str | None) -> Callable[[str | None], bool]:
    if team is None:
        return lambda _: True
    wanted = team.casefold()
    return lambda name: name is not None and name.casefold() == wanted


def _in(cases: Iterable[Case], state: CaseState) -> list[Case]:
    return [case for case in cases if case.state is state]


def _is_pending(case: Case) -> bool:
    """Whether something follows from a warning, or is being done at this moment."""
    warned = case.state is CaseState.WARNED and case.due_at is not None
    return warned or case.state is CaseState.ACTING


def _is_unanswered(case: Case) -> bool:
    return case.state is CaseState.WARNED and case.due_at is None


def _entries(cases: Iterable[Case], at: Callable[[Case], datetime | None]) -> Some[Entry]:
    found = [
        Entry(case.ref.name, case.action.kind, case.rule, at(case), case.owner, case.decided_by)
        for case in cases
    ]
    found.sort(key=lambda entry: (entry.at is None, entry.at, entry.name, entry.rule))
    return first_few(found)


def _last_days(exemptions: Iterable[RunningOut], now: datetime, team: str | None) -> Some[LastDay]:
    mine = _belonging(team)
    found = [
        LastDay(given.resources, given.until, not given.in_force(now), given.by)
        for item in exemptions
        if (given := item.exemption).until is not None
        and (team is None or any(mine(name) for name in item.teams))
    ]
    found.sort(key=lambda item: (item.until, item.resources))
    return first_few(found)


def _counted(
    records: Records, span: Span, mine: Callable[[str | None], bool]
) -> Mapping[ActionKind, int]:
    return Counter(
        deed.outcome.action.kind
        for history in records.histories
        for deed in history
        if deed.outcome.action.kind in _COUNTED and span.holds(deed.outcome.at) and mine(deed.team)
    )


def _standing(
    records: Records, span: Span, mine: Callable[[str | None], bool]
) -> Iterable[MonthlyCost | None]:
    """What is saved by the last deed to each resource that nobody took back.

    A notebook that is stopped each evening saves the same hours of a month, not five times.
    """
    for history in records.histories:
        within = [deed for deed in history if deed.outcome.at < span.end]
        kinds = {ActionKind.RESTORE, *(kind for kind in ActionKind if kind.undoable)}
        last = [deed for deed in within if deed.outcome.action.kind in kinds][-1:]
        for deed in last:
            done = deed.outcome
            undoable = done.action.kind.undoable
            if undoable and span.holds(done.at) and mine(deed.team):
                yield done.saving


def _claims(
    records: Records, span: Span, mine: Callable[[str | None], bool]
) -> Iterable[tuple[Outcome, timedelta]]:
    born: dict[str, list[datetime]] = {}
    for case in (*records.live, *records.ended):
        born.setdefault(case.ref.arn, []).append(case.action.precondition.created)
    for history in records.histories:
        deeds = [deed for deed in history if deed.outcome.action.kind.changes_what_runs]
        done = [deed.outcome for deed in deeds]
        created = born.get(done[0].action.ref.arn, []) if done else []
        for place, length in standstills(done, created, span):
            if mine(deeds[place].team):
                yield done[place], length


def _hours(length: timedelta) -> Decimal:
    return Decimal(length // timedelta(seconds=1)) / Decimal(_HOUR // timedelta(seconds=1))


def _worth(outcome: Outcome, length: timedelta) -> Decimal | None:
    hourly = outcome.saving.hourly_usd if outcome.saving else None
    return None if hourly is None else hourly * _hours(length)


def _day(outcome: Outcome) -> date | None:
    return outcome.saving.as_of if outcome.saving else None


def _total(savings: Iterable[MonthlyCost | None]) -> Sum:
    return _sum((item.usd, item.as_of) if item else (None, None) for item in savings)


def _sum(parts: Iterable[tuple[Decimal | None, date | None]]) -> Sum:
    """Add up what is known; what is not is counted, never as zero."""
    found = list(parts)
    known = [(usd, day) for usd, day in found if usd is not None]
    return Sum(
        usd=sum((usd for usd, _ in known), Decimal(0)),
        known=len(known),
        unknown=len(found) - len(known),
        as_of=min((day for _, day in known if day), default=None),
    )
