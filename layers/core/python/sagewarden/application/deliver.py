"""Deliver what somebody is to be told, exactly once; a warning's grace begins when it arrived."""

import hashlib
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import batched

from sagewarden.application.messaging import Board, Messenger, Reader, UndeliverableError
from sagewarden.application.ports import Clock, Ledger
from sagewarden.domain.audit import BOTS, Happening, noted
from sagewarden.domain.cards import Card, Face
from sagewarden.domain.cases import Case, CaseState
from sagewarden.domain.notices import News, Notice, NoticeKind, Parcel, Posted, Shown
from sagewarden.domain.owners import Owners

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
        owners: What the policy says of owners: when they are left in peace.
    """

    messenger: Messenger
    board: Board
    ledger: Ledger
    clock: Clock
    owners: Owners = field(default_factory=Owners)


def deliver(parcel: Parcel, post: Post, *, again: bool = False) -> int:
    """Tell a reader what is in a parcel: in one message, and in those that they have.

    What they have a message of already is changed in place, with a line in its thread; what they
    have none of comes in a new one. A warning that can wait, and would come in its reader's quiet
    hours, is left to the next run: it is not accepted, so its case stays open. A parcel that comes
    twice, or again after a crash, tells nobody anything twice.

    Args:
        parcel: The parcel.
        post: The ports.
        again: Whether it was tried before, and may have arrived without our knowing.

    Returns:
        How many warnings are left to the next run.

    Raises:
        NotNowError: Not everything could be delivered; the parcel is delivered again later.
        UndeliverableError: A part of it can never be delivered as it is; the others were.
        UnreadableError: The ledger could not be read.
        ActionFailedError: The ledger could not be written.
    """
    now = post.clock.now()
    fresh: list[Notice] = []
    known: dict[Posted, list[tuple[Notice, Shown]]] = {}
    for notice in parcel.notices:
        if not _is_needed(notice, post.ledger, now):
            continue
        _end_case(notice, post.ledger)
        hanging = post.board.shown(notice.card.case_id)
        if hanging is None or notice.kind is NoticeKind.WARNING:
            fresh.append(notice)
        elif notice.notice_id not in hanging.told:
            known.setdefault(hanging.posted, []).append((notice, hanging))
    refused: list[UndeliverableError] = []
    for changes in known.values():
        with _others_first(refused):
            _follow_up(changes, post, again=again)
    left = 0
    for reader, notices in _by_reader(fresh, parcel.owner, post, refused).items():
        with _others_first(refused):
            left += _tell(notices, reader, post, again=again)
    if refused:
        raise refused[0]
    return left


def show(shown: Shown, post: Post) -> None:
    """Let a card that hangs already show something else; its neighbours stay as they are."""
    post.board.hang([shown])
    _update(shown, post)


def _update(shown: Shown, post: Post) -> None:
    cards = [item.card for item in post.board.neighbours(shown.posted)]
    post.messenger.update(shown, cards)


@contextmanager
def _others_first(refused: list[UndeliverableError]) -> Iterator[None]:
    """Keep what can never be delivered from holding up what goes elsewhere."""
    try:
        yield
    except UndeliverableError as error:
        refused.append(error)


def _by_reader(
    notices: Sequence[Notice], owner: str | None, post: Post, refused: list[UndeliverableError]
) -> Mapping[Reader, Sequence[Notice]]:
    """Who is told of which notices, in order: an owner of all, else each team of its own."""
    found: dict[Reader, list[Notice]] = {}
    for notice in notices:
        with _others_first(refused):
            found.setdefault(post.messenger.reader(owner, notice.team), []).append(notice)
    return found


def _follow_up(changes: Sequence[tuple[Notice, Shown]], post: Post, *, again: bool) -> None:
    """Change cards of one message, and say so in its thread: a change notifies nobody."""
    changed: dict[str, Shown] = {}
    for notice, hanging in changes:
        before = changed.get(notice.card.case_id, hanging)
        changed[notice.card.case_id] = replace(before, card=_kept(notice.card, before.card))
    post.board.hang(list(changed.values()))
    one = next(iter(changed.values()))
    _update(one, post)
    notices = [notice for notice, _ in changes]
    key = _key(notices)
    if not (again and post.messenger.replied(one.posted, key)):
        news = [News(notice.kind, changed[notice.card.case_id].card) for notice in notices]
        post.messenger.reply(one, news, key)
    for notice in notices:
        shown = changed[notice.card.case_id]
        changed[notice.card.case_id] = replace(shown, told=(*shown.told, notice.notice_id))
    post.board.hang(list(changed.values()))


def _tell(notices: Sequence[Notice], reader: Reader, post: Post, *, again: bool) -> int:
    """Tell a reader of new cases; how many of them are left to the next run."""
    left = 0
    for some in batched(notices, CARDS_A_MESSAGE):
        left += _post(some, reader, post, again=again)
        again = False  # what came after the one whose answer was lost was never sent
    return left


def _is_needed(notice: Notice, ledger: Ledger, now: datetime) -> bool:
    """Whether a notice is still news: a warning may have been given, a deed been taken back."""
    case = ledger.case(notice.card.case_id)
    if notice.kind is NoticeKind.WARNING:
        return case is not None and _awaits(case, notice, now)
    if case is None:
        return True
    warned_anew = case.warned_at is not None and case.warned_at > notice.at
    return not warned_anew and case.state not in _OUT_OF_DATE.get(notice.kind, ())


_OUT_OF_DATE: Mapping[NoticeKind, Container[CaseState]] = {
    NoticeKind.REMINDER: {*CaseState} - {CaseState.WARNED},
    NoticeKind.DONE: {CaseState.RESTORED},
    NoticeKind.GAVE_UP: {CaseState.EXEMPT},
}
"""States in which what was waiting to be told is no news any more: people were faster, or time."""


def _end_case(notice: Notice, ledger: Ledger) -> None:
    """End the case of a violation that is told to be over, where the run that found so died.

    Its owner is told that nothing follows: nothing may, whatever the next run finds, before they
    are warned anew.
    """
    case = ledger.case(notice.card.case_id)
    if notice.kind is not NoticeKind.OVER or case is None or case.state is not CaseState.WARNED:
        return
    if notice.card.face is Face.EXEMPT:
        ended = case.exempted(notice.card.by or BOTS, notice.at)
    else:
        ended = case.ended(CaseState.RESOLVED, notice.at)
    entry = noted(ended, Happening.RESOLVED, notice.at, reason=notice.card.reason)
    ledger.save(ended, entry)


def _awaits(case: Case, notice: Notice, now: datetime) -> bool:
    """Whether a case still needs a warning: the first, one after a pause, or that of a deed."""
    only_watched = case.state is CaseState.WARNED and case.due_at is None
    follows = only_watched and notice.card.due_at is not None
    return case.state is CaseState.OPEN or case.wakes(now) or follows


def _post(notices: Sequence[Notice], reader: Reader, post: Post, *, again: bool) -> int:
    """Post one message, unless it was posted before and only its answer was lost.

    Returns:
        How many of its warnings are left to the next run, in their reader's quiet hours.
    """
    now = post.clock.now()
    if again:
        found = post.messenger.find(reader, [_mark(notice) for notice in notices])
        arrived = [(notice, *found[mark]) for notice in notices if (mark := _mark(notice)) in found]
        _accepted(arrived, reader, post, now)
        notices = [notice for notice in notices if _mark(notice) not in found]
    urgent = [notice for notice in notices if not notice.can_wait]
    at_peace = len(urgent) < len(notices) and post.owners.left_in_peace(now, reader.zone)
    going = urgent if at_peace else notices
    if going:
        cards = [_as_accepted(notice, now) for notice in going]
        posted = post.messenger.post(reader, cards, [_mark(notice) for notice in going])
        placed = [(notice, posted, place) for place, notice in enumerate(going)]
        _accepted(placed, reader, post, now)
    return len(notices) - len(going)


def _accepted(
    placed: Sequence[tuple[Notice, Posted, int]], reader: Reader, post: Post, now: datetime
) -> None:
    """Remember where cards hang, and let the grace periods of warnings begin."""
    hanging = [
        Shown(
            posted,
            place,
            _as_accepted(notice, now),
            reader.locale,
            reader.user,
            reader.group,
            (notice.notice_id,),
        )
        for notice, posted, place in placed
    ]
    if hanging:
        post.board.hang(hanging)
    for notice, posted, _ in placed:
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


def _mark(notice: Notice) -> str:
    """What identifies a notice in what it was posted with, whatever came beside it."""
    return hashlib.sha256(notice.notice_id.encode()).hexdigest()[:20]


def _key(notices: Sequence[Notice]) -> str:
    text = "\n".join(notice.notice_id for notice in notices)
    return hashlib.sha256(text.encode()).hexdigest()[:20]
