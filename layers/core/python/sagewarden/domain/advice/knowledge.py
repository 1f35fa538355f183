"""What advice knows beside the workload: prices, types, quotas, and where lines are drawn."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from sagewarden.domain.advice.catalogue import Catalogue, InstanceSpec
from sagewarden.domain.money import MonthlyCost, PriceBook, PriceComponent
from sagewarden.domain.provisioned_concurrency.quotas import Quotas


@dataclass(frozen=True, slots=True)
class Lines:
    """Where lines are drawn.

    Attributes:
        gpu_percent: A GPU that works less than this on average is under-used.
        headroom: What is left free above the highest figure that was measured, as a factor.
        busy_percent: How busy instances may be before autoscaling adds one.
        async_share: Up to this share of hours with calls, an asynchronous endpoint is proposed.
        batch_share: Up to this share of hours with calls, batch transform is proposed.
        least_usd: What saves less a month is not worth anybody's time.
    """

    gpu_percent: float = 20
    headroom: float = 1.25
    busy_percent: float = 70
    async_share: float = 0.5
    batch_share: float = 0.1
    least_usd: Decimal = Decimal(5)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known beside a workload.

    Attributes:
        prices: List prices.
        catalogue: What instance types have.
        quotas: What Service Quotas allows in the region.
        lines: Where lines are drawn.
    """

    prices: PriceBook
    catalogue: Catalogue
    quotas: Quotas
    lines: Lines = Lines()

    def hosting(self, region: str, instance_type: str, count: int = 1) -> MonthlyCost | None:
        """What instances for real-time inference cost; None when not known."""
        return self.prices.instances(PriceComponent.HOSTING, region, instance_type, count)

    def cheapest(
        self, region: str, specs: Iterable[InstanceSpec], count: int = 1
    ) -> tuple[InstanceSpec, MonthlyCost] | None:
        """The cheapest of some types whose price is known, the first of equal ones."""
        priced = (
            (spec, cost) for spec in specs if (cost := self.hosting(region, spec.name, count))
        )
        return min(priced, key=lambda found: found[1].usd, default=None)


def scaled(cost: MonthlyCost | None, share: Decimal, because: str) -> MonthlyCost | None:
    """A part of a cost."""
    if cost is None:
        return None
    return MonthlyCost(
        usd=cost.usd * share, basis=f"{cost.basis} x {share:.4f} ({because})", as_of=cost.as_of
    )
