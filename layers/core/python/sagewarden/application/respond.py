"""Answer clicks: whoever may decide buys time, exempts, asks for it now, or gets the story."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta, timezone
from typing import Protocol

from sagewarden.application.answers import (
    Answer,
    ask_for_now,
    ask_to_restore,
    exempt,
    snooze,
)
from sagewarden.application.deliver import Post, show
from sagewarden.application.story import story
from sagewarden.domain.cards import Card, Click, Face
from sagewarden.domain.cases import Case, CaseRefusedError, CaseState
from sagewarden.domain.clicks import Asked
from sagewarden.domain.notices import Shown

KEPT_FOR = timedelta(days=7)
SNOOZED_FOR = timedelta(hours=2)
_LAST_ZONE = timezone(timedelta(hours=-12))


class People(Protocol):
    """Knows people, and speaks to one of them alone."""

    def may_decide(self, user: str, owner: str | None, approvers: Sequence[str]) -> bool:
        """Whether somebody is or belongs to the owner, or to the approvers or their groups."""
        ...

    def whisper(self, channel: str, user: str, text: str) -> None:
        """Say something that one person of a channel sees, as plain text."""
        ...

    def announce(self, text: str) -> None:
        """Say something to ops, as plain text, where they have a channel."""
        ...


@dataclass(frozen=True, slots=True)
class Desk:
    """What answering needs.

    Attributes:
        post: Messages and the ledger.
        people: Knows who may decide.
        approvers: Who may decide over any resource, as the policy names them.
        wake: Asks for a sweep of a case's account and region now.
        pass_on: Passes a wish to restore to whoever may; None where nobody is deployed who may.
    """

    post: Post
    people: People
    approvers: Sequence[str]
    wake: Callable[[Case], None]
    pass_on: Callable[[Asked], None] | None = None


def respond(asked: Asked, desk: Desk) -> None:
    """Do what somebody asked for, if they may and it is still possible; else tell them why not.

    The same request twice does no more than one: time that was bought to a moment, an exemption
    and a due case stay what they are.

    Raises:
        NotNowError: Slack does not answer for now; the request is answered again later.
        UnreadableError: The ledger could not be read.
        ActionFailedError: The ledger or the queue could not be written.
    """
    case = desk.post.ledger.case(asked.case_id)
    if case is None:
        _tell(asked, desk, "Nobody knows this case any more.")
        return
    if asked.click is Click.EXPLAIN:
        _tell(asked, desk, story(desk.post.ledger.trail(case.ref.arn)))
        return
    if not desk.people.may_decide(asked.user, case.owner, desk.approvers):
        _tell(asked, desk, "Only the owner of this resource, or an approver, can decide that.")
        return
    try:
        _decide(asked, desk)
    except CaseRefusedError as refused:
        _tell(asked, desk, f"{refused}.")
        asked = replace(asked, click=Click.EXPLAIN)  # nothing more is asked than how it stands
    now_standing = desk.post.ledger.case(asked.case_id) or case
    hanging = desk.post.board.shown(asked.case_id)
    if hanging is not None:
        show(_turned(hanging, now_standing, asked), desk.post)
    if asked.click is Click.RESTORE and desk.pass_on is not None:
        desk.pass_on(asked)  # at last: whoever restores shows how far it has come


def _decide(asked: Asked, desk: Desk) -> None:
    ledger, answer = desk.post.ledger, Answer(asked.name, asked.at)
    match asked.click:
        case Click.KEEP | Click.SNOOZE:
            until = asked.at + (KEPT_FOR if asked.click is Click.KEEP else SNOOZED_FOR)
            snooze(asked.case_id, until, answer, ledger, desk.post.clock.now())
        case Click.EXEMPT:
            exempt(asked.case_id, asked.until, asked.why, answer, ledger)
        case Click.NOW:
            desk.wake(ask_for_now(asked.case_id, answer, ledger))
        case Click.RESTORE if desk.pass_on is not None:
            ask_to_restore(asked.case_id, answer, ledger)
        case Click.RESTORE:
            raise CaseRefusedError("cannot restore from here: ask ops for sagewarden restore")
        case _:
            raise CaseRefusedError(f"{asked.click} cannot be done from here")


def _turned(hanging: Shown, case: Case, asked: Asked) -> Shown:
    """The card as its case stands now."""
    return replace(hanging, card=_face(hanging.card, case, asked))


def _face(card: Card, case: Case, asked: Asked) -> Card:
    by = case.decided_by
    match case.state:
        case CaseState.SNOOZED:
            return replace(card, face=Face.SNOOZED, until=case.snoozed_until, by=by)
        case CaseState.EXEMPT:
            until = _end_of(asked) if asked.click is Click.EXEMPT else card.until
            why = asked.why if asked.click is Click.EXEMPT else card.why
            return replace(card, face=Face.EXEMPT, until=until, by=by, why=why)
        case CaseState.WARNED:
            return replace(card, face=Face.WARNED, due_at=case.due_at, by=by)
        case CaseState.RESOLVED:
            return replace(card, face=Face.CALLED_OFF, at=case.ended_at)
        case CaseState.DONE if asked.click is Click.RESTORE:
            return replace(card, face=Face.RESTORING, by=asked.name)
        case CaseState.RESTORED:
            return replace(card, face=Face.RESTORED, at=case.ended_at, by=by)
        case _:
            return card


def _end_of(asked: Asked) -> datetime | None:
    """The end of an exemption's last day, where days end last."""
    if asked.until is None:
        return None
    return datetime.combine(asked.until, time.max, _LAST_ZONE).replace(microsecond=0)


def _tell(asked: Asked, desk: Desk, text: str) -> None:
    desk.people.whisper(asked.channel, asked.user, text)
