"""When EventBridge Scheduler fires: ``rate``, ``cron`` and ``at`` expressions in a time zone.

Grammar and meaning as in the EventBridge Scheduler User Guide, "Schedule types": six cron fields
(minutes hours day-of-month month day-of-week year), weekdays counted from 1 (Sunday), exactly one
of the two day fields a question mark. ``L``, ``W`` and ``#`` are refused: nothing here uses them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

_MINUTE = timedelta(minutes=1)
_HORIZON = timedelta(days=366)
_CALL = re.compile(r"(rate|cron|at)\((.+)\)")
_UNITS = {"minute": _MINUTE, "hour": timedelta(hours=1), "day": timedelta(days=1)}
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"), 1
    )
}
_WEEKDAYS = {
    name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)
}
_ITEM = re.compile(r"(\*|\w+)(?:-(\w+))?(?:/(\d+))?")


class ScheduleError(ValueError):
    """A schedule expression cannot be read."""


class Timetable(Protocol):
    """When something fires."""

    def after(self, moment: datetime) -> datetime | None:
        """Return the first firing later than ``moment`` (UTC); None if there is none in a year."""
        ...


@dataclass(frozen=True, slots=True)
class Rate:
    """Every so often since a beginning, which is when the schedule was made."""

    every: timedelta
    since: datetime

    def after(self, moment: datetime) -> datetime | None:
        """Return the first firing later than ``moment``; the first of all is one period in."""
        periods = max(0, (moment - self.since) // self.every)
        return self.since + (periods + 1) * self.every


@dataclass(frozen=True, slots=True)
class Once:
    """At one moment."""

    at: datetime

    def after(self, moment: datetime) -> datetime | None:
        """Return that moment while it lies ahead."""
        return self.at if self.at > moment else None


@dataclass(frozen=True, slots=True)
class Cron:
    """Whenever the wall clock of a zone shows a minute that all fields hold."""

    minutes: frozenset[int]
    hours: frozenset[int]
    monthdays: frozenset[int] | None
    months: frozenset[int]
    weekdays: frozenset[int] | None
    years: frozenset[int]
    zone: ZoneInfo

    def after(self, moment: datetime) -> datetime | None:
        """Return the first firing later than ``moment``; an hour that is skipped fires nothing."""
        at = moment.astimezone(UTC).replace(second=0, microsecond=0) + _MINUTE
        end = moment + _HORIZON
        while at < end:
            local = at.astimezone(self.zone)
            if not self._has_day(local):
                at += timedelta(hours=1) if local.hour < 23 else _MINUTE  # noqa: PLR2004 - of a day
                at = at.replace(minute=0) if local.hour < 23 else at  # noqa: PLR2004 - of a day
            elif local.hour in self.hours and local.minute in self.minutes and not local.fold:
                return at
            else:
                at += _MINUTE
        return None

    def _has_day(self, local: datetime) -> bool:
        weekday = local.isoweekday() % 7 + 1
        return (
            local.month in self.months
            and local.year in self.years
            and (self.monthdays is None or local.day in self.monthdays)
            and (self.weekdays is None or weekday in self.weekdays)
        )


def timetable(expression: str, zone: str, since: datetime) -> Timetable:
    """Read a schedule expression.

    Args:
        expression: Such as ``rate(15 minutes)`` or ``cron(0 18 ? * MON-FRI *)``.
        zone: The IANA zone that cron and at are meant in.
        since: When the schedule was made: rates count from then.

    Raises:
        ScheduleError: It cannot be read.
    """
    match = _CALL.fullmatch(expression.strip())
    if match is None:
        raise ScheduleError(f"{expression!r}: give rate(...), cron(...) or at(...)")
    kind, inside = match.groups()
    if kind == "rate":
        return Rate(_period(inside), since)
    if kind == "at":
        return Once(datetime.fromisoformat(inside).replace(tzinfo=ZoneInfo(zone)))
    return _cron(inside, ZoneInfo(zone))


def _period(text: str) -> timedelta:
    number, _, unit = text.partition(" ")
    known = _UNITS.get(unit.removesuffix("s"))
    if known is None or not number.isdecimal() or int(number) == 0:
        raise ScheduleError(f"rate({text}): give a number and minutes, hours or days")
    return int(number) * known


def _cron(text: str, zone: ZoneInfo) -> Cron:
    fields = text.split()
    if len(fields) != 6:  # noqa: PLR2004 - AWS's cron has six fields
        raise ScheduleError(f"cron({text}): it takes 6 fields, this has {len(fields)}")
    minutes, hours, monthdays, months, weekdays, years = fields
    if (monthdays == "?") == (weekdays == "?"):
        raise ScheduleError(f"cron({text}): exactly one of day-of-month and day-of-week must be ?")
    return Cron(
        minutes=_numbers(minutes, 0, 59),
        hours=_numbers(hours, 0, 23),
        monthdays=None if monthdays == "?" else _numbers(monthdays, 1, 31),
        months=_numbers(months, 1, 12, _MONTHS),
        weekdays=None if weekdays == "?" else _numbers(weekdays, 1, 7, _WEEKDAYS),
        years=_numbers(years, 1970, 2199),
        zone=zone,
    )


def _numbers(
    field: str, low: int, high: int, names: Mapping[str, int] | None = None
) -> frozenset[int]:
    numbers: set[int] = set()
    for item in field.upper().split(","):
        match = _ITEM.fullmatch(item)
        if match is None:
            raise ScheduleError(f"the cron field {field!r} cannot be read at {item!r}")
        first, last, step = match.groups()
        start = low if first == "*" else _number(first, names or {}, field)
        stop = _number(last, names or {}, field) if last else start
        if first == "*" or (step and not last):
            stop = high
        if not low <= start <= stop <= high:
            raise ScheduleError(f"the cron field {field!r} leaves {low} to {high} at {item!r}")
        numbers.update(range(start, stop + 1, int(step or 1)))
    return frozenset(numbers)


def _number(text: str, names: Mapping[str, int], field: str) -> int:
    if text.isdecimal():
        return int(text)
    if text not in names:
        raise ScheduleError(f"the cron field {field!r} has an unknown name: {text!r}")
    return names[text]
