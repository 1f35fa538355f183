"""From a calendar to scheduled actions.

A regular week becomes cron actions in the calendar's own zone. They cannot say "but not on this
holiday", and AWS does not document what they do with an hour that a clock change skips or
repeats. So, while such a day is among the coming HORIZON, every change until it is over is a
one-off ``at(...)`` action at its exact instant, and the cron actions only count from then on.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta

from sagewarden.domain.autoscaling.scaling import OURS, Capacity, ScheduledAction
from sagewarden.domain.schedules.calendar import WEEKDAYS, Calendar
from sagewarden.domain.schedules.reading import Wanted
from sagewarden.domain.schedules.transitions import transitions

HORIZON = timedelta(days=7)
"""How far ahead holidays, single dates and clock changes are looked for."""

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_MINUTES_PER_DAY = 24 * 60
_MINUTES_PER_WEEK = 7 * _MINUTES_PER_DAY


def scheduled_actions(
    calendar: Calendar, inside: Capacity, outside: Capacity, now: datetime
) -> tuple[ScheduledAction, ...]:
    """The scheduled actions that keep a target's bounds by a calendar.

    Args:
        calendar: The hours.
        inside: The bounds while it is open.
        outside: The bounds while it is closed.
        now: The present moment (aware); only changes after it are scheduled.

    Returns:
        The actions in the order of their names; none for a calendar that never changes.
    """
    resumes = _regular_from(calendar, now)
    bounds = {True: inside, False: outside}
    found = list(_weekly(calendar, bounds, resumes))
    if resumes is not None:
        found += _one_offs(calendar, bounds, now, resumes)
    return tuple(sorted(found, key=lambda action: action.name))


def _weekly(
    calendar: Calendar, bounds: Mapping[bool, Capacity], resumes: datetime | None
) -> Iterator[ScheduledAction]:
    """One cron action for each time of day at which a regular week opens or closes."""
    days: defaultdict[tuple[bool, int], list[str]] = defaultdict(list)
    for minute, opens in _edges(calendar):
        day, clock = divmod(minute, _MINUTES_PER_DAY)
        days[opens, clock].append(WEEKDAYS[day].upper())
    for (opens, clock), names in days.items():
        hour, minute = divmod(clock, 60)
        yield ScheduledAction(
            name=f"{OURS}{_word(opens)}-{hour:02}{minute:02}",
            schedule=f"cron({minute} {hour} ? * {','.join(names)} *)",
            timezone=calendar.zone.key,
            least=bounds[opens].least,
            most=bounds[opens].most,
            # A minute early: whether a firing at the very start counts is not documented.
            start=resumes - _MINUTE if resumes is not None else None,
        )


def _edges(calendar: Calendar) -> Iterator[tuple[int, bool]]:
    """The minutes of a regular week, Monday 00:00 first, at which it opens (True) or closes."""
    spans = [
        (day * _MINUTES_PER_DAY + window.begin, day * _MINUTES_PER_DAY + window.end)
        for day, windows in enumerate(calendar.weekly)
        for window in windows
    ]

    def is_open(minute: int) -> bool:
        # A span that begins on Sunday may end on Monday, a week on.
        later = minute + _MINUTES_PER_WEEK
        return any(begin <= minute < end or begin <= later < end for begin, end in spans)

    for minute in sorted({edge % _MINUTES_PER_WEEK for span in spans for edge in span}):
        opens = is_open(minute)
        if is_open((minute - 1) % _MINUTES_PER_WEEK) is not opens:
            yield minute, opens


def _one_offs(
    calendar: Calendar, bounds: Mapping[bool, Capacity], now: datetime, until: datetime
) -> Iterator[ScheduledAction]:
    for change in transitions(calendar, now + timedelta(microseconds=1), until):
        opens = change.reading.wanted is Wanted.RUNNING
        at = change.at.astimezone(UTC)
        yield ScheduledAction(
            name=f"{OURS}{_word(opens)}-{at:%Y%m%dT%H%M}",
            schedule=f"at({at:%Y-%m-%dT%H:%M:%S})",
            timezone="UTC",
            least=bounds[opens].least,
            most=bounds[opens].most,
        )


def _regular_from(calendar: Calendar, now: datetime) -> datetime | None:
    """The midnight (UTC) after which the coming days are regular, or None when all of them are.

    The day after an irregular one still belongs to it: its windows may cross midnight.
    """
    today = now.astimezone(calendar.zone).date()
    days = (today + number * _DAY for number in range(-1, HORIZON.days + 1))
    irregular = [day for day in days if _is_irregular(calendar, day)]
    return _midnight(calendar, irregular[-1] + 2 * _DAY) if irregular else None


def _is_irregular(calendar: Calendar, day: date) -> bool:
    if sorted(calendar.windows(day)) != sorted(calendar.weekly[day.weekday()]):
        return True
    return _midnight(calendar, day + _DAY) - _midnight(calendar, day) != _DAY


def _midnight(calendar: Calendar, day: date) -> datetime:
    return datetime.combine(day, time(0), tzinfo=calendar.zone).astimezone(UTC)


def _word(opens: bool) -> str:  # noqa: FBT001 - its only argument
    return "opens" if opens else "closes"
