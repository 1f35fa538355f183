"""How what was found of a stack is shown: for people, and as JSON for programs."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from sagewarden_cli.deployed.finding import Finding, Health
from sagewarden_cli.deployed.stack import DeployedStack
from sagewarden_cli.plan_view import counted
from sagewarden_cli.printed_text import plain

SCHEMA = 1

_SHOWN = {
    Health.OK: ("ok", "green"),
    Health.WARN: ("WARN", "bold yellow"),
    Health.FAIL: ("FAIL", "bold red"),
    Health.UNKNOWN: ("UNKNOWN", "bold magenta"),
}
"""In the order in which they are counted."""


def health_table(findings: Sequence[Finding]) -> Table:
    """What was found, a line each."""
    table = Table()
    table.add_column("Health")
    table.add_column("Of", overflow="fold")
    table.add_column("Found", overflow="fold")
    for finding in findings:
        found = plain(finding.found)
        if finding.fix:
            found += plain(f"\nfix: {finding.fix}", "bold")
        table.add_row(plain(*_SHOWN[finding.health]), plain(finding.name), found)
    return table


def summary(findings: Sequence[Finding]) -> Text:
    """How many of each there are."""
    number = Counter(finding.health for finding in findings)
    parts = [f"{number[health]} {word}" for health, (word, _) in _SHOWN.items() if number[health]]
    return plain(f"{counted(len(findings), 'check')}: {', '.join(parts)}", "bold")


def health_document(stack: DeployedStack, findings: Sequence[Finding]) -> dict[str, Any]:
    """What was found, as JSON values."""
    return {
        "schema": SCHEMA,
        "stack": stack.name,
        "region": stack.region,
        "checks": [
            {
                "check": finding.name,
                "health": finding.health.value,
                "found": finding.found,
                "fix": finding.fix or None,
            }
            for finding in findings
        ],
    }
