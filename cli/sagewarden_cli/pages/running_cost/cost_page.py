"""The parts of the page about running costs that are computed."""

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import groupby
from pathlib import Path

from sagewarden.bots import BOTS
from sagewarden_cli.pages.cloudformation import read_template
from sagewarden_cli.pages.running_cost.assumptions import (
    MANY,
    MONTH_HOURS,
    ONE,
    SCENARIOS,
    Scenario,
    levers,
)
from sagewarden_cli.pages.running_cost.bill import Line, bill, total
from sagewarden_cli.pages.running_cost.measurements import recorded
from sagewarden_cli.pages.running_cost.month import Month
from sagewarden_cli.pages.running_cost.prices import PriceList, price_list
from sagewarden_cli.pages.running_cost.run_cost import run_costs
from sagewarden_cli.pages.running_cost.stack_facts import StackFacts, stack_facts
from sagewarden_cli.pages.running_cost.usage import Usage

_LARGEST = 5
_CENT = Decimal("0.01")


class CostPage:
    """Computes the page's parts.

    Args:
        facts: What the template says.
    """

    def __init__(self, facts: StackFacts) -> None:
        self._facts = facts
        self._date, self._measurements = recorded()
        self._prices: PriceList = price_list()

    def blocks(self) -> Mapping[str, str]:
        """Every part, by its name."""
        return {
            "totals": "\n".join(self._totals()),
            "what dominates": "\n".join(self._dominating()),
            "levers": "\n".join(self._levers()),
            "rounds": "\n".join(self._rounds()),
            "a sweep": "\n".join(self._runs()),
            "measured": "\n".join(self._measured()),
            "one account": "\n".join(self._lines(ONE)),
            "an organisation": "\n".join(self._lines(MANY)),
            "prices": "\n".join(self._price_table()),
        }

    def _month(self, scenario: Scenario) -> Month:
        return Month(scenario, self._facts, self._measurements)

    def _totals(self) -> Iterator[str]:
        yield "| | a month | of that, whatever the number of accounts | for each account |"
        yield "|---|---:|---:|---:|"
        for scenario in SCENARIOS:
            month = self._month(scenario)
            whole = total(month, self._prices)
            fixed = self._fixed(month)
            each = (whole - fixed) / scenario.accounts
            yield f"| {scenario.name} | **{_usd(whole)}** | {_usd(fixed)} | {_usd(each)} |"
        if self._facts.uncounted:
            yield f"\nNot counted: {', '.join(self._facts.uncounted)}."

    def _fixed(self, month: Month) -> Decimal:
        """What is paid for the stack as it stands, before it looks at anything."""
        standing = {"cloudwatch.metrics", "cloudwatch.alarms", "cloudwatch.dashboards", "kms.keys"}
        lines = [line for line in bill(month) if line.price in standing or "polling" in line.what]
        return sum((line.cost(self._prices) for line in lines), Decimal(0))

    def _dominating(self) -> Iterator[str]:
        for scenario in SCENARIOS:
            month = self._month(scenario)
            whole = total(month, self._prices)
            ranked = sorted(bill(month), key=lambda line: line.cost(self._prices), reverse=True)
            named = (self._share(line, whole) for line in ranked[:_LARGEST])
            yield f"- {scenario.name}: {', '.join(named)}."

    def _share(self, line: Line, whole: Decimal) -> str:
        return f"{line.service} ({line.what}) {line.cost(self._prices) / whole:.0%}"

    def _levers(self) -> Iterator[str]:
        changes = [levers(scenario) for scenario in SCENARIOS]
        yield f"| change | {' | '.join(scenario.name for scenario in SCENARIOS)} |"
        yield f"|---|{'---:|' * len(SCENARIOS)}"
        for pairs in zip(*changes, strict=True):
            saved = (
                _usd(total(self._month(before), self._prices) - self._after(changed))
                for before, (_, changed) in zip(SCENARIOS, pairs, strict=True)
            )
            yield f"| {pairs[0][0]} | {' | '.join(saved)} |"

    def _after(self, scenario: Scenario) -> Decimal:
        return total(self._month(scenario), self._prices)

    def _rounds(self) -> Iterator[str]:
        month = self._month(MANY)
        default = self._facts.concurrency
        yield f"| {MANY.name} | messages | sweeping, in all | {default} at once | needed at once |"
        yield "|---|---:|---:|---:|---:|"
        for bot in BOTS:
            seconds = month.round_seconds(bot)
            period = MONTH_HOURS * 3600 / month.wake_ups(bot)
            yield (
                f"| {bot.name} | {month.targets:,} | {seconds:,.0f} s | "
                f"{seconds / default:,.0f} s | {math.ceil(seconds / period)} |"
            )

    def _runs(self) -> Iterator[str]:
        yield (
            "| a sweep of | Lambda | metrics asked for | DynamoDB read / written | SQS | log | "
            "a thousand of them |"
        )
        yield "|---|---:|---:|---:|---:|---:|---:|"
        for run in run_costs(self._month(MANY)):
            amounts = run.amounts
            yield (
                f"| {run.what} | {amounts['lambda.duration']:.3f} GB-s | "
                f"{amounts['cloudwatch.get_metric_data']} | "
                f"{amounts['dynamodb.reads']} / {amounts['dynamodb.writes']} | "
                f"{amounts['sqs.requests']} | {amounts['logs.ingestion'] * 10**6:.1f} KB | "
                f"${1000 * run.usd(self._prices):.3f} |"
            )

    def _measured(self) -> Iterator[str]:
        yield f"Measured on {self._date}.\n"
        yield "| | calls | metrics asked for | log | metrics' log |"
        yield "|---|---|---:|---:|---:|"
        for name, measured in self._measurements.bots.items():
            if measured.whole:
                yield _used(f"{name}: a sweep of all of the fleet", measured.whole)
            yield _used(f"{name}: a sweep of the fleet", measured.steady)
            yield _used(f"{name}: a sweep of an empty region", measured.empty)
            if measured.acting.calls:
                yield _used(f"{name}: what actions add", measured.acting)
        yield _used("dispatcher: one batch", self._measurements.dispatch)

    def _lines(self, scenario: Scenario) -> Iterator[str]:
        month = self._month(scenario)
        yield "| | how much | at | a month |"
        yield "|---|---|---|---:|"
        for service, lines in groupby(bill(month), key=lambda line: line.service):
            found = list(lines)
            whole = sum((line.cost(self._prices) for line in found), Decimal(0))
            yield f"| **{service}** | | | **{_usd(whole)}** |"
            for line in found:
                price, cost = self._prices.prices[line.price], line.cost(self._prices)
                yield f"| {line.what} | {line.how} | {price.text} | {_usd(cost)} |"
        yield f"| **all** | | | **{_usd(total(month, self._prices))}** |"

    def _price_table(self) -> Iterator[str]:
        prices = self._prices
        yield f"List prices of {prices.region}, put together in {prices.date}.\n"
        yield "| price | AWS's page | seen in |"
        yield "|---|---|---|"
        for price in prices.prices.values():
            yield f"| {price.text} | [page]({price.page}) | {price.seen or '[U]'} |"


def cost_blocks(root: Path) -> Mapping[str, str]:
    """The parts of a checkout's page."""
    return CostPage(stack_facts(read_template(root / "template.yaml"))).blocks()


def _usd(amount: Decimal) -> str:
    return "< $0.01" if 0 < amount < _CENT / 2 else f"${amount:,.2f}"


def _used(what: str, used: Usage) -> str:
    calls = ", ".join(f"{number} {operation}" for operation, number in used.calls.items())
    return (
        f"| {what} | {calls} | {used.metrics_requested} | {used.log_bytes / 1000:.1f} KB | "
        f"{used.metric_bytes / 1000:.1f} KB |"
    )
