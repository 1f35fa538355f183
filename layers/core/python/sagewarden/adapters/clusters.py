"""Read SageMaker HyperPod clusters; nothing here changes one."""

from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import TYPE_CHECKING, Any

from sagewarden.adapters.errors import unless_gone
from sagewarden.adapters.one_by_one import listed_one_by_one
from sagewarden.adapters.resource_identity import own_tags, ref_of
from sagewarden.adapters.service_actions import as_kept, described_with_tags, only_told
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.ports import Listing
from sagewarden.domain.resources import Resource, ResourceKind, ResourceRef
from sagewarden.domain.services.clusters import Cluster, ClusterStatus, InstanceGroup

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

_KIND = ResourceKind.CLUSTER
_PAGE = 100


def listed(sessions: Sessions, region: str) -> Listing[Resource]:
    """Every cluster of a region.

    Calls: a list page per 100 of them, and two for each.
    """
    client = sessions.client("sagemaker", region)
    return listed_one_by_one(_KIND, region, _names(client), lambda name: _read(client, name))


def read(sessions: Sessions, ref: ResourceRef) -> Resource | None:
    """A cluster as it is now, with its tags; None when it is gone.

    Raises:
        UnreadableError: It could not be read.
    """
    client = sessions.client("sagemaker", ref.region)
    return unless_gone(f"{_KIND} {ref.name}", lambda: _read(client, ref.arn or ref.name))


act = only_told  # no call stops a cluster


def manifest(sessions: Sessions, ref: ResourceRef) -> dict[str, object]:
    """Describe it and its tags.

    Raises:
        botocore.exceptions.ClientError: A part of it could not be read.
    """
    client = sessions.client("sagemaker", ref.region)
    return described_with_tags(client, ref, client.describe_cluster, ClusterName=ref.name)


present = as_kept(manifest)


def _names(client: "SageMakerClient") -> Iterator[str]:
    pages = client.get_paginator("list_clusters").paginate(PaginationConfig={"PageSize": _PAGE})
    for page in pages:
        yield from (item["ClusterName"] for item in page["ClusterSummaries"])


def _read(client: "SageMakerClient", which: str) -> Cluster:
    """Read one by its name or its ARN, which ends in an id."""
    answer = client.describe_cluster(ClusterName=which)
    ref = ref_of(_KIND, answer["ClusterName"], answer["ClusterArn"])
    created = answer["CreationTime"].astimezone(UTC)
    eks = answer.get("Orchestrator", {}).get("Eks", {}).get("ClusterArn")
    groups = (*answer.get("InstanceGroups", ()), *answer.get("RestrictedInstanceGroups", ()))
    return Cluster(
        ref=ref,
        status=ClusterStatus(answer.get("ClusterStatus", "")),
        created=created,
        modified=created,
        tags=own_tags(client, ref.arn),
        groups=tuple(map(_group, groups)),
        eks=eks.rpartition("/")[2] if eks else None,
    )


def _group(item: Mapping[str, Any]) -> InstanceGroup:
    return InstanceGroup(
        name=item.get("InstanceGroupName", ""),
        instance_type=item.get("InstanceType"),
        count=item.get("CurrentCount", 0),
    )
