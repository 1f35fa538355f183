"""What the rules on node groups heed before they scale to zero, as a policy may choose it."""

from dataclasses import dataclass
from enum import StrEnum


class RunningWork(StrEnum):
    """What becomes of a node group whose pods hold accelerators."""

    HOLD = "hold"
    """It is left alone until they have ended; so it is where that is not known."""
    IGNORE = "ignore"
    """It is scaled to zero all the same; its pods are evicted."""


class UnderAutoscaler(StrEnum):
    """What becomes of a node group whose size something else sets."""

    ADVISE = "advise"
    """It is reported, with what a person can do."""
    MIN_SIZE = "min-size"
    """Its minSize is lowered to 0, so that its autoscaler may scale it in; never desiredSize."""


class ClusterAutoscaler(StrEnum):
    """Whether a Cluster Autoscaler may run in the clusters that a rule covers."""

    BY_TAGS = "by-tags"
    """Where a node group or its Auto Scaling group is tagged for it; EKS tags every one."""
    ABSENT = "absent"
    """Nowhere: the tags that EKS writes by itself tell nothing."""


@dataclass(frozen=True, slots=True)
class Care:
    """What both rules heed before they scale to zero.

    Attributes:
        running_work: What becomes of a node group whose pods hold accelerators.
        under_autoscaler: What becomes of one whose size something else sets.
        cluster_autoscaler: Whether a Cluster Autoscaler may run at all.
    """

    running_work: RunningWork = RunningWork.HOLD
    under_autoscaler: UnderAutoscaler = UnderAutoscaler.ADVISE
    cluster_autoscaler: ClusterAutoscaler = ClusterAutoscaler.BY_TAGS
