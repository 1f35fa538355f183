"""An in-process builder of jobs: running for any time, or long ended."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sagewarden_cli.sandbox.backend import Json
from sagewarden_cli.sandbox.sagemaker.job_runs import JobRuns
from sagewarden_cli.sandbox.sagemaker.jobs import (
    Job,
    ProcessingJob,
    TrainingJob,
    TransformJob,
    TuningJob,
)
from sagewarden_cli.sandbox.sagemaker.processing_jobs import processing_details
from sagewarden_cli.sandbox.sagemaker.seeder import IMAGE, Seeder, known_status
from sagewarden_cli.sandbox.sagemaker.training_jobs import training_details
from sagewarden_cli.sandbox.sagemaker.transform_jobs import transform_details
from sagewarden_cli.sandbox.sagemaker.tuning_jobs import tuning_details

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
        tuning_job: str | None = None,
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
            tuning_job: The name of the tuning job that it belongs to, if any.
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
            tuning_job=tuning_job,
        )
        return self._put_job(job, duration, modified_at, tags)

    def add_processing_job(  # noqa: PLR0913  # one argument per field of a processing job
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
        """Add a processing job and return its ARN; as ``add_training_job``.

        Without a ``StoppingCondition`` among the details it may run for 9 days, the most that AWS
        allows.
        """
        cluster = {
            "InstanceType": instance_type,
            "InstanceCount": instance_count,
            "VolumeSizeInGB": 30,
        }
        given: Json = {
            "AppSpecification": {"ImageUri": IMAGE},
            "RoleArn": self._role,
            "ProcessingResources": {"ClusterConfig": cluster},
            "StoppingCondition": {"MaxRuntimeInSeconds": 9 * 86_400},
            **details,
        }
        created = self._created(created_at)
        job = ProcessingJob(
            name=name,
            arn=self._store.arn(ProcessingJob.kind, name),
            created_at=created,
            modified_at=created,
            status=known_status(ProcessingJob.kind, status),
            details=processing_details(given),
        )
        return self._put_job(job, duration, modified_at, tags)

    def add_transform_job(  # noqa: PLR0913  # one argument per field of a transform job
        self,
        name: str,
        *,
        model: str = "model",
        instance_type: str = "ml.m5.xlarge",
        instance_count: int = 1,
        status: str = "InProgress",
        duration: timedelta | None = None,
        created_at: datetime | None = None,
        modified_at: datetime | None = None,
        tags: Mapping[str, str] | None = None,
        **details: object,
    ) -> str:
        """Add a transform job and return its ARN; as ``add_training_job``.

        Its model need not exist.
        """
        source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://models/input"}}
        given: Json = {
            "ModelName": model,
            "TransformInput": {"DataSource": source},
            "TransformOutput": {"S3OutputPath": "s3://models/output"},
            "TransformResources": {"InstanceType": instance_type, "InstanceCount": instance_count},
            **details,
        }
        created = self._created(created_at)
        job = TransformJob(
            name=name,
            arn=self._store.arn(TransformJob.kind, name),
            created_at=created,
            modified_at=created,
            status=known_status(TransformJob.kind, status),
            details=transform_details(given),
        )
        return self._put_job(job, duration, modified_at, tags)

    def add_tuning_job(  # noqa: PLR0913  # one argument per field of a tuning job
        self,
        name: str,
        *,
        most_jobs: int = 20,
        most_at_once: int = 2,
        status: str = "InProgress",
        duration: timedelta | None = None,
        created_at: datetime | None = None,
        modified_at: datetime | None = None,
        tags: Mapping[str, str] | None = None,
        **details: object,
    ) -> str:
        """Add a hyperparameter tuning job and return its ARN; as ``add_training_job``.

        It launches nothing: add its training jobs with ``add_training_job(tuning_job=...)``.
        """
        limits = {"MaxNumberOfTrainingJobs": most_jobs, "MaxParallelTrainingJobs": most_at_once}
        config = {"Strategy": "Bayesian", "ResourceLimits": limits}
        created = self._created(created_at)
        job = TuningJob(
            name=name,
            arn=self._store.arn(TuningJob.kind, name),
            created_at=created,
            modified_at=created,
            status=known_status(TuningJob.kind, status),
            details=tuning_details({"HyperParameterTuningJobConfig": config, **details}),
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
