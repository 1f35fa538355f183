"""``sagewarden plan``: say what a policy would do, and change nothing."""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sagewarden.application.adjust_concurrency import plan_concurrency
from sagewarden.application.plan_fleet import plan_fleet
from sagewarden.bootstrap import concurrency_hands, open_workbench, read_policy
from sagewarden.domain.plans import Plan, joined
from sagewarden.domain.rules import Policy
from sagewarden_cli.console import note, progress, show, show_json, warn
from sagewarden_cli.exit_codes import ExitCode
from sagewarden_cli.ledger_place import opened_ledger
from sagewarden_cli.local_ledger import replace_file
from sagewarden_cli.options import BadOptionError, LedgerPlace, PolicyFile, Profile, Regions, moment
from sagewarden_cli.organization_command import (
    Asked,
    AtOnce,
    ExternalId,
    SpokeRole,
    plan_the_organization,
    show_organization,
)
from sagewarden_cli.organization_plan import Spokes
from sagewarden_cli.plan_file import SavedPlan, plan_document, plan_text
from sagewarden_cli.plan_view import plan_markdown, plan_tables
from sagewarden_cli.policy_place import find_policy, find_regions, with_rules
from sagewarden_cli.price_place import workstation_prices


class PlanOutput(StrEnum):
    """How to print a plan."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"


RuleNames = Annotated[
    list[str] | None,
    typer.Option("--rule", metavar="NAME", help="Only this rule; may be given several times."),
]

Moment = Annotated[
    str | None,
    typer.Option("--at", metavar="TIME", help="Judge for this ISO 8601 time, not for now."),
]

HowToPrint = Annotated[PlanOutput, typer.Option("--output", help="How to print the plan.")]

SaveTo = Annotated[
    Path | None,
    typer.Option("--save", metavar="FILE", help="Save the plan for sagewarden apply."),
]

ListAll = Annotated[bool, typer.Option("--all", help="List each resource that is left alone, too.")]


WholeOrganization = Annotated[
    bool,
    typer.Option(
        "--org",
        help="Plan every account of the organisation that the policy's targets name, or all.",
    ),
]


def plan(  # noqa: PLR0913 - each argument is an option of the command line
    *,
    policy: PolicyFile = None,
    region: Regions = None,
    rule: RuleNames = None,
    at: Moment = None,
    output: HowToPrint = PlanOutput.TABLE,
    save: SaveTo = None,
    every: ListAll = False,
    profile: Profile = None,
    ledger: LedgerPlace = None,
    org: WholeOrganization = False,
    spoke_role: SpokeRole = "sagewarden-spoke",
    external_id: ExternalId = "sagewarden",
    at_once: AtOnce = 8,
) -> None:
    """Say what the policy would do to an account, or to an organisation. Nothing is written to AWS.

    Exit code 0: nothing to do. 2: actions planned. 1: an error, or nothing to do in what could be
    read while a part of the fleet could not.
    """
    if save is not None and not save.parent.is_dir():
        raise BadOptionError(f"--save: there is no folder {save.parent}")
    when = moment("--at", at) if at else None
    chosen = with_rules(read_policy(find_policy(policy)), rule or [])
    if org:
        if save is not None or output is PlanOutput.MARKDOWN:
            raise BadOptionError("--org: plan one account to save its plan, or to print Markdown")
        asked = Asked(chosen, tuple(region or ()), when, profile, ledger)
        show_organization(
            plan_the_organization(asked, Spokes(spoke_role, external_id, at_once)),
            as_json=output is PlanOutput.JSON,
            every=every,
        )
        return
    saved = _planned(chosen, region or [], when, profile, ledger)
    if output is PlanOutput.JSON:
        show_json(plan_document(saved))
    elif output is PlanOutput.MARKDOWN:
        typer.echo(plan_markdown(saved), nl=False)
    else:
        show(*plan_tables(saved, every=every))
    if save is not None:
        replace_file(save, plan_text(saved))
        note(f"saved: apply it within the hour with: sagewarden apply {save}")
    _warn_of_gaps(saved.plan)
    raise typer.Exit(_exit_code(saved.plan))


def _planned(
    policy: Policy,
    regions: list[str],
    when: datetime | None,
    profile: str | None,
    ledger: str | None,
) -> SavedPlan:
    with opened_ledger(ledger, profile, write=False) as memory:
        bench = open_workbench(profile=profile, ledger=memory.ledger, prices=workstation_prices())
        places = find_regions(regions, policy, bench.sessions.region)
        with progress(f"reading {', '.join(places)} ..."):
            now = when or bench.hands.clock.now()
            plan = plan_fleet(policy, places, bench.hands.fleet, now)
            if any(policy.scaling_rules):
                ports = concurrency_hands(bench.hands, bench.sessions)
                scaled = (plan_concurrency(policy, place, ports, now) for place in places)
                plan = joined(plan, scaled)
            account = plan.account or bench.sessions.account()
        calls = Counter(bench.sessions.calls) + Counter(memory.calls)
    return SavedPlan(replace(plan, account=account), policy.fingerprint, calls)


def _exit_code(plan: Plan) -> ExitCode:
    """What was not read may hide something to do: that is an error, not nothing."""
    if plan.actions:
        return ExitCode.ACTIONS_PLANNED
    return ExitCode.ERROR if plan.incomplete else ExitCode.NOTHING_TO_DO


def _warn_of_gaps(plan: Plan) -> None:
    for item in plan.incomplete:
        warn(f"could not be read: {item.what}: {item.why}")
    if plan.incomplete:
        warn("THE PLAN IS INCOMPLETE: nothing above speaks of what could not be read")
