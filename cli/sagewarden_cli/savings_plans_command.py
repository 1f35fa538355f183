"""``sagewarden savings-plans``: the commitment that costs least, with its risk; buys nothing."""

from pathlib import Path
from typing import Annotated

import typer

from sagewarden.adapters.clock import SystemClock
from sagewarden.adapters.cost_explorer import AwsCostExplorer
from sagewarden.adapters.savings_plans import AwsSavingsPlans
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.commitments import CommitmentAdvice, advise_commitment
from sagewarden_cli.console import note, progress, show, show_json, warn
from sagewarden_cli.exit_codes import ExitCode
from sagewarden_cli.local_ledger import replace_file
from sagewarden_cli.options import BadOptionError, Output, Profile, TableOrJson
from sagewarden_cli.savings_plans.document import advice_document
from sagewarden_cli.savings_plans.view import advice_tables


def savings_plans(
    *,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write a page with the cost curves, too."),
    ] = None,
    output: Output = TableOrJson.TABLE,
    profile: Profile = None,
) -> None:
    """Find the SageMaker Savings Plan that costs least, from what was used. Nothing is bought.

    Reads Cost Explorer ($0.01 a request, about ten of them) and the Savings Plans API; use the
    management account to see the whole organisation. Exit code 1: there was usage, but no rates
    could be read.
    """
    if html is not None and not html.parent.is_dir():
        raise BadOptionError(f"--html: there is no folder {html.parent}")
    sessions = Sessions(profile)
    now = SystemClock().now()
    with progress("reading two weeks of usage ..."):
        advice = advise_commitment(AwsCostExplorer(sessions), AwsSavingsPlans(sessions), now)
    if output is TableOrJson.JSON:
        show_json(advice_document(advice, now))
    else:
        show(*advice_tables(advice))
    if html is not None:
        from sagewarden_cli.savings_plans.page import render  # noqa: PLC0415 - jinja2 only where wanted

        replace_file(html, render(advice))
        note(f"written: {html}")
    for gap in advice.incomplete:
        warn(f"could not be read: {gap.what}: {gap.why}")
    raise typer.Exit(_exit_code(advice))


def _exit_code(advice: CommitmentAdvice) -> ExitCode:
    """Without rates nothing can be said of what ran; any other gap is only named."""
    is_mute = advice.lines and not advice.commitments and advice.incomplete
    return ExitCode.ERROR if is_mute else ExitCode.NOTHING_TO_DO
