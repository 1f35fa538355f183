"""When a schedule changes its mind: exact instants, through every offset change of its zone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sagewarden.domain.schedules.reading import Reading, Schedule, Wanted

LOOK_BACK = timedelta(days=35)
"""How far back a last change is looked for: longer than any monthly period's pause."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Transition:
    """An instant at which the wanted state changes (UTC), and what is wanted from then on."""

    at: datetime
    reading: Reading


def transitions(schedule: Schedule, start: datetime, end: datetime) -> Iterator[Transition]:
    """Yield the changes of the wanted state in the half-open span [start, end), in order."""
    wanted = schedule.at(start - timedelta(microseconds=1)).wanted
    day = start.astimezone(schedule.zone).date() - _DAY
    last = end.astimezone(schedule.zone).date() + _DAY
    while day <= last:
        for instant in _candidates(schedule, day):
            if start <= instant < end:
                reading = schedule.at(instant)
                if reading.wanted is not wanted:
                    wanted = reading.wanted
                    yield Transition(instant, reading)
        day += _DAY


def last_change(schedule: Schedule, now: datetime) -> datetime | None:
    """When the present wanted state began (UTC), or None when it is older than LOOK_BACK."""
    wanted = schedule.at(now).wanted
    earliest = now - LOOK_BACK
    day = now.astimezone(schedule.zone).date() + _DAY
    while day >= earliest.astimezone(schedule.zone).date() - _DAY:
        for instant in reversed(_candidates(schedule, day)):
            if instant > now:
                continue
            if instant < earliest:
                return None
            if schedule.at(instant - timedelta(microseconds=1)).wanted is not wanted:
                return instant
        day -= _DAY
    return None


def time_wanted(schedule: Schedule, wanted: Wanted, start: datetime, end: datetime) -> timedelta:
    """How long the schedule wants a state within [start, end)."""
    total = timedelta(0)
    at, state = start, schedule.at(start).wanted
    for transition in transitions(schedule, start, end):
        if state is wanted:
            total += transition.at - at
        at, state = transition.at, transition.reading.wanted
    return total + (end - at if state is wanted else timedelta(0))


def _candidates(schedule: Schedule, day: date) -> list[datetime]:
    """The instants (UTC) of a local day at which the schedule may change its answer."""
    zone = schedule.zone
    clock_times = {time(0), *(edge.replace(tzinfo=None) for edge in schedule.edges(day))}
    instants = {
        instant
        for clock_time in clock_times
        for fold in (0, 1)
        if (instant := _instant(day, clock_time, fold, zone)) is not None
    }
    instants.update(_offset_changes(zone, day))
    return sorted(instants)


def _instant(day: date, clock_time: time, fold: int, zone: ZoneInfo) -> datetime | None:
    """The instant of a wall-clock time, or None when a gap skips it."""
    local = datetime.combine(day, clock_time.replace(fold=fold), tzinfo=zone)
    instant = local.astimezone(UTC)
    back = instant.astimezone(zone)
    return instant if back.replace(tzinfo=None) == local.replace(tzinfo=None) else None


def _offset_changes(zone: ZoneInfo, day: date) -> list[datetime]:
    """The instants (UTC) at which the zone's offset changes around a local day."""
    low = datetime.combine(day, time(0), tzinfo=UTC) - _DAY
    high = low + 3 * _DAY
    changes: list[datetime] = []
    while low < high:
        step = min(low + timedelta(hours=12), high)
        if low.astimezone(zone).utcoffset() != step.astimezone(zone).utcoffset():
            changes.append(_first_with_new_offset(zone, low, step))
        low = step
    return changes


def _first_with_new_offset(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """Bisect to the second at which the offset of `high` begins."""
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if middle in {low, high}:
            break
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high
