"""A report of advice for programs: a stable schema."""

from typing import Any

from sagewarden.domain.advice.advice import Advice, Option
from sagewarden.domain.advice.report import Report
from sagewarden.domain.money import MonthlyCost
from sagewarden.domain.plans import Incomplete
from sagewarden_cli.plan_file import resource_document

SCHEMA = 1
"""Raised whenever a member goes or changes its meaning; new ones may come under the same."""


def advice_document(report: Report, account: str, regions: tuple[str, ...]) -> dict[str, Any]:
    """A report as JSON values. Money is US dollars a month at list price; null is not known.

    Args:
        report: The report.
        account: The account that it is about.
        regions: The regions that were looked at.
    """
    prices = report.prices_of
    return {
        "schema": SCHEMA,
        "account": account,
        "regions": list(regions),
        "at": report.at.isoformat(),
        "looked_back_days": report.looked_back.days,
        "prices_as_of": prices.isoformat() if prices else None,
        "monthly_saving_usd": round(float(report.saving_usd), 2),
        "advice": [_advice(number, item) for number, item in enumerate(report.advice, start=1)],
        "unjudged": [
            {"resource": resource_document(item.ref), "why": item.why} for item in report.unjudged
        ],
        "incomplete": [_incomplete(item) for item in report.incomplete],
    }


def _advice(number: int, item: Advice) -> dict[str, Any]:
    return {
        "number": number,
        "kind": item.kind.value,
        "resource": resource_document(item.ref),
        "others": [resource_document(ref) for ref in item.others],
        "owner": item.owner,
        "team": item.team,
        "title": item.title,
        "monthly_saving_usd": _usd(item.saving),
        "current_monthly_usd": _usd(item.current),
        "proposed_monthly_usd": _usd(item.proposed),
        "evidence": dict(item.evidence),
        "arithmetic": list(item.arithmetic),
        "risk": item.risk.value,
        "caution": item.caution,
        "blockers": list(item.blockers),
        "options": [_option(option) for option in item.options],
        "change": {"language": item.change.language.value, "text": item.change.text},
    }


def _option(option: Option) -> dict[str, Any]:
    return {
        "what": option.what,
        "monthly_usd": _usd(option.cost),
        "risk": option.risk.value,
        "note": option.note,
        "blockers": list(option.blockers),
    }


def _incomplete(item: Incomplete) -> dict[str, str]:
    return {"what": item.what, "why": item.why}


def _usd(cost: MonthlyCost | None) -> float | None:
    return None if cost is None else round(float(cost.usd), 2)
