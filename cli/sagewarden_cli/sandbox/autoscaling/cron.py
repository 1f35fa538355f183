"""AWS's cron expressions of six fields: minutes, hours, day of month, month, day of week, year.

Source: EventBridge User Guide, "Cron expressions reference", to which the Application Auto Scaling
User Guide refers: ``, - * / ? L W #``; SUN is 1; one of the two day fields must be ``?``.
"""

import calendar
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Protocol
from zoneinfo import ZoneInfo

_FIRST_YEAR, _LAST_YEAR = 1970, 2199
_FIELDS = 6
_DAYS_OF_WEEK = 7
_SATURDAY = 6  # as ISO counts
_NO_NAMES: Mapping[str, int] = {}
_MONTHS = {name.upper(): n for n, name in enumerate(calendar.month_abbr) if name}
_WEEKDAYS = {
    name: n for n, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), start=1)
}
_NUMBERED = re.compile(r"(\w+)#([1-5])")
_LAST_WEEKDAY = re.compile(r"(\w+)L")
_NEAREST = re.compile(r"(\d{1,2})W")


class _Days(Protocol):
    def __call__(self, day: date) -> bool:
        """Return whether a day is one of them."""
        ...


@dataclass(frozen=True, slots=True)
class Cron:
    """One parsed expression.

    Attributes:
        times: The local times of a day at which it fires, in order.
        is_day: Whether it fires on a day, by both day fields.
        months: The months in which it fires.
        years: The years in which it fires.
    """

    times: tuple[time, ...]
    is_day: tuple[_Days, _Days]
    months: frozenset[int]
    years: frozenset[int]

    def next_after(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """Return when it fires next after ``moment``, in UTC; None if never again.

        A local time that a change to summer time skips does not fire; one that the change back
        repeats fires the first time only. Source: EventBridge Scheduler User Guide, "Daylight
        saving time"; the Application Auto Scaling User Guide does not say.
        """
        for day in self._days_from(moment.astimezone(zone).date()):
            for clock in self.times:
                local = datetime.combine(day, clock, zone)
                fires = local.astimezone(UTC)
                if fires > moment and fires.astimezone(zone).time() == clock:
                    return fires
        return None

    def _days_from(self, first: date) -> Iterator[date]:
        for year in range(first.year, _LAST_YEAR + 1):
            if year not in self.years:
                continue
            for month in sorted(self.months):
                for number in range(1, calendar.monthrange(year, month)[1] + 1):
                    day = date(year, month, number)
                    if day >= first and all(is_day(day) for is_day in self.is_day):
                        yield day


def parsed_cron(expression: str) -> Cron:
    """Read the inside of ``cron(...)``.

    Raises:
        ValueError: It is none.
    """
    fields = expression.split()
    if len(fields) != _FIELDS:
        raise ValueError(f"six fields are required, not {len(fields)}")
    minutes, hours, days, months, weekdays, years = (field.upper() for field in fields)
    if (days == "?") == (weekdays == "?"):
        raise ValueError("exactly one of day-of-month and day-of-week must be ?")
    in_month = partial(_numbers, first=1, last=31, names=_NO_NAMES)
    of_week = partial(_numbers, first=1, last=_DAYS_OF_WEEK, names=_WEEKDAYS)
    clock = [
        time(hour, minute)
        for hour in sorted(_numbers(hours, 0, 23, _NO_NAMES))
        for minute in sorted(_numbers(minutes, 0, 59, _NO_NAMES))
    ]
    return Cron(
        times=tuple(clock),
        is_day=(
            _any_day if days == "?" else _by_month_day(days, in_month),
            _any_day if weekdays == "?" else _by_weekday(weekdays, of_week),
        ),
        months=_numbers(months, 1, 12, _MONTHS),
        years=_numbers(years, _FIRST_YEAR, _LAST_YEAR, _NO_NAMES),
    )


class _Reader(Protocol):
    def __call__(self, field: str) -> frozenset[int]:
        """Return the numbers that a field stands for."""
        ...


def _any_day(day: date) -> bool:
    del day
    return True


def _by_month_day(field: str, numbers: _Reader) -> _Days:
    nearest = _NEAREST.fullmatch(field)
    if field == "L":
        return lambda day: day.day == _length(day)
    if field == "LW":
        return lambda day: day == _workday_near(day, _length(day))
    if nearest:
        (wanted,) = numbers(nearest.group(1))
        return lambda day: wanted <= _length(day) and day == _workday_near(day, wanted)
    chosen = numbers(field)
    return lambda day: day.day in chosen


def _by_weekday(field: str, numbers: _Reader) -> _Days:
    numbered, last = _NUMBERED.fullmatch(field), _LAST_WEEKDAY.fullmatch(field)
    if numbered:
        chosen, which = numbers(numbered.group(1)), int(numbered.group(2))
        return lambda day: _weekday(day) in chosen and (day.day - 1) // 7 + 1 == which
    if last:
        chosen = numbers(last.group(1))
        return lambda day: _weekday(day) in chosen and day.day > _length(day) - _DAYS_OF_WEEK
    chosen = numbers("7" if field == "L" else field)
    return lambda day: _weekday(day) in chosen


def _weekday(day: date) -> int:
    return day.isoweekday() % _DAYS_OF_WEEK + 1


def _length(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _workday_near(day: date, number: int) -> date:
    """Return the working day nearest to a day of the month, without leaving the month."""
    wanted = day.replace(day=number)
    for distance in (0, -1, 1, 2, -2):
        near = wanted + timedelta(days=distance)
        if near.isoweekday() < _SATURDAY and near.month == day.month:
            return near
    raise AssertionError(f"no working day within two days of {wanted}")


def _numbers(field: str, first: int, last: int, names: Mapping[str, int]) -> frozenset[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, has_step, step = part.partition("/")
        low, is_range, high = span.partition("-")
        start = first if low == "*" else _number(low, first, last, names)
        if is_range:
            end = _number(high, first, last, names)
        else:
            end = last if low == "*" or has_step else start
        stride = _number(step, 1, last, _NO_NAMES) if has_step else 1
        wraps = end < start and bool(names)
        for number in range(start, (end + last - first + 1 if wraps else end) + 1, stride):
            found.add((number - first) % (last - first + 1) + first)
        if end < start and not wraps:
            raise ValueError(f"{part} runs backwards")
    return frozenset(found)


def _number(text: str, first: int, last: int, names: Mapping[str, int]) -> int:
    number = names.get(text)
    if number is None:
        if not (text.isascii() and text.isdigit()):
            raise ValueError(f"{text or 'an empty field'} is no number")
        number = int(text)
    if not first <= number <= last:
        raise ValueError(f"{number} is not between {first} and {last}")
    return number
