from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.cases import (
    AFTER_A_HALT,
    MOST_ATTEMPTS,
    RESTS,
    SETTLES,
    TRANSITIONS,
    Case,
    CaseEvent,
    CaseRefusedError,
    CaseState,
    case_id,
    open_case,
)
from sagewarden.domain.resources import ResourceKind
from sagewarden.domain.verdicts import Verdict
from tests.support.builders import LONG_AGO, NOW, a_precondition, a_ref, a_violation

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
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


def test_cases_to_which_something_may_still_happen_are_alive() -> None:
    ended = {
        CaseState.DONE,
        CaseState.RESOLVED,
        CaseState.EXEMPT,
        CaseState.FAILED,
        CaseState.RESTORED,
    }

    assert {state for state in CaseState if not state.alive} == ended


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


class TestTheMachine:
    def test_every_state_that_is_stored_says_what_may_happen_to_it(self) -> None:
        assert set(TRANSITIONS) == set(CaseState) - {CaseState.DUE}

    def test_what_has_ended_comes_to_life_only_by_opening_anew(self) -> None:
        revived = {
            (state, event)
            for state, events in TRANSITIONS.items()
            for event, then in events.items()
            if not state.alive and then.alive
        }

        assert {event for _, event in revived} == {CaseEvent.REOPEN}

    def test_every_alive_state_can_end(self) -> None:
        for state in set(TRANSITIONS):
            reached, known = {state}, set[CaseState]()
            while reached != known:
                known = reached
                reached = known | {then for one in known for then in TRANSITIONS[one].values()}
            assert CaseState.DONE in reached

    def test_nothing_is_acted_on_that_was_not_warned_of(self) -> None:
        acted = {state for state, events in TRANSITIONS.items() if CaseEvent.ACT in events}

        assert acted == {CaseState.WARNED, CaseState.ACTING}

    @pytest.mark.parametrize("state", sorted(TRANSITIONS))
    @pytest.mark.parametrize("event", sorted(CaseEvent))
    def test_what_the_table_does_not_name_is_refused_with_a_reason(
        self, state: CaseState, event: CaseEvent
    ) -> None:
        case = replace(open_case(a_violation(), NOW), state=state)

        if event in TRANSITIONS[state]:
            assert case.after(event) is TRANSITIONS[state][event]
        else:
            with pytest.raises(CaseRefusedError, match=f"cannot {event}: .{{10}}"):
                case.after(event)


class TestSnoozing:
    def test_nothing_is_due_until_it_is_over_and_then_it_wakes(self) -> None:
        case = open_case(a_violation(), NOW).warned(NOW, NOW + HOUR)

        snoozed = case.snoozed(NOW + 7 * DAY, "mina", NOW)

        assert not snoozed.due(NOW + 6 * DAY)
        assert snoozed.asleep(NOW + 7 * DAY - SECOND)
        assert not snoozed.wakes(NOW + 7 * DAY - SECOND)
        assert snoozed.wakes(NOW + 7 * DAY)
        assert snoozed.decided_by == "mina"

    def test_the_warning_after_it_begins_a_grace_period_of_its_own(self) -> None:
        case = open_case(a_violation(), NOW).warned(NOW, NOW + HOUR).reminded(NOW)
        later = NOW + 7 * DAY

        anew = case.snoozed(later, "mina", NOW).warned(later, later + DAY)

        assert (anew.state, anew.due_at) == (CaseState.WARNED, later + DAY)
        assert (anew.snoozed_until, anew.reminded_at) == (None, None)

    def test_the_past_is_no_time_to_wait_until(self) -> None:
        case = open_case(a_violation(), NOW).warned(NOW, NOW + HOUR)

        with pytest.raises(CaseRefusedError, match="has passed already"):
            case.snoozed(NOW, "mina", NOW)

    def test_it_outlives_a_violation_that_comes_and_goes(self) -> None:
        case = open_case(a_violation(), NOW).warned(NOW, NOW + HOUR)
        resolved = case.snoozed(NOW + 7 * DAY, "mina", NOW).ended(CaseState.RESOLVED, NOW + DAY)

        back = resolved.reopened(a_violation(), NOW + 2 * DAY)
        later = resolved.reopened(a_violation(), NOW + 8 * DAY)

        assert (back.state, back.snoozed_until) == (CaseState.SNOOZED, NOW + 7 * DAY)
        assert back.decided_by == "mina"
        assert (later.state, later.snoozed_until) == (CaseState.OPEN, None)


