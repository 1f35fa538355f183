"""What a person's answer does to a case: buy time, exempt it, ask for the action at once.

Each answer is stored with its entry in the audit trail, against the case as it is stored at that
moment. What an answer asks for is done by the next sweep, which looks at the resource again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sagewarden.application.ports import ActionFailedError, Ledger
from sagewarden.domain.audit import Happening, noted
from sagewarden.domain.cases import Case, CaseRefusedError
from sagewarden.domain.exemptions import Exemption

_TRIES = 5
"""How often a case that others write at the same moment is read again."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Who answers, and when.

    Attributes:
        by: The person, as the audit trail names them.
        at: When (aware).
    """

    by: str
    at: datetime


def snooze(
    case_id: str, until: datetime, answer: Answer, ledger: Ledger, now: datetime | None = None
) -> Case:
    """Let nothing happen to a case until a moment; after that its owner is warned anew.

    Args:
        case_id: The case.
        until: The moment.
        answer: Who asked for it, and when.
        ledger: Remembers.
        now: When it is granted (aware), where that is later than it was asked for.

    Raises:
        CaseRefusedError: Nobody knows the case, its state allows no such thing, or the moment has
            passed.
        ActionFailedError: The ledger could not be written.
    """

    def snoozed(case: Case) -> Case:
        return case.snoozed(until, answer.by, now or answer.at)

    return _answered(case_id, snoozed, ledger, (Happening.SNOOZED, answer, {"until": until}))


def ask_for_now(case_id: str, answer: Answer, ledger: Ledger) -> Case:
    """Let a case be due at once, as its owner asks.

    Raises:
        CaseRefusedError: Nobody knows the case, or its state allows no such thing.
        ActionFailedError: The ledger could not be written.
    """

    def asked(case: Case) -> Case:
        return case.asked_for_now(answer.by, answer.at)

    return _answered(case_id, asked, ledger, (Happening.ASKED_NOW, answer, {}))


def exempt(case_id: str, until: date | None, why: str, answer: Answer, ledger: Ledger) -> Case:
    """Exempt a case's resource from its rule; the exemption is stored before the case ends.

    A crash in between ends nothing but leaves the exemption: the next sweep ends the case.

    Raises:
        CaseRefusedError: Nobody knows the case, or its state allows no such thing.
        ActionFailedError: The ledger could not be written.
    """
    case = _known(case_id, ledger)
    case.exempted(answer.by, answer.at)
    given = Exemption(case.ref.arn, until, why, answer.by, answer.at, rule=case.rule)
    if not given.in_force(answer.at):
        raise CaseRefusedError("cannot exempt: the last day has passed already")
    ledger.exempt(given)

    def exempted(case: Case) -> Case:
        return case.exempted(answer.by, answer.at)

    entry: _Entry = (Happening.RESOLVED, answer, {"reason": f"exempt {given}"})
    try:
        return _answered(case_id, exempted, ledger, entry)
    except CaseRefusedError:
        # A run began to act meanwhile: what it reads right before it acts has the exemption.
        return _known(case_id, ledger)


def ask_to_restore(case_id: str, answer: Answer, ledger: Ledger) -> Case:
    """Note that somebody wants back what was done to a case's resource.

    Raises:
        CaseRefusedError: Nobody knows the case, nothing was done, or it is back already.
        ActionFailedError: The ledger could not be written.
    """
    case = _known(case_id, ledger)
    case.restored(answer.by, answer.at)
    ledger.note(noted(case, Happening.ASKED_RESTORE, answer.at, answer.by))
    return case


def restored(case_id: str, answer: Answer, ledger: Ledger) -> Case:
    """Note that what was done to a case's resource was taken back.

    Raises:
        CaseRefusedError: Nobody knows the case, or nothing was done.
        ActionFailedError: The ledger could not be written.
    """

    def back(case: Case) -> Case:
        return case.restored(answer.by, answer.at)

    return _answered(case_id, back, ledger, (Happening.RESTORED, answer, {}))


type _Entry = tuple[Happening, Answer, dict[str, object]]
"""What happened, by whom and when, with which details."""


def _answered(case_id: str, change: Callable[[Case], Case], ledger: Ledger, entry: _Entry) -> Case:
    what, answer, details = entry
    for _ in range(_TRIES):
        changed = change(_known(case_id, ledger))
        if ledger.save(changed, noted(changed, what, answer.at, answer.by, **details)):
            return changed
    raise ActionFailedError(f"case {case_id} is written by others without a pause: try again")


def _known(case_id: str, ledger: Ledger) -> Case:
    case = ledger.case(case_id)
    if case is None:
        raise CaseRefusedError(f"there is no case {case_id}")
    return case
