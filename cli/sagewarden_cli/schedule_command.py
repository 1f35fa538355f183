"""``sagewarden schedule``: test schedules against cases, and explain one."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from sagewarden.adapters.clock import SystemClock
from sagewarden.adapters.sessions import Sessions
from sagewarden.bootstrap import read_policy
from sagewarden.domain.money import PriceComponent
from sagewarden.domain.schedules.assignment import ScheduleBook
from sagewarden.domain.schedules.reading import OptedOut, Schedule
from sagewarden_cli.case_result import CaseResult, Outcome
from sagewarden_cli.console import show, show_json
from sagewarden_cli.exit_codes import ExitCode
from sagewarden_cli.options import BadOptionError, Output, PolicyFile, TableOrJson, moment
from sagewarden_cli.policy_place import find_policy, find_regions, policy_schedules
from sagewarden_cli.price_place import workstation_prices
from sagewarden_cli.printed_text import plain
from sagewarden_cli.schedule_cases import Tally, check_file
from sagewarden_cli.schedule_explanation import Instance, explain
from sagewarden_cli.schedule_view import explanation_document, explanation_table

SHOWN_AHEAD = timedelta(weeks=1)

schedule = typer.Typer(
    name="schedule", no_args_is_help=True, help="Test schedules against cases, or explain one."
)


class Component(StrEnum):
    """What an instance is used for, which decides its price."""

    NOTEBOOK = "notebook"
    HOSTING = "hosting"


_COMPONENTS = {
    Component.NOTEBOOK: PriceComponent.NOTEBOOK,
    Component.HOSTING: PriceComponent.HOSTING,
}


Expression = Annotated[
    str | None,
    typer.Argument(
        metavar="[EXPR]",
        help="An expression such as 'mon-fri 09:00-18:00 Asia/Seoul', a Cloud Custodian "
        "off-hours value, or the name of one of the policy's schedules.",
    ),
]

CalendarName = Annotated[
    str | None, typer.Option("--calendar", metavar="NAME", help="A calendar of the policy.")
]

Start = Annotated[
    str | None, typer.Option("--from", metavar="TIME", help="ISO 8601. Default: now.")
]

End = Annotated[
    str | None, typer.Option("--to", metavar="TIME", help="ISO 8601. Default: a week later.")
]

InstanceType = Annotated[
    str | None, typer.Option("--instance-type", metavar="TYPE", help="For the saving.")
]

Region = Annotated[str | None, typer.Option("--region", help="Whose prices to use.")]

ComponentName = Annotated[Component, typer.Option("--component", help="Whose prices to use.")]


@schedule.command("test")
def check_schedules(
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Cases, in JSON or YAML.")],
    policy: PolicyFile = None,
    output: Output = TableOrJson.TABLE,
) -> None:
    """Check a file of cases: our own, Cloud Custodian's or Instance Scheduler's.

    Exit code 1: a case failed, or the file cannot be read.
    """
    # Only a policy that is asked for is read: cases by themselves must not depend on one.
    book = policy_schedules(policy) if policy else None
    tally = check_file(file, book)
    if output is TableOrJson.JSON:
        show_json(tally.document())
    else:
        _show_tally(tally)
    if tally.of(Outcome.FAILED):
        raise typer.Exit(ExitCode.ERROR)


@schedule.command("explain")
def explain_schedule(  # noqa: PLR0913 - each argument is an option of the command line
    *,
    expression: Expression = None,
    calendar: CalendarName = None,
    policy: PolicyFile = None,
    start: Start = None,
    end: End = None,
    instance_type: InstanceType = None,
    region: Region = None,
    component: ComponentName = Component.NOTEBOOK,
    output: Output = TableOrJson.TABLE,
) -> None:
    """Show when a schedule opens and closes, its hours per week, and what it saves."""
    path = find_policy(policy)
    text, found = _find_schedule(expression, calendar, policy_schedules(path))
    instance = None
    if instance_type:
        places = find_regions([region] if region else [], read_policy(path), Sessions().region)
        instance = Instance(_COMPONENTS[component], places[0], instance_type)
    explained = explain(text, found, _span(start, end), instance, workstation_prices())
    if output is TableOrJson.JSON:
        show_json(explanation_document(explained))
    else:
        show(*explanation_table(explained))


def _find_schedule(
    expression: str | None, calendar: str | None, book: ScheduleBook
) -> tuple[str, Schedule]:
    if (expression is None) == (calendar is None):
        raise BadOptionError("give an expression, or --calendar NAME, and not both")
    if calendar is not None:
        named = book.named.get(calendar)
        if named is None:
            known = ", ".join(sorted(book.named)) or "none"
            raise BadOptionError(
                f"--calendar: the policy has no calendar {calendar!r}; it has {known}"
            )
        return calendar, named
    text = expression or ""
    found = book.named_or_expressed(text)
    if isinstance(found, OptedOut):
        raise BadOptionError(f"{text!r} is no schedule: {found.reason}")
    return text, found


def _span(start: str | None, end: str | None) -> tuple[datetime, datetime]:
    begins = moment("--from", start) if start else SystemClock().now().replace(microsecond=0)
    ends = moment("--to", end) if end else begins + SHOWN_AHEAD
    if ends <= begins:
        raise BadOptionError(f"--to: {ends.isoformat()} is not after {begins.isoformat()}")
    return begins, ends


def _show_tally(tally: Tally) -> None:
    for title, outcome in (("Failed", Outcome.FAILED), ("Refused by design", Outcome.REFUSED)):
        if results := tally.of(outcome):
            show(_results_table(title, results))
    counts = ", ".join(f"{len(tally.of(outcome))} {outcome}" for outcome in Outcome)
    show(plain(counts, "bold red" if tally.of(Outcome.FAILED) else "bold"))


def _results_table(title: str, results: Sequence[CaseResult]) -> Table:
    table = Table(title=title, title_justify="left")
    for heading in ("Case", "Expected", "Got", "Why"):
        table.add_column(heading, overflow="fold")
    for result in results:
        cells = (result.case_id, result.expected, result.got, result.detail)
        table.add_row(*(plain(cell) for cell in cells))
    return table
