"""An in-process builder of jobs: running for any time, or long ended."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sagewarden_cli.sandbox.backend import Json
from sagewarden_cli.sandbox.sagemaker.job_runs import JobRuns
from sagewarden_cli.sandbox.sagemaker.jobs import Job, TrainingJob
from sagewarden_cli.sandbox.sagemaker.seeder import IMAGE, Seeder, known_status
from sagewarden_cli.sandbox.sagemaker.training_jobs import training_details

_LONGEST: Json = {"MaxRuntimeInSeconds": 28 * 86_400}
_NO_END = timedelta(days=3650)


class JobSeeder(Seeder):
    """Puts jobs straight into one account and region; those InProgress run on."""

    def add_training_job(  # noqa: PLR0913  # one argument per field of a training job
        self,
        name: str,
        *,
        instance_type: str = "ml.m5.xlarge",
        instance_count: int = 1,
        status: str = "InProgress",
        duration: timedelta | None = None,
        created_at: datetime | None = None,
        modified_at: datetime | None = None,
        tags: Mapping[str, str] | None = None,
        **details: object,
    ) -> str:
        """Add a training job and return its ARN.

        Args:
            name: Its name.
            instance_type: Such as ``ml.m5.xlarge``.
            instance_count: On how many of them it trains.
            status: Any of its statuses. One that is InProgress has been in Training since it was
                created; one that has ended did so ``duration`` later, at once without one.
            duration: How long it trains before it uploads what it has and is Completed. Without
                one it trains until it is stopped, or for 28 days, the most that AWS allows, or
                for the ``StoppingCondition`` among the details.
            created_at: When it was created, and its instances began to run.
            modified_at: When it last changed; when it was created or ended unless given.
            tags: Its tags.
            details: More members of CreateTrainingJob, such as ``EnableManagedSpotTraining=True``
                or a whole ``ResourceConfig``.
        """
        resources = {
            "InstanceType": instance_type,
            "InstanceCount": instance_count,
            "VolumeSizeInGB": 30,
        }
        given: Json = {
            "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            "RoleArn": self._role,
            "OutputDataConfig": {"S3OutputPath": "s3://models/output"},
            "ResourceConfig": resources,
            "StoppingCondition": _LONGEST,
            **details,
        }
        created = self._created(created_at)
        job = TrainingJob(
            name=name,
            arn=self._store.arn(TrainingJob.kind, name),
            created_at=created,
            modified_at=created,
            status=known_status(TrainingJob.kind, status),
            details=training_details(given),
        )
        return self._put_job(job, duration, modified_at, tags)

    def _put_job(
        self,
        job: Job,
        duration: timedelta | None,
        modified_at: datetime | None,
        tags: Mapping[str, str] | None,
    ) -> str:
        here = self._here
        with here.lock:
            if job.status == "InProgress":
                job.work_time = _NO_END if duration is None else duration
                JobRuns(here).resume(job, since=job.created_at)
            else:
                job.reach(job.work, job.created_at)
                job.enter(job.status, job.created_at + (duration or timedelta(0)))
            job.modified_at = modified_at or job.modified_at
            return self._put(job, tags)
