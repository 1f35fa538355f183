"""Calendars as a policy writes them, and their weeks as the domain reads them."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from sagewarden.domain.schedules.calendar import WEEKDAYS, Window, every
from sagewarden.domain.schedules.expression import read_date, read_days, read_window
from sagewarden.domain.schedules.reading import InvalidScheduleError
from sagewarden.policy.problems import Finding, RefusedError, shown
from sagewarden.policy.values import PolicyModel, Zone, exact_date, one_or_more

CLOSED = "closed"

_COUNTRY = re.compile(r"[A-Za-z]{2}")
_SUBDIVISION = re.compile(r"[A-Za-z0-9]{1,3}")


def _days(text: str) -> str:
    read_days(text, "weekdays")
    return text


def _hours(text: str) -> str:
    read_window(text, "hours")
    return text


def _clock_time(text: str) -> str:
    try:
        read_window(f"{text}-{'00:00' if text != '00:00' else '24:00'}", "time")
    except InvalidScheduleError as error:
        problem = f"{shown(text)} is no time of day"
        raise RefusedError.because(problem, 'write it as "09:00"') from error
    return text


def _closing_time(text: str) -> str:
    return text if text == "24:00" else _clock_time(text)


def _hours_or_closed(value: object) -> object:
    return () if value == CLOSED else one_or_more(value)


def _country_and_subdivision(value: object) -> object:
    """Read ``US-CA`` as country and subdivision (ISO 3166-2)."""
    if not isinstance(value, str):
        return value
    country, dash, subdivision = value.partition("-")
    return {"country": country, "subdivision": subdivision} if dash else {"country": country}


def _country(text: str) -> str:
    if not _COUNTRY.fullmatch(text):
        problem = f"{shown(text)} is no country code"
        raise RefusedError.because(problem, "use two letters of ISO 3166-1, as in KR or US-CA")
    return text.upper()


def _subdivision(text: str) -> str:
    if not _SUBDIVISION.fullmatch(text):
        problem = f"{shown(text)} is no subdivision code"
        raise RefusedError.because(problem, "use what follows the dash in ISO 3166-2, as in US-CA")
    return text.upper()


def _date(text: str) -> str:
    return exact_date(text).isoformat()


Days = Annotated[str, AfterValidator(_days)]
Hours = Annotated[
    str,
    AfterValidator(_hours),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,2}:\d{2}-\d{1,2}:\d{2}$"}),
]
_CLOCK_SCHEMA = WithJsonSchema({"type": "string", "pattern": r"^\d{1,2}:\d{2}$"})
NamedHours = Annotated[list[Hours], Field(min_length=1)]
OneOrMoreHours = Annotated[
    tuple[Hours, ...],
    Field(min_length=1),
    BeforeValidator(one_or_more, json_schema_input_type=Hours | NamedHours),
]
HoursOrClosed = Annotated[
    tuple[Hours, ...],
    BeforeValidator(
        _hours_or_closed, json_schema_input_type=Literal["closed"] | Hours | NamedHours
    ),
]


class Holidays(PolicyModel):
    """Whose public holidays a calendar observes. `KR` and `US-CA` are short for it."""

    country: Annotated[str, AfterValidator(_country)] = Field(
        description="The country's two letters (ISO 3166-1).", examples=["KR"]
    )
    subdivision: Annotated[str, AfterValidator(_subdivision)] | None = Field(
        default=None,
        description="The state or province, as ISO 3166-2 writes it after the dash.",
        examples=["CA"],
    )


class CalendarModel(PolicyModel):
    """When something should run, by the wall clock of one time zone; else it should be stopped.

    Its hours are given in one of three ways: `from` and `to`; `hours` for several windows a day;
    or `week` for other hours on other weekdays. A window that ends before it begins crosses
    midnight and belongs to the day it begins on. `dates` win over holidays, holidays over
    weekdays.
    """

    weekdays: Annotated[
        tuple[Days, ...],
        Field(min_length=1),
        BeforeValidator(one_or_more, json_schema_input_type=Days | list[Days]),
    ] = Field(
        default=("mon-fri",),
        description="The days on which `from` and `to`, or `hours`, apply: `mon-fri`, `fri-mon`, "
        "`daily`, or a list. Not together with `week`.",
        examples=["mon-fri", ["mon", "wed", "fri"]],
    )
    opens: Annotated[str, AfterValidator(_clock_time), _CLOCK_SCHEMA] | None = Field(
        default=None, alias="from", description="When it opens.", examples=["09:00"]
    )
    closes: Annotated[str, AfterValidator(_closing_time), _CLOCK_SCHEMA] | None = Field(
        default=None,
        alias="to",
        description="When it closes, up to `24:00`; not after `from` means on the next day.",
        examples=["18:00"],
    )
    hours: OneOrMoreHours | None = Field(
        default=None,
        description="The windows of a day, instead of `from` and `to`.",
        examples=[["09:00-12:00", "13:00-18:00"]],
    )
    week: dict[Days, OneOrMoreHours] | None = Field(
        default=None,
        min_length=1,
        description="The windows by weekday, instead of the above; days not named are closed.",
        examples=[{"mon-thu": ["09:00-12:00", "13:00-18:00"], "fri": "09:00-15:00"}],
    )
    holidays: (
        Annotated[
            Holidays,
            BeforeValidator(_country_and_subdivision, json_schema_input_type=str | Holidays),
        ]
        | None
    ) = Field(
        default=None,
        description="Public holidays, on which it is closed: `KR`, `US-CA`, or country and "
        "subdivision. None are observed unless named.",
        examples=["KR", "US-CA"],
    )
    timezone: Zone | None = Field(
        default=None,
        description="The IANA time zone of its wall clock; the policy's own unless given.",
        examples=["Asia/Seoul"],
    )
    dates: dict[Annotated[str, AfterValidator(_date)], HoursOrClosed] = Field(
        default={},
        description="Single dates that are `closed` or have other hours, whatever the weekday.",
        examples=[{"2026-12-24": ["09:00-12:00"], "2026-12-25": "closed"}],
    )

    @model_validator(mode="after")
    def _says_its_hours_once(self) -> Self:
        findings = tuple(self._contradictions())
        if findings:
            raise RefusedError(findings)
        return self

    def weekly(self) -> tuple[tuple[Window, ...], ...]:
        """The windows of each weekday, Monday first."""
        if self.week is not None:
            days = [(read_days(name, name), _windows(hours)) for name, hours in self.week.items()]
            return tuple(
                next((windows for chosen, windows in days if day in chosen), ())
                for day in range(len(WEEKDAYS))
            )
        hours = self.hours or (f"{self.opens}-{self.closes}",)
        chosen = frozenset().union(*(read_days(name, "weekdays") for name in self.weekdays))
        return every(chosen, _windows(hours))

    def special_dates(self) -> dict[date, tuple[Window, ...]]:
        """The windows of single dates."""
        return {read_date(day, "dates"): _windows(hours) for day, hours in self.dates.items()}

    def _contradictions(self) -> Iterator[Finding]:
        given = self.model_fields_set
        ways = [
            name
            for name, fields in (
                ("from and to", {"opens", "closes"}),
                ("hours", {"hours"}),
                ("week", {"week"}),
            )
            if fields & given
        ]
        if not ways:
            yield Finding((), "it has no hours", 'give from and to: from: "09:00", to: "18:00"')
        elif len(ways) > 1:
            yield Finding((), f"it has both {' and '.join(ways)}", "give its hours in one way")
        elif ways == ["from and to"] and (self.opens is None or self.closes is None):
            missing = "from" if self.opens is None else "to"
            yield Finding((missing,), "it is missing", "from and to belong together")
        elif self.opens is not None and self.opens == self.closes:
            yield Finding(
                ("to",), "it opens and closes at the same time", "for the whole day use 24:00"
            )
        if self.week is not None:
            if "weekdays" in given:
                yield Finding(
                    ("weekdays",), "week names its weekdays itself", "remove weekdays, or use hours"
                )
            yield from _days_named_twice(self.week)


def _days_named_twice(week: Iterable[str]) -> Iterator[Finding]:
    named: frozenset[int] = frozenset()
    for name in week:
        days = read_days(name, "week")
        if again := ", ".join(WEEKDAYS[day] for day in sorted(days & named)):
            yield Finding(
                ("week", name), f"{again} is named twice", "name each day once", on_key=True
            )
        named |= days


def _windows(hours: Iterable[str]) -> tuple[Window, ...]:
    return tuple(sorted({read_window(text, "hours") for text in hours}))
