"""How a week's advice is written down: plain JSON records, and back."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sagewarden.adapters.digest_records import (
    read_some,
    read_sum,
    some_record,
    sum_record,
)
from sagewarden.domain.weekly_advice import Share, Tip, WeeklyAdvice

VERSION = 1

type Record = Mapping[str, Any]


class AdviceFormatError(ValueError):
    """A record is no advice of this version; it says what it is."""


def envelope(advice: WeeklyAdvice) -> dict[str, Any]:
    """A week's advice as the queue of notices takes it."""
    return {"version": VERSION, "advice": _record(advice)}


def read_envelope(record: Record) -> WeeklyAdvice:
    """Read a week's advice from the queue of notices.

    Raises:
        AdviceFormatError: It is none of this version.
    """
    if record.get("version") != VERSION:
        found = record.get("version")
        raise AdviceFormatError(f"version: {found!r} is not {VERSION}; deploy both sides together")
    try:
        return _read(record["advice"])
    except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise AdviceFormatError(f"advice: {error!r} is missing or wrong") from error


def _record(advice: WeeklyAdvice) -> dict[str, Any]:
    return {
        "team": advice.team,
        "monday": advice.monday.isoformat(),
        "at": advice.at.isoformat(),
        "saving": sum_record(advice.saving),
        "tips": some_record(advice.tips, _priced),
        "shares": some_record(advice.shares, _priced),
        "blocked": advice.blocked,
        "unjudged": advice.unjudged,
        "unread": some_record(advice.unread, lambda text: text),
        "places": advice.places,
        "run": advice.run,
    }


def _read(record: Record) -> WeeklyAdvice:
    return WeeklyAdvice(
        team=record["team"],
        monday=date.fromisoformat(record["monday"]),
        at=datetime.fromisoformat(record["at"]),
        saving=read_sum(record["saving"]),
        tips=read_some(record["tips"], lambda item: Tip(**_read_priced(item))),
        shares=read_some(record["shares"], lambda item: Share(**_read_priced(item))),
        blocked=record["blocked"],
        unjudged=record["unjudged"],
        unread=read_some(record["unread"], str),
        places=record["places"],
        run=record.get("run"),
    )


def _priced(item: Tip | Share) -> dict[str, Any]:
    return {**asdict(item), "usd": None if item.usd is None else str(item.usd)}


def _read_priced(record: Record) -> dict[str, Any]:
    usd = record["usd"]
    return {**record, "usd": None if usd is None else Decimal(usd)}
