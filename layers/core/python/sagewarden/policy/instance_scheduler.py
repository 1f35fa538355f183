"""Instance Scheduler on AWS: its periods and schedules, in its own field names."""

import re
from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from sagewarden.domain.schedules.instance_scheduler import PeriodSchedule, read_schedule
from sagewarden.domain.schedules.reading import InvalidScheduleError
from sagewarden.policy.problems import Finding, RefusedError
from sagewarden.policy.values import Name, PolicyModel, Switch, Zone

_PERIOD_AT_FAULT = re.compile(r", period '([^']+)'")


def _comma_separated(value: object) -> object:
    return [item.strip() for item in value.split(",")] if isinstance(value, str) else value


_Listed = Annotated[
    tuple[str, ...],
    Field(min_length=1),
    BeforeValidator(_comma_separated, json_schema_input_type=str | list[str | int]),
]


class PeriodDefinition(PolicyModel):
    """A period: the days that match all of its fields, and the part of them in which to run."""

    description: str | None = Field(default=None, description="For people; it has no effect.")
    begintime: str | None = Field(
        default=None, description="When running begins, HH:MM.", examples=["09:00"]
    )
    endtime: str | None = Field(
        default=None,
        description="Before when it ends, HH:MM; before `begintime` it means on the next day.",
        examples=["18:00"],
    )
    weekdays: _Listed | None = Field(
        default=None,
        description="Weekdays as that tool writes them: `mon-fri`, `sat#1`, `friL`.",
        examples=["mon-fri"],
    )
    monthdays: _Listed | None = Field(
        default=None, description="Days of the month: `1-5`, `15W`, `L`.", examples=["1-5"]
    )
    months: _Listed | None = Field(
        default=None, description="Months: `jan-mar`, `1/3`.", examples=["jan-mar"]
    )


class ScheduleDefinition(PolicyModel):
    """A schedule: the periods in which to run."""

    description: str | None = Field(default=None, description="For people; it has no effect.")
    timezone: Zone | None = Field(
        default=None,
        description="The IANA time zone of its wall clock; the policy's own unless given.",
        examples=["Asia/Seoul"],
    )
    periods: _Listed | None = Field(
        default=None,
        description="Names of periods. An instance type after `@` has no effect.",
        examples=[["office-hours"]],
    )
    override_status: str | None = Field(
        default=None, description="`running` or `stopped` at all times, whatever the periods say."
    )
    stop_new_instances: Switch = Field(
        default=True, description="Whether a resource first seen outside its hours is stopped."
    )
    enforced: Switch = Field(
        default=False, description="Whether what somebody started after hours is stopped again."
    )
    retain_running: Switch = Field(
        default=False, description="Whether what ran before a period began runs on at its end."
    )


class InstanceScheduler(PolicyModel):
    """Periods and schedules of Instance Scheduler on AWS, taken over as they are."""

    periods: dict[Name, PeriodDefinition] = Field(
        default={},
        description="Periods by name.",
        examples=[{"office-hours": {"begintime": "09:00", "endtime": "18:00"}}],
    )
    schedules: dict[Name, ScheduleDefinition] = Field(
        default={},
        description="Schedules by name, to be used wherever a calendar's name is.",
        examples=[{"office": {"timezone": "Asia/Seoul", "periods": ["office-hours"]}}],
    )

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        findings = tuple(dict.fromkeys(self._unreadable()))
        if findings:
            raise RefusedError(findings)
        return self

    def schedule(self, name: str, timezone: str) -> PeriodSchedule:
        """Read a schedule; without a time zone of its own it follows the one given.

        Raises:
            InvalidScheduleError: It cannot be read.
        """
        periods = {key: _fields(period) for key, period in self.periods.items()}
        fields = {"timezone": timezone, **_fields(self.schedules[name]), "name": name}
        return read_schedule(fields, periods)

    def _unreadable(self) -> Iterator[Finding]:
        for name in self.schedules:
            try:
                self.schedule(name, "UTC")
            except InvalidScheduleError as error:
                yield Finding(self._place(name, error.where), error.problem, error.remedy)

    def _place(self, schedule: str, where: str) -> tuple[str, ...]:
        """Find the place that an error speaks of: a field of the schedule or of a period."""
        field = next((word.strip() for word in reversed(where.split(","))), "")
        period = _PERIOD_AT_FAULT.search(where)
        if period and period[1] in self.periods:
            path = ("periods", period[1])
            return (*path, field) if field in PeriodDefinition.model_fields else path
        path = ("schedules", schedule)
        return (*path, field) if field in ScheduleDefinition.model_fields else path


def _fields(definition: PolicyModel) -> dict[str, object]:
    """What a definition says, without what it leaves out."""
    return definition.model_dump(exclude_none=True, exclude={"description"})
