"""Jobs: what they are, and where on their way to an end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from sagewarden_cli.sandbox.backend import Json
from sagewarden_cli.sandbox.sagemaker.bases import StatefulResource

ENDED = frozenset({"Completed", "Failed", "Stopped"})


@dataclass(slots=True, kw_only=True)
class Job(StatefulResource):
    """A job that works on instances of its own until it is done, stopped, or out of time.

    Attributes:
        phases: What it goes through while it is InProgress, in order.
        starts_with: The phase that begins when its instances do, and with them the bill.
        work: The phase that does the job's work.
        work_time: How long the work takes; None if it takes as long as the kind's work does.
        phase: Where it is; after its end, how it came to it.
        stop_reason: The phase that it ends up in if it is stopped.
        stop_status: The status that it ends up in then.
        history: Its phases so far, each with when it began.
        when_ended: What else happens at its end.
    """

    phases: ClassVar[Sequence[str]]
    starts_with: ClassVar[str]
    work: ClassVar[str]
    out_of_time: ClassVar[tuple[str, str]] = ("Stopped", "MaxRuntimeExceeded")
    """The status and the phase in which it ends when its time is over."""

    work_time: timedelta | None = None
    phase: str = ""
    stop_reason: str = "Stopped"
    stop_status: str = "Stopped"
    history: list[tuple[str, datetime]] = field(default_factory=list)
    started_at: datetime | None = None
    ended_at: datetime | None = None
    when_ended: Callable[[], None] | None = None

    @property
    def time_limit(self) -> timedelta | None:
        """How long its instances may run, if there is a limit."""
        seconds = self.details.get("StoppingCondition", {}).get("MaxRuntimeInSeconds")
        return None if seconds is None else timedelta(seconds=seconds)

    @property
    def run_time(self) -> timedelta | None:
        """How long its instances ran; None before its end, and if they never did."""
        if self.started_at is None or self.ended_at is None:
            return None
        return self.ended_at - self.started_at

    def entered(self, at: datetime) -> None:
        """Keep the phase and the end in step with the status."""
        self.ended_at = at if self.status in ENDED else None
        phases = {"InProgress": self.work, self.stop_status: self.stop_reason}
        self.reach(phases.get(self.status, self.status), at)
        if self.ended_at is not None and self.when_ended is not None:
            self.when_ended()

    def reach(self, phase: str, at: datetime) -> None:
        """Take on a phase at a moment."""
        self.phase = phase
        self.history.append((phase, at))
        self.modified_at = at
        if phase in {self.starts_with, self.work} and self.started_at is None:
            self.started_at = at


@dataclass(slots=True, kw_only=True)
class TrainingJob(Job):
    """A training job; its phases are what AWS calls its secondary status.

    Attributes:
        tuning_job: The name of the tuning job that it belongs to, if any.
        kept_until: Until when its warm pool is kept, if that was changed after its end.
    """

    kind = "training-job"
    phases = ("Starting", "Downloading", "Training", "Uploading")
    starts_with = "Downloading"
    work = "Training"

    tuning_job: str | None = None
    kept_until: datetime | None = None


@dataclass(slots=True, kw_only=True)
class ProcessingJob(Job):
    """A processing job."""

    kind = "processing-job"
    phases = ("Starting", "Processing")
    starts_with = work = "Processing"


@dataclass(slots=True, kw_only=True)
class TransformJob(Job):
    """A batch transform job."""

    kind = "transform-job"
    phases = ("Starting", "Transforming")
    starts_with = work = "Transforming"


@dataclass(slots=True, kw_only=True)
class TuningJob(Job):
    """A hyperparameter tuning job, whose training jobs do the work.

    Attributes:
        launched: How many training jobs it has launched.
    """

    kind = "hyper-parameter-tuning-job"
    phases = ("Tuning",)
    starts_with = work = "Tuning"

    launched: int = 0

    @property
    def limits(self) -> Json:
        """How many training jobs it may launch, how many at once, and for how long."""
        limits: Json = self.details["HyperParameterTuningJobConfig"]["ResourceLimits"]
        return limits


@dataclass(slots=True, kw_only=True)
class AutoMLJob(Job):
    """An AutoML job of either version; its phases are some of what AWS calls secondary status."""

    kind = "automl-job"
    phases = ("Starting", "AnalyzingData", "FeatureEngineering", "ModelTuning")
    starts_with = "AnalyzingData"
    work = "ModelTuning"
    out_of_time = ("Completed", "MaxAutoMLJobRuntimeReached")

    @property
    def time_limit(self) -> timedelta | None:
        """How long it may take, if there is a limit."""
        configs = self.details.get("AutoMLProblemTypeConfig", {}).values()
        config = next(iter(configs), self.details.get("AutoMLJobConfig", {}))
        seconds = config.get("CompletionCriteria", {}).get("MaxAutoMLJobRuntimeInSeconds")
        return None if seconds is None else timedelta(seconds=seconds)
