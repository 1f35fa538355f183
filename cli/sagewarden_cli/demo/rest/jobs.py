"""The demo's jobs: those that get nowhere, and those that must run to their end."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sagewarden.domain.money import PriceComponent
from sagewarden.domain.resources import ResourceKind
from sagewarden_cli.demo.meter import sagemaker_in
from sagewarden_cli.demo.organisation import VIRGINIA, WEEK_BEGINS, Team
from sagewarden_cli.demo.portraits import Clients, Portrait, tags_at, without
from sagewarden_cli.demo.rest.kinds import Extra, Kind, Runs, trap
from sagewarden_cli.demo.teams import FORECAST, FRAUD, LANGUAGE, PERSONAL, SEARCH, VISION, tags_of
from sagewarden_cli.sandbox import Sandbox

_MINUTE = timedelta(minutes=1)
_LOOKED_BACK = timedelta(minutes=40)
"""Longer than the policy's rule looks."""

_TRAINING = ResourceKind.TRAINING_JOB
_COMPONENTS = {
    ResourceKind.TRAINING_JOB: PriceComponent.TRAINING,
    ResourceKind.PROCESSING_JOB: PriceComponent.PROCESSING,
    ResourceKind.TRANSFORM_JOB: PriceComponent.TRANSFORM,
}
_DESCRIBED = {
    ResourceKind.TRAINING_JOB: ("describe_training_job", "TrainingJobName"),
    ResourceKind.PROCESSING_JOB: ("describe_processing_job", "ProcessingJobName"),
    ResourceKind.TRANSFORM_JOB: ("describe_transform_job", "TransformJobName"),
    ResourceKind.TUNING_JOB: (
        "describe_hyper_parameter_tuning_job",
        "HyperParameterTuningJobName",
    ),
    ResourceKind.AUTO_ML_JOB: ("describe_auto_ml_job_v2", "AutoMLJobName"),
}
_ADDED = {
    ResourceKind.TRAINING_JOB: "add_training_job",
    ResourceKind.PROCESSING_JOB: "add_processing_job",
    ResourceKind.TRANSFORM_JOB: "add_transform_job",
    ResourceKind.TUNING_JOB: "add_tuning_job",
    ResourceKind.AUTO_ML_JOB: "add_auto_ml_job",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(Extra):
    """A job to begin with.

    Attributes:
        kind: What it is.
        gpu: How busy its GPUs are all week, in percent; None where nothing is published.
        every: How often it is published.
        failed: How many of its training jobs have failed, of a tuning job.
    """

    kind: ResourceKind
    gpu: float | None = None
    every: timedelta = _MINUTE
    failed: int = 0


def _job(name: str, team: Team, instance_type: str | None, kind: ResourceKind = _TRAINING) -> Job:
    return Job(
        name=name,
        team=team,
        tags=tags_of(team, team.owner_of(name), "dev"),
        runs=Runs(_COMPONENTS[kind], instance_type) if instance_type else None,
        kind=kind,
        gpu=0.0 if instance_type else None,
    )


_JOBS = (
    _job("toxicity-retrain", LANGUAGE, "ml.g5.2xlarge"),
    _job("thumbnail-embed", VISION, "ml.g4dn.xlarge", ResourceKind.PROCESSING_JOB),
    replace(_job("uplift-search", PERSONAL, None, ResourceKind.TUNING_JOB), failed=6),
    trap(
        replace(_job("ranker-pretrain", SEARCH, "ml.g5.12xlarge"), gpu=320.0),
        "its GPUs are at work",
    ),
    trap(
        replace(_job("demand-refit", FORECAST, "ml.g5.xlarge"), gpu=None),
        "no metric at all: no data is not zero",
    ),
    trap(
        replace(_job("ocr-refit", VISION, "ml.g5.xlarge"), every=3 * _MINUTE),
        "two of three minutes have no datapoint",
    ),
    trap(_job("stress-q4", FRAUD, "ml.g5.2xlarge"), "protected by the policy", DoNotDelete="audit"),
    trap(
        _job("chat-align", LANGUAGE, "ml.g5.2xlarge"),
        "exempt by its owner",
        SagewardenExempt="2026-12-01: long alignment",
    ),
    trap(_job("nightly-dag", FRAUD, "ml.g5.xlarge"), "managed by Terraform", ManagedBy="terraform"),
    trap(
        _job("basket-automl", PERSONAL, None, ResourceKind.AUTO_ML_JOB),
        "AWS measures nothing of its instances",
    ),
)


@dataclass(frozen=True, slots=True)
class _SpotJob:
    """A managed spot job of the week.

    Attributes:
        name: Its name.
        team: Whose it is.
        instance_type: What it trains on.
        ends: When it is done.
        length: How long it trains.
    """

    name: str
    team: Team
    instance_type: str
    ends: datetime
    length: timedelta


_DAY = timedelta(days=1)
_SPOT = (
    _SpotJob("ranker-weekly", SEARCH, "ml.g5.2xlarge", WEEK_BEGINS + 1.5 * _DAY, _DAY / 2),
    _SpotJob("translator-refresh", LANGUAGE, "ml.g5.xlarge", WEEK_BEGINS + 3 * _DAY, _DAY / 4),
    _SpotJob("weather-backfill", FORECAST, "ml.g4dn.xlarge", WEEK_BEGINS + 4 * _DAY, _DAY / 3),
)
"""These were never idle, and end by themselves."""


def _seed(sandbox: Sandbox, job: Job) -> str:
    fleet = sandbox.sagemaker(region=job.region)
    created = WEEK_BEGINS - timedelta(hours=30)
    details: dict[str, Any] = {"created_at": created, "tags": job.tags}
    if job.runs is not None:
        details["instance_type"] = job.runs.instance_type
    arn = str(getattr(fleet, _ADDED[job.kind])(job.name, **details))
    for number in range(1, job.failed + 1):
        at = created + number * timedelta(hours=1)
        fleet.add_training_job(
            f"{job.name}-{number}",
            tuning_job=job.name,
            status="Failed",
            duration=20 * _MINUTE,
            created_at=at,
        )
    return arn


def _portray(clients: Clients, job: Job) -> Portrait:
    client = clients("sagemaker", job.region)
    call, name = _DESCRIBED[job.kind]
    seen: Mapping[str, Any] = getattr(client, call)(**{name: job.name})
    arn = str(seen[f"{name.removesuffix('Name')}Arn"])
    moving = ("TrainingTimeInSeconds", "BillableTimeInSeconds")
    return {"job": without(seen, *moving), "tags": tags_at(client, arn)}


def _end(sandbox: Sandbox, spot: _SpotJob) -> None:
    day = int(_DAY.total_seconds())
    sandbox.sagemaker(region=VIRGINIA).add_training_job(
        spot.name,
        instance_type=spot.instance_type,
        status="Completed",
        created_at=spot.ends - spot.length,
        duration=spot.length,
        tags=tags_of(spot.team, spot.team.owners[0], "dev"),
        EnableManagedSpotTraining=True,
        StoppingCondition={"MaxRuntimeInSeconds": day, "MaxWaitTimeInSeconds": 2 * day},
        CheckpointConfig={"S3Uri": f"s3://checkpoints/{spot.name}"},
    )


def _live(sandbox: Sandbox, now: datetime) -> None:
    """The instances of what runs have told of their GPUs; managed spot jobs have ended."""
    for spot in _SPOT:
        if spot.ends <= now and spot.name not in sagemaker_in(sandbox, VIRGINIA).training_jobs:
            _end(sandbox, spot)
    for job in _JOBS:
        if job.gpu is not None:
            moments = (now - job.every * n for n in range(1, int(_LOOKED_BACK / job.every) + 1))
            points = [(moment, job.gpu) for moment in moments]
            sandbox.sagemaker(region=job.region).publish_job_metric(job.kind, job.name, points)


JOBS = Kind(
    title="Training, processing, tuning and AutoML jobs",
    rules=("stuck-jobs",),
    extras=_JOBS,
    seed=_seed,
    portray=_portray,
    live=_live,
)
