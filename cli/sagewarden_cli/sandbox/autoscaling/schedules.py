"""When a scheduled action is due: ``at(...)``, ``rate(...)`` and ``cron(...)``."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from sagewarden_cli.sandbox.autoscaling.cron import Cron, parsed_cron

_EXPRESSION = re.compile(r"(at|rate|cron)\((.*)\)")
_RATE = re.compile(r"(\d+) (minute|hour|day)(s?)")
_AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?")


@dataclass(frozen=True, slots=True)
class At:
    """One moment in UTC."""

    moment: datetime


@dataclass(frozen=True, slots=True)
class Rate:
    """Every so often."""

    every: timedelta


@dataclass(frozen=True, slots=True)
class Schedule:
    """When something fires, over and over or once.

    Attributes:
        what: The parsed expression.
        zone: The time zone in which a cron expression is meant.
        since: From when rates are counted: the start time, or when the action was made.
        start: Before this nothing recurs.
        end: After this nothing recurs.
    """

    what: At | Rate | Cron
    zone: ZoneInfo
    since: datetime
    start: datetime | None = None
    end: datetime | None = None

    def next_after(self, moment: datetime) -> datetime | None:
        """Return when it fires next after ``moment``; None if never again.

        A rate fires first at its start time, or one interval after it was made without one.
        Start and end bound what recurs, inclusively; ``at`` names its own moment.
        """
        if isinstance(self.what, At):
            return self.what.moment if self.what.moment > moment else None
        if self.start is not None and self.start > moment:
            moment = self.start - timedelta(microseconds=1)
        if isinstance(self.what, Cron):
            due = self.what.next_after(moment, self.zone)
        else:
            rounds = (moment - self.since) // self.what.every + 1
            due = self.since + max(rounds, 0) * self.what.every
        return None if due is None or (self.end is not None and due > self.end) else due


def parsed_expression(expression: str, zone: ZoneInfo) -> At | Rate | Cron:
    """Read a schedule expression.

    Raises:
        ValueError: It is none; the message says why.
    """
    found = _EXPRESSION.fullmatch(expression)
    if found is None:
        raise ValueError("give at(yyyy-mm-ddThh:mm:ss), rate(value unit) or cron(six fields)")
    kind, inside = found.groups()
    if kind == "cron":
        return parsed_cron(inside)
    return _at(inside, zone) if kind == "at" else _rate(inside)


def zone_named(name: str) -> ZoneInfo:
    """Return the time zone of an IANA name.

    Raises:
        ValueError: There is none of that name.
    """
    if name not in _zone_names():
        raise ValueError(f"{name} is no IANA time zone")
    return ZoneInfo(name)


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones())


def _at(inside: str, zone: ZoneInfo) -> At:
    if not _AT.fullmatch(inside):
        raise ValueError(f"at({inside}) must be of the form at(yyyy-mm-ddThh:mm:ss)")
    return At(datetime.fromisoformat(inside).replace(tzinfo=zone).astimezone(UTC))


def _rate(inside: str) -> Rate:
    found = _RATE.fullmatch(inside)
    if found is None or int(found.group(1)) < 1:
        raise ValueError(f"rate({inside}) must be of the form rate(5 minutes)")
    value, unit, plural = int(found.group(1)), found.group(2), found.group(3)
    if bool(plural) != (value > 1):
        raise ValueError(f"rate({inside}): write 1 {unit}, but 2 {unit}s")
    return Rate(timedelta(**{f"{unit}s": value}))
