"""What one sweep costs by itself: what is paid only because it ran."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sagewarden.adapters.paid_units import READS
from sagewarden.adapters.sqs_queues import BATCH
from sagewarden.domain.running_cost import Used, cost_of
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
        return sum(cost_of(self.amounts, prices.prices).values(), Decimal(0))


def run_costs(month: Month) -> Iterator[RunCost]:
    """Every kind of sweep in which nothing is to be done."""
    for runs in month.runs():
        if runs.invokes and runs.times and runs.function in month.facts.bots:
            yield RunCost(runs.what, _amounts(runs, month))


def _amounts(runs: Runs, month: Month) -> dict[str, Decimal]:
    used = runs.used
    counted = Used(
        seconds=Decimal(runs.milliseconds) / 1000,
        memory_mb=month.facts.memory_mb[runs.function],
        metrics_requested=used.metrics_requested,
        metric_pages=used.calls["cloudwatch.ListMetrics"],
        reads=sum(used.calls[f"dynamodb.{name}"] for name in READS),
        writes=used.write_units,
        sqs_requests=2 + Decimal(1) / BATCH,  # received, deleted, and a share in a batch sent
        sns_requests=sum(number for name, number in used.calls.items() if name.startswith("sns.")),
    )
    verdicts = used.log_bytes if month.scenario.log_verdicts else 0
    logged = Decimal(verdicts + used.metric_bytes + OWN_LINES) / _GB
    return {**counted.amounts(), "logs.ingestion": logged}
