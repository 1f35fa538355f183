"""How what the ledger holds is written down: plain JSON records, and back."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sagewarden.domain.actions import Action, ActionKind, Precondition
from sagewarden.domain.audit import AuditEntry, Happening
from sagewarden.domain.cases import Case, CaseState
from sagewarden.domain.exemptions import Exemption
from sagewarden.domain.money import MonthlyCost
from sagewarden.domain.outcomes import Manifest, Outcome, OutcomeKind
from sagewarden.domain.resources import ResourceRef

type Record = Mapping[str, Any]


def ref_record(ref: ResourceRef) -> dict[str, Any]:
    """Write down a resource's identity."""
    return {
        "kind": str(ref.kind),
        "account": ref.account,
        "region": ref.region,
        "name": ref.name,
        "arn": ref.arn,
    }


def read_ref(record: Record) -> ResourceRef:
    """Read a resource's identity."""
    return ResourceRef(
        kind=record["kind"],
        account=record["account"],
        region=record["region"],
        name=record["name"],
        arn=record["arn"],
    )


def action_record(action: Action) -> dict[str, Any]:
    """Write down an action."""
    then = action.precondition
    return {
        "kind": action.kind.value,
        "ref": ref_record(action.ref),
        "precondition": {
            "status": then.status,
            "created": then.created.isoformat(),
            "modified": then.modified.isoformat(),
            "config_name": then.config_name,
            "setup": then.setup,
        },
        "tag": list(action.tag) if action.tag else None,
        "sizes": list(action.sizes) if action.sizes else None,
    }


def read_action(record: Record) -> Action:
    """Read an action."""
    then, tag, sizes = record["precondition"], record.get("tag"), record.get("sizes")
    return Action(
        kind=ActionKind(record["kind"]),
        ref=read_ref(record["ref"]),
        precondition=Precondition(
            status=then["status"],
            created=datetime.fromisoformat(then["created"]),
            modified=datetime.fromisoformat(then["modified"]),
            config_name=then["config_name"],
            setup=then.get("setup"),
        ),
        tag=(tag[0], tag[1]) if tag else None,
        sizes=(sizes[0], sizes[1]) if sizes else None,
    )


def outcome_record(outcome: Outcome) -> dict[str, Any]:
    """Write down an outcome."""
    return {
        "rule": outcome.rule,
        "action": action_record(outcome.action),
        "kind": outcome.kind.value,
        "reason": outcome.reason,
        "at": outcome.at.isoformat(),
        "undo": outcome.undo,
        "saving": saving_record(outcome.saving),
        **({"run": outcome.run} if outcome.run else {}),
    }


def read_outcome(record: Record) -> Outcome:
    """Read an outcome."""
    return Outcome(
        rule=record["rule"],
        action=read_action(record["action"]),
        kind=OutcomeKind(record["kind"]),
        reason=record["reason"],
        at=datetime.fromisoformat(record["at"]),
        undo=record["undo"],
        saving=read_saving(record.get("saving")),
        run=record.get("run"),
    )


def case_record(case: Case) -> dict[str, Any]:
    """Write down a case."""
    return {
        "case_id": case.case_id,
        "rule": case.rule,
        "action": action_record(case.action),
        "reason": case.reason,
        "state": case.state.value,
        "opened_at": case.opened_at.isoformat(),
        "version": case.version,
        "warned_at": case.warned_at.isoformat() if case.warned_at else None,
        "due_at": case.due_at.isoformat() if case.due_at else None,
        "ended_at": case.ended_at.isoformat() if case.ended_at else None,
        "reminded_at": case.reminded_at.isoformat() if case.reminded_at else None,
        "snoozed_until": case.snoozed_until.isoformat() if case.snoozed_until else None,
        "failures": case.failures,
        "decided_by": case.decided_by,
        "owner": case.owner,
        "team": case.team,
        "saving": saving_record(case.saving),
    }


def read_case(record: Record) -> Case:
    """Read a case."""
    return Case(
        case_id=record["case_id"],
        rule=record["rule"],
        action=read_action(record["action"]),
        reason=record["reason"],
        state=CaseState(record["state"]),
        opened_at=datetime.fromisoformat(record["opened_at"]),
        version=record["version"],
        warned_at=_time(record["warned_at"]),
        due_at=_time(record["due_at"]),
        ended_at=_time(record["ended_at"]),
        reminded_at=_time(record.get("reminded_at")),
        snoozed_until=_time(record.get("snoozed_until")),
        failures=record.get("failures", 0),
        decided_by=record.get("decided_by"),
        owner=record.get("owner"),
        team=record.get("team"),
        saving=read_saving(record.get("saving")),
    )


def exemption_record(exemption: Exemption) -> dict[str, Any]:
    """Write down an exemption."""
    return {
        "resources": exemption.resources,
        "until": exemption.until.isoformat() if exemption.until else None,
        "why": exemption.why,
        "by": exemption.by,
        "at": exemption.at.isoformat() if exemption.at else None,
        "rule": exemption.rule,
        "accounts": list(exemption.accounts),
    }


def read_exemption(record: Record) -> Exemption:
    """Read an exemption."""
    return Exemption(
        resources=record["resources"],
        until=date.fromisoformat(record["until"]) if record["until"] else None,
        why=record["why"],
        by=record["by"],
        at=_time(record["at"]),
        rule=record["rule"],
        accounts=tuple(record["accounts"]),
    )


def entry_record(entry: AuditEntry) -> dict[str, Any]:
    """Write down an entry of the audit trail."""
    return {
        "at": entry.at.isoformat(),
        "arn": entry.arn,
        "what": entry.what.value,
        "by": entry.by,
        "details": dict(entry.details),
    }


def read_entry(record: Record) -> AuditEntry:
    """Read an entry of the audit trail."""
    return AuditEntry(
        at=datetime.fromisoformat(record["at"]),
        arn=record["arn"],
        what=Happening(record["what"]),
        by=record["by"],
        details=record["details"],
    )


def manifest_record(manifest: Manifest) -> dict[str, Any]:
    """Write down a manifest."""
    return {
        "ref": ref_record(manifest.ref),
        "at": manifest.at.isoformat(),
        "content": dict(manifest.content),
    }


def read_manifest(record: Record) -> Manifest:
    """Read a manifest."""
    return Manifest(
        ref=read_ref(record["ref"]),
        at=datetime.fromisoformat(record["at"]),
        content=record["content"],
    )


def saving_record(saving: MonthlyCost | None) -> dict[str, Any] | None:
    """Write down a cost, or what is saved of it; None is not known."""
    if saving is None:
        return None
    return {
        "usd": str(saving.usd),
        "basis": saving.basis,
        "as_of": saving.as_of.isoformat(),
        "hourly_usd": str(saving.hourly_usd) if saving.hourly_usd is not None else None,
    }


def read_saving(record: Record | None) -> MonthlyCost | None:
    """Read a cost, or what is saved of it."""
    if record is None:
        return None
    hourly = record["hourly_usd"]
    return MonthlyCost(
        usd=Decimal(record["usd"]),
        basis=record["basis"],
        as_of=date.fromisoformat(record["as_of"]),
        hourly_usd=Decimal(hourly) if hourly is not None else None,
    )


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
