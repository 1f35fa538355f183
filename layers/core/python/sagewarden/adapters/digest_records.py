"""How digests are written down: plain JSON records, and back."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.digest import Digest, Entry, LastDay, Some, Sum

VERSION = 1

type Record = Mapping[str, Any]

_ENTRIES = ("pending", "unanswered", "snoozed", "restored", "failed")
_SUMS = ("projected", "realised", "pending_saving")
_AS_THEY_ARE = ("team", "exempted", "resolved", "found", "halted", "places", "run")


class DigestFormatError(ValueError):
    """A record is no digest of this version; it says what it is."""


def envelope(digest: Digest) -> dict[str, Any]:
    """A digest as the queue of notices takes it."""
    return {"version": VERSION, "digest": digest_record(digest)}


def read_envelope(record: Record) -> Digest:
    """Read a digest from the queue of notices.

    Raises:
        DigestFormatError: It is none of this version.
    """
    if record.get("version") != VERSION:
        found = record.get("version")
        raise DigestFormatError(f"version: {found!r} is not {VERSION}; deploy both sides together")
    try:
        return read_digest(record["digest"])
    except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise DigestFormatError(f"digest: {error!r} is missing or wrong") from error


def digest_record(digest: Digest) -> dict[str, Any]:
    """Write down a digest."""
    return {
        "first_day": digest.first_day.isoformat(),
        "last_day": digest.last_day.isoformat(),
        "at": digest.at.isoformat(),
        "done": {kind.value: number for kind, number in sorted(digest.done.items())},
        "hours": str(digest.hours),
        **{name: sum_record(getattr(digest, name)) for name in _SUMS},
        **{name: some_record(getattr(digest, name), _entry_record) for name in _ENTRIES},
        "exemptions": some_record(digest.exemptions, _last_day_record),
        **{name: getattr(digest, name) for name in _AS_THEY_ARE},
    }


def read_digest(record: Record) -> Digest:
    """Read a digest."""
    return Digest(
        first_day=date.fromisoformat(record["first_day"]),
        last_day=date.fromisoformat(record["last_day"]),
        at=datetime.fromisoformat(record["at"]),
        done={ActionKind(kind): number for kind, number in record["done"].items()},
        hours=Decimal(record["hours"]),
        projected=read_sum(record["projected"]),
        realised=read_sum(record["realised"]),
        pending_saving=read_sum(record["pending_saving"]),
        pending=read_some(record["pending"], _read_entry),
        unanswered=read_some(record["unanswered"], _read_entry),
        snoozed=read_some(record["snoozed"], _read_entry),
        restored=read_some(record["restored"], _read_entry),
        failed=read_some(record["failed"], _read_entry),
        exemptions=read_some(record["exemptions"], _read_last_day),
        team=record["team"],
        exempted=record["exempted"],
        resolved=record["resolved"],
        found=record["found"],
        halted=record["halted"],
        places=record["places"],
        run=record.get("run"),
    )


def some_record[T](some: Some[T], write: Callable[[T], object]) -> dict[str, Any]:
    """Write down the first few of many."""
    return {"count": some.count, "shown": [write(item) for item in some.shown]}


def read_some[T](record: Record, read: Callable[[Any], T]) -> Some[T]:
    """Read the first few of many."""
    return Some(tuple(read(item) for item in record["shown"]), record["count"])


def sum_record(amount: Sum) -> dict[str, Any]:
    """Write down an amount of money."""
    return {
        "usd": str(amount.usd),
        "known": amount.known,
        "unknown": amount.unknown,
        "as_of": amount.as_of.isoformat() if amount.as_of else None,
    }


def read_sum(record: Record) -> Sum:
    """Read an amount of money."""
    day = record["as_of"]
    return Sum(
        usd=Decimal(record["usd"]),
        known=record["known"],
        unknown=record["unknown"],
        as_of=date.fromisoformat(day) if day else None,
    )


def _entry_record(entry: Entry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "action": entry.action.value,
        "rule": entry.rule,
        "at": entry.at.isoformat() if entry.at else None,
        "owner": entry.owner,
        "by": entry.by,
    }


def _read_entry(record: Record) -> Entry:
    at = record["at"]
    return Entry(
        name=record["name"],
        action=ActionKind(record["action"]),
        rule=record["rule"],
        at=datetime.fromisoformat(at) if at else None,
        owner=record["owner"],
        by=record["by"],
    )


def _last_day_record(item: LastDay) -> dict[str, Any]:
    return {
        "resources": item.resources,
        "until": item.until.isoformat(),
        "over": item.over,
        "by": item.by,
    }


def _read_last_day(record: Record) -> LastDay:
    return LastDay(
        resources=record["resources"],
        until=date.fromisoformat(record["until"]),
        over=record["over"],
        by=record["by"],
    )
