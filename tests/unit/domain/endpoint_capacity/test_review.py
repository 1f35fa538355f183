from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.autoscaling.scaling import (
    TRACKING,
    Alarm,
    Capacity,
    Metric,
    ScalableTarget,
    ScalingPolicy,
    ScalingState,
    ScheduledAction,
)
from sagewarden.domain.endpoint_capacity.judgement import Judged, judge_capacity
from sagewarden.domain.endpoint_capacity.region import judge_capacities
from sagewarden.domain.endpoint_capacity.review import never_fires
from sagewarden.domain.endpoint_capacity.rule import EndpointCapacity, Served
from sagewarden.domain.endpoint_metrics import component_series, variant_series
from sagewarden.domain.metrics import Readings
from sagewarden.domain.resources import Endpoint
from sagewarden.domain.verdicts import VerdictKind
from tests.support.builders import NOW, a_variant, an_endpoint, readings_of, some_prices
from tests.support.capacity import a_capacity_rule, a_component, seen_capacity
from tests.support.scaling import after

TWO_WEEKS = timedelta(days=14)
CALLS = variant_series("Invocations", "ep", "AllTraffic")
LONG_SILENT = NOW - timedelta(hours=25)
WATCHED = (Alarm("high", "OK", NOW), Alarm("low", "ALARM", NOW))


def a_tracker(
    metric: str = Metric.CALLS_PER_INSTANCE,
    alarms: tuple[Alarm, ...] = WATCHED,
) -> ScalingPolicy:
    return ScalingPolicy("theirs", 70.0, metric, alarms=alarms)


def registered(
    *policies: ScalingPolicy,
    bounds: tuple[int, int] = (1, 4),
    scheduled: tuple[ScheduledAction, ...] = (),
    suspended: bool = False,
) -> ScalingState:
    target = ScalableTarget(Capacity(*bounds), suspended=suspended)
    return ScalingState(target, policies, scheduled)


def calls(peak: float, hours: int = 336) -> Readings:
    return readings_of({CALLS: (peak, *((0.0,) * (hours - 1)))}, window=TWO_WEEKS)


def reviewed(
    state: ScalingState,
    *,
    count: int = 2,
    readings: Readings | None = None,
    endpoint: Endpoint | None = None,
    rule: EndpointCapacity | None = None,
) -> Judged:
    resource = endpoint or an_endpoint("ep", a_variant(instance_count=count))
    only_told = rule or a_capacity_rule(sets=False)
    return judge_capacity(seen_capacity(resource, only_told, state, readings), some_prices(), NOW)


def test_what_works_is_in_order() -> None:
    found = reviewed(registered(a_tracker()))

    assert (found.verdict.kind, found.verdict.action) == (VerdictKind.COMPLIANT, None)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (registered(a_tracker(), suspended=True), "its scaling is suspended"),
        (registered(a_tracker(alarms=(Alarm("high", None),))), "are gone (high)"),
        (registered(a_tracker(alarms=())), "no alarm triggers policy theirs"),
        (
            registered(a_tracker(alarms=(Alarm("low", "INSUFFICIENT_DATA", LONG_SILENT),))),
            "have had no data since",
        ),
        (registered(a_tracker("ApproximateBacklogSize")), "which it does not publish"),
        (registered(a_tracker(), bounds=(2, 2)), "bounds 2..2 and nothing changes them"),
        (registered(), "no policy or scheduled action ever changes its instances"),
        (
            registered(scheduled=(ScheduledAction("old", "at(2020-01-01T00:00:00)", "UTC", 1, 2),)),
            "scheduled action old was for 2020-01-01 only",
        ),
    ],
)
def test_what_is_broken_is_told_of_and_never_touched(state: ScalingState, words: str) -> None:
    for rule in (a_capacity_rule(sets=False), a_capacity_rule()):
        found = reviewed(state, rule=rule)

        assert words in found.verdict.reason
        assert found.steps == ()
        assert found.verdict.action is not None
        assert found.verdict.action.kind is ActionKind.NOTIFY


@pytest.mark.parametrize(
    "alarm",
    [
        Alarm("low", "INSUFFICIENT_DATA", NOW - timedelta(hours=23)),
        Alarm("low", "INSUFFICIENT_DATA", None),
        Alarm("low", "OK", LONG_SILENT),
    ],
)
def test_an_alarm_that_is_not_silent_for_long_is_in_order(alarm: Alarm) -> None:
    assert reviewed(registered(a_tracker(alarms=(alarm,)))).verdict.action is None


