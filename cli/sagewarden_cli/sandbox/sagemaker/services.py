"""What SageMaker runs beside notebooks, endpoints, jobs and Studio: servers, clusters, ..."""

from dataclasses import dataclass, field
from datetime import datetime

from sagewarden_cli.sandbox.backend import Json
from sagewarden_cli.sandbox.sagemaker.bases import StatefulResource

SERVING = frozenset({"Created", "Updated", "Started", "MaintenanceComplete"})
"""The statuses in which a tracking server runs."""


@dataclass(slots=True, kw_only=True)
class TrackingServer(StatefulResource):
    """An MLflow tracking server.

    Attributes:
        is_used: What AWS says of its activity while it runs.
    """

    kind = "mlflow-tracking-server"

    is_used: bool = True

    @property
    def is_active(self) -> str:
        """Its ``IsActive``."""
        return "Active" if self.is_used and self.status in SERVING else "Inactive"


@dataclass(slots=True, kw_only=True)
class MonitoringExecution:
    """One run of a monitoring schedule.

    Attributes:
        processing_job: The ARN of the job that it ran, if it came to that.
    """

    scheduled_at: datetime
    created_at: datetime
    modified_at: datetime
    status: str
    processing_job: str | None = None
    failure_reason: str | None = None


@dataclass(slots=True, kw_only=True)
class MonitoringSchedule(StatefulResource):
    """A monitoring schedule and what it ran, the oldest first.

    Attributes:
        named: What the job definition says that it only names; None where it has one of its own.
    """

    kind = "monitoring-schedule"

    named: Json | None = None
    executions: list[MonitoringExecution] = field(default_factory=list)

    @property
    def config(self) -> Json:
        """What it runs, and when."""
        found: Json = self.details["MonitoringScheduleConfig"]
        return found

    @property
    def expression(self) -> str | None:
        """When it runs; None for what runs once."""
        found: str | None = self.config.get("ScheduleConfig", {}).get("ScheduleExpression")
        return found

    @property
    def definition(self) -> Json:
        """What each execution does."""
        found: Json = self.named or self.config.get("MonitoringJobDefinition", {})
        return found

    @property
    def endpoint(self) -> str | None:
        """The name of the endpoint that it watches, if it watches one."""
        for item in self.definition.get("MonitoringInputs", ()):
            if found := item.get("EndpointInput"):
                name: str = found["EndpointName"]
                return name
        return None


@dataclass(slots=True, kw_only=True)
class RecommendationsJob(StatefulResource):
    """A job of the Inference Recommender."""

    kind = "inference-recommendations-job"

    ended_at: datetime | None = None

    def entered(self, at: datetime) -> None:
        """Keep the end in step with the status."""
        self.ended_at = at if self.status in {"COMPLETED", "FAILED", "STOPPED"} else None


@dataclass(slots=True, kw_only=True)
class Cluster(StatefulResource):
    """A HyperPod cluster.

    Attributes:
        counts: How many nodes each instance group has now.
    """

    kind = "cluster"

    counts: dict[str, int] = field(default_factory=dict)

    @property
    def groups(self) -> list[Json]:
        """Its instance groups as they were asked for."""
        found: list[Json] = self.details.get("InstanceGroups", [])
        return found
