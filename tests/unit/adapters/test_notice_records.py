"""Parcels and cards that hang, as they are written down, now and before."""

from dataclasses import replace

import pytest

from sagewarden.adapters.notice_records import (
    NoticeFormatError,
    parcel_record,
    read_parcel,
    read_shown,
    shown_record,
)
from sagewarden.domain.actions import ActionKind
from sagewarden.domain.cards import Card, Face
from sagewarden.domain.notices import Notice, NoticeKind, Parcel, Posted, Shown
from tests.support.builders import NOW, a_ref

CARD = Card("case-1", "idle", a_ref("chat"), ActionKind.DELETE, Face.WARNED, "idle", due_at=NOW)
NOTICE = Notice("case-1:warning", NoticeKind.WARNING, CARD, NOW, "vision", can_wait=True)


def test_a_parcel_is_read_as_it_was_written() -> None:
    parcel = Parcel("mina", (NOTICE, replace(NOTICE, team=None, can_wait=False)))

    assert read_parcel(parcel_record(parcel)) == parcel


def test_a_parcel_that_the_version_before_has_queued_is_read() -> None:
    record = parcel_record(Parcel("mina", (NOTICE,))) | {"version": 1}
    for key in ("team", "can_wait"):
        del record["notices"][0][key]

    [notice] = read_parcel(record).notices

    assert notice == replace(NOTICE, team=None, can_wait=False)


def test_a_parcel_of_a_later_version_is_refused() -> None:
    record = parcel_record(Parcel("mina", (NOTICE,))) | {"version": 3}

    with pytest.raises(NoticeFormatError, match="version: 3 is not 2"):
        read_parcel(record)


def test_where_a_card_hangs_is_read_as_it_was_written() -> None:
    shown = Shown(Posted("C1", "1.0"), 2, CARD, "ko-KR", "U1", "S1", ("a", "b"))

    assert read_shown(shown_record(shown)) == shown


def test_what_hung_before_threads_was_told_nothing_in_one() -> None:
    record = shown_record(Shown(Posted("C1", "1.0"), 0, CARD, "en-US", "U1", "S1", ("a",)))
    del record["group"], record["told"]

    assert read_shown(record) == Shown(Posted("C1", "1.0"), 0, CARD, "en-US", "U1")
