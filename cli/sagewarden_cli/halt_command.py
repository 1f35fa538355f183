"""``sagewarden halt`` and ``sagewarden resume``: stop all acting, and let it go on."""

from typing import Annotated

import typer

from sagewarden.adapters.clock import SystemClock
from sagewarden.domain.cases import AFTER_A_HALT
from sagewarden_cli.console import show, show_json
from sagewarden_cli.ledger_place import opened_ledger
from sagewarden_cli.options import (
    BadOptionError,
    By,
    LedgerPlace,
    Output,
    Profile,
    TableOrJson,
    signed,
)
from sagewarden_cli.printed_text import plain

SCHEMA = 1


def halt(
    *,
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="Why, for everybody to see.")],
    by: By = None,
    ledger: LedgerPlace = None,
    output: Output = TableOrJson.TABLE,
    profile: Profile = None,
) -> None:
    """Halt all acting, everywhere, before the next action. Watching and warning go on."""
    if not why.strip():
        raise BadOptionError("--why: say why, in words")
    now = SystemClock().now()
    with opened_ledger(ledger, profile, write=True) as memory:
        memory.ledger.halt(why, signed(by), now)
    if output is TableOrJson.JSON:
        show_json({"schema": SCHEMA, "halted": why, "at": now.isoformat()})
        return
    show(plain(f"halted: {why}", "bold yellow"), plain("sagewarden resume lets acting go on."))


def resume(
    *,
    by: By = None,
    ledger: LedgerPlace = None,
    output: Output = TableOrJson.TABLE,
    profile: Profile = None,
) -> None:
    """Lift the halt. What became due meanwhile waits for an hour more."""
    now = SystemClock().now()
    with opened_ledger(ledger, profile, write=True) as memory:
        was = memory.ledger.halted()
        if was is not None:
            memory.ledger.resume(signed(by), now)
    if output is TableOrJson.JSON:
        at = None if was is None else now.isoformat()
        show_json({"schema": SCHEMA, "was_halted": was, "resumed_at": at})
    elif was is None:
        show(plain("nothing was halted"))
    else:
        until = (now + AFTER_A_HALT).isoformat(timespec="minutes")
        show(
            plain(f"resumed; it was halted: {was}", "bold green"),
            plain(f"What became due meanwhile waits until {until}."),
        )
