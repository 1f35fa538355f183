"""Bring back what somebody asked for with a click; their message shows how far it has come."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from sagewarden.application.answers import Answer
from sagewarden.application.deliver import Post, show
from sagewarden.application.messaging import UndeliverableError
from sagewarden.application.ports import UnreadableError
from sagewarden.application.respond import People
from sagewarden.application.restore import (
    RestoreHands,
    RestoreStatus,
    in_words,
    restore,
)
from sagewarden.application.undoing import Undoing, end_case, find_undoing
from sagewarden.domain.cards import Face
from sagewarden.domain.cases import Case, CaseState, case_id_of
from sagewarden.domain.clicks import Asked

PATIENCE = timedelta(hours=2)
"""How long AWS is waited for: an endpoint takes minutes, a large model an hour."""

_AT_LAST = {
    RestoreStatus.RESTORED: Face.RESTORED,
    RestoreStatus.UNDER_WAY: Face.NOT_RESTORED,
    RestoreStatus.PARTIAL: Face.NOT_RESTORED,
    RestoreStatus.REFUSED: Face.NOT_RESTORED,
}


@dataclass(frozen=True, slots=True)
class Workshop:
    """What bringing back needs.

    Attributes:
        post: Messages and the ledger.
        people: Speaks to who asked.
        hands: What undoing needs in an account.
    """

    post: Post
    people: People
    hands: Callable[[str], RestoreHands]


def bring_back(asked: Asked, workshop: Workshop) -> bool:
    """Restore what a case's action took away, as far as it goes now.

    Who asked was found to be allowed to. The same wish again goes on where it stands: what is
    back already stays as it is, and nobody is told twice.

    Args:
        asked: Who asked for which case.
        workshop: The ports.

    Returns:
        Whether AWS is still at it: then the same wish is to be brought again.

    Raises:
        UnreadableError: What exists could not be read; nothing was done.
        ActionFailedError: The ledger could not be written.
        NotNowError: Slack does not answer for now.
        UndeliverableError: Whoever asked can never be told; what they asked for is done.
    """
    ledger = workshop.post.ledger
    case = ledger.case(asked.case_id)
    if case is None or case.state is not CaseState.DONE:
        return False  # it is back, or gone its own way since: a wish that came twice
    undoing = find_undoing(case.ref.arn, ledger)
    if undoing is None or not _is_of(undoing, case):
        since = "something else was done to it since: the newest message of it counts"
        _show(asked, Face.NOT_RESTORED, since, workshop)
        return False
    try:
        report = restore(undoing, workshop.hands(case.ref.account))
    except UnreadableError as error:
        _show(asked, Face.NOT_RESTORED, f"nothing was done yet: {error}", workshop)
        raise
    now = workshop.post.clock.now()
    in_time = now - asked.at < PATIENCE
    under_way = report.status is RestoreStatus.UNDER_WAY and in_time
    face = Face.RESTORING if under_way else _AT_LAST[report.status]
    _show(asked, face, report.waiting or in_words(report), workshop)
    if under_way:
        return True
    # Told before the case ends: the same wish tells nothing any more once that has.
    unheard = _tell(asked, workshop, f"{case.ref.name}: {in_words(report)}")
    if report.status is RestoreStatus.RESTORED:
        end_case(undoing, Answer(asked.name, now), ledger)
    if unheard is not None:
        raise unheard
    return False


def _is_of(undoing: Undoing, case: Case) -> bool:
    """Whether what can be undone is what the case did; where no outcome tells, it may be."""
    done = undoing.outcome
    return done is None or case_id_of(done.rule, done.action) == case.case_id


def _show(asked: Asked, face: Face, reason: str, workshop: Workshop) -> None:
    """Let the case's card say how far it has come.

    What says that AWS is still at it is not said again with each look: the end of it follows.
    Everything else is, since it may be noted though Slack did not take it.
    """
    hanging = workshop.post.board.shown(asked.case_id)
    if hanging is None:
        return
    at = workshop.post.clock.now() if face is Face.RESTORED else hanging.card.at
    card = replace(hanging.card, face=face, reason=reason, at=at, by=asked.name)
    if card != hanging.card or face is not Face.RESTORING:
        show(replace(hanging, card=card), workshop.post)


def _tell(asked: Asked, workshop: Workshop, text: str) -> UndeliverableError | None:
    """Tell whoever asked; why they can never be told, if so."""
    try:
        workshop.people.whisper(asked.channel, asked.user, text)
    except UndeliverableError as error:
        return error
    return None
