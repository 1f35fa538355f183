"""The usage that a commitment is made for: instance-hours by usage type, hour by hour."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

HOURS_PER_DAY = 24


@dataclass(frozen=True, slots=True)
class Hour:
    """What ran in one hour.

    Attributes:
        starts: When the hour begins (aware).
        quantities: Instance-hours by usage type; what did not run is left out.
    """

    starts: datetime
    quantities: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Usage:
    """What ran on demand in a window, and at which price.

    Attributes:
        hours: Every hour of the window, those without usage too.
        on_demand: List prices in USD per instance-hour by usage type.
    """

    hours: tuple[Hour, ...]
    on_demand: Mapping[str, Decimal]

    def __post_init__(self) -> None:
        unpriced = {
            name for hour in self.hours for name in hour.quantities if name not in self.on_demand
        }
        if unpriced:
            raise ValueError(f"usage without a price: {', '.join(sorted(unpriced))}")
        if any(quantity < 0 for hour in self.hours for quantity in hour.quantities.values()):
            raise ValueError("usage cannot be negative")

    @property
    def usage_types(self) -> tuple[str, ...]:
        """What ran at all, in order."""
        return tuple(sorted({name for hour in self.hours for name in hour.quantities}))

    def hourly_usd(self, usage_type: str) -> Decimal:
        """What a usage type costs on demand per hour, on average over the window."""
        if not self.hours:
            return Decimal(0)
        total = sum(
            (hour.quantities.get(usage_type, Decimal(0)) for hour in self.hours), Decimal(0)
        )
        return total * self.on_demand[usage_type] / len(self.hours)


def spread_over_hours(days: Usage) -> Usage:
    """Hours made of days, each a 24th of its day.

    That is less exact than hours as they were: a cost is convex in usage, so the evened-out one
    is never dearer than the true one, and savings are overstated where a day has its ups and downs.

    Args:
        days: Usage whose "hours" are whole days.
    """
    hours = tuple(
        Hour(
            day.starts,
            {name: quantity / HOURS_PER_DAY for name, quantity in day.quantities.items()},
        )
        for day in days.hours
    )
    # All hours of a day are alike, so that one stands for its 24: every average stays the same.
    return Usage(hours, days.on_demand)
