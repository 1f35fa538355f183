"""Builders of plans, for tests of what reads and shows them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from sagewarden.domain.actions import Action, ActionKind, Precondition
from sagewarden.domain.money import MonthlyCost
from sagewarden.domain.plans import Incomplete, Limits, Plan, PlannedAction
from sagewarden.domain.resources import ResourceKind, ResourceRef
from sagewarden.domain.scope import Mode
from sagewarden.domain.verdicts import Evidence, Verdict, VerdictKind
from sagewarden_cli.plan_file import SavedPlan

ACCOUNT = "123456789012"
MADE_AT = datetime(2026, 11, 23, 20, 30, tzinfo=UTC)
CREATED = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)


def a_ref(
    name: str = "nb",
    kind: ResourceKind = ResourceKind.NOTEBOOK_INSTANCE,
    region: str = "us-east-1",
) -> ResourceRef:
    arn = f"arn:aws:sagemaker:{region}:{ACCOUNT}:{kind}/{name}"
    return ResourceRef(kind, ACCOUNT, region, name, arn)


def an_action(
    kind: ActionKind = ActionKind.STOP,
    ref: ResourceRef | None = None,
    status: str = "InService",
    config_name: str | None = None,
) -> Action:
    return Action(kind, ref or a_ref(), Precondition(status, CREATED, CREATED, config_name))


def a_planned_action(
    action: Action | None = None,
    rule: str = "hours",
    reason: str = "it runs outside hours",
    usd: str | None = "12.5",
    mode: Mode = Mode.ENFORCE,
) -> PlannedAction:
    action = action or an_action()
    saving = MonthlyCost(Decimal(usd), "1 x ml.t3.medium", date(2026, 5, 20)) if usd else None
    evidence: Evidence = {"instance_type": "ml.t3.medium", "closed_share": 0.73, "seen": None}
    verdict = Verdict(rule, action.ref, VerdictKind.VIOLATION, reason, evidence, action, saving)
    return PlannedAction(verdict, mode)


def a_verdict(
    kind: VerdictKind = VerdictKind.COMPLIANT, name: str = "calm", reason: str = "it is stopped"
) -> Verdict:
    return Verdict("hours", a_ref(name), kind, reason, {"datapoints": 3})


def a_saved_plan(
    actions: Sequence[PlannedAction] = (),
    left_alone: Sequence[Verdict] = (),
    incomplete: Sequence[Incomplete] = (),
    exceeded: Sequence[str] = (),
) -> SavedPlan:
    plan = Plan(
        generated_at=MADE_AT,
        account=ACCOUNT,
        actions=tuple(actions),
        left_alone=tuple(left_alone),
        incomplete=tuple(incomplete),
        limits=Limits(),
        exceeded=tuple(exceeded),
    )
    return SavedPlan(plan, "0123456789abcdef", {"SageMaker.ListEndpoints": 1})
