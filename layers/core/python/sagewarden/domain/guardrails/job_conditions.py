"""What a guardrail demands of jobs: spot capacity, bounds of time, and of the instances at once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Self

from sagewarden.domain.durations import spoken
from sagewarden.domain.guardrails.answers import Answer, compliant, not_applicable, worst
from sagewarden.domain.guardrails.conditions import Figures, JobDemand
from sagewarden.domain.guardrails.subject import Subject
from sagewarden.domain.job_runs import Asked
from sagewarden.domain.verdicts import VerdictKind

SPOT_KINDS = frozenset({"training-job", "hyper-parameter-tuning-job"})
"""What trains on managed spot capacity, itself or in the training jobs that it launches."""
BOUNDED_KINDS = SPOT_KINDS | {"processing-job", "auto-ml-job"}
"""What has a longest run time; AWS knows none for transform jobs."""
COUNTED_KINDS = SPOT_KINDS | {"processing-job", "transform-job"}
"""What names its number of instances; AWS chooses those of an AutoML job."""

_DEFAULTS = {"training-job": timedelta(days=1), "processing-job": timedelta(days=1)}
"""AWS's own limit where none is asked for (API reference, StoppingCondition)."""
_CHECKPOINTS = (
    "advice: managed spot training costs up to 90 % less; write checkpoints to S3 "
    "(CheckpointConfig), then set EnableManagedSpotTraining and MaxWaitTimeInSeconds"
)


@dataclass(frozen=True, slots=True)
class _Demand(JobDemand):
    """A demand on a job and on those that it launches.

    Attributes:
        parts_only: Whether only what it launches is judged: a rule for training jobs demands the
            same of those of a tuning job.
    """

    parts_only: bool = False

    def of_parts(self) -> Self:
        """The same demand, on what a job launches only."""
        return replace(self, parts_only=True)

    def _each(self, subject: Subject, judged: Callable[[Asked], Answer | None]) -> Answer:
        if subject.jobs is None:
            return Answer(VerdictKind.UNKNOWN, "what it asks for is not known")
        found = [judged(item) for item in subject.jobs if item.part or not self.parts_only]
        answers = [answer for answer in found if answer is not None]
        return worst(answers) if answers else not_applicable(f"{self} is not for a {subject.kind}")


@dataclass(frozen=True, slots=True)
class SpotRequired(_Demand):
    """Managed spot training, wherever checkpoints let an interrupted job go on."""

    def __str__(self) -> str:
        return "managed spot training"

    def answer(self, subject: Subject, _figures: Figures) -> Answer:
        """Judge training jobs; one that keeps no checkpoints is only advised."""

        def judged(job: Asked) -> Answer | None:
            if job.spot is None:
                return None
            if job.spot:
                return compliant(f"{job.who} is managed spot training")
            if not job.checkpoints:
                return Answer(VerdictKind.VIOLATION, _CHECKPOINTS, advice=True)
            reason = (
                f"{job.who} writes checkpoints, so it could train on managed spot capacity: "
                "set EnableManagedSpotTraining and MaxWaitTimeInSeconds"
            )
            return Answer(VerdictKind.VIOLATION, reason)

        return self._each(subject, judged)


@dataclass(frozen=True, slots=True)
class _TimeCeiling(_Demand):
    """The longest time that a job may ask for.

    Attributes:
        limit: That time.
    """

    limit: timedelta = timedelta(days=1)

    def _measured(self, asks: str, length: timedelta) -> Answer:
        if length > self.limit:
            reason = f"{asks} {spoken(length)}, more than {spoken(self.limit)}"
            return Answer(VerdictKind.VIOLATION, reason)
        return compliant(f"{asks} {spoken(length)}")


@dataclass(frozen=True, slots=True)
class RuntimeCeiling(_TimeCeiling):
    """The longest time that a job may ask to run for."""

    def __str__(self) -> str:
        return f"a run of at most {spoken(self.limit)}"

    def answer(self, subject: Subject, _figures: Figures) -> Answer:
        """Judge the limits that it sets; where AWS sets none, it must set one."""
        if subject.kind not in BOUNDED_KINDS:
            return not_applicable(f"AWS knows no longest run time of a {subject.kind}")
        return self._each(subject, lambda job: self._judged(job, subject.kind))

    def _judged(self, job: Asked, kind: str) -> Answer | None:
        if job.part and job.max_runtime is None and kind == "auto-ml-job":
            return None
        longest = job.max_runtime or _DEFAULTS.get("training-job" if job.part else kind)
        if longest is None:
            reason = f"{job.who} sets no longest run time; {spoken(self.limit)} is allowed"
            return Answer(VerdictKind.VIOLATION, reason)
        return self._measured(f"{job.who} may run for", longest)


@dataclass(frozen=True, slots=True)
class WaitCeiling(_TimeCeiling):
    """The longest time that a managed spot job may ask to wait and run for, together."""

    def __str__(self) -> str:
        return f"a wait of at most {spoken(self.limit)}"

    def answer(self, subject: Subject, _figures: Figures) -> Answer:
        """Judge managed spot jobs; nothing else waits for capacity."""

        def judged(job: Asked) -> Answer | None:
            if not job.spot:
                return None
            if job.max_wait is None:
                return Answer(VerdictKind.UNKNOWN, f"how long {job.who} may wait is not known")
            return self._measured(f"{job.who} may wait and run for", job.max_wait)

        return self._each(subject, judged)


@dataclass(frozen=True, slots=True)
class InstanceCap(_Demand):
    """The most instances that a job may run on at once.

    Attributes:
        most: That number.
    """

    most: int = 1

    def __str__(self) -> str:
        return f"at most {self.most} instances at once"

    def answer(self, subject: Subject, _figures: Figures) -> Answer:
        """Judge the instances of a job, and of a tuning job those of all that train at once."""
        if subject.kind not in COUNTED_KINDS:
            return not_applicable(f"a {subject.kind} names no number of instances")

        def judged(job: Asked) -> Answer | None:
            if job.instances is None:
                return Answer(VerdictKind.UNKNOWN, f"on how many instances {job.who} runs")
            if job.instances > self.most:
                reason = f"{job.who} runs on {job.instances} instances, more than {self.most}"
                return Answer(VerdictKind.VIOLATION, reason)
            return compliant(f"{job.who} runs on {job.instances}")

        return self._each(subject, judged)
