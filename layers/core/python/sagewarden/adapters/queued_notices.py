"""Tell owners through a queue: what a run has to say to each of them goes into one parcel."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import batched

from sagewarden.adapters.notice_records import parcel_record
from sagewarden.application.ports import Clock, Ledger
from sagewarden.domain.actions import ActionKind
from sagewarden.domain.cards import Card, Face
from sagewarden.domain.cases import Case, CaseState, case_id_of
from sagewarden.domain.notices import Notice, NoticeKind, Parcel
from sagewarden.domain.outcomes import Outcome
from sagewarden.domain.verdicts import Evidence, Verdict

type Send = Callable[[str, str], None]
"""Puts a body on the queue, behind everything else for the same reader."""

NOTICES_A_PARCEL = 50
"""About a kilobyte each: far below the 256 KiB that a queue takes in one message."""

EVERYBODY = "-"
"""In whose order goes what names no owner; the team's tag follows where there is one."""

type _Whose = tuple[str | None, str | None]
"""An owner, or else a team."""


class QueuedNotices:
    """The notifier port on a queue, for the length of one run.

    Nothing is accepted here: a warning's grace begins when its message has arrived.

    Args:
        send: Puts a parcel on the queue.
        ledger: Knows whose resources the cases are about.
        clock: Tells the time.
        run: What correlates what is told with what led to it.
    """

    keeps_hours = True

    def __init__(self, send: Send, ledger: Ledger, clock: Clock, run: str | None = None) -> None:
        self._run = run
        self._send = send
        self._ledger = ledger
        self._clock = clock
        self._waiting: dict[_Whose, list[Notice]] = {}
        self._settles: list[Callable[[], object]] = []

    @property
    def undelivered(self) -> Sequence[str]:
        """Nothing: what the queue does not take fails the flush."""
        return ()

    def flush(self) -> None:
        """Send what the run had to say, in parcels for each owner, or team where there is none.

        Then happens what was to happen afterwards; where the queue does not take everything,
        nothing of that does, and the next run says it again.

        Raises:
            ActionFailedError: Not all of it was taken by the queue.
        """
        waiting, self._waiting = self._waiting, {}
        for (owner, team), notices in waiting.items():
            for some in batched(notices, NOTICES_A_PARCEL):
                body = json.dumps(parcel_record(Parcel(owner, some)), sort_keys=True)
                self._send(body, owner or f"{EVERYBODY}{team or ''}")
        settles, self._settles = self._settles, []
        for settle in settles:
            settle()

    def warn(
        self, case: Case, verdict: Verdict, due_at: datetime | None, *, can_wait: bool
    ) -> None:
        """Queue a warning; it counts when it has arrived."""
        only_told = case.action.kind is ActionKind.NOTIFY
        face = Face.TOLD if only_told else Face.WARNED
        card = _warning(case, face, verdict, due_at)
        since = case.snoozed_until or case.warned_at or case.opened_at
        self._put(NoticeKind.WARNING, card, verdict, since, can_wait=can_wait)

    def remind(self, case: Case, verdict: Verdict) -> bool:
        """Queue a reminder."""
        card = _warning(case, Face.WARNED, verdict, case.due_at)
        self._put(NoticeKind.REMINDER, card, case, case.due_at or case.opened_at)
        return True

    def tell(self, outcome: Outcome) -> None:
        """Queue what was done."""
        case_id = case_id_of(outcome.rule, outcome.action)
        known = self._ledger.case(case_id)
        card = Card(
            case_id=case_id,
            rule=outcome.rule,
            ref=outcome.action.ref,
            action=outcome.action.kind,
            face=Face.DONE,
            reason=outcome.reason,
            at=outcome.at,
            undo=outcome.way_back,
        )
        self._put(NoticeKind.DONE, card, known, _since(known) or outcome.at)

    def resolved(self, case: Case) -> None:
        """Queue that nothing will happen any more."""
        exempt = case.state is CaseState.EXEMPT
        face = Face.EXEMPT if exempt else Face.CALLED_OFF
        card = replace(_card(case, face, case.reason), at=case.ended_at, by=case.decided_by)
        self._put(NoticeKind.OVER, card, case, case.warned_at or case.opened_at)

    def gave_up(self, case: Case, outcome: Outcome) -> None:
        """Queue that an action failed too often."""
        card = replace(_card(case, Face.FAILED, outcome.reason), at=outcome.at)
        self._put(NoticeKind.GAVE_UP, card, case, case.warned_at or outcome.at)

    def afterwards(self, settle: Callable[[], object]) -> None:
        """Once the queue has taken everything."""
        self._settles.append(settle)

    def _put(
        self,
        kind: NoticeKind,
        card: Card,
        whose: Case | Verdict | None,
        since: datetime,
        *,
        can_wait: bool = False,
    ) -> None:
        # Whoever was told that nothing follows, and is told now what does, hears of something else.
        follows = "" if card.due_at or kind is not NoticeKind.WARNING else ":watched"
        notice_id = f"{card.case_id}:{kind}:{since.isoformat()}{follows}"
        owner, team = (whose.owner, whose.team) if whose else (None, None)
        told = replace(card, run=self._run)
        notice = Notice(notice_id, kind, told, self._clock.now(), team, can_wait)
        line = (owner, None) if owner else (None, team)
        self._waiting.setdefault(line, []).append(notice)


def _since(case: Case | None) -> datetime | None:
    """Since when a case's owner knows of it: what follows a warning follows it once."""
    return case.warned_at if case else None


def _card(case: Case, face: Face, reason: str) -> Card:
    return Card(case.case_id, case.rule, case.ref, case.action.kind, face, reason)


def _warning(case: Case, face: Face, verdict: Verdict, due_at: datetime | None) -> Card:
    evidence = _texts(verdict.evidence)
    card = _card(case, face, verdict.reason)
    return replace(card, evidence=evidence, saving=verdict.saving, due_at=due_at)


def _texts(evidence: Evidence) -> Mapping[str, str]:
    return {key: str(value) for key, value in evidence.items() if value is not None}