def test_what_sleeps_has_no_data_and_is_in_order() -> None:
    silent = (Alarm("low", "INSUFFICIENT_DATA", LONG_SILENT),)
    endpoint = an_endpoint("ep", a_variant(instance_count=0), asynchronous=True)
    rule = a_capacity_rule(what=Served.ASYNC, sets=False)
    state = registered(a_tracker(Metric.BACKLOG_PER_INSTANCE, silent), bounds=(0, 2))

    assert reviewed(state, endpoint=endpoint, rule=rule).verdict.action is None


@pytest.mark.parametrize("metric", [Metric.CALLS_PER_INSTANCE, "InvocationsPerInstance"])
def test_an_asynchronous_endpoint_publishes_no_invocations(metric: str) -> None:
    endpoint = an_endpoint("ep", a_variant(), asynchronous=True)
    rule = a_capacity_rule(what=Served.ASYNC, sets=False)

    found = reviewed(registered(a_tracker(metric)), endpoint=endpoint, rule=rule)
    fine = reviewed(registered(a_tracker("InvocationsProcessed")), endpoint=endpoint, rule=rule)

    assert f"follows {metric}, which it does not publish" in found.verdict.reason
    assert fine.verdict.action is None


def test_bounds_that_a_living_scheduled_action_changes_are_in_order() -> None:
    living = ScheduledAction("opens", "cron(0 9 ? * MON *)", "UTC", 3, 3)

    assert reviewed(registered(bounds=(1, 1), scheduled=(living,))).verdict.action is None


def test_several_instances_that_nothing_scales_are_told_of_with_what_they_cost() -> None:
    rule = a_capacity_rule(sets=False, target=100)

    found = reviewed(ScalingState(), count=4, readings=calls(60 * 60), rule=rule)

    # 60 calls a minute in its busiest hour, three times that in its busiest minute: 2 instances
    assert found.verdict.reason == (
        "4 instances and nothing scales them; its busiest minute needs 2"
    )
    assert found.verdict.saving is not None
    assert found.verdict.saving.usd == 146


def test_without_a_target_for_them_it_is_not_told_how_many_are_needed() -> None:
    found = reviewed(ScalingState(), count=4, readings=calls(60))

    assert found.verdict.reason == "4 instances and nothing scales them"
    assert found.verdict.saving is None


def test_one_instance_needs_no_autoscaling() -> None:
    assert reviewed(ScalingState(), count=1).verdict.action is None


@pytest.mark.parametrize(
    ("readings", "told"),
    [(calls(60), True), (calls(60 * 60 * 9), False), (calls(60, hours=100), False), (None, False)],
)
def test_a_minimum_above_what_the_traffic_needs_is_told_of(
    readings: Readings | None,
    told: bool,  # noqa: FBT001 - a case's
) -> None:
    found = reviewed(registered(a_tracker(), bounds=(3, 9)), count=3, readings=readings)

    assert ("at least 3 instances are kept" in found.verdict.reason) is told
    assert (found.verdict.saving is not None) is told


def test_of_a_scheduled_minimum_the_highest_counts() -> None:
    opens = ScheduledAction("opens", "cron(0 9 ? * MON *)", "UTC", 5, 9)
    closes = ScheduledAction("closes", "cron(0 18 ? * MON *)", "UTC", None, 2)

    found = reviewed(
        registered(a_tracker(), scheduled=(opens, closes)), count=1, readings=calls(60)
    )

    assert "at least 5 instances are kept" in found.verdict.reason


def test_what_an_asynchronous_endpoint_needs_is_not_told() -> None:
    endpoint = an_endpoint("ep", a_variant(instance_count=5), asynchronous=True)
    rule = a_capacity_rule(what=Served.ASYNC, sets=False, target=5)

    found = reviewed(ScalingState(), endpoint=endpoint, rule=rule)

    assert found.verdict.reason == "5 instances and nothing scales them"


def test_copies_have_no_price_of_their_own() -> None:
    rule = a_capacity_rule(what=Served.COMPONENTS, sets=False, target=100)
    quiet = readings_of({component_series("llm"): (60.0,) * 336}, window=TWO_WEEKS)
    seen = seen_capacity(a_component(copies=3), rule, ScalingState(), quiet)

    found = judge_capacity(seen, some_prices(), NOW)

    assert found.verdict.reason == "3 copies and nothing scales them; its busiest minute needs 1"
    assert found.verdict.saving is None


def test_of_several_variants_each_is_named_and_only_three_problems_are_spelt_out() -> None:
    variants = (a_variant(name, instance_count=2) for name in "abcd")

    found = reviewed(ScalingState(), endpoint=an_endpoint("ep", *variants))

    assert found.verdict.reason.startswith("variant a: 2 instances and nothing scales them; ")
    assert found.verdict.reason.endswith("; and 1 more")


