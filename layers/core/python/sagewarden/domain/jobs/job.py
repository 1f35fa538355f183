"""Processing, transform, tuning and AutoML jobs, and warm pools, as they are at one moment."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sagewarden.domain.job_runs import Run
from sagewarden.domain.resources import Snapshot, Status


class JobStatus(Status):
    """The states of these jobs (botocore 1.44, ProcessingJobStatus and its like)."""

    IN_PROGRESS = "InProgress"
    COMPLETED = "Completed"
    FAILED = "Failed"
    STOPPING = "Stopping"
    STOPPED = "Stopped"
    DELETING = "Deleting"
    DELETE_FAILED = "DeleteFailed"
    UNKNOWN = "UNKNOWN"
    """A state that this version does not know; never acted on."""


class PoolStatus(Status):
    """The states of a warm pool (botocore 1.44, WarmPoolResourceStatus)."""

    IN_USE = "InUse"
    AVAILABLE = "Available"
    REUSED = "Reused"
    TERMINATED = "Terminated"
    UNKNOWN = "UNKNOWN"
    """A state that this version does not know; never acted on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(Snapshot):
    """A processing, transform, tuning or AutoML job: its ref's kind says which.

    It is never started again; its time of modification only tells its phases, so that it bears
    its creation's.

    Attributes:
        instance_types: The types that it may run on; None when they are not known.
        volumes_gb: The sizes of its volumes, in GB; None when they are not known.
        run: How it runs.
    """

    instance_types: tuple[str, ...] | None = None
    volumes_gb: tuple[int, ...] | None = None
    run: Run

    @property
    def runs_on(self) -> tuple[str, ...] | None:
        """The instance types that it may run on."""
        return self.instance_types

    @property
    def stores_gb(self) -> tuple[int, ...] | None:
        """The sizes of its volumes, in GB."""
        return self.volumes_gb

    @property
    def told(self) -> Run | None:
        """How it runs."""
        return self.run


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmPool(Snapshot):
    """The instances that a training job keeps after its end, for the next one of its kind.

    Attributes:
        since: Since when nobody uses them: the job's end (aware).
        keep_for: For how long they are kept from then on.
        machines: The instance types, each with its count; None when not settled.
    """

    since: datetime
    keep_for: timedelta
    machines: tuple[tuple[str, int], ...] | None = None

    @property
    def until(self) -> datetime:
        """When AWS ends it (aware)."""
        return self.since + self.keep_for

    @property
    def runs_on(self) -> tuple[str, ...] | None:
        """The instance types that it runs on."""
        return None if self.machines is None else tuple(name for name, _ in self.machines)
