"""How a deployed stack is, as a whole."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sagewarden_cli.deployed.alarms import check_alarms
from sagewarden_cli.deployed.finding import Finding, Health, looked, well
from sagewarden_cli.deployed.functions import check_functions
from sagewarden_cli.deployed.measured import Measured, measure
from sagewarden_cli.deployed.policy import check_policy
from sagewarden_cli.deployed.queues import check_queues
from sagewarden_cli.deployed.readers import check_readers
from sagewarden_cli.deployed.stack import DeployedStack
from sagewarden_cli.deployed.storage import check_storage
from sagewarden_cli.deployed.sweeps import check_cost, check_sweeps
from sagewarden_cli.deployed.triggers import check_triggers

_SETTLED = frozenset(
    {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"}
)


def check_stack(stack: DeployedStack, local: Path, now: datetime) -> Iterator[Finding]:
    """Look at everything that a stack consists of; only reads are made.

    Args:
        stack: The stack.
        local: The policy file of this workstation.
        now: The present moment (aware).
    """
    yield _status(stack)
    measured: list[Measured] = []

    def read_metrics() -> Iterator[Finding]:
        measured.append(measure(stack, now))
        yield from check_sweeps(stack, measured[0], now)
        yield from check_cost(measured[0])

    sweeps = list(looked("metrics", read_metrics))
    known = measured[0] if measured else None
    yield from check_functions(stack, known)
    yield from check_queues(stack, known)
    yield from check_alarms(stack)
    yield from check_triggers(stack)
    yield from check_readers(stack)
    yield from check_storage(stack)
    yield from looked("policy", lambda: check_policy(stack, local))
    yield from sweeps


def _status(stack: DeployedStack) -> Finding:
    found = f"{stack.name} in {stack.region}: {stack.status}"
    if stack.status in _SETTLED:
        return well("stack", found)
    if stack.status.endswith("_IN_PROGRESS"):
        return Finding("stack", Health.WARN, found, "wait until it is deployed, and look again")
    return Finding("stack", Health.FAIL, found, "read its events in CloudFormation, deploy again")
