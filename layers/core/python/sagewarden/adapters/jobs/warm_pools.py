"""Warm pools: the instances that training jobs keep after their end."""

from collections.abc import Iterator, Mapping
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from sagewarden.adapters.described import plain, tags_of
from sagewarden.adapters.errors import unless_gone
from sagewarden.adapters.one_by_one import listed_one_by_one
from sagewarden.adapters.resource_identity import own_tags, ref_of
from sagewarden.adapters.service_actions import as_kept
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.ports import ActionFailedError, Listing
from sagewarden.domain.actions import Action, ActionKind
from sagewarden.domain.jobs.asked import machines_of
from sagewarden.domain.jobs.job import PoolStatus, WarmPool
from sagewarden.domain.resources import Resource, ResourceKind, ResourceRef

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

_KIND = ResourceKind.WARM_POOL
_PAGE = 100


def listed(sessions: Sessions, region: str) -> Listing[Resource]:
    """Every warm pool of a region that waits for a job.

    Calls: a list page per 100 of them, and two for each.
    """
    client = sessions.client("sagemaker", region)
    return listed_one_by_one(_KIND, region, _waiting(client), lambda name: _read(client, name))


def read(sessions: Sessions, ref: ResourceRef) -> WarmPool | None:
    """One warm pool as it is now; None when its job has none.

    Raises:
        UnreadableError: It could not be read.
    """
    return _read(sessions.client("sagemaker", ref.region), ref.name)


def act(sessions: Sessions, action: Action) -> None:
    """End a warm pool: it is kept for no second longer (SageMaker's guide, "Warm pools").

    Raises:
        ActionFailedError: Something else was asked for.
        botocore.exceptions.ClientError: AWS refused it.
    """
    name = action.ref.name
    if action.kind is not ActionKind.STOP:
        raise ActionFailedError(f"{action.kind} of {name}: a warm pool is only ended")
    sessions.client("sagemaker", action.ref.region).update_training_job(
        TrainingJobName=name, ResourceConfig={"KeepAlivePeriodInSeconds": 0}
    )


def manifest(sessions: Sessions, ref: ResourceRef) -> dict[str, object]:
    """Describe the job that keeps it, and the job's tags.

    Raises:
        botocore.exceptions.ClientError: A part could not be read.
    """
    client = sessions.client("sagemaker", ref.region)
    job = client.describe_training_job(TrainingJobName=ref.name)
    return {"training_job": plain(job), "tags": tags_of(client, job["TrainingJobArn"])}


present = as_kept(manifest)


def _waiting(client: "SageMakerClient") -> Iterator[str]:
    pages = client.get_paginator("list_training_jobs").paginate(
        WarmPoolStatusEquals="Available", PaginationConfig={"PageSize": _PAGE}
    )
    for page in pages:
        yield from (item["TrainingJobName"] for item in page["TrainingJobSummaries"])


def _read(client: "SageMakerClient", name: str) -> WarmPool | None:
    def read() -> WarmPool | None:
        job: Mapping[str, Any] = client.describe_training_job(TrainingJobName=name)
        if "WarmPoolStatus" not in job or job.get("TrainingEndTime") is None:
            return None
        return _pool(job, own_tags(client, job["TrainingJobArn"]))

    return unless_gone(f"{_KIND} of {name}", read)


def _pool(job: Mapping[str, Any], tags: Mapping[str, str]) -> WarmPool:
    ended = job["TrainingEndTime"].astimezone(UTC)
    period = job.get("ResourceConfig", {}).get("KeepAlivePeriodInSeconds", 0)
    return WarmPool(
        ref=ref_of(_KIND, job["TrainingJobName"], job["TrainingJobArn"]),
        status=PoolStatus(job["WarmPoolStatus"].get("Status", "")),
        created=job["CreationTime"].astimezone(UTC),
        modified=ended,
        tags=tags,
        since=ended,
        keep_for=timedelta(seconds=period),
        machines=machines_of(ResourceKind.TRAINING_JOB, job),
    )
