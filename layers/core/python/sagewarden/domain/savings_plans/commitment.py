"""The commitment to buy, what it saves, and what it costs when usage falls."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from sagewarden.domain.savings_plans.cost_curve import CostCurve, cost_curve
from sagewarden.domain.savings_plans.offerings import Offering, Rates
from sagewarden.domain.savings_plans.usage import Usage

FALLS = (Decimal("0.10"), Decimal("0.25"), Decimal("0.50"))
"""By how much usage is supposed to fall, for the risk of a commitment."""

POINTS = 120
"""How many points of a cost curve are enough to draw it."""

_BEYOND = Fraction(5, 4)
"""How far beyond its break-even a curve is drawn, as a multiple of it."""

_DIGITS = Decimal("0.0000000001")


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a cost curve, both in USD per hour."""

    commitment: Decimal
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Fall:
    """What happens when all usage falls by the same part.

    Attributes:
        fall: The part, 0 to 1.
        on_demand: What an hour would then cost without the commitment, in USD.
        cost: What it costs with it.
        utilisation: The used part of the commitment, 0 to 1.
    """

    fall: Decimal
    on_demand: Decimal
    cost: Decimal
    utilisation: Decimal

    @property
    def saving(self) -> Decimal:
        """What an hour saves, in USD; negative when the commitment costs more than it saves."""
        return self.on_demand - self.cost


@dataclass(frozen=True, slots=True)
class Commitment:
    """The best commitment of one offering. Amounts are USD per hour, averages of the window.

    Attributes:
        offering: The term and payment option.
        hourly: The commitment that costs least; 0 where none saves anything.
        on_demand: What an hour of the coverable usage costs without it.
        cost: What it costs with it: the commitment and what stays on demand.
        utilisation: The used part of the commitment, 0 to 1; 0 without a commitment.
        coverage: The part of the on-demand cost that it covers, 0 to 1.
        break_even_fall: By which part usage may fall until the commitment saves nothing, 0 to 1.
        falls: What some falls of usage cost.
        curve: The cost by commitment, for drawing.
    """

    offering: Offering
    hourly: Decimal
    on_demand: Decimal
    cost: Decimal
    utilisation: Decimal
    coverage: Decimal
    break_even_fall: Decimal
    falls: tuple[Fall, ...]
    curve: tuple[Point, ...]

    @property
    def saving(self) -> Decimal:
        """What an hour saves, in USD."""
        return self.on_demand - self.cost

    @property
    def saving_over_term(self) -> Decimal:
        """What the whole term saves, in USD, if every hour is like those of the window."""
        return self.saving * self.offering.hours

    @property
    def paid_at_once(self) -> Decimal:
        """What is paid on the first day, in USD."""
        return self.offering.paid_at_once(self.hourly)


def best_commitment(usage: Usage, offering: Offering, rates: Rates) -> Commitment:
    """The commitment that costs least, were every hour of the term like those of the window.

    Args:
        usage: What runs on demand.
        offering: The term and payment option.
        rates: Its rates.

    Raises:
        ValueError: There is no hour, or a rate or price is not greater than 0.
    """
    curve = cost_curve(usage, rates)
    hourly = curve.best_purchase()
    cost = curve.at(hourly)
    covered = curve.on_demand - cost + Fraction(hourly)
    return Commitment(
        offering=offering,
        hourly=hourly,
        on_demand=_decimal(curve.on_demand),
        cost=_decimal(cost),
        utilisation=_decimal(_part(curve.used(hourly), Fraction(hourly))),
        coverage=_decimal(_part(covered, curve.on_demand)),
        break_even_fall=_decimal(_break_even_fall(curve, hourly)),
        falls=tuple(fallen(curve, hourly, fall) for fall in FALLS),
        curve=tuple(_drawn(curve)),
    )


def best_of(commitments: Sequence[Commitment]) -> Commitment | None:
    """The offering that saves most per hour; None where none saves anything.

    At equal savings the shorter term, then the one of which less is paid at once.
    """
    saving = [item for item in commitments if item.saving > 0]
    return min(
        saving,
        key=lambda item: (-item.saving, item.offering.years, item.paid_at_once),
        default=None,
    )


def fallen(curve: CostCurve, hourly: Decimal, fall: Decimal) -> Fall:
    """What happens to a commitment when all usage falls by one part.

    A fall scales everything: ``k`` times the usage costs under a commitment ``c`` what ``k`` times
    the cost under ``c / k`` is now.

    Args:
        curve: The cost of the usage as it is.
        hourly: The commitment.
        fall: The part, 0 or more and less than 1.
    """
    left = 1 - Fraction(fall)
    scaled = Fraction(hourly) / left
    return Fall(
        fall=fall,
        on_demand=_decimal(left * curve.on_demand),
        cost=_decimal(left * curve.at(scaled)),
        utilisation=_decimal(_part(left * curve.used(scaled), Fraction(hourly))),
    )


def _break_even_fall(curve: CostCurve, hourly: Decimal) -> Fraction:
    """At ``k`` times the usage the commitment saves nothing when ``c / k`` breaks even now."""
    if not hourly:
        return Fraction(0)
    return 1 - Fraction(hourly) / curve.break_even


def _drawn(curve: CostCurve) -> list[Point]:
    """Evenly spaced points, and those that matter: the exact optimum and the break-even."""
    end = max(curve.break_even, curve.full_cover) * _BEYOND
    even = {end * n / POINTS for n in range(POINTS + 1)}
    places = sorted(even | {curve.optimum, curve.break_even})
    return [Point(_decimal(place), _decimal(curve.at(place))) for place in places]


def _part(part: Fraction, whole: Fraction) -> Fraction:
    return part / whole if whole else Fraction(0)


def _decimal(value: Fraction) -> Decimal:
    """Ten digits after the point are as many as AWS's prices have."""
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(_DIGITS)