def test_what_is_ours_is_mended_before_anything_is_told() -> None:
    policy = ScalingPolicy(TRACKING, 100, Metric.CALLS_PER_INSTANCE)
    broken = replace(policy, alarms=(Alarm("high", None),))
    rule = a_capacity_rule(during=(1, 4), target=100, hours=False)

    found = reviewed(registered(broken), rule=rule)

    assert found.verdict.action is not None
    assert found.verdict.action.kind is ActionKind.SET_CAPACITY


def test_what_is_ours_and_as_it_should_be_is_told_of_when_it_keeps_too_many() -> None:
    policy = ScalingPolicy(TRACKING, 100, Metric.CALLS_PER_INSTANCE, alarms=WATCHED)
    rule = a_capacity_rule(during=(3, 4), target=100, hours=False)

    found = reviewed(registered(policy, bounds=(3, 4)), count=3, readings=calls(60), rule=rule)

    assert found.verdict.action is not None
    assert found.verdict.action.kind is ActionKind.NOTIFY


@pytest.mark.parametrize(
    ("schedule", "why"),
    [
        ("at(2026-11-01T09:00:00)", "was for 2026-11-01 only"),
        ("at(2030-11-01T09:00:00)", None),
        ("rate(1 day)", None),
        ("cron(0 9 ? * MON *)", None),
        ("cron(0 9 ? * MON 2024-2025)", "was for 2025 at the latest"),
        ("cron(0 9 ? * MON 2024-2099)", None),
        ("cron(0 9 ? * MON 2024/2)", None),
        ("cron(0 9 30 FEB ? *)", "is for a day that does not exist (cron(0 9 30 FEB ? *))"),
        ("cron(0 9 31 6 ? *)", "is for a day that does not exist (cron(0 9 31 6 ? *))"),
        ("cron(0 9 31 7 ? *)", None),
        ("cron(0 9)", None),
    ],
)
def test_a_scheduled_action_that_never_fires_again_is_recognised(
    schedule: str, why: str | None
) -> None:
    assert never_fires(ScheduledAction("a", schedule, "Asia/Seoul", 1, 2), NOW) == why


def test_a_scheduled_action_that_ended_never_fires_again() -> None:
    ended = ScheduledAction(
        "a", "cron(0 9 ? * MON *)", "UTC", 1, 2, end=datetime(2026, 1, 31, tzinfo=UTC)
    )

    assert never_fires(ended, NOW) == "ended on 2026-01-31"


def test_a_minimum_that_holds_in_open_hours_only_costs_only_those() -> None:
    rule = a_capacity_rule(during=(3, 4), target=100)
    seen = seen_capacity(
        an_endpoint("ep", a_variant(instance_count=3)), rule, ScalingState(), calls(60)
    )
    steps = judge_capacity(seen, some_prices(), NOW).steps
    state = after(ScalingState(), *steps)

    ours = reviewed(state, count=3, readings=calls(60), rule=rule)
    theirs = replace(state.scheduled[0], name="theirs")
    foreign = reviewed(
        replace(state, scheduled=(theirs, *state.scheduled[1:])),
        count=3,
        readings=calls(60),
        rule=rule,
    )

    assert ours.verdict.saving is not None
    # 2 of 3 are too many: 2 x $0.10 x 730 h x 45/168
    assert abs(ours.verdict.saving.usd - Decimal(146) * 45 / 168) < Decimal("0.01")
    assert foreign.verdict.action is not None
    assert foreign.verdict.saving is None


def test_beside_a_change_what_it_does_not_mend_is_told_of_all_the_same() -> None:
    policy = ScalingPolicy(TRACKING, 100, Metric.CALLS_PER_INSTANCE, alarms=WATCHED)
    rule = a_capacity_rule(during=(3, 4), target=100, hours=False)
    state = registered(policy, bounds=(3, 9))
    endpoint = an_endpoint("ep", a_variant(instance_count=3))
    seen = seen_capacity(endpoint, rule, state, calls(60))

    change, told = judge_capacities([seen], None, some_prices(), NOW)
    [alone] = judge_capacities(
        [seen_capacity(endpoint, rule, state, calls(60 * 60 * 9))], None, some_prices(), NOW
    )

    kinds = [item.verdict.action.kind for item in (change, told) if item.verdict.action]
    assert kinds == [ActionKind.SET_CAPACITY, ActionKind.NOTIFY]
    assert told.changes == ()
    assert alone.changes
