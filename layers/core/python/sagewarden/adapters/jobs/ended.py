"""Training jobs that have ended: read only when somebody asks what spot capacity saved."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sagewarden.adapters.errors import AWS_ERRORS, reading, why
from sagewarden.adapters.jobs.described import training_run
from sagewarden.adapters.resource_identity import ref_of
from sagewarden.adapters.sessions import CONNECTIONS, Sessions
from sagewarden.application.ports import Listing, UnreadableError
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.resources import ResourceKind, TrainingJob, TrainingJobStatus

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

_PAGE = 100
_ENDED = {TrainingJobStatus.COMPLETED, TrainingJobStatus.FAILED, TrainingJobStatus.STOPPED}


def ended_training_jobs(sessions: Sessions, region: str, since: datetime) -> Listing[TrainingJob]:
    """The training jobs of a region that ended after a moment, without their tags.

    Calls: a list page per 100 training jobs that changed since then, and one for each that ended.
    """
    client = sessions.client("sagemaker", region)
    names: list[str] = []
    incomplete: list[Incomplete] = []
    try:
        pages = client.get_paginator("list_training_jobs").paginate(
            LastModifiedTimeAfter=since, PaginationConfig={"PageSize": _PAGE}
        )
        for page in pages:
            names += (
                item["TrainingJobName"]
                for item in page["TrainingJobSummaries"]
                if item["TrainingJobStatus"] in _ENDED
            )
    except AWS_ERRORS as error:
        incomplete.append(Incomplete(f"ended training jobs in {region}", why(error)))

    def try_one(name: str) -> TrainingJob | Incomplete:
        try:
            with reading(f"training-job {name}"):
                return _read(client, name)
        except UnreadableError as error:
            return Incomplete(error.what, error.why)

    with ThreadPoolExecutor(min(CONNECTIONS, len(names)) or 1) as pool:
        results = list(pool.map(try_one, names))
    incomplete += [item for item in results if isinstance(item, Incomplete)]
    jobs = tuple(item for item in results if isinstance(item, TrainingJob))
    return Listing(jobs, tuple(incomplete))


def _read(client: "SageMakerClient", name: str) -> TrainingJob:
    described = client.describe_training_job(TrainingJobName=name)
    return TrainingJob(
        ref=ref_of(ResourceKind.TRAINING_JOB, name, described["TrainingJobArn"]),
        status=TrainingJobStatus(described["TrainingJobStatus"]),
        created=described["CreationTime"].astimezone(UTC),
        modified=described["LastModifiedTime"].astimezone(UTC),
        tags=None,
        run=training_run(described),
    )
