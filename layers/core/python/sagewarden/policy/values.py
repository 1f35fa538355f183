"""The kinds of value that a policy is written in, each with the error that says what is right."""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

from sagewarden.domain.addresses import AddressKind, kind_of_address
from sagewarden.domain.schedules.expression import read_date, read_zone
from sagewarden.policy.problems import Finding, RefusedError, shown

_DURATION = re.compile(r"(\d{1,6})([mhd])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]+){1,2}-\d{1,2}")
_ACCOUNT = re.compile(r"\d{12}")
_UNIT = re.compile(r"r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}")
"""As AWS Organizations writes the ids of roots and of organisational units (its API reference)."""
_SWITCHES = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
ENABLED = "enabled"
"""Stands for every region that an account has enabled."""
_LONGEST_TAG_KEY = 128
_LONGEST_TAG_VALUE = 256


class PolicyModel(BaseModel):
    """A part of the policy: unknown keys are refused, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def suggestion(word: str, known: Iterable[str]) -> str:
    """Say which of the known words was probably meant, or else which there are."""
    names = sorted(known)
    close = get_close_matches(word.lower(), names, n=1) or get_close_matches(word, names, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"use one of {', '.join(names)}" if names else "there is none to use"


def read_duration(text: object) -> object:
    """Read a duration such as ``30m``, ``48h`` or ``7d``; anything but text is left as it is.

    Raises:
        RefusedError: It is no such duration.
    """
    if not isinstance(text, str):
        return text
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        problem = f"{shown(text)} is no duration"
        raise RefusedError.because(problem, "write minutes, hours or days as in 30m, 48h or 7d")
    return int(match[1]) * _UNITS[match[2]]


def spell_duration(length: timedelta) -> str:
    """Write a duration as a policy does: in days from three on, else in hours or minutes."""
    days, hours = _UNITS["d"], _UNITS["h"]
    if length > 2 * days and not length % days:
        return f"{length // days}d"
    if length >= hours and not length % hours:
        return f"{length // hours}h"
    return f"{length // _UNITS['m']}m"


def exact_date(text: str) -> date:
    """Read a date, in the one spelling in which no two keys can mean the same day.

    Raises:
        ValueError: It is no date such as ``2026-12-24``.
    """
    day = read_date(text, "date")
    if day.isoformat() != text:
        raise RefusedError.because(f"{shown(text)} is no date", "write it as 2026-12-24")
    return day


def between(shortest: timedelta, longest: timedelta, why: str = "") -> AfterValidator:
    """Demand that a duration lies within bounds, both included; `why` explains the longest."""

    def check(length: timedelta) -> timedelta:
        if shortest <= length <= longest:
            return length
        bounds = f"{spell_duration(shortest)} to {spell_duration(longest)}"
        reason = f": {why}" if why and length > longest else ""
        raise RefusedError.because(
            f"{spell_duration(length)} is out of bounds{reason}", f"use {bounds}"
        )

    return AfterValidator(check)


def whole_hours(length: timedelta) -> timedelta:
    """Demand that a duration is a number of whole hours."""
    if length % _UNITS["h"]:
        raise RefusedError.because(
            f"{spell_duration(length)} are no whole hours",
            "use whole hours: CloudWatch is read hour by hour",
        )
    return length


def one_or_more(value: object) -> object:
    """Read a single text as a list of one."""
    return [value] if isinstance(value, str) else value


def each_of(value: object) -> list[object]:
    """What is listed, before it is checked: a single value is a list of one."""
    return value if isinstance(value, list) else [value]


def all_among(value: object, words: tuple[str, ...]) -> bool:
    """Whether something is listed, and each of it is one of some words."""
    listed = each_of(value)
    return bool(listed) and all(item in words for item in listed)


def distinct(values: tuple[str, ...]) -> tuple[str, ...]:
    """Demand that nothing is listed twice."""
    repeated = [
        Finding((position,), f"{shown(value)} is listed twice", "list it once")
        for position, value in enumerate(values)
        if value in values[:position]
    ]
    if repeated:
        raise RefusedError(repeated)
    return values


def told_apart(names: dict[str, str]) -> dict[str, str]:
    """Demand that names differ in more than letter case, in which they are not compared."""
    first: dict[str, str] = {}
    repeated = [
        Finding(
            (name,),
            f"{shown(name)} is listed already, as {shown(known)}",
            "list it once",
            on_key=True,
        )
        for name in names
        if (known := first.setdefault(name.casefold(), name)) != name
    ]
    if repeated:
        raise RefusedError(repeated)
    return names


def read_switch(value: object) -> object:
    """Read ``true``, ``yes``, ``on`` and their contraries; anything else is left as it is."""
    if isinstance(value, str):
        return _SWITCHES.get(value.lower(), value)
    return value


def _accounts(value: object) -> object:
    return () if value == "self" else one_or_more(value)


def _version(value: object) -> object:
    return 1 if value == "1" else value


def _zone(name: str) -> str:
    read_zone(name, "timezone")
    return name


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        problem = f"{shown(text)} is no name"
        raise RefusedError.because(
            problem,
            "use up to 64 letters, digits, '.', '_' and '-', beginning with a letter or digit",
        )
    return text


def _tag_key(text: str) -> str:
    if not text.strip() or text != text.strip() or len(text) > _LONGEST_TAG_KEY:
        problem = f"{shown(text)} is no tag key"
        raise RefusedError.because(problem, "use 1 to 128 characters without spaces at the ends")
    return text


def _tag_value(text: str) -> str:
    if not text.strip() or text != text.strip() or len(text) > _LONGEST_TAG_VALUE:
        problem = f"{shown(text)} is no tag value"
        raise RefusedError.because(problem, "use 1 to 256 characters without spaces at the ends")
    return text


def _glob(text: str) -> str:
    if not text or text != text.strip():
        problem = f"{shown(text)} is no pattern"
        raise RefusedError.because(problem, 'write text, where * stands for any: "team-a-*"')
    return text


def _words(text: str) -> str:
    if not text.strip():
        raise RefusedError.because(f"{shown(text)} says nothing", "write it in words")
    return text.strip()


def _day(value: object) -> object:
    return exact_date(value) if isinstance(value, str) else value


def _region(text: str) -> str:
    if not _REGION.fullmatch(text):
        problem = f"{shown(text)} is no AWS region"
        raise RefusedError.because(problem, "use a region's code such as us-east-1")
    return text


def _target_region(text: str) -> str:
    return text if text == ENABLED else _region(text)


def _enabled_alone(values: tuple[str, ...]) -> tuple[str, ...]:
    if ENABLED in values and len(values) > 1:
        problem = "'enabled' means every region, and others are listed beside it"
        raise RefusedError.because(problem, "write regions: enabled, or list regions")
    return values


def _account(text: str) -> str:
    if not _ACCOUNT.fullmatch(text):
        problem = f"{shown(text)} is no AWS account id"
        raise RefusedError.because(problem, "use its 12 digits, or write accounts: self")
    return text


def _unit(text: str) -> str:
    if not _UNIT.fullmatch(text):
        problem = f"{shown(text)} is no organisational unit"
        raise RefusedError.because(
            problem, "use the id of a unit or root: ou-ab12-cdefgh34, r-ab12"
        )
    return text


def _excepted(text: str) -> str:
    if not _ACCOUNT.fullmatch(text) and not text.startswith("ou-"):
        problem = f"{shown(text)} is no account and no organisational unit"
        raise RefusedError.because(
            problem, "use 12 digits, or a unit's id such as ou-ab12-cdefgh34"
        )
    return text if _ACCOUNT.fullmatch(text) else _unit(text)


def _channel(text: str) -> str:
    if kind_of_address(text) is not AddressKind.CHANNEL:
        problem = f"{shown(text)} is no Slack channel"
        raise RefusedError.because(problem, 'write it quoted, as in "#ml-costs", or give its id')
    return text


def _approver(text: str) -> str:
    if kind_of_address(text) in {None, AddressKind.CHANNEL}:
        problem = f"{shown(text)} is no Slack user or group"
        raise RefusedError.because(
            problem, 'write it quoted, as in "@ml-platform", or give an e-mail address or an id'
        )
    return text


def _address(text: str) -> str:
    if kind_of_address(text) is None:
        problem = f"{shown(text)} is nobody in Slack"
        raise RefusedError.because(
            problem, 'write an e-mail address, an id, or quoted a "@group" or a "#channel"'
        )
    return text


Unit = Annotated[
    str,
    AfterValidator(_unit),
    WithJsonSchema({"type": "string", "pattern": f"^({_UNIT.pattern})$"}),
]
Units = Annotated[
    tuple[Unit, ...],
    Field(min_length=1),
    AfterValidator(distinct),
    BeforeValidator(
        one_or_more, json_schema_input_type=Unit | Annotated[list[Unit], Field(min_length=1)]
    ),
]
Excepted = Annotated[
    tuple[Annotated[str, AfterValidator(_excepted)], ...],
    AfterValidator(distinct),
    BeforeValidator(one_or_more, json_schema_input_type=str | list[str]),
]
Version = Annotated[Literal[1], BeforeValidator(_version)]
Switch = Annotated[bool, BeforeValidator(read_switch)]
Zone = Annotated[str, AfterValidator(_zone)]
Name = Annotated[
    str, AfterValidator(_name), WithJsonSchema({"type": "string", "pattern": f"^{_NAME.pattern}$"})
]
TagKey = Annotated[str, AfterValidator(_tag_key), Field(min_length=1)]
TagValue = Annotated[str, AfterValidator(_tag_value), Field(min_length=1)]
Region = Annotated[
    str,
    AfterValidator(_region),
    WithJsonSchema({"type": "string", "pattern": f"^{_REGION.pattern}$"}),
]
Account = Annotated[
    str,
    AfterValidator(_account),
    WithJsonSchema({"type": "string", "pattern": f"^{_ACCOUNT.pattern}$"}),
]
Words = Annotated[str, AfterValidator(_words), Field(min_length=1)]
Day = Annotated[date, BeforeValidator(_day)]
Channel = Annotated[str, AfterValidator(_channel)]
Approver = Annotated[str, AfterValidator(_approver)]
Address = Annotated[str, AfterValidator(_address)]
Glob = Annotated[str, AfterValidator(_glob)]
Globs = Annotated[
    tuple[Glob, ...],
    Field(min_length=1),
    BeforeValidator(
        one_or_more, json_schema_input_type=str | Annotated[list[str], Field(min_length=1)]
    ),
]
TargetRegions = Annotated[
    tuple[Annotated[str, AfterValidator(_target_region)], ...],
    AfterValidator(distinct),
    AfterValidator(_enabled_alone),
    BeforeValidator(one_or_more, json_schema_input_type=Literal["enabled"] | Region | list[Region]),
]
Accounts = Annotated[
    tuple[Account, ...],
    AfterValidator(distinct),
    BeforeValidator(_accounts, json_schema_input_type=Literal["self"] | list[Account]),
]
Duration = Annotated[
    timedelta,
    BeforeValidator(read_duration),
    PlainSerializer(spell_duration, return_type=str),
    WithJsonSchema({"type": "string", "pattern": f"^{_DURATION.pattern}$"}),
]
