"""What can be bought: terms and payment options, and the rates that each of them has."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum

HOURS_PER_YEAR = 8760
"""Hours of a year of a term, as AWS counts it: 31,536,000 seconds."""

TERMS = (1, 3)
"""The terms that Savings Plans are sold for, in years."""

STEP = Decimal("0.00001")
"""A commitment has at most five digits after the point (savingsplans:CreateSavingsPlan)."""

LEAST = Decimal("0.001")
"""The least commitment that can be bought, in USD per hour (the same)."""

_CENT = Decimal("0.01")


class PaymentOption(StrEnum):
    """When the commitment is paid; spelt as the Savings Plans API does."""

    NO_UPFRONT = "No Upfront"
    PARTIAL_UPFRONT = "Partial Upfront"
    ALL_UPFRONT = "All Upfront"


_PAID_FIRST = {
    PaymentOption.NO_UPFRONT: Decimal(0),
    PaymentOption.PARTIAL_UPFRONT: Decimal("0.5"),
    PaymentOption.ALL_UPFRONT: Decimal(1),
}
"""What part is paid at once; of Partial Upfront 50 % or more (savingsplans:CreateSavingsPlan)."""


@dataclass(frozen=True, slots=True)
class Offering:
    """A term with a payment option.

    Attributes:
        years: 1 or 3.
        payment: When it is paid.
    """

    years: int
    payment: PaymentOption

    @property
    def hours(self) -> int:
        """How many hours the term has; the commitment is due in each of them."""
        return self.years * HOURS_PER_YEAR

    @property
    def label(self) -> str:
        """For people: ``3 years, All Upfront``."""
        return f"{self.years} year{'s' if self.years > 1 else ''}, {self.payment}"

    def paid_at_once(self, commitment: Decimal) -> Decimal:
        """What is paid on the first day, in USD, for a commitment in USD per hour."""
        due = commitment * self.hours * _PAID_FIRST[self.payment]
        return due.quantize(_CENT, ROUND_CEILING)


OFFERINGS = tuple(Offering(years, payment) for years in TERMS for payment in PaymentOption)
"""All that AWS sells."""

type Rates = Mapping[str, Decimal]
"""Savings Plan rates in USD per instance-hour by usage type; what is not in it is not covered."""
