"""An in-process builder of servers, schedules, recommender jobs and clusters of any age."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sagewarden_cli.sandbox.backend import Json
from sagewarden_cli.sandbox.sagemaker.clusters import cluster_arn, wanted_counts
from sagewarden_cli.sandbox.sagemaker.file_systems import Stored, StudioHomes
from sagewarden_cli.sandbox.sagemaker.monitoring_schedules import MonitoringSchedules
from sagewarden_cli.sandbox.sagemaker.recommendations_jobs import recommendations_details
from sagewarden_cli.sandbox.sagemaker.seeder import IMAGE, Seeder, known_status
from sagewarden_cli.sandbox.sagemaker.services import (
    Cluster,
    MonitoringExecution,
    MonitoringSchedule,
    RecommendationsJob,
    TrackingServer,
)
from sagewarden_cli.sandbox.sagemaker.tracking_servers import server_details


class ServiceSeeder(Seeder):
    """Puts what SageMaker runs beside the rest straight into one account and region."""

    def add_tracking_server(  # noqa: PLR0913  # one argument per field of a tracking server
        self,
        name: str,
        *,
        size: str = "Small",
        status: str = "Created",
        is_used: bool = True,
        created_at: datetime | None = None,
        modified_at: datetime | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> str:
        """Add an MLflow tracking server and return its ARN.

        Args:
            name: Its name.
            size: ``Small``, ``Medium`` or ``Large``.
            status: Any of its statuses.
            is_used: What AWS says of its activity while it runs.
            created_at: When it was created.
            modified_at: When it last changed.
            tags: Its tags.
        """
        created = self._created(created_at)
        given = {
            "ArtifactStoreUri": f"s3://artifacts-{self._here.account}/{name}",
            "TrackingServerSize": size,
            "RoleArn": self._role,
        }
        server = TrackingServer(
            name=name,
            arn=self._store.arn(TrackingServer.kind, name),
            created_at=created,
            modified_at=modified_at or created,
            status=known_status(TrackingServer.kind, status),
            details=server_details(given),
            is_used=is_used,
        )
        return self._put(server, tags)

    def add_monitoring_schedule(  # noqa: PLR0913  # one argument per field of a schedule
        self,
        name: str,
        *,
        endpoint: str | None,
        expression: str = "cron(0 * ? * * *)",
        instance_type: str = "ml.m5.xlarge",
        status: str = "Scheduled",
        ran: Iterable[tuple[datetime, timedelta]] = (),
        created_at: datetime | None = None,
        modified_at: datetime | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> str:
        """Add a monitoring schedule and return its ARN; it runs on from now.

        Args:
            name: Its name.
            endpoint: The endpoint that it watches, there or not; None for batch transforms.
            expression: When it runs.
            instance_type: What its processing jobs run on.
            status: Any of its statuses.
            ran: When it ran before, the oldest first, and for how long each time.
            created_at: When it was created.
            modified_at: When it last changed.
            tags: Its tags.
        """
        created = self._created(created_at)
        schedule = MonitoringSchedule(
            name=name,
            arn=self._store.arn(MonitoringSchedule.kind, name),
            created_at=created,
            modified_at=modified_at or created,
            status=known_status(MonitoringSchedule.kind, status),
            details={"MonitoringScheduleConfig": self._config(endpoint, expression, instance_type)},
            executions=[self._execution(name, at, lasted) for at, lasted in ran],
        )
        arn = self._put(schedule, tags)
        here = self._here
        with here.lock:
            here.part(MonitoringSchedules).await_next(schedule, here.now())
        return arn

    def add_recommendations_job(  # noqa: PLR0913  # one argument per field of such a job
        self,
        name: str,
        *,
        instance_types: Sequence[str] = ("ml.m5.xlarge",),
        duration: timedelta | None = None,
        status: str = "IN_PROGRESS",
        created_at: datetime | None = None,
        modified_at: datetime | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> str:
        """Add an inference recommendations job that stays as it is, and return its ARN.

        Args:
            name: Its name.
            instance_types: What it tests on; none where AWS chooses.
            duration: The most that it asked to run.
            status: Any of its statuses.
            created_at: When it was created.
            modified_at: When it last changed.
            tags: Its tags.
        """
        created = self._created(created_at)
        asked: Json = {"ModelName": "churn"}
        if instance_types:
            asked["EndpointConfigurations"] = [{"InstanceType": one} for one in instance_types]
        if duration is not None:
            asked["JobDurationInSeconds"] = int(duration.total_seconds())
        job_type = "Advanced" if instance_types else "Default"
        given = {"JobType": job_type, "RoleArn": self._role, "InputConfig": asked}
        job = RecommendationsJob(
            name=name,
            arn=self._store.arn(RecommendationsJob.kind, name),
            created_at=created,
            modified_at=modified_at or created,
            status=known_status(RecommendationsJob.kind, status),
            details=recommendations_details(given),
        )
        return self._put(job, tags)

    def add_cluster(  # one argument per field of a cluster
        self,
        name: str,
        *,
        groups: Mapping[str, tuple[str, int]],
        eks: str | None = None,
        status: str = "InService",
        created_at: datetime | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> str:
        """Add a HyperPod cluster and return its ARN.

        Args:
            name: Its name.
            groups: The instance type and the number of nodes of each instance group.
            eks: The name of the EKS cluster that orchestrates it; None for Slurm.
            status: Any of its statuses.
            created_at: When it was created.
            tags: Its tags.
        """
        here, created = self._here, self._created(created_at)
        arn = here.arn("eks", f"cluster/{eks}")
        cluster = Cluster(
            name=name,
            arn=cluster_arn(here, name),
            created_at=created,
            modified_at=created,
            status=known_status(Cluster.kind, status),
            details={
                "InstanceGroups": [
                    {
                        "InstanceGroupName": group,
                        "InstanceType": instance_type,
                        "InstanceCount": count,
                        "ExecutionRole": self._role,
                    }
                    for group, (instance_type, count) in groups.items()
                ],
                **({"Orchestrator": {"Eks": {"ClusterArn": arn}}} if eks else {}),
            },
        )
        cluster.counts = wanted_counts(cluster)
        return self._put(cluster, tags)

    def fill_home(
        self,
        domain: str,
        size_bytes: int,
        *,
        infrequent: int = 0,
        archive: int = 0,
        throughput: str = "bursting",
    ) -> str:
        """Let a domain's file system hold so much, and return its id.

        Args:
            domain: The domain's id.
            size_bytes: What is stored in it.
            infrequent: How many bytes of it are in Infrequent Access storage.
            archive: How many bytes of it are in Archive storage.
            throughput: Its throughput mode.

        Raises:
            KeyError: There is no such domain.
        """
        here = self._here
        with here.lock:
            homes = here.part(StudioHomes)
            key = homes.of(self._store.domains[domain])
            standard = size_bytes - infrequent - archive
            homes.stored[key] = Stored(standard, infrequent, archive, throughput)
            return key

    def _config(self, endpoint: str | None, expression: str, instance_type: str) -> Json:
        watched: Json = {"EndpointName": endpoint, "LocalPath": "/opt/ml/processing/input"}
        batch: Json = {"DataCapturedDestinationS3Uri": "s3://captured/", "LocalPath": "/opt/ml/in"}
        source = {"EndpointInput": watched} if endpoint else {"BatchTransformInput": batch}
        output = {"S3Uri": "s3://reports/", "LocalPath": "/opt/ml/processing/output"}
        cluster = {"InstanceCount": 1, "InstanceType": instance_type, "VolumeSizeInGB": 20}
        return {
            "ScheduleConfig": {"ScheduleExpression": expression},
            "MonitoringJobDefinition": {
                "MonitoringInputs": [source],
                "MonitoringOutputConfig": {"MonitoringOutputs": [{"S3Output": output}]},
                "MonitoringResources": {"ClusterConfig": cluster},
                "MonitoringAppSpecification": {"ImageUri": IMAGE},
                "RoleArn": self._role,
            },
            "MonitoringType": "DataQuality",
        }

    def _execution(self, name: str, at: datetime, lasted: timedelta) -> MonitoringExecution:
        job = self._store.arn("processing-job", f"model-monitoring-{at:%Y%m%d%H%M}-{name}")
        return MonitoringExecution(
            scheduled_at=at,
            created_at=at,
            modified_at=at + lasted,
            status="Completed",
            processing_job=job if lasted else None,
        )
