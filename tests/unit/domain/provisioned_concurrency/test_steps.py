import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagewarden.domain.provisioned_concurrency.desired import desired_scaling, is_ours
from sagewarden.domain.provisioned_concurrency.rule import Strategy
from sagewarden.domain.provisioned_concurrency.scaling import (
    UNREGISTERED,
    Capacity,
    ScalableTarget,
    ScalingPolicy,
    ScalingState,
    ScheduledAction,
)
from sagewarden.domain.provisioned_concurrency.steps import (
    DeregisterTarget,
    Desired,
    PutScheduledAction,
    steps_to,
    way_back,
)
from tests.support.builders import NOW, a_calendar
from tests.support.scaling import a_concurrency_rule, after

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
        lambda name, share: (ScalingPolicy(name, share),),
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
    st.builds(Desired, capacities, st.one_of(st.none(), utilizations), scheduled),
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
    assert set(restored.policies) >= {item for item in before.policies if item.utilization}


@pytest.mark.parametrize("strategy", Strategy)
@pytest.mark.parametrize("earlier", Strategy)
def test_at_every_point_between_two_rules_the_target_is_recognised_as_ours(
    earlier: Strategy, strategy: Strategy
) -> None:
    old = a_concurrency_rule(strategy=earlier, bounds=(3, 9))
    new = a_concurrency_rule(strategy=strategy)
    hours = {True: a_calendar(), False: None}
    state = after(
        UNREGISTERED,
        *steps_to(desired_scaling(old, hours[earlier.keeps_hours], 50, NOW), UNREGISTERED),
    )

    steps = steps_to(desired_scaling(new, hours[strategy.keeps_hours], 50, NOW), state)

    for taken in range(len(steps) + 1):
        assert is_ours(after(state, *steps[:taken]), new, 50)


def test_a_run_that_broke_off_after_registering_is_recognised() -> None:
    rule = a_concurrency_rule()
    desired = desired_scaling(rule, a_calendar(), 50, NOW)

    first = after(UNREGISTERED, steps_to(desired, UNREGISTERED)[0])

    assert first.names == ()
    assert is_ours(first, rule, 50)
    assert not is_ours(ScalingState(ScalableTarget(Capacity(2, 9))), rule, 50)


def test_a_target_that_is_not_desired_goes_with_all_that_belongs_to_it() -> None:
    state = ScalingState(ScalableTarget(Capacity(1, 2)), (ScalingPolicy("theirs", 0.5),))

    assert steps_to(None, state) == (DeregisterTarget(),)
    assert steps_to(None, UNREGISTERED) == ()


def test_an_action_that_differs_in_one_field_is_put_again() -> None:
    wanted = ScheduledAction("sagewarden-x", "cron(0 9 ? * MON *)", "Asia/Seoul", 5, 20)
    other = ScheduledAction("sagewarden-x", "cron(0 9 ? * MON *)", "UTC", 5, 20)
    state = ScalingState(ScalableTarget(Capacity(5, 20)), (), (other,))

    assert steps_to(Desired(Capacity(5, 20), None, (wanted,)), state) == (
        PutScheduledAction(wanted),
    )
