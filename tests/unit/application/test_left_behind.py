"""What is left of an account that is no longer governed ends, and nothing more happens to it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sagewarden.adapters.ledger_memory import MemoryLedger
from sagewarden.application.left_behind import WHY, end_what_is_left
from sagewarden.application.targets import Target
from sagewarden.domain.audit import AuditEntry, Happening
from sagewarden.domain.cases import Case, CaseState
from sagewarden.domain.outcomes import Outcome, OutcomeKind
from tests.support.builders import ACCOUNT, NOW, REGION
from tests.support.digests import a_case

PLACE = Target(ACCOUNT, REGION)


def remembering(*cases: Case) -> MemoryLedger:
    ledger = MemoryLedger()
    for case in cases:
        assert ledger.save(case)
    return ledger


@pytest.mark.parametrize(
    "state", [CaseState.OPEN, CaseState.WARNED, CaseState.SNOOZED, CaseState.ACTING]
)
def test_a_live_case_ends_with_its_reason_in_the_audit_trail(state: CaseState) -> None:
    case = a_case(state=state, rule="hours")
    ledger = remembering(case)

    [ended] = end_what_is_left(PLACE, ledger, NOW)

    [entry] = ledger.trail(case.ref.arn)
    assert (ended.state, ended.ended_at) == (CaseState.RESOLVED, NOW)
    assert ledger.live_cases(ACCOUNT, REGION) == ()
    assert (entry.what, entry.details["reason"]) == (Happening.RESOLVED, WHY)


def test_what_a_run_did_and_recorded_before_its_account_left_is_done() -> None:
    case = a_case(state=CaseState.ACTING)
    ledger = remembering(case)
    done = Outcome(case.rule, case.action, OutcomeKind.APPLIED, "stopped", NOW)
    ledger.record(done)

    [ended] = end_what_is_left(PLACE, ledger, NOW)

    assert ended.state is CaseState.DONE
    assert [entry.what for entry in ledger.trail(case.ref.arn)] == [Happening.OUTCOME]


def test_ended_cases_and_those_of_other_places_stay_as_they_are() -> None:
    over = a_case("over", CaseState.RESOLVED, ended_at=NOW - timedelta(days=1))
    elsewhere = a_case("elsewhere")
    ledger = remembering(over, elsewhere)

    assert tuple(end_what_is_left(Target(ACCOUNT, "eu-west-1"), ledger, NOW)) == ()
    assert tuple(end_what_is_left(Target("9" * 12, REGION), ledger, NOW)) == ()
    assert ledger.case(over.case_id) == replace(over, version=1)
    assert ledger.live_cases(ACCOUNT, REGION) == (replace(elsewhere, version=1),)


def test_a_case_that_somebody_changes_meanwhile_is_left_to_the_next_time() -> None:
    class Contested(MemoryLedger):
        def save(self, case: Case, *entries: AuditEntry) -> bool:
            return super().save(case, *entries) if case.state.alive else False

    ledger = Contested()
    ledger.save(a_case())

    assert tuple(end_what_is_left(PLACE, ledger, NOW)) == ()
    assert len(ledger.live_cases(ACCOUNT, REGION)) == 1


def test_to_end_it_twice_is_to_end_it_once() -> None:
    ledger = remembering(a_case())
    [case] = end_what_is_left(PLACE, ledger, NOW)

    assert tuple(end_what_is_left(PLACE, ledger, NOW + timedelta(hours=1))) == ()
    assert len(ledger.trail(case.ref.arn)) == 1


def test_when_the_account_comes_back_the_violation_is_one_that_has_come_back() -> None:
    ledger = remembering(a_case())

    [case] = end_what_is_left(PLACE, ledger, NOW)

    assert case.opens_anew(NOW + timedelta(minutes=5))
