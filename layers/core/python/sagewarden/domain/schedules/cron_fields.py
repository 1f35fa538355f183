"""Which days a period's weekdays, monthdays and months fields mean.

The three fields are Instance Scheduler on AWS's relatives of cron: comma-separated items, each a
value, a range, a step, or one of the marks `L` (last), `#` (nth) and `W` (nearest working day).
Weekdays count from 0, Monday. What each item means was checked against version 3.2.8; the few
places where it is read differently stand in docs/schedules-instance-scheduler.md.
"""

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sagewarden.domain.schedules.reading import InvalidScheduleError

_SUNDAY = 6
_DAYS_IN_A_WEEK = 7
_MOST_OF_A_WEEKDAY_IN_A_MONTH = 5

# No number that means anything is longer than nine digits; an unbounded one is an attack on int().
_SPAN = re.compile(
    r"(?P<start>\d{1,9}|[a-z]+)(?:\s*-\s*(?P<end>\d{1,9}|[a-z]+)\s*)?(?:/\s*(?P<step>\d{1,9}))?"
)
_NTH = re.compile(r"(?P<weekday>\d{1,9}|[a-z]+)#(?P<n>\d{1,9})")
_NEAREST = re.compile(r"(?P<monthday>\d{1,9})w")

_EVERY = frozenset({"*", "?"})
_LAST = "l"


