"""What the demo prints once the week is over."""

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sagewarden.domain.money import HOURS_PER_MONTH
from sagewarden_cli.demo.report.data import ActionRow, Loop, ReportData
from sagewarden_cli.demo.report.page import moment, usd
from sagewarden_cli.savings_plans.wording import per_hour


def print_summary(console: Console, data: ReportData, report_path: Path) -> None:
    """Print what was stopped, deleted, released and left alone, and the bill."""
    console.print()
    console.print(_bill(data))
    console.print(_done(data.actions))
    console.print(_left_alone(data))
    if data.loop is not None:
        console.print(_loop(data.loop, data.zone))
    for line in _beside(data):
        console.print(line)
    kept = ", ".join(f"{promise.count} {promise.title}" for promise in data.promises)
    console.print(f"[bold]Promises kept:[/] {escape(kept)}")
    console.print(f"[bold]Report:[/] {escape(str(report_path))}", soft_wrap=True)


def _beside(data: ReportData) -> Iterator[str]:
    """What there is to say beside the bill, a line each."""
    if data.rest:
        found = sum(row.found for row in data.rest)
        acted = sum(len(row.acted) for row in data.rest)
        saving = sum((row.saving_usd for row in data.rest), Decimal(0))
        unknown = sum(row.saving_unknown for row in data.rest)
        priced = f", {unknown} more at unknown prices" if unknown else ""
        yield (
            f"[bold]Everything else by the hour:[/] {found} found, {acted} acted on: "
            f"{usd(saving)} a month{priced}"
        )
    if data.advice is not None:
        yield (
            f"[bold]Advice:[/] {len(data.advice.advice)} pieces on what still runs, together up to "
            f"{usd(data.advice.saving_usd)} a month"
        )
    for best in (data.commitment.best if data.commitment else ())[:1]:
        yield (
            f"[bold]Savings Plan:[/] {best.offering.label}, {per_hour(best.hourly)}: "
            f"{usd(best.saving * HOURS_PER_MONTH)} a month (rates made up for this demo)"
        )


def _loop(loop: Loop, zone: ZoneInfo) -> Table:
    title = f"What happened to {loop.name}, and what its owner saw in Slack"
    same = f"{loop.fields - len(loop.differences)} of {loop.fields}"
    caption = f"{same} fields that AWS describes are as they were before the deletion"
    table = Table(title=title, title_justify="left", caption=caption, caption_justify="left")
    table.add_column("When", no_wrap=True)
    table.add_column("Who and what")
    table.add_column("The message then")
    for one in loop.moments:
        table.add_row(moment(one.at, zone), f"{one.who} {one.what}", escape(one.shown))
    return table


def _bill(data: ReportData) -> Table:
    bill = data.bill
    table = Table(title="The bill, at list price", title_justify="left")
    table.add_column("")
    table.add_column("US dollars", justify="right")
    table.add_row("Without Sagewarden", usd(bill.otherwise_usd))
    table.add_row("With Sagewarden", usd(bill.spent_usd))
    table.add_row("[bold]Saved this week (realised)", f"[bold]{usd(bill.saved_whole_usd)}")
    table.add_row("Per month, if it goes on like this (projected)", usd(bill.monthly_usd))
    table.add_row(
        f"{len(bill.unpriced)} resources without a known price",
        f"unknown ({bill.unpriced_saved_hours:.0f} h saved)",
    )
    return table


def _done(actions: Sequence[ActionRow]) -> Table:
    table = Table(title="What was done", title_justify="left")
    table.add_column("Action", overflow="fold")
    for name in ("Done", "Not done", "Hours saved", "Saved"):
        table.add_column(name, justify="right")
    kinds = Counter((row.kind, row.thing.kind) for row in actions)
    for (kind, resource), number in sorted(kinds.items()):
        rows = [row for row in actions if (row.kind, row.thing.kind) == (kind, resource)]
        applied = sum(row.outcome == "APPLIED" for row in rows)
        known = sum((row.saved_usd for row in rows if row.saved_usd is not None), Decimal(0))
        hours = sum(row.saved_hours for row in rows)
        saved = (f"{hours:,.0f}", usd(known)) if rows[0].is_metered else ("not metered", "")
        figures = (str(applied), str(number - applied), *saved)
        table.add_row(f"{kind} {resource}", *figures)
    return table


def _left_alone(data: ReportData) -> Table:
    table = Table(title="What was left alone", title_justify="left")
    table.add_column("Verdict")
    table.add_column("Resources", justify="right")
    table.add_column("For example")
    counts = Counter(row.verdict for row in data.untouched)
    for verdict, number in counts.most_common():
        example = next(row for row in data.untouched if row.verdict == verdict)
        table.add_row(verdict, str(number), escape(f"{example.thing.name}: {example.reason}"))
    return table
