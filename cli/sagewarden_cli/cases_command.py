"""``sagewarden cases`` and ``sagewarden explain``: what the ledger knows, and why."""

from typing import Annotated

import typer

from sagewarden.adapters.clock import SystemClock
from sagewarden.domain.cases import CaseState
from sagewarden_cli.case_search import Wanted, find_cases, find_story
from sagewarden_cli.case_view import (
    cases_document,
    cases_listing,
    story_document,
    timeline,
)
from sagewarden_cli.console import show, show_json
from sagewarden_cli.ledger_place import opened_ledger
from sagewarden_cli.options import LedgerPlace, Output, Profile, TableOrJson, duration


def cases(  # noqa: PLR0913 - each argument is an option of the command line
    *,
    owner: Annotated[
        str | None,
        typer.Option("--owner", metavar="NAME", help="Only of this owner; patterns allowed."),
    ] = None,
    state: Annotated[
        CaseState | None,
        typer.Option(
            "--state",
            case_sensitive=False,
            help="Only those that stand there. Default: all that have not ended.",
        ),
    ] = None,
    rule: Annotated[
        str | None,
        typer.Option("--rule", metavar="NAME", help="Only of this rule; patterns allowed."),
    ] = None,
    since: Annotated[
        str, typer.Option("--since", metavar="LENGTH", help="How far back, of those that ended.")
    ] = "30d",
    ledger: LedgerPlace = None,
    output: Output = TableOrJson.TABLE,
    profile: Profile = None,
) -> None:
    """List the cases of the ledger: what is due when, what sleeps, what ended how."""
    now = SystemClock().now()
    begin = now - duration("--since", since)
    with opened_ledger(ledger, profile, write=False) as memory:
        found = find_cases(memory.ledger, Wanted(owner, state, rule), begin, now)
    if output is TableOrJson.JSON:
        show_json(cases_document(found, now))
    else:
        show(*cases_listing(found, now))


def explain(
    what: Annotated[
        str, typer.Argument(metavar="NAME|ARN|CASE", help="A resource, or one of its cases.")
    ],
    *,
    ledger: LedgerPlace = None,
    output: Output = TableOrJson.TABLE,
    profile: Profile = None,
) -> None:
    """Tell the story of a resource: reasons, messages, answers and actions, with their times."""
    now = SystemClock().now()
    with opened_ledger(ledger, profile, write=False) as memory:
        story = find_story(memory.ledger, what, now)
    if output is TableOrJson.JSON:
        show_json(story_document(story, now))
    else:
        show(*timeline(story, now))
