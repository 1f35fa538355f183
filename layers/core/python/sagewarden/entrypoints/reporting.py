"""Turn what a sweep did into one log line per verdict and outcome, and into metrics."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from sagewarden.adapters.tally import Asked
from sagewarden.application.sweep import SweepReport
from sagewarden.domain.cases import Case, case_id_of
from sagewarden.domain.outcomes import Outcome, OutcomeKind
from sagewarden.domain.plans import Plan, PlannedAction
from sagewarden.domain.scope import Mode
from sagewarden.domain.verdicts import Verdict, VerdictKind


def log_sweep(logger: Logger, report: SweepReport) -> None:
    """Write one line for every verdict, outcome, warning and gap of a sweep."""
    plan = report.plan
    for planned in plan.actions:
        logger.info("verdict", extra={**_verdict(planned.verdict), "mode": planned.mode.value})
    for verdict in plan.left_alone:
        logger.info("verdict", extra=_verdict(verdict))
    for outcome in report.outcomes:
        failed = outcome.kind is OutcomeKind.FAILED
        (logger.error if failed else logger.info)("outcome", extra=_outcome(outcome))
    for case in report.warned:
        logger.info("warned", extra=_case(case))
    for case in report.resolved:
        logger.info("resolved", extra=_case(case))
    if plan.unread:
        soonest = min(plan.unread.values())
        what = {"resources": len(plan.unread), "not_before": soonest.isoformat()}
        logger.info("left unread: none of them can be in violation yet", extra=what)
    for gap in plan.incomplete:
        logger.error("incomplete", extra={"what": gap.what, "why": gap.why})
    for limit in plan.exceeded:
        logger.error("limit exceeded: nothing is done", extra={"limit": limit})


_SWEPT = tuple(kind for kind in OutcomeKind if kind is not OutcomeKind.UNDER_WAY)
"""Only a restore is ever under way, and no sweep restores; a metric of it would cost money."""


def count_sweep(metrics: Metrics, report: SweepReport, undelivered: int) -> None:
    """Count what a sweep found and did.

    Projected savings are of what was done in this sweep: dollars a month, at list price. What has
    no known price is counted apart, never as zero.
    """
    plan = report.plan
    verdicts = [*(item.verdict for item in plan.actions), *plan.left_alone]
    kinds = Counter(verdict.kind for verdict in verdicts)
    results = Counter(outcome.kind for outcome in report.outcomes)
    saved, unpriced = _projected(plan.actions, report.outcomes)
    counts = {
        **{f"Verdict{_camel(kind)}": kinds[kind] for kind in VerdictKind},
        **{f"Action{_camel(kind)}": results[kind] for kind in _SWEPT},
        "Warned": len(report.warned),
        "CalledOff": len(report.resolved),
        "Incomplete": len(plan.incomplete),
        "LimitsExceeded": len(plan.exceeded) if _enforces(plan) else 0,
        "Undelivered": undelivered,
        "SavingsWithoutPrice": unpriced,
    }
    for name, number in counts.items():
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=number)
    metrics.add_metric(name="ProjectedMonthlySavings", unit=MetricUnit.NoUnit, value=float(saved))


def count_calls(logger: Logger, metrics: Metrics, asked: Asked) -> None:
    """Count what a run asked of AWS, whatever became of it.

    A metric is paid for by the hour in which it is written: that of throttled calls is written
    when there are any.
    """
    metrics.add_metric(name="ApiCalls", unit=MetricUnit.Count, value=asked.calls.total())
    if asked.throttled:
        throttled = asked.throttled.total()
        metrics.add_metric(name="ApiThrottles", unit=MetricUnit.Count, value=throttled)
        logger.warning("throttled", extra={"calls": dict(asked.throttled)})


def shortcomings(report: SweepReport, undelivered: Sequence[str]) -> tuple[str, ...]:
    """Everything that makes a sweep one that must not pass in silence."""
    failed = [item for item in report.outcomes if item.kind is OutcomeKind.FAILED]
    return (
        *(f"{item.action.ref.arn}: {item.reason}" for item in failed),
        *(f"not read: {gap.what}: {gap.why}" for gap in report.plan.incomplete),
        *undelivered,
    )


def _enforces(plan: Plan) -> bool:
    """Whether limits held anything back; a plan that only watches does not run into them."""
    return any(item.mode is Mode.ENFORCE for item in plan.actions)


def _projected(
    planned: tuple[PlannedAction, ...], outcomes: tuple[Outcome, ...]
) -> tuple[Decimal, int]:
    """What the applied actions save a month, and how many of them have no known price."""
    savings = {item.verdict.action: item.verdict.saving for item in planned}
    found = [
        savings.get(outcome.action) for outcome in outcomes if outcome.kind is OutcomeKind.APPLIED
    ]
    return sum((item.usd for item in found if item), Decimal(0)), found.count(None)


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "rule": verdict.rule,
        "resource": verdict.ref.arn,
        "verdict": verdict.kind.value,
        "reason": verdict.reason,
        "evidence": dict(verdict.evidence),
        "action": verdict.action.kind.value if verdict.action else None,
        "saving_usd_per_month": str(round(verdict.saving.usd, 2)) if verdict.saving else None,
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "case": case_id_of(outcome.rule, outcome.action),
        "rule": outcome.rule,
        "resource": outcome.action.ref.arn,
        "action": outcome.action.kind.value,
        "outcome": outcome.kind.value,
        "reason": outcome.reason,
        "at": outcome.at.isoformat(),
        "undo": outcome.undo,
    }


def _case(case: Case) -> dict[str, Any]:
    return {
        "case": case.case_id,
        "rule": case.rule,
        "resource": case.ref.arn,
        "action": case.action.kind.value,
        "due_at": case.due_at.isoformat() if case.due_at else None,
    }


def _camel(kind: VerdictKind | OutcomeKind) -> str:
    return "".join(word.capitalize() for word in kind.value.split("_"))
