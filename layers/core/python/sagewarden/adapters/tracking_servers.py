"""Read, stop and describe MLflow tracking servers."""

from collections.abc import Iterator
from datetime import UTC
from typing import TYPE_CHECKING

from sagewarden.adapters.errors import unless_gone
from sagewarden.adapters.one_by_one import listed_one_by_one
from sagewarden.adapters.resource_identity import own_tags, ref_of
from sagewarden.adapters.service_actions import as_kept, aws, described_with_tags, require
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.ports import Listing
from sagewarden.domain.actions import Action, ActionKind
from sagewarden.domain.resources import Resource, ResourceKind, ResourceRef
from sagewarden.domain.services.tracking_servers import ServerStatus, TrackingServer

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

_KIND = ResourceKind.MLFLOW_TRACKING_SERVER
_PAGE = 100
_ACTIVE = {"Active": True, "Inactive": False}


def listed(sessions: Sessions, region: str) -> Listing[Resource]:
    """Every tracking server of a region.

    Calls: a list page per 100 of them, and two for each.
    """
    client = sessions.client("sagemaker", region)
    return listed_one_by_one(_KIND, region, _names(client), lambda name: _read(client, name))


def read(sessions: Sessions, ref: ResourceRef) -> Resource | None:
    """A tracking server as it is now, with its tags; None when it is gone.

    Raises:
        UnreadableError: It could not be read.
    """
    client = sessions.client("sagemaker", ref.region)
    return unless_gone(f"{_KIND} {ref.name}", lambda: _read(client, ref.name))


def act(sessions: Sessions, action: Action) -> str:
    """Stop it; what it tracked stays.

    Raises:
        ActionFailedError: The action is no stop.
        botocore.exceptions.ClientError: AWS refused it.
    """
    require(action, ActionKind.STOP)
    ref = action.ref
    sessions.client("sagemaker", ref.region).stop_mlflow_tracking_server(
        TrackingServerName=ref.name
    )
    return aws("start-mlflow-tracking-server", ref.region, tracking_server_name=ref.name)


def manifest(sessions: Sessions, ref: ResourceRef) -> dict[str, object]:
    """Describe it and its tags.

    Raises:
        botocore.exceptions.ClientError: A part of it could not be read.
    """
    client = sessions.client("sagemaker", ref.region)
    describe = client.describe_mlflow_tracking_server
    return described_with_tags(client, ref, describe, TrackingServerName=ref.name)


present = as_kept(manifest)


def _names(client: "SageMakerClient") -> Iterator[str]:
    pages = client.get_paginator("list_mlflow_tracking_servers").paginate(
        PaginationConfig={"PageSize": _PAGE}
    )
    for page in pages:
        yield from (item["TrackingServerName"] for item in page["TrackingServerSummaries"])


def _read(client: "SageMakerClient", name: str) -> TrackingServer:
    answer = client.describe_mlflow_tracking_server(TrackingServerName=name)
    ref = ref_of(_KIND, name, answer["TrackingServerArn"])
    return TrackingServer(
        ref=ref,
        status=ServerStatus(answer.get("TrackingServerStatus", "")),
        created=answer["CreationTime"].astimezone(UTC),
        modified=answer["LastModifiedTime"].astimezone(UTC),
        tags=own_tags(client, ref.arn),
        size=answer.get("TrackingServerSize"),
        active=_ACTIVE.get(answer.get("IsActive", "")),
    )
