"""What others are told of the audit trail: one announcement per entry, in words that stay.

These words are an interface: within a version fields are added, never renamed or taken away, and
none changes its meaning. The published schema and docs/events.md are written from here.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.audit import AuditEntry, Happening, of_outcome
from sagewarden.domain.cases import case_id_of
from sagewarden.domain.outcomes import Outcome

VERSION = "1"
"""Of the fields below; another one would come beside it, on another detail-type."""

LONGEST = 4000
"""The most letters of a field: AWS takes 256 KB of an event, and of a call with several."""


class Format(StrEnum):
    """What the text of a field is."""

    TEXT = "text"
    MOMENT = "moment"
    DAY = "day"
    ARN = "arn"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an announcement.

    Attributes:
        says: What it tells.
        format: What its text is.
    """

    says: str
    format: Format = Format.TEXT


FIELDS: Mapping[str, Field] = {
    "version": Field("The version of these fields: `1`."),
    "id": Field("What identifies the happening: an event that comes twice has the same."),
    "at": Field("When it happened, in UTC.", Format.MOMENT),
    "by": Field("Who did it: a person as they are known, or `sagewarden`."),
    "arn": Field("The resource.", Format.ARN),
    "account": Field("The account of the resource.", Format.ACCOUNT),
    "region": Field("The region of the resource."),
    "name": Field("The last part of the ARN."),
    "resources": Field("What an exemption covers: a pattern of ARNs or names, or one ARN."),
    "case": Field("The case: the same in all that happens to one violation of one rule."),
    "rule": Field("The rule of the policy."),
    "action": Field("What the rule does, in the policy's words, or `restore`."),
    "owner": Field("The owner of the resource, as its tag names them; absent when it has none."),
    "reason": Field("Why, in one sentence."),
    "evidence": Field("The figures behind the verdict, as `name=value, name=value`."),
    "due": Field("When the action is due; absent when nothing follows.", Format.MOMENT),
    "until": Field("Until when nothing happens.", Format.MOMENT),
    "last_day": Field("The last day of an exemption; absent when it has no end.", Format.DAY),
    "why": Field("What the person gave as the reason."),
    "outcome": Field("`APPLIED`, `STALE`, `FAILED`, `SKIPPED` or `UNDER_WAY`."),
    "undo": Field("The command that takes it back."),
    "run": Field(
        "What led to it: the same in everything that one trigger leads to, and in its log lines. "
        "Absent where a person did it without Slack."
    ),
}
"""Every field, in the order in which pages show them."""

ALWAYS = ("version", "id", "at", "by")
SOMETIMES = ("run",)
"""What an announcement of any kind may have."""
OF_A_RESOURCE = ("arn", "account", "region", "name")
OF_A_RULE = ("rule", "action")
OF_A_CASE = ("case", *OF_A_RULE)


@dataclass(frozen=True, slots=True)
class Form:
    """How one kind of happening is announced.

    Attributes:
        detail_type: Its name, which rules match.
        says: When it comes.
        fields: What it has beside what every announcement has.
        optional: What it may have.
    """

    detail_type: str
    says: str
    fields: tuple[str, ...]
    optional: tuple[str, ...] = ()


def _of_case(detail_type: str, says: str, *fields: str, optional: tuple[str, ...] = ()) -> Form:
    return Form(detail_type, says, (*OF_A_RESOURCE, *OF_A_CASE, *fields), ("owner", *optional))


