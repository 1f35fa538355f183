"""The demo's stand-in for Slack: it accepts every message, and remembers it for the report."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sagewarden.application.ports import Clock
from sagewarden.domain.cases import Case
from sagewarden.domain.outcomes import Outcome
from sagewarden.domain.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning of the demo's enforcing rules: when it came, of what, and from when on."""

    at: datetime
    case: Case
    verdict: Verdict
    due_at: datetime


class NoticeBoard:
    """The notifier port, on a board that everybody reads.

    Attributes:
        warnings: The warnings, oldest first.
        told: What owners were told was done.
        called_off: The cases of which owners were told that nothing will happen any more.
        reminders: What owners were reminded of.
        given_up: Whose action failed too often.
    """

    keeps_hours = False

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.warnings: list[Warned] = []
        self.told: list[Outcome] = []
        self.called_off: list[Case] = []
        self.reminders: list[tuple[Case, Verdict]] = []
        self.given_up: list[tuple[Case, Outcome]] = []

    def warn(
        self,
        case: Case,
        verdict: Verdict,
        due_at: datetime | None,
        *,
        can_wait: bool = False,  # noqa: ARG002 - everybody may look at any time
    ) -> bool:
        """Put up a warning, if anything follows from it."""
        if due_at is not None:
            self.warnings.append(Warned(self._clock.now(), case, verdict, due_at))
        return due_at is not None

    def remind(self, case: Case, verdict: Verdict) -> bool:
        """Put up a reminder."""
        self.reminders.append((case, verdict))
        return True

    def tell(self, outcome: Outcome) -> None:
        """Put up what was done."""
        self.told.append(outcome)

    def resolved(self, case: Case) -> None:
        """Put up that nothing will happen any more."""
        self.called_off.append(case)

    def gave_up(self, case: Case, outcome: Outcome) -> None:
        """Put up that an action failed too often."""
        self.given_up.append((case, outcome))

    def afterwards(self, settle: Callable[[], object]) -> None:
        """At once: it was heard."""
        settle()
