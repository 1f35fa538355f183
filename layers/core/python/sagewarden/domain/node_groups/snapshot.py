"""A managed node group as it was at one moment."""

from dataclasses import dataclass

from sagewarden.domain.resources import Snapshot, Status, Tags


class NodeGroupStatus(Status):
    """The states of a node group (botocore 1.44, NodegroupStatus)."""

    CREATING = "CREATING"
    ACTIVE = "ACTIVE"
    UPDATING = "UPDATING"
    DELETING = "DELETING"
    CREATE_FAILED = "CREATE_FAILED"
    DELETE_FAILED = "DELETE_FAILED"
    DEGRADED = "DEGRADED"
    UNKNOWN = "UNKNOWN"
    """A state that this version does not know; never acted on."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many nodes a node group may and should have.

    Attributes:
        least: minSize.
        wanted: desiredSize.
        most: maxSize.
    """

    least: int
    wanted: int
    most: int

    def __str__(self) -> str:
        return f"min {self.least}, desired {self.wanted}, max {self.most}"


@dataclass(frozen=True, slots=True)
class Node:
    """An instance of a node group.

    Attributes:
        instance_id: EC2's name of it.
        name: The name that it has in the cluster's metrics; None when there are none of it.
    """

    instance_id: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Signs:
    """What may tell that something else sets how many nodes there are; None is not known.

    Attributes:
        group_tags: The tags of its Auto Scaling groups.
        cluster_tags: Its cluster's tags.
        auto_mode: Whether EKS Auto Mode runs nodes of the cluster.
    """

    group_tags: Tags | None
    cluster_tags: Tags | None
    auto_mode: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeGroup(Snapshot):
    """A managed node group. Its ref's name is its cluster's and its own: ``ml/trainers``.

    Attributes:
        cluster: Its cluster's name.
        instance_types: What its nodes may run on; None when it could not be read.
        sizes: How many nodes it may and should have.
        capacity: ON_DEMAND, SPOT or CAPACITY_BLOCK.
        signs: What may tell that something else sets its size.
        nodes: Its instances; None when they could not be read.
        issues: What EKS says is wrong with it, as codes.
    """

    cluster: str
    instance_types: tuple[str, ...] | None
    sizes: Sizes
    capacity: str
    signs: Signs
    nodes: tuple[Node, ...] | None
    issues: tuple[str, ...] = ()

    @property
    def runs_on(self) -> tuple[str, ...] | None:
        """The instance types that it may run on; None when they are not known."""
        return self.instance_types

    @property
    def setup(self) -> str | None:
        """The sizes for which something was judged right."""
        return str(self.sizes)
