"""When a schedule changes its mind: exact instants, through every offset change of its zone.

The answers for a schedule and a moment are remembered: a fleet shares a few schedules.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from sagewarden.domain.schedules.reading import Reading, Schedule, Wanted

LOOK_BACK = timedelta(days=400)
"""How far back a last change is looked for: a schedule may pause for all but one day of a year."""

_DAY = timedelta(days=1)
_STRETCH = timedelta(days=4)
"""How much is looked through at once when going back: most schedules change within a weekend."""


@dataclass(frozen=True, slots=True)
class Transition:
    """An instant at which the wanted state changes (UTC), and what is wanted from then on."""

    at: datetime
    reading: Reading


def transitions(schedule: Schedule, start: datetime, end: datetime) -> Iterator[Transition]:
    """Yield the changes of the wanted state in the half-open span [start, end), in order."""
    wanted = schedule.at(start - timedelta(microseconds=1)).wanted
    for instant in _candidates(schedule, start, end):
        reading = schedule.at(instant)
        if reading.wanted is not wanted:
            wanted = reading.wanted
            yield Transition(instant, reading)


@lru_cache(maxsize=1024)
def last_change(schedule: Schedule, now: datetime) -> datetime | None:
    """When the present wanted state began (UTC), or None when it is older than LOOK_BACK."""
    wanted = schedule.at(now).wanted
    end = now + timedelta(microseconds=1)
    while end > now - LOOK_BACK:
        start = end - _STRETCH
        for instant in reversed(_candidates(schedule, start, end)):
            if schedule.at(instant - timedelta(microseconds=1)).wanted is not wanted:
                return instant
        end = start
    return None


@lru_cache(maxsize=1024)
def time_wanted(schedule: Schedule, wanted: Wanted, start: datetime, end: datetime) -> timedelta:
    """How long the schedule wants a state within [start, end)."""
    total = timedelta(0)
    at, state = start, schedule.at(start).wanted
    for transition in transitions(schedule, start, end):
        if state is wanted:
            total += transition.at - at
        at, state = transition.at, transition.reading.wanted
    return total + (end - at if state is wanted else timedelta(0))


def _candidates(schedule: Schedule, start: datetime, end: datetime) -> list[datetime]:
    """The instants (UTC) in [start, end) at which the schedule may change its answer, in order.

    Ordered over the whole span: around an offset change one local day's instants may lie between
    those of another.
    """
    day = start.astimezone(schedule.zone).date() - _DAY
    last = end.astimezone(schedule.zone).date() + _DAY
    instants = set(_offset_changes(schedule.zone, start, end))
    while day <= last:
        instants.update(_edges(schedule, day))
        day += _DAY
    return sorted(instant for instant in instants if start <= instant < end)


def _edges(schedule: Schedule, day: date) -> Iterator[datetime]:
    """The instants (UTC) of a local day's midnight and of its schedule's edges."""
    for clock_time in {time(0), *(edge.replace(tzinfo=None) for edge in schedule.edges(day))}:
        for fold in (0, 1):
            if (instant := _instant(day, clock_time, fold, schedule.zone)) is not None:
                yield instant


def _instant(day: date, clock_time: time, fold: int, zone: ZoneInfo) -> datetime | None:
    """The instant of a wall-clock time, or None when a gap skips it."""
    local = datetime.combine(day, clock_time.replace(fold=fold), tzinfo=zone)
    instant = local.astimezone(UTC)
    back = instant.astimezone(zone)
    return instant if back.replace(tzinfo=None) == local.replace(tzinfo=None) else None


def _offset_changes(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[datetime]:
    """The instants (UTC) at which the zone's offset changes, from start to a little after end."""
    low = start.astimezone(UTC).replace(microsecond=0) - timedelta(seconds=1)
    while low < end:
        high = low + timedelta(hours=12)
        if low.astimezone(zone).utcoffset() != high.astimezone(zone).utcoffset():
            yield _first_with_new_offset(zone, low, high)
        low = high


def _first_with_new_offset(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """Bisect to the second at which the offset of `high` begins."""
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high
