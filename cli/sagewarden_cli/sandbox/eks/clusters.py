"""Clusters: created, described, listed, deleted; their tags and add-ons."""

from datetime import datetime

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.eks.resources import Cluster, EksStore, in_use, invalid
from sagewarden_cli.sandbox.errors import AwsError
from sagewarden_cli.sandbox.pagination import page_after

MOST_PER_PAGE = 100
_KEPT = (
    "version",
    "roleArn",
    "resourcesVpcConfig",
    "kubernetesNetworkConfig",
    "logging",
    "computeConfig",
)


class Clusters(Backend):
    """The operations on clusters, and on tags of whatever is EKS's."""

    service = "eks"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(EksStore)

    @operation("CreateCluster")
    def create(self, params: Params) -> Json:
        """Create a cluster; it is CREATING, then ACTIVE."""
        name = params["name"]
        if name in self._store.clusters:
            raise in_use(f"Cluster already exists with name: {name}")
        cluster = Cluster(
            name=name,
            arn=self.here.arn("eks", f"cluster/{name}"),
            status="CREATING",
            created_at=self.here.now(),
            details=cluster_details(params),
            tags=dict(params.get("tags", {})),
        )
        self._store.clusters[name] = cluster

        def ready(_at: datetime) -> None:
            cluster.status = "ACTIVE"

        self.here.after("eks-cluster", "CREATING", ready)
        return {"cluster": _shown(cluster)}

    @operation("DescribeCluster")
    def describe(self, params: Params) -> Json:
        """Describe a cluster."""
        return {"cluster": _shown(self._store.cluster(params["name"]))}

    @operation("ListClusters")
    def list_page(self, params: Params) -> Json:
        """List the names of the clusters."""
        page, token = names_page(list(self._store.clusters), params)
        return {"clusters": page, "nextToken": token}

    @operation("DeleteCluster")
    def delete(self, params: Params) -> Json:
        """Delete a cluster that has no node groups."""
        cluster = self._store.cluster(params["name"])
        if cluster.node_groups:
            raise in_use("Cluster has nodegroups attached")
        cluster.status = "DELETING"

        def gone(_at: datetime) -> None:
            self._store.clusters.pop(cluster.name, None)

        self.here.after("eks-cluster", "DELETING", gone)
        return {"cluster": _shown(cluster)}

    @operation("ListAddons")
    def addons(self, params: Params) -> Json:
        """List the names of a cluster's add-ons."""
        cluster = self._store.cluster(params["clusterName"])
        page, token = names_page(cluster.addons, params)
        return {"addons": page, "nextToken": token}

    @operation("TagResource")
    def tag(self, params: Params) -> Json:
        """Add tags to a cluster or node group; those of the Auto Scaling group stay as they are."""
        self._store.by_arn(params["resourceArn"]).tags.update(params["tags"])
        return {}

    @operation("UntagResource")
    def untag(self, params: Params) -> Json:
        """Take tags off a cluster or node group."""
        found = self._store.by_arn(params["resourceArn"])
        for key in params["tagKeys"]:
            found.tags.pop(key, None)
        return {}

    @operation("ListTagsForResource")
    def tags(self, params: Params) -> Json:
        """Give the tags of a cluster or node group."""
        return {"tags": dict(self._store.by_arn(params["resourceArn"]).tags)}


def cluster_details(params: Params) -> Json:
    """Return what describing a cluster gives back of the call that made it."""
    return {name: params[name] for name in _KEPT if name in params}


def names_page(names: list[str], params: Params) -> tuple[list[str], str | None]:
    """Return one page of names, as EKS's lists give them, and the next one's token."""
    limit = params.get("maxResults", MOST_PER_PAGE)
    if not 1 <= limit <= MOST_PER_PAGE:
        raise invalid("maxResults must be between 1 and 100")
    page, token = page_after(
        sorted(names),
        lambda name: (name,),
        params.get("nextToken"),
        limit,
        invalid=AwsError("InvalidParameterException", "The nextToken is not valid"),
    )
    return list(page), token


def _shown(cluster: Cluster) -> Json:
    return {
        **cluster.details,
        "name": cluster.name,
        "arn": cluster.arn,
        "status": cluster.status,
        "createdAt": cluster.created_at,
        "tags": dict(cluster.tags),
    }
