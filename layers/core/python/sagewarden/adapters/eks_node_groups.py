"""Read and scale managed node groups of Amazon EKS.

Calls: a page each of clusters and, for each cluster, of node groups (100 a page); one description
of each cluster and node group. For those with accelerators besides: one page of Auto Scaling groups
per 100 of them, one description of each launch template that tells the instance types, and one
page of ListMetrics per 500 node series of a cluster where nodes run.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from sagewarden.adapters.described import Json, plain
from sagewarden.adapters.eks_nodes import (
    Client,
    NodesOfGroups,
    instance_types_of,
    metric_names,
    scaling_groups,
)
from sagewarden.adapters.errors import AWS_ERRORS, is_gone, reading, why
from sagewarden.adapters.resource_identity import ref_of
from sagewarden.adapters.sessions import CONNECTIONS, Sessions
from sagewarden.application.ports import ActionFailedError, Listing, UnreadableError
from sagewarden.domain.actions import Action, ActionKind
from sagewarden.domain.node_groups.accelerators import Accelerator, accelerators_of
from sagewarden.domain.node_groups.kept import sizes_of
from sagewarden.domain.node_groups.snapshot import Node, NodeGroup, NodeGroupStatus, Signs
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.resources import Resource, ResourceKind, ResourceRef, Tags

_PAGE = 100
_ACTIONS = {ActionKind.SCALE_TO_ZERO, ActionKind.START}


@dataclass(frozen=True, slots=True)
class _Cluster:
    """What a cluster tells of who sets its node groups' sizes; None is not known."""

    tags: Tags | None = None
    auto_mode: bool | None = None


def listed(sessions: Sessions, region: str) -> Listing[Resource]:
    """Every managed node group of a region.

    What tells who else scales it and how its nodes are named is read of those with accelerators
    only.
    """
    client = sessions.client("eks", region)
    try:
        names = list(_names(client, "list_clusters", "clusters"))
    except AWS_ERRORS as error:
        return Listing((), (Incomplete(f"EKS clusters in {region}", why(error)),))
    missing: list[Incomplete] = []
    found: list[tuple[_Cluster, Json]] = []
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for cluster, groups, incomplete in pool.map(lambda name: _of_cluster(client, name), names):
            missing += incomplete
            found += [(cluster, group) for group in groups]
    snapshots, incomplete = _snapshots(sessions, region, found)
    return Listing(tuple(snapshots), (*missing, *incomplete))


def read(sessions: Sessions, ref: ResourceRef) -> Resource | None:
    """One node group as it is now; None when it, or its cluster, is gone.

    Raises:
        UnreadableError: It, its cluster, its Auto Scaling group, its launch template or the names
            of its nodes could not be read.
    """
    what = f"node group {ref.name}"
    with reading(what):
        described = _described(sessions, ref)
        if described is None:
            return None
        client = sessions.client("eks", ref.region)
        cluster = _cluster(client, described["clusterName"])
    (snapshot,), incomplete = _snapshots(sessions, ref.region, [(cluster, described)])
    for gap in incomplete:
        raise UnreadableError(gap.what, gap.why)
    return snapshot


def act(sessions: Sessions, action: Action) -> str | None:
    """Set the sizes that an action names; the maximum stays.

    Returns:
        The command that undoes it.

    Raises:
        ActionFailedError: It names none, or is of another kind.
        botocore.exceptions.ClientError: AWS refused it.
    """
    if action.kind not in _ACTIONS or action.sizes is None:
        raise ActionFailedError(f"{action.kind} of {action.ref.name}: no sizes to set are known")
    least, wanted = action.sizes
    scaling = {"minSize": least} if wanted is None else {"minSize": least, "desiredSize": wanted}
    sessions.client("eks", action.ref.region).update_nodegroup_config(
        **_request(action.ref), scalingConfig=scaling
    )
    if action.kind is ActionKind.SCALE_TO_ZERO:
        return f"sagewarden restore {action.ref.arn}"
    cluster, _, name = action.ref.name.partition("/")
    down = "minSize=0" if wanted is None else "minSize=0,desiredSize=0"
    return (
        f"aws eks update-nodegroup-config --cluster-name {cluster} --nodegroup-name {name} "
        f"--scaling-config {down} --region {action.ref.region}"
    )


def manifest(sessions: Sessions, ref: ResourceRef) -> dict[str, object]:
    """How a node group is described; its sizes above all.

    Raises:
        botocore.exceptions.ClientError: It could not be read.
    """
    answer = sessions.client("eks", ref.region).describe_nodegroup(**_request(ref))
    return {"node_group": plain(answer["nodegroup"])}


