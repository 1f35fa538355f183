"""Find cases in a ledger, and all that it knows of one resource."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from sagewarden.application.ports import Ledger
from sagewarden.domain.audit import EVERYTHING, AuditEntry
from sagewarden.domain.cases import Case, CaseState
from sagewarden.domain.exemptions import Exemption
from sagewarden_cli.options import BadOptionError

LOOKED_BACK = timedelta(days=30)
"""How far back ended cases are listed, unless somebody asks for more."""

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases are asked for; what is None does not matter.

    Attributes:
        owner: A pattern of owners.
        state: Where they stand; the living ones where it is None.
        rule: A pattern of rules.
    """

    owner: str | None = None
    state: CaseState | None = None
    rule: str | None = None

    def matches(self, case: Case, now: datetime) -> bool:
        """Whether a case is asked for."""
        return (
            (self.state is None or case.state_at(now) is self.state)
            and (self.owner is None or fnmatchcase(case.owner or "", self.owner))
            and (self.rule is None or fnmatchcase(case.rule, self.rule))
        )


@dataclass(frozen=True, slots=True)
class Story:
    """All that a ledger knows of one resource.

    Attributes:
        arn: Its ARN.
        cases: Its cases, oldest first.
        entries: What happened to it, oldest first, with halts and resumes of that time.
        exemptions: What leaves it alone or did, except by tag or policy file.
    """

    arn: str
    cases: tuple[Case, ...]
    entries: tuple[AuditEntry, ...]
    exemptions: tuple[Exemption, ...]


def find_cases(ledger: Ledger, wanted: Wanted, since: datetime, now: datetime) -> Sequence[Case]:
    """The cases that are asked for, the one that is due first at the top.

    Args:
        ledger: The ledger.
        wanted: Which ones.
        since: Since when they ended, where ended ones are asked for.
        now: The present moment (aware).
    """
    ended = wanted.state is not None and not wanted.state.alive
    found = [
        case
        for place in ledger.places()
        for case in (ledger.ended_cases(*place, since) if ended else ledger.live_cases(*place))
        if wanted.matches(case, now)
    ]
    return sorted(found, key=lambda case: (case.due_at or case.opened_at, case.case_id))


def find_story(ledger: Ledger, what: str, now: datetime) -> Story:
    """All that is known of a resource.

    Args:
        ledger: The ledger.
        what: Its name, its ARN, or the id of one of its cases.
        now: The present moment (aware).

    Raises:
        BadOptionError: Nothing is known of it, or several are called so.
    """
    cases = _all_cases(ledger, now)
    arn = _arn(ledger, what, cases)
    own = [case for case in cases if case.ref.arn == arn]
    entries = list(ledger.trail(arn))
    if not entries and not own:
        raise BadOptionError(f"the ledger knows nothing of {what}")
    if entries:
        begin = entries[0].at
        entries += [entry for entry in ledger.trail(EVERYTHING) if entry.at >= begin]
    return Story(
        arn,
        tuple(sorted(own, key=lambda case: case.opened_at)),
        tuple(sorted(entries, key=lambda entry: entry.at)),
        tuple(
            given
            for given in ledger.all_exemptions()
            if own and any(given.covers(case.ref, case.rule) for case in own)
        ),
    )


def _all_cases(ledger: Ledger, now: datetime) -> Sequence[Case]:
    long_ago = now - timedelta(days=10 * 365)
    return [
        case
        for place in ledger.places()
        for case in (*ledger.live_cases(*place), *ledger.ended_cases(*place, long_ago))
    ]


def _arn(ledger: Ledger, what: str, cases: Sequence[Case]) -> str:
    if what.startswith("arn:"):
        return what
    if known := ledger.case(what):
        return known.ref.arn
    called = sorted({case.ref.arn for case in cases if case.ref.name == what})
    if len(called) > 1:
        named = ", ".join(called[:_MOST_NAMED])
        raise BadOptionError(f"{len(called)} resources are called {what}; give an ARN: {named}")
    if not called:
        raise BadOptionError(
            f"the ledger has no case of {what}: give its ARN, or see sagewarden cases"
        )
    return called[0]
