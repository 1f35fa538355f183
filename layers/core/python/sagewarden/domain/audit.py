"""The audit trail: what happened to a resource, when, by whom, with which details."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sagewarden.domain.cases import Case
from sagewarden.domain.exemptions import Exemption
from sagewarden.domain.outcomes import Outcome

BOTS = "sagewarden"
"""Who did what no person did."""

EVERYTHING = "*"
"""In place of an ARN: what concerns every resource, as a halt does."""


class Happening(StrEnum):
    """What can happen to a resource."""

    OPENED = "case opened"
    WARNED = "warned"
    WARNING_REFUSED = "warning not accepted"
    REMINDED = "reminded"
    SNOOZED = "snoozed"
    EXEMPTED = "exempted"
    LIFTED = "exemption lifted"
    ASKED_NOW = "asked for now"
    ACTING = "acting"
    ASKED_RESTORE = "asked to restore"
    OUTCOME = "outcome"
    GAVE_UP = "given up"
    RESOLVED = "resolved"
    RESTORED = "restored"
    HALTED = "halted"
    RESUMED = "resumed"
    REPORTED = "digest sent"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing that happened; it is never changed.

    Attributes:
        at: When (aware).
        arn: To which resource, or EVERYTHING.
        what: What happened.
        by: Who did it: a person as they are known, or BOTS.
        details: What an auditor wants to know beside it, by name.
    """

    at: datetime
    arn: str
    what: Happening
    by: str
    details: Mapping[str, str] = field(default_factory=dict[str, str])


def noted(
    case: Case, what: Happening, at: datetime, by: str = BOTS, **details: object
) -> AuditEntry:
    """The entry of something that happened to a case; details that are None are left out."""
    told = {key: _spelt(value) for key, value in details.items() if value is not None}
    about = {"case": case.case_id, "rule": case.rule, "action": case.action.kind.value}
    if case.owner is not None:
        about["owner"] = case.owner
    return AuditEntry(at, case.ref.arn, what, by, {**about, **told})


def noted_exemption(exemption: Exemption, what: Happening, at: datetime, by: str) -> AuditEntry:
    """The entry of an exemption, in the trail of what it speaks of: an ARN, or a glob."""
    details = {
        "rule": exemption.rule,
        "until": exemption.until.isoformat() if exemption.until else "for good",
        "why": exemption.why,
    }
    return AuditEntry(at, exemption.resources, what, by, details)


def merged(entries: Iterable[AuditEntry], outcomes: Iterable[Outcome]) -> Sequence[AuditEntry]:
    """The trail of a resource, oldest first, with the outcomes of its actions in their places.

    What happened at the same moment comes in the order of a case's life.
    """
    order = list(Happening)

    def place(entry: AuditEntry) -> tuple[datetime, int]:
        return entry.at, order.index(entry.what)

    return tuple(sorted((*entries, *map(of_outcome, outcomes)), key=place))


def of_outcome(outcome: Outcome) -> AuditEntry:
    """The entry that an outcome is, in the trail of its resource."""
    details = {
        "rule": outcome.rule,
        "action": outcome.action.kind.value,
        "outcome": outcome.kind.value,
        "reason": outcome.reason,
        **({"undo": outcome.undo} if outcome.undo else {}),
        **({"run": outcome.run} if outcome.run else {}),
    }
    return AuditEntry(outcome.at, outcome.action.ref.arn, Happening.OUTCOME, BOTS, details)


def _spelt(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