FORMS: Mapping[Happening, Form] = {
    Happening.OPENED: _of_case(
        "Case Opened", "A resource violates a rule, and a case of it begins.", "reason"
    ),
    Happening.WARNED: _of_case(
        "Owner Warned",
        "The owner was told what will happen, and the grace period runs.",
        "reason",
        optional=("evidence", "due"),
    ),
    Happening.WARNING_REFUSED: _of_case(
        "Warning Not Accepted",
        "Nobody could be told; no grace period begins, and it is tried again.",
        "reason",
        optional=("evidence", "due"),
    ),
    Happening.REMINDED: _of_case(
        "Owner Reminded",
        "The owner was told again, shortly before the deadline.",
        optional=("due",),
    ),
    Happening.SNOOZED: _of_case("Case Snoozed", "Somebody bought time.", "until"),
    Happening.ASKED_NOW: _of_case("Action Requested", "Somebody asked for the action now."),
    Happening.ACTING: _of_case("Action Started", "A run set out to act."),
    Happening.ASKED_RESTORE: _of_case(
        "Restore Requested", "Somebody asked that what was done be taken back."
    ),
    Happening.OUTCOME: Form(
        "Action Outcome",
        "An action was tried, or undone: what became of it. An undoing has no case.",
        (*OF_A_RESOURCE, *OF_A_RULE, "outcome", "reason"),
        ("case", "undo"),
    ),
    Happening.GAVE_UP: _of_case(
        "Case Given Up", "The action failed five times, and is not tried for a day.", "reason"
    ),
    Happening.RESOLVED: _of_case(
        "Case Resolved", "The violation is over, or exempt; nothing more happens.", "reason"
    ),
    Happening.RESTORED: _of_case("Case Restored", "Somebody took back what was done."),
    Happening.EXEMPTED: Form(
        "Exemption Added",
        "Somebody exempted resources. With one resource it is named like any other.",
        ("resources", "rule", "why"),
        (*OF_A_RESOURCE, "last_day"),
    ),
    Happening.LIFTED: Form(
        "Exemption Lifted",
        "Somebody took an exemption back.",
        ("resources", "rule", "why"),
        (*OF_A_RESOURCE, "last_day"),
    ),
    Happening.HALTED: Form("Acting Halted", "Nothing is acted on any more.", ("why",)),
    Happening.RESUMED: Form("Acting Resumed", "The halt is over.", ()),
    Happening.REPORTED: Form(
        "Digest Sent", "A weekly digest, or the week's advice, has reached its reader.", ()
    ),
}
"""How each kind of happening is announced."""

_EXEMPTIONS = {Happening.EXEMPTED, Happening.LIFTED}


@dataclass(frozen=True, slots=True)
class Announcement:
    """One thing that happened, as others are told of it.

    Attributes:
        detail_type: What kind of happening it is.
        at: When (aware).
        line: In whose order it stands: a resource's ARN, a pattern, or all.
        detail: The fields; those that say nothing are absent.
    """

    detail_type: str
    at: datetime
    line: str
    detail: Mapping[str, str]

    @property
    def id(self) -> str:
        """What identifies it: the same entry, announced again, has the same."""
        return self.detail["id"]

    @property
    def arn(self) -> str | None:
        """The resource that it speaks of, if it speaks of one."""
        return self.detail.get("arn")


def announced(entry: AuditEntry, key: str) -> Announcement:
    """The announcement of an entry of the audit trail.

    Args:
        entry: The entry.
        key: What identifies it in the ledger.

    Raises:
        KeyError: It lacks a field that its form promises.
    """
    form = FORMS[entry.what]
    told = _exemption(entry) if entry.what in _EXEMPTIONS else entry.details
    known = {
        **_resource(entry.arn),
        **told,
        "version": VERSION,
        "id": hashlib.sha256(key.encode()).hexdigest()[:32],
        "at": entry.at.astimezone(UTC).isoformat(),
        "by": entry.by,
    }
    fields = {name: known[name] for name in (*ALWAYS, *form.fields)}
    optional = (*form.optional, *SOMETIMES)
    fields |= {name: known[name] for name in optional if name in known}
    detail = {name: _cut(fields[name]) for name in FIELDS if name in fields}
    return Announcement(form.detail_type, entry.at, entry.arn, detail)


def announced_outcome(outcome: Outcome, key: str) -> Announcement:
    """The announcement of what became of an action, with the case that it belongs to.

    Args:
        outcome: The outcome.
        key: What identifies it in the ledger.
    """
    entry, action = of_outcome(outcome), outcome.action
    details = dict(entry.details)
    if action.kind is not ActionKind.RESTORE:
        details["case"] = case_id_of(outcome.rule, action)
    return announced(AuditEntry(entry.at, entry.arn, entry.what, entry.by, details), key)


def _exemption(entry: AuditEntry) -> Mapping[str, str]:
    """The fields of an exemption; the trail calls its last day `until`, and says when none is."""
    until = entry.details["until"]
    ends = {"last_day": until} if until[:1].isdigit() else {}
    return {**entry.details, **ends, "resources": entry.arn}


_ARN_PARTS = 6


def _resource(arn: str) -> Mapping[str, str]:
    """The fields of a resource, where this is the ARN of one and no pattern."""
    parts = arn.split(":", _ARN_PARTS - 1)
    if len(parts) < _ARN_PARTS or parts[0] != "arn" or any(sign in arn for sign in "*?["):
        return {}
    return {"arn": arn, "account": parts[4], "region": parts[3], "name": arn.rpartition("/")[2]}


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
