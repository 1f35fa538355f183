"""``sagewarden plan --org``: the same for every account of an organisation, with its progress."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from sagewarden.adapters.clock import SystemClock
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.plan_organization import AccountPlan
from sagewarden.application.targets import Target
from sagewarden.domain.rules import Policy
from sagewarden_cli.console import progress, show, show_json, warn
from sagewarden_cli.exit_codes import ExitCode
from sagewarden_cli.ledger_place import opened_ledger
from sagewarden_cli.options import NoRegionError
from sagewarden_cli.organization_plan import OrganizationPlan, OrganizationPlanner, Spokes
from sagewarden_cli.organization_view import organization_document, organization_tables
from sagewarden_cli.price_place import workstation_prices

SpokeRole = Annotated[
    str,
    typer.Option("--spoke-role", metavar="NAME", help="With --org: the role in other accounts."),
]
ExternalId = Annotated[
    str,
    typer.Option("--external-id", metavar="ID", help="With --org: what that role asks for."),
]
AtOnce = Annotated[
    int,
    typer.Option(
        "--at-once", min=1, max=32, help="With --org: how many accounts at the same time."
    ),
]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user asks for.

    Attributes:
        policy: The policy, with the rules that were chosen.
        regions: The only regions to look at; those of the policy when there are none.
        when: The moment to judge for; now when None.
        profile: The AWS profile.
        ledger: Where the ledger is.
    """

    policy: Policy
    regions: tuple[str, ...]
    when: datetime | None
    profile: str | None
    ledger: str | None


def plan_the_organization(asked: Asked, spokes: Spokes) -> OrganizationPlan:
    """Find the accounts, and plan them.

    Raises:
        NoRegionError: Nothing says where to ask.
        UnreadableError: AWS does not say who is in the organisation.
    """
    with opened_ledger(asked.ledger, asked.profile, write=False) as memory:
        sessions = Sessions(asked.profile)
        region = next(iter((*asked.regions, *asked.policy.regions)), sessions.region)
        if region is None:
            raise NoRegionError("no region: give --region, or set AWS_REGION")
        now = asked.when or SystemClock().now()
        prices = workstation_prices()
        planner = OrganizationPlanner(asked.policy, sessions, memory.ledger, prices, spokes)
        with progress("asking AWS who is in the organisation ..."):
            home = Target(sessions.account(), sessions.region or region)
            found = planner.found(home, asked.regions, now)
        with _advancing(len(found.roster.regions)) as bar:
            return planner.planned(home, found, now, bar.done)


def show_organization(planned: OrganizationPlan, *, as_json: bool, every: bool) -> None:
    """Print what was planned, and end with the exit code that says it."""
    if as_json:
        show_json(organization_document(planned))
    else:
        show(*organization_tables(planned, every=every))
    for item in planned.found.incomplete:
        warn(f"could not be asked: {item.what}: {item.why}")
    for account in planned.plans:
        if account.plan is None:
            warn(f"account {account.account}: {account.unread}")
        for gap in account.plan.incomplete if account.plan else ():
            warn(f"account {account.account}: could not be read: {gap.what}: {gap.why}")
    if not planned.is_whole:
        warn("THE PLAN IS INCOMPLETE: nothing above speaks of what could not be read")
    if not planned.is_empty:
        raise typer.Exit(ExitCode.ACTIONS_PLANNED)
    raise typer.Exit(ExitCode.NOTHING_TO_DO if planned.is_whole else ExitCode.ERROR)


class _Bar:
    """Moves on with each account; says how many could not be read, and how much there is to do."""

    def __init__(self, shown: Progress | None, accounts: int) -> None:
        self._shown = shown
        self._task = shown.add_task("planning", total=accounts) if shown else None
        self._unread = self._actions = 0

    def done(self, account: AccountPlan) -> None:
        """One more account is done."""
        self._unread += not account.is_whole
        self._actions += len(account.plan.actions) if account.plan else 0
        if self._shown is not None and self._task is not None:
            told = f"{account.account}: {self._actions} actions, {self._unread} not read"
            self._shown.update(self._task, advance=1, description=told)


@contextmanager
def _advancing(accounts: int) -> Iterator[_Bar]:
    """Show progress on a terminal's stderr, and nothing elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Bar(None, accounts)
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as shown:
        yield _Bar(shown, accounts)
