"""``sagewarden cross-check``: our verdicts on idle endpoints beside what AWS's advisors found."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from sagewarden.adapters.aws_advisors import AwsAdvisors
from sagewarden.application.cross_check import CrossCheck, cross_check
from sagewarden.application.plan_fleet import plan_fleet
from sagewarden.bootstrap import open_workbench, read_policy
from sagewarden.domain.aws_findings import Agreement, AwsFinding, Match
from sagewarden.domain.idle_endpoints import IdleEndpoints
from sagewarden.domain.rules import Policy
from sagewarden_cli.console import progress, show, show_json, warn
from sagewarden_cli.ledger_place import opened_ledger
from sagewarden_cli.options import (
    BadOptionError,
    LedgerPlace,
    Output,
    PolicyFile,
    Profile,
    Regions,
    TableOrJson,
)
from sagewarden_cli.policy_place import find_policy, find_regions
from sagewarden_cli.printed_text import plain
from sagewarden_cli.savings_plans.wording import usd

SCHEMA = 1

_STYLES = {Agreement.AGREE: "green", Agreement.ONLY_AWS: "yellow", Agreement.ONLY_WE: "cyan"}


def check_against_aws(
    *,
    policy: PolicyFile = None,
    region: Regions = None,
    output: Output = TableOrJson.TABLE,
    profile: Profile = None,
    ledger: LedgerPlace = None,
) -> None:
    """Compare our verdicts on idle endpoints with Compute Optimizer and Cost Optimization Hub.

    Nothing is changed, and nothing is enabled: what is not enabled is said.
    """
    chosen = _idle_rules(read_policy(find_policy(policy)))
    with opened_ledger(ledger, profile, write=False) as memory:
        bench = open_workbench(profile=profile, ledger=memory.ledger)
        places = find_regions(region or [], chosen, bench.sessions.region)
        with progress(f"reading {', '.join(places)} ..."):
            plan = plan_fleet(chosen, places, bench.hands.fleet, bench.hands.clock.now())
            found = cross_check(plan, places, AwsAdvisors(bench.sessions))
    if output is TableOrJson.JSON:
        show_json(_document(found))
    else:
        show(*_told(found))
    for gap in found.incomplete:
        warn(f"could not be read: {gap.what}: {gap.why}")


def _idle_rules(policy: Policy) -> Policy:
    """The policy's rules that look for idle endpoints: the only ones AWS's can be laid beside.

    Raises:
        BadOptionError: It has none.
    """
    rules = tuple(rule for rule in policy.rules if isinstance(rule, IdleEndpoints))
    if not rules:
        raise BadOptionError("--policy: it has no rule that looks for idle endpoints")
    return replace(policy, rules=rules)


def _told(found: CrossCheck) -> Iterator[RenderableType]:
    counts = Counter(match.agreement for match in found.matches)
    summary = ", ".join(f"{kind}: {counts[kind]}" for kind in Agreement)
    yield plain(f"Idle endpoints, by us and by AWS: {summary}", "bold")
    if found.matches:
        yield _table(found)
    for purchase in found.purchases:
        yield plain(
            f"AWS recommends a SageMaker Savings Plan for {purchase.account}: {purchase.summary}, "
            f"saves {usd(purchase.monthly_saving)} a month; see sagewarden savings-plans"
        )
    for name in found.not_enabled:
        yield plain(f"{name} is not enabled: it has nothing to compare with.")


def _table(found: CrossCheck) -> Table:
    table = Table()
    table.add_column("Who")
    table.add_column("Endpoint", overflow="fold")
    table.add_column("We say", overflow="fold")
    table.add_column("AWS says", overflow="fold")
    for match in found.matches:
        table.add_row(
            plain(match.agreement, _STYLES[match.agreement]),
            plain(match.arn),
            plain(_ours(match)),
            Text("\n").join(plain(_theirs(finding)) for finding in match.findings),
        )
    return table


def _ours(match: Match) -> str:
    return f"{match.ours.kind}: {match.ours.reason}" if match.ours else "no rule covers it"


def _theirs(finding: AwsFinding) -> str:
    saving = finding.monthly_saving
    money = "" if saving is None else f", saves {usd(saving)} a month"
    days = "" if finding.lookback_days is None else f", {finding.lookback_days} days"
    return f"{finding.advisor}: {finding.says}{days}{money}"


def _document(found: CrossCheck) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "matches": [_match(match) for match in found.matches],
        "savings_plans": [
            {
                "account": item.account,
                "summary": item.summary,
                "saving_usd_per_month": float(item.monthly_saving),
            }
            for item in found.purchases
        ],
        "not_enabled": list(found.not_enabled),
        "incomplete": [{"what": gap.what, "why": gap.why} for gap in found.incomplete],
    }


def _match(match: Match) -> dict[str, Any]:
    ours = match.ours
    return {
        "arn": match.arn,
        "agreement": match.agreement.value,
        "ours": ours and {"rule": ours.rule, "verdict": ours.kind.value, "reason": ours.reason},
        "aws": [
            {
                "advisor": finding.advisor.value,
                "says": finding.says,
                "saving_usd_per_month": _number(finding.monthly_saving),
                "lookback_days": finding.lookback_days,
            }
            for finding in match.findings
        ],
    }


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
