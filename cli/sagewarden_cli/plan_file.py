"""Plans as JSON: what ``plan`` prints and saves, and ``apply`` reads."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from sagewarden.domain.actions import Action, ActionKind, Precondition
from sagewarden.domain.money import MonthlyCost
from sagewarden.domain.plans import Incomplete, Limits, Plan, PlannedAction
from sagewarden.domain.resources import ResourceKind, ResourceRef
from sagewarden.domain.scope import Mode
from sagewarden.domain.verdicts import Evidence, Verdict, VerdictKind
from sagewarden_cli.located_values import Located, UnreadableFileError, read_json_file

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A plan, and what it was made with.

    Attributes:
        plan: The plan.
        fingerprint: The fingerprint of the policy it was made under.
        api_calls: The AWS calls it took, by ``Service.Operation``.
    """

    plan: Plan
    fingerprint: str
    api_calls: Mapping[str, int]


def plan_document(saved: SavedPlan) -> dict[str, Any]:
    """A plan as JSON values."""
    plan = saved.plan
    return {
        "schema": SCHEMA,
        "generated_at": plan.generated_at.isoformat(),
        "account": plan.account,
        "policy_fingerprint": saved.fingerprint,
        "actions": [_action_document(planned) for planned in plan.actions],
        "left_alone": [_left_alone_document(verdict) for verdict in plan.left_alone],
        "incomplete": [{"what": item.what, "why": item.why} for item in plan.incomplete],
        "limits": {
            "actions_per_run": plan.limits.actions_per_run,
            "percent_of_kind": plan.limits.percent_of_kind,
            "every_action": plan.limits.every_action,
            "exceeded": list(plan.exceeded),
        },
        "api_calls": dict(saved.api_calls),
    }


def resource_document(ref: ResourceRef) -> dict[str, str]:
    """What identifies a resource, as JSON values."""
    return {
        "kind": str(ref.kind),
        "name": ref.name,
        "arn": ref.arn,
        "account": ref.account,
        "region": ref.region,
    }


def why_left_alone(verdict: Verdict) -> str:
    """Why a verdict leads to nothing; a violation may come second to another rule's."""
    if verdict.action is None:
        return verdict.reason
    if verdict.action.kind is ActionKind.NOTIFY:
        return f"{verdict.reason}; its owner is told, and no more"
    return f"{verdict.reason}; an earlier rule acts on it"


def read_plan(path: Path) -> SavedPlan:
    """Read a saved plan.

    Raises:
        UnreadableFileError: It cannot be read, or is no plan of this schema.
    """
    file = read_json_file(path)
    schema = file.optional("schema")
    if schema is None or schema.value != SCHEMA:
        found = "none" if schema is None else repr(schema.value)
        raise UnreadableFileError(
            f"{path}: the plan's schema is {found}, this version reads {SCHEMA}: "
            "make the plan anew with: sagewarden plan --save"
        )
    calls = file.child("api_calls")
    return SavedPlan(
        plan=_read_plan(file),
        fingerprint=file.child("policy_fingerprint").text(),
        api_calls={name: calls.child(name).integer() for name in calls.mapping()},
    )


def plan_text(saved: SavedPlan) -> str:
    """A plan as the text of a JSON file."""
    return json.dumps(plan_document(saved), indent=2) + "\n"


def _action_document(planned: PlannedAction) -> dict[str, Any]:
    verdict = planned.verdict
    if verdict.action is None:
        raise ValueError(f"planned without an action: {verdict.ref.name}")
    then, saving = verdict.action.precondition, verdict.saving
    return {
        "rule": verdict.rule,
        "mode": planned.mode.value,
        "action": verdict.action.kind.value,
        "resource": resource_document(verdict.ref),
        "reason": verdict.reason,
        "evidence": dict(verdict.evidence),
        "monthly_savings_usd": round(float(saving.usd), 2) if saving else None,
        "savings_basis": saving.basis if saving else None,
        "prices_as_of": saving.as_of.isoformat() if saving else None,
        "precondition": {
            "status": then.status,
            "created": then.created.isoformat(),
            "modified": then.modified.isoformat(),
            "config_name": then.config_name,
            "setup": then.setup,
        },
        "tag": list(verdict.action.tag) if verdict.action.tag else None,
        "sizes": list(verdict.action.sizes) if verdict.action.sizes else None,
    }


