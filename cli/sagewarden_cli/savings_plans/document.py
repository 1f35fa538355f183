"""Advice on Savings Plans for programs: amounts in USD, parts from 0 to 1, times in ISO 8601."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sagewarden.application.commitments import CommitmentAdvice, Line
from sagewarden.domain.money import HOURS_PER_MONTH
from sagewarden.domain.savings_plans.billed import AwsAdvice, OwnedPlan
from sagewarden.domain.savings_plans.commitment import Commitment

SCHEMA = 1


def advice_document(advice: CommitmentAdvice, now: datetime) -> dict[str, Any]:
    """All that was found, as one JSON object."""
    best = advice.best
    return {
        "schema": SCHEMA,
        "generated_at": now.isoformat(),
        "window": {
            "begin": advice.window.begin.isoformat(),
            "end": advice.window.end.isoformat(),
            "left_out_hours": advice.left_out / timedelta(hours=1),
            "granularity": "hour" if advice.by_hour else "day",
        },
        "usage": [_line(line) for line in advice.lines],
        "covered_usd_per_hour": _usd(advice.covered),
        "not_metered_in_hours_usd_per_hour": _usd(advice.elsewise),
        "offerings": [
            _commitment(item, advice.aws.get(item.offering), is_best=item in best)
            for item in advice.commitments
        ],
        "owned_plans": [_owned(plan) for plan in advice.owned],
        "owned_plans_utilisation": None if advice.use is None else _usd(advice.use.utilisation),
        "incomplete": [{"what": gap.what, "why": gap.why} for gap in advice.incomplete],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "usage_type": line.meter.usage_type,
        "component": line.meter.component,
        "region": line.meter.region,
        "instance_type": line.meter.instance_type,
        "list_price_usd_per_hour": _usd(line.price),
        "on_demand_usd_per_hour": _usd(line.hourly),
        "is_coverable": line.is_coverable,
    }


def _commitment(item: Commitment, aws: AwsAdvice | None, *, is_best: bool) -> dict[str, Any]:
    return {
        "years": item.offering.years,
        "payment_option": item.offering.payment.value,
        "is_best_of_its_term": is_best,
        "commitment_usd_per_hour": _usd(item.hourly),
        "paid_at_once_usd": _usd(item.paid_at_once),
        "on_demand_usd_per_hour": _usd(item.on_demand),
        "cost_usd_per_hour": _usd(item.cost),
        "saving_usd_per_hour": _usd(item.saving),
        "saving_usd_per_month": _usd(item.saving * HOURS_PER_MONTH),
        "saving_usd_over_term": _usd(item.saving_over_term),
        "utilisation": _usd(item.utilisation),
        "coverage": _usd(item.coverage),
        "break_even_fall": _usd(item.break_even_fall),
        "falls": [
            {
                "fall": _usd(fall.fall),
                "on_demand_usd_per_hour": _usd(fall.on_demand),
                "cost_usd_per_hour": _usd(fall.cost),
                "saving_usd_per_hour": _usd(fall.saving),
                "utilisation": _usd(fall.utilisation),
            }
            for fall in item.falls
        ],
        "curve": [[_usd(point.commitment), _usd(point.cost)] for point in item.curve],
        "aws_recommends": aws
        and {
            "commitment_usd_per_hour": _usd(aws.hourly),
            "saving_usd_per_month": _usd(aws.monthly_saving),
            "lookback_days": aws.lookback_days,
        },
    }


def _owned(plan: OwnedPlan) -> dict[str, Any]:
    return {
        "arn": plan.arn,
        "state": plan.state,
        "commitment_usd_per_hour": _usd(plan.commitment),
        "payment_option": plan.payment,
        "starts": plan.starts.isoformat(),
        "ends": plan.ends.isoformat(),
    }


def _usd(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
