"""An in-process builder of jobs: running for any time, or long ended."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sagewarden_cli.sandbox.backend import Json
from sagewarden_cli.sandbox.cloudwatch.series import MetricStore, Sample
from sagewarden_cli.sandbox.sagemaker.auto_ml_jobs import auto_ml_details
from sagewarden_cli.sandbox.sagemaker.job_runs import JobRuns
from sagewarden_cli.sandbox.sagemaker.jobs import (
    AutoMLJob,
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
_CHANNEL: Json = {
    "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://models/input"}}
}
_HOSTS = {
    TrainingJob.kind: ("/aws/sagemaker/TrainingJobs", "{name}/algo-{number}"),
    ProcessingJob.kind: ("/aws/sagemaker/ProcessingJobs", "{name}/algo-{number}"),
    TransformJob.kind: ("/aws/sagemaker/TransformJobs", "{name}/i-{number:017x}"),
}
"""Where each kind's instances publish their metrics, and under which value of ``Host``."""


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

    def add_auto_ml_job(  # one argument per field of an AutoML job
        self,
        name: str,
        *,
        status: str = "InProgress",
        duration: timedelta | None = None,
        created_at: datetime | None = None,
        modified_at: datetime | None = None,
        tags: Mapping[str, str] | None = None,
        **details: object,
    ) -> str:
        """Add an AutoML job of the second version and return its ARN; as ``add_training_job``.

        It launches nothing: add its jobs with ``add_training_job(AutoMLJobArn=...)`` and its like.
        """
        tabular = {"TargetAttributeName": "churned"}
        given: Json = {
            "AutoMLJobInputDataConfig": [_CHANNEL],
            "OutputDataConfig": {"S3OutputPath": "s3://models/output"},
            "AutoMLProblemTypeConfig": {"TabularJobConfig": tabular},
            "RoleArn": self._role,
            **details,
        }
        created = self._created(created_at)
        job = AutoMLJob(
            name=name,
            arn=self._store.arn(AutoMLJob.kind, name),
            created_at=created,
            modified_at=created,
            status=known_status(AutoMLJob.kind, status),
            details=auto_ml_details(given),
        )
        return self._put_job(job, duration, modified_at, tags)

    def publish_job_metric(  # a series is named by all of these
        self,
        kind: str,
        name: str,
        points: Iterable[tuple[datetime, float]],
        *,
        metric: str = "GPUUtilization",
        host: int = 1,
    ) -> None:
        """Publish what an instance of a job measures, where AWS does.

        Args:
            kind: ``training-job``, ``processing-job`` or ``transform-job``.
            name: The job's name.
            points: Aware moments and percentages, which add up over an instance's GPUs or cores.
            metric: Such as ``GPUUtilization`` or ``CPUUtilization``.
            host: Which of the job's instances, from 1 on.

        Raises:
            KeyError: Jobs of this kind have no instances of their own.
        """
        namespace, form = _HOSTS[kind]
        dimensions = (("Host", form.format(name=name, number=host)),)
        samples = [Sample(at.timestamp(), 1.0, value, value, value) for at, value in points]
        here = self._here
        with here.lock:
            here.part(MetricStore).add((namespace, metric, dimensions), "Percent", samples)

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
