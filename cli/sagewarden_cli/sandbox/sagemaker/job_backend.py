"""What the operations on all kinds of jobs have in common."""

from collections.abc import Iterable
from typing import ClassVar

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params
from sagewarden_cli.sandbox.errors import AwsError, ResourceInUse, ValidationException
from sagewarden_cli.sandbox.sagemaker.job_runs import JobRuns
from sagewarden_cli.sandbox.sagemaker.jobs import ENDED, Job
from sagewarden_cli.sandbox.sagemaker.listing import listed
from sagewarden_cli.sandbox.sagemaker.resources import SageMakerStore
from sagewarden_cli.sandbox.sagemaker.tagging import tags_in


class JobBackend[J: Job](Backend):
    """The operations on one kind of job, as yet without AWS's names for them.

    Attributes:
        job: The kind.
        word: What AWS's names of members begin with, such as ``Training``.
        words: How AWS's messages call such a job.
        taken: What AWS's message about a name in use begins with.
    """

    service = "sagemaker"
    job: type[J]
    word: ClassVar[str]
    words: ClassVar[str]
    taken: ClassVar[str]

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(SageMakerStore)
        self._all: dict[str, J] = self._store.of_kind(self.job.kind)
        self._runs = JobRuns(here)

    def _missing(self, name: str) -> AwsError:
        return ValidationException(f"Could not find requested job with name: {name}")

    def _new(self, params: Params, details: Json) -> J:
        """Return a new job, InProgress and in its place, which does not run yet."""
        name, now = params[f"{self.word}JobName"], self.here.now()
        arn = self._store.arn(self.job.kind, name)
        if name in self._all:
            raise ResourceInUse(
                f"{self.taken} must be unique within an AWS account and region, and a "
                f"{self.words} with this name already exists ({arn})",
            )
        job = self.job(
            name=name,
            arn=arn,
            created_at=now,
            modified_at=now,
            status="InProgress",
            details=details,
        )
        job.tag(tags_in(params))
        self._all[name] = job
        return job

    def _one(self, params: Params) -> J:
        name = params[f"{self.word}JobName"]
        found = self._all.get(name)
        if found is None:
            raise self._missing(name)
        return found

    def _require(self, job: J, allowed: Iterable[str]) -> None:
        if job.status not in allowed:
            raise ValidationException(
                f"The request was rejected because the {self.words} is in status {job.status}.",
            )

    def _identity(self, job: J) -> Json:
        return {
            f"{self.word}JobName": job.name,
            f"{self.word}JobArn": job.arn,
            f"{self.word}JobStatus": job.status,
            f"{self.word}EndTime": job.ended_at,
            "CreationTime": job.created_at,
            "LastModifiedTime": job.modified_at,
            "FailureReason": job.failure_reason,
        }

    def _summary(self, job: J) -> Json:
        return self._identity(job)

    def _description(self, job: J) -> Json:
        return {**job.details, **self._identity(job), f"{self.word}StartTime": job.started_at}

    def _page(self, jobs: Iterable[J], params: Params) -> Json:
        page, token = listed(jobs, params)
        return {
            f"{self.word}JobSummaries": [self._summary(job) for job in page],
            "NextToken": token,
        }

    def _stop(self, params: Params) -> Json:
        job = self._one(params)
        self._require(job, ("InProgress",))
        self._runs.stop(job)
        return {}

    def _delete(self, params: Params) -> Json:
        job = self._one(params)
        self._require(job, ENDED)
        del self._all[job.name]
        return {}
