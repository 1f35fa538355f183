"""What a rule says of a resource: a verdict, with its reason and its evidence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sagewarden.domain.actions import Action
from sagewarden.domain.money import MonthlyCost
from sagewarden.domain.resources import ResourceRef

type Evidence = Mapping[str, str | int | float | bool | None]


class VerdictKind(StrEnum):
    """The possible verdicts; only VIOLATION may lead to an action."""

    VIOLATION = "VIOLATION"
    COMPLIANT = "COMPLIANT"
    EXEMPT = "EXEMPT"
    TOO_NEW = "TOO_NEW"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule says of one resource.

    Attributes:
        rule: The rule's name.
        ref: The resource.
        kind: The verdict.
        reason: One sentence for the owner.
        evidence: The figures behind the reason.
        action: What would mend a violation; None when nothing may be done.
        saving: What the action saves per month at list price; None when no price is known.
        owner: Whose the resource is, as its tag says; None when none does.
        team: The team it belongs to, as its tag says; None when none does.
    """

    rule: str
    ref: ResourceRef
    kind: VerdictKind
    reason: str
    evidence: Evidence = field(default_factory=dict[str, str | int | float | bool | None])
    action: Action | None = None
    saving: MonthlyCost | None = None
    owner: str | None = None
    team: str | None = None
