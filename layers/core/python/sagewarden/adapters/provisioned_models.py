"""Read, delete and describe the provisioned throughput of Amazon Bedrock."""

import shlex
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from sagewarden.adapters.described import plain
from sagewarden.adapters.errors import is_gone, unless_gone
from sagewarden.adapters.one_by_one import listed_one_by_one
from sagewarden.adapters.resource_identity import ref_of
from sagewarden.adapters.service_actions import require, restoring
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.ports import Listing
from sagewarden.domain.actions import Action, ActionKind
from sagewarden.domain.resources import Resource, ResourceKind, ResourceRef, Tags
from sagewarden.domain.services.provisioned_models import ProvisionedModel, ProvisionedStatus

_KIND = ResourceKind.PROVISIONED_MODEL
_PAGE = 100

type _Client = Any  # boto3's types of Bedrock are not among ours


def listed(sessions: Sessions, region: str) -> Listing[Resource]:
    """All provisioned throughput of a region.

    Calls: a list page per 100 of them, and two for each.
    """
    client = sessions.client("bedrock", region)
    return listed_one_by_one(_KIND, region, _arns(client), lambda arn: _read(client, arn))


def read(sessions: Sessions, ref: ResourceRef) -> Resource | None:
    """Provisioned throughput as it is now, with its tags; None when it is gone.

    Raises:
        UnreadableError: It could not be read.
    """
    client = sessions.client("bedrock", ref.region)
    return unless_gone(f"{_KIND} {ref.name}", lambda: _read(client, ref.arn))


def act(sessions: Sessions, action: Action) -> str:
    """Delete it, the model stays; or write its owner's tag.

    Raises:
        ActionFailedError: The action is neither.
        botocore.exceptions.ClientError: AWS refused it.
    """
    client = sessions.client("bedrock", action.ref.region)
    if action.kind is ActionKind.TAG_OWNER and action.tag is not None:
        return _tag(client, action.ref, *action.tag)
    require(action, ActionKind.DELETE)
    client.delete_provisioned_model_throughput(provisionedModelId=action.ref.arn)
    return restoring(action.ref)


def _tag(client: _Client, ref: ResourceRef, key: str, value: str) -> str:
    client.tag_resource(resourceARN=ref.arn, tags=[{"key": key, "value": value}])
    words = ("aws", "bedrock", "untag-resource", "--resource-arn", ref.arn, "--tag-keys", key)
    return shlex.join([*words, "--region", ref.region])


def manifest(sessions: Sessions, ref: ResourceRef) -> dict[str, object]:
    """Describe it and its tags: what buys the same anew.

    Raises:
        botocore.exceptions.ClientError: A part of it could not be read.
    """
    return _described(sessions.client("bedrock", ref.region), ref.arn)


def present(
    sessions: Sessions, ref: ResourceRef, content: Mapping[str, Any]
) -> Mapping[str, object]:
    """What has its name now: what is bought anew has another ARN.

    Raises:
        botocore.exceptions.ClientError: A part of it could not be read.
    """
    del content
    client = sessions.client("bedrock", ref.region)
    try:
        return _described(client, ref.name)
    except ClientError as error:
        if is_gone(error):
            return {"service": None, "tags": {}}
        raise


def _arns(client: _Client) -> Iterator[str]:
    pages = client.get_paginator("list_provisioned_model_throughputs").paginate(
        PaginationConfig={"PageSize": _PAGE}
    )
    for page in pages:
        yield from (item["provisionedModelArn"] for item in page["provisionedModelSummaries"])


def _described(client: _Client, which: str) -> dict[str, object]:
    answer = client.get_provisioned_model_throughput(provisionedModelId=which)
    tags = _tags(client, answer["provisionedModelArn"])
    return {"service": plain(answer), "tags": dict(tags)}


def _read(client: _Client, arn: str) -> ProvisionedModel:
    answer = client.get_provisioned_model_throughput(provisionedModelId=arn)
    return ProvisionedModel(
        ref=ref_of(_KIND, answer["provisionedModelName"], answer["provisionedModelArn"]),
        status=ProvisionedStatus(answer.get("status", "")),
        created=answer["creationTime"].astimezone(UTC),
        modified=answer["lastModifiedTime"].astimezone(UTC),
        tags=_tags(client, answer["provisionedModelArn"]),
        units=answer["modelUnits"],
        model=answer["modelArn"],
        base=answer["foundationModelArn"],
        commitment=answer.get("commitmentDuration", ""),
        committed_until=_moment(answer.get("commitmentExpirationTime")),
    )


def _tags(client: _Client, arn: str) -> Tags:
    answer = client.list_tags_for_resource(resourceARN=arn)
    return {tag["key"]: tag["value"] for tag in answer.get("tags", ())}


def _moment(told: datetime | None) -> datetime | None:
    return None if told is None else told.astimezone(UTC)