def _left_alone_document(verdict: Verdict) -> dict[str, Any]:
    return {
        "rule": verdict.rule,
        "resource": resource_document(verdict.ref),
        "verdict": verdict.kind.value,
        "reason": why_left_alone(verdict),
        "evidence": dict(verdict.evidence),
    }


def _read_plan(file: Located) -> Plan:
    account, limits = file.optional("account"), file.child("limits")
    return Plan(
        generated_at=file.child("generated_at").moment(),
        account=account.text() if account else None,
        actions=tuple(_read_action(item) for item in file.child("actions").items()),
        left_alone=tuple(_read_left_alone(item) for item in file.child("left_alone").items()),
        incomplete=tuple(
            Incomplete(item.child("what").text(), item.child("why").text())
            for item in file.child("incomplete").items()
        ),
        limits=Limits(
            actions_per_run=limits.child("actions_per_run").integer(),
            percent_of_kind=limits.child("percent_of_kind").number(),
            every_action=limits.child("every_action").boolean(),
        ),
        exceeded=tuple(item.text() for item in limits.child("exceeded").items()),
    )


def _read_action(item: Located) -> PlannedAction:
    ref = _read_resource(item.child("resource"))
    then = item.child("precondition")
    config_name, setup = then.optional("config_name"), then.optional("setup")
    precondition = Precondition(
        status=then.child("status").text(),
        created=then.child("created").moment(),
        modified=then.child("modified").moment(),
        config_name=config_name.text() if config_name else None,
        setup=setup.text() if setup else None,
    )
    kind = item.child("action").one_of(ActionKind)
    verdict = Verdict(
        rule=item.child("rule").text(),
        ref=ref,
        kind=VerdictKind.VIOLATION,
        reason=item.child("reason").text(),
        evidence=_read_evidence(item.child("evidence")),
        action=Action(kind, ref, precondition, _read_tag(item), _read_sizes(item)),
        saving=_read_saving(item),
    )
    return PlannedAction(verdict, item.child("mode").one_of(Mode))


def _read_tag(item: Located) -> tuple[str, str] | None:
    written = item.optional("tag")
    if written is None:
        return None
    parts = [part.text() for part in written.items()]
    if len(parts) != 2:  # noqa: PLR2004 - a key and a value
        raise written.wrong("a tag's key and value")
    return parts[0], parts[1]


def _read_sizes(item: Located) -> tuple[int, int | None] | None:
    written = item.optional("sizes")
    if written is None:
        return None
    parts = written.items()
    if len(parts) != 2:  # noqa: PLR2004 - a minimum and a number of nodes
        raise written.wrong("a minimum and a number of nodes")
    return parts[0].integer(), None if parts[1].value is None else parts[1].integer()


def _read_left_alone(item: Located) -> Verdict:
    return Verdict(
        rule=item.child("rule").text(),
        ref=_read_resource(item.child("resource")),
        kind=item.child("verdict").one_of(VerdictKind),
        reason=item.child("reason").text(),
        evidence=_read_evidence(item.child("evidence")),
    )


def _read_resource(item: Located) -> ResourceRef:
    return ResourceRef(
        kind=item.child("kind").one_of(ResourceKind),
        account=item.child("account").text(),
        region=item.child("region").text(),
        name=item.child("name").text(),
        arn=item.child("arn").text(),
    )


def _read_evidence(item: Located) -> Evidence:
    evidence: dict[str, str | int | float | bool | None] = {}
    for key, value in item.mapping().items():
        if value is not None and not isinstance(value, str | int | float):
            raise Located(value, f"{item.where}.{key}").wrong("text, a number, true, false or null")
        evidence[key] = value
    return evidence


def _read_saving(item: Located) -> MonthlyCost | None:
    usd = item.optional("monthly_savings_usd")
    if usd is None:
        return None
    as_of = item.child("prices_as_of")
    try:
        day = date.fromisoformat(as_of.text())
    except ValueError as error:
        raise as_of.wrong("a date such as 2026-11-21") from error
    return MonthlyCost(Decimal(str(usd.number())), item.child("savings_basis").text(), day)
