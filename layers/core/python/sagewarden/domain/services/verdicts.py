"""What verdicts on services have in common: who is left alone, and what an idle one leads to."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from sagewarden.domain.actions import Action, ActionKind, Precondition
from sagewarden.domain.durations import hours
from sagewarden.domain.idle_endpoints import COVERAGE
from sagewarden.domain.metrics import Readings, Series
from sagewarden.domain.money import MonthlyCost
from sagewarden.domain.resources import Snapshot, Status
from sagewarden.domain.scope import expired_exemption, spared
from sagewarden.domain.services.terms import Terms
from sagewarden.domain.verdicts import Evidence, Verdict, VerdictKind


def left_alone(
    service: Snapshot,
    rule: Terms,
    judged: Collection[Status],
    not_judged: Mapping[Status, str],
    now: datetime,
) -> Verdict | None:
    """Say why a service must be left alone whatever its use, or None.

    Args:
        service: The service as it is.
        rule: The rule.
        judged: The states in which it runs as it is meant to.
        not_judged: Why it is not judged in other states.
        now: The moment of judgement (aware).
    """
    scope, status = rule.scope, service.status
    if status in not_judged:
        return scope.verdict(service, VerdictKind.NOT_APPLICABLE, not_judged[status])
    if status not in judged:
        reason = f"its status {status} does not say whether it runs"
        return scope.verdict(service, VerdictKind.UNKNOWN, reason)
    return spared(service, scope, now)


def too_new(service: Snapshot, rule: Terms, now: datetime) -> Verdict | None:
    """TOO_NEW for what was made or changed within the rule's window."""
    since = max(service.created, service.modified)
    if now - since >= rule.idle_for:
        return None
    reason = f"created or changed at {since.isoformat()}, less than {hours(rule.idle_for)} ago"
    from_then = (since + rule.idle_for).isoformat()
    return rule.scope.verdict(service, VerdictKind.TOO_NEW, reason, judged_from=from_then)


def found(
    service: Snapshot,
    rule: Terms,
    kind: VerdictKind,
    reason: str,
    evidence: Evidence,
    cost: MonthlyCost | None,
) -> Verdict:
    """A verdict that leads to no action, with what the service costs where that is known."""
    return Verdict(rule.scope.rule, service.ref, kind, reason, {**evidence, **_priced(cost)})


def violation(
    service: Snapshot,
    rule: Terms,
    action: ActionKind,
    told: tuple[str, Evidence],
    cost: MonthlyCost | None,
    now: datetime,
) -> Verdict:
    """A violation, with the action that mends it; a rule that only tells tells.

    Args:
        service: The service, which nobody uses.
        rule: The rule.
        action: What fits its kind.
        told: Why, in one sentence, and the figures behind it.
        cost: What it costs a month. What is only told of saves nothing by itself: its reason
            names what it costs.
        now: The moment of judgement (aware).
    """
    reason, evidence = told
    if expired := expired_exemption(service.tags, now):
        reason += f"; {expired}"
    kind = ActionKind.NOTIFY if rule.action is ActionKind.NOTIFY else action
    if kind is ActionKind.NOTIFY and cost is not None:
        reason += f"; it costs ${cost.usd:,.2f} a month at list price"
    verdict = found(service, rule, VerdictKind.VIOLATION, reason, evidence, cost)
    verdict = replace(verdict, action=Action(kind, service.ref, Precondition.of(service)))
    return verdict if kind is ActionKind.NOTIFY else replace(verdict, saving=cost)


def unproven(readings: Readings | None, series: Series, what: str) -> str | None:
    """Why a series does not prove that nothing happened over the window, or None.

    Args:
        readings: What CloudWatch answered.
        series: A series that counts use; any value above zero was looked for before.
        what: What it counts, for the reason.
    """
    values = None if readings is None else readings.of(series)
    if readings is None or values is None:
        return f"{what} could not be read"
    if len(values) < max(1, round(readings.window.buckets * COVERAGE)):
        buckets = readings.window.buckets
        return f"no data is not zero: {what} has {len(values)} of {buckets} hourly datapoints"
    if any(value != 0 for value in values):
        return f"{what} has values that count nothing"
    return None


def _priced(cost: MonthlyCost | None) -> Evidence:
    if cost is None:
        return {}
    return {"month_at_list_price_usd": f"{cost.usd:.2f}", "price": cost.basis}
