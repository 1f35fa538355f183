"""How long the emulated state changes take, and which of them are due."""

import heapq
import itertools
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

_DEFAULTS: Mapping[tuple[str, str], timedelta] = {
    ("notebook-instance", "Pending"): timedelta(minutes=3),
    ("notebook-instance", "Stopping"): timedelta(minutes=2),
    ("notebook-instance", "Updating"): timedelta(minutes=1),
    ("notebook-instance", "Deleting"): timedelta(minutes=1),
    ("endpoint", "Creating"): timedelta(minutes=5),
    ("endpoint", "Updating"): timedelta(minutes=5),
    ("endpoint", "Deleting"): timedelta(minutes=1),
    ("inference-component", "Creating"): timedelta(minutes=4),
    ("inference-component", "Updating"): timedelta(minutes=2),
    ("inference-component", "Deleting"): timedelta(minutes=1),
    ("training-job", "Starting"): timedelta(minutes=2),
    ("training-job", "Downloading"): timedelta(minutes=1),
    ("training-job", "Training"): timedelta(minutes=60),
    ("training-job", "Uploading"): timedelta(minutes=1),
    ("training-job", "Stopping"): timedelta(minutes=2),
    ("processing-job", "Starting"): timedelta(minutes=3),
    ("processing-job", "Processing"): timedelta(minutes=30),
    ("processing-job", "Stopping"): timedelta(minutes=1),
    ("transform-job", "Starting"): timedelta(minutes=3),
    ("transform-job", "Transforming"): timedelta(minutes=30),
    ("transform-job", "Stopping"): timedelta(minutes=1),
    ("hyper-parameter-tuning-job", "Stopping"): timedelta(minutes=3),
    ("automl-job", "Starting"): timedelta(minutes=3),
    ("automl-job", "AnalyzingData"): timedelta(minutes=5),
    ("automl-job", "FeatureEngineering"): timedelta(minutes=5),
    ("automl-job", "ModelTuning"): timedelta(minutes=60),
    ("automl-job", "Stopping"): timedelta(minutes=2),
    ("domain", "Pending"): timedelta(minutes=5),
    ("domain", "Updating"): timedelta(minutes=1),
    ("domain", "Deleting"): timedelta(minutes=2),
    ("user-profile", "Pending"): timedelta(minutes=1),
    ("user-profile", "Updating"): timedelta(minutes=1),
    ("user-profile", "Deleting"): timedelta(minutes=1),
    ("space", "Pending"): timedelta(minutes=1),
    ("space", "Updating"): timedelta(minutes=1),
    ("space", "Deleting"): timedelta(minutes=1),
    ("app", "Pending"): timedelta(minutes=3),
    ("app", "Deleting"): timedelta(minutes=2),
    ("eks-cluster", "CREATING"): timedelta(minutes=10),
    ("eks-cluster", "DELETING"): timedelta(minutes=5),
    ("nodegroup", "CREATING"): timedelta(minutes=4),
    ("nodegroup", "UPDATING"): timedelta(minutes=2),
    ("nodegroup", "DELETING"): timedelta(minutes=5),
    ("mlflow-tracking-server", "Creating"): timedelta(minutes=25),
    ("mlflow-tracking-server", "Updating"): timedelta(minutes=10),
    ("mlflow-tracking-server", "Starting"): timedelta(minutes=10),
    ("mlflow-tracking-server", "Stopping"): timedelta(minutes=5),
    ("mlflow-tracking-server", "Deleting"): timedelta(minutes=5),
    ("monitoring-schedule", "Pending"): timedelta(minutes=1),
    ("monitoring-execution", "InProgress"): timedelta(minutes=6),
    ("inference-recommendations-job", "PENDING"): timedelta(minutes=2),
    ("inference-recommendations-job", "IN_PROGRESS"): timedelta(minutes=45),
    ("inference-recommendations-job", "STOPPING"): timedelta(minutes=2),
    ("cluster", "Creating"): timedelta(minutes=20),
    ("cluster", "Updating"): timedelta(minutes=10),
    ("cluster", "Deleting"): timedelta(minutes=10),
    ("provisioned-model", "Creating"): timedelta(minutes=10),
    ("provisioned-model", "Updating"): timedelta(minutes=5),
    ("variant", "ScalingIn"): timedelta(minutes=10),
    ("variant", "ScalingOut"): timedelta(minutes=5),
}


