from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from sagewarden.domain.money import NO_PRICES, MonthlyCost, PriceBook, PriceComponent, total
from tests.support.builders import REGION, some_prices


def a_cost(usd: str, as_of: date = date(2026, 5, 20), basis: str = "a") -> MonthlyCost:
    return MonthlyCost(Decimal(usd), basis, as_of)


def test_a_month_has_730_hours() -> None:
    cost = some_prices().instances(PriceComponent.HOSTING, REGION, "ml.m5.large", count=2)

    assert cost == MonthlyCost(
        Decimal("146.0"), "2 x ml.m5.large at $0.10/h x 730 h", date(2026, 5, 20), Decimal("0.20")
    )


def test_a_share_of_the_month_is_counted_only() -> None:
    cost = some_prices().instances(
        PriceComponent.NOTEBOOK, REGION, "ml.t3.medium", share=Decimal("0.5")
    )

    assert cost == MonthlyCost(
        Decimal("18.250"),
        "1 x ml.t3.medium at $0.05/h x 365 h",
        date(2026, 5, 21),
        hourly_usd=Decimal("0.05"),
    )


@pytest.mark.parametrize(
    ("component", "region", "instance_type"),
    [
        (PriceComponent.NOTEBOOK, REGION, "ml.m5.large"),
        (PriceComponent.HOSTING, "us-east-1", "ml.m5.large"),
        (PriceComponent.HOSTING, REGION, "ml.m5.xlarge"),
    ],
)
def test_another_components_regions_or_types_price_is_not_taken(
    component: PriceComponent, region: str, instance_type: str
) -> None:
    cost = some_prices().instances(component, region, instance_type)

    assert cost is None


def test_reserved_provisioned_concurrency_is_priced_by_gigabytes_and_seconds() -> None:
    prices = PriceBook(
        as_of={PriceComponent.PROVISIONED_CONCURRENCY: date(2026, 5, 8)},
        hourly_usd={},
        provisioned_gb_second_usd={"us-east-1": Decimal("0.000005")},
    )

    cost = prices.provisioned_concurrency("us-east-1", memory_mb=2048, concurrency=2)

    assert cost is not None
    assert cost.usd == Decimal("52.56")
    assert cost.basis == "2 x 2 GB at $0.000005/GB-s x 730 h"
    assert cost.as_of == date(2026, 5, 8)
    assert cost.hourly_usd == Decimal("0.072")


def test_without_prices_every_cost_is_unknown_not_zero() -> None:
    assert NO_PRICES.instances(PriceComponent.HOSTING, REGION, "ml.m5.large") is None
    assert NO_PRICES.provisioned_concurrency(REGION, 2048, 2) is None


def test_costs_add_up_at_the_older_of_their_dates() -> None:
    summed = total([a_cost("1.25", basis="a"), a_cost("2", date(2026, 1, 1), "b")])

    assert summed == MonthlyCost(Decimal("3.25"), "a + b", date(2026, 1, 1))


def test_what_runs_together_costs_an_hour_what_its_parts_do_where_all_are_known() -> None:
    parts = [replace(a_cost("1"), hourly_usd=Decimal(hourly)) for hourly in ("0.2", "0.3")]

    summed, unclear = total([*parts]), total([parts[0], a_cost("1")])

    assert summed is not None
    assert unclear is not None
    assert (summed.hourly_usd, unclear.hourly_usd) == (Decimal("0.5"), None)


@pytest.mark.parametrize("costs", [[], [None], [a_cost("1"), None]])
def test_one_unknown_part_makes_the_sum_unknown(costs: list[MonthlyCost | None]) -> None:
    assert total(costs) is None
