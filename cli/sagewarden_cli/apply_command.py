"""``sagewarden apply``: carry out a plan that a human has read."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from sagewarden.application.apply_plan import Approval, apply_plan, refusals
from sagewarden.bootstrap import open_workbench, read_policy
from sagewarden.domain.outcomes import Outcome, OutcomeKind
from sagewarden_cli.console import complain, show, show_json
from sagewarden_cli.exit_codes import ExitCode
from sagewarden_cli.ledger_place import opened_ledger
from sagewarden_cli.options import (
    LedgerPlace,
    Output,
    PolicyFile,
    Profile,
    TableOrJson,
    duration,
)
from sagewarden_cli.plan_file import SavedPlan, read_plan, resource_document
from sagewarden_cli.plan_view import counted
from sagewarden_cli.policy_place import find_policy
from sagewarden_cli.price_place import workstation_prices
from sagewarden_cli.printed_text import plain

SCHEMA = 1

_STYLES = {
    OutcomeKind.APPLIED: "green",
    OutcomeKind.STALE: "yellow",
    OutcomeKind.SKIPPED: "yellow",
    OutcomeKind.FAILED: "bold red",
}


SavedTo = Annotated[
    Path, typer.Argument(metavar="PLAN", help="A plan saved by sagewarden plan --save.")
]

MaxAge = Annotated[
    str, typer.Option("--max-age", metavar="LENGTH", help="How old the plan may be: 90m, 1h.")
]

OverLimits = Annotated[
    bool, typer.Option("--over-limits", help="Approve of exceeding the policy's limits.")
]


def apply(  # noqa: PLR0913 - each argument is an option of the command line
    *,
    plan: SavedTo,
    policy: PolicyFile = None,
    max_age: MaxAge = "1h",
    over_limits: OverLimits = False,
    ledger: LedgerPlace = None,
    output: Output = TableOrJson.TABLE,
    profile: Profile = None,
) -> None:
    """Apply a saved plan. Every precondition is checked again before anything is done.

    Refused: a stale plan, another account's, another policy's. What changed since the plan was
    made is left alone. Exit code 1: refused, or an action failed.
    """
    saved = read_plan(plan)
    current = read_policy(find_policy(policy))
    fresh_for = duration("--max-age", max_age)
    with opened_ledger(ledger, profile, write=True) as memory:
        bench = open_workbench(profile=profile, ledger=memory.ledger, prices=workstation_prices())
        account = bench.sessions.account()
        approval = Approval(account, current, fresh_for, over_limits=over_limits)
        now = bench.hands.clock.now()
        if refused := refusals(saved.plan, saved.fingerprint, approval, now):
            _show_refusals(account, refused, output)
            raise typer.Exit(ExitCode.ERROR)
        outcomes: list[Outcome] = []
        try:
            for outcome in apply_plan(saved.plan, current, bench.hands):
                outcomes.append(outcome)
                if output is TableOrJson.TABLE:
                    show(_line(outcome))
        finally:
            # Also after a crash or Ctrl-C: what was done must not go untold.
            _show_end(account, outcomes, saved, output)
    if any(outcome.kind is OutcomeKind.FAILED for outcome in outcomes):
        raise typer.Exit(ExitCode.ERROR)


def _show_refusals(account: str, refused: Sequence[str], output: TableOrJson) -> None:
    if output is TableOrJson.JSON:
        show_json(_document(account, [], refused))
    for reason in refused:
        complain(reason)


def _show_end(
    account: str, outcomes: Sequence[Outcome], saved: SavedPlan, output: TableOrJson
) -> None:
    if output is TableOrJson.JSON:
        show_json(_document(account, outcomes, []))
        return
    parts = [
        f"{number} {kind.lower()}"
        for kind in OutcomeKind
        if (number := sum(outcome.kind is kind for outcome in outcomes))
    ]
    planned = counted(len(saved.plan.actions), "planned action")
    show(plain(f"{planned}: {', '.join(parts) or 'nothing done'}", "bold"))


def _line(outcome: Outcome) -> Text:
    action = outcome.action
    done = f" {action.kind} {action.ref.kind} {action.ref.name} ({action.ref.region}): "
    undo = f"; undo: {outcome.undo}" if outcome.undo else ""
    return plain(outcome.kind, _STYLES[outcome.kind]) + plain(f"{done}{outcome.reason}{undo}")


def _document(account: str, outcomes: Sequence[Outcome], refused: Sequence[str]) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "account": account,
        "outcomes": [
            {
                "rule": outcome.rule,
                "action": outcome.action.kind.value,
                "resource": resource_document(outcome.action.ref),
                "outcome": outcome.kind.value,
                "reason": outcome.reason,
                "at": outcome.at.isoformat(),
                "undo": outcome.undo,
            }
            for outcome in outcomes
        ],
        "refused": list(refused),
    }
