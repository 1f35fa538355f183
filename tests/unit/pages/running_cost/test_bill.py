from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest

from sagewarden.bots import BOTS, IDLE_ENDPOINTS, NOTEBOOK_HOURS
from sagewarden_cli.pages.running_cost.assumptions import MANY, ONE, Scenario, levers
from sagewarden_cli.pages.running_cost.bill import Line, bill, total
from sagewarden_cli.pages.running_cost.measurements import (
    Measured,
    Measurements,
    NotMeasuredError,
    recorded,
)
from sagewarden_cli.pages.running_cost.month import Month
from sagewarden_cli.pages.running_cost.prices import price_list
from sagewarden_cli.pages.running_cost.stack_facts import StackFacts, runs_a_month, stack_facts
from sagewarden_cli.pages.running_cost.usage import Usage
from tests.support.templates import template

STEADY = Usage(Counter({"dynamodb.Query": 3}), metrics_requested=20, log_bytes=1000)
EMPTY = Usage(Counter({"dynamodb.Query": 1}))
ACTING = Usage(Counter({"sns.Publish": 4}), write_units=7, written_bytes=500)
FACTS = StackFacts(
    memory_mb={
        "DispatcherFunction": 512,
        **{f"{bot.logical_id}Function": 1024 for bot in BOTS},
        "ReporterFunction": 512,
    },
    polled_queues=2,
    alarm_metrics=12,
    dashboards=1,
    keys=1,
    retention_days=90,
    concurrency=10,
)
TWO = Scenario("two", accounts=2, regions=3, latency_ms=100, own_work_ms=400)


def month(scenario: Scenario) -> Month:
    bots = {bot.name: Measured(STEADY, EMPTY, ACTING) for bot in BOTS}
    return Month(scenario, FACTS, Measurements(bots, Usage(log_bytes=10), {"dispatcher": 2}))


def line(scenario: Scenario, what: str) -> Line:
    [found] = [line for line in bill(month(scenario)) if line.what == what]
    return found


def test_a_bot_runs_in_a_month_as_often_as_its_schedule_says() -> None:
    assert runs_a_month(NOTEBOOK_HOURS) == 8760
    assert runs_a_month(IDLE_ENDPOINTS) == 730


def test_a_line_of_lambda_is_runs_times_seconds_times_memory() -> None:
    fleet = line(TWO, "notebook_hours, the fleet's region")
    empty = line(TWO, "notebook_hours, empty regions")

    assert fleet.how == "17,520 x 0.8 s x 1 GB"  # 400 ms, 3 calls, and one to assume the role
    assert fleet.amount == Decimal(17520) * Decimal("0.8")
    assert empty.how == "35,040 x 0.6 s x 1 GB"


def test_what_actions_use_is_counted_for_every_account_and_is_no_invocation() -> None:
    writes = line(TWO, "writes")

    assert writes.amount == 7 * 2 * (TWO.days_with_stops + TWO.deletions)
    swept = sum(runs_a_month(bot) for bot in BOTS)
    assert line(TWO, "requests of functions").amount == swept * 6 + swept


def test_a_home_account_sends_its_events_for_nothing() -> None:
    forwarded = [line.how for line in bill(month(TWO)) if line.price == "events.cross_account"]

    assert forwarded == ["1 others x 200 a day x 30.42 days"]
    assert [line for line in bill(month(ONE)) if line.price == "events.cross_account"] == []


def test_every_line_has_a_price_with_a_page_and_every_price_a_line() -> None:
    prices = price_list().prices
    used = {line.price for line in bill(month(TWO))}

    assert used == prices.keys()
    assert [name for name, price in prices.items() if price.usd <= 0 or not price.page] == []


@pytest.mark.parametrize("number", range(len(levers(MANY))))
def test_every_lever_makes_an_organisations_bill_smaller(number: int) -> None:
    _, changed = levers(MANY)[number]

    assert total(month(changed), price_list()) < total(month(MANY), price_list())


def test_the_bill_of_an_organisation_grows_with_its_accounts_only_where_it_looks() -> None:
    double = replace(TWO, accounts=4)
    grown = {
        one.price
        for one, other in zip(bill(month(TWO)), bill(month(double)), strict=True)
        if other.amount > one.amount
    }

    assert grown.isdisjoint({"cloudwatch.metrics", "cloudwatch.alarms", "kms.keys"})
    assert {"lambda.duration", "dynamodb.reads", "logs.ingestion", "sns.email"} <= grown


def test_a_bot_that_was_never_measured_says_which_command_measures_it() -> None:
    with pytest.raises(NotMeasuredError, match=r"has no reporter; run: make measure"):
        month(TWO).measurements.of("reporter")


def test_functions_that_no_measurement_covers_are_named() -> None:
    assert FACTS.uncounted == ("ReporterFunction",)


def test_an_alarm_counts_every_metric_that_it_watches() -> None:
    stack = template()
    facts = stack_facts(stack)
    alarms = [
        item["Properties"]
        for item in stack["Resources"].values()
        if item["Type"] == "AWS::CloudWatch::Alarm" and "Condition" not in item
    ]

    watched = sum(
        len(
            [
                metric
                for metric in alarm.get("Metrics", [{"MetricStat": {}}])
                if "MetricStat" in metric
            ]
        )
        for alarm in alarms
    )

    assert facts.alarm_metrics == watched > len(alarms)
    assert facts.polled_queues >= len(BOTS)
    assert facts.retention_days == 90


def test_a_sweep_with_nothing_to_do_writes_nothing_and_tells_nobody() -> None:
    _, kept = recorded()

    for measured in kept.bots.values():
        assert (measured.steady.write_units, measured.steady.calls["sns.Publish"]) == (0, 0)


def test_measurements_come_back_as_they_were_recorded() -> None:
    _, kept = recorded()

    assert Measurements.read(kept.record()) == kept
