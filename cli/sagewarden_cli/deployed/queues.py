"""What waits in queues, and what lies in dead-letter queues."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from sagewarden_cli.deployed.finding import Finding, Health, looked, well
from sagewarden_cli.deployed.measured import Measured
from sagewarden_cli.deployed.stack import QUEUE, DeployedStack
from sagewarden_cli.plan_view import counted

_DEAD = "DeadLetters"
_ATTRIBUTES = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]

TOO_OLD = timedelta(hours=2)
"""What failed twice is an hour and a half old; the alarms about backlogs go by the same."""

PATIENT = {"AdvisorQueue": timedelta(hours=9)}
"""Where a message may wait longer: what closes the advisor's week does so for five hours, and is
tried twice more."""


def check_queues(stack: DeployedStack, measured: Measured | None) -> Iterator[Finding]:
    """Look at every queue; those that are well are told in one line.

    Args:
        stack: The stack.
        measured: What CloudWatch knows; None when it could not be read.
    """
    queues = stack.of_type(QUEUE)
    waiting: list[int] = []
    found = [
        finding
        for logical_id, url in queues.items()
        for finding in looked(
            f"queue {logical_id}",
            partial(_queue, stack, measured, logical_id, url, waiting),
        )
    ]
    yield from found
    if fine := len(queues) - len({finding.name for finding in found}):
        told = f"{counted(fine, 'queue')} without dead letters or backlog"
        yield well("queues", f"{told}, {counted(sum(waiting), 'message')} waiting")


def _queue(
    stack: DeployedStack, measured: Measured | None, logical_id: str, url: str, waiting: list[int]
) -> Iterator[Finding]:
    """What is wrong with one queue; how much waits in one that is well goes into `waiting`."""
    answer = stack.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=_ATTRIBUTES)
    visible, in_flight = (int(answer["Attributes"][name]) for name in _ATTRIBUTES)
    about, age = f"queue {logical_id}", measured.ages.get(logical_id, 0.0) if measured else 0.0
    if logical_id.endswith(_DEAD):
        if visible + in_flight:
            fix = "docs/runbook.md, dead letters: sagewarden redrive shows them, with their reasons"
            yield Finding(about, Health.FAIL, counted(visible + in_flight, "dead letter"), fix)
        return
    if visible + in_flight and age >= PATIENT.get(logical_id, TOO_OLD).total_seconds():
        oldest = f"the oldest for {age / 3600:.1f} h"
        found = f"{counted(visible, 'message')} waiting, {oldest}, {in_flight} being handled"
        yield Finding(about, Health.FAIL, found, "docs/runbook.md, backlog")
        return
    waiting.append(visible)
