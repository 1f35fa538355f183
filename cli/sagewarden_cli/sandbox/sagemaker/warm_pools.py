"""Warm pools: the instances that a training job keeps, and pays for, after it is done."""

from datetime import datetime, timedelta

from sagewarden_cli.sandbox.backend import Json
from sagewarden_cli.sandbox.sagemaker.jobs import TrainingJob

_PERIOD = "KeepAlivePeriodInSeconds"


def warm_pool(job: TrainingJob, now: datetime) -> Json | None:
    """Return the state of a job's warm pool at a moment; None if it has none."""
    if not _period(job) and job.kept_until is None:
        return None
    if job.status in {"InProgress", "Stopping"}:
        return {"Status": "InUse"}
    if job.status != "Completed" or job.ended_at is None:
        return {"Status": "Terminated", "ResourceRetainedBillableTimeInSeconds": 0}
    until = job.kept_until or job.ended_at + _period(job)
    kept = min(now, until) - job.ended_at
    return {
        "Status": "Available" if now < until else "Terminated",
        "ResourceRetainedBillableTimeInSeconds": int(kept.total_seconds()),
    }


def keep_for(job: TrainingJob, seconds: int, now: datetime) -> None:
    """Change how long a job's warm pool is kept, counted from the job's end."""
    job.details["ResourceConfig"] = {**job.details.get("ResourceConfig", {}), _PERIOD: seconds}
    if job.ended_at is not None:
        job.kept_until = max(now, job.ended_at + timedelta(seconds=seconds))


def _period(job: TrainingJob) -> timedelta:
    return timedelta(seconds=job.details.get("ResourceConfig", {}).get(_PERIOD, 0))
