"""What one sweep costs by itself: what is paid only because it ran."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sagewarden.adapters.sqs_queues import BATCH
from sagewarden_cli.pages.running_cost.bill import OWN_LINES
from sagewarden_cli.pages.running_cost.month import Month, Runs
from sagewarden_cli.pages.running_cost.prices import PriceList

_GB = 10**9


@dataclass(frozen=True, slots=True)
class RunCost:
    """What a run uses of what is paid by use.

    Attributes:
        what: Which run.
        amounts: By the name of each price, how much in its units.
    """

    what: str
    amounts: dict[str, Decimal]

    def usd(self, prices: PriceList) -> Decimal:
        """What it costs."""
        costs = (prices.prices[name].of(amount) for name, amount in self.amounts.items())
        return sum(costs, Decimal(0))


def run_costs(month: Month) -> Iterator[RunCost]:
    """Every kind of sweep in which nothing is to be done."""
    for runs in month.runs():
        if runs.invokes and runs.times and runs.function in month.facts.bots:
            yield RunCost(runs.what, _amounts(runs, month))


def _amounts(runs: Runs, month: Month) -> dict[str, Decimal]:
    used = runs.used
    seconds, gb = Decimal(runs.milliseconds) / 1000, Decimal(month.facts.memory_mb[runs.function])
    verdicts = used.log_bytes if month.scenario.log_verdicts else 0
    return {
        "lambda.duration": seconds * gb / 1024,
        "lambda.requests": Decimal(1),
        "sqs.requests": 2 + Decimal(1) / BATCH,  # received, deleted, and a share in a batch sent
        "cloudwatch.get_metric_data": Decimal(used.metrics_requested),
        "cloudwatch.list_metrics": Decimal(used.calls["cloudwatch.ListMetrics"]),
        "dynamodb.reads": Decimal(used.calls["dynamodb.Query"] + used.calls["dynamodb.GetItem"]),
        "dynamodb.writes": Decimal(used.write_units),
        "logs.ingestion": Decimal(verdicts + used.metric_bytes + OWN_LINES) / _GB,
    }
