"""What managed spot training saved: what was not billed of the time that jobs trained.

AWS bills a managed spot job for ``BillableTimeInSeconds`` of its ``TrainingTimeInSeconds``, at the
list price of its instances (SageMaker's guide, "Managed Spot Training").
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sagewarden.domain.jobs.worth import cost_of
from sagewarden.domain.money import PriceBook, PriceComponent
from sagewarden.domain.resources import ResourceRef, TrainingJob
from sagewarden.domain.standstill import Span


@dataclass(frozen=True, slots=True)
class SpotJob:
    """What one managed spot job saved.

    Attributes:
        ref: The job.
        machines: The instance types that it ran on, each with its count; None when not settled.
        trained: How long it trained; None when AWS does not tell.
        billed: How much of that was billed, on each instance; None when AWS does not tell.
        list_usd: What its training would have cost at list price; None when that is not known.
        saved_usd: What of it was not billed; None when that is not known.
        as_of: The day of the prices.
    """

    ref: ResourceRef
    machines: tuple[tuple[str, int], ...] | None
    trained: timedelta | None
    billed: timedelta | None
    list_usd: Decimal | None = None
    saved_usd: Decimal | None = None
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class SpotSavings:
    """What the managed spot jobs of a time saved.

    Attributes:
        jobs: Each of them, the largest saving first, those of unknown saving last.
    """

    jobs: tuple[SpotJob, ...]

    @property
    def saved_usd(self) -> Decimal:
        """The sum of what is known."""
        return sum((job.saved_usd for job in self.jobs if job.saved_usd is not None), Decimal(0))

    @property
    def list_usd(self) -> Decimal:
        """What these jobs would have cost at list price, as far as their savings are known."""
        known = [job.list_usd for job in self.jobs if job.saved_usd is not None]
        return sum((usd for usd in known if usd is not None), Decimal(0))

    @property
    def unknown(self) -> int:
        """How many jobs add nothing, because a price or a time is not known."""
        return sum(job.saved_usd is None for job in self.jobs)


def spot_savings(jobs: Iterable[TrainingJob], prices: PriceBook, span: Span) -> SpotSavings:
    """Say what the managed spot jobs saved that ended in a time.

    Args:
        jobs: Training jobs, ended or not, on spot capacity or not.
        prices: List prices.
        span: The time.
    """
    found = [_of(job, prices) for job in jobs if _counts(job, span)]
    found.sort(key=lambda item: (item.saved_usd is None, -(item.saved_usd or 0), item.ref))
    return SpotSavings(tuple(found))


def _counts(job: TrainingJob, span: Span) -> bool:
    run = job.run
    ended = run.ended if run is not None else None
    return run is not None and run.itself.spot is True and ended is not None and span.holds(ended)


def _of(job: TrainingJob, prices: PriceBook) -> SpotJob:
    run = job.run
    machines = run.machines if run else None
    trained, billed = (run.trained, run.billed) if run else (None, None)
    bare = SpotJob(job.ref, machines, trained, billed)
    if machines is None or trained is None or billed is None:
        return bare
    listed, paid = (
        cost_of(machines, length, PriceComponent.TRAINING, job.ref.region, prices)
        for length in (trained, billed)
    )
    if listed is None or paid is None:
        return bare
    saved = listed.usd - paid.usd
    return SpotJob(job.ref, machines, trained, billed, listed.usd, saved, listed.as_of)