class TransitionTimes:
    """How long a resource of a kind stays in a transient status, in sandbox time."""

    def __init__(self) -> None:
        self._times = dict(_DEFAULTS)

    def of(self, kind: str, status: str) -> timedelta:
        """Return the duration of one transient status."""
        return self._times[self._known(kind, status)]

    def set(self, kind: str, status: str, duration: timedelta) -> None:
        """Change the duration of one transient status; 0 makes the change immediate.

        Raises:
            ValueError: No such transition, or a negative duration.
        """
        if duration < timedelta(0):
            raise ValueError(f"{kind} {status} cannot take {duration}: give 0 or more")
        self._times[self._known(kind, status)] = duration

    def set_all(self, duration: timedelta) -> None:
        """Change every duration to the same; 0 makes all changes immediate."""
        for kind, status in _DEFAULTS:
            self.set(kind, status, duration)

    def restart(self) -> None:
        """Return to the default durations."""
        self._times = dict(_DEFAULTS)

    def as_seconds(self) -> dict[str, dict[str, float]]:
        """Return all durations in seconds, by kind and status."""
        found: dict[str, dict[str, float]] = {}
        for (kind, status), duration in self._times.items():
            found.setdefault(kind, {})[status] = duration.total_seconds()
        return found

    def _known(self, kind: str, status: str) -> tuple[str, str]:
        if (kind, status) not in _DEFAULTS:
            known = ", ".join(f"{k} {s}" for k, s in _DEFAULTS)
            raise ValueError(f"no transition {kind} {status!r}: there are {known}")
        return kind, status


@dataclass(order=True, slots=True)
class Transition:
    """One state change to come.

    Attributes:
        due_at: When it takes effect, in sandbox time.
        order: Its place among those due at the same moment.
        effect: What happens; it is told ``due_at``, not the time at which somebody looked.
        is_cancelled: Whether something else happened to the resource first.
    """

    due_at: datetime
    order: int
    effect: Callable[[datetime], None] = field(compare=False)
    is_cancelled: bool = field(default=False, compare=False)


class Timeline:
    """The state changes to come in one account and region, in the order in which they are due.

    Attributes:
        moment: When the effect that happens right now was due; None between effects.
        settling_until: Up to when it was last asked to let things happen; None before that.
        settled_until: Up to when everything has happened; None before the first look.
    """

    moment: datetime | None = None
    settling_until: datetime | None = None
    settled_until: datetime | None = None

    def __init__(self) -> None:
        self._pending: list[Transition] = []
        self._order = itertools.count()
        self._lock = threading.RLock()

    def schedule(self, due_at: datetime, effect: Callable[[datetime], None]) -> Transition:
        """Let ``effect`` happen at ``due_at``."""
        transition = Transition(due_at, next(self._order), effect)
        with self._lock:
            heapq.heappush(self._pending, transition)
        return transition

    def settle(self, now: datetime) -> None:
        """Let everything that is due by ``now`` happen, each at its own time, in order."""
        self.settling_until = now
        if self._pending and self._pending[0].due_at <= now:
            with self._lock:
                self._let_happen(now)
        self.settled_until = now

    def _let_happen(self, now: datetime) -> None:
        while self._pending and self._pending[0].due_at <= now:
            transition = heapq.heappop(self._pending)
            if transition.is_cancelled:
                continue
            self.moment = transition.due_at
            try:
                transition.effect(transition.due_at)
            finally:
                self.moment = None
