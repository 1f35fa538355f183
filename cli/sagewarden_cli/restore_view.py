"""How a restore, and what can be restored, is shown: tables for people, documents for programs."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table

from sagewarden.application.restore import RestoreReport, RestoreStatus
from sagewarden.domain.cases import Case
from sagewarden.domain.outcomes import Outcome
from sagewarden_cli.plan_file import resource_document
from sagewarden_cli.plan_view import counted
from sagewarden_cli.printed_text import plain

SCHEMA = 1

_ENDS = {
    RestoreStatus.RESTORED: ("everything is as it was", "bold green"),
    RestoreStatus.UNDER_WAY: ("under way: run the same command again, or give --wait", "bold"),
    RestoreStatus.PARTIAL: ("not everything is as it was", "bold yellow"),
    RestoreStatus.REFUSED: ("nothing was done", "bold red"),
}


def report_parts(report: RestoreReport) -> Iterator[RenderableType]:
    """A report for people: what was done and what was not, then how a person finishes it."""
    rows = [("done", str(step), "green") for step in report.done]
    rows += [("waits until", report.waiting, "yellow")] if report.waiting else []
    rows += [("not back", str(obstacle), "red") for obstacle in report.obstacles]
    rows += [("differs", str(difference), "yellow") for difference in report.differences]
    if rows:
        table = Table("", report.ref.name, box=None, pad_edge=False)
        for word, text, style in rows:
            table.add_row(plain(word, style), plain(text))
        yield table
    if report.commands and report.status is not RestoreStatus.UNDER_WAY:
        yield plain("To finish it by hand, in this order:", "bold")
        yield from (plain(command) for command in report.commands)
    words, style = _ENDS[report.status]
    yield plain(f"{report.status} {report.ref.kind} {report.ref.name}: {words}", style)


def report_document(report: RestoreReport, case: Case | None) -> dict[str, Any]:
    """A report for programs."""
    return {
        "schema": SCHEMA,
        "resource": resource_document(report.ref),
        "case": case.case_id if case else None,
        "status": report.status.value,
        "done": [str(step) for step in report.done],
        "waiting": report.waiting,
        "obstacles": [{"what": item.what, "why": item.why} for item in report.obstacles],
        "differences": [
            {"field": item.where, "was": item.was, "now": item.now} for item in report.differences
        ],
        "commands": list(report.commands),
    }


def restorable_parts(found: Sequence[Outcome], where: str) -> Iterator[RenderableType]:
    """What can be restored, for people."""
    if found:
        table = Table("what", "name", "was", "at", "by rule", box=None, pad_edge=False)
        for item in sorted(found, key=lambda outcome: outcome.at):
            ref = item.action.ref
            at = item.at.isoformat(timespec="minutes")
            cells = (str(ref.kind), ref.name, _deed(item), at, item.rule)
            table.add_row(*(plain(cell) for cell in cells))
        yield table
    yield plain(f"{where}: {counted(len(found), 'thing')} to bring back", "bold")


def list_document(account: str, region: str, found: Sequence[Outcome]) -> dict[str, Any]:
    """The same for programs."""
    return {
        "schema": SCHEMA,
        "account": account,
        "region": region,
        "restorable": [
            {
                "resource": resource_document(item.action.ref),
                "action": item.action.kind.value,
                "rule": item.rule,
                "at": item.at.isoformat(),
                "undo": item.undo,
            }
            for item in found
        ],
    }


_DEEDS = {
    "stop": "stopped",
    "delete": "deleted",
    "scale-to-zero": "scaled to zero",
    "release-provisioned-concurrency": "released",
}


def _deed(outcome: Outcome) -> str:
    return _DEEDS.get(outcome.action.kind, outcome.action.kind)
