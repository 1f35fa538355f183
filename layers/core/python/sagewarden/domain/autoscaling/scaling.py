"""What Application Auto Scaling holds for one variant or inference component, as values.

Source: the Application Auto Scaling API reference (RegisterScalableTarget, PutScalingPolicy,
PutScheduledAction; read 2026-11).
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

OURS = "sagewarden-"
"""How the names of our scaling policies and scheduled actions begin."""

TRACKING = f"{OURS}target-tracking"
"""The name of our policy that follows a metric."""

WAKING = f"{OURS}wake"
"""The name of our policy that takes on the first instance or copy of what has none."""


class Dimension(StrEnum):
    """What of SageMaker's scales."""

    CONCURRENCY = "sagemaker:variant:DesiredProvisionedConcurrency"
    INSTANCES = "sagemaker:variant:DesiredInstanceCount"
    COPIES = "sagemaker:inference-component:DesiredCopyCount"


class Metric(StrEnum):
    """What our policies follow: a predefined metric, or one of an asynchronous endpoint's own."""

    UTILIZATION = "SageMakerVariantProvisionedConcurrencyUtilization"
    """The only predefined metric that provisioned concurrency takes."""
    CALLS_PER_INSTANCE = "SageMakerVariantInvocationsPerInstance"
    CALLS_PER_COPY = "SageMakerInferenceComponentInvocationsPerCopy"
    BACKLOG_PER_INSTANCE = "ApproximateBacklogSizePerInstance"

    def told(self, value: float) -> str:
        """Say what a policy keeps it at."""
        match self:
            case Metric.UTILIZATION:
                return f"{value:.0%} utilisation"
            case Metric.CALLS_PER_INSTANCE:
                return f"{value:g} calls a minute per instance"
            case Metric.CALLS_PER_COPY:
                return f"{value:g} calls a minute per copy"
            case Metric.BACKLOG_PER_INSTANCE:
                return f"{value:g} waiting per instance"


@dataclass(frozen=True, slots=True)
class Capacity:
    """Between how much and how much there may be: concurrency, instances or copies.

    Attributes:
        least: MinCapacity.
        most: MaxCapacity, not less than `least`.

    Raises:
        ValueError: The bounds are negative or the wrong way round.
    """

    least: int
    most: int

    def __post_init__(self) -> None:
        if not 0 <= self.least <= self.most:
            raise ValueError(f"{self.least} to {self.most} are no bounds")

    def within(self, room: int) -> "Capacity":
        """The same bounds where there may be no more than `room`."""
        return Capacity(min(self.least, room), min(self.most, room))

    def awake(self) -> "Capacity":
        """The same bounds, but never none."""
        return Capacity(max(self.least, 1), max(self.most, 1))

    def reaching(self, count: int) -> "Capacity":
        """The same bounds, widened until so many are within them."""
        return Capacity(self.least, max(self.most, count))

    def __str__(self) -> str:
        return f"{self.least}..{self.most}"


@dataclass(frozen=True, slots=True)
class ScalableTarget:
    """A registered variant or inference component.

    Attributes:
        capacity: Its bounds now.
        suspended: Whether somebody suspended a part of its scaling (SuspendedState).
    """

    capacity: Capacity
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class Alarm:
    """A CloudWatch alarm that triggers a policy.

    Attributes:
        name: Its name.
        state: OK, ALARM or INSUFFICIENT_DATA; None when there is no such alarm any more.
        since: When its state last changed (aware); None when not known.
    """

    name: str
    state: str | None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class ScalingPolicy:
    """A scaling policy.

    Attributes:
        name: Its name.
        target_value: What a policy of the kind that we write keeps its metric at, in both
            directions; None for a policy of any other kind.
        metric: What it tracks: a predefined metric, or the name of another; None where it steps.
        wakes: Whether it is the one that we write to take on the first instance or copy, and the
            alarm that triggers it is there.
        alarms: What triggers it; None where they were not read.
    """

    name: str
    target_value: float | None
    metric: str | None = None
    wakes: bool = False
    alarms: tuple[Alarm, ...] | None = field(default=None, compare=False)

    @property
    def missing(self) -> tuple[str, ...]:
        """The names of its alarms that somebody deleted."""
        return tuple(alarm.name for alarm in self.alarms or () if alarm.state is None)

    @property
    def writable(self) -> bool:
        """Whether it is of a kind that we can write."""
        return self.wakes or self.target_value is not None

    def __str__(self) -> str:
        if self.wakes or self.target_value is None or self.metric is None:
            return "wake it when it is called"
        return f"track {Metric(self.metric).told(self.target_value)}"


WAKE = ScalingPolicy(WAKING, None, wakes=True)
"""Our policy that takes on the first instance or copy of what has none."""


@dataclass(frozen=True, slots=True)
class ScheduledAction:
    """What sets a target's bounds at a given time.

    Attributes:
        name: Its name.
        schedule: ``cron(...)`` with six fields, ``at(...)`` or ``rate(...)``.
        timezone: The IANA zone that the schedule is read in.
        least: The MinCapacity it sets; None leaves it.
        most: The MaxCapacity it sets; None leaves it.
        start: From when on a cron expression counts (aware); None for always.
        end: Until when it counts; None for ever.
    """

    name: str
    schedule: str
    timezone: str
    least: int | None
    most: int | None
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class ScalingState:
    """All that is registered for one variant or inference component.

    Attributes:
        target: Its scalable target, if it is registered.
        policies: Its scaling policies.
        scheduled: Its scheduled actions.
    """

    target: ScalableTarget | None = None
    policies: tuple[ScalingPolicy, ...] = ()
    scheduled: tuple[ScheduledAction, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its policies and scheduled actions."""
        return (*(item.name for item in self.policies), *(item.name for item in self.scheduled))

    @property
    def foreign(self) -> tuple[str, ...]:
        """The names of the policies and scheduled actions that somebody else made."""
        return tuple(name for name in self.names if not name.startswith(OURS))

    @property
    def marked_ours(self) -> bool:
        """Whether a policy or scheduled action of ours tells that we registered the target."""
        return len(self.foreign) < len(self.names)


UNREGISTERED = ScalingState()
"""What Application Auto Scaling does not know."""


def resource_id(endpoint: str, variant: str) -> str:
    """What Application Auto Scaling calls a variant."""
    return f"endpoint/{endpoint}/variant/{variant}"


def component_id(component: str) -> str:
    """What Application Auto Scaling calls an inference component."""
    return f"inference-component/{component}"
