"""Reading the definitions of Instance Scheduler on AWS: what its users already have written down.

The spellings of its configuration table (`override_status`), of its command line's output and of
its CloudFormation resource (`OverrideStatus`) all name the same fields. Facts about the format
were taken from, and checked against, version 3.2.8.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sagewarden.domain.schedules.cron_fields import parse_monthdays, parse_months, parse_weekdays
from sagewarden.domain.schedules.period_schedule import Period, PeriodSchedule
from sagewarden.domain.schedules.reading import InvalidScheduleError, Wanted

__all__ = ["Period", "PeriodSchedule", "read_schedule"]

DEFAULT_ZONE = "UTC"

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_OVERRIDES = {"running": Wanted.RUNNING, "stopped": Wanted.STOPPED}
_BOOLEANS = {"true": True, "false": False}

_WHEN = ("begintime", "endtime", "weekdays", "monthdays", "months")
_PERIOD_FIELDS = ("name", *_WHEN, "instancetype")
_SCHEDULE_FIELDS = (
    *("name", "timezone", "periods", "override_status"),
    *("stop_new_instances", "enforced", "retain_running"),
)
_WITHOUT_EFFECT = (
    *("type", "description", "configured_in_stack", "overwrite", "hibernate"),
    *("use_maintenance_window", "ssm_maintenance_window", "metrics", "use_metrics"),
    *("service_token", "timeout", "no_stack_prefix"),
)
"""Fields of the original that say nothing about when a SageMaker resource runs."""


def read_schedule(
    definition: Mapping[str, object],
    periods: Mapping[str, Mapping[str, object]] = {},
) -> PeriodSchedule:
    """Read a schedule definition in the JSON form of Instance Scheduler on AWS.

    Args:
        definition: The schedule. Its periods are whole definitions, or names that `periods`
            explains, each optionally followed by `@` and an instance type. A list may also be
            written as one comma-separated string. Without a time zone it follows UTC.
        periods: Period definitions by name.

    Raises:
        InvalidScheduleError: If anything cannot be read; it names the schedule, period and field.
    """
    unnamed = _Fields.of(definition, _SCHEDULE_FIELDS, "schedule")
    name = unnamed.text("name")
    if name is None:
        raise InvalidScheduleError(unnamed.at("name"), "it is missing", "give the schedule a name")
    fields = replace(unnamed, where=f"schedule {name!r}")
    fields.refuse_unknown(_SCHEDULE_FIELDS)
    return PeriodSchedule(
        name=name,
        zone=_zone(fields),
        periods=tuple(_periods(name, fields, periods)),
        override_status=_override(fields),
        stop_new_instances=fields.boolean("stop_new_instances", default=True),
        enforced=fields.boolean("enforced", default=False),
        retain_running=fields.boolean("retain_running", default=False),
    )


@dataclass(frozen=True, slots=True)
class _Fields:
    """The fields of one definition by their names in the configuration table, and its place."""

    where: str
    values: Mapping[str, object]

    @classmethod
    def of(cls, definition: object, known: Iterable[str], where: str) -> "_Fields":
        """Bring the spellings of a definition's field names together."""
        if not isinstance(definition, Mapping):
            raise InvalidScheduleError(where, f"{definition!r} is no object", "give its fields")
        official = {_folded(field): field for field in (*known, *_WITHOUT_EFFECT)}
        values: dict[str, object] = {}
        for key, value in definition.items():
            field = official.get(_folded(key), str(key))
            if field in values:
                raise InvalidScheduleError(f"{where}, {field}", "it is given twice", "give it once")
            values[field] = value
        return cls(where, values)

    def refuse_unknown(self, known: Iterable[str]) -> None:
        """Refuse a field that the original does not have: a typing error would go unnoticed."""
        for field in self.values:
            if field not in {*known, *_WITHOUT_EFFECT}:
                remedy = f"the fields are {', '.join(known)}"
                raise InvalidScheduleError(self.at(field), "there is no such field", remedy)

    def at(self, field: str) -> str:
        """Name the place of a field."""
        return f"{self.where}, {field}"

    def value(self, field: str) -> object:
        """Return a field's value, or None without it; empty text is no value."""
        value = self.values.get(field)
        return None if value == "" else value

    def text(self, field: str) -> str | None:
        """Return a field that must be text, or None without it."""
        value = self.value(field)
        if value is not None and not isinstance(value, str):
            raise InvalidScheduleError(self.at(field), f"{value!r} is no text", "put it in quotes")
        return value

    def boolean(self, field: str, *, default: bool) -> bool:
        """Return a field that is true or false, also as text in any case."""
        value = self.value(field)
        if value is None:
            return default
        if isinstance(value, str):
            value = _BOOLEANS.get(value.lower(), value)
        if not isinstance(value, bool):
            raise InvalidScheduleError(self.at(field), f"{value!r} is no boolean", "true or false")
        return value

    def items(self, field: str) -> list[object] | None:
        """Return a field that is a list, a set or comma-separated text, or None without it."""
        value = self.value(field)
        match value:
            case None:
                return None
            case str():
                return [item.strip() for item in value.split(",")]
            case list() | tuple():
                return list(value)
            case set() | frozenset():
                return sorted(value, key=str)
            case _:
                remedy = "give a list, or text with commas"
                raise InvalidScheduleError(self.at(field), f"{value!r} is no list", remedy)


