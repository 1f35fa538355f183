"""What the demo bills is what its meter read, and plans are judged by nothing else."""

from datetime import timedelta
from decimal import Decimal

import pytest

from sagewarden.domain.money import PriceComponent
from sagewarden_cli.demo.commitments import RATES, advise_plans
from sagewarden_cli.demo.meter import OFF, Draw, Meter, Part, Span
from sagewarden_cli.demo.organisation import SEOUL, VIRGINIA, WEEK_BEGINS
from sagewarden_cli.sandbox import Sandbox
from tests.support.builders import some_prices

pytestmark = pytest.mark.aws

HOUR = timedelta(hours=1)
STEADY = Part(PriceComponent.HOSTING, SEOUL, "ml.m5.large")
UNPRICED = Part(PriceComponent.NOTEBOOK, VIRGINIA, "ml.m5.large")


def a_meter(sandbox: Sandbox, *hours: Draw) -> Meter:
    """A week of two spans an hour, in which the hours repeat."""
    meter = Meter(sandbox, some_prices())
    for number in range(168):
        draw = hours[number % len(hours)]
        start = WEEK_BEGINS + number * HOUR
        meter.spans.append(Span(start, 20, {"a": draw}, {}))
        meter.spans.append(Span(start + HOUR / 3, 40, {"a": draw}, {}))
    return meter


def test_steady_use_is_committed_to_in_full(sandbox: Sandbox) -> None:
    sandbox.reset(now=WEEK_BEGINS)
    price = some_prices().hourly_usd[STEADY]
    meter = a_meter(sandbox, Draw(runs=True, hourly_usd=2 * price, parts=((STEADY, 2),)))

    advice = advise_plans(sandbox, meter)

    assert [(line.meter.usage_type, line.hourly) for line in advice.lines] == [
        ("APN2-Host:ml.m5.large", 2 * price)
    ]
    best = {item.offering.years: item for item in advice.best}
    assert best[1].hourly == round(2 * price * RATES[1, "All Upfront"], 5)
    assert best[3].saving == 2 * price * (1 - RATES[3, "All Upfront"])


def test_what_stood_still_or_has_no_price_is_not_billed(sandbox: Sandbox) -> None:
    sandbox.reset(now=WEEK_BEGINS)
    price = some_prices().hourly_usd[STEADY]
    running = Draw(runs=True, hourly_usd=None, parts=((STEADY, 1), (UNPRICED, 1)))

    advice = advise_plans(sandbox, a_meter(sandbox, running, OFF))

    assert [(line.meter.usage_type, line.hourly) for line in advice.lines] == [
        ("APN2-Host:ml.m5.large", price / Decimal(2))
    ]
