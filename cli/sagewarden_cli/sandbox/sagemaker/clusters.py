"""HyperPod clusters and their nodes."""

import hashlib
from datetime import datetime

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.errors import AwsError, ResourceInUse, ResourceNotFound
from sagewarden_cli.sandbox.pagination import page_after
from sagewarden_cli.sandbox.sagemaker.listing import listed
from sagewarden_cli.sandbox.sagemaker.resources import SageMakerStore
from sagewarden_cli.sandbox.sagemaker.services import Cluster
from sagewarden_cli.sandbox.sagemaker.studio import Studio
from sagewarden_cli.sandbox.sagemaker.tagging import tags_in

_DEFAULT_PAGE = 10
_SORTS = {"CREATION_TIME": "CreationTime", "NAME": "Name"}
_GROUP_MEMBERS = ("InstanceGroupName", "InstanceType", "LifeCycleConfig", "ExecutionRole")


def cluster_arn(here: AccountRegion, name: str) -> str:
    """Return the ARN of a cluster: it ends in an id, not in its name."""
    digest = hashlib.sha256(f"{here.account}/{here.region}/{name}".encode()).hexdigest()
    return here.arn("sagemaker", f"{Cluster.kind}/{digest[:12]}")


class HyperPodClusters(Backend):
    """The operations on clusters."""

    service = "sagemaker"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(SageMakerStore)
        self._states = here.part(Studio)

    @operation("CreateCluster")
    def create(self, params: Params) -> Json:
        """Create a cluster; it is Creating for long, then InService with all its nodes."""
        name, now = params["ClusterName"], self.here.now()
        if name in self._store.clusters:
            raise ResourceInUse(f"Cluster {name} already exists.")
        cluster = Cluster(
            name=name,
            arn=cluster_arn(self.here, name),
            created_at=now,
            modified_at=now,
            status="Creating",
            details={k: v for k, v in params.items() if k not in {"ClusterName", "Tags"}},
        )
        cluster.tag(tags_in(params))
        self._store.clusters[name] = cluster
        self._scale(cluster, "Creating")
        return {"ClusterArn": cluster.arn}

    @operation("DescribeCluster")
    def describe(self, params: Params) -> Json:
        """Describe a cluster and its instance groups."""
        cluster = self._one(params)
        return {
            **cluster.details,
            **_summary(cluster),
            "InstanceGroups": [_group(cluster, group) for group in cluster.groups],
            "FailureMessage": cluster.failure_reason,
        }

    @operation("ListClusters")
    def list_page(self, params: Params) -> Json:
        """List clusters, the oldest first unless asked otherwise."""
        order = _SORTS[params.get("SortBy", "CREATION_TIME")]
        query = {**params, "SortBy": order}
        page, token = listed(self._store.clusters.values(), query, sort_order="Ascending")
        return {"ClusterSummaries": [_summary(cluster) for cluster in page], "NextToken": token}

    @operation("ListClusterNodes")
    def list_nodes(self, params: Params) -> Json:
        """List the nodes of a cluster, group by group."""
        cluster = self._one(params)
        part = params.get("InstanceGroupNameContains", "")
        nodes = [
            _node(cluster, group, number)
            for group in cluster.groups
            if part in group["InstanceGroupName"]
            for number in range(cluster.counts.get(group["InstanceGroupName"], 0))
        ]
        nodes.sort(key=lambda node: str(node["InstanceId"]))
        limit = params.get("MaxResults", _DEFAULT_PAGE)
        page, token = page_after(
            nodes, lambda node: (node["InstanceId"],), params.get("NextToken"), limit
        )
        return {"ClusterNodeSummaries": page, "NextToken": token}

    @operation("UpdateCluster")
    def update(self, params: Params) -> Json:
        """Give a cluster other instance groups, or others of their counts."""
        cluster = self._one(params)
        self._require(cluster, "update")
        changed = {group["InstanceGroupName"]: group for group in params.get("InstanceGroups", ())}
        kept = {group["InstanceGroupName"]: group for group in cluster.groups}
        cluster.details["InstanceGroups"] = list({**kept, **changed}.values())
        self._scale(cluster, "Updating")
        return {"ClusterArn": cluster.arn}

    @operation("DeleteCluster")
    def delete(self, params: Params) -> Json:
        """Delete a cluster with all its nodes."""
        cluster = self._one(params)
        self._require(cluster, "delete")
        self._states.vanish(cluster)
        return {"ClusterArn": cluster.arn}

    def _scale(self, cluster: Cluster, transient: str) -> None:
        def arrive(at: datetime) -> None:
            cluster.enter("InService", at)
            cluster.counts = wanted_counts(cluster)

        cluster.enter(transient, self.here.now())
        cluster.await_change(self.here.after(cluster.kind, transient, arrive))

    def _one(self, params: Params) -> Cluster:
        which = params["ClusterName"]
        for cluster in self._store.clusters.values():
            if which in {cluster.name, cluster.arn}:
                return cluster
        raise ResourceNotFound(f"Cluster {which} does not exist.")

    def _require(self, cluster: Cluster, wanted: str) -> None:
        if cluster.status not in {"InService", "Failed"}:
            raise AwsError(
                "ConflictException",
                f"Cannot {wanted} cluster {cluster.name} in status {cluster.status}.",
            )


def wanted_counts(cluster: Cluster) -> dict[str, int]:
    """Return how many nodes each instance group asks for."""
    return {group["InstanceGroupName"]: group["InstanceCount"] for group in cluster.groups}


def _summary(cluster: Cluster) -> Json:
    return {
        "ClusterArn": cluster.arn,
        "ClusterName": cluster.name,
        "CreationTime": cluster.created_at,
        "ClusterStatus": cluster.status,
    }


def _group(cluster: Cluster, group: Json) -> Json:
    return {
        **{name: group[name] for name in _GROUP_MEMBERS if name in group},
        "CurrentCount": cluster.counts.get(group["InstanceGroupName"], 0),
        "TargetCount": group["InstanceCount"],
        "Status": cluster.status if cluster.status != "RollingBack" else "Updating",
    }


def _node(cluster: Cluster, group: Json, number: int) -> Json:
    name = group["InstanceGroupName"]
    digest = hashlib.sha256(f"{cluster.arn}/{name}/{number}".encode()).hexdigest()
    return {
        "InstanceGroupName": name,
        "InstanceId": f"i-{digest[:17]}",
        "InstanceType": group["InstanceType"],
        "LaunchTime": cluster.created_at,
        "InstanceStatus": {"Status": "Running"},
    }
