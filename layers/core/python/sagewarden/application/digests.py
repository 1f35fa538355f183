"""Gather what digests tell of a time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sagewarden.application.ports import Ledger
from sagewarden.domain.cases import Case, CaseState, case_id_of
from sagewarden.domain.digest import Deed, Digest, Records, RunningOut, digest_of, runs_out
from sagewarden.domain.exemptions import Exemption
from sagewarden.domain.outcomes import Outcome, OutcomeKind
from sagewarden.domain.standstill import CLAIMED_FOR, Span


@dataclass(frozen=True, slots=True)
class Known:
    """What the policy adds to what the ledger knows.

    Attributes:
        exemptions: The policy's own exemptions.
        places: In how many accounts and regions it holds.
    """

    exemptions: Sequence[Exemption] = ()
    places: int = 0


def gather(ledger: Ledger, span: Span, now: datetime, known: Known | None = None) -> Records:
    """All that the ledger knows of a time.

    What was done is found by the cases that ended and by what can still be undone: each stop,
    deletion, scaling and release is one or the other.

    Args:
        ledger: Remembers.
        span: The time.
        now: The present moment (aware).
        known: What the policy adds.

    Raises:
        UnreadableError: The ledger could not be read.
    """
    known = known or Known()
    live: list[Case] = []
    ended: list[Case] = []
    arns: dict[str, None] = {}
    for place in ledger.places():
        live += ledger.live_cases(*place)
        over = ledger.ended_cases(*place, span.begin)
        ended += over
        arns |= dict.fromkeys(case.ref.arn for case in over if case.state in _DONE)
        standing = ledger.undoable(*place)
        arns |= dict.fromkeys(item.action.ref.arn for item in standing if _counts(item, span))
    teams = {case.case_id: case.team for case in (*live, *ended)}
    return Records(
        live=live,
        ended=[case for case in ended if case.ended_at and span.holds(case.ended_at)],
        histories=[_history(arn, ledger, teams) for arn in arns],
        exemptions=list(_running_out(ledger, span, now, known)),
        halted=ledger.halted(),
        places=known.places,
    )


def digests(
    records: Records, span: Span, now: datetime, zone: ZoneInfo, teams: Iterable[str]
) -> Iterator[Digest]:
    """The organisation's digest, whatever happened, and those of teams that have something to hear.

    Args:
        records: What is known.
        span: The time.
        now: The present moment (aware).
        zone: Whose days are meant.
        teams: The teams that have a channel.
    """
    yield digest_of(records, span, now, zone)
    for team in teams:
        digest = digest_of(records, span, now, zone, team)
        if not digest.is_empty:
            yield digest


_DONE = {CaseState.DONE, CaseState.RESTORED}


def _counts(outcome: Outcome, span: Span) -> bool:
    """Whether what was done may bear on a time."""
    return outcome.at >= span.begin - CLAIMED_FOR


def _history(arn: str, ledger: Ledger, teams: Mapping[str, str | None]) -> Sequence[Deed]:
    done = [item for item in ledger.history(arn) if item.kind is OutcomeKind.APPLIED]
    return [Deed(item, _team(item, ledger, teams)) for item in done]


def _team(outcome: Outcome, ledger: Ledger, teams: Mapping[str, str | None]) -> str | None:
    """The team of what was done: that of its case, which may have ended long ago."""
    case_id = case_id_of(outcome.rule, outcome.action)
    if case_id in teams:
        return teams[case_id]
    case = ledger.case(case_id)
    return case.team if case else None


def _running_out(ledger: Ledger, span: Span, now: datetime, known: Known) -> Iterator[RunningOut]:
    for given in dict.fromkeys((*ledger.all_exemptions(), *known.exemptions)):
        if runs_out(given, span, now):
            yield RunningOut(given, frozenset(_covered_teams(given, ledger)))


def _covered_teams(given: Exemption, ledger: Ledger) -> Iterator[str]:
    """The teams of an exemption of one resource, as the cases in its trail have it."""
    if given.place is None or any(sign in given.resources for sign in "*?["):
        return
    for case_id in dict.fromkeys(
        entry.details.get("case") for entry in ledger.trail(given.resources)
    ):
        case = ledger.case(case_id) if case_id else None
        if case is not None and case.team is not None:
            yield case.team
