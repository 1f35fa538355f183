from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.cases import SETTLES, Case, CaseState, case_id, open_case
from sagewarden.domain.resources import ResourceKind
from sagewarden.domain.verdicts import Verdict
from tests.support.builders import LONG_AGO, NOW, a_precondition, a_ref, a_violation

HOUR = timedelta(hours=1)
LATER = a_precondition(modified=LONG_AGO + HOUR)
ANEW = a_precondition(created=LONG_AGO + HOUR)


def test_a_case_is_opened_with_the_violations_own_words() -> None:
    verdict = a_violation()
    assert verdict.action is not None

    case = open_case(verdict, NOW)

    assert case == Case(
        case_id=case_id(verdict),
        rule="idle-endpoints",
        action=verdict.action,
        reason="0 invocations in 48 h over 1 variant",
        state=CaseState.OPEN,
        opened_at=NOW,
    )


def test_the_grace_period_counts_from_an_accepted_warning() -> None:
    case = open_case(a_violation(), NOW)

    warned = case.warned(NOW + HOUR, NOW + 25 * HOUR)

    assert not case.due(NOW + 99 * HOUR)
    assert not warned.due(NOW + 25 * HOUR - timedelta(microseconds=1))
    assert warned.due(NOW + 25 * HOUR)
    assert warned.warned_at == NOW + HOUR


@pytest.mark.parametrize("state", [CaseState.DONE, CaseState.RESOLVED])
def test_an_ended_case_is_never_due(state: CaseState) -> None:
    ended = open_case(a_violation(), NOW).warned(NOW, NOW).ended(state, NOW)

    assert not ended.due(NOW + HOUR)
    assert not ended.state.alive


def test_cases_that_are_open_warned_or_acted_on_are_alive() -> None:
    alive = {CaseState.OPEN, CaseState.WARNED, CaseState.ACTING}

    assert {state for state in CaseState if state.alive} == alive


def test_a_resolved_violation_that_is_back_is_a_new_case() -> None:
    resolved = open_case(a_violation(), NOW).ended(CaseState.RESOLVED, NOW)

    assert resolved.opens_anew(NOW)


def test_a_violation_still_seen_right_after_it_was_ended_is_no_new_case() -> None:
    done = open_case(a_violation(), NOW).ended(CaseState.DONE, NOW)

    assert not done.opens_anew(NOW + SETTLES - timedelta(seconds=1))
    assert done.opens_anew(NOW + SETTLES)


def test_a_case_that_only_watches_is_never_due() -> None:
    watched = open_case(a_violation(), NOW).warned(NOW, None)

    assert not watched.due(NOW + 1000 * HOUR)


def test_a_case_that_a_run_left_in_the_middle_of_acting_is_still_due() -> None:
    acting = open_case(a_violation(), NOW).warned(NOW, NOW).acting()

    assert acting.due(NOW)
    assert acting.not_acted().state is CaseState.WARNED


def test_the_same_violation_is_the_same_case() -> None:
    earlier = a_violation()
    later = replace(earlier, reason="0 invocations in 49 h over 1 variant")

    assert case_id(earlier) == case_id(later)
    assert len(case_id(earlier)) == 20


@pytest.mark.parametrize(
    "other",
    [
        a_violation(rule="another-rule"),
        a_violation(a_ref("ep-2", ResourceKind.ENDPOINT)),
        a_violation(a_ref("ep", ResourceKind.ENDPOINT, region="us-east-1")),
        a_violation(a_ref("ep", ResourceKind.ENDPOINT, account="444455556666")),
        a_violation(action=ActionKind.SCALE_TO_ZERO),
        a_violation(precondition=LATER),
        a_violation(precondition=ANEW),
    ],
)
def test_another_rule_resource_action_or_life_is_another_case(other: Verdict) -> None:
    assert case_id(other) != case_id(a_violation())


def test_there_is_no_case_without_an_action() -> None:
    without = replace(a_violation(), action=None)

    with pytest.raises(ValueError, match="no case without an action: ep is VIOLATION"):
        open_case(without, NOW)


MOMENTS = st.datetimes(NOW.replace(tzinfo=None), datetime(2027, 1, 1)).map(  # noqa: DTZ001  # Hypothesis wants naive bounds
    lambda moment: moment.replace(tzinfo=NOW.tzinfo)
)


@given(warned_at=MOMENTS, grace=st.timedeltas(timedelta(0), 30 * 24 * HOUR), now=MOMENTS)
def test_nothing_is_due_before_its_grace_is_over_and_everything_is_after(
    warned_at: datetime, grace: timedelta, now: datetime
) -> None:
    case = open_case(a_violation(), NOW).warned(warned_at, warned_at + grace)

    assert case.due(now) is (now - warned_at >= grace)


@given(
    st.tuples(st.sampled_from(("r1", "r2")), st.sampled_from(("a", "b"))),
    st.tuples(st.sampled_from(("r1", "r2")), st.sampled_from(("a", "b"))),
)
def test_cases_are_one_to_one_with_rule_and_resource(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    ids = [
        case_id(a_violation(a_ref(name, ResourceKind.ENDPOINT), rule=rule))
        for rule, name in (one, other)
    ]

    assert (ids[0] == ids[1]) is (one == other)
