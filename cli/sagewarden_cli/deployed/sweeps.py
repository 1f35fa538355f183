"""Whether every bot still completes sweeps, and what all runs cost."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sagewarden.bots import BOTS
from sagewarden_cli.deployed.finding import Finding, Health, well
from sagewarden_cli.deployed.measured import Measured
from sagewarden_cli.deployed.stack import DeployedStack

A_PERIOD = timedelta(minutes=5)
"""The metric says in which five minutes a sweep was completed."""


def check_sweeps(stack: DeployedStack, measured: Measured, now: datetime) -> Iterator[Finding]:
    """Look at when each bot last completed a sweep.

    Args:
        stack: The stack.
        measured: What CloudWatch knows.
        now: The present moment (aware).
    """
    asleep = stack.parameters.get("Schedules") == "DISABLED"
    for bot in BOTS:
        if f"{bot.logical_id}Function" not in stack.of_type("AWS::Lambda::Function"):
            fix = "the stack is older than this command: deploy"
            yield Finding(f"sweeps of {bot.name}", Health.WARN, "the stack has no such bot", fix)
            continue
        last = measured.swept.get(bot.name)
        found = f"last completed at {last:%Y-%m-%d %H:%M} UTC" if last else "none in 24 h"
        if last is not None and now - last <= bot.silent_after + A_PERIOD:
            yield well(f"sweeps of {bot.name}", found)
        else:
            health = Health.WARN if asleep else Health.FAIL
            yield Finding(f"sweeps of {bot.name}", health, found, "docs/runbook.md, silent")


def check_cost(measured: Measured) -> Iterator[Finding]:
    """Add up what runs said that they cost."""
    costs = measured.costs
    if not costs:
        yield well("cost of runs", "no run said what it cost in 24 h")
        return
    dearest = max(costs, key=lambda about: costs[about])
    yield well(
        "cost of runs",
        f"${sum(costs.values()):.4f} in 24 h at list price, most of it {dearest}'s",
    )
