"""Builders of node groups, of what Container Insights says of them, and of the rules on them."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sagewarden.domain.metrics import Readings
from sagewarden.domain.node_groups.accelerators import Accelerator
from sagewarden.domain.node_groups.care import Care
from sagewarden.domain.node_groups.gpu_metrics import RESERVED, UTILIZATION, node_series
from sagewarden.domain.node_groups.rules import IdleNodeGroups, NodeGroupHours
from sagewarden.domain.node_groups.snapshot import (
    Node,
    NodeGroup,
    NodeGroupStatus,
    Signs,
    Sizes,
)
from sagewarden.domain.resources import ResourceKind, ResourceRef, Tags
from sagewarden.domain.scope import Scope
from sagewarden.policy.node_groups import KIND
from tests.support.builders import LONG_AGO, NOW, a_schedule_book, a_scope

TRAINERS = "ml/trainers"
EKS_TAGS = {"k8s.io/cluster-autoscaler/enabled": "true", "k8s.io/cluster-autoscaler/ml": "owned"}
"""What EKS itself writes on every Auto Scaling group of the cluster ``ml``."""

NODES = (Node("i-1", "ip-10-0-0-1.ec2.internal"), Node("i-2", "ip-10-0-0-2.ec2.internal"))
MINUTE = timedelta(minutes=1)


def a_node_group(  # what may be said of one
    *,
    sizes: tuple[int, int, int] = (1, 2, 4),
    instance_types: tuple[str, ...] | None = ("g5.xlarge",),
    status: NodeGroupStatus = NodeGroupStatus.ACTIVE,
    modified: datetime = LONG_AGO,
    tags: Tags | None = None,
    group_tags: Tags | None = None,
    nodes: tuple[Node, ...] | None = NODES,
    **more: Any,
) -> NodeGroup:
    """A node group ``ml/trainers`` that nothing else scales; sizes are min, desired and max."""
    arn = "arn:aws:eks:us-east-1:123456789012:nodegroup/ml/trainers/0a"
    group = NodeGroup(
        ref=ResourceRef(ResourceKind.NODE_GROUP, "123456789012", "us-east-1", TRAINERS, arn),
        status=status,
        created=LONG_AGO,
        modified=modified,
        tags={} if tags is None else tags,
        cluster="ml",
        instance_types=instance_types,
        sizes=Sizes(*sizes),
        capacity="ON_DEMAND",
        signs=Signs({} if group_tags is None else group_tags, {}, auto_mode=False),
        nodes=nodes,
    )
    return replace(group, **more)


def an_hours_rule(
    care: Care | None = None, scope: Scope | None = None, **more: Any
) -> NodeGroupHours:
    """Node groups run from 9 to 18 in Seoul."""
    given = {"grace": 30 * MINUTE, "schedules": a_schedule_book(), **more}
    return NodeGroupHours(
        scope=scope or a_scope("gpu-hours"), kinds=(KIND,), care=care or Care(), **given
    )


def an_idle_rule(care: Care | None = None, **more: Any) -> IdleNodeGroups:
    """Node groups are idle below 5 % for two hours."""
    given = {"idle_for": timedelta(hours=2), **more}
    return IdleNodeGroups(scope=a_scope("idle-gpus"), kinds=(KIND,), care=care or Care(), **given)


def measured(
    rule: NodeGroupHours | IdleNodeGroups,
    *,
    used: float | None = 0.0,
    reserved: float | None = 0.0,
    nodes: tuple[Node, ...] = NODES,
    now: datetime = NOW,
    missing: int = 0,
) -> Readings | None:
    """What was read of every node over a rule's window: the same in every period.

    Args:
        rule: The rule.
        used: The utilisation; None for no datapoint.
        reserved: What pods reserved; None for no datapoint.
        nodes: The nodes.
        now: When it was read.
        missing: How many of the datapoints are missing.
    """
    window = rule.window(now)
    if window is None:
        return None
    count = max(0, window.buckets - missing)
    values = {}
    for metric, value in ((UTILIZATION, used), (RESERVED, reserved)):
        for node in nodes:
            series = node_series(metric[Accelerator.GPU], "ml", node)
            if series is not None:
                values[series] = () if value is None else (value,) * count
    return Readings(window, values)
