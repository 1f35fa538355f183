"""What the instances of a job cost over a time, and what ending it saves.

A stop saves its price an hour until its own limit, and never a month by default.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from sagewarden.domain.job_runs import Run
from sagewarden.domain.jobs.job import WarmPool
from sagewarden.domain.money import (
    HOURS_PER_MONTH,
    JOB_COMPONENTS,
    MonthlyCost,
    PriceBook,
    PriceComponent,
    total,
)
from sagewarden.domain.resources import Resource, run_of

_MONTH = timedelta(hours=HOURS_PER_MONTH)
_MICROSECOND = timedelta(microseconds=1)

type Machines = tuple[tuple[str, int], ...]


def cost_of(
    machines: Machines,
    length: timedelta,
    component: PriceComponent | None,
    region: str,
    prices: PriceBook,
) -> MonthlyCost | None:
    """What instances cost over a time at list price, or None when a price is not known.

    Args:
        machines: The instance types, each with its count.
        length: How long all of them run.
        component: What they are billed as; None when that is not known.
        region: The AWS region.
        prices: List prices.
    """
    share = Decimal(length // _MICROSECOND) / Decimal(_MONTH // _MICROSECOND)
    return total(
        [prices.instances(component, region, name, count, share) for name, count in machines]
    )


def saving_of(resource: Resource, prices: PriceBook, now: datetime) -> MonthlyCost | None:
    """What a stop saves: the hours that are left by the job's own limit, at list price.

    Args:
        resource: A job or a warm pool.
        prices: List prices.
        now: The moment of the stop (aware).

    Returns:
        None when a price is not known, as that of managed spot capacity never is, or when nothing
        tells how long it would have run on: it has no limit of its own, or is past it.
    """
    if isinstance(resource, WarmPool):
        return _until(resource, resource.machines, resource.until, prices, now)
    run = run_of(resource)
    machines, limit = (_machines(run), run.ends_by(resource.created)) if run else (None, None)
    return _until(resource, machines, limit, prices, now)


def _machines(run: Run) -> Machines | None:
    """The instances that it pays for now; None where they or their price cannot be known."""
    if run.at_work is None:
        return None if run.itself.spot else run.machines
    parts = [_machines(item) for item in run.at_work.values()]
    known = [part for part in parts if part is not None]
    return tuple(item for part in known for item in part) if len(known) == len(parts) else None


def _until(
    resource: Resource,
    machines: Machines | None,
    limit: datetime | None,
    prices: PriceBook,
    now: datetime,
) -> MonthlyCost | None:
    if not machines or limit is None or limit <= now:
        return None
    left, component = min(limit - now, _MONTH), JOB_COMPONENTS.get(resource.ref.kind)
    cost = cost_of(machines, left, component, resource.ref.region, prices)
    if cost is None:
        return None
    return replace(cost, basis=f"{cost.basis}, until its own limit at most")
