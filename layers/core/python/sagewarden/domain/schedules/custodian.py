"""Cloud Custodian's off-hours: what its tag and its filters' options say of a resource.

Custodian acts in the exact hour that a tag names. Here the same hours are also read as levels: a
resource should be in the state of the latest hour, so that a missed run is made up for. All facts
are those of version 0.9.53; docs/schedules-custodian.md lists each deliberate difference.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sagewarden.domain.schedules.calendar import WEEKDAYS
from sagewarden.domain.schedules.custodian_skip_days import skip_days_from
from sagewarden.domain.schedules.custodian_tag import HourRule, Kind, read_tag
from sagewarden.domain.schedules.custodian_zones import find_zone
from sagewarden.domain.schedules.reading import InvalidScheduleError, OptedOut, Reading, Wanted

__all__ = [
    "HourRule",
    "Kind",
    "OffHours",
    "OffHoursPolicy",
    "OptedOut",
    "read_off_hours",
    "skip_days_from",
]

BOTH_KINDS = tuple(Kind)
LOOK_BACK_DAYS = 60
"""How many local days back the latest hour is looked for."""

_DAY = timedelta(days=1)
_LAST_HOUR = 23
_WANTED = {Kind.OFF: Wanted.STOPPED, Kind.ON: Wanted.RUNNING}


@dataclass(frozen=True, slots=True)
class OffHoursPolicy:
    """The options of Cloud Custodian's `offhour` and `onhour` filters, for both of them at once.

    Attributes:
        default_tz: The zone of a tag that names none. As in Custodian its letter case counts: `et`,
            `asia/seoul` and `Asia/Seoul` are known, `ET` and `UTC` are not.
        offhour: The hour at which to stop, 0 to 23.
        onhour: The hour at which to start, 0 to 23.
        tag: The key of the tag, in any letter case.
        opt_out: Whether resources without the tag follow these hours, too.
        weekends: Whether weekends are off, so that these hours are those of Monday to Friday.
        weekends_only: Stop on Fridays and start on Mondays only; wins over `weekends`.
        skip_days: Local dates on which nothing is stopped or started.
        fallback_schedule: What stands in for a missing tag.

    Raises:
        InvalidScheduleError: An hour, the zone or the fallback schedule cannot be read; it names
            the option as Custodian spells it.
    """

    default_tz: str
    offhour: int = 19
    onhour: int = 7
    tag: str = "maid_offhours"
    opt_out: bool = False
    weekends: bool = True
    weekends_only: bool = False
    skip_days: frozenset[date] = frozenset()
    fallback_schedule: str | None = None

    def __post_init__(self) -> None:
        find_zone(self.default_tz, "default_tz")
        for option, hour in (("offhour", self.offhour), ("onhour", self.onhour)):
            if not 0 <= hour <= _LAST_HOUR:
                raise InvalidScheduleError(option, f"{hour} is no hour", "write 0 to 23")
        if self.fallback_schedule is not None:
            read_off_hours(None, self)

    def hours(self, kind: Kind) -> tuple[HourRule, ...]:
        """The hours of a tag that gives none of a kind."""
        hour = self.offhour if kind is Kind.OFF else self.onhour
        if self.weekends_only:
            days = frozenset({WEEKDAYS.index("fri" if kind is Kind.OFF else "mon")})
        else:
            days = frozenset(range(5 if self.weekends else 7))
        return (HourRule(days, hour),)


class _Event(NamedTuple):
    """The beginning of an hour in which something is stopped or started; `at` is in UTC."""

    at: datetime
    day: date
    hour: int


@dataclass(frozen=True, slots=True)
class OffHours:
    """Hours at which a resource is stopped and started, by the wall clock of its zone.

    An hour that the clock skips in spring does not occur, one that it repeats in autumn occurs
    twice, and none occurs on a skipped day.

    Attributes:
        zone: The time zone whose wall clock the hours follow.
        stops: The hours at which to stop.
        starts: The hours at which to start.
        skip_days: Local dates on which nothing happens.
    """

    zone: ZoneInfo
    stops: tuple[HourRule, ...]
    starts: tuple[HourRule, ...]
    skip_days: frozenset[date] = frozenset()

    def fires(self, kind: Kind, now: datetime) -> bool:
        """Tell whether Cloud Custodian's filter of a kind would match at an aware datetime.

        Raises:
            ValueError: If `now` is naive.
        """
        local = _aware(now).astimezone(self.zone)
        return self._occurs(kind, local.date(), local.hour)

    def at(self, now: datetime) -> Reading:
        """Read which state the latest hour at or before an aware datetime asks for.

        ANY if it both stops and starts, or if there was none in the last 60 local days.

        Raises:
            ValueError: If `now` is naive.
        """
        event = self._latest(_aware(now))
        if event is None:
            return Reading(Wanted.ANY, f"no off or on hour in the last {LOOK_BACK_DAYS} days")
        weekday = WEEKDAYS[event.day.weekday()]
        when = f"{event.hour:02}:00 on {weekday} {event.day} ({self.zone.key})"
        kinds = [kind for kind in Kind if self._occurs(kind, event.day, event.hour)]
        if len(kinds) > 1:
            return Reading(Wanted.ANY, f"off and on are both at {when}, so neither is done")
        return Reading(_WANTED[kinds[0]], f"{kinds[0]} since {when}")

    def edges(self, day: date) -> Iterable[time]:
        """Return the hours of a local day at which something is stopped or started, in order."""
        return [time(hour) for hour in sorted(self._hours_on(day))]

    def _occurs(self, kind: Kind, day: date, hour: int) -> bool:
        rules = self.stops if kind is Kind.OFF else self.starts
        matches = any(rule.hour == hour and day.weekday() in rule.days for rule in rules)
        return matches and day not in self.skip_days

    def _hours_on(self, day: date) -> set[int]:
        if day in self.skip_days:
            return set()
        weekday = day.weekday()
        return {
            rule.hour
            for rules in (self.stops, self.starts)
            for rule in rules
            if weekday in rule.days
        }

    def _latest(self, now: datetime) -> _Event | None:
        """Find the latest event at or before now, a local day at a time.

        Where the clock goes back over midnight, the next day's first minutes come before the last
        ones of this day: hence the search from tomorrow, and the second look at the day before.
        """
        instant = now.astimezone(UTC)
        tomorrow = now.astimezone(self.zone).date() + _DAY
        for days_back in range(LOOK_BACK_DAYS + 2):
            day = tomorrow - days_back * _DAY
            if (event := self._latest_of(day, instant)) is not None:
                before = self._latest_of(day - _DAY, instant)
                return event if before is None else max(event, before)
        return None

    def _latest_of(self, day: date, instant: datetime) -> _Event | None:
        events = (
            _Event(start, day, hour)
            for hour in self._hours_on(day)
            for start in _starts(day, hour, self.zone)
            if start <= instant
        )
        return max(events, default=None)


def read_off_hours(
    tag_value: str | None, policy: OffHoursPolicy, kinds: Collection[Kind] = BOTH_KINDS
) -> OffHours | OptedOut:
    """Read the value of a resource's off-hours tag under a policy's options.

    Args:
        tag_value: The value, escaped or not; None if the resource does not carry the tag.
        policy: The options that hold where the tag says nothing.
        kinds: The kinds of hours that the caller acts on. Custodian's two filters each read the tag
            for themselves, and with one kind this reads it as that filter does; hours of the other
            kind are then left out.

    Raises:
        InvalidScheduleError: The value cannot be read, or says what its author can hardly mean.
    """
    where, text = policy.tag, tag_value
    if text is None and policy.fallback_schedule is not None:
        where, text = "fallback-schedule", policy.fallback_schedule
    if text is None and not policy.opt_out:
        return OptedOut(f"it has no tag {policy.tag}, and the policy asks for one")
    tag = read_tag(text or "", kinds, where)
    zone = find_zone(policy.default_tz if tag.zone is None else tag.zone, f"{where}, tz")
    if tag.opted_out:
        return OptedOut(f"{where}={text} opts it out")
    unused = [kind for kind in kinds if tag.hours.get(kind) == ()]
    if unused:
        reason = f"Cloud Custodian never acts on the {unused[0]} hours of {text!r}"
        if len(kinds) == 1:
            return OptedOut(reason)
        remedy = f"take the spaces out, and fill in tz= or leave it out: {text}"
        raise InvalidScheduleError(where, reason, remedy)
    hours = {kind: tag.hours.get(kind, policy.hours(kind)) for kind in kinds}
    stops, starts = hours.get(Kind.OFF, ()), hours.get(Kind.ON, ())
    return OffHours(zone, stops, starts, policy.skip_days)


def _aware(now: datetime) -> datetime:
    if now.utcoffset() is None:
        raise ValueError(f"off-hours need an aware datetime, not {now}")
    return now


def _starts(day: date, hour: int, zone: ZoneInfo) -> list[datetime]:
    """The instants (UTC) at which a local hour begins: one, none if skipped, two if repeated."""
    first = datetime(day.year, day.month, day.day, hour, tzinfo=zone)
    if first.utcoffset() == first.replace(minute=59, fold=1).utcoffset():
        return [first.astimezone(UTC)]
    starts = []
    for fold in (0, 1):
        minutes = (first.replace(minute=minute, fold=fold) for minute in range(60))
        found = next((local for local in minutes if _exists(local, zone)), None)
        starts += [] if found is None else [found.astimezone(UTC)]
    return starts


def _exists(local: datetime, zone: ZoneInfo) -> bool:
    """Tell whether a wall-clock time occurs, and for a second time if its fold says so."""
    back = local.astimezone(UTC).astimezone(zone)
    return back.replace(tzinfo=None) == local.replace(tzinfo=None) and back.fold == local.fold
