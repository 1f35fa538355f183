"""How cases and the story of a resource are shown: for people, and as JSON for programs."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from sagewarden.domain.audit import EVERYTHING, AuditEntry, Happening
from sagewarden.domain.cases import Case, CaseState
from sagewarden.domain.exemptions import Exemption
from sagewarden_cli.case_search import Story
from sagewarden_cli.plan_file import resource_document
from sagewarden_cli.plan_view import counted
from sagewarden_cli.printed_text import plain

SCHEMA = 1

_STATES = {
    CaseState.DUE: "bold red",
    CaseState.ACTING: "bold red",
    CaseState.FAILED: "bold red",
    CaseState.WARNED: "yellow",
    CaseState.DONE: "green",
}

_HAPPENINGS = {
    Happening.ACTING: "bold",
    Happening.OUTCOME: "bold",
    Happening.GAVE_UP: "bold red",
    Happening.WARNING_REFUSED: "red",
    Happening.HALTED: "bold yellow",
}

_TOLD_FIRST = ("outcome", "action", "reason", "evidence", "why", "until", "due", "undo")
"""The details that are told in this order; what identifies the case comes last."""


def cases_document(cases: Sequence[Case], now: datetime) -> dict[str, Any]:
    """Cases as JSON."""
    return {"schema": SCHEMA, "cases": [case_document(case, now) for case in cases]}


def case_document(case: Case, now: datetime) -> dict[str, Any]:
    """One case as JSON values."""
    return {
        "case": case.case_id,
        "state": case.state_at(now).value,
        "rule": case.rule,
        "action": case.action.kind.value,
        "resource": resource_document(case.ref),
        "owner": case.owner,
        "team": case.team,
        "reason": case.reason,
        "opened_at": case.opened_at.isoformat(),
        "warned_at": _moment(case.warned_at),
        "due_at": _moment(case.due_at),
        "snoozed_until": _moment(case.snoozed_until),
        "ended_at": _moment(case.ended_at),
        "failures": case.failures,
        "decided_by": case.decided_by,
    }


def exemption_document(given: Exemption, now: datetime) -> dict[str, Any]:
    """An exemption as JSON values."""
    return {
        "resources": given.resources,
        "rule": given.rule,
        "accounts": list(given.accounts),
        "until": given.until.isoformat() if given.until else None,
        "in_force": given.in_force(now),
        "why": given.why,
        "by": given.by,
        "at": _moment(given.at),
    }


def story_document(story: Story, now: datetime) -> dict[str, Any]:
    """The story of a resource as JSON."""
    return {
        "schema": SCHEMA,
        "arn": story.arn,
        "cases": [case_document(case, now) for case in story.cases],
        "exemptions": [exemption_document(given, now) for given in story.exemptions],
        "trail": [
            {
                "at": entry.at.isoformat(),
                "what": entry.what.value,
                "by": entry.by,
                "details": dict(entry.details),
            }
            for entry in story.entries
        ],
    }


def cases_listing(cases: Sequence[Case], now: datetime) -> Iterator[RenderableType]:
    """Cases for people."""
    if cases:
        table = Table()
        for heading in ("Case", "State", "Resource", "Rule", "Action", "When", "Owner", "Why"):
            table.add_column(heading, overflow="fold")
        for case in cases:
            state = case.state_at(now)
            table.add_row(
                plain(case.case_id),
                plain(state, _STATES.get(state, "")),
                plain(f"{case.ref.kind} {case.ref.name} ({case.ref.account}, {case.ref.region})"),
                plain(case.rule),
                plain(case.action.kind),
                plain(_when(case)),
                plain(case.owner or "-"),
                plain(case.reason),
            )
        yield table
    yield plain(counted(len(cases), "case"), "bold")


def timeline(story: Story, now: datetime) -> Iterator[RenderableType]:
    """The story of a resource for people, oldest first."""
    yield plain(story.arn, "bold")
    table = Table(show_header=False, box=None, pad_edge=False)
    for _ in range(4):
        table.add_column(overflow="fold")
    for entry in story.entries:
        table.add_row(
            plain(_local(entry.at), "dim"),
            plain(_what(entry), _HAPPENINGS.get(entry.what, "")),
            plain(entry.by),
            _details(entry),
        )
    yield table
    for given in story.exemptions:
        over = "" if given.in_force(now) else " (ran out)"
        yield plain(f"exempt from {given.rule} {given}{over}")
    for case in story.cases:
        state = case.state_at(now)
        yield plain(state, _STATES.get(state, "bold")) + plain(
            f" case {case.case_id}, rule {case.rule}, {case.action.kind}: {_when(case) or 'open'}"
        )


def _what(entry: AuditEntry) -> str:
    everywhere = " everywhere" if entry.arn == EVERYTHING else ""
    return f"{entry.what}{everywhere}"


def _details(entry: AuditEntry) -> Text:
    first = [key for key in _TOLD_FIRST if key in entry.details]
    rest = [key for key in entry.details if key not in first]
    return plain("; ".join(f"{key}: {entry.details[key]}" for key in (*first, *rest)))


def _when(case: Case) -> str:
    if case.ended_at is not None:
        return f"ended {_local(case.ended_at)}"
    if case.state is CaseState.SNOOZED and case.snoozed_until:
        return f"snoozed until {_local(case.snoozed_until)}"
    if case.due_at is not None:
        return f"due {_local(case.due_at)}"
    return f"warned {_local(case.warned_at)}" if case.warned_at else ""


def _local(at: datetime) -> str:
    return at.astimezone().strftime("%a %Y-%m-%d %H:%M %z")


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
