from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from sagewarden.domain.money import (
    NO_PRICES,
    FileStorage,
    MonthlyCost,
    PriceBook,
    PriceComponent,
    total,
)
from tests.support.builders import REGION, some_prices


def a_cost(usd: str, as_of: date = date(2026, 5, 20), basis: str = "a") -> MonthlyCost:
    return MonthlyCost(Decimal(usd), basis, as_of)


def serverless_prices() -> PriceBook:
    """The list prices of us-east-1 as of 2026-05-08."""
    gb_second = {
        PriceComponent.SERVERLESS: Decimal("0.00002"),
        PriceComponent.PROVISIONED_CONCURRENCY: Decimal("0.000005"),
        PriceComponent.PROVISIONED_INFERENCE: Decimal("0.00001165"),
    }
    return PriceBook(
        as_of={(component, "us-east-1"): date(2026, 5, 8) for component in gb_second},
        hourly_usd={},
        gb_second_usd={(component, "us-east-1"): usd for component, usd in gb_second.items()},
    )


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
    cost = serverless_prices().provisioned_concurrency("us-east-1", memory_mb=2048, concurrency=2)

    assert cost is not None
    assert cost.usd == Decimal("52.56")
    assert cost.basis == "2 x 2 GB at $0.000005/GB-s x 730 h"
    assert cost.as_of == date(2026, 5, 8)
    assert cost.hourly_usd == Decimal("0.072")


@pytest.mark.parametrize(
    ("component", "usd"),
    [(PriceComponent.SERVERLESS, "40"), (PriceComponent.PROVISIONED_INFERENCE, "23.3")],
)
def test_inference_is_priced_by_its_own_seconds_not_by_what_is_reserved(
    component: PriceComponent, usd: str
) -> None:
    cost = serverless_prices().inference(component, "us-east-1", 2048, Decimal(1_000_000))

    assert cost is not None
    assert cost.usd == Decimal(usd)
    assert cost.basis.startswith("2 GB at $0.0000")
    assert cost.basis.endswith("/GB-s x 1,000,000 s")


def test_provisioned_concurrency_breaks_even_with_on_demand_at_59_9_percent_of_utilisation() -> (
    None
):
    gb_second = serverless_prices().gb_second_usd
    on_demand, reserved, inference = (
        gb_second[component, "us-east-1"]
        for component in (
            PriceComponent.SERVERLESS,
            PriceComponent.PROVISIONED_CONCURRENCY,
            PriceComponent.PROVISIONED_INFERENCE,
        )
    )

    assert round(reserved / (on_demand - inference), 3) == Decimal("0.599")


def test_a_volume_is_priced_by_what_it_hangs_on() -> None:
    prices = PriceBook(
        as_of={(PriceComponent.STORAGE, REGION): date(2026, 5, 8)},
        hourly_usd={},
        gb_second_usd={},
        gb_month_usd={(PriceComponent.NOTEBOOK, REGION): Decimal("0.14")},
    )

    cost = prices.storage(PriceComponent.NOTEBOOK, REGION, gigabytes=50)

    assert cost == MonthlyCost(
        usd=Decimal("7.00"),
        basis="50 GB at $0.14/GB-month",
        as_of=date(2026, 5, 8),
        hourly_usd=Decimal("7.00") / 730,
    )
    assert prices.storage(PriceComponent.PROCESSING, REGION, gigabytes=50) is None


def test_files_are_priced_by_how_they_are_stored_in_gigabytes_of_two_to_the_thirty_bytes() -> None:
    prices = PriceBook(
        as_of={(PriceComponent.FILE_SYSTEM, REGION): date(2026, 3, 3)},
        hourly_usd={},
        gb_second_usd={},
        file_gb_month_usd={
            (FileStorage.STANDARD, REGION): Decimal("0.30"),
            (FileStorage.INFREQUENT, REGION): Decimal("0.016"),
        },
    )
    stored = {FileStorage.STANDARD: 40 * 2**30, FileStorage.INFREQUENT: 125 * 2**30}

    cost = prices.files(REGION, {**stored, FileStorage.ARCHIVE: 0})

    assert cost is not None
    assert (cost.usd, cost.as_of) == (Decimal(14), date(2026, 3, 3))
    assert cost.basis == (
        "40.00 GB (General Purpose) at $0.30/GB-month"
        " + 125.00 GB (Infrequent Access) at $0.016/GB-month"
    )
    assert cost.hourly_usd is not None
    assert round(cost.hourly_usd * 730, 6) == 14
    assert prices.files(REGION, {**stored, FileStorage.ARCHIVE: 1}) is None
    assert prices.files("eu-west-3", stored) is None


def test_each_region_has_its_own_day_and_the_oldest_speaks_for_the_component() -> None:
    days = {
        (PriceComponent.HOSTING, REGION): date(2026, 5, 8),
        (PriceComponent.HOSTING, "us-east-1"): date(2026, 4, 1),
        (PriceComponent.NOTEBOOK, REGION): date(2026, 1, 1),
    }
    prices = PriceBook(as_of=days, hourly_usd={}, gb_second_usd={})

    assert prices.oldest(PriceComponent.HOSTING) == date(2026, 4, 1)
    assert prices.oldest(PriceComponent.EC2) is None


def test_without_prices_every_cost_is_unknown_not_zero() -> None:
    assert NO_PRICES.instances(PriceComponent.HOSTING, REGION, "ml.m5.large") is None
    assert NO_PRICES.provisioned_concurrency(REGION, 2048, 2) is None
    assert NO_PRICES.inference(PriceComponent.SERVERLESS, REGION, 2048, Decimal(1)) is None
    assert NO_PRICES.storage(PriceComponent.HOSTING, REGION, 5) is None
    assert NO_PRICES.files(REGION, {FileStorage.STANDARD: 2**30}) is None


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
