"""What stands behind node groups: Auto Scaling groups, launch templates, and nodes' metrics."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import batched
from typing import Any

from sagewarden.adapters.described import Json
from sagewarden.adapters.errors import AWS_ERRORS, why
from sagewarden.domain.node_groups.accelerators import Accelerator
from sagewarden.domain.node_groups.gpu_metrics import NAMESPACE, UTILIZATION
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.resources import Tags

type Client = Any
"""A boto3 client whose types are not installed."""

type NodesOfGroups = Mapping[str, tuple[Tags | None, tuple[str, ...] | None]]
"""By a node group's ARN: its Auto Scaling groups' tags and their instances' ids."""

_MOST_GROUPS = 100
"""The most Auto Scaling groups that one call describes (MaxRecords, API reference)."""

_NODE = {"ClusterName", "InstanceId", "NodeName"}
_GOING = ("Terminat", "Warmed")
"""How the states of instances begin that are no nodes any more, or not yet."""


def scaling_groups(
    client: Client, groups: Sequence[Json], incomplete: list[Incomplete]
) -> NodesOfGroups:
    """The Auto Scaling groups of node groups; left out are those of which one was not found."""
    names = {group["nodegroupArn"]: _scaling_names(group) for group in groups}
    known: dict[str, Json] = {}
    for batch in batched(
        sorted({name for found in names.values() for name in found}), _MOST_GROUPS
    ):
        try:
            answer = client.describe_auto_scaling_groups(
                AutoScalingGroupNames=list(batch), MaxRecords=_MOST_GROUPS
            )
        except AWS_ERRORS as error:
            incomplete.append(Incomplete("Auto Scaling groups of EKS node groups", why(error)))
            continue
        known.update({item["AutoScalingGroupName"]: item for item in answer["AutoScalingGroups"]})
    return {
        arn: _together([known[name] for name in found])
        for arn, found in names.items()
        if found and all(name in known for name in found)
    }


def _scaling_names(group: Json) -> list[str]:
    found = group.get("resources", {}).get("autoScalingGroups", ())
    return [item["name"] for item in found]


def _together(groups: Iterable[Json]) -> tuple[Tags, tuple[str, ...]]:
    tags: dict[str, str] = {}
    instances: list[str] = []
    for group in groups:
        tags.update({tag["Key"]: tag.get("Value", "") for tag in group.get("Tags", ())})
        instances += [
            item["InstanceId"]
            for item in group.get("Instances", ())
            if not item["LifecycleState"].startswith(_GOING)
        ]
    return tags, tuple(instances)


def instance_types_of(
    client: Client, groups: Iterable[Json], incomplete: list[Incomplete]
) -> dict[str, tuple[str, ...] | None]:
    """By a node group's ARN: what its nodes run on; None where that could not be read.

    A node group tells its types itself, or leaves it to its launch template.
    """
    templates: dict[tuple[str, str], tuple[str, ...] | None] = {}
    found: dict[str, tuple[str, ...] | None] = {}
    for group in groups:
        own = group.get("instanceTypes")
        template = group.get("launchTemplate", {})
        if own or "id" not in template:
            found[group["nodegroupArn"]] = tuple(own) if own else None
            continue
        key = (template["id"], str(template.get("version", "$Default")))
        if key not in templates:
            templates[key] = _of_template(client, key, incomplete)
        found[group["nodegroupArn"]] = templates[key]
    return found


def _of_template(
    client: Client, key: tuple[str, str], incomplete: list[Incomplete]
) -> tuple[str, ...] | None:
    template, version = key
    try:
        answer = client.describe_launch_template_versions(
            LaunchTemplateId=template, Versions=[version]
        )
    except AWS_ERRORS as error:
        incomplete.append(Incomplete(f"launch template {template}", why(error)))
        return None
    types = [
        item["LaunchTemplateData"]["InstanceType"]
        for item in answer["LaunchTemplateVersions"]
        if "InstanceType" in item["LaunchTemplateData"]
    ]
    return tuple(types) or None


def metric_names(
    client: Client,
    clusters: Mapping[str, Collection[Accelerator]],
    incomplete: list[Incomplete],
) -> dict[str, str]:
    """By instance: how Container Insights names the node, where it measured it of late.

    Args:
        client: CloudWatch's.
        clusters: The accelerators in use, by cluster.
        incomplete: Where to note what could not be read.
    """
    found: dict[str, str] = {}
    for cluster, accelerators in clusters.items():
        for accelerator in sorted(accelerators):
            pages = client.get_paginator("list_metrics").paginate(
                Namespace=NAMESPACE,
                MetricName=UTILIZATION[accelerator],
                Dimensions=[
                    {"Name": "ClusterName", "Value": cluster},
                    {"Name": "NodeName"},
                ],
                RecentlyActive="PT3H",
            )
            try:
                for page in pages:
                    found.update(_named(page["Metrics"]))
            except AWS_ERRORS as error:
                what = f"Container Insights series of cluster {cluster}"
                incomplete.append(Incomplete(what, why(error)))
    return found


def _named(metrics: Iterable[Json]) -> dict[str, str]:
    found = {}
    for metric in metrics:
        dimensions = {item["Name"]: item["Value"] for item in metric["Dimensions"]}
        if dimensions.keys() == _NODE:
            found[dimensions["InstanceId"]] = dimensions["NodeName"]
    return found
