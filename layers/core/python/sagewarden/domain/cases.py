"""The life of one violation of one rule by one resource."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sagewarden.domain.actions import Action
from sagewarden.domain.resources import ResourceRef
from sagewarden.domain.verdicts import Verdict

SETTLES = timedelta(hours=6)
"""How long after an action its violation may still be seen without being a new one."""


class CaseState(StrEnum):
    """Where a case stands. OPEN, WARNED and ACTING are alive; the others have ended."""

    OPEN = "OPEN"
    WARNED = "WARNED"
    ACTING = "ACTING"
    """A run set out to act; when it did not report back, the resource tells what became of it."""
    DONE = "DONE"
    RESOLVED = "RESOLVED"

    @property
    def alive(self) -> bool:
        """Whether something may still happen to its resource."""
        return self in {CaseState.OPEN, CaseState.WARNED, CaseState.ACTING}


@dataclass(frozen=True, slots=True)
class Case:
    """One violation, from the first sight of it to its end.

    Attributes:
        case_id: The same for the same resource in the same state under the same rule.
        rule: The rule's name.
        action: What would mend the violation.
        reason: The verdict's reason, as its owner reads it.
        state: Where it stands.
        opened_at: When it was first seen (aware).
        version: Counts its writes, so that two writers cannot both win.
        warned_at: When the warning was accepted; the grace period counts from here.
        due_at: From when on it may be acted on; None while it only watches.
        ended_at: When it ended.
    """

    case_id: str
    rule: str
    action: Action
    reason: str
    state: CaseState
    opened_at: datetime
    version: int = 0
    warned_at: datetime | None = None
    due_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def ref(self) -> ResourceRef:
        """The resource."""
        return self.action.ref

    def warned(self, at: datetime, due_at: datetime | None) -> "Case":
        """The case after its warning was accepted; without `due_at` nothing follows from it."""
        return replace(self, state=CaseState.WARNED, warned_at=at, due_at=due_at)

    def acting(self) -> "Case":
        """The case while its action is carried out."""
        return replace(self, state=CaseState.ACTING)

    def not_acted(self) -> "Case":
        """The case after its action was not carried out."""
        return replace(self, state=CaseState.WARNED)

    def ended(self, state: CaseState, at: datetime) -> "Case":
        """The case after its end."""
        return replace(self, state=state, ended_at=at)

    def due(self, now: datetime) -> bool:
        """Whether it was warned of and its grace period is over."""
        warned = self.state in {CaseState.WARNED, CaseState.ACTING}
        return warned and self.due_at is not None and now >= self.due_at

    def opens_anew(self, now: datetime) -> bool:
        """Whether the same violation, seen again now, is a new one.

        What was resolved has come back. What was done counts as come back after SETTLES: until
        then AWS's lists may still show the past.
        """
        if self.state is CaseState.DONE:
            return self.ended_at is not None and now >= self.ended_at + SETTLES
        return self.state is CaseState.RESOLVED


def open_case(verdict: Verdict, now: datetime) -> Case:
    """A new case for a violation.

    Raises:
        ValueError: The verdict has no action.
    """
    return Case(
        case_id=case_id(verdict),
        rule=verdict.rule,
        action=_action(verdict),
        reason=verdict.reason,
        state=CaseState.OPEN,
        opened_at=now,
    )


def case_id(verdict: Verdict) -> str:
    """Identify the case of a violation: a restarted or recreated resource is a new case.

    Of what changes nothing that runs only a recreated resource is a new case: nobody is told each
    morning anew that a tag is missing.

    Raises:
        ValueError: The verdict has no action.
    """
    action = _action(verdict)
    then = action.precondition
    parts = (
        verdict.rule,
        verdict.ref.arn,
        action.kind,
        then.created.isoformat(),
        *([then.modified.isoformat()] if action.kind.changes_what_runs else []),
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]


def _action(verdict: Verdict) -> Action:
    if verdict.action is None:
        raise ValueError(f"no case without an action: {verdict.ref.name} is {verdict.kind}")
    return verdict.action
