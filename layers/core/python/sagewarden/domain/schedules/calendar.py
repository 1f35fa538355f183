"""Our own calendars: weekly windows, public holidays and one-off dates by one zone's wall clock.

A window belongs to the local day it begins on, also when it crosses midnight. Times are read off
the wall clock: a window that begins in the hour skipped in spring begins when the clock jumps,
and an hour repeated in autumn counts both times.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sagewarden.domain.schedules.reading import Reading, Wanted

type Holidays = Callable[[date], str | None]
"""Names the public holiday of a local date, or answers None."""

type HolidaySource = Callable[[str, str | None], Holidays]
"""Finds the holidays of a country and subdivision (ISO 3166); ValueError when it knows neither."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_MINUTES_PER_DAY = 24 * 60
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Opening hours from one wall-clock minute to another.

    Attributes:
        begin: Minutes after local midnight, 0 to 1439.
        end: Minutes after the same midnight, beyond 1440 when the window crosses midnight.
    """

    begin: int
    end: int

    @classmethod
    def between(cls, begin: time, end: time | None) -> "Window":
        """The window between two wall-clock times.

        Args:
            begin: When it opens.
            end: When it closes; not after `begin` means on the next day, and None means at
                midnight (24:00).
        """
        opens = begin.hour * 60 + begin.minute
        closes = _MINUTES_PER_DAY if end is None else end.hour * 60 + end.minute
        return cls(opens, closes if closes > opens else closes + _MINUTES_PER_DAY)

    def __str__(self) -> str:
        return f"{_clock(self.begin)}-{_clock(self.end)}"


@dataclass(frozen=True, slots=True)
class Calendar:
    """When something should run; outside its windows it should be stopped.

    Attributes:
        name: As the policy or the tag calls it.
        zone: The time zone of its wall clock.
        weekly: The windows of each weekday, Monday first: seven entries.
        holidays: Names the holiday of a date; its windows are then closed.
        dates: The windows of single dates; they win over weekdays and holidays.
            No windows means closed all day.
    """

    name: str
    zone: ZoneInfo
    weekly: tuple[tuple[Window, ...], ...]
    holidays: Holidays | None = None
    dates: Mapping[date, tuple[Window, ...]] = field(
        default_factory=dict[date, tuple[Window, ...]], hash=False
    )

    def at(self, now: datetime) -> Reading:
        """Read the calendar at an aware datetime of any zone.

        Raises:
            ValueError: If `now` is naive.
        """
        if now.utcoffset() is None:
            raise ValueError(f"calendar {self.name!r} needs an aware datetime, not {now}")
        local = now.astimezone(self.zone)
        minutes = local.hour * 60 + local.minute
        today = local.date()
        for window in self.windows(today):
            if window.begin <= minutes < window.end:
                return self._open(window)
        for window in self.windows(today - _DAY):
            if minutes < window.end - _MINUTES_PER_DAY:
                return self._open(window)
        return Reading(Wanted.STOPPED, self._why_closed(today))

    def edges(self, day: date) -> Iterator[time]:
        """The wall-clock times at which windows begin or end on a local day."""
        for window in self.windows(day):
            yield _time(window.begin)
            yield _time(window.end)
        for window in self.windows(day - _DAY):
            yield _time(window.end)

    def windows(self, day: date) -> tuple[Window, ...]:
        """The windows that begin on a local day."""
        special = self.dates.get(day)
        if special is not None:
            return special
        if self.holidays and self.holidays(day):
            return ()
        return self.weekly[day.weekday()]

    def _open(self, window: Window) -> Reading:
        return Reading(Wanted.RUNNING, f"{self.name} is open {window}", period=str(window))

    def _why_closed(self, day: date) -> str:
        if self.dates.get(day) == ():
            return f"{self.name} is closed on {day.isoformat()}"
        holiday = self.holidays(day) if self.holidays and day not in self.dates else None
        if holiday:
            return f"{self.name} is closed: {holiday}"
        windows = ", ".join(str(window) for window in self.windows(day))
        opening = f"open {windows}" if windows else f"closed on {day:%A}s"
        return f"outside {self.name} ({opening}, {self.zone.key})"


def every(days: Iterable[int], windows: tuple[Window, ...]) -> tuple[tuple[Window, ...], ...]:
    """A week with the same windows on some weekdays (0 is Monday) and none on the others."""
    chosen = frozenset(days)
    return tuple(tuple(sorted(windows)) if day in chosen else () for day in range(7))


def _time(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)


def _clock(minutes: int) -> str:
    if minutes == _MINUTES_PER_DAY:
        return "24:00"
    return _time(minutes).strftime("%H:%M")
