"""Options that several commands share, and what their values mean."""

import getpass
import re
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

_DURATION = re.compile(r"([0-9]{1,6})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}

Profile = Annotated[
    str | None,
    typer.Option("--profile", metavar="NAME", help="The AWS profile to use.", show_default=False),
]

PolicyFile = Annotated[
    Path | None,
    typer.Option(
        "--policy",
        metavar="FILE",
        help="The policy. Default: layers/policy/governance.yaml here, else the packaged one.",
        show_default=False,
    ),
]

Regions = Annotated[
    list[str] | None,
    typer.Option("--region", metavar="REGION", help="A region; may be given several times."),
]

StackName = Annotated[str, typer.Option("--stack", metavar="NAME", help="The deployed stack.")]

LedgerPlace = Annotated[
    str | None,
    typer.Option(
        "--ledger",
        metavar="PLACE",
        help="file:PATH or dynamodb:TABLE[@REGION][,s3:BUCKET]. Default: a file of your own.",
        show_default=False,
    ),
]


By = Annotated[
    str | None,
    typer.Option(
        "--by",
        metavar="NAME",
        help="Who does it, for the audit trail. Default: your login name.",
        show_default=False,
    ),
]


class TableOrJson(StrEnum):
    """How to print: for people, or for programs."""

    TABLE = "table"
    JSON = "json"


Output = Annotated[
    TableOrJson, typer.Option("--output", help="table for people, json for programs.")
]


class BadOptionError(Exception):
    """An option's value cannot be used; the message names it and what would be right."""


class NoRegionError(Exception):
    """Nothing says which region is meant; the message says how to tell."""


def signed(by: str | None) -> str:
    """The name that the audit trail gets: what was given, or else the login name."""
    return (by or "").strip() or getpass.getuser()


def last_day(option: str, text: str) -> date:
    """Read an option that is a day, such as ``2027-01-31``.

    Raises:
        BadOptionError: It is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        message = f"{option}: {text!r} is no day; write it as 2027-01-31"
        raise BadOptionError(message) from error


def duration(option: str, text: str) -> timedelta:
    """Read an option that is a length of time, such as ``90m``, ``1h`` or ``2d``.

    Raises:
        BadOptionError: It is none.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise BadOptionError(f"{option}: {text!r} is no length of time; write 90m, 1h or 2d")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def moment(option: str, text: str) -> datetime:
    """Read an option that is a moment.

    Raises:
        BadOptionError: It is no ISO 8601 time, or has no offset.
    """
    right = "write it as 2026-11-21T20:00+09:00 or 2026-11-21T11:00Z"
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadOptionError(f"{option}: {text!r} is no ISO 8601 time; {right}") from error
    if found.tzinfo is None:
        raise BadOptionError(f"{option}: {text!r} has no offset from UTC; {right}")
    return found
