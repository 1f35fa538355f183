"""Cloud Custodian's off-hours options, in its own option names."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from sagewarden.domain.schedules.custodian import OffHoursPolicy
from sagewarden.domain.schedules.custodian_skip_days import skip_days_from
from sagewarden.domain.schedules.reading import InvalidScheduleError
from sagewarden.policy.problems import Finding, RefusedError, shown
from sagewarden.policy.values import PolicyModel, Switch, TagKey, exact_date

CUSTODIAN = "custodian"
"""The name of the block, and what a rule's `outside` says to follow it."""

Hour = Annotated[int, Field(ge=0, le=23)]


def _day(value: object) -> object:
    return exact_date(value) if isinstance(value, str) else value


def _column_or_path(value: object) -> object:
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdecimal() else value
    if isinstance(value, int):
        return value
    raise RefusedError.because(f"{shown(value)} is no column", "write its number, or a path")


class SkipDaysFrom(PolicyModel):
    """Days to skip as a table. A policy is never fetched from elsewhere: `url` is not read."""

    content: str = Field(
        description="The table itself; cells that are no date are passed over.",
        examples=["2026-12-25,Christmas\n2027-01-01,New Year\n"],
    )
    format: Literal["csv", "csv2dict", "json", "txt"] = Field(
        default="csv", description="How to read it; `txt` has one date a line."
    )
    expr: Annotated[int | str, BeforeValidator(_column_or_path)] | None = Field(
        default=None,
        description="Where the dates are: the column of a `csv`, from 0, or a path as in "
        "Custodian. Every cell is looked at unless given.",
        examples=[0, "holidays[].date"],
    )

    @model_validator(mode="after")
    def _holds_dates(self) -> Self:
        if not self.days():
            remedy = "write dates as 2026-12-24, or remove skip-days-from"
            raise RefusedError.because("no date is found in it", remedy, "content")
        return self

    def days(self) -> frozenset[date]:
        """The dates of the table.

        Raises:
            InvalidScheduleError: The table, or the path to its dates, cannot be read.
        """
        return skip_days_from(self.content, self.format, self.expr)


class Custodian(PolicyModel):
    """The options of Cloud Custodian's `offhour` and `onhour` filters, for both of them at once.

    A rule follows them with `outside: custodian`; its notebooks may carry Custodian's tag.
    """

    default_tz: str = Field(
        description="The zone of a tag that names none, as Custodian spells it: a short name or an "
        "IANA name in lower case.",
        examples=["et", "asia/seoul"],
    )
    offhour: Hour = Field(description="The hour at which to stop.", examples=[19])
    onhour: Hour = Field(description="The hour at which to start.", examples=[7])
    tag: TagKey = Field(
        default="maid_offhours", description="The tag that is read, in any letter case."
    )
    opt_out: Switch = Field(
        default=False,
        alias="opt-out",
        description="Whether resources without the tag follow the options above, too.",
    )
    weekends: Switch = Field(
        default=True, description="Whether weekends are off: the default days are Monday to Friday."
    )
    weekends_only: Switch = Field(
        default=False,
        alias="weekends-only",
        description="Whether only weekends are off: stop on Friday, start on Monday.",
    )
    skip_days: tuple[Annotated[date, BeforeValidator(_day)], ...] = Field(
        default=(),
        alias="skip-days",
        description="Days on which nothing is stopped or started.",
        examples=[["2026-12-25"]],
    )
    skip_days_from: SkipDaysFrom | None = Field(
        default=None, alias="skip-days-from", description="The same, as a table."
    )
    fallback_schedule: str | None = Field(
        default=None,
        alias="fallback-schedule",
        description="What stands in for the tag where it is missing.",
        examples=["off=(M-F,19);on=(M-F,7)"],
    )

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        if self.skip_days and self.skip_days_from:
            problem = "skip-days stands here, too"
            raise RefusedError.because(problem, "keep one of them", "skip-days-from")
        try:
            self.off_hours()
        except InvalidScheduleError as error:
            raise RefusedError([self._finding(error)]) from error
        return self

    def off_hours(self) -> OffHoursPolicy:
        """The options as the domain reads them.

        Raises:
            InvalidScheduleError: They cannot be read.
        """
        days = self.skip_days_from.days() if self.skip_days_from else frozenset(self.skip_days)
        return OffHoursPolicy(
            default_tz=self.default_tz,
            offhour=self.offhour,
            onhour=self.onhour,
            tag=self.tag,
            opt_out=self.opt_out,
            weekends=self.weekends,
            weekends_only=self.weekends_only,
            skip_days=days,
            fallback_schedule=self.fallback_schedule,
        )

    def _finding(self, error: InvalidScheduleError) -> Finding:
        """Locate an error at the option it speaks of: a tag's text can only be the fallback's."""
        options = {field.alias or name for name, field in type(self).model_fields.items()}
        named = error.where.partition(",")[0]
        at = named if named in options else "fallback-schedule"
        return Finding((at,), error.problem, error.remedy)
