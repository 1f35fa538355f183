"""What a provisioned concurrency rule asks for."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sagewarden.domain.autoscaling.rule import ScalingRule
from sagewarden.domain.autoscaling.scaling import TRACKING, Capacity, Metric, ScalingPolicy
from sagewarden.domain.provisioned_concurrency.quotas import LEAST

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


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionedConcurrency(ScalingRule):
    """Let provisioned concurrency follow the use, the hours, or both.

    Attributes:
        strategy: What it follows.
        outside: The bounds outside its hours.
        target_utilization: The utilisation that target tracking aims at, 0 to 1.
        release_after: After how long without a call the provisioned concurrency is released
            altogether; None for never.
    """

    strategy: Strategy
    outside: Capacity = BARELY_WARM
    target_utilization: float = 0.7
    release_after: timedelta | None = None

    @property
    def policies(self) -> tuple[ScalingPolicy, ...]:
        """Its scaling policy, if it has one."""
        if not self.strategy.tracks:
            return ()
        return (ScalingPolicy(TRACKING, self.target_utilization, Metric.UTILIZATION),)

    @property
    def peak(self) -> int:
        """The most that it may ever provision for one endpoint."""
        if not self.keeps_hours:
            return self.bounds.most
        return max(self.bounds.most, self.outside.most)
