"""Usage and rates for the tests of Savings Plans, and a bill made out without any cleverness."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from sagewarden.domain.savings_plans.usage import Hour, Usage

BEGINS = datetime(2026, 11, 2, tzinfo=UTC)


def usage_of(
    prices: Mapping[str, str | Decimal], *hours: Mapping[str, int | str | Decimal]
) -> Usage:
    """Consecutive hours of instance-hours by usage type, at on-demand prices."""
    return Usage(
        hours=tuple(
            Hour(
                BEGINS + timedelta(hours=number),
                {name: Decimal(count) for name, count in hour.items()},
            )
            for number, hour in enumerate(hours)
        ),
        on_demand={name: Decimal(price) for name, price in prices.items()},
    )


def rates_of(**rates: str) -> dict[str, Decimal]:
    """Savings Plan rates by usage type."""
    return {name: Decimal(rate) for name, rate in rates.items()}


def billed(usage: Usage, rates: Mapping[str, Decimal], commitment: Decimal | Fraction) -> Fraction:
    """The average bill of an hour, as AWS describes it: hour by hour, usage by usage."""
    return sum((_bill(hour, usage, rates, commitment) for hour in usage.hours), Fraction(0)) / len(
        usage.hours
    )


def _bill(
    hour: Hour, usage: Usage, rates: Mapping[str, Decimal], commitment: Decimal | Fraction
) -> Fraction:
    left, on_demand = Fraction(commitment), Fraction(0)
    for name in _by_savings(usage, rates, list(hour.quantities)):
        wanted = Fraction(hour.quantities[name]) * Fraction(rates[name])
        taken = min(left, wanted)
        left -= taken
        uncovered = Fraction(hour.quantities[name]) - taken / Fraction(rates[name])
        on_demand += uncovered * Fraction(usage.on_demand[name])
    return Fraction(commitment) + on_demand


def _by_savings(usage: Usage, rates: Mapping[str, Decimal], names: Sequence[str]) -> list[str]:
    def savings(name: str) -> Fraction:
        return 1 - Fraction(rates[name]) / Fraction(usage.on_demand[name])

    return sorted(
        (name for name in names if name in rates), key=lambda name: (-savings(name), rates[name])
    )
