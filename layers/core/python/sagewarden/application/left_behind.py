"""End the cases of an account, or a region of one, that is no longer governed."""

from collections.abc import Iterator
from datetime import datetime

from sagewarden.application.ports import Ledger
from sagewarden.application.resolve_cases import recorded
from sagewarden.application.targets import Target
from sagewarden.domain.audit import Happening, noted
from sagewarden.domain.cases import Case, CaseState

WHY = "it is no longer governed: its account left, or the policy means it no longer"


def end_what_is_left(place: Target, ledger: Ledger, now: datetime) -> Iterator[Case]:
    """End every case of a place. Nobody is told, and nothing is read or done there.

    What a run set out to do and recorded is done; of what it did not record nothing is known, and
    nothing is claimed. A case that somebody else changes meanwhile is left to the next time. When
    the place is governed again, a violation that is still there is one that has come back.

    Args:
        place: The account and region.
        ledger: What remembers.
        now: The present moment (aware).

    Yields:
        The cases that ended.

    Raises:
        UnreadableError: The ledger could not be read.
        ActionFailedError: It could not be written.
    """
    for case in ledger.live_cases(place.account, place.region):
        if case.state is CaseState.ACTING and recorded(case, ledger):
            ended = case.ended(CaseState.DONE, now)
            saved = ledger.save(ended)
        else:
            idle = case.not_acted() if case.state is CaseState.ACTING else case
            ended = idle.ended(CaseState.RESOLVED, now)
            saved = ledger.save(ended, noted(ended, Happening.RESOLVED, now, reason=WHY))
        if saved:
            yield ended
