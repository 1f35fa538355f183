"""How notices and cards are written down: plain JSON records, and back."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sagewarden.adapters.ledger_records import read_ref, ref_record
from sagewarden.domain.actions import ActionKind
from sagewarden.domain.cards import Card, Face
from sagewarden.domain.money import MonthlyCost
from sagewarden.domain.notices import Notice, NoticeKind, Parcel, Posted, Shown

VERSION = 2
"""What is written. A parcel of version 1 names no teams, and nothing that it tells can wait."""

_READ = {1, VERSION}

type Record = Mapping[str, Any]


class NoticeFormatError(ValueError):
    """A record is no parcel of a version that is read here; it says what it is."""


def parcel_record(parcel: Parcel) -> dict[str, Any]:
    """Write down a parcel."""
    return {
        "version": VERSION,
        "owner": parcel.owner,
        "notices": [
            {
                "id": notice.notice_id,
                "kind": notice.kind.value,
                "card": card_record(notice.card),
                "at": notice.at.isoformat(),
                "team": notice.team,
                "can_wait": notice.can_wait,
            }
            for notice in parcel.notices
        ],
    }


def read_parcel(record: object) -> Parcel:
    """Read a parcel.

    Raises:
        NoticeFormatError: It is none of this version, or of the one before.
    """
    if not isinstance(record, dict) or record.get("version") not in _READ:
        found = record.get("version") if isinstance(record, dict) else type(record).__name__
        raise NoticeFormatError(f"version: {found!r} is not {VERSION}; deploy both sides together")
    try:
        notices = tuple(_read_notice(item) for item in record["notices"])
        return Parcel(record["owner"], notices)
    except (KeyError, TypeError, ValueError) as error:
        raise NoticeFormatError(f"notices: {error!r} is missing or wrong") from error


def _read_notice(item: Record) -> Notice:
    return Notice(
        notice_id=item["id"],
        kind=NoticeKind(item["kind"]),
        card=read_card(item["card"]),
        at=datetime.fromisoformat(item["at"]),
        team=item.get("team"),
        can_wait=item.get("can_wait", False),
    )


def card_record(card: Card) -> dict[str, Any]:
    """Write down a card."""
    saving = card.saving
    return {
        "case": card.case_id,
        "rule": card.rule,
        "ref": ref_record(card.ref),
        "action": card.action.value,
        "face": card.face.value,
        "reason": card.reason,
        "evidence": dict(card.evidence),
        "saving": [str(saving.usd), saving.basis, saving.as_of.isoformat()] if saving else None,
        **{name: _text(getattr(card, name)) for name in _TIMES},
        "by": card.by,
        "why": card.why,
        "undo": card.undo,
        "run": card.run,
    }


def read_card(record: Record) -> Card:
    """Read a card."""
    saving = record["saving"]
    return Card(
        case_id=record["case"],
        rule=record["rule"],
        ref=read_ref(record["ref"]),
        action=ActionKind(record["action"]),
        face=Face(record["face"]),
        reason=record["reason"],
        evidence=record["evidence"],
        saving=_read_saving(*saving) if saving else None,
        due_at=_moment(record["due_at"]),
        until=_moment(record["until"]),
        at=_moment(record["at"]),
        by=record["by"],
        why=record["why"],
        undo=record["undo"],
        run=record.get("run"),
    )


def shown_record(shown: Shown) -> dict[str, Any]:
    """Write down where a card hangs."""
    return {
        "channel": shown.posted.channel,
        "ts": shown.posted.ts,
        "place": shown.place,
        "card": card_record(shown.card),
        "locale": shown.locale,
        "reader": shown.reader,
        "group": shown.group,
        "told": list(shown.told),
    }


def read_shown(record: Record) -> Shown:
    """Read where a card hangs."""
    return Shown(
        posted=Posted(record["channel"], record["ts"]),
        place=record["place"],
        card=read_card(record["card"]),
        locale=record["locale"],
        reader=record["reader"],
        group=record.get("group"),
        told=tuple(record.get("told", ())),
    )


_TIMES = ("due_at", "until", "at")


def _read_saving(usd: str, basis: str, as_of: str) -> MonthlyCost:
    return MonthlyCost(Decimal(usd), basis, date.fromisoformat(as_of))


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
