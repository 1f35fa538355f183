"""What Application Auto Scaling holds for one variant, as values.

Source: the Application Auto Scaling API reference (RegisterScalableTarget, PutScalingPolicy,
PutScheduledAction; read 2026-11).
"""

from dataclasses import dataclass
from datetime import datetime

OURS = "sagewarden-"
"""How the names of our scaling policies and scheduled actions begin."""

TRACKING = f"{OURS}target-tracking"
"""The name of our one scaling policy."""

LEAST = 1
"""The least provisioned concurrency: the API refuses 0 (ProductionVariantServerlessConfig)."""

MOST = 200
"""The most provisioned concurrency, and the most MaxConcurrency, of a variant (the same)."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """Between how much and how much provisioned concurrency a variant may have.

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
        """The same bounds where no more than `room` may be provisioned."""
        return Capacity(min(self.least, room), min(self.most, room))

    def __str__(self) -> str:
        return f"{self.least}..{self.most}"


@dataclass(frozen=True, slots=True)
class ScalableTarget:
    """A registered variant.

    Attributes:
        capacity: Its bounds now.
        suspended: Whether somebody suspended a part of its scaling (SuspendedState).
    """

    capacity: Capacity
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class ScalingPolicy:
    """A scaling policy.

    Attributes:
        name: Its name.
        utilization: The target of a policy that tracks the utilisation of provisioned
            concurrency in both directions, 0 to 1; None for a policy of any other kind.
    """

    name: str
    utilization: float | None


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
    """All that is registered for one variant's provisioned concurrency.

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
"""A variant that Application Auto Scaling does not know."""


def resource_id(endpoint: str, variant: str) -> str:
    """What Application Auto Scaling calls a variant."""
    return f"endpoint/{endpoint}/variant/{variant}"
