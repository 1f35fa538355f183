"""The demo's GPU node groups of EKS: those that keep hours or stand idle, and those that work."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sagewarden.domain.money import PriceBook, PriceComponent
from sagewarden.domain.node_groups.accelerators import Accelerator
from sagewarden.domain.node_groups.gpu_metrics import NAMESPACE, PERIOD, RESERVED, UTILIZATION
from sagewarden_cli.demo.meter import OFF, Draw
from sagewarden_cli.demo.organisation import WEEK_BEGINS, Team
from sagewarden_cli.demo.portraits import Clients, Portrait, without
from sagewarden_cli.demo.rest.kinds import Extra, Kind, Runs, trap
from sagewarden_cli.demo.teams import FORECAST, FRAUD, LANGUAGE, PERSONAL, SEARCH, VISION, tags_of
from sagewarden_cli.sandbox import Sandbox

_CLUSTER = "ml"
_SPARE = "spare"
"""What the policy's rule on idle node groups speaks of; the others keep hours."""

_LOOKED_BACK = timedelta(hours=2, minutes=30)
"""Longer than the policy's rules look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeGroup(Extra):
    """A node group to begin with.

    Attributes:
        group: Its name in its cluster.
        instance_type: What its nodes are.
        sizes: minSize, maxSize and desiredSize.
        reserved: What pods reserve of its GPUs, in percent; None where nothing is measured.
        status: Its state when the week begins.
    """

    group: str
    instance_type: str
    sizes: tuple[int, int, int]
    reserved: float | None = 0.0
    status: str = "ACTIVE"


def _group(
    name: str, team: Team, instance_type: str, nodes: int, *, spare: bool = False
) -> NodeGroup:
    group = f"{name}-{_SPARE}" if spare else name
    hours = {} if spare else {"Schedule": "seoul-office"}
    return NodeGroup(
        name=f"{_CLUSTER}/{group}",
        team=team,
        tags=tags_of(team, team.owner_of(name), "dev") | hours,
        runs=Runs(PriceComponent.EC2, instance_type, nodes),
        group=group,
        instance_type=instance_type,
        sizes=(1, 2 * nodes, nodes),
    )


_GROUPS = (
    _group("ranking-train", SEARCH, "g5.2xlarge", 3),
    _group("llm-eval", LANGUAGE, "g6.xlarge", 2, spare=True),
    trap(_group("risk-serving", FRAUD, "g4dn.xlarge", 2), "protected: Stage=prod", Stage="prod"),
    trap(
        _group("uplift-sweep", PERSONAL, "g5.xlarge", 2),
        "exempt by its owner",
        SagewardenExempt="2026-12-15: hyper-parameter sweep",
    ),
    trap(
        replace(_group("night-train", LANGUAGE, "g5.2xlarge", 2), reserved=100.0),
        "pods hold its GPUs: a batch workload runs",
    ),
    trap(
        replace(_group("demand-train", FORECAST, "g4dn.xlarge", 1), reserved=None),
        "Container Insights does not measure it: not known is not idle",
    ),
    trap(
        _group("burst", SEARCH, "g5.xlarge", 1, spare=True),
        "Karpenter sets its size",
        **{"karpenter.sh/discovery": "ml"},
    ),
    trap(
        replace(_group("driver-rollout", VISION, "g5.xlarge", 1, spare=True), status="UPDATING"),
        "it is UPDATING",
    ),
    trap(
        _group("platform", FRAUD, "g4dn.xlarge", 1, spare=True),
        "managed by Terraform",
        ManagedBy="terraform",
    ),
)


def _seed(sandbox: Sandbox, group: NodeGroup) -> str:
    fleet = sandbox.eks(region=group.region)
    arn = fleet.add_node_group(
        group.group,
        cluster=_CLUSTER,
        instance_types=(group.instance_type,),
        sizes=group.sizes,
        tags=group.tags,
        modified_at=WEEK_BEGINS - timedelta(days=4),
    )
    for number, node in enumerate(fleet.node_group(group.group, _CLUSTER).nodes):
        # The same in each run: the report may name it.
        node.instance_id = f"i-{hashlib.sha256(f'{group.name}/{number}'.encode()).hexdigest()[:17]}"
    if group.status != "ACTIVE":
        fleet.force_status(group.group, group.status, _CLUSTER)
    return arn


def _portray(clients: Clients, group: NodeGroup) -> Portrait:
    client = clients("eks", group.region)
    answer = client.describe_nodegroup(clusterName=_CLUSTER, nodegroupName=group.group)
    seen = without(answer["nodegroup"])
    return {"node group": seen, "tags": seen["tags"]}


def _live(sandbox: Sandbox, now: datetime) -> None:
    """Container Insights has measured the nodes that run."""
    moments = [now - PERIOD * number for number in range(1, int(_LOOKED_BACK / PERIOD) + 1)]
    for group in _GROUPS:
        if group.reserved is None:
            continue
        for node in sandbox.eks(region=group.region).node_group(group.group, _CLUSTER).nodes:
            named = {
                "ClusterName": _CLUSTER,
                "InstanceId": node.instance_id,
                "NodeName": node.name,
            }
            for metric, value in _measured(group.reserved):
                points = [(moment, value) for moment in moments]
                sandbox.metrics.load(None, group.region, NAMESPACE, metric, named, points)


def _measured(reserved: float) -> Iterator[tuple[str, float]]:
    """Pods that hold GPUs work on them."""
    yield RESERVED[Accelerator.GPU], reserved
    yield UTILIZATION[Accelerator.GPU], reserved * 0.9


def _draws(sandbox: Sandbox, prices: PriceBook) -> Mapping[str, Draw]:
    """A node bills for as long as it runs, on demand."""
    draws = {}
    for group in _GROUPS:
        seen = sandbox.eks(region=group.region).node_group(group.group, _CLUSTER)
        price = prices.hourly_usd.get((PriceComponent.EC2, group.region, group.instance_type))
        count = len(seen.nodes)
        usd = None if price is None else price * count
        draws[seen.arn] = Draw(runs=True, hourly_usd=usd) if count else OFF
    return draws


NODE_GROUPS = Kind(
    title="GPU node groups of EKS",
    rules=("node-group-hours", "idle-node-groups"),
    extras=_GROUPS,
    seed=_seed,
    portray=_portray,
    live=_live,
    draws=_draws,
    is_metered=True,
    every=timedelta(hours=12),
)
