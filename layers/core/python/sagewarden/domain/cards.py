"""What a message shows of one case: its present state, why, what it costs, and what can be done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.money import MonthlyCost
from sagewarden.domain.resources import RUN_ONCE, ResourceKind, ResourceRef


class Face(StrEnum):
    """What a card says of its case."""

    WARNED = "warned"
    TOLD = "told"
    """It breaks a rule, and nothing else happens."""
    SNOOZED = "snoozed"
    EXEMPT = "exempt"
    DONE = "done"
    CALLED_OFF = "called-off"
    FAILED = "failed"
    RESTORING = "restoring"
    """AWS is bringing it back."""
    RESTORED = "restored"
    NOT_RESTORED = "not-restored"
    """A part of it is not back, or nothing is."""


class Click(StrEnum):
    """What a reader can ask for with a click."""

    KEEP = "keep"
    """Nothing happens for seven days; then its owner is warned anew."""
    SNOOZE = "snooze"
    """The same for two hours: for a notebook that is still in use in the evening."""
    EXEMPT = "exempt"
    NOW = "now"
    RESTORE = "restore"
    EXPLAIN = "explain"


@dataclass(frozen=True, slots=True)
class Card:
    """One case, as a message shows it.

    Attributes:
        case_id: The case.
        rule: The rule's name.
        ref: The resource.
        action: What happens, will happen or happened.
        face: Where the case stands.
        reason: Why, in one sentence.
        evidence: The figures behind it.
        saving: What the action saves a month; None when no price is known.
        due_at: When the action follows.
        until: Until when it is left alone.
        at: When it was done, called off, given up or restored.
        by: Who decided.
        why: What they said.
        undo: The command that takes it back.
        run: The run that last told of it, by which its log lines are found.
    """

    case_id: str
    rule: str
    ref: ResourceRef
    action: ActionKind
    face: Face
    reason: str
    evidence: Mapping[str, str] = field(default_factory=dict[str, str])
    saving: MonthlyCost | None = None
    due_at: datetime | None = None
    until: datetime | None = None
    at: datetime | None = None
    by: str | None = None
    why: str | None = None
    undo: str | None = None
    run: str | None = None

    @property
    def closes_a_notebook(self) -> bool:
        """Whether it speaks of a stop that its owner can take back within minutes.

        Of a notebook instance or a Studio app, or of a node group whose hours end.
        """
        if self.ref.kind == ResourceKind.NODE_GROUP:
            return self.action.stops and "closed_since" in self.evidence
        return self.ref.kind in _NOTEBOOKS and self.action is ActionKind.STOP

    @property
    def awaits_closing(self) -> bool:
        """Whether it announces a closing: before that nothing is wrong that could end now."""
        closing = self.evidence.get("closed_since")
        if not self.closes_a_notebook or self.due_at is None or closing is None:
            return False
        return datetime.fromisoformat(closing) == self.due_at

    @property
    def comes_back(self) -> bool:
        """Whether a click brings it back; a stopped job cannot be resumed."""
        return self.action.undoable and self.ref.kind not in RUN_ONCE

    @property
    def clicks(self) -> tuple[Click, ...]:
        """What its reader can ask for now."""
        if self.face is Face.WARNED:
            later = (Click.SNOOZE,) if self.closes_a_notebook else ()
            found = (Click.KEEP, *later, Click.EXEMPT, Click.NOW, Click.EXPLAIN)
        else:
            found = _CLICKS[self.face]
        return tuple(click for click in found if click not in self._withheld)

    @property
    def _withheld(self) -> frozenset[Click]:
        """What makes no sense for what it speaks of."""
        now = {Click.NOW} if self.awaits_closing else set[Click]()
        return frozenset(now if self.comes_back else {*now, Click.RESTORE})


_NOTEBOOKS = frozenset({ResourceKind.NOTEBOOK_INSTANCE, ResourceKind.STUDIO_APP})

_CLICKS: Mapping[Face, tuple[Click, ...]] = {
    Face.TOLD: (Click.EXEMPT, Click.EXPLAIN),
    Face.SNOOZED: (Click.EXEMPT, Click.NOW, Click.EXPLAIN),
    Face.EXEMPT: (Click.EXPLAIN,),
    Face.DONE: (Click.RESTORE, Click.EXPLAIN),
    Face.CALLED_OFF: (Click.EXPLAIN,),
    Face.FAILED: (Click.EXPLAIN,),
    Face.RESTORING: (Click.EXPLAIN,),
    Face.RESTORED: (Click.EXPLAIN,),
    Face.NOT_RESTORED: (Click.RESTORE, Click.EXPLAIN),
}
