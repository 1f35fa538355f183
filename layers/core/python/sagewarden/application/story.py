"""The story of a resource in Slack: what happened to it, a line each."""

from collections.abc import Sequence

from sagewarden.domain.audit import AuditEntry

_TOLD_AT_ONCE = 25
"""How many entries are told: the latest ones."""


def story(trail: Sequence[AuditEntry]) -> str:
    """What happened to a resource, oldest first, each with when, by whom and why.

    Args:
        trail: Its audit trail.
    """
    lines = []
    for entry in trail[-_TOLD_AT_ONCE:]:
        why = entry.details.get("reason") or entry.details.get("why") or ""
        when = entry.at.strftime("%Y-%m-%d %H:%M UTC")
        lines.append(f"{when}  {entry.what} by {entry.by}{f': {why}' if why else ''}")
    return "\n".join(lines) or "Nothing has happened to it yet."
