"""How a job runs, read from what describing it answers."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sagewarden.domain.job_runs import Children, Run
from sagewarden.domain.jobs.asked import asked_of, machines_of
from sagewarden.domain.jobs.hosts import numbered_hosts
from sagewarden.domain.resources import ResourceKind

_SECOND = timedelta(seconds=1)


def training_run(described: Mapping[str, Any]) -> Run:
    """How a training job runs; its phases are AWS's secondary statuses."""
    kind = ResourceKind.TRAINING_JOB
    machines = machines_of(kind, described)
    steps = described.get("SecondaryStatusTransitions", ())
    return Run(
        asked=asked_of(kind, described),
        phase=described.get("SecondaryStatus"),
        phase_since=moment(steps[-1].get("StartTime")) if steps else None,
        started=moment(described.get("TrainingStartTime")),
        ended=moment(described.get("TrainingEndTime")),
        machines=machines,
        hosts=numbered_hosts(described["TrainingJobName"], machines or ()),
        parent=_first(described, ("TuningJobArn", "AutoMLJobArn", "LabelingJobArn")),
        trained=_seconds(described, "TrainingTimeInSeconds"),
        billed=_seconds(described, "BillableTimeInSeconds"),
    )


def processing_run(described: Mapping[str, Any]) -> Run:
    """How a processing job runs; it is at work from its start on."""
    kind = ResourceKind.PROCESSING_JOB
    machines = machines_of(kind, described)
    started = moment(described.get("ProcessingStartTime"))
    return Run(
        asked=asked_of(kind, described),
        phase="Processing" if started else "Starting",
        phase_since=started,
        started=started,
        ended=moment(described.get("ProcessingEndTime")),
        machines=machines,
        hosts=numbered_hosts(described["ProcessingJobName"], machines or ()),
        parent=_first(described, ("AutoMLJobArn", "TrainingJobArn")),
    )


def transform_run(described: Mapping[str, Any]) -> Run:
    """How a transform job runs; only its metrics tell how its instances are named."""
    kind = ResourceKind.TRANSFORM_JOB
    started = moment(described.get("TransformStartTime"))
    return Run(
        asked=asked_of(kind, described),
        phase="Transforming" if started else "Starting",
        phase_since=started,
        started=started,
        ended=moment(described.get("TransformEndTime")),
        machines=machines_of(kind, described),
        parent=_first(described, ("AutoMLJobArn", "LabelingJobArn")),
    )


def tuning_run(described: Mapping[str, Any]) -> Run:
    """How a tuning job runs, as far as itself tells."""
    counts = described.get("TrainingJobStatusCounters", {})
    return Run(
        asked=asked_of(ResourceKind.TUNING_JOB, described),
        phase="Tuning",
        ended=moment(described.get("HyperParameterTuningEndTime")),
        children=Children(
            completed=counts.get("Completed", 0),
            in_progress=counts.get("InProgress", 0),
            retried=counts.get("RetryableError", 0),
            failed=counts.get("NonRetryableError", 0),
            stopped=counts.get("Stopped", 0),
        )
        if counts
        else None,
    )


def auto_ml_run(described: Mapping[str, Any]) -> Run:
    """How an AutoML job of either version runs."""
    return Run(
        asked=asked_of(ResourceKind.AUTO_ML_JOB, described),
        phase=described.get("AutoMLJobSecondaryStatus"),
        ended=moment(described.get("EndTime")),
    )


def moment(value: datetime | None) -> datetime | None:
    """A time of AWS's in UTC."""
    return value.astimezone(UTC) if value else None


def _first(described: Mapping[str, Any], members: Iterable[str]) -> str | None:
    return next((described[name] for name in members if described.get(name)), None)


def _seconds(described: Mapping[str, Any], member: str) -> timedelta | None:
    found = described.get(member)
    return None if found is None else found * _SECOND
