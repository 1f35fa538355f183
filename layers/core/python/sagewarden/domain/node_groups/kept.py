"""The sizes of a node group, as EKS describes it and as a manifest keeps it."""

from collections.abc import Mapping
from typing import Any

from sagewarden.domain.node_groups.snapshot import Sizes

_MEMBERS = ("minSize", "desiredSize", "maxSize")


def kept_sizes(content: Mapping[str, Any]) -> Sizes | None:
    """The sizes that a manifest speaks of; None when it is another kind's."""
    group = content.get("node_group")
    return None if group is None else sizes_of(group)


def sizes_of(described: Mapping[str, Any]) -> Sizes:
    """The sizes of a node group as DescribeNodegroup has it."""
    scaling = described["scalingConfig"]
    return Sizes(*(int(scaling[member]) for member in _MEMBERS))
