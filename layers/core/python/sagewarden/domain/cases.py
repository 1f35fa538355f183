"""The life of one violation of one rule by one resource."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sagewarden.domain.resources import ResourceRef
from sagewarden.domain.verdicts import Verdict


class CaseState(StrEnum):
    """Where a case stands. OPEN and WARNED are alive; the others have ended."""

    OPEN = "OPEN"
    WARNED = "WARNED"
    DONE = "DONE"
    RESOLVED = "RESOLVED"

    @property
    def alive(self) -> bool:
        """Whether something may still happen to its resource."""
        return self in {CaseState.OPEN, CaseState.WARNED}


@dataclass(frozen=True, slots=True)
class Case:
    """One violation, from the first sight of it to its end.

    Attributes:
        case_id: The same for the same resource in the same state under the same rule.
        rule: The rule's name.
        ref: The resource.
        reason: The verdict's reason, as its owner reads it.
        state: Where it stands.
        opened_at: When it was first seen (aware).
        version: Counts its writes, so that two writers cannot both win.
        warned_at: When the warning was accepted; the grace period counts from here.
        due_at: From when on it may be acted on; None until it was warned.
    """

    case_id: str
    rule: str
    ref: ResourceRef
    reason: str
    state: CaseState
    opened_at: datetime
    version: int = 0
    warned_at: datetime | None = None
    due_at: datetime | None = None

    def warned(self, at: datetime, due_at: datetime) -> "Case":
        """The case after its warning was accepted."""
        return replace(self, state=CaseState.WARNED, warned_at=at, due_at=due_at)

    def ended(self, state: CaseState) -> "Case":
        """The case after its end."""
        return replace(self, state=state)

    def due(self, now: datetime) -> bool:
        """Whether it was warned of and its grace period is over."""
        return self.state is CaseState.WARNED and self.due_at is not None and now >= self.due_at


def open_case(verdict: Verdict, now: datetime) -> Case:
    """A new case for a violation.

    Raises:
        ValueError: The verdict has no action.
    """
    return Case(
        case_id=case_id(verdict),
        rule=verdict.rule,
        ref=verdict.ref,
        reason=verdict.reason,
        state=CaseState.OPEN,
        opened_at=now,
    )


def case_id(verdict: Verdict) -> str:
    """Identify the case of a violation: a restarted or recreated resource is a new case.

    Raises:
        ValueError: The verdict has no action.
    """
    if verdict.action is None:
        raise ValueError(f"no case without an action: {verdict.ref.name} is {verdict.kind}")
    then = verdict.action.precondition
    parts = (
        verdict.rule,
        verdict.ref.arn,
        verdict.action.kind,
        then.created.isoformat(),
        then.modified.isoformat(),
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]
