"""How dead letters, and what became of them, are shown: tables for people, JSON for programs."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from sagewarden_cli.dead_letters import DeadLetter, Letterbox
from sagewarden_cli.plan_view import counted
from sagewarden_cli.printed_text import plain
from sagewarden_cli.redriving import Fate, Settled
from sagewarden_cli.stack_queues import DeployedQueues

SCHEMA = 1

_STYLES = {Fate.SENT: "green", Fate.DISCARDED: "yellow", Fate.KEPT: "yellow", Fate.FAILED: "red"}


def listing_document(
    deployed: DeployedQueues, boxes: Sequence[Letterbox], now: datetime
) -> dict[str, Any]:
    """The dead letters of a stack as JSON."""
    return {
        "schema": SCHEMA,
        "stack": deployed.stack,
        "region": deployed.region,
        "queues": [
            {
                "bot": box.queue.bot,
                "url": box.queue.url,
                "log_group": deployed.log_group(box.queue),
                "messages": [_letter_document(letter, now) for letter in box.letters.values()],
                "more": box.more,
                "problem": box.problem,
            }
            for box in boxes
        ],
    }


def settled_document(
    deployed: DeployedQueues, boxes: Sequence[Letterbox], settled: Sequence[Settled]
) -> dict[str, Any]:
    """What became of dead letters as JSON."""
    return {
        "schema": SCHEMA,
        "stack": deployed.stack,
        "region": deployed.region,
        "outcomes": [
            {
                "queue": item.queue.bot,
                "message_id": item.letter.message_id,
                "outcome": item.fate.value,
                "reason": item.reason,
            }
            for item in settled
        ],
        "queues": [
            {"bot": box.queue.bot, "more": box.more, "problem": box.problem} for box in boxes
        ],
    }


def listing(
    deployed: DeployedQueues, boxes: Sequence[Letterbox], now: datetime
) -> Iterator[RenderableType]:
    """The dead letters of a stack for people."""
    if any(box.letters for box in boxes):
        yield _table(deployed, boxes, now)
    for box in boxes:
        letters = box.letters.values()
        poison = sum(letter.poison for letter in letters)
        tail = f", {poison} of them refused by the bot" if poison else ""
        yield plain(f"{box.queue.bot}: {counted(len(letters), 'dead letter')}{tail}", "bold")


def settled_lines(settled: Sequence[Settled]) -> Iterator[Text]:
    """What became of dead letters for people."""
    for item in settled:
        what = f" {item.queue.bot} {item.letter.message_id}: {item.reason}"
        yield plain(item.fate, _STYLES[item.fate]) + plain(what)
    fates = Counter(item.fate for item in settled)
    parts = [f"{fates[fate]} {fate.lower()}" for fate in Fate if fates[fate]]
    total = counted(len(settled), "dead letter")
    yield plain(f"{total}{': ' if parts else ''}{', '.join(parts)}", "bold")


def _letter_document(letter: DeadLetter, now: datetime) -> dict[str, Any]:
    return {
        "message_id": letter.message_id,
        "sent_at": letter.sent_at.isoformat(timespec="seconds"),
        "age_seconds": int((now - letter.sent_at).total_seconds()),
        "bot": letter.bot,
        "account": letter.account,
        "region": letter.region,
        "received": letter.received,
        "poison": letter.poison,
        "reason": letter.reason,
        "body": letter.body,
    }


def _table(deployed: DeployedQueues, boxes: Sequence[Letterbox], now: datetime) -> Table:
    table = Table()
    for heading in ("Queue", "Age", "Bot", "Account", "Region", "Received", "Poison", "Reason"):
        table.add_column(heading, overflow="fold")
    for box in boxes:
        for letter in box.letters.values():
            in_log = f"see message_id {letter.message_id} in {deployed.log_group(box.queue)}"
            table.add_row(
                plain(box.queue.bot),
                plain(_age(now - letter.sent_at)),
                plain(letter.bot or "?"),
                plain(letter.account or "-"),
                plain(letter.region or "-"),
                plain(str(letter.received)),
                plain("yes", "red") if letter.poison else plain("no"),
                plain(letter.reason or in_log),
            )
    return table


def _age(length: timedelta) -> str:
    minutes = max(int(length.total_seconds()) // 60, 0)
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{days}d {hours}h"
    return f"{hours}h {minutes % 60:02}m" if hours else f"{minutes}m"
