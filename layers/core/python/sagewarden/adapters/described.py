"""What AWS says of a thing, as JSON values that can be kept: for manifests and for comparing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sagewarden.adapters.errors import is_gone
from sagewarden.adapters.sessions import Sessions

if TYPE_CHECKING:
    from mypy_boto3_application_autoscaling import ApplicationAutoScalingClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_sagemaker import SageMakerClient

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sources:
    """The clients that tell all there is to say of an endpoint in a region."""

    sagemaker: "SageMakerClient"
    autoscaling: "ApplicationAutoScalingClient"
    cloudwatch: "CloudWatchClient"

    @classmethod
    def of(cls, sessions: Sessions, region: str) -> "Sources":
        """The clients of a region."""
        return cls(
            sessions.client("sagemaker", region),
            sessions.client("application-autoscaling", region),
            sessions.client("cloudwatch", region),
        )


def plain(value: Any) -> Any:  # noqa: ANN401 - whatever JSON AWS answers
    """The same value with texts for times and without the answer's own metadata."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if key != "ResponseMetadata"}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def unless_gone(read: Callable[..., Mapping[str, Any]], **which: str) -> Json | None:
    """What a SageMaker resource is described as; None when there is none."""
    try:
        found: Json = plain(dict(read(**which)))
    except ClientError as error:
        if is_gone(error):
            return None
        raise
    return found


def tags_of(client: "SageMakerClient", arn: str) -> dict[str, str]:
    """The tags of a SageMaker resource."""
    pages = client.get_paginator("list_tags").paginate(ResourceArn=arn)
    return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}


def tags_by_name(
    client: "SageMakerClient", described: list[Json], noun: str
) -> dict[str, dict[str, str]]:
    """The tags of SageMaker resources of one kind, by their names.

    Args:
        client: Where they are.
        described: What each is described as.
        noun: How its members begin: ``Model``, ``InferenceComponent``.
    """
    return {item[f"{noun}Name"]: tags_of(client, item[f"{noun}Arn"]) for item in described}


def specifications(component: Mapping[str, Any]) -> list[Json]:
    """What an inference component runs: one specification, or one for each instance type."""
    one = component.get("Specification")
    return [*([one] if one else []), *component.get("Specifications", ())]
