"""Which Savings Plan commitment costs least, from what an account used. Nothing is bought."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from sagewarden.application.ports import UnreadableError
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.savings_plans.billed import AwsAdvice, Billed, OwnedPlan, PlanUse
from sagewarden.domain.savings_plans.commitment import Commitment, best_commitment, best_of
from sagewarden.domain.savings_plans.meters import Meter, meter_of
from sagewarden.domain.savings_plans.offerings import OFFERINGS, TERMS, Offering, Rates
from sagewarden.domain.savings_plans.usage import HOURS_PER_DAY, Usage, spread_over_hours
from sagewarden.domain.standstill import Span

HOURLY_DAYS = 14
"""As far back as Cost Explorer has hours, in days; two whole weeks."""

DAILY_DAYS = 28
"""How many days are read where there are no hours; four whole weeks."""


LAG = timedelta(hours=48)
"""How late Cost Explorer may be: it is refreshed at least once every 24 hours, from bills that come
later still (Cost Management User Guide, "Analyzing your costs and usage with Cost Explorer")."""


class CostExplorer(Protocol):
    """Reads what was billed."""

    def billed(self, window: Span, *, hourly: bool) -> Billed:
        """The usage of SageMaker in a window, by hour or by day.

        Raises:
            UnreadableError: It could not be read, or there are no hours to read.
        """
        ...

    def use_of(self, plans: Sequence[OwnedPlan], window: Span) -> PlanUse:
        """How far plans were used in a window.

        Raises:
            UnreadableError: It could not be read.
        """
        ...

    def advice(self, offering: Offering) -> AwsAdvice:
        """What AWS recommends to buy of an offering.

        Raises:
            UnreadableError: It could not be read.
        """
        ...


class PlanMarket(Protocol):
    """Reads what Savings Plans there are to buy, and which are owned."""

    def rates(self, usage_types: Sequence[str]) -> Mapping[Offering, Rates]:
        """The rates of each offering for some usage types; what has none is left out.

        Raises:
            UnreadableError: They could not be read.
        """
        ...

    def owned(self) -> tuple[OwnedPlan, ...]:
        """The SageMaker Savings Plans that are active, or will be.

        Raises:
            UnreadableError: They could not be read.
        """
        ...


@dataclass(frozen=True, slots=True)
class Line:
    """What one usage type costs, and whether any commitment can cover it.

    Attributes:
        meter: The usage type.
        price: Its list price in USD per instance-hour.
        hourly: What it costs per hour on average, in USD.
        is_coverable: Whether any offering has a rate for it.
    """

    meter: Meter
    price: Decimal
    hourly: Decimal
    is_coverable: bool


@dataclass(frozen=True, slots=True)
class CommitmentAdvice:
    """What was found, and what would cost least.

    Attributes:
        window: The time that was looked at.
        left_out: How much of its end was left out, because nothing is metered in it yet.
        by_hour: Whether it was read by the hour; else days were spread evenly over their hours.
        lines: What ran on demand, the dearest first.
        covered: What existing plans cover, in USD per hour at list price.
        elsewise: What is not metered in hours, in USD per hour.
        commitments: The best commitment of each offering that has rates.
        owned: SageMaker Savings Plans that exist.
        use: How far they were used; None where there is none, or it could not be read.
        aws: What AWS recommends, by offering, where it could be read.
        incomplete: What could not be read.
    """

    window: Span
    left_out: timedelta
    by_hour: bool
    lines: tuple[Line, ...]
    covered: Decimal
    elsewise: Decimal
    commitments: tuple[Commitment, ...]
    owned: tuple[OwnedPlan, ...] = ()
    use: PlanUse | None = None
    aws: Mapping[Offering, AwsAdvice] = field(default_factory=dict[Offering, AwsAdvice])
    incomplete: tuple[Incomplete, ...] = ()

    @property
    def best(self) -> tuple[Commitment, ...]:
        """The offering of each term that saves most; a term in which none saves is left out."""
        found = (
            best_of([item for item in self.commitments if item.offering.years == years])
            for years in TERMS
        )
        return tuple(item for item in found if item is not None)


def advise_commitment(costs: CostExplorer, market: PlanMarket, now: datetime) -> CommitmentAdvice:
    """Read usage, rates and plans, and find the commitments that cost least.

    Args:
        costs: What was billed.
        market: What can be bought, and what is owned.
        now: The present moment (aware); whole days in UTC before it are looked at.

    Raises:
        UnreadableError: Neither hours nor days of usage could be read.
    """
    gaps: list[Incomplete] = []
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    asked, billed, by_hour = _usage(costs, midnight, gaps)
    window, billed = _metered(asked, billed)
    usage = billed.on_demand if by_hour else spread_over_hours(billed.on_demand)
    rates = _rates(market, usage, gaps)
    owned = _owned(market, gaps)
    hours = Decimal(len(usage.hours) * (1 if by_hour else HOURS_PER_DAY)) or Decimal(1)
    return CommitmentAdvice(
        window=window,
        left_out=asked.end - window.end,
        by_hour=by_hour,
        lines=tuple(_lines(usage, rates.values())),
        covered=billed.covered / hours,
        elsewise=billed.elsewise / hours,
        commitments=tuple(
            best_commitment(usage, offering, rates[offering])
            for offering in OFFERINGS
            if offering in rates
        ),
        owned=owned,
        use=_use(costs, owned, window, gaps),
        aws=_advice(costs, rates, gaps),
        incomplete=tuple(gaps),
    )


def _usage(
    costs: CostExplorer, until: datetime, gaps: list[Incomplete]
) -> tuple[Span, Billed, bool]:
    window = Span(until - timedelta(days=HOURLY_DAYS), until)
    try:
        return window, costs.billed(window, hourly=True), True
    except UnreadableError as error:
        gaps.append(Incomplete(error.what, error.why))
    window = Span(until - timedelta(days=DAILY_DAYS), until)
    return window, costs.billed(window, hourly=False), False


def _metered(window: Span, billed: Billed) -> tuple[Span, Billed]:
    """Without an end that has no record of any kind, if that is no longer than AWS may be late.

    Hours that are not metered yet would look idle, and ask for too small a commitment. After two
    days without a record nothing did run.
    """
    until = billed.recorded_until
    if until is None or window.end - until > LAG:
        return window, billed
    hours = tuple(hour for hour in billed.on_demand.hours if hour.starts < until)
    kept = replace(billed, on_demand=replace(billed.on_demand, hours=hours))
    return Span(window.begin, until), kept


def _rates(market: PlanMarket, usage: Usage, gaps: list[Incomplete]) -> Mapping[Offering, Rates]:
    if not usage.usage_types:
        return {}
    try:
        return market.rates(usage.usage_types)
    except UnreadableError as error:
        gaps.append(Incomplete(error.what, error.why))
        return {}


def _owned(market: PlanMarket, gaps: list[Incomplete]) -> tuple[OwnedPlan, ...]:
    try:
        return market.owned()
    except UnreadableError as error:
        gaps.append(Incomplete(error.what, error.why))
        return ()


def _use(
    costs: CostExplorer, owned: Sequence[OwnedPlan], window: Span, gaps: list[Incomplete]
) -> PlanUse | None:
    active = [plan for plan in owned if plan.starts < window.end]
    if not active:
        return None
    try:
        return costs.use_of(active, window)
    except UnreadableError as error:
        gaps.append(Incomplete(error.what, error.why))
        return None


def _advice(
    costs: CostExplorer, offerings: Iterable[Offering], gaps: list[Incomplete]
) -> Mapping[Offering, AwsAdvice]:
    """AWS's own; each call costs a cent, so what refuses once is not asked again."""
    found: dict[Offering, AwsAdvice] = {}
    try:
        for offering in offerings:
            found[offering] = costs.advice(offering)
    except UnreadableError as error:
        gaps.append(Incomplete(error.what, error.why))
    return found


def _lines(usage: Usage, rates: Iterable[Rates]) -> Iterator[Line]:
    known = {name for rated in rates for name in rated}
    costs = {name: usage.hourly_usd(name) for name in usage.usage_types}
    for name, hourly in sorted(costs.items(), key=lambda item: (-item[1], item[0])):
        yield Line(meter_of(name), usage.on_demand[name], hourly, name in known)
