from collections import Counter
from dataclasses import replace
from decimal import Decimal

from sagewarden.bots import BOTS
from sagewarden_cli.pages.running_cost.assumptions import Scenario
from sagewarden_cli.pages.running_cost.bill import bill
from sagewarden_cli.pages.running_cost.measurements import Measured, Measurements
from sagewarden_cli.pages.running_cost.month import Month
from sagewarden_cli.pages.running_cost.prices import price_list
from sagewarden_cli.pages.running_cost.run_cost import run_costs
from sagewarden_cli.pages.running_cost.stack_facts import StackFacts
from sagewarden_cli.pages.running_cost.usage import Usage

STEADY = Usage(
    Counter({"dynamodb.Query": 3, "dynamodb.GetItem": 1, "cloudwatch.ListMetrics": 2}),
    metrics_requested=20,
    write_units=5,
    log_bytes=1000,
    metric_bytes=600,
)
WHOLE = replace(STEADY, metrics_requested=9000)
FACTS = StackFacts(
    memory_mb={
        "DispatcherFunction": 512,
        **{f"{bot.logical_id}Function": 512 for bot in BOTS},
    },
    polled_queues=2,
    alarm_metrics=12,
    dashboards=1,
    keys=1,
    retention_days=90,
    concurrency=10,
)
TWO = Scenario("two", accounts=2, regions=3, latency_ms=100, own_work_ms=300)


def month(scenario: Scenario = TWO) -> Month:
    measured = Measured(STEADY, Usage(), Usage())
    bots = {bot.name: measured for bot in BOTS}
    bots["idle_endpoints"] = replace(measured, whole=WHOLE)
    return Month(scenario, FACTS, Measurements(bots, Usage(), {"dispatcher": 2}))


def test_a_sweep_pays_for_what_is_used_because_it_ran() -> None:
    [run] = [run for run in run_costs(month()) if run.what == "training, the fleet's region"]

    assert run.amounts == {
        "lambda.duration": Decimal("0.5"),  # 300 ms, 6 calls and one to assume the role
        "lambda.requests": 1,
        "sqs.requests": Decimal("2.1"),
        "cloudwatch.get_metric_data": 20,
        "cloudwatch.list_metrics": 2,
        "dynamodb.reads": 4,
        "dynamodb.writes": 5,
        "sns.requests": 0,
        "logs.ingestion": Decimal("0.000002"),
    }
    prices = price_list()
    asked = prices.prices["cloudwatch.get_metric_data"].of(Decimal(20))
    assert asked < run.usd(prices) < 2 * asked


def test_verdicts_that_are_not_logged_are_not_paid_for() -> None:
    quiet = replace(TWO, log_verdicts=False)

    spoken, silent = (next(run_costs(month(scenario))) for scenario in (TWO, quiet))

    assert spoken.amounts["logs.ingestion"] - silent.amounts["logs.ingestion"] == Decimal("1e-6")


def test_a_bot_that_looks_again_reads_everything_once_a_day() -> None:
    runs = {runs.what: runs for runs in month().runs() if runs.what.startswith("idle_endpoints")}

    whole, usual = (
        runs["idle_endpoints, all of the fleet"],
        runs["idle_endpoints, the fleet's region"],
    )

    assert whole.times == 2 * 31
    assert whole.times + usual.times == 2 * 730
    assert (whole.used, usual.used) == (WHOLE, STEADY)
    asked = next(line for line in bill(month()) if line.what == "GetMetricData").amount
    assert asked > 9000 * 2 * 31


def test_one_that_is_woken_more_seldom_than_that_reads_everything_each_time() -> None:
    seldom = replace(TWO, slower=(("idle_endpoints", 365),))

    runs = {runs.what: runs.times for runs in month(seldom).runs()}

    assert runs["idle_endpoints, all of the fleet"] == 2 * 2
    assert runs["idle_endpoints, the fleet's region"] == 0


def test_a_round_takes_as_long_as_its_longest_sweeps() -> None:
    idle = next(bot for bot in BOTS if bot.name == "idle_endpoints")
    longer = replace(WHOLE, calls=WHOLE.calls + Counter({"sagemaker.ListEndpoints": 100}))
    before = month()
    bots = dict(before.measurements.bots)
    bots[idle.name] = replace(bots[idle.name], whole=longer)
    after = replace(before, measurements=replace(before.measurements, bots=bots))

    assert after.round_seconds(idle) - before.round_seconds(idle) == 2 * 100 * 0.1
