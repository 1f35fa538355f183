"""How the plan of an organisation is shown: a row an account, then what there is to do in each."""

from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from sagewarden.application.plan_organization import AccountPlan
from sagewarden_cli.organization_plan import OrganizationPlan
from sagewarden_cli.plan_file import SavedPlan, plan_document
from sagewarden_cli.plan_view import Savings, counted, plan_tables
from sagewarden_cli.printed_text import plain

SCHEMA = 1


def organization_document(planned: OrganizationPlan) -> dict[str, Any]:
    """The plan of an organisation as JSON values."""
    found = planned.found
    return {
        "schema": SCHEMA,
        "generated_at": planned.at.isoformat(),
        "policy_fingerprint": planned.fingerprint,
        "accounts": [_account_document(planned, item) for item in planned.plans],
        "left_out": [{"account": item.what, "why": item.why} for item in found.left_out],
        "incomplete": [{"what": item.what, "why": item.why} for item in found.incomplete],
        "api_calls": dict(sorted(planned.api_calls.items())),
    }


def organization_tables(planned: OrganizationPlan, *, every: bool) -> Iterator[RenderableType]:
    """The plan of an organisation for a terminal, part by part.

    Args:
        planned: The plan.
        every: Whether each account, and each resource that is left alone, is listed.
    """
    moment = planned.at.isoformat(timespec="seconds")
    number = counted(len(planned.plans), "account")
    yield plain(f"Plan for {number} at {moment} under policy {planned.fingerprint}", "bold")
    for item in planned.plans:
        if item.plan is not None and (every or item.plan.actions):
            yield Text()
            yield from plan_tables(_saved(planned, item), every=every)
    yield Text()
    yield _table(planned)
    yield plain(_summary(planned), "bold")
    for gap in planned.found.left_out:
        yield plain(f"left out: {gap.what} {gap.why}")


def _table(planned: OrganizationPlan) -> Table:
    """A row for each account with something to do or to mend; the others are one row."""
    table = Table(title="Accounts", title_justify="left")
    for name in ("Account", "Name", "Regions"):
        table.add_column(name, overflow="fold")
    for name in ("Actions", "$/month", "Left alone"):
        table.add_column(name, justify="right")
    table.add_column("Not read", overflow="fold")
    quiet = [item for item in planned.plans if item.is_whole and not _actions(item)]
    for item in planned.plans:
        if item not in quiet:
            table.add_row(*(plain(cell) for cell in _row(planned, item)))
    if quiet:
        left = sum(len(item.plan.left_alone) for item in quiet if item.plan)
        told = f"{counted(len(quiet), 'account')} with nothing to do"
        table.add_row(told, "", "", "0", "-", str(left), "")
    return table


def _row(planned: OrganizationPlan, item: AccountPlan) -> tuple[str, ...]:
    plan = item.plan
    gaps = counted(len(plan.incomplete), "gap") if plan and plan.incomplete else item.unread
    return (
        item.account,
        planned.found.names.get(item.account, ""),
        ", ".join(item.regions),
        str(_actions(item)),
        f"{Savings.of(plan.actions).usd:,.2f}" if plan and plan.actions else "-",
        str(len(plan.left_alone)) if plan else "-",
        gaps,
    )


def _actions(item: AccountPlan) -> int:
    return len(item.plan.actions) if item.plan else 0


def _summary(planned: OrganizationPlan) -> str:
    actions = [action for item in planned.plans if item.plan for action in item.plan.actions]
    unread = sum(not item.is_whole for item in planned.plans)
    told = (
        f"{counted(len(actions), 'action')}; {Savings.of(actions)}" if actions else "Nothing to do"
    )
    gaps = f"; {counted(unread, 'account')} not read, or not all of it" if unread else ""
    return f"{told}{gaps}."


def _saved(planned: OrganizationPlan, item: AccountPlan) -> SavedPlan:
    if item.plan is None:
        raise ValueError(f"account {item.account} has no plan")
    return SavedPlan(item.plan, planned.fingerprint, {})


def _account_document(planned: OrganizationPlan, item: AccountPlan) -> dict[str, Any]:
    plan = plan_document(_saved(planned, item)) if item.plan else None
    if plan is not None:
        del plan["api_calls"]  # they are counted together
    return {
        "account": item.account,
        "name": planned.found.names.get(item.account),
        "regions": list(item.regions),
        "out_of_reach": item.unread or None,
        "plan": plan,
    }
