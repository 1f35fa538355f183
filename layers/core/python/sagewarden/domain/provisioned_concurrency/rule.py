"""What a provisioned concurrency rule asks for."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sagewarden.domain.provisioned_concurrency.scaling import LEAST, Capacity
from sagewarden.domain.schedules.assignment import ScheduleBook
from sagewarden.domain.scope import Scope

ADOPT_TAG = "SagewardenAdopt"
"""The tag with which an owner hands over a target that somebody else registered: ``yes``."""


BARELY_WARM = Capacity(LEAST, LEAST)
"""The least that can be kept warm."""


class Strategy(StrEnum):
    """How the provisioned concurrency follows what is needed."""

    TARGET_TRACKING = "target-tracking"
    BUSINESS_HOURS = "business-hours"
    BOTH = "both"

    @property
    def tracks(self) -> bool:
        """Whether it follows the utilisation."""
        return self is not Strategy.BUSINESS_HOURS

    @property
    def keeps_hours(self) -> bool:
        """Whether its bounds depend on the time."""
        return self is not Strategy.TARGET_TRACKING


@dataclass(frozen=True, slots=True)
class ProvisionedConcurrency:
    """Let provisioned concurrency follow the use, the hours, or both.

    Attributes:
        scope: Which serverless endpoints.
        strategy: What it follows.
        bounds: Between how much and how much; by day, where it keeps hours.
        outside: The bounds outside its hours.
        schedules: Where an endpoint's hours come from; None where it keeps none.
        target_utilization: The utilisation that target tracking aims at, 0 to 1.
        release_after: After how long without a call the provisioned concurrency is released
            altogether; None for never.
        grace: How long after an accepted warning it may be released.
        adopt: Whether targets that somebody else registered are taken over without being asked.
    """

    scope: Scope
    strategy: Strategy
    bounds: Capacity
    outside: Capacity = BARELY_WARM
    schedules: ScheduleBook | None = None
    target_utilization: float = 0.7
    release_after: timedelta | None = None
    grace: timedelta = timedelta(hours=24)
    adopt: bool = False

    @property
    def peak(self) -> int:
        """The most that it may ever provision for one endpoint."""
        if not self.strategy.keeps_hours:
            return self.bounds.most
        return max(self.bounds.most, self.outside.most)
