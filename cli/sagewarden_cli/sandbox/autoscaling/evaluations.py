"""When a scaling policy looks at its metrics: at the end of a minute that has data."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sagewarden_cli.sandbox.autoscaling.alarms import PERIOD
from sagewarden_cli.sandbox.autoscaling.resources import ScalableTarget, is_there
from sagewarden_cli.sandbox.backend import AccountRegion
from sagewarden_cli.sandbox.transitions import Transition


class Evaluations:
    """The evaluations of one policy, of which one at the most is to come: the earliest asked for.

    Args:
        here: Where they happen.
        target: What the policy scales; once that is gone nothing is evaluated.
        evaluate: What happens; it is told when.
    """

    def __init__(
        self,
        here: AccountRegion,
        target: ScalableTarget,
        evaluate: Callable[[datetime], None],
    ) -> None:
        self._here = here
        self._target = target
        self._evaluate = evaluate
        self._pending: Transition | None = None

    def wake(self, first: float) -> None:
        """Evaluate at the end of the first minute that has data, but never in the past."""
        past = self._here.settled_until or self._here.now()
        self.after(max(first, past.timestamp()))

    def after(self, moment: float) -> None:
        """Evaluate at the end of the minute of a moment, unless that is to happen earlier."""
        due = datetime.fromtimestamp((moment // PERIOD + 1) * PERIOD, UTC)
        if self._pending is not None and self._pending.due_at <= due:
            return
        self.stop()
        self._pending = self._here.later(timedelta(0), self._happen, since=due)

    def stop(self) -> None:
        """Evaluate no more, until it is asked for again."""
        if self._pending is not None:
            self._pending.is_cancelled = True
            self._pending = None

    def _happen(self, at: datetime) -> None:
        self._pending = None
        if is_there(self._here, self._target.of):
            self._evaluate(at)
