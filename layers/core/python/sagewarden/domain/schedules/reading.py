"""What a schedule says of one moment, and what a schedule is."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo


class Wanted(StrEnum):
    """The state a schedule wants a resource to be in."""

    RUNNING = "running"
    STOPPED = "stopped"
    ANY = "any"
    """The schedule has no opinion: leave the resource as it is."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a schedule says of one moment.

    Attributes:
        wanted: The state the resource should be in.
        reason: Why, in words an owner understands.
        period: The name of the window or period that decided, where it has one.
        instance_type: The instance type the deciding period asks for, if any.
    """

    wanted: Wanted
    reason: str
    period: str | None = None
    instance_type: str | None = None


@dataclass(frozen=True, slots=True)
class OptedOut:
    """A resource follows no schedule, and why."""

    reason: str


class InvalidScheduleError(ValueError):
    """A schedule cannot be read; whoever wrote it is told what would be right.

    Attributes:
        where: The part of the expression or field that is wrong.
        problem: What is wrong with it.
        remedy: What would be right.
    """

    def __init__(self, where: str, problem: str, remedy: str) -> None:
        super().__init__(f"{where}: {problem}; {remedy}")
        self.where = where
        self.problem = problem
        self.remedy = remedy


class Schedule(Hashable, Protocol):
    """When something should run, by the wall clock of one time zone; equal ones hash alike."""

    @property
    def zone(self) -> ZoneInfo:
        """The time zone whose wall clock the schedule follows."""
        ...

    def at(self, now: datetime) -> Reading:
        """Read the schedule at an aware datetime of any zone."""
        ...

    def edges(self, day: date) -> Iterable[time]:
        """Wall-clock times of a local day at which `at` may change its answer.

        Midnight and the zone's own offset changes always count and need not be named.
        """
        ...
