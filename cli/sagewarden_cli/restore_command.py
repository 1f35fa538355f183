"""``sagewarden restore``: undo what was done, and say how far it has come."""

from datetime import timedelta
from typing import Annotated

import typer

from sagewarden.adapters.clock import SystemSleeper
from sagewarden.application.answers import Answer
from sagewarden.application.restore import (
    RestoreReport,
    RestoreStatus,
    restore_and_wait,
)
from sagewarden.application.restore import restore as restore_once
from sagewarden.application.undoing import Undoing, case_of, end_case, find_undoing
from sagewarden.bootstrap import Workbench, open_workbench, restore_hands
from sagewarden.domain.cases import Case
from sagewarden_cli.console import note, progress, show, show_json
from sagewarden_cli.exit_codes import ExitCode
from sagewarden_cli.ledger_place import opened_ledger
from sagewarden_cli.options import (
    BadOptionError,
    By,
    LedgerPlace,
    NoRegionError,
    Output,
    Profile,
    TableOrJson,
    duration,
    signed,
)
from sagewarden_cli.restore_view import (
    list_document,
    report_document,
    report_parts,
    restorable_parts,
)
from sagewarden_cli.restoring_names import arn_of

What = Annotated[
    str | None,
    typer.Argument(metavar="[NAME|ARN|CASE]", help="What to bring back.", show_default=False),
]

Listing = Annotated[bool, typer.Option("--list", help="Show what can be brought back.")]

Wait = Annotated[bool, typer.Option("--wait", help="Wait until all is back.")]

Patience = Annotated[
    str, typer.Option("--patience", metavar="LENGTH", help="How long to wait: 30m, 1h.")
]

Region = Annotated[
    str | None,
    typer.Option("--region", metavar="REGION", help="Where it was.", show_default=False),
]

_EXITS = {
    RestoreStatus.RESTORED: ExitCode.NOTHING_TO_DO,
    RestoreStatus.UNDER_WAY: ExitCode.ACTIONS_PLANNED,
    RestoreStatus.PARTIAL: ExitCode.ACTIONS_PLANNED,
    RestoreStatus.REFUSED: ExitCode.ERROR,
}


def restore(  # noqa: PLR0913 - each argument is an option of the command line
    *,
    what: What = None,
    listing: Listing = False,
    wait: Wait = False,
    patience: Patience = "1h",
    region: Region = None,
    by: By = None,
    ledger: LedgerPlace = None,
    output: Output = TableOrJson.TABLE,
    profile: Profile = None,
) -> None:
    """Bring back what was stopped, scaled to zero, released or deleted.

    What somebody made under the same name meanwhile is left as it is. An endpoint takes minutes:
    run the same command again, or give --wait.
    Exit code 0: all is as it was. 2: still under way, or a part is not back. 1: refused.
    """
    patient = duration("--patience", patience)
    if listing is (what is not None):
        raise BadOptionError("name what to bring back, or ask with --list what can be")
    with opened_ledger(ledger, profile, write=not listing) as memory:
        bench = open_workbench(profile=profile, ledger=memory.ledger)
        where = region or bench.sessions.region
        if what is None:
            _list(bench, where, output)
            return
        undoing = _found(what, bench, where)
        report = _carried_out(undoing, bench, patient if wait else None)
        case = _case(undoing, report, bench, signed(by))
    if output is TableOrJson.JSON:
        show_json(report_document(report, case))
    else:
        show(*report_parts(report))
    raise typer.Exit(_EXITS[report.status])


def _list(bench: Workbench, region: str | None, output: TableOrJson) -> None:
    if region is None:
        raise NoRegionError("--list needs a region: give --region, or set AWS_REGION")
    account = bench.sessions.account()
    found = bench.hands.fleet.ledger.undoable(account, region)
    if output is TableOrJson.JSON:
        show_json(list_document(account, region, found))
    else:
        show(*restorable_parts(found, f"account {account}, {region}"))


def _found(what: str, bench: Workbench, region: str | None) -> Undoing:
    """What is meant, if it can be undone with these credentials.

    Raises:
        BadOptionError: Nothing is known of it, or it is in another account.
    """
    ledger, account = bench.hands.fleet.ledger, bench.sessions.account()
    arn = arn_of(what, ledger, bench.sessions, account, region)
    undoing = find_undoing(arn, ledger) if arn is not None else None
    if undoing is None:
        raise BadOptionError(
            f"{what}: the ledger knows nothing of it that could be undone; "
            "sagewarden restore --list shows what can, --ledger names another ledger"
        )
    if undoing.ref.account != account:
        raise BadOptionError(
            f"{what}: it is in account {undoing.ref.account}, and these credentials are of "
            f"{account}; give its --profile"
        )
    return undoing


def _carried_out(undoing: Undoing, bench: Workbench, patience: timedelta | None) -> RestoreReport:
    hands = restore_hands(bench.hands, bench.sessions)
    if patience is None:
        return restore_once(undoing, hands)
    with progress(f"restoring {undoing.ref.name}"):
        return restore_and_wait(undoing, hands, SystemSleeper(), patience, _tell)


def _case(undoing: Undoing, report: RestoreReport, bench: Workbench, by: str) -> Case | None:
    """The case that led to it, which ends when everything is back."""
    ledger = bench.hands.fleet.ledger
    if report.status is not RestoreStatus.RESTORED:
        return case_of(undoing, ledger)
    return end_case(undoing, Answer(by, bench.hands.clock.now()), ledger)


def _tell(report: RestoreReport) -> None:
    if report.done:
        note(f"{', '.join(str(step) for step in report.done)}: done")
