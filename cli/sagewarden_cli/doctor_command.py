"""``sagewarden doctor``: what would keep the other commands from working, and how to mend it."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from sagewarden.adapters.clock import SystemClock
from sagewarden.adapters.sessions import Sessions
from sagewarden.bootstrap import read_policy
from sagewarden.domain.plans import Limits
from sagewarden.domain.rules import Policy
from sagewarden.policy import PolicyError
from sagewarden_cli.console import progress, show, show_json
from sagewarden_cli.deployed.finding import Health
from sagewarden_cli.deployed.health import check_stack
from sagewarden_cli.deployed.stack import find_stack
from sagewarden_cli.deployed.view import health_document, health_table, summary
from sagewarden_cli.doctor_checks import Check, check_credentials, check_organization, check_region
from sagewarden_cli.exit_codes import ExitCode
from sagewarden_cli.ledger_place import opened_ledger
from sagewarden_cli.options import (
    LedgerPlace,
    NoRegionError,
    Output,
    PolicyFile,
    Profile,
    Regions,
    StackName,
    TableOrJson,
)
from sagewarden_cli.plan_view import counted
from sagewarden_cli.policy_place import find_policy, find_regions
from sagewarden_cli.printed_text import plain
from sagewarden_cli.user_errors import explained

SCHEMA = 1

Deployed = Annotated[
    bool, typer.Option("--deployed", help="Read how a deployed stack is, not this workstation.")
]

NO_POLICY = Policy(fingerprint="", regions=(), rules=(), limits=Limits())
"""Stands in for a policy that cannot be read, so that the other checks still run."""


def doctor(  # noqa: PLR0913 - one argument per option
    *,
    deployed: Deployed = False,
    stack: StackName = "sagewarden",
    region: Regions = None,
    policy: PolicyFile = None,
    ledger: LedgerPlace = None,
    output: Output = TableOrJson.TABLE,
    profile: Profile = None,
    org: Annotated[
        bool, typer.Option("--org", help="Check, too, whether the organisation can be read.")
    ] = False,
) -> None:
    """Check the policy, credentials, permissions, metrics, CloudTrail and the ledger.

    With --deployed: how a deployed stack is, part by part. Nothing is changed. Exit code 1: a check
    failed, or could not be made.
    """
    sessions = Sessions(profile)
    if deployed:
        _doctor_stack(sessions, stack, region or [], find_policy(policy), output)
        return
    with progress("checking ..."):
        checks = [
            *_check_account(sessions, region or [], find_policy(policy), org=org),
            _check_ledger(ledger, profile),
        ]
    failed = [check for check in checks if not check.passed]
    if output is TableOrJson.JSON:
        show_json(_document(checks))
    else:
        show(_table(checks))
        show(plain(f"{counted(len(checks), 'check')}, {len(failed)} failed", "bold"))
    if failed:
        raise typer.Exit(ExitCode.ERROR)


def _doctor_stack(
    sessions: Sessions, name: str, regions: Sequence[str], local: Path, output: TableOrJson
) -> None:
    with progress(f"looking at {name} ..."):
        stack = find_stack(sessions, name, regions)
        findings = list(check_stack(stack, local, SystemClock().now()))
    if output is TableOrJson.JSON:
        show_json(health_document(stack, findings))
    else:
        show(health_table(findings))
        show(summary(findings))
    if any(finding.health in {Health.FAIL, Health.UNKNOWN} for finding in findings):
        raise typer.Exit(ExitCode.ERROR)


def _check_account(
    sessions: Sessions, chosen: Sequence[str], path: Path, *, org: bool
) -> Iterator[Check]:
    policy = NO_POLICY
    try:
        policy = read_policy(path)
        yield Check("policy", passed=True, found=str(path))
    except PolicyError as error:
        yield Check("policy", passed=False, found=str(error), fix="mend it where it says")
    credentials, account = check_credentials(sessions)
    yield credentials
    try:
        regions = find_regions(chosen, policy, sessions.region)
    except NoRegionError as error:
        fix = "give --region, or set AWS_REGION"
        yield Check("region", passed=False, found=str(error), fix=fix)
        return
    yield Check("region", passed=True, found=", ".join(regions))
    if account is None:
        return
    now = SystemClock().now()
    for region in regions:
        yield from check_region(sessions, account, region, now)
    if org or policy.is_discovered:
        yield from check_organization(sessions, account, regions[0])


def _check_ledger(place: str | None, profile: str | None) -> Check:
    fix = "give --ledger file:PATH or dynamodb:TABLE that exists and that you may read"
    try:
        with opened_ledger(place, profile, write=False) as memory:
            halted = memory.ledger.halted()
    except Exception as error:
        if (message := explained(error)) is None:
            raise
        return Check("ledger", passed=False, found=message, fix=fix)
    if halted is not None:
        found = f"all acting is halted: {halted}"
        return Check("ledger", passed=False, found=found, fix="resume when the reason is gone")
    return Check("ledger", passed=True, found="readable")


def _table(checks: Sequence[Check]) -> Table:
    table = Table()
    table.add_column("Result")
    table.add_column("Check", overflow="fold")
    table.add_column("Found", overflow="fold")
    for check in checks:
        result = plain("ok", "green") if check.passed else plain("FAILED", "bold red")
        found = plain(check.found)
        if check.fix:
            found += plain(f"\nfix: {check.fix}", "bold")
        table.add_row(result, plain(check.name), found)
    return table


def _document(checks: Sequence[Check]) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "checks": [
            {
                "check": check.name,
                "passed": check.passed,
                "found": check.found,
                "fix": check.fix or None,
            }
            for check in checks
        ],
    }
