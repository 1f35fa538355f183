"""Deliver what somebody is to be told, exactly once; a warning's grace begins when it arrived."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import batched

from sagewarden.application.messaging import Board, Messenger, Reader
from sagewarden.application.ports import Clock, Ledger
from sagewarden.domain.audit import Happening, noted
from sagewarden.domain.cards import Card, Face
from sagewarden.domain.cases import Case, CaseState
from sagewarden.domain.notices import Notice, NoticeKind, Parcel, Posted, Shown

CARDS_A_MESSAGE = 5
"""What a busy person reads at once, and well within what Slack takes in one message."""


@dataclass(frozen=True, slots=True)
class Post:
    """What delivering needs.

    Attributes:
        messenger: Posts messages.
        board: Remembers which cards hang where.
        ledger: Remembers cases, and what was posted.
        clock: Tells the time.
    """

    messenger: Messenger
    board: Board
    ledger: Ledger
    clock: Clock


def deliver(parcel: Parcel, post: Post, *, again: bool = False) -> None:
    """Tell a reader what is in a parcel: in one message, and by changing those they have.

    What they have a message of already is changed in place; what they have none of comes in a
    new one. A parcel that comes twice, or again after a crash, tells nobody anything twice.

    Args:
        parcel: The parcel.
        post: The ports.
        again: Whether it was tried before, and may have arrived without our knowing.

    Raises:
        NotNowError: Not everything could be delivered; the parcel is delivered again later.
        UndeliverableError: It can never be delivered as it is.
        UnreadableError: The ledger could not be read.
        ActionFailedError: The ledger could not be written.
    """
    now = post.clock.now()
    fresh = []
    for notice in parcel.notices:
        if not _is_needed(notice, post.ledger, now):
            continue
        hanging = post.board.shown(notice.card.case_id)
        if hanging is None or notice.kind is NoticeKind.WARNING:
            fresh.append(notice)
        else:
            show(replace(hanging, card=_kept(notice.card, hanging.card)), post)
    if not fresh:
        return
    reader = post.messenger.reader(parcel.owner)
    for some in batched(fresh, CARDS_A_MESSAGE):
        _post(some, reader, post, again=again)
        again = False  # what came after the one whose answer was lost was never sent


def show(shown: Shown, post: Post) -> None:
    """Let a card that hangs already show something else; its neighbours stay as they are."""
    post.board.hang([shown])
    cards = [item.card for item in post.board.neighbours(shown.posted)]
    post.messenger.update(shown.posted, cards, shown.locale)


def _is_needed(notice: Notice, ledger: Ledger, now: datetime) -> bool:
    """Whether a notice is still news: a warning may have been given, or be out of date."""
    if notice.kind is not NoticeKind.WARNING:
        return True
    case = ledger.case(notice.card.case_id)
    return case is not None and _awaits(case, notice, now)


def _awaits(case: Case, notice: Notice, now: datetime) -> bool:
    """Whether a case still needs a warning: the first, one after a pause, or that of a deed."""
    only_watched = case.state is CaseState.WARNED and case.due_at is None
    follows = only_watched and notice.card.due_at is not None
    return case.state is CaseState.OPEN or case.wakes(now) or follows


def _post(notices: Sequence[Notice], reader: Reader, post: Post, *, again: bool) -> None:
    """Post one message, unless it was posted before and only its answer was lost."""
    key, now = _key(notices), post.clock.now()
    cards = [_as_accepted(notice, now) for notice in notices]
    posted = post.messenger.find(reader, key) if again else None
    if posted is None:
        posted = post.messenger.post(reader, cards, key)
    hanging = [
        Shown(posted, place, card, reader.locale, reader.user) for place, card in enumerate(cards)
    ]
    post.board.hang(hanging)
    for notice in notices:
        if notice.kind is NoticeKind.WARNING:
            _begin_grace(notice, posted, post, now)


def _as_accepted(notice: Notice, now: datetime) -> Card:
    """The card of a notice that is accepted now."""
    if notice.kind is not NoticeKind.WARNING or notice.card.face is not Face.WARNED:
        return notice.card
    return replace(notice.card, due_at=notice.due_at(now))


def _begin_grace(notice: Notice, posted: Posted, post: Post, now: datetime) -> None:
    case: Case | None = post.ledger.case(notice.card.case_id)
    if case is None or not _awaits(case, notice, now):
        return
    due = notice.due_at(now)
    entry = noted(
        case,
        Happening.WARNED,
        now,
        reason=notice.card.reason,
        due=due,
        channel=posted.channel,
        message=posted.ts,
    )
    post.ledger.save(case.warned(now, due), entry)


def _kept(new: Card, old: Card) -> Card:
    """A card's new state with what only the old one knows: the evidence, the money, and why."""
    reason = old.reason if new.face is Face.DONE else new.reason
    return replace(
        new,
        reason=reason,
        evidence=new.evidence or old.evidence,
        saving=new.saving or old.saving,
    )


def _key(notices: Sequence[Notice]) -> str:
    text = "\n".join(notice.notice_id for notice in notices)
    return hashlib.sha256(text.encode()).hexdigest()[:20]
