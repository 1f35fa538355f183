"""How a job runs, and what it may take: what only its description tells, whatever its kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Asked:
    """What one job may take, or each of the jobs that another one launches.

    None stands for what is not told: AWS then sets a limit of its own, or none.

    Attributes:
        part: Whether it is launched by the job that is spoken of, not that job itself.
        name: The name of its definition, where it has one.
        max_runtime: How long it may run (StoppingCondition.MaxRuntimeInSeconds and its like).
        max_wait: How long it may wait for spot capacity and run, together.
        spot: Whether it is a managed spot training job; None for what cannot be one.
        checkpoints: Whether it writes checkpoints to S3.
        instances: On how many instances it runs at most, at once.
    """

    part: bool = False
    name: str = ""
    max_runtime: timedelta | None = None
    max_wait: timedelta | None = None
    spot: bool | None = None
    checkpoints: bool = False
    instances: int | None = None

    @property
    def who(self) -> str:
        """How a sentence about it begins."""
        if not self.part:
            return "it"
        return f"each training job of {self.name}" if self.name else "each of its training jobs"


@dataclass(frozen=True, slots=True)
class Children:
    """How many training jobs of a tuning job are where (TrainingJobStatusCounters)."""

    completed: int
    in_progress: int
    retried: int
    failed: int
    stopped: int

    @property
    def finished(self) -> int:
        """Those that have ended for good."""
        return self.completed + self.failed + self.stopped


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What describing a job tells.

    Attributes:
        asked: What it may take, itself first.
        phase: What it does now: its secondary status, or ``Processing`` and its like.
        phase_since: Since when (aware).
        started: Since when its instances run (aware); None before that.
        ended: When it ended (aware).
        machines: The instance types that it runs on, each with its count; None when not settled.
        hosts: How its instances are named in its metrics; None when not known.
        parent: The ARN of the job or the schedule that launched it.
        trained: How long its instances trained; known at its end.
        billed: How much of that is billed, on each instance.
        children: Of a tuning job, where its training jobs are.
        at_work: Of a tuning job, how those that are in progress run, by their names; None when
            that is not known.
    """

    asked: tuple[Asked, ...] = ()
    phase: str | None = None
    phase_since: datetime | None = None
    started: datetime | None = None
    ended: datetime | None = None
    machines: tuple[tuple[str, int], ...] | None = None
    hosts: tuple[str, ...] | None = None
    parent: str | None = None
    trained: timedelta | None = None
    billed: timedelta | None = None
    children: Children | None = None
    at_work: Mapping[str, "Run"] | None = None

    @property
    def itself(self) -> Asked:
        """What the job itself may take."""
        return self.asked[0] if self.asked else Asked()

    def ends_by(self, created: datetime) -> datetime | None:
        """When the job must have ended by its own limits, or None when it has none.

        A managed spot job's wait counts from its creation, and its interruptions do not count as
        running. A job that launches others runs from its creation, any other from the moment at
        which its instances did.
        """
        limits = self.itself
        if limits.spot:
            return created + limits.max_wait if limits.max_wait else None
        launches = any(item.part for item in self.asked)
        since = created if launches else self.started
        return since + limits.max_runtime if since and limits.max_runtime else None
