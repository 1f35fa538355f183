"""A ledger with up to a million cases: what a question costs depends on its answer alone."""

import time
from collections.abc import Callable, Iterator, Sequence, Sized
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from benchmarks.table_on_disk import TableOnDisk
from sagewarden.adapters.ledger_dynamodb import DynamoDBLedger
from sagewarden.domain.actions import Action, ActionKind, Precondition
from sagewarden.domain.audit import AuditEntry, Happening
from sagewarden.domain.cases import Case, CaseState
from sagewarden.domain.outcomes import Outcome, OutcomeKind
from sagewarden.domain.resources import ResourceKind, ResourceRef

PLACES = tuple(
    (f"{100_000_000_000 + number}", region)
    for number in range(25)
    for region in ("us-east-1", "us-west-2", "eu-west-1", "ap-northeast-2")
)
ALIVE = 40
"""How many cases are alive in each place, however many there ever were."""

LATELY = 60
"""How many of each place ended within the last week."""

WEEK = timedelta(days=7)
NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Asked:
    """What one question cost.

    Attributes:
        question: The ledger's method.
        answer: How many things it answered.
        items: How many items were read for it.
        pages: By how many calls.
        milliseconds: How long it took here, on a local disk.
    """

    question: str
    answer: int
    items: int
    pages: int
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Remembered:
    """What questions cost in a ledger of one size.

    Attributes:
        cases: How many cases it holds.
        asked: The questions.
    """

    cases: int
    asked: Sequence[Asked]


def remembered(sizes: Sequence[int], path: Path) -> Iterator[Remembered]:
    """Fill a ledger with cases and ask it the same questions at each size.

    Args:
        sizes: How many cases, in ascending order, as multiples of 10,000.
        path: Where the table's file is made.
    """
    table = TableOnDisk(path)
    try:
        ledger = DynamoDBLedger(cast("Any", table), "ledger")
        number = 0
        for size in sizes:
            while number < size:
                _fill(ledger, number)
                number += 1
            yield Remembered(size, [_ask(table, *one) for one in _questions(ledger)])
    finally:
        table.close()
        path.unlink(missing_ok=True)


def _fill(ledger: DynamoDBLedger, number: int) -> None:
    """One case more: of each place the first are alive, the next ended lately."""
    account, region = PLACES[number % len(PLACES)]
    turn = number // len(PLACES)
    name = f"endpoint-{number:07}"
    arn = f"arn:aws:sagemaker:{region}:{account}:endpoint/{name}"
    ref = ResourceRef(ResourceKind.ENDPOINT, account, region, name, arn)
    alive = turn < ALIVE
    lately = not alive and turn < ALIVE + LATELY
    opened = NOW - timedelta(days=3 if alive or lately else 60 + turn % 300)
    action = Action(ActionKind.DELETE, ref, Precondition("InService", opened, opened, name))
    case = Case(
        case_id=f"{number:07x}",
        rule="idle-endpoints",
        action=action,
        reason="0 invocations in 48 h over 1 variant",
        state=CaseState.WARNED if alive else CaseState.DONE,
        opened_at=opened,
        warned_at=opened,
        due_at=opened + timedelta(days=1),
        ended_at=None if alive else opened + timedelta(days=1, seconds=turn),
        owner="mina",
    )
    ledger.save(case, AuditEntry(opened, arn, Happening.OPENED, "idle-endpoints"))
    if not alive:
        done = opened + timedelta(days=1)
        ledger.record(Outcome("idle-endpoints", action, OutcomeKind.APPLIED, "delete: done", done))


def _questions(ledger: DynamoDBLedger) -> Iterator[tuple[str, Callable[[], object]]]:
    place = PLACES[7]
    arn = f"arn:aws:sagemaker:{place[1]}:{place[0]}:endpoint/endpoint-{7 + 100 * (ALIVE + 1):07}"
    yield "case", lambda: ledger.case("0000007")
    yield "live_cases", lambda: ledger.live_cases(*place)
    yield "ended_cases", lambda: ledger.ended_cases(*place, NOW - WEEK)
    yield "history", lambda: ledger.history(arn)
    yield "trail", lambda: ledger.trail(arn)
    yield "places", ledger.places
    yield "exemptions", lambda: ledger.exemptions(*place)
    yield "stopped_by_us", lambda: ledger.stopped_by_us(*place, "notebook-hours")
    yield "halted", ledger.halted


def _ask(table: TableOnDisk, question: str, ask: Callable[[], object]) -> Asked:
    items, pages = table.items_read, table.pages_read
    begun = time.perf_counter()
    answer = ask()
    milliseconds = (time.perf_counter() - begun) * 1000
    number = len(answer) if isinstance(answer, Sized) else int(answer is not None)
    return Asked(question, number, table.items_read - items, table.pages_read - pages, milliseconds)
