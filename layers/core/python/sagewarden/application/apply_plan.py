"""Apply a plan that a human has read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sagewarden.application.at_once import apart, in_order
from sagewarden.application.carry_out import Hands, carry_out
from sagewarden.domain.autoscaling.rule import ScalingRule
from sagewarden.domain.outcomes import Outcome, OutcomeKind
from sagewarden.domain.plans import Plan, PlannedAction
from sagewarden.domain.rules import Policy
from sagewarden.domain.scope import Mode

FRESH_FOR = timedelta(hours=1)
"""How old a plan may be when it is applied, unless the caller says otherwise."""

SKEW = timedelta(minutes=5)
"""How far a plan may lie in the future: clocks of two machines differ."""


@dataclass(frozen=True, slots=True)
class Approval:
    """Under which conditions a saved plan may be applied.

    Attributes:
        account: The account that the credentials belong to.
        policy: The policy as it stands now.
        fresh_for: How old the plan may be.
        over_limits: Whether a human approved of exceeding the policy's limits.
    """

    account: str
    policy: Policy
    fresh_for: timedelta = FRESH_FOR
    over_limits: bool = False


def refusals(plan: Plan, fingerprint: str, approval: Approval, now: datetime) -> Sequence[str]:
    """Say why a saved plan may not be applied; nothing in it means that it may.

    Args:
        plan: The saved plan.
        fingerprint: The fingerprint of the policy it was made under.
        approval: What it is checked against.
        now: The present moment (aware).
    """
    age = now - plan.generated_at
    reasons = []
    if age > approval.fresh_for:
        reasons.append(
            f"the plan is stale: made at {plan.generated_at.isoformat()}, "
            f"{_minutes(age)} ago, more than {_minutes(approval.fresh_for)}; plan again"
        )
    if age < -SKEW:
        reasons.append(
            f"the plan is for a moment to come, {plan.generated_at.isoformat()}: "
            "a plan made with --at shows what would happen and is not applied; plan again"
        )
    if (plan.account is not None or plan.actions) and plan.account != approval.account:
        reasons.append(
            f"the plan is for account {plan.account}, these credentials are for {approval.account}"
        )
    if any(item.verdict.ref.account != plan.account for item in plan.actions):
        reasons.append(f"the plan names resources of accounts other than {plan.account}")
    if fingerprint != approval.policy.fingerprint:
        reasons.append(
            f"the plan was made under policy {fingerprint}, this one is "
            f"{approval.policy.fingerprint}; plan again"
        )
    if plan.exceeded and not approval.over_limits:
        reasons.append(
            "the plan exceeds the policy's limits: "
            + "; ".join(plan.exceeded)
            + "; read it, and approve it with --over-limits"
        )
    return reasons


def apply_plan(plan: Plan, policy: Policy, hands: Hands) -> Iterator[Outcome]:
    """Apply a plan's actions, each by itself: one failure does not stop the others.

    They begin in order, and some at once.

    Yields:
        What became of each action, in order; also of those that were under way when the run is
        broken off, which begins no more. Only rules in ``enforce`` mode may act.
    """
    yield from in_order(
        (
            apart(planned.verdict, policy.rule(planned.verdict.rule)),
            partial(_applied, planned, policy, hands),
        )
        for planned in plan.actions
    )


def _applied(planned: PlannedAction, policy: Policy, hands: Hands) -> Outcome:
    verdict = planned.verdict
    if verdict.action is None:
        raise ValueError(f"planned without an action: {verdict.ref.name}")
    rule = policy.rule(verdict.rule)
    if rule is None:
        reason = f"the policy has no rule {verdict.rule}"
    elif rule.scope.mode is not Mode.ENFORCE:
        reason = f"rule {verdict.rule} is in {rule.scope.mode} mode; only enforce acts"
    elif isinstance(rule, ScalingRule):
        reason = f"{verdict.action.kind} is left to the provisioned concurrency bot"
    else:
        return carry_out(verdict, rule, hands)
    return Outcome(verdict.rule, verdict.action, OutcomeKind.SKIPPED, reason, hands.clock.now())


def _minutes(length: timedelta) -> str:
    return f"{length / timedelta(minutes=1):.0f} min"