def present(
    sessions: Sessions, ref: ResourceRef, content: Mapping[str, Any]
) -> Mapping[str, object]:
    """What exists of a node group now, in the manifest's form.

    Raises:
        botocore.exceptions.ClientError: It could not be read.
    """
    del content
    found = _described(sessions, ref)
    return {"node_group": None if found is None else plain(found)}


def _request(ref: ResourceRef) -> dict[str, str]:
    cluster, _, name = ref.name.partition("/")
    return {"clusterName": cluster, "nodegroupName": name}


def _described(sessions: Sessions, ref: ResourceRef) -> Json | None:
    """A node group as EKS has it; None when it, or its cluster, is gone."""
    client = sessions.client("eks", ref.region)
    try:
        found: Json = client.describe_nodegroup(**_request(ref))["nodegroup"]
    except ClientError as error:
        if is_gone(error):
            return None
        raise
    return found


def _names(client: Client, operation: str, member: str, **which: str) -> Iterator[str]:
    pages = client.get_paginator(operation).paginate(**which, PaginationConfig={"PageSize": _PAGE})
    for page in pages:
        yield from page[member]


def _of_cluster(client: Client, name: str) -> tuple[_Cluster, list[Json], list[Incomplete]]:
    """A cluster with its node groups described, and what of them could not be read."""
    incomplete: list[Incomplete] = []

    def tried[T](what: str, call: Callable[[], T], otherwise: T) -> T:
        try:
            return call()
        except AWS_ERRORS as error:
            incomplete.append(Incomplete(what, why(error)))
            return otherwise

    names: list[str] = []
    which = {"clusterName": name}
    tried(
        f"node groups of EKS cluster {name}",
        lambda: names.extend(_names(client, "list_nodegroups", "nodegroups", **which)),
        None,
    )
    if not names:
        return _Cluster(), [], incomplete
    cluster = tried(f"EKS cluster {name}", lambda: _cluster(client, name), _Cluster())
    described: list[Json] = []

    def describe(group: str) -> None:
        described.append(client.describe_nodegroup(**which, nodegroupName=group)["nodegroup"])

    for group in names:
        tried(f"node group {name}/{group}", partial(describe, group), None)
    return cluster, described, incomplete


def _cluster(client: Client, name: str) -> _Cluster:
    found = client.describe_cluster(name=name)["cluster"]
    return _Cluster(
        tags=found.get("tags", {}),
        auto_mode=bool(found.get("computeConfig", {}).get("enabled", False)),
    )


def _snapshots(
    sessions: Sessions, region: str, found: Sequence[tuple[_Cluster, Json]]
) -> tuple[list[NodeGroup], list[Incomplete]]:
    incomplete: list[Incomplete] = []
    if not found:
        return [], incomplete
    described = [group for _, group in found]
    types = instance_types_of(sessions.client("ec2", region), described, incomplete)
    accelerated = [
        group for group in described if accelerators_of(types[group["nodegroupArn"]] or ())
    ]
    groups = scaling_groups(sessions.client("autoscaling", region), accelerated, incomplete)
    named = metric_names(
        sessions.client("cloudwatch", region),
        _in_use(accelerated, types),
        incomplete,
    )
    snapshots = [
        _snapshot(cluster, group, types[group["nodegroupArn"]], groups, named)
        for cluster, group in found
    ]
    return snapshots, incomplete


def _in_use(
    groups: Iterable[Json], types: Mapping[str, tuple[str, ...] | None]
) -> dict[str, set[Accelerator]]:
    """By cluster, the accelerators of which nodes run."""
    found: dict[str, set[Accelerator]] = {}
    for group in groups:
        if sizes_of(group).wanted:
            kinds = accelerators_of(types[group["nodegroupArn"]] or ())
            found.setdefault(group["clusterName"], set()).update(kinds)
    return found


def _snapshot(
    cluster: _Cluster,
    group: Json,
    types: tuple[str, ...] | None,
    groups: NodesOfGroups,
    named: Mapping[str, str],
) -> NodeGroup:
    arn, name = group["nodegroupArn"], f"{group['clusterName']}/{group['nodegroupName']}"
    tags, instances = groups.get(arn, (None, None))
    return NodeGroup(
        ref=ref_of(ResourceKind.NODE_GROUP, name, arn),
        status=NodeGroupStatus(group["status"]),
        created=group["createdAt"].astimezone(UTC),
        modified=group["modifiedAt"].astimezone(UTC),
        tags=group.get("tags", {}),
        cluster=group["clusterName"],
        instance_types=types,
        sizes=sizes_of(group),
        capacity=group.get("capacityType", "ON_DEMAND"),
        signs=Signs(tags, cluster.tags, cluster.auto_mode),
        nodes=None
        if instances is None
        else tuple(Node(instance, named.get(instance)) for instance in instances),
        issues=tuple(issue["code"] for issue in group.get("health", {}).get("issues", ())),
    )
