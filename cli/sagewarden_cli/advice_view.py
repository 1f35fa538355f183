"""How advice is shown to people: a table by money, and one piece in full."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from sagewarden.domain.advice.advice import Advice, Risk, dollars
from sagewarden.domain.advice.report import Report
from sagewarden.domain.money import MonthlyCost
from sagewarden_cli.plan_view import counted
from sagewarden_cli.printed_text import plain

_RISKS = {Risk.LOW: "green", Risk.MEDIUM: "yellow", Risk.HIGH: "red"}
_NOBODY = "nobody named"


def advice_table(report: Report, *, every: bool) -> Iterator[RenderableType]:
    """A report for a terminal, part by part.

    Args:
        report: The report.
        every: Whether blocked advice and what was not judged is listed, not only counted.
    """
    yield plain(_heading(report), "bold")
    numbered = list(enumerate(report.advice, start=1))
    shown = [(number, item) for number, item in numbered if every or not item.blockers]
    if shown:
        yield Text()
        yield _table(shown)
    yield Text()
    yield from _teams(report)
    blocked = sum(bool(item.blockers) for item in report.advice)
    if blocked and not every:
        yield plain(f"{counted(blocked, 'more piece')} cannot be done as things are: --all", "dim")
    if report.unjudged and not every:
        yield plain(f"{counted(len(report.unjudged), 'endpoint')} not judged: --all", "dim")
    for item in report.unjudged if every else ():
        yield plain(f"not judged: {item.ref.kind} {item.ref.name}: {item.why}", "yellow")
    if shown:
        yield plain("--explain N shows one in full, with the change to make.", "dim")


def advice_in_full(number: int, item: Advice) -> Iterator[RenderableType]:
    """One piece of advice with its evidence, arithmetic, risk and change."""
    yield plain(f"{number}. {item.title}", "bold")
    yield plain(f"{item.kind} · {item.ref.arn}")
    yield plain(f"owner {item.owner or _NOBODY} · team {item.team or _NOBODY}")
    yield Text()
    yield plain(f"Saves {_saving(item)} a month at list price", "bold green")
    for line in item.arithmetic:
        yield plain(f"  {line}")
    yield Text()
    yield plain("Evidence", "bold")
    for name, value in item.evidence.items():
        yield plain(f"  {name}: {value}")
    yield Text()
    yield plain(f"Risk: {item.risk}", f"bold {_RISKS[item.risk]}")
    yield plain(f"  {item.caution}")
    for blocker in item.blockers:
        yield plain(f"  cannot be done as things are: it {blocker}", "red")
    if item.options:
        yield Text()
        yield _options(item)
    yield Text()
    yield plain(f"The change ({item.change.language})", "bold")
    yield plain(item.change.text.rstrip("\n"))


def _heading(report: Report) -> str:
    moment = report.at.isoformat(timespec="seconds")
    said = f"{counted(len(report.advice), 'piece')} of advice at {moment}"
    if report.prices_of is None:
        return f"{said}; no saving is known"
    return (
        f"{said}; together up to {dollars(report.saving_usd)} a month at list prices of "
        f"{report.prices_of}"
    )


def _table(shown: list[tuple[int, Advice]]) -> Table:
    several = len({item.ref.region for _, item in shown}) > 1
    table = Table(expand=False)
    table.add_column("#", justify="right")
    table.add_column("$/month", justify="right", no_wrap=True)
    table.add_column("What", overflow="fold", ratio=1)
    if several:
        table.add_column("Region", overflow="fold")
    table.add_column("Kind", overflow="fold")
    table.add_column("Owner", overflow="fold")
    table.add_column("Team", overflow="fold")
    table.add_column("Risk", no_wrap=True)
    for number, item in shown:
        risk = plain("blocked", "dim") if item.blockers else plain(item.risk, _RISKS[item.risk])
        table.add_row(
            str(number),
            plain(_saving(item)),
            plain(item.title),
            *([plain(item.ref.region)] if several else []),
            plain(item.kind),
            plain(item.owner or ""),
            plain(item.team or ""),
            risk,
        )
    return table


def _teams(report: Report) -> Iterator[RenderableType]:
    groups = report.by_team()
    if len(groups) > 1:
        for (account, team), part in groups.items():
            amount = dollars(part.saving_usd)
            yield plain(f"team {team or _NOBODY} in {account}: up to {amount} a month")
        yield Text()


def _options(item: Advice) -> Table:
    table = Table(title="Ways to do it", title_justify="left", expand=False)
    table.add_column("Way", overflow="fold")
    table.add_column("$/month", justify="right", no_wrap=True)
    table.add_column("Risk")
    table.add_column("Note", overflow="fold", ratio=1)
    for option in item.options:
        notes = [option.note, *(f"cannot: {blocker}" for blocker in option.blockers)]
        cost = _amount(option.cost)
        table.add_row(plain(option.what), cost, plain(option.risk), plain("; ".join(notes)))
    return table


def _saving(item: Advice) -> str:
    return _amount(item.saving)


def _amount(cost: MonthlyCost | None) -> str:
    if cost is None:
        return "unknown"
    return dollars(cost.usd) if cost.usd >= 0 else f"-{dollars(-cost.usd)}"
