"""``sagewarden exempt``: what ledger and policy leave alone, until when, and why."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from sagewarden.adapters.clock import SystemClock
from sagewarden.application.ports import Ledger
from sagewarden.domain.exemptions import ANY, Exemption
from sagewarden.policy import exemptions_of, load_policy
from sagewarden_cli.case_view import exemption_document
from sagewarden_cli.console import show, show_json
from sagewarden_cli.ledger_place import opened_ledger
from sagewarden_cli.options import (
    BadOptionError,
    By,
    LedgerPlace,
    Output,
    PolicyFile,
    Profile,
    TableOrJson,
    last_day,
    signed,
)
from sagewarden_cli.policy_place import find_policy
from sagewarden_cli.printed_text import plain

SCHEMA = 1

exempt = typer.Typer(
    name="exempt", no_args_is_help=True, help="Leave resources alone until a day, with a reason."
)

Resources = Annotated[
    str,
    typer.Argument(
        metavar="RESOURCES", help="A name, a pattern of names, or an ARN or a pattern of ARNs."
    ),
]

RuleName = Annotated[
    str, typer.Option("--rule", metavar="NAME", help="A rule, patterns allowed; * for every rule.")
]


@exempt.command("list")
def list_exemptions(
    *,
    policy: PolicyFile = None,
    ledger: LedgerPlace = None,
    output: Output = TableOrJson.TABLE,
    profile: Profile = None,
) -> None:
    """List the exemptions of ledger and policy, those that have run out among them."""
    now = SystemClock().now()
    written = exemptions_of(load_policy(find_policy(policy)))
    with opened_ledger(ledger, profile, write=False) as memory:
        found = (*written, *memory.ledger.all_exemptions())
    if output is TableOrJson.JSON:
        show_json(_document(found, now))
    elif found:
        show(_table(found, now))
    else:
        show(plain("no exemptions"))


@exempt.command("add")
def add(  # noqa: PLR0913 - each argument is an option of the command line
    resources: Resources,
    *,
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="The justification.")],
    until: Annotated[
        str | None,
        typer.Option(
            "--until", metavar="DAY", help="The last day: 2027-01-31.", show_default=False
        ),
    ] = None,
    permanent: Annotated[
        bool,
        typer.Option(
            "--permanent", help="For good, in place of a last day, where the policy allows it."
        ),
    ] = False,
    rule: RuleName = ANY,
    account: Annotated[
        list[str] | None,
        typer.Option("--account", metavar="ID", help="Only in this account; several times."),
    ] = None,
    by: By = None,
    policy: PolicyFile = None,
    ledger: LedgerPlace = None,
    output: Output = TableOrJson.TABLE,
    profile: Profile = None,
) -> None:
    """Leave resources alone. It holds for the very next action."""
    now = SystemClock().now()
    given = Exemption(
        resources=resources.strip(),
        until=_end(until, find_policy(policy), permanent=permanent),
        why=why.strip(),
        by=signed(by),
        at=now,
        rule=rule,
        accounts=tuple(account or ()),
    )
    if not given.resources or not given.why:
        raise BadOptionError("RESOURCES and --why: neither may be empty")
    if not given.in_force(now):
        raise BadOptionError(f"--until: {until} has passed already")
    with opened_ledger(ledger, profile, write=True) as memory:
        memory.ledger.exempt(given)
    if output is TableOrJson.JSON:
        show_json({"schema": SCHEMA, "exempted": exemption_document(given, now)})
    else:
        show(plain(f"exempt {given.resources} {given}", "bold green"))


@exempt.command("remove")
def remove(
    resources: Resources,
    *,
    rule: RuleName = ANY,
    by: By = None,
    ledger: LedgerPlace = None,
    output: Output = TableOrJson.TABLE,
    profile: Profile = None,
) -> None:
    """Lift an exemption. What it covered is judged, and warned of, anew."""
    now = SystemClock().now()
    with opened_ledger(ledger, profile, write=True) as memory:
        found = _found(memory.ledger, resources, rule)
        memory.ledger.lift(found, signed(by), now)
    if output is TableOrJson.JSON:
        show_json({"schema": SCHEMA, "lifted": exemption_document(found, now)})
    else:
        show(plain(f"lifted: {found.resources} was exempt {found}", "bold"))


def _end(until: str | None, policy: Path, *, permanent: bool) -> date | None:
    if permanent == (until is not None):
        raise BadOptionError("give either --until and a last day, or --permanent")
    if until is not None:
        return last_day("--until", until)
    if not load_policy(policy).exemptions_may_be_permanent:
        raise BadOptionError(
            f"--permanent: {policy} does not allow it; give --until and a last day, "
            "or set exemptions_may_be_permanent: true in the policy"
        )
    return None


def _found(ledger: Ledger, resources: str, rule: str) -> Exemption:
    for given in ledger.all_exemptions():
        if (given.resources, given.rule) == (resources, rule):
            return given
    raise BadOptionError(
        f"there is no exemption of {resources} from rule {rule}: see sagewarden exempt list"
    )


def _document(found: Sequence[Exemption], now: datetime) -> dict[str, object]:
    return {"schema": SCHEMA, "exemptions": [exemption_document(item, now) for item in found]}


def _table(found: Sequence[Exemption], now: datetime) -> Table:
    table = Table()
    for heading in ("Resources", "Rule", "Accounts", "Until", "By", "Given in", "Why"):
        table.add_column(heading, overflow="fold")
    for item in found:
        until = item.until.isoformat() if item.until else "for good"
        over = not item.in_force(now)
        table.add_row(
            plain(item.resources),
            plain(item.rule),
            plain(", ".join(item.accounts) or "all"),
            plain(f"{until} (ran out)" if over else until, "yellow" if over else ""),
            plain(item.by),
            plain("ledger" if item.at else "policy"),
            plain(item.why),
        )
    return table
