"""Schedules made of periods, as Instance Scheduler on AWS defines and reads them.

A period says on which local days, and between which times of their wall clock, a resource runs.
Any period that runs wins over one without an opinion, and that over one that stops. Begin is
inclusive and end exclusive. All of it follows version 3.2.8, checked case by case, except for the
differences that docs/schedules-instance-scheduler.md lists with their reasons.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sagewarden.domain.schedules.cron_fields import Monthdays, Months, Weekdays
from sagewarden.domain.schedules.reading import InvalidScheduleError, Reading, Wanted

OVERRIDE_STATUS = "override_status"
"""What stands for a period's name when a schedule's override decides."""

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_MINUTES_PER_DAY = 24 * 60
_BEFORE_EVERY_BEGIN = -2 * _MINUTES_PER_DAY


@dataclass(frozen=True, slots=True)
class Period:
    """The days, and the part of each, in which a resource runs.

    A day must match all of weekdays, monthdays and months; one that is None matches every day.
    With neither begin nor end the whole day runs. With only a begin, or only an end, the period
    has no opinion before it. A begin later than the end crosses midnight, and the part after
    midnight belongs to the day before.

    Attributes:
        name: The period's name.
        begin: The whole minute of the schedule's wall clock at which running begins.
        end: The whole minute before which it ends; equal to begin, the period never runs.
        weekdays: The weekdays that match.
        monthdays: The days of the month that match.
        months: The months that match.
        instance_type: The instance type to run with, if any.

    Raises:
        ValueError: If begin or end is not a whole minute of a wall clock.
    """

    name: str
    begin: time | None = None
    end: time | None = None
    weekdays: Weekdays | None = None
    monthdays: Monthdays | None = None
    months: Months | None = None
    instance_type: str | None = None

    def __post_init__(self) -> None:
        for clock in (self.begin, self.end):
            if clock is not None and (clock.second or clock.microsecond or clock.tzinfo):
                raise ValueError(f"period {self.name!r}: {clock} is not a whole local minute")

    def applies_on(self, day: date) -> bool:
        """Tell whether a local day matches all of the period's day fields."""
        return all(
            field is None or field.matches(day)
            for field in (self.weekdays, self.months, self.monthdays)
        )

    @property
    def crosses_midnight(self) -> bool:
        """Whether the period ends on the day after the one it begins on."""
        return self.begin is not None and self.end is not None and self.begin > self.end

    def running_since(self, local: datetime) -> int | None:
        """When the run that covers a naive local moment began, in minutes from its midnight.

        It is negative for a run that began the day before; a period that runs all day began before
        every other. None means that the period does not run then.
        """
        day, clock = local.date(), local.time()
        if self.begin is None:
            runs = self.end is None and self.applies_on(day)
            return _BEFORE_EVERY_BEGIN if runs else None
        began = self.begin.hour * 60 + self.begin.minute
        crosses = self.crosses_midnight
        ended = self.end is not None and not crosses and clock >= self.end
        if clock >= self.begin and not ended and self.applies_on(day):
            return began
        if crosses and self.end is not None and clock < self.end and self.applies_on(day - _DAY):
            return began - _MINUTES_PER_DAY
        return None

    def undecided_until(self, local: datetime) -> time | None:
        """Until when a one-sided period has no opinion, if it has none at a naive local moment."""
        if (self.begin is None) == (self.end is None):
            return None
        first = self.end if self.begin is None else self.begin
        undecided = first is not None and local.time() < first and self.applies_on(local.date())
        return first if undecided else None

    def edges(self, day: date) -> Iterable[time]:
        """Yield the wall-clock times of a local day at which the period begins or ends."""
        applies = self.applies_on(day)
        if self.begin is not None and applies:
            yield self.begin
        ends = self.applies_on(day - _DAY) if self.crosses_midnight else applies
        if self.end is not None and ends:
            yield self.end

    def __str__(self) -> str:
        match self.begin, self.end:
            case None, None:
                hours = "all day"
            case begin, None:
                hours = f"from {begin:%H:%M}"
            case None, end:
                hours = f"until {end:%H:%M}"
            case begin, end:
                hours = f"{begin:%H:%M} to {end:%H:%M}"
        return f"period {self.name!r} ({hours})"


@dataclass(frozen=True, slots=True)
class PeriodSchedule:
    """A schedule of periods, read by the wall clock of its zone.

    A wall-clock hour that occurs twice in autumn is read the same both times, and one that is
    skipped in spring is not made up for. A single minute between two periods counts as running,
    so that 22:00-23:59 and 00:00-06:00 make one night.

    Attributes:
        name: The schedule's name.
        zone: The time zone whose wall clock the periods follow.
        periods: The periods; of those that run, the one that began latest decides.
        override_status: RUNNING or STOPPED at all times, whatever the periods say.
        stop_new_instances: Whether a resource seen for the first time outside its hours is stopped.
        enforced: Whether a resource that someone started or stopped by hand is put back.
        retain_running: Whether what was started by hand before a period survives its end.

    Raises:
        InvalidScheduleError: If there is neither a period nor an override.
    """

    name: str
    zone: ZoneInfo
    periods: tuple[Period, ...] = ()
    override_status: Wanted | None = None
    stop_new_instances: bool = True
    enforced: bool = False
    retain_running: bool = False

    def __post_init__(self) -> None:
        if not self.periods and self.override_status is None:
            raise InvalidScheduleError(
                f"schedule {self.name!r}, periods",
                "there is no period",
                "name at least one period, or set override_status to running or stopped",
            )

    def at(self, now: datetime) -> Reading:
        """Read the schedule at an aware datetime of any zone.

        Raises:
            ValueError: If `now` is naive.
        """
        if now.utcoffset() is None:
            raise ValueError(f"schedule {self.name!r} needs an aware datetime, not {now}")
        if self.override_status is not None:
            reason = f"{OVERRIDE_STATUS} of schedule {self.name!r} is {self.override_status}"
            return Reading(self.override_status, reason, OVERRIDE_STATUS)
        local = now.astimezone(self.zone).replace(tzinfo=None)
        reading = self._by_periods(local)
        if reading.wanted is Wanted.STOPPED and len(self.periods) > 1:
            return self._between_periods(local) or reading
        return reading

    def edges(self, day: date) -> Iterable[time]:
        """Return the times of a local day at which a period begins or ends, in order."""
        if self.override_status is not None:
            return ()
        return sorted({edge for period in self.periods for edge in period.edges(day)})

    def _by_periods(self, local: datetime) -> Reading:
        latest: tuple[int, Period] | None = None
        undecided: tuple[time, Period] | None = None
        for period in self.periods:
            if (since := period.running_since(local)) is not None:
                if latest is None or since > latest[0]:
                    latest = since, period
            elif (until := period.undecided_until(local)) is not None:
                undecided = undecided or (until, period)
        if latest is not None:
            period = latest[1]
            return Reading(Wanted.RUNNING, f"inside {period}", period.name, period.instance_type)
        if undecided is not None:
            until, period = undecided
            return Reading(Wanted.ANY, f"{period} has no opinion before {until:%H:%M}")
        return Reading(Wanted.STOPPED, f"outside every period of schedule {self.name!r}")

    def _between_periods(self, local: datetime) -> Reading | None:
        """Read a stopped moment as running if the minutes around it both run."""
        if self._by_periods(local - _MINUTE).wanted is not Wanted.RUNNING:
            return None
        following = self._by_periods(local + _MINUTE)
        if following.wanted is not Wanted.RUNNING:
            return None
        return replace(following, reason=f"in the minute before period {following.period!r}")
