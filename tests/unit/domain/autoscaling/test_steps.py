from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagewarden.domain.autoscaling.desired import desired_scaling, is_ours
from sagewarden.domain.autoscaling.scaling import (
    TRACKING,
    UNREGISTERED,
    WAKE,
    Alarm,
    Capacity,
    Metric,
    ScalableTarget,
    ScalingPolicy,
    ScalingState,
    ScheduledAction,
)
from sagewarden.domain.autoscaling.steps import (
    DeletePolicy,
    DeregisterTarget,
    Desired,
    PutPolicy,
    PutScheduledAction,
    steps_to,
    way_back,
)
from sagewarden.domain.provisioned_concurrency.rule import Strategy
from tests.support.builders import NOW, a_calendar
from tests.support.scaling import a_concurrency_rule, after, what_was_seen

capacities = st.tuples(st.integers(1, 200), st.integers(1, 200)).map(
    lambda pair: Capacity(min(pair), max(pair))
)
names = st.sampled_from(["sagewarden-opens-0900", "sagewarden-closes-1800", "theirs", "other"])
actions = st.builds(
    lambda name, schedule, bounds: ScheduledAction(
        name, schedule, "Asia/Seoul", bounds.least, bounds.most
    ),
    names,
    st.sampled_from(["cron(0 9 ? * MON *)", "at(2026-11-04T00:00:00)"]),
    capacities,
)
scheduled = st.lists(actions, max_size=4, unique_by=lambda action: action.name).map(tuple)
utilizations = st.sampled_from([0.5, 0.7])
policies = st.one_of(
    st.just(()),
    st.builds(
        lambda name, share: (ScalingPolicy(name, share, Metric.UTILIZATION),),
        st.sampled_from(["sagewarden-target-tracking", "theirs"]),
        st.one_of(st.none(), utilizations),
    ),
)
states = st.one_of(
    st.just(UNREGISTERED),
    st.builds(ScalingState, capacities.map(ScalableTarget), policies, scheduled),
)
desires = st.one_of(
    st.none(),
    st.builds(
        lambda capacity, share, actions: Desired(
            capacity,
            (ScalingPolicy(TRACKING, share, Metric.UTILIZATION),) if share else (),
            actions,
        ),
        capacities,
        st.one_of(st.none(), utilizations),
        scheduled,
    ),
    st.builds(
        lambda most, share, actions: Desired(
            Capacity(0, most),
            (ScalingPolicy(TRACKING, share, Metric.UTILIZATION), WAKE),
            actions,
        ),
        st.integers(1, 9),
        utilizations,
        scheduled,
    ),
)


@given(states, desires)
def test_the_steps_lead_to_what_is_desired_and_then_there_are_none(
    present: ScalingState, desired: Desired | None
) -> None:
    reached = after(present, *steps_to(desired, present))

    assert steps_to(desired, reached) == ()
    if desired is None:
        assert reached == UNREGISTERED
    else:
        assert reached.target == ScalableTarget(desired.capacity)
        assert set(reached.policies) == set(desired.policies)
        assert set(reached.scheduled) == set(desired.scheduled)


@given(states, desires, st.integers(0, 9))
def test_a_run_that_breaks_off_anywhere_is_finished_by_the_next(
    present: ScalingState, desired: Desired | None, taken: int
) -> None:
    broken_off = after(present, *steps_to(desired, present)[:taken])

    reached = after(broken_off, *steps_to(desired, broken_off))

    assert steps_to(desired, reached) == ()


@given(states, desires)
def test_the_way_back_restores_what_this_program_can_write(
    before: ScalingState, desired: Desired | None
) -> None:
    steps = steps_to(desired, before)

    restored = after(after(before, *steps), *way_back(before, steps))

    assert restored.target == before.target
    assert set(restored.scheduled) == set(before.scheduled)
    assert set(restored.policies) >= {item for item in before.policies if item.writable}


@pytest.mark.parametrize("strategy", Strategy)
@pytest.mark.parametrize("earlier", Strategy)
def test_at_every_point_between_two_rules_the_target_is_recognised_as_ours(
    earlier: Strategy, strategy: Strategy
) -> None:
    old = a_concurrency_rule(strategy=earlier, bounds=(3, 9))
    new = a_concurrency_rule(strategy=strategy)
    hours = {True: a_calendar(), False: None}
    before, terms = what_was_seen(rule=old).terms, what_was_seen(rule=new).terms
    state = after(
        UNREGISTERED,
        *steps_to(desired_scaling(before, hours[earlier.keeps_hours], NOW), UNREGISTERED),
    )

    steps = steps_to(desired_scaling(terms, hours[strategy.keeps_hours], NOW), state)

    for taken in range(len(steps) + 1):
        assert is_ours(after(state, *steps[:taken]), terms.inside, terms.outside)


def test_a_run_that_broke_off_after_registering_is_recognised() -> None:
    terms = what_was_seen(rule=a_concurrency_rule()).terms
    desired = desired_scaling(terms, a_calendar(), NOW)

    first = after(UNREGISTERED, steps_to(desired, UNREGISTERED)[0])

    assert first.names == ()
    assert is_ours(first, terms.inside, terms.outside)
    theirs = ScalingState(ScalableTarget(Capacity(2, 9)))
    assert not is_ours(theirs, terms.inside, terms.outside)


def test_a_target_that_is_not_desired_goes_with_all_that_belongs_to_it() -> None:
    state = ScalingState(ScalableTarget(Capacity(1, 2)), (ScalingPolicy("theirs", 0.5),))

    assert steps_to(None, state) == (DeregisterTarget(),)
    assert steps_to(None, UNREGISTERED) == ()


def test_an_action_that_differs_in_one_field_is_put_again() -> None:
    wanted = ScheduledAction("sagewarden-x", "cron(0 9 ? * MON *)", "Asia/Seoul", 5, 20)
    other = ScheduledAction("sagewarden-x", "cron(0 9 ? * MON *)", "UTC", 5, 20)
    state = ScalingState(ScalableTarget(Capacity(5, 20)), (), (other,))

    assert steps_to(Desired(Capacity(5, 20), (), (wanted,)), state) == (PutScheduledAction(wanted),)


@given(states, desires)
def test_what_may_go_to_none_can_be_woken_before_it_may_and_until_it_may_no_more(
    present: ScalingState, desired: Desired | None
) -> None:
    state = present
    for step in steps_to(desired, present):
        state = after(state, step)
        least = [state.target.capacity.least] if state.target else []
        if 0 in least and desired is not None:
            assert WAKE in state.policies


def test_a_waking_policy_goes_before_its_target_since_its_alarm_would_stay() -> None:
    state = ScalingState(ScalableTarget(Capacity(0, 2)), (WAKE,))

    assert steps_to(None, state) == (DeletePolicy(WAKE.name), DeregisterTarget())
    assert way_back(UNREGISTERED, steps_to(Desired(Capacity(0, 1), (WAKE,), ()), UNREGISTERED)) == (
        DeletePolicy(WAKE.name),
        DeregisterTarget(),
    )


def test_a_policy_whose_alarms_somebody_deleted_is_put_again() -> None:
    policy = ScalingPolicy(TRACKING, 0.5, Metric.UTILIZATION)
    broken = replace(policy, alarms=(Alarm("TargetTracking-high", None),))
    state = ScalingState(ScalableTarget(Capacity(1, 2)), (broken,))

    assert steps_to(Desired(Capacity(1, 2), (policy,), ()), state) == (PutPolicy(policy),)