def _zone(fields: _Fields) -> ZoneInfo:
    name = fields.text("timezone") or DEFAULT_ZONE
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        remedy = "use a name of the IANA time zone database, exactly as written there: Asia/Seoul"
        raise InvalidScheduleError(
            fields.at("timezone"), f"{name!r} is no known time zone", remedy
        ) from error


def _override(fields: _Fields) -> Wanted | None:
    status = fields.text("override_status")
    if status is None:
        return None
    if status.lower() not in _OVERRIDES:
        raise InvalidScheduleError(
            fields.at("override_status"), f"{status!r} is no status", "use running or stopped"
        )
    return _OVERRIDES[status.lower()]


def _periods(
    schedule: str, fields: _Fields, periods: Mapping[str, Mapping[str, object]]
) -> Iterable[Period]:
    """Read a schedule's periods, whether they stand in it or are referred to by name."""
    for place, item in enumerate(fields.items("periods") or (), start=1):
        if isinstance(item, str):
            yield _referred_to(item, fields, periods)
        else:
            # CloudFormation's periods are nameless; the original numbers them like this.
            yield _period(item, fields, default_name=f"{schedule}-period-{place:04}")


def _referred_to(
    reference: str, fields: _Fields, periods: Mapping[str, Mapping[str, object]]
) -> Period:
    name, *types = reference.split("@")
    if name not in periods:
        known = ", ".join(sorted(map(str, periods))) or "none"
        raise InvalidScheduleError(
            fields.at("periods"), f"there is no period {name!r}", f"the periods are: {known}"
        )
    period = _period(periods[name], fields, default_name=name)
    instance_type = (types[0] if types else None) or period.instance_type
    return replace(period, name=name, instance_type=instance_type)


def _period(definition: object, schedule: _Fields, default_name: str) -> Period:
    unnamed = _Fields.of(definition, _PERIOD_FIELDS, f"{schedule.where}, period {default_name!r}")
    name = unnamed.text("name") or default_name
    fields = replace(unnamed, where=f"{schedule.where}, period {name!r}")
    fields.refuse_unknown(_PERIOD_FIELDS)
    if all(fields.value(field) is None for field in _WHEN):
        raise InvalidScheduleError(fields.where, "it says nothing", f"give {' or '.join(_WHEN)}")
    return Period(
        name=name,
        begin=_clock(fields, "begintime"),
        end=_clock(fields, "endtime"),
        weekdays=_days(fields, "weekdays", parse_weekdays),
        monthdays=_days(fields, "monthdays", parse_monthdays),
        months=_days(fields, "months", parse_months),
        instance_type=fields.text("instancetype"),
    )


def _clock(fields: _Fields, field: str) -> time | None:
    text = fields.text(field)
    if text is None:
        return None
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise InvalidScheduleError(
            fields.at(field), f"{text!r} is no time of day", "use HH:MM from 00:00 to 23:59"
        )
    return time(int(match[1]), int(match[2]))


def _days[Field](fields: _Fields, field: str, parse: Callable[[str, str], Field]) -> Field | None:
    items = fields.items(field)
    return None if items is None else parse(",".join(map(str, items)), fields.at(field))


def _folded(field: object) -> str:
    return str(field).replace("_", "").lower()
