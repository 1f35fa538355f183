"""What an endpoint capacity rule asks for."""

from dataclasses import dataclass
from enum import StrEnum

from sagewarden.domain.autoscaling.rule import ScalingRule
from sagewarden.domain.autoscaling.scaling import TRACKING, Dimension, Metric, ScalingPolicy


class Served(StrEnum):
    """What such a rule speaks of."""

    REAL_TIME = "real-time-endpoint"
    ASYNC = "async-endpoint"
    COMPONENTS = "inference-component"

    @property
    def dimension(self) -> Dimension:
        """Along what it scales."""
        return Dimension.COPIES if self is Served.COMPONENTS else Dimension.INSTANCES

    @property
    def metric(self) -> Metric:
        """What its target tracking follows."""
        return {
            Served.REAL_TIME: Metric.CALLS_PER_INSTANCE,
            Served.ASYNC: Metric.BACKLOG_PER_INSTANCE,
            Served.COMPONENTS: Metric.CALLS_PER_COPY,
        }[self]

    @property
    def noun(self) -> str:
        """What is counted."""
        return "copies" if self is Served.COMPONENTS else "instances"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointCapacity(ScalingRule):
    """Let instances or copies follow the hours, the use, or both; tell of broken autoscaling.

    Attributes:
        what: What it speaks of.
        sets: Whether it sets anything; else it only tells of autoscaling that is missing or broken.
        target_value: What target tracking keeps `what.metric` at; None for no target tracking.
    """

    what: Served
    sets: bool = True
    target_value: float | None = None

    @property
    def policies(self) -> tuple[ScalingPolicy, ...]:
        """Its scaling policy that follows the use, if it has one."""
        if self.target_value is None:
            return ()
        return (ScalingPolicy(TRACKING, self.target_value, self.what.metric),)

    @property
    def does(self) -> str:
        """What it does, in the words of ``policy show``."""
        if not self.sets:
            return "tell of missing or broken autoscaling"
        outside = f", {self.outside} outside hours" if self.keeps_hours else ""
        tracking = "".join(f", {policy}" for policy in self.policies)
        return f"{self.bounds} {self.what.noun}{outside}{tracking}"