class TestAskingForNow:
    def test_it_is_due_at_once(self) -> None:
        case = open_case(a_violation(), NOW).warned(NOW, NOW + DAY)

        asked = case.asked_for_now("mina", NOW + HOUR)

        assert asked.due(NOW + HOUR)
        assert asked.decided_by == "mina"

    def test_it_ends_a_snooze(self) -> None:
        case = open_case(a_violation(), NOW).warned(NOW, NOW + DAY)

        asked = case.snoozed(NOW + 7 * DAY, "mina", NOW).asked_for_now("mina", NOW + HOUR)

        assert asked.due(NOW + HOUR)
        assert not asked.asleep(NOW + HOUR)

    def test_of_a_rule_that_only_warns_there_is_nothing_to_ask(self) -> None:
        watched = open_case(a_violation(), NOW).warned(NOW, None)

        with pytest.raises(CaseRefusedError, match="its rule only warns"):
            watched.asked_for_now("mina", NOW)


class TestFailing:
    def test_it_is_tried_again_until_it_is_given_up(self) -> None:
        case = open_case(a_violation(), NOW).warned(NOW, NOW)

        for number in range(1, MOST_ATTEMPTS):
            case = case.acting().failed(NOW)
            assert (case.state, case.failures) == (CaseState.WARNED, number)
        case = case.acting().failed(NOW)

        assert case.state is CaseState.FAILED
        assert not case.due(NOW + DAY)

    def test_it_rests_before_its_owner_is_warned_anew(self) -> None:
        case = replace(open_case(a_violation(), NOW).warned(NOW, NOW), failures=MOST_ATTEMPTS - 1)
        failed = case.acting().failed(NOW)

        assert not failed.opens_anew(NOW + RESTS - SECOND)
        assert failed.opens_anew(NOW + RESTS)
        assert failed.reopened(a_violation(), NOW + RESTS).failures == 0

    def test_what_could_not_be_tried_is_no_failure(self) -> None:
        case = open_case(a_violation(), NOW).warned(NOW, NOW)

        assert case.acting().not_acted().failures == 0


class TestReminding:
    @pytest.mark.parametrize(
        ("grace", "before_the_end"), [(4 * HOUR, 2 * HOUR), (24 * HOUR, 2 * HOUR)]
    )
    def test_it_comes_once_two_hours_before_the_end(
        self, grace: timedelta, before_the_end: timedelta
    ) -> None:
        case = open_case(a_violation(), NOW).warned(NOW, NOW + grace)
        then = NOW + grace - before_the_end

        assert not case.reminder_due(then - SECOND)
        assert case.reminder_due(then)
        assert not case.reminded(then).reminder_due(then)
        assert not case.reminder_due(NOW + grace)

    def test_a_short_grace_has_none(self) -> None:
        case = open_case(a_violation(), NOW).warned(NOW, NOW + 4 * HOUR - SECOND)

        assert not case.reminder_due(NOW + 3 * HOUR)

    def test_nor_has_what_only_watches_or_sleeps(self) -> None:
        warned = open_case(a_violation(), NOW).warned(NOW, NOW + DAY)

        assert not open_case(a_violation(), NOW).warned(NOW, None).reminder_due(NOW + DAY)
        assert not warned.snoozed(NOW + 7 * DAY, "mina", NOW).reminder_due(NOW + 23 * HOUR)


class TestAHalt:
    def test_what_became_due_during_it_waits_an_hour_more(self) -> None:
        case = open_case(a_violation(), NOW).warned(NOW, NOW + HOUR)
        resumed = NOW + 3 * HOUR

        assert not case.due(resumed + AFTER_A_HALT - SECOND, resumed)
        assert case.due(resumed + AFTER_A_HALT, resumed)

    def test_what_is_due_after_it_is_due_as_it_was_told(self) -> None:
        case = open_case(a_violation(), NOW).warned(NOW, NOW + HOUR)

        assert case.due(NOW + HOUR, NOW + HOUR - SECOND)


def test_a_reader_sees_that_a_case_is_due() -> None:
    case = open_case(a_violation(), NOW).warned(NOW, NOW + HOUR)

    assert case.state_at(NOW) is CaseState.WARNED
    assert case.state_at(NOW + HOUR) is CaseState.DUE


def test_what_was_done_can_be_restored_and_what_was_not_cannot() -> None:
    warned = open_case(a_violation(), NOW).warned(NOW, NOW)

    restored = warned.acting().ended(CaseState.DONE, NOW).restored("mina", NOW + HOUR)

    assert (restored.state, restored.ended_at) == (CaseState.RESTORED, NOW + HOUR)
    assert restored.opens_anew(NOW + HOUR + SETTLES)
    with pytest.raises(CaseRefusedError, match="nothing was done to it yet"):
        warned.restored("mina", NOW)


def test_an_exempt_case_opens_anew_when_its_exemption_no_longer_holds() -> None:
    exempt = open_case(a_violation(), NOW).warned(NOW, NOW).exempted("mina", NOW)

    assert exempt.state is CaseState.EXEMPT
    assert exempt.opens_anew(NOW)


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
