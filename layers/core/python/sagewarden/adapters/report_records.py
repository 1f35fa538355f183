"""How what was found of an account is written down: plain JSON records, and back.

Nothing is left out: the letters are the same whether a report was written down or not.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sagewarden.adapters.ledger_records import read_ref, read_saving, ref_record, saving_record
from sagewarden.domain.advice.advice import Advice, AdviceKind, Change, Language, Option, Risk
from sagewarden.domain.advice.report import Report, Unjudged
from sagewarden.domain.plans import Incomplete

type Record = Mapping[str, Any]

_SECOND = timedelta(seconds=1)


def report_record(report: Report) -> dict[str, Any]:
    """Write down a report."""
    return {
        "at": report.at.isoformat(),
        "looked_back_seconds": report.looked_back / _SECOND,
        "advice": [_advice_record(item) for item in report.advice],
        "unjudged": [{"ref": ref_record(item.ref), "why": item.why} for item in report.unjudged],
        "incomplete": [{"what": item.what, "why": item.why} for item in report.incomplete],
    }


def read_report(record: Record) -> Report:
    """Read a report."""
    return Report(
        at=datetime.fromisoformat(record["at"]),
        looked_back=record["looked_back_seconds"] * _SECOND,
        advice=tuple(_read_advice(item) for item in record["advice"]),
        unjudged=tuple(Unjudged(read_ref(item["ref"]), item["why"]) for item in record["unjudged"]),
        incomplete=tuple(Incomplete(item["what"], item["why"]) for item in record["incomplete"]),
    )


def _advice_record(advice: Advice) -> dict[str, Any]:
    return {
        "kind": advice.kind.value,
        "ref": ref_record(advice.ref),
        "title": advice.title,
        "arithmetic": list(advice.arithmetic),
        "current": saving_record(advice.current),
        "proposed": saving_record(advice.proposed),
        "risk": advice.risk.value,
        "caution": advice.caution,
        "change": {"language": advice.change.language.value, "text": advice.change.text},
        "owner": advice.owner,
        "team": advice.team,
        "others": [ref_record(ref) for ref in advice.others],
        "evidence": dict(advice.evidence),
        "blockers": list(advice.blockers),
        "options": [_option_record(option) for option in advice.options],
    }


def _read_advice(record: Record) -> Advice:
    change = record["change"]
    return Advice(
        kind=AdviceKind(record["kind"]),
        ref=read_ref(record["ref"]),
        title=record["title"],
        arithmetic=tuple(record["arithmetic"]),
        current=read_saving(record["current"]),
        proposed=read_saving(record["proposed"]),
        risk=Risk(record["risk"]),
        caution=record["caution"],
        change=Change(Language(change["language"]), change["text"]),
        owner=record["owner"],
        team=record["team"],
        others=tuple(read_ref(ref) for ref in record["others"]),
        evidence=record["evidence"],
        blockers=tuple(record["blockers"]),
        options=tuple(_read_option(option) for option in record["options"]),
    )


def _option_record(option: Option) -> dict[str, Any]:
    return {
        "what": option.what,
        "cost": saving_record(option.cost),
        "risk": option.risk.value,
        "note": option.note,
        "blockers": list(option.blockers),
    }


def _read_option(record: Record) -> Option:
    return Option(
        what=record["what"],
        cost=read_saving(record["cost"]),
        risk=Risk(record["risk"]),
        note=record["note"],
        blockers=tuple(record["blockers"]),
    )
