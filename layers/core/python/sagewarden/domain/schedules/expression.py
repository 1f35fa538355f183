"""Our own schedule expressions, made of characters that a SageMaker tag value may hold.

Grammar, spoken: ``mon-fri 09:00-12:00 13:00-18:00 + sat 10:00-14:00 Asia/Seoul holidays=KR``.
Days are a weekday, a range that may wrap (``fri-mon``), several joined by ``.`` (``mon.wed.fri``),
or ``daily``. The zone and the holidays stand at the end and may be left out.
"""

import re
from dataclasses import dataclass
from datetime import date, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sagewarden.domain.schedules.calendar import WEEKDAYS, Calendar, Holidays, HolidaySource, Window
from sagewarden.domain.schedules.reading import InvalidScheduleError

EXAMPLE = "mon-fri 09:00-18:00 Asia/Seoul"

_WINDOW = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")
_HOLIDAYS = re.compile(r"holidays=([A-Za-z]{2})(?:-([A-Za-z0-9]{1,3}))?")
_DAY = "(?:" + "|".join(WEEKDAYS) + ")"
_DAYS = re.compile(rf"daily|{_DAY}(?:-{_DAY})?(?:\.{_DAY}(?:-{_DAY})?)*")


@dataclass(frozen=True, slots=True)
class ExpressionDefaults:
    """What an expression means when it names no zone or holidays.

    Attributes:
        zone: The zone to use.
        holiday_source: Where holidays come from.
        holidays: The holidays to observe when the expression names none.
    """

    zone: ZoneInfo
    holiday_source: HolidaySource
    holidays: Holidays | None = None


def read_expression(text: str, defaults: ExpressionDefaults) -> Calendar:
    """Read a schedule expression.

    Args:
        text: The expression; letter case and extra spaces do not matter, but zone names are exact.
        defaults: The zone and holidays to use where it names none.

    Raises:
        InvalidScheduleError: It cannot be read; the error names the part and an example.
    """
    words = text.split()
    words, zone, holidays = _trailers(words, defaults)
    weekly: list[tuple[Window, ...]] = [()] * 7
    if not words:
        raise _invalid(text, "it names no days and hours")
    for part in " ".join(words).split("+"):
        days, windows = _part(part, text)
        for day in days:
            weekly[day] = tuple(sorted({*weekly[day], *windows}))
    return Calendar(" ".join(text.split()), zone, tuple(weekly), holidays)


def read_zone(name: str, where: str) -> ZoneInfo:
    """Find a time zone by its IANA name.

    Raises:
        InvalidScheduleError: There is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidScheduleError(
            where, f"{name!r} is no time zone", "use an IANA name such as Asia/Seoul or UTC"
        ) from error


def read_days(text: str, where: str) -> frozenset[int]:
    """Read weekdays such as ``mon-fri``, ``fri-mon``, ``mon.wed`` or ``daily`` (0 is Monday).

    Raises:
        InvalidScheduleError: A day is not known.
    """
    lowered = text.lower()
    if not _DAYS.fullmatch(lowered):
        raise InvalidScheduleError(
            where, f"{text!r} are no weekdays", "use mon, mon-fri, mon.wed.fri or daily"
        )
    if lowered == "daily":
        return frozenset(range(7))
    days: set[int] = set()
    for item in lowered.split("."):
        first, _, last = item.partition("-")
        begin = WEEKDAYS.index(first)
        length = (WEEKDAYS.index(last) - begin) % 7 if last else 0
        days.update((begin + step) % 7 for step in range(length + 1))
    return frozenset(days)


def read_window(text: str, where: str) -> Window:
    """Read opening hours such as ``09:00-18:00``, ``22:00-06:00`` or ``00:00-24:00``.

    Raises:
        InvalidScheduleError: They are no two wall-clock times, or enclose no time.
    """
    match = _WINDOW.fullmatch(text)
    if not match:
        raise InvalidScheduleError(where, f"{text!r} are no hours", "write them as 09:00-18:00")
    begin_hour, begin_minute, end_hour, end_minute = (int(group) for group in match.groups())
    midnight = (end_hour, end_minute) == (24, 0)
    try:
        begin = time(begin_hour, begin_minute)
        end = None if midnight else time(end_hour, end_minute)
    except ValueError as error:
        raise InvalidScheduleError(
            where, f"{text!r} are no hours", "use 00:00 to 24:00, for example 09:00-18:00"
        ) from error
    if begin == end:
        raise InvalidScheduleError(
            where, f"{text!r} encloses no time", "for the whole day write 00:00-24:00"
        )
    return Window.between(begin, end)


def read_date(text: str, where: str) -> date:
    """Read a date such as ``2026-12-24``.

    Raises:
        InvalidScheduleError: It is no ISO 8601 calendar date.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidScheduleError(
            where, f"{text!r} is no date", "write it as 2026-12-24"
        ) from error


def _trailers(
    words: list[str], defaults: ExpressionDefaults
) -> tuple[list[str], ZoneInfo, Holidays | None]:
    """Take the holidays and the zone off the end of an expression, in either order."""
    zone, holidays = defaults.zone, defaults.holidays
    words = list(words)
    while words and (match := _HOLIDAYS.fullmatch(words[-1])):
        holidays = _holidays(match, defaults.holiday_source)
        words.pop()
    if words and not _WINDOW.fullmatch(words[-1]) and not _DAYS.fullmatch(words[-1].lower()):
        zone = read_zone(words.pop(), "time zone")
    while words and (match := _HOLIDAYS.fullmatch(words[-1])):
        holidays = _holidays(match, defaults.holiday_source)
        words.pop()
    return words, zone, holidays


def _holidays(match: re.Match[str], source: HolidaySource) -> Holidays:
    country, subdivision = match.group(1).upper(), match.group(2)
    try:
        return source(country, subdivision.upper() if subdivision else None)
    except ValueError as error:
        raise InvalidScheduleError(
            match.group(0), str(error), "use ISO codes such as holidays=KR or holidays=US-CA"
        ) from error


def _part(part: str, text: str) -> tuple[frozenset[int], tuple[Window, ...]]:
    words = part.split()
    if len(words) < 2:  # noqa: PLR2004 - days and at least one window
        raise _invalid(text, f"{part.strip()!r} does not name days and hours")
    days = read_days(words[0], "days")
    return days, tuple(read_window(word, "hours") for word in words[1:])


def _invalid(text: str, problem: str) -> InvalidScheduleError:
    return InvalidScheduleError(
        f"schedule {text!r}", problem, f"write it as in {EXAMPLE!r} (days, hours, zone)"
    )
