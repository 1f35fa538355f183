"""Money: price times time, from dated list prices; an unknown price stays unknown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

HOURS_PER_MONTH = 730
"""Hours in a month as AWS's own calculators count them (8,760 / 12)."""


class PriceComponent(StrEnum):
    """The price list component a price belongs to; the same instance type may differ by it."""

    HOSTING = "Hosting"
    NOTEBOOK = "Notebook"
    STUDIO_JUPYTER_LAB = "Studio-JupyterLab"
    PROVISIONED_CONCURRENCY = "ServerlessProvisionedConcurrency"


@dataclass(frozen=True, slots=True)
class MonthlyCost:
    """An amount per month of 730 hours.

    Attributes:
        usd: US dollars per month, list price.
        basis: The arithmetic, for whoever must defend the figure.
        as_of: The day the price was read from AWS's price list.
        hourly_usd: US dollars for each hour that it runs, whatever part of the month that is; None
            where it is not known.
    """

    usd: Decimal
    basis: str
    as_of: date
    hourly_usd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PriceBook:
    """List prices, each component's from one day.

    Attributes:
        as_of: The day each component's prices were read.
        hourly_usd: US dollars per instance-hour by (component, region, instance type).
        provisioned_gb_second_usd: US dollars per GB-second of reserved serverless
            provisioned concurrency (the ``Usage`` price, not the inference ``Mem`` one), by region.
    """

    as_of: Mapping[PriceComponent, date]
    hourly_usd: Mapping[tuple[PriceComponent, str, str], Decimal]
    provisioned_gb_second_usd: Mapping[str, Decimal]

    def instances(
        self,
        component: PriceComponent,
        region: str,
        instance_type: str,
        count: int = 1,
        share: Decimal = Decimal(1),
    ) -> MonthlyCost | None:
        """What instances cost per month.

        Args:
            component: What they are used for.
            region: The AWS region.
            instance_type: For example ``ml.m5.xlarge``.
            count: How many.
            share: The part of the month that is counted, 0 to 1.

        Returns:
            The cost, or None when the price is not known.
        """
        price = self.hourly_usd.get((component, region, instance_type))
        if price is None:
            return None
        hours = HOURS_PER_MONTH * share
        return MonthlyCost(
            usd=price * count * hours,
            basis=f"{count} x {instance_type} at ${price}/h x {hours:.0f} h",
            as_of=self.as_of[component],
            hourly_usd=price * count,
        )

    def provisioned_concurrency(
        self, region: str, memory_mb: int, concurrency: int
    ) -> MonthlyCost | None:
        """What reserved provisioned concurrency costs per month, or None when not known."""
        price = self.provisioned_gb_second_usd.get(region)
        if price is None:
            return None
        gigabytes = Decimal(memory_mb) / 1024
        hourly = price * gigabytes * concurrency * 3600
        return MonthlyCost(
            usd=hourly * HOURS_PER_MONTH,
            basis=f"{concurrency} x {gigabytes} GB at ${price}/GB-s x {HOURS_PER_MONTH} h",
            as_of=self.as_of[PriceComponent.PROVISIONED_CONCURRENCY],
            hourly_usd=hourly,
        )


NO_PRICES = PriceBook(as_of={}, hourly_usd={}, provisioned_gb_second_usd={})
"""A book without a price: every cost is unknown."""


def total(costs: list[MonthlyCost | None]) -> MonthlyCost | None:
    """Add up costs; one unknown part makes the sum unknown."""
    known = [cost for cost in costs if cost is not None]
    if not known or len(known) < len(costs):
        return None
    hourly = [cost.hourly_usd for cost in known if cost.hourly_usd is not None]
    return MonthlyCost(
        usd=sum((cost.usd for cost in known), Decimal(0)),
        basis=" + ".join(cost.basis for cost in known),
        as_of=min(cost.as_of for cost in known),
        hourly_usd=sum(hourly, Decimal(0)) if len(hourly) == len(known) else None,
    )
