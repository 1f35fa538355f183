"""Builders of jobs and of rules for them."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sagewarden.domain.job_runs import Asked, Run
from sagewarden.domain.jobs.hosts import numbered_hosts
from sagewarden.domain.jobs.job import Job, JobStatus, PoolStatus, WarmPool
from sagewarden.domain.jobs.questions import Questions
from sagewarden.domain.jobs.rule import IdleJobs
from sagewarden.domain.money import PriceBook, PriceComponent
from sagewarden.domain.resources import ResourceKind, Tags
from sagewarden.domain.scope import Mode, Scope
from tests.support.builders import NOW, REGION, a_ref

HOUR = timedelta(hours=1)
GPU = "ml.g5.xlarge"


def a_run(
    name: str = "job",
    *,
    machines: tuple[tuple[str, int], ...] | None = ((GPU, 1),),
    phase: str | None = "Training",
    since: datetime | None = NOW - 3 * HOUR,
    asked: Asked | None = None,
    **more: Any,
) -> Run:
    """How a training job runs: for three hours, of the day that it may."""
    limit = Asked(spot=False, max_runtime=24 * HOUR)
    told = {
        "asked": (asked or limit,),
        "phase": phase,
        "phase_since": since,
        "started": since,
        "machines": machines,
        "hosts": numbered_hosts(name, machines or ()),
        **more,
    }
    return Run(**told)


def a_job(
    name: str = "job",
    kind: ResourceKind = ResourceKind.PROCESSING_JOB,
    *,
    run: Run | None = None,
    status: JobStatus = JobStatus.IN_PROGRESS,
    created: datetime = NOW - 4 * HOUR,
    tags: Tags | None = None,
) -> Job:
    """A job of another kind, created four hours ago."""
    return Job(
        ref=a_ref(name, kind),
        status=status,
        created=created,
        modified=created,
        tags=tags or {},
        instance_types=(GPU,),
        run=run or a_run(name, phase="Processing"),
    )


def a_warm_pool(
    name: str = "job",
    *,
    status: PoolStatus = PoolStatus.AVAILABLE,
    since: datetime = NOW - HOUR,
    keep_for: timedelta = 6 * HOUR,
    machines: tuple[tuple[str, int], ...] | None = ((GPU, 2),),
) -> WarmPool:
    """Two instances that nobody has used for an hour, and that are kept for six."""
    return WarmPool(
        ref=a_ref(name, ResourceKind.WARM_POOL),
        status=status,
        created=since - HOUR,
        modified=since,
        tags={},
        since=since,
        keep_for=keep_for,
        machines=machines,
    )


def a_job_rule(*kinds: ResourceKind, mode: Mode = Mode.ENFORCE, **asks: Any) -> IdleJobs:
    """A rule for jobs of some kinds, training jobs unless given."""
    return IdleJobs(
        scope=Scope("stuck", mode),
        kinds=tuple(kind.value for kind in kinds or (ResourceKind.TRAINING_JOB,)),
        grace=HOUR,
        asks=Questions(**asks),
    )


def job_prices(region: str = REGION) -> PriceBook:
    """Round prices of two instance types, for training and processing."""
    kinds = (PriceComponent.TRAINING, PriceComponent.PROCESSING)
    return PriceBook(
        as_of={(kind, region): date(2026, 5, 20) for kind in kinds},
        hourly_usd={
            (kind, region, name): price
            for kind in kinds
            for name, price in ((GPU, Decimal(2)), ("ml.m5.xlarge", Decimal("0.25")))
        },
        gb_second_usd={},
    )
