"""What became of an action, and the record of it that outlives the run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sagewarden.domain.actions import Action
from sagewarden.domain.money import MonthlyCost
from sagewarden.domain.resources import ResourceRef


class OutcomeKind(StrEnum):
    """What became of an action."""

    APPLIED = "APPLIED"
    STALE = "STALE"
    """Its precondition no longer held; nothing was done."""
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"
    """It was not tried: halted, not permitted by its rule's mode, or done before."""
    UNDER_WAY = "UNDER_WAY"
    """A restore that was begun: AWS takes minutes, and it is to be run again."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one action.

    Attributes:
        rule: The rule that asked for it.
        action: The action.
        kind: What became of it.
        reason: One sentence.
        at: When it was decided (aware).
        undo: The command that takes it back, where there is one.
        saving: What the action saves a month, as was known when it was done; None when it was not.
        run: What correlates it with all else that one trigger led to, where it was in a run.
    """

    rule: str
    action: Action
    kind: OutcomeKind
    reason: str
    at: datetime
    undo: str | None = None
    saving: MonthlyCost | None = None
    run: str | None = None

    @property
    def way_back(self) -> str | None:
        """The command that takes all of it back.

        One call of AWS's starts a notebook instance again; of an endpoint it brings neither tags
        nor autoscaling back, a restore does.
        """
        if self.undo is not None and self.action.destructive:
            return f"sagewarden restore {self.action.ref.arn}"
        return self.undo


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything needed to bring a resource back, stored before it is touched.

    Attributes:
        ref: The resource.
        at: When it was taken (aware).
        content: What AWS said of the resource and all that it refers to, as JSON values.
    """

    ref: ResourceRef
    at: datetime
    content: Mapping[str, object]


def last_touched(history: Iterable[Outcome]) -> datetime | None:
    """When this program last stopped something, started it or brought it back, if it ever did."""
    had_effect = {OutcomeKind.APPLIED, OutcomeKind.UNDER_WAY}
    done = (
        item
        for item in history
        if (item.action.kind.stops or item.action.kind.undoes) and item.kind in had_effect
    )
    return max((item.at for item in done), default=None)
