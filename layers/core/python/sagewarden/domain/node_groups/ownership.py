"""Who else sets how many nodes a node group has: it is left to them then.

Two that set one number undo each other, and the Cluster Autoscaler may scale up or down suddenly
when desiredSize changes under it (EKS API reference, NodegroupScalingConfig).
"""

from collections.abc import Iterable

from sagewarden.domain.node_groups.snapshot import NodeGroup
from sagewarden.domain.resources import Tags

_KARPENTER = "karpenter.sh/"
_ENABLED = "k8s.io/cluster-autoscaler/enabled"


class UnknownOwnershipError(Exception):
    """Raised when what would tell could not be read; the message says what."""


def scaled_by(group: NodeGroup, *, group_tags_count: bool) -> str | None:
    """Who else sets the number of nodes, and what tells so; None for nobody.

    Args:
        group: The node group.
        group_tags_count: Whether the Cluster Autoscaler's tags on its Auto Scaling group are a
            sign. EKS writes them itself, on every managed node group (EKS user guide, "Managed
            node groups"): whoever runs no Cluster Autoscaler says so in the policy.

    Raises:
        UnknownOwnershipError: It could not be read.
    """
    signs, own = group.signs, group.tags
    if own is None:
        raise UnknownOwnershipError("its tags could not be read")
    if signs.auto_mode is None or signs.cluster_tags is None:
        raise UnknownOwnershipError(f"its cluster {group.cluster} could not be read")
    if signs.group_tags is None:
        raise UnknownOwnershipError("the tags of its Auto Scaling group could not be read")
    if signs.auto_mode:
        return f"EKS Auto Mode (compute config of cluster {group.cluster})"
    places = {
        "on it": own,
        f"on cluster {group.cluster}": signs.cluster_tags,
        "on its Auto Scaling group": signs.group_tags,
    }
    for where, tags in places.items():
        if key := _first(tags, (key for key in tags if key.startswith(_KARPENTER))):
            return f"Karpenter (tag {key} {where})"
    marks = (_ENABLED, f"k8s.io/cluster-autoscaler/{group.cluster}")
    if key := _first(own, marks):
        return f"the Cluster Autoscaler (tag {key} on it)"
    if group_tags_count and (key := _first(signs.group_tags, marks)):
        return f"perhaps the Cluster Autoscaler (tag {key} on its Auto Scaling group)"
    return None


def _first(tags: Tags, keys: Iterable[str]) -> str | None:
    return min((key for key in keys if key in tags), default=None)
