"""Put clusters and node groups straight into an account and region, without waiting."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sagewarden_cli.sandbox.backend import AccountRegion, Json
from sagewarden_cli.sandbox.eks.clusters import cluster_details
from sagewarden_cli.sandbox.eks.node_groups import new_group
from sagewarden_cli.sandbox.eks.resources import Cluster, EksStore, NodeGroup
from sagewarden_cli.sandbox.shapes import service_model

_ROLE = "arn:aws:iam::{account}:role/eks-nodes"


class EksFleet:
    """Builds what EKS holds.

    Args:
        locate: Finds the account and region anew each time, because a reset replaces them.
    """

    def __init__(self, locate: Callable[[], AccountRegion]) -> None:
        self._locate = locate

    def add_cluster(
        self,
        name: str,
        *,
        tags: Mapping[str, str] | None = None,
        auto_mode: bool = False,
        addons: Sequence[str] = (),
    ) -> str:
        """Add an ACTIVE cluster and return its ARN.

        Args:
            name: Its name.
            tags: Its tags.
            auto_mode: Whether EKS Auto Mode runs its nodes.
            addons: The names of its add-ons.
        """
        here = self._locate()
        params: Json = {"computeConfig": {"enabled": auto_mode}}
        cluster = Cluster(
            name=name,
            arn=here.arn("eks", f"cluster/{name}"),
            status="ACTIVE",
            created_at=here.now(),
            details=cluster_details(params),
            tags=dict(tags or {}),
            addons=list(addons),
        )
        with here.lock:
            here.part(EksStore).clusters[name] = cluster
        return cluster.arn

    def add_node_group(  # noqa: PLR0913  # what may be said of one
        self,
        name: str,
        *,
        cluster: str = "ml",
        instance_types: Sequence[str] | None = ("g5.xlarge",),
        sizes: tuple[int, int, int] = (1, 4, 2),
        capacity_type: str = "ON_DEMAND",
        launch_template: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
        modified_at: datetime | None = None,
    ) -> str:
        """Add an ACTIVE node group with its nodes running, and return its ARN.

        Args:
            name: Its name.
            cluster: Its cluster, which is made when there is none.
            instance_types: What it runs on; None where its launch template says so.
            sizes: minSize, maxSize and desiredSize.
            capacity_type: ON_DEMAND, SPOT or CAPACITY_BLOCK.
            launch_template: Its id or name, and version.
            tags: Its tags.
            modified_at: When it was created and last changed; now unless given.
        """
        here = self._locate()
        store = here.part(EksStore)
        params: Json = {
            "clusterName": cluster,
            "nodegroupName": name,
            "nodeRole": _ROLE.format(account=here.account),
            "subnets": ["subnet-1"],
            "scalingConfig": dict(zip(("minSize", "maxSize", "desiredSize"), sizes, strict=True)),
            "capacityType": capacity_type,
            "tags": dict(tags or {}),
        }
        if instance_types is not None:
            params["instanceTypes"] = list(instance_types)
        if launch_template is not None:
            params["launchTemplate"] = dict(launch_template)
        with here.lock:
            if cluster not in store.clusters:
                self.add_cluster(cluster)
            group = new_group(here, params)
            group.status = "ACTIVE"
            group.created_at = group.modified_at = modified_at or here.now()
            store.run(group, group.scaling["desiredSize"])
            store.clusters[cluster].node_groups[name] = group
        return group.arn

    def node_group(self, name: str, cluster: str = "ml") -> NodeGroup:
        """Return a node group as it is, to look at or to change.

        Raises:
            ValueError: There is no such node group.
        """
        here = self._locate()
        found = here.part(EksStore).clusters.get(cluster)
        if found is None or name not in found.node_groups:
            raise ValueError(f"there is no node group {name!r} in cluster {cluster!r}")
        with here.lock:
            here.settle()
        return found.node_groups[name]

    def remove(self, cluster: str) -> None:
        """Take a cluster away, with all that is in it."""
        here = self._locate()
        with here.lock:
            here.part(EksStore).clusters.pop(cluster, None)

    def force_status(self, name: str, status: str, cluster: str = "ml") -> None:
        """Put a node group into any status; it stays there until something is done to it.

        Raises:
            ValueError: There is no such node group or status.
        """
        known = service_model("eks").shape_for("NodegroupStatus").enum  # type: ignore[attr-defined]
        if status not in known:
            raise ValueError(f"{status!r} is no status of a node group: {', '.join(known)}")
        self.node_group(name, cluster).status = status
