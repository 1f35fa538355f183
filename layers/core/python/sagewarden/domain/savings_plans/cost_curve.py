"""What an hour costs as a function of the hourly commitment: exact, convex, piecewise linear.

How a Savings Plan is applied, by AWS's own description (Savings Plans User Guide, "Understanding
how Savings Plans apply to your usage"; "Savings Plans payment options"):

- The commitment is an amount of USD per hour, due in each hour of the term, used or not.
- In each hour it is used up by usage at its Savings Plan rate: the usage with the highest savings
  percentage first, at equal percentages that with the lowest Savings Plan rate.
- What is left of the usage costs its on-demand price; what is left of the commitment is lost.

So a dollar of commitment replaces ``on demand / rate`` dollars of on-demand cost, first the usage
at which that ratio is greatest: in each hour the cost is ``commitment + what is left on demand``,
with slope ``1 - ratio`` that grows from usage to usage and is 1 when all is covered. Such functions
add up to one of the same kind, whose minimum is at a point where its slope changes sign.
All arithmetic is on fractions: nothing is rounded.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction

from sagewarden.domain.savings_plans.offerings import LEAST, STEP, Rates
from sagewarden.domain.savings_plans.usage import Hour, Usage


@dataclass(frozen=True, slots=True)
class CostCurve:
    """The average cost of an hour by commitment, both in USD per hour.

    Attributes:
        knots: The commitments at which the slope changes, from 0 on.
        costs: What an hour costs at each of them.
        slopes: The slope from each of them on.
        loads: For each hour of the window what covering everything would take, at plan rates.
    """

    knots: tuple[Fraction, ...]
    costs: tuple[Fraction, ...]
    slopes: tuple[Fraction, ...]
    loads: tuple[Fraction, ...]

    @property
    def on_demand(self) -> Fraction:
        """What an hour costs without a commitment."""
        return self.costs[0]

    def at(self, commitment: Decimal | Fraction) -> Fraction:
        """What an hour costs under a commitment of 0 or more."""
        wanted = Fraction(commitment)
        place = bisect_right(self.knots, wanted) - 1
        return self.costs[place] + self.slopes[place] * (wanted - self.knots[place])

    def used(self, commitment: Decimal | Fraction) -> Fraction:
        """How much of a commitment is used per hour, on average."""
        wanted = Fraction(commitment)
        return sum((min(wanted, load) for load in self.loads), Fraction(0)) / len(self.loads)

    @property
    def optimum(self) -> Fraction:
        """The least commitment of those that cost least."""
        return next(knot for knot, slope in zip(self.knots, self.slopes, strict=True) if slope >= 0)

    @property
    def break_even(self) -> Fraction:
        """The greatest commitment that costs no more than none at all."""
        place = max(n for n, cost in enumerate(self.costs) if cost <= self.on_demand)
        return self.knots[place] + (self.on_demand - self.costs[place]) / self.slopes[place]

    def best_purchase(self) -> Decimal:
        """The commitment that costs least of those that AWS sells; 0 where none saves anything.

        AWS takes five digits after the point. Because the curve is convex, the best of these is
        next to the optimum.
        """
        exact = self.optimum
        below, above = (_rounded(exact, way) for way in (ROUND_FLOOR, ROUND_CEILING))
        sold = [Decimal(0), *(max(value, LEAST) for value in (below, above) if value)]
        return min(sold, key=lambda value: (self.at(value), value))


def cost_curve(usage: Usage, rates: Rates) -> CostCurve:
    """The cost of usage by commitment.

    Args:
        usage: What ran; usage types without a rate are left out, as no commitment covers them.
        rates: Savings Plan rates.

    Raises:
        ValueError: There is no hour, or a rate or price is not greater than 0.
    """
    if not usage.hours:
        raise ValueError("no hour to make a commitment for")
    order = _order(usage, rates)
    # How many dollars on demand one dollar of commitment replaces changes at these commitments.
    changes: defaultdict[Fraction, Fraction] = defaultdict(Fraction)
    loads = []
    cost = Fraction(0)
    for hour in usage.hours:
        reached = Fraction(0)
        for quantity, price, rate in _covered(hour, order, usage, rates):
            changes[reached] += price / rate
            reached += quantity * rate
            changes[reached] -= price / rate
            cost += quantity * price
        loads.append(reached)
    return _added_up(cost, changes, loads)


def _order(usage: Usage, rates: Rates) -> list[str]:
    """Usage types as a plan takes them: highest savings percentage first, then lowest rate."""
    known = [name for name in usage.usage_types if name in rates]
    for name in known:
        if rates[name] <= 0 or usage.on_demand[name] <= 0:
            raise ValueError(f"{name}: a rate and a price must be greater than 0")
    return sorted(
        known,
        key=lambda name: (Fraction(rates[name]) / Fraction(usage.on_demand[name]), rates[name]),
    )


def _covered(
    hour: Hour, order: Sequence[str], usage: Usage, rates: Rates
) -> Iterator[tuple[Fraction, Fraction, Fraction]]:
    for name in order:
        if quantity := hour.quantities.get(name):
            yield Fraction(quantity), Fraction(usage.on_demand[name]), Fraction(rates[name])


def _added_up(
    cost: Fraction, changes: defaultdict[Fraction, Fraction], loads: list[Fraction]
) -> CostCurve:
    count = len(loads)
    changes[Fraction(0)] += 0
    knots = sorted(knot for knot, change in changes.items() if change or not knot)
    costs, slopes = [cost / count], []
    replaced = Fraction(0)
    for place, knot in enumerate(knots):
        replaced += changes[knot]
        slopes.append(1 - replaced / count)
        if place + 1 < len(knots):
            costs.append(costs[-1] + slopes[-1] * (knots[place + 1] - knot))
    return CostCurve(tuple(knots), tuple(costs), tuple(slopes), tuple(loads))


def _rounded(value: Fraction, way: str) -> Decimal:
    """To what AWS sells; a fraction of powers of ten is exact as a decimal."""
    steps = value / Fraction(STEP)
    whole = steps.__floor__() if way == ROUND_FLOOR else steps.__ceil__()
    return whole * STEP
