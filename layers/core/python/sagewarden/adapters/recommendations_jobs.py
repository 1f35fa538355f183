"""Read, stop and describe the jobs of the Inference Recommender."""

from collections.abc import Iterator, Mapping
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from sagewarden.adapters.errors import unless_gone
from sagewarden.adapters.one_by_one import listed_one_by_one
from sagewarden.adapters.resource_identity import own_tags, ref_of
from sagewarden.adapters.service_actions import as_kept, described_with_tags, require
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.ports import Listing
from sagewarden.domain.actions import Action, ActionKind
from sagewarden.domain.resources import Resource, ResourceKind, ResourceRef
from sagewarden.domain.services.recommendations_jobs import (
    RecommendationsJob,
    RecommendationsJobStatus,
)

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

_KIND = ResourceKind.INFERENCE_RECOMMENDATIONS_JOB
_PAGE = 100
_RUNNING = ("PENDING", "IN_PROGRESS")


def listed(sessions: Sessions, region: str) -> Listing[Resource]:
    """Every recommendations job of a region that has not ended.

    Calls: a list page per 100 pending and per 100 running ones, and two for each.
    """
    client = sessions.client("sagemaker", region)
    return listed_one_by_one(_KIND, region, _names(client), lambda name: _read(client, name))


def read(sessions: Sessions, ref: ResourceRef) -> Resource | None:
    """A recommendations job as it is now, with its tags; None when it is gone.

    Raises:
        UnreadableError: It could not be read.
    """
    client = sessions.client("sagemaker", ref.region)
    return unless_gone(f"{_KIND} {ref.name}", lambda: _read(client, ref.name))


def act(sessions: Sessions, action: Action) -> None:
    """Stop it; it is not started again.

    Raises:
        ActionFailedError: The action is no stop.
        botocore.exceptions.ClientError: AWS refused it.
    """
    require(action, ActionKind.STOP)
    client = sessions.client("sagemaker", action.ref.region)
    client.stop_inference_recommendations_job(JobName=action.ref.name)


def manifest(sessions: Sessions, ref: ResourceRef) -> dict[str, object]:
    """Describe it and its tags: what runs the same job anew.

    Raises:
        botocore.exceptions.ClientError: A part of it could not be read.
    """
    client = sessions.client("sagemaker", ref.region)
    describe = client.describe_inference_recommendations_job
    found = described_with_tags(client, ref, describe, JobName=ref.name)
    return {"job": found["service"], "tags": found["tags"]}


present = as_kept(manifest)


def _names(client: "SageMakerClient") -> Iterator[str]:
    paginator = client.get_paginator("list_inference_recommendations_jobs")
    for status in _RUNNING:
        pages = paginator.paginate(
            StatusEquals=status,  # type: ignore[arg-type]  # a text, not a literal
            PaginationConfig={"PageSize": _PAGE},
        )
        for page in pages:
            yield from (item["JobName"] for item in page["InferenceRecommendationsJobs"])


def _read(client: "SageMakerClient", name: str) -> RecommendationsJob:
    answer = client.describe_inference_recommendations_job(JobName=name)
    ref = ref_of(_KIND, answer["JobName"], answer["JobArn"])
    created = answer["CreationTime"].astimezone(UTC)
    seconds = answer["InputConfig"].get("JobDurationInSeconds")
    return RecommendationsJob(
        ref=ref,
        status=RecommendationsJobStatus(answer.get("Status", "")),
        created=created,
        # The time of its last change only tells how far its tests have come.
        modified=created,
        tags=own_tags(client, ref.arn),
        job_type=answer.get("JobType"),
        limit=None if seconds is None else timedelta(seconds=seconds),
        instance_types=_types(answer["InputConfig"]),
    )


def _types(config: Mapping[str, Any]) -> tuple[str, ...] | None:
    asked = [item.get("InstanceType") for item in config.get("EndpointConfigurations", ())]
    return tuple(dict.fromkeys(name for name in asked if name)) or None
