"""Advice on Savings Plans for a terminal."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from sagewarden.application.commitments import CommitmentAdvice
from sagewarden.domain.money import HOURS_PER_MONTH
from sagewarden.domain.savings_plans.commitment import Commitment
from sagewarden_cli.printed_text import plain
from sagewarden_cli.savings_plans.wording import (
    arithmetic,
    heading,
    notes,
    per_hour,
    percent,
    recommended,
    usd,
    verdicts,
)


def advice_tables(advice: CommitmentAdvice) -> Iterator[RenderableType]:
    """Advice, part by part: what to do, all offerings, the risk, and what it is made of."""
    yield plain(heading(advice), "bold")
    for sentence in verdicts(advice):
        yield plain(sentence, "bold green" if advice.best else "")
    if advice.commitments:
        yield Text()
        yield _offerings(advice)
    for item in advice.best:
        yield Text()
        yield _risk(item)
        yield plain(arithmetic(item))
    if advice.lines:
        yield Text()
        yield _usage(advice)
    yield Text()
    for sentence in notes(advice):
        yield plain(sentence, "dim")


def _offerings(advice: CommitmentAdvice) -> Table:
    table = Table(title="The commitment that costs least, by offering", title_justify="left")
    for name in ("Offering", "Commit", "Pay at once", "Save a month", "Used", "Covers"):
        table.add_column(name, justify="left" if name == "Offering" else "right")
    table.add_column("Saves until usage falls by", justify="right")
    table.add_column("AWS recommends", justify="right")
    for item in advice.commitments:
        table.add_row(
            plain(item.offering.label, "bold" if item in advice.best else ""),
            per_hour(item.hourly),
            usd(item.paid_at_once),
            usd(item.saving * HOURS_PER_MONTH),
            percent(item.utilisation),
            percent(item.coverage),
            percent(item.break_even_fall),
            recommended(advice.aws.get(item.offering)),
        )
    return table


def _risk(item: Commitment) -> Table:
    title = f"{item.offering.label}, {per_hour(item.hourly)}: if usage falls"
    table = Table(title=plain(title), title_justify="left")
    for name in ("By", "Costs on demand", "Costs with it", "Saves a month", "Used"):
        table.add_column(name, justify="right")
    for fall in item.falls:
        table.add_row(
            percent(fall.fall),
            per_hour(fall.on_demand),
            per_hour(fall.cost),
            plain(usd(fall.saving * HOURS_PER_MONTH), "red" if fall.saving < 0 else ""),
            percent(fall.utilisation),
        )
    return table


def _usage(advice: CommitmentAdvice) -> Table:
    table = Table(title="What ran on demand, per hour on average", title_justify="left")
    table.add_column("Usage", overflow="fold")
    table.add_column("List price", justify="right")
    table.add_column("Costs", justify="right")
    table.add_column("A plan can cover it")
    for line in advice.lines:
        table.add_row(
            plain(line.meter.label),
            per_hour(line.price),
            per_hour(line.hourly),
            "yes" if line.is_coverable else plain("no rate known", "yellow"),
        )
    return table