@dataclass(frozen=True, slots=True)
class Weekdays:
    """A weekdays field.

    Attributes:
        every: Weekdays (0 is Monday) that always match.
        nth: Pairs of a weekday and its place in the month, from 1: `mon#1` is (0, 1).
        last: Weekdays that match only the last time they occur in a month.
    """

    every: frozenset[int]
    nth: frozenset[tuple[int, int]] = frozenset()
    last: frozenset[int] = frozenset()

    def matches(self, day: date) -> bool:
        """Tell whether a day is meant."""
        weekday = day.weekday()
        if weekday in self.every:
            return True
        if (weekday, (day.day - 1) // _DAYS_IN_A_WEEK + 1) in self.nth:
            return True
        return weekday in self.last and day.day + _DAYS_IN_A_WEEK > _days_in_month(day)


@dataclass(frozen=True, slots=True)
class Monthdays:
    """A monthdays field.

    Attributes:
        every: Days of the month, 1 to 31; one that a month lacks does not occur in it.
        last: Whether the last day of every month matches.
        nearest: Days of the month that stand for the working day (Monday to Friday) nearest to
            them within the same month; in a month that lacks the day nothing matches.
    """

    every: frozenset[int]
    last: bool = False
    nearest: frozenset[int] = frozenset()

    def matches(self, day: date) -> bool:
        """Tell whether a day is meant."""
        if day.day in self.every:
            return True
        if self.last and day.day == _days_in_month(day):
            return True
        return any(_nearest_working_day(monthday, day) == day.day for monthday in self.nearest)


@dataclass(frozen=True, slots=True)
class Months:
    """A months field.

    Attributes:
        every: The months, 1 to 12, that match.
    """

    every: frozenset[int]

    def matches(self, day: date) -> bool:
        """Tell whether a day is meant."""
        return day.month in self.every


def parse_weekdays(expression: str, where: str) -> Weekdays:
    """Read a weekdays field, such as `mon-fri`, `sat-mon`, `mon#1,friL` or `0-4/2`.

    `L` alone is Sunday, the last day of the week. Ranges go round the end of the week.

    Raises:
        InvalidScheduleError: If an item cannot be read; it is placed at `where`.
    """
    every: set[int] = set()
    nth: set[tuple[int, int]] = set()
    last: set[int] = set()
    for item in _items(expression):
        if item == _LAST:
            every.add(_SUNDAY)
        elif match := _NTH.fullmatch(item):
            nth.add((_WEEKDAY.value(match["weekday"], where), _nth(int(match["n"]), where)))
        elif item.endswith(_LAST) and _WEEKDAY.knows(item.removesuffix(_LAST)):
            last.add(_WEEKDAY.value(item.removesuffix(_LAST), where))
        else:
            every.update(_WEEKDAY.span(item, where))
    return Weekdays(frozenset(every), frozenset(nth), frozenset(last))


def parse_monthdays(expression: str, where: str) -> Monthdays:
    """Read a monthdays field, such as `1,15`, `1-7`, `20-L`, `1/10`, `L` or `15W`.

    Ranges do not go round the end of the month.

    Raises:
        InvalidScheduleError: If an item cannot be read; it is placed at `where`.
    """
    every: set[int] = set()
    last = False
    nearest: set[int] = set()
    for item in _items(expression):
        if item == _LAST:
            last = True
        elif match := _NEAREST.fullmatch(item):
            nearest.add(_MONTHDAY.value(match["monthday"], where))
        else:
            every.update(_MONTHDAY.span(item, where))
    return Monthdays(frozenset(every), last, frozenset(nearest))


def parse_months(expression: str, where: str) -> Months:
    """Read a months field, such as `jan`, `nov-feb`, `1/3` or `apr,october`.

    Ranges go round the end of the year.

    Raises:
        InvalidScheduleError: If an item cannot be read; it is placed at `where`.
    """
    return Months(frozenset(n for item in _items(expression) for n in _MONTH.span(item, where)))


@dataclass(frozen=True, slots=True)
class _Domain:
    """The values that a field may hold, and how its ranges behave."""

    noun: str
    low: int
    high: int
    numbers: Mapping[str, int]
    wraps: bool
    ends_in_last: bool
    remedy: str

    def knows(self, text: str) -> bool:
        return text.isdecimal() or text in self.numbers

    def value(self, text: str, where: str) -> int:
        if not self.knows(text):
            raise InvalidScheduleError(where, f"{text!r} is not a {self.noun}", self.remedy)
        number = int(text) if text.isdecimal() else self.numbers[text]
        if not self.low <= number <= self.high:
            problem = f"{number} is not a {self.noun}: they go from {self.low} to {self.high}"
            raise InvalidScheduleError(where, problem, self.remedy)
        return number

    def span(self, item: str, where: str) -> Iterable[int]:
        """Read `*`, a value, a range or a step; the whole step number counts."""
        if item in _EVERY:
            return range(self.low, self.high + 1)
        match = _SPAN.fullmatch(item)
        if match is None:
            raise InvalidScheduleError(where, f"{item!r} cannot be read", self.remedy)
        start = self.value(match["start"], where)
        end = self._end(match, start, where)
        if start > end and not self.wraps:
            problem = f"{item!r} ends before it starts, and a month does not go round"
            raise InvalidScheduleError(where, problem, "split it in two, such as 25-L,1-5")
        step = int(match["step"] or 1)
        if step == 0:
            raise InvalidScheduleError(where, f"{item!r} has a step of 0", "use a step from 1 on")
        size = self.high - self.low + 1
        unrolled = range(start, (end if start <= end else end + size) + 1, step)
        return [(number - self.low) % size + self.low for number in unrolled]

    def _end(self, match: re.Match[str], start: int, where: str) -> int:
        if match["end"] is None:
            return start if match["step"] is None else self.high
        if match["end"] == _LAST and self.ends_in_last:
            return self.high
        return self.value(match["end"], where)


def _names(first: int, *names: str) -> dict[str, int]:
    """Number names from `first`, each whole and by its first three letters."""
    return {word: number for number, name in enumerate(names, first) for word in (name, name[:3])}


_WEEKDAY = _Domain(
    noun="weekday",
    low=0,
    high=6,
    numbers=_names(0, "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    wraps=True,
    ends_in_last=False,
    remedy="use mon to sun or 0 (Monday) to 6, such as mon-fri, mon#1, friL or mon-fri/2",
)
_MONTHDAY = _Domain(
    noun="day of the month",
    low=1,
    high=31,
    numbers={},
    wraps=False,
    ends_in_last=True,
    remedy="use 1 to 31, L or a number with W, such as 1,15, 20-L, 1/10 or 15W",
)
_MONTH = _Domain(
    noun="month",
    low=1,
    high=12,
    numbers=_names(
        1,
        *("january", "february", "march", "april", "may", "june"),
        *("july", "august", "september", "october", "november", "december"),
    ),
    wraps=True,
    ends_in_last=False,
    remedy="use jan to dec or 1 to 12, such as nov-feb, apr,oct or 1/3",
)


def _items(expression: str) -> Iterable[str]:
    return (item.strip().lower() for item in expression.split(","))


def _nth(n: int, where: str) -> int:
    if not 1 <= n <= _MOST_OF_A_WEEKDAY_IN_A_MONTH:
        raise InvalidScheduleError(
            where, f"#{n} is not a weekday's place in a month", "use #1 to #5, or L for the last"
        )
    return n


def _days_in_month(day: date) -> int:
    return monthrange(day.year, day.month)[1]


def _nearest_working_day(monthday: int, day: date) -> int | None:
    """Find the working day nearest to a day of the month that `day` lies in."""
    month_end = _days_in_month(day)
    if monthday > month_end:
        return None
    match day.replace(day=monthday).weekday():
        case 5:  # Saturday: back to Friday, unless that is the month before
            return monthday - 1 if monthday > 1 else monthday + 2
        case 6:  # Sunday: on to Monday, unless that is the month after
            return monthday + 1 if monthday < month_end else monthday - 2
        case _:
            return monthday
