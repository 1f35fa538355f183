"""What EKS holds: clusters, managed node groups, their nodes and their updates."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

from sagewarden_cli.sandbox.backend import AccountRegion, Json
from sagewarden_cli.sandbox.errors import AwsError


@dataclass(slots=True, kw_only=True)
class Node:
    """An instance of a node group.

    Attributes:
        instance_id: EC2's name of it.
        name: Kubernetes' name of it: its private DNS name, as EKS's images have it.
    """

    instance_id: str
    name: str


@dataclass(slots=True, kw_only=True)
class Update:
    """A change of a node group's settings, which EKS works on."""

    id: str
    created_at: datetime
    params: list[Json]
    status: str = "InProgress"


@dataclass(slots=True, kw_only=True)
class NodeGroup:
    """A managed node group.

    Attributes:
        cluster: Its cluster's name.
        group_id: What makes its ARN and its Auto Scaling group's name its own.
        scaling: minSize, maxSize and desiredSize, as last asked for.
        details: The other members of the create call that describing it gives back.
        group_tags: The tags of its Auto Scaling group.
        nodes: Its instances, as they run.
        issues: What EKS says of its health.
        updates: By their ids, the oldest first.
    """

    cluster: str
    name: str
    arn: str
    group_id: str
    status: str
    created_at: datetime
    modified_at: datetime
    scaling: dict[str, int]
    details: Json
    tags: dict[str, str]
    group_tags: dict[str, str]
    nodes: list[Node] = field(default_factory=list)
    issues: list[Json] = field(default_factory=list)
    updates: dict[str, Update] = field(default_factory=dict)

    @property
    def group_name(self) -> str:
        """Its Auto Scaling group's name."""
        return f"eks-{self.name}-{self.group_id}"


@dataclass(slots=True, kw_only=True)
class Cluster:
    """A cluster.

    Attributes:
        details: The members of the create call that describing it gives back.
        addons: The names of its add-ons.
    """

    name: str
    arn: str
    status: str
    created_at: datetime
    details: Json
    tags: dict[str, str]
    node_groups: dict[str, NodeGroup] = field(default_factory=dict)
    addons: list[str] = field(default_factory=list)


class EksStore:
    """All clusters of one account and region, by their names."""

    def __init__(self, here: AccountRegion) -> None:
        self.here = here
        self.clusters: dict[str, Cluster] = {}

    def cluster(self, name: str) -> Cluster:
        """Return a cluster, or refuse as AWS does."""
        found = self.clusters.get(name)
        if found is None:
            raise not_found(f"No cluster found for name: {name}.")
        return found

    def node_group(self, cluster: str, name: str) -> NodeGroup:
        """Return a node group, or refuse as AWS does."""
        found = self.cluster(cluster).node_groups.get(name)
        if found is None:
            raise not_found(f"No node group found for name: {name}.")
        return found

    def node_groups(self) -> list[NodeGroup]:
        """Return the node groups of all clusters."""
        return [group for one in self.clusters.values() for group in one.node_groups.values()]

    def by_arn(self, arn: str) -> Cluster | NodeGroup:
        """Return what has an ARN, or refuse as AWS does."""
        everything: list[Cluster | NodeGroup] = [*self.clusters.values(), *self.node_groups()]
        found = next((one for one in everything if one.arn == arn), None)
        if found is None:
            raise AwsError("NotFoundException", f"{arn} was not found", HTTPStatus.NOT_FOUND)
        return found

    def run(self, group: NodeGroup, count: int) -> None:
        """Run so many instances of a node group; the oldest end first, as AWS's default has it."""
        group.nodes = group.nodes[max(0, len(group.nodes) - count) :]
        group.nodes += [self._node() for _ in range(count - len(group.nodes))]

    def _node(self) -> Node:
        number = uuid.uuid4()
        address = f"10-0-{number.bytes[0]}-{number.bytes[1]}"
        region = "ec2" if self.here.region == "us-east-1" else f"{self.here.region}.compute"
        return Node(instance_id=f"i-{number.hex[:17]}", name=f"ip-{address}.{region}.internal")


def not_found(message: str) -> AwsError:
    """EKS's answer to what is missing."""
    return AwsError("ResourceNotFoundException", message, HTTPStatus.NOT_FOUND)


def in_use(message: str) -> AwsError:
    """EKS's answer to what is there already, or busy."""
    return AwsError("ResourceInUseException", message, HTTPStatus.CONFLICT)


def invalid(message: str) -> AwsError:
    """EKS's answer to parameters that it does not take."""
    return AwsError("InvalidParameterException", message)
