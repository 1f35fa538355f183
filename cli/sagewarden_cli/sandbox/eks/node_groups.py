"""Managed node groups: from CREATING to gone, with the refusals that AWS gives on the way."""

import uuid
from datetime import datetime

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.eks.clusters import names_page
from sagewarden_cli.sandbox.eks.resources import (
    EksStore,
    NodeGroup,
    Update,
    in_use,
    invalid,
    not_found,
)
from sagewarden_cli.sandbox.errors import AwsError

DEFAULT_SCALING = {"minSize": 1, "maxSize": 2, "desiredSize": 2}
_KEPT = (
    "version",
    "releaseVersion",
    "subnets",
    "remoteAccess",
    "nodeRole",
    "labels",
    "taints",
    "diskSize",
    "updateConfig",
    "nodeRepairConfig",
    "launchTemplate",
    "amiType",
    "instanceTypes",
)
_MEMBERS = {
    "minSize": "MinSize",
    "maxSize": "MaxSize",
    "desiredSize": "DesiredSize",
}


class NodeGroups(Backend):
    """The operations on node groups and their updates."""

    service = "eks"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(EksStore)

    @operation("CreateNodegroup")
    def create(self, params: Params) -> Json:
        """Create a node group; it is CREATING, then ACTIVE with its nodes running."""
        cluster = self._store.cluster(params["clusterName"])
        name = params["nodegroupName"]
        if cluster.status != "ACTIVE":
            message = f"Cluster '{cluster.name}' is not in ACTIVE status"
            raise AwsError("InvalidRequestException", message)
        if name in cluster.node_groups:
            message = f"NodeGroup already exists with name {name} and cluster name {cluster.name}"
            raise in_use(message)
        group = new_group(self.here, params)
        cluster.node_groups[name] = group
        self._settle(group, "CREATING", None)
        return {"nodegroup": self._shown(group)}

    @operation("DescribeNodegroup")
    def describe(self, params: Params) -> Json:
        """Describe a node group."""
        return {"nodegroup": self._shown(self._one(params))}

    @operation("ListNodegroups")
    def list_page(self, params: Params) -> Json:
        """List the names of a cluster's node groups."""
        cluster = self._store.cluster(params["clusterName"])
        page, token = names_page(list(cluster.node_groups), params)
        return {"nodegroups": page, "nextToken": token}

    @operation("UpdateNodegroupConfig")
    def update(self, params: Params) -> Json:
        """Change a node group that is at rest; it is UPDATING, then ACTIVE with what was asked."""
        group = self._one(params)
        if group.status not in {"ACTIVE", "DEGRADED"}:
            raise in_use("Nodegroup cannot be updated as it is currently not in Active State")
        wanted = {**group.scaling, **params.get("scalingConfig", {})}
        check_sizes(wanted)
        given = params.get("scalingConfig", {})
        change = Update(
            id=str(uuid.uuid4()),
            created_at=self.here.now(),
            params=[{"type": _MEMBERS[key], "value": str(size)} for key, size in given.items()],
        )
        group.updates[change.id] = change
        group.scaling = wanted
        self._relabel(group, params)
        self._settle(group, "UPDATING", change)
        return {"update": _told(change)}

    @operation("DeleteNodegroup")
    def delete(self, params: Params) -> Json:
        """Delete a node group and its nodes."""
        group = self._one(params)
        if group.status in {"CREATING", "UPDATING", "DELETING"}:
            raise in_use(f"Nodegroup cannot be deleted while it is {group.status}")
        group.status = "DELETING"
        group.modified_at = self.here.now()

        def gone(_at: datetime) -> None:
            self._store.cluster(group.cluster).node_groups.pop(group.name, None)

        self.here.after("nodegroup", "DELETING", gone)
        return {"nodegroup": self._shown(group)}

    @operation("DescribeUpdate")
    def describe_update(self, params: Params) -> Json:
        """Describe an update of a node group; those of clusters are not kept."""
        group = self._of_update(params)
        found = None if group is None else group.updates.get(params["updateId"])
        if found is None:
            raise not_found(f"No update found for ID: {params['updateId']}")
        return {"update": _told(found)}

    @operation("ListUpdates")
    def list_updates(self, params: Params) -> Json:
        """List the ids of a node group's updates."""
        group = self._of_update(params)
        page, token = names_page([] if group is None else list(group.updates), params)
        return {"updateIds": page, "nextToken": token}

    def _one(self, params: Params) -> NodeGroup:
        return self._store.node_group(params["clusterName"], params["nodegroupName"])

    def _of_update(self, params: Params) -> NodeGroup | None:
        name = params.get("nodegroupName")
        return None if name is None else self._store.node_group(params["name"], name)

    def _settle(self, group: NodeGroup, status: str, change: Update | None) -> None:
        group.status = status
        group.modified_at = self.here.now()

        def done(at: datetime) -> None:
            if group.status != status:
                return  # it was forced into another state meanwhile
            group.status = "DEGRADED" if group.issues else "ACTIVE"
            group.modified_at = at
            self._store.run(group, group.scaling["desiredSize"])
            if change is not None:
                change.status = "Successful"

        self.here.after("nodegroup", status, done)

    def _relabel(self, group: NodeGroup, params: Params) -> None:
        change = params.get("labels", {})
        labels = {**group.details.get("labels", {}), **change.get("addOrUpdateLabels", {})}
        for key in change.get("removeLabels", ()):
            labels.pop(key, None)
        group.details["labels"] = labels

    def _shown(self, group: NodeGroup) -> Json:
        return {
            **group.details,
            "nodegroupName": group.name,
            "nodegroupArn": group.arn,
            "clusterName": group.cluster,
            "status": group.status,
            "createdAt": group.created_at,
            "modifiedAt": group.modified_at,
            "scalingConfig": dict(group.scaling),
            "resources": {"autoScalingGroups": [{"name": group.group_name}]},
            "health": {"issues": list(group.issues)},
            "tags": dict(group.tags),
        }


