"""What a run costs, computed by hand."""

import json
from decimal import Decimal

import pytest

from sagewarden.domain.running_cost import AS_OF, PAID_BY_USE, REGION, Price, Used, cost_of
from tests.support.templates import ROOT


def test_a_run_that_only_computes_pays_for_memory_time_and_its_invocation() -> None:
    used = Used(seconds=Decimal(2), memory_mb=512)

    costs = cost_of(used.amounts())

    assert used.gb_seconds == 1
    assert costs["lambda"] == Decimal("0.0000133334") + Decimal("0.0000002")
    assert sum(costs.values()) == costs["lambda"]


@pytest.mark.parametrize(
    ("service", "used", "usd"),
    [
        ("cloudwatch", {"metrics_requested": 500, "metric_pages": 3}, "0.00503"),  # $0.01 / 1,000
        ("dynamodb", {"reads": 8, "writes": 4}, "0.0000035"),  # 8 x $0.125 + 4 x $0.625 a million
        ("sqs", {"sqs_requests": Decimal("2.5")}, "0.000001"),  # $0.40 a million
        ("sns", {"sns_requests": 4}, "0.000002"),  # $0.50 a million
        ("lambda", {"invocations": Decimal("0.5")}, "0.0000001"),  # $0.20 a million
    ],
)
def test_each_service_charges_what_its_list_says(
    service: str, used: dict[str, Decimal], usd: str
) -> None:
    nothing = {"seconds": Decimal(0), "memory_mb": 128, "invocations": Decimal(0), **used}

    costs = cost_of(Used(**nothing).amounts())  # type: ignore[arg-type]  # whole numbers among them

    assert costs.pop(service) == Decimal(usd)
    assert set(costs.values()) == {0}


def test_memory_counts_as_much_as_time() -> None:
    small, large = (Used(seconds=Decimal(s), memory_mb=mb) for s, mb in ((8, 512), (4, 1024)))

    assert small.gb_seconds == large.gb_seconds == 4


def test_every_amount_has_a_price_and_every_price_an_amount() -> None:
    assert Used(seconds=Decimal(1), memory_mb=512).amounts().keys() == PAID_BY_USE.keys()


def test_every_price_says_where_it_was_seen() -> None:
    assert [name for name, price in PAID_BY_USE.items() if not price.seen] == []


def test_a_price_is_told_with_its_unit() -> None:
    hundred = Price(Decimal("0.40"), 1_000_000, "requests", "https://example.com", None)

    assert hundred.text == "$0.40 per 1,000,000 requests"
    assert Price(Decimal(1), 1, "key", "https://example.com", None).text == "$1 per key"


def test_the_line_that_the_page_shows_adds_up() -> None:
    page = (ROOT / "docs/cost-of-running.md").read_text(encoding="utf-8")
    line = json.loads(page.split("```json\n")[1].split("```")[0])

    used = Used(
        seconds=Decimal(str(line["seconds"])),
        memory_mb=line["memory_mb"],
        metrics_requested=line["metrics_requested"],
        metric_pages=line["calls"]["CloudWatch"] - 1,  # the other one is GetMetricData
        reads=line["dynamodb_reads"],
        writes=line["dynamodb_write_units"],
        sqs_requests=Decimal(str(line["sqs_requests"])),
    )

    costs = {name: usd for name, usd in cost_of(used.amounts()).items() if usd}
    assert {name: f"{usd:.9f}" for name, usd in costs.items()} == line["usd_of"]
    assert f"{sum(costs.values()):.9f}" == line["usd"]
    assert float(used.gb_seconds) == line["gb_seconds"]
    assert line["prices"] == f"{REGION}, {AS_OF}"
