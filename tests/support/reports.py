"""Reports of advice, whose pieces save round amounts."""

from datetime import date, timedelta
from decimal import Decimal

from sagewarden.domain.advice.advice import Advice, AdviceKind, Change, Language, Risk
from sagewarden.domain.advice.report import Report, joined
from sagewarden.domain.money import MonthlyCost
from sagewarden.domain.resources import ResourceKind
from tests.support.builders import NOW, a_ref

TODAY = date(2026, 11, 2)
"""The day of the prices."""


def an_advice(
    name: str = "e",
    usd: int | None = 10,
    *,
    kind: AdviceKind = AdviceKind.SERVERLESS,
    others: tuple[str, ...] = (),
    blockers: tuple[str, ...] = (),
    team: str | None = None,
    account: str = "111122223333",
    owner: str | None = None,
) -> Advice:
    """Advice that saves an amount; None is not known."""
    cost = None if usd is None else MonthlyCost(Decimal(usd), f"${usd}", TODAY)
    return Advice(
        kind=kind,
        ref=a_ref(name, ResourceKind.ENDPOINT, account=account),
        others=tuple(a_ref(other, ResourceKind.ENDPOINT, account=account) for other in others),
        title=name,
        arithmetic=(),
        current=cost,
        proposed=MonthlyCost(Decimal(0), "nothing", TODAY - timedelta(days=1)),
        risk=Risk.LOW,
        caution="",
        change=Change(Language.CLI, ""),
        blockers=blockers,
        team=team,
        owner=owner,
    )


def a_report(*advice: Advice) -> Report:
    return joined([Report(at=NOW, looked_back=timedelta(days=14), advice=advice)])
