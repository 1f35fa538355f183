"""Metrics and shortcomings of a sweep."""

import json
import sys
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from aws_lambda_powertools import Metrics

from sagewarden.application.sweep import SweepReport
from sagewarden.domain.money import MonthlyCost
from sagewarden.domain.outcomes import Outcome, OutcomeKind
from sagewarden.domain.plans import Incomplete, Limits, Plan, PlannedAction
from sagewarden.domain.scope import Mode
from sagewarden.domain.verdicts import Verdict
from sagewarden.entrypoints.reporting import count_sweep, shortcomings
from tests.support.builders import ACCOUNT, NOW, a_ref, a_violation, some_prices


def a_plan(*verdicts: Verdict, mode: Mode = Mode.ENFORCE, exceeded: tuple[str, ...] = ()) -> Plan:
    actions = tuple(PlannedAction(verdict, mode) for verdict in verdicts)
    return Plan(NOW, ACCOUNT, actions, (), (), Limits(), exceeded)


def an_outcome(verdict: Verdict, kind: OutcomeKind = OutcomeKind.APPLIED) -> Outcome:
    assert verdict.action is not None
    return Outcome(verdict.rule, verdict.action, kind, "a reason", NOW)


def worth(verdict: Verdict, usd: str) -> Verdict:
    price = MonthlyCost(Decimal(usd), "some hours", next(iter(some_prices().as_of.values())))
    return replace(verdict, saving=price)


def counted(
    report: SweepReport, capsys: pytest.CaptureFixture[str], undelivered: int = 0
) -> dict[str, Any]:
    metrics = Metrics(namespace="Sagewarden/test", service="a-bot")
    metrics.clear_metrics()
    count_sweep(metrics, report, undelivered)
    metrics.flush_metrics()
    line = json.loads(capsys.readouterr().out)
    sys.stdout.flush()
    return {name: value[0] for name, value in line.items() if isinstance(value, list)}


def test_savings_are_those_of_what_was_done_and_the_unknown_is_counted_apart(
    capsys: pytest.CaptureFixture[str],
) -> None:
    priced, failing = worth(a_violation(a_ref("a")), "70.25"), worth(a_violation(a_ref("b")), "900")
    unknown = a_violation(a_ref("c"))
    outcomes = (an_outcome(priced), an_outcome(failing, OutcomeKind.FAILED), an_outcome(unknown))

    found = counted(SweepReport(a_plan(priced, failing, unknown), outcomes), capsys)

    assert found["ProjectedMonthlySavings"] == 70.25
    assert found["SavingsWithoutPrice"] == 1
    assert (found["ActionApplied"], found["ActionFailed"]) == (2, 1)
    assert found["VerdictViolation"] == 3


@pytest.mark.parametrize(("mode", "number"), [(Mode.ENFORCE, 1), (Mode.WARN, 0), (Mode.OBSERVE, 0)])
def test_limits_raise_an_alarm_only_where_they_hold_something_back(
    mode: Mode, number: int, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = a_plan(a_violation(), mode=mode, exceeded=("21 actions, more than the 20 of a run",))

    found = counted(SweepReport(plan), capsys, undelivered=2)

    assert found["LimitsExceeded"] == number
    assert found["Undelivered"] == 2


def test_what_failed_was_not_read_or_not_told_is_a_shortcoming() -> None:
    verdict = a_violation(a_ref("ep"))
    plan = replace(a_plan(verdict), incomplete=(Incomplete("endpoints in x", "AccessDenied"),))
    report = SweepReport(plan, (an_outcome(verdict, OutcomeKind.FAILED),))

    found = shortcomings(report, ("nobody was told",))

    assert found == (
        f"{verdict.ref.arn}: a reason",
        "not read: endpoints in x: AccessDenied",
        "nobody was told",
    )


@pytest.mark.parametrize("kind", sorted(set(OutcomeKind) - {OutcomeKind.FAILED}))
def test_what_was_left_alone_on_purpose_is_no_shortcoming(kind: OutcomeKind) -> None:
    verdict = a_violation()

    assert shortcomings(SweepReport(a_plan(verdict), (an_outcome(verdict, kind),)), ()) == ()
