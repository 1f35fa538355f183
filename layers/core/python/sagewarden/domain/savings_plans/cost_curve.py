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
All arithmetic is exact. Within a curve it is on whole numbers, over common denominators: sums of
many fractions with different ones are slow.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import zip_longest
from math import ceil, floor, lcm

from sagewarden.domain.savings_plans.offerings import LEAST, STEP, Rates
from sagewarden.domain.savings_plans.usage import Usage


@dataclass(frozen=True, slots=True)
class CostCurve:
    """The average cost of an hour by commitment, both in USD per hour.

    Attributes:
        bends: The commitments at which the slope changes, from 0 on, in `money`.
        levels: What the hours of the window cost at each of them, in `money` x `ratio`.
        rises: The slope of that from each of them on, in `ratio`.
        loads: For each hour what covering everything would take, at plan rates, in `money`.
        money: How many parts a dollar is counted in.
        ratio: How many parts a ratio of two prices is counted in.
    """

    bends: tuple[int, ...]
    levels: tuple[int, ...]
    rises: tuple[int, ...]
    loads: tuple[int, ...]
    money: int
    ratio: int

    @property
    def knots(self) -> tuple[Fraction, ...]:
        """The commitments at which the slope changes, from 0 on."""
        return tuple(Fraction(bend, self.money) for bend in self.bends)

    @property
    def slopes(self) -> tuple[Fraction, ...]:
        """The slope from each knot on; they never fall."""
        return tuple(Fraction(rise, self.ratio * len(self.loads)) for rise in self.rises)

    @property
    def on_demand(self) -> Fraction:
        """What an hour costs without a commitment."""
        return self.at(Fraction(0))

    @property
    def full_cover(self) -> Fraction:
        """The commitment beyond which nothing more can be covered."""
        return Fraction(self.bends[-1], self.money)

    def at(self, commitment: Decimal | Fraction) -> Fraction:
        """What an hour costs under a commitment of 0 or more."""
        wanted = Fraction(commitment) * self.money
        place = bisect_right(self.bends, wanted) - 1
        level = self.levels[place] + self.rises[place] * (wanted - self.bends[place])
        return level / (self.money * self.ratio * len(self.loads))

    def used(self, commitment: Decimal | Fraction) -> Fraction:
        """How much of a commitment is used per hour, on average."""
        wanted = Fraction(commitment) * self.money
        full = sum(load for load in self.loads if load < wanted)
        partly = sum(load >= wanted for load in self.loads)
        return (full + partly * wanted) / (self.money * len(self.loads))

    @property
    def optimum(self) -> Fraction:
        """The least commitment of those that cost least."""
        place = next(n for n, rise in enumerate(self.rises) if rise >= 0)
        return Fraction(self.bends[place], self.money)

    @property
    def break_even(self) -> Fraction:
        """The greatest commitment that costs no more than none at all."""
        place = max(n for n, level in enumerate(self.levels) if level <= self.levels[0])
        beyond = Fraction(self.levels[0] - self.levels[place], self.rises[place])
        return (self.bends[place] + beyond) / self.money

    def best_purchase(self) -> Decimal:
        """The commitment that costs least of those that AWS sells; 0 where none saves anything.

        AWS takes five digits after the point. Because the curve is convex, the best of these is
        next to the optimum.
        """
        steps = self.optimum / Fraction(STEP)
        near = {floor(steps) * STEP, ceil(steps) * STEP}
        sold = [Decimal(0), *(max(value, LEAST) for value in near if value)]
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
    meters = _meters(usage, rates)
    parts = 10 ** max(
        (_digits(count) for hour in usage.hours for count in hour.quantities.values()), default=0
    )
    # How many dollars on demand one dollar of commitment replaces changes at these commitments.
    changes = defaultdict(int, {0: 0})
    loads, cost = [], 0
    for hour in usage.hours:
        reached = 0
        for meter in meters:
            if quantity := hour.quantities.get(meter.name):
                count = int(Fraction(quantity) * parts)
                changes[reached] += meter.replaces
                reached += count * meter.rate
                changes[reached] -= meter.replaces
                cost += count * meter.price
        loads.append(reached)
    money, ratio = (parts * meters[0].parts, meters[0].ratio) if meters else (1, 1)
    return _added_up(cost, changes, tuple(loads), money, ratio)


@dataclass(frozen=True, slots=True)
class _Meter:
    """A usage type in whole numbers.

    Attributes:
        name: The usage type.
        price: On demand, in `parts` of a dollar.
        rate: With a plan, in `parts` of a dollar.
        parts: How many parts a dollar of prices is counted in.
        replaces: Its price by its rate, in `ratio`.
        ratio: How many parts a ratio is counted in.
    """

    name: str
    price: int
    rate: int
    parts: int
    replaces: int
    ratio: int


def _meters(usage: Usage, rates: Rates) -> list[_Meter]:
    """Usage types as a plan takes them: highest savings percentage first, then lowest rate."""
    names = [name for name in usage.usage_types if name in rates]
    for name in names:
        if rates[name] <= 0 or usage.on_demand[name] <= 0:
            raise ValueError(f"{name}: a rate and a price must be greater than 0")
    prices = {name: Fraction(usage.on_demand[name]) for name in names}
    ours = {name: Fraction(rates[name]) for name in names}
    parts = lcm(*(value.denominator for value in (*prices.values(), *ours.values())))
    ratio = lcm(*((prices[name] / ours[name]).denominator for name in names))
    return [
        _Meter(
            name=name,
            price=int(prices[name] * parts),
            rate=int(ours[name] * parts),
            parts=parts,
            replaces=int(prices[name] / ours[name] * ratio),
            ratio=ratio,
        )
        for name in sorted(names, key=lambda name: (ours[name] / prices[name], ours[name]))
    ]


def _added_up(
    cost: int, changes: Mapping[int, int], loads: tuple[int, ...], money: int, ratio: int
) -> CostCurve:
    bends = [bend for bend, change in sorted(changes.items()) if change or not bend]
    levels, rises = [cost * ratio], []
    rise = len(loads) * ratio
    for bend, following in zip_longest(bends, bends[1:]):
        rise -= changes[bend]
        rises.append(rise)
        if following is not None:
            levels.append(levels[-1] + rise * (following - bend))
    return CostCurve(tuple(bends), tuple(levels), tuple(rises), loads, money, ratio)


def _digits(value: Decimal) -> int:
    """How many digits a value has after the point."""
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