def new_group(here: AccountRegion, params: Params) -> NodeGroup:
    """Return a node group as the parameters of CreateNodegroup ask for it, not yet running.

    EKS tags the Auto Scaling group of every managed node group for the Cluster Autoscaler's
    discovery, whether one runs or not (EKS user guide, "Managed node groups").
    """
    scaling = {**DEFAULT_SCALING, **params.get("scalingConfig", {})}
    check_sizes(scaling)
    cluster, name = params["clusterName"], params["nodegroupName"]
    details = {key: params[key] for key in _KEPT if key in params}
    if "launchTemplate" not in params:
        details = {"instanceTypes": ["t3.medium"], "diskSize": 20, **details}
    details = {"capacityType": params.get("capacityType", "ON_DEMAND"), **details}
    group_id = str(uuid.uuid4())
    now = here.now()
    return NodeGroup(
        cluster=cluster,
        name=name,
        arn=here.arn("eks", f"nodegroup/{cluster}/{name}/{group_id}"),
        group_id=group_id,
        status="CREATING",
        created_at=now,
        modified_at=now,
        scaling=scaling,
        details=details,
        tags=dict(params.get("tags", {})),
        group_tags={
            "eks:cluster-name": cluster,
            "eks:nodegroup-name": name,
            f"kubernetes.io/cluster/{cluster}": "owned",
            "k8s.io/cluster-autoscaler/enabled": "true",
            f"k8s.io/cluster-autoscaler/{cluster}": "owned",
        },
    )


def check_sizes(scaling: dict[str, int]) -> None:
    """Refuse sizes as AWS does.

    Raises:
        AwsError: They are not 0 <= minSize <= desiredSize <= maxSize with maxSize >= 1.
    """
    least, most, wanted = scaling["minSize"], scaling["maxSize"], scaling["desiredSize"]
    if least > most:
        raise invalid("minSize can't be greater than maxSize")
    if least > wanted:
        raise invalid(f"Minimum capacity {least} can't be greater than desired size {wanted}")
    if wanted > most:
        raise invalid(f"desired capacity {wanted} can't be greater than max size {most}")


def _told(change: Update) -> Json:
    return {
        "id": change.id,
        "status": change.status,
        "type": "ConfigUpdate",
        "params": change.params,
        "createdAt": change.created_at,
        "errors": [],
    }
