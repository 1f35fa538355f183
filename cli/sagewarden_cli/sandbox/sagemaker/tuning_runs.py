"""How a tuning job launches training jobs, a few at a time, until it has had them all."""

import hashlib
from datetime import timedelta

from sagewarden_cli.sandbox.backend import AccountRegion, Json
from sagewarden_cli.sandbox.sagemaker.job_runs import JobRuns
from sagewarden_cli.sandbox.sagemaker.jobs import ENDED, TrainingJob, TuningJob
from sagewarden_cli.sandbox.sagemaker.resources import SageMakerStore
from sagewarden_cli.sandbox.sagemaker.training_jobs import training_details

_NOT_DETAILS = frozenset(
    {
        "DefinitionName",
        "TuningObjective",
        "HyperParameterRanges",
        "StaticHyperParameters",
        "HyperParameterTuningResourceConfig",
    }
)


class TuningRuns:
    """Lets tuning jobs run in one account and region, and stops them."""

    def __init__(self, here: AccountRegion) -> None:
        self._here = here
        self._store = here.part(SageMakerStore)
        self._runs = JobRuns(here)

    def children(self, job: TuningJob) -> list[TrainingJob]:
        """Return the training jobs of a tuning job."""
        return [child for child in self._store.training_jobs.values() if _is_of(child, job)]

    def begin(self, job: TuningJob) -> None:
        """Let a new tuning job launch its first training jobs."""
        now = self._here.now()
        job.reach(job.work, now)
        seconds = job.limits.get("MaxRuntimeInSeconds")
        if seconds is not None:
            limit = timedelta(seconds=seconds)
            job.await_change(self._here.later(limit, lambda _at: self.stop(job)))
        for _ in range(min(job.limits["MaxParallelTrainingJobs"], _total(job))):
            self._launch(job)

    def stop(self, job: TuningJob) -> None:
        """Stop a tuning job that is InProgress, and those of its training jobs that are."""
        self._runs.stop(job)
        for child in self.children(job):
            if child.status == "InProgress":
                self._runs.stop(child)

    def _launch(self, job: TuningJob) -> None:
        job.launched += 1
        number, now = job.launched, self._here.now()
        mark = hashlib.sha256(f"{job.arn}/{number}".encode()).hexdigest()[:8]
        name = f"{job.name}-{number:03}-{mark}"
        child = TrainingJob(
            name=name,
            arn=self._store.arn(TrainingJob.kind, name),
            created_at=now,
            modified_at=now,
            status="InProgress",
            details=training_details(_request(job)),
            tuning_job=job.name,
            when_ended=lambda: self._go_on(job),
        )
        child.tag(job.tags)
        self._store.training_jobs[name] = child
        self._runs.begin(child)

    def _go_on(self, job: TuningJob) -> None:
        if job.status != "InProgress":
            return
        if job.launched < _total(job):
            self._launch(job)
        elif all(child.status in ENDED for child in self.children(job)):
            job.enter("Completed", self._here.now())


def _is_of(child: TrainingJob, job: TuningJob) -> bool:
    return child.tuning_job == job.name


def _total(job: TuningJob) -> int:
    limits = job.limits
    total: int = limits.get("MaxNumberOfTrainingJobs") or limits["MaxParallelTrainingJobs"]
    return total


def _request(job: TuningJob) -> Json:
    """Return what the next training job is created with: the definitions take turns."""
    one, several = (
        job.details.get("TrainingJobDefinition"),
        job.details.get("TrainingJobDefinitions", []),
    )
    definitions = [one] if one is not None else several
    definition = definitions[(job.launched - 1) % len(definitions)]
    resources = definition.get("ResourceConfig") or _first_choice(definition)
    given = {k: v for k, v in definition.items() if k not in _NOT_DETAILS}
    parameters = definition.get("StaticHyperParameters", {})
    return {**given, "HyperParameters": parameters, "ResourceConfig": resources}


def _first_choice(definition: Json) -> Json:
    """Return the instances that a definition prefers, where it names several kinds."""
    wishes: Json = definition.get("HyperParameterTuningResourceConfig", {})
    first: Json = next(iter(wishes.get("InstanceConfigs", [])), {})
    known = ("InstanceType", "InstanceCount", "VolumeSizeInGB", "VolumeKmsKeyId")
    return {k: v for k, v in {**wishes, **first}.items() if k in known}
