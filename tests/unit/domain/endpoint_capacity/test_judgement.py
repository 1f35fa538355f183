from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.autoscaling.scaling import (
    TRACKING,
    UNREGISTERED,
    WAKE,
    WAKING,
    Capacity,
    Metric,
    ScalableTarget,
    ScalingPolicy,
    ScalingState,
)
from sagewarden.domain.autoscaling.steps import (
    DeletePolicy,
    PutPolicy,
    PutScheduledAction,
    RegisterTarget,
)
from sagewarden.domain.endpoint_capacity.judgement import Judged, judge_capacity
from sagewarden.domain.endpoint_capacity.region import judge_capacities
from sagewarden.domain.endpoint_capacity.rule import EndpointCapacity, Served
from sagewarden.domain.endpoint_capacity.seen import SeenCapacity
from sagewarden.domain.endpoint_metrics import backlog_series, component_series, variant_series
from sagewarden.domain.inference_components import Component
from sagewarden.domain.metrics import Readings
from sagewarden.domain.money import NO_PRICES
from sagewarden.domain.resources import Endpoint
from sagewarden.domain.scope import TagMatch
from sagewarden.domain.verdicts import VerdictKind
from tests.support.builders import (
    a_scope,
    a_serverless_variant,
    a_variant,
    an_endpoint,
    readings_of,
    seoul,
    some_prices,
)
from tests.support.capacity import a_capacity_rule, a_component, seen_capacity
from tests.support.scaling import after

NOON = seoul("2026-11-02 12:00")
NIGHT = seoul("2026-11-02 22:00")
TWO_WEEKS = timedelta(days=14)
HOURS = 14 * 24
VARIANT = "AllTraffic"
CALLS = variant_series("Invocations", "ep", VARIANT)


def judged(seen: SeenCapacity, *, night: bool = False) -> Judged:
    return judge_capacity(seen, some_prices(), NIGHT if night else NOON)


def an_ep(count: int | None = 3, managed_minimum: int | None = None) -> Endpoint:
    variant = a_variant(instance_count=count, managed_minimum=managed_minimum)
    return an_endpoint("ep", variant)


def calls(*values: float, hours: int = HOURS) -> Readings:
    """The newest values, and zeros before them."""
    known = (*values, *((0.0,) * (hours - len(values))))
    return readings_of({CALLS: known}, now=NOON, window=TWO_WEEKS)


def converged(seen: SeenCapacity, *, night: bool = False) -> SeenCapacity:
    """The same once its changes were made."""
    changes = {change.target: change.steps for change in judged(seen, night=night).changes}
    units = tuple(
        replace(unit, scaling=after(unit.scaling or UNREGISTERED, *changes.get(unit.target, ())))
        for unit in seen.units
    )
    return replace(seen, units=units)


def bounds_of(found: Judged) -> list[Capacity]:
    return [step.capacity for step in found.steps if isinstance(step, RegisterTarget)]


def test_by_day_it_is_registered_with_the_bounds_of_the_day_and_both_changes() -> None:
    found = judged(seen_capacity(an_ep()))

    assert found.verdict.action is not None
    assert found.verdict.action.kind is ActionKind.SET_CAPACITY
    assert bounds_of(found) == [Capacity(2, 4)]
    scheduled = [step.action for step in found.steps if isinstance(step, PutScheduledAction)]
    assert [(item.least, item.most) for item in scheduled] == [(1, 1), (2, 4)]
    assert found.verdict.reason.startswith("should be 2..4 instances; ")


def test_by_night_it_gets_the_bounds_of_the_night() -> None:
    assert bounds_of(judged(seen_capacity(an_ep()), night=True)) == [Capacity(1, 1)]


@pytest.mark.parametrize(
    ("resource", "rule"),
    [
        (an_ep(), a_capacity_rule()),
        (an_ep(), a_capacity_rule(target=100)),
        (an_ep(), a_capacity_rule(target=100, hours=False)),
        (
            an_endpoint("ep", a_variant(instance_count=2), asynchronous=True),
            a_capacity_rule(what=Served.ASYNC, during=(1, 2), outside=(0, 1), target=5),
        ),
        (
            a_component(),
            a_capacity_rule(what=Served.COMPONENTS, during=(1, 2), outside=(0, 1), target=5),
        ),
    ],
)
def test_once_it_is_as_it_should_be_there_is_nothing_to_do(
    resource: Endpoint | Component, rule: EndpointCapacity
) -> None:
    found = judged(converged(seen_capacity(resource, rule)))

    assert (found.verdict.kind, found.steps) == (VerdictKind.COMPLIANT, ())


def test_what_it_saves_is_instances_times_price_times_closed_hours() -> None:
    found = judged(seen_capacity(an_ep(3)))

    assert found.verdict.saving is not None
    # 2 of 3 go outside 45 of 168 hours: 2 x $0.10 x 730 h x 123/168
    expected = Decimal(2) * Decimal("0.10") * 730 * 123 / 168
    assert abs(found.verdict.saving.usd - expected) < Decimal("0.01")


def test_what_it_saves_is_unknown_without_a_price_or_with_several_types() -> None:
    pools = an_endpoint("ep", a_variant(instance_types=("ml.m5.large", "ml.g5.xlarge")))

    assert judge_capacity(seen_capacity(an_ep()), NO_PRICES, NOON).verdict.saving is None
    assert judged(seen_capacity(pools)).verdict.saving is None


def test_what_only_mends_saves_nothing_new() -> None:
    seen = converged(seen_capacity(an_ep()))
    widened = replace(
        seen,
        units=tuple(
            replace(
                unit, scaling=after(unit.scaling or UNREGISTERED, RegisterTarget(Capacity(1, 9)))
            )
            for unit in seen.units
        ),
    )

    found = judged(widened)

    assert bounds_of(found) == [Capacity(2, 4)]
    assert found.verdict.saving is None


@pytest.mark.parametrize(
    ("readings", "most"),
    [(calls(0, 5), 6), (None, 6), (calls(hours=1), 6), (calls(0, 0), 4)],
)
def test_what_is_busy_or_perhaps_busy_is_never_cut_in_open_hours(
    readings: Readings | None, most: int
) -> None:
    found = judged(seen_capacity(an_ep(6), readings=readings))

    assert bounds_of(found) == [Capacity(2, most)]


def test_at_closing_the_hours_decide_also_for_what_is_busy() -> None:
    found = judged(seen_capacity(an_ep(6), readings=calls(9, 9)), night=True)

    assert bounds_of(found) == [Capacity(1, 1)]


def test_a_target_that_a_broken_off_run_widened_is_recognised() -> None:
    seen = seen_capacity(an_ep(6), readings=calls(9, 9))
    first = after(UNREGISTERED, judged(seen).steps[0])

    again = judged(seen_capacity(an_ep(6), scaling=first, readings=calls(9, 9)))

    assert again.verdict.kind is VerdictKind.VIOLATION
    assert again.verdict.action is not None
    assert again.verdict.action.kind is ActionKind.SET_CAPACITY


SLEEPER = a_capacity_rule(what=Served.ASYNC, during=(1, 2), outside=(0, 1), target=5)


def test_what_may_sleep_can_be_woken_before_it_may() -> None:
    endpoint = an_endpoint("ep", a_variant(), asynchronous=True)

    steps = judged(seen_capacity(endpoint, SLEEPER), night=True).steps

    assert steps[:3] == (
        RegisterTarget(Capacity(1, 1)),
        PutPolicy(WAKE),
        RegisterTarget(Capacity(0, 1)),
    )
    assert PutPolicy(ScalingPolicy(TRACKING, 5, Metric.BACKLOG_PER_INSTANCE)) in steps


def test_a_waking_policy_goes_once_it_may_not_sleep_any_more() -> None:
    endpoint = an_endpoint("ep", a_variant(), asynchronous=True)
    seen = converged(seen_capacity(endpoint, SLEEPER), night=True)
    awake = replace(seen, rule=replace(SLEEPER, outside=Capacity(1, 1)))

    steps = judged(awake, night=True).steps

    assert steps[0] == RegisterTarget(Capacity(1, 1))
    assert DeletePolicy(WAKING) in steps


@pytest.mark.parametrize("minimum", [None, 1])
def test_a_component_keeps_a_copy_where_its_variant_keeps_instances(minimum: int | None) -> None:
    rule = a_capacity_rule(what=Served.COMPONENTS, during=(1, 2), outside=(0, 1), target=5)

    found = judged(seen_capacity(a_component(minimum=minimum), rule), night=True)

    assert bounds_of(found) == [Capacity(1, 1)]
    assert "MinInstanceCount is not 0" in str(found.verdict.evidence["never_none_because"])


def test_a_sleeping_component_saves_its_instance_for_hours_both_closed_and_idle() -> None:
    rule = a_capacity_rule(what=Served.COMPONENTS, during=(1, 2), outside=(0, 1), target=5)
    idle = readings_of(
        {component_series("llm"): (1.0,) * 34 + (0.0,) * 302}, now=NOON, window=TWO_WEEKS
    )

    found = judged(seen_capacity(a_component(), rule, readings=idle))
    shared = judged(seen_capacity(a_component(alone=False), rule, readings=idle))
    unread = judged(seen_capacity(a_component(), rule))

    # closed 123/168 and idle 302/336 of the time: at least 123/168 + 302/336 - 1 of it is both
    both = Decimal(123) / 168 + Decimal(302) / 336 - 1
    assert found.verdict.saving is not None
    assert abs(found.verdict.saving.usd - both * 73) < Decimal("0.01")
    assert (shared.verdict.saving, unread.verdict.saving) == (None, None)


def test_a_sleeping_asynchronous_endpoint_is_idle_when_all_its_series_say_so() -> None:
    endpoint = an_endpoint("ep", a_variant(instance_count=2), asynchronous=True)
    processed = variant_series("InvocationsProcessed", "ep", VARIANT)
    zeros = (0.0,) * HOURS
    quiet = readings_of({processed: zeros, backlog_series("ep"): zeros}, now=NOON, window=TWO_WEEKS)
    unread = readings_of({processed: zeros, backlog_series("ep"): None}, now=NOON, window=TWO_WEEKS)

    found = judged(seen_capacity(endpoint, SLEEPER, readings=quiet))

    assert found.verdict.saving is not None
    # both instances in all closed hours: one by its hours, one since nobody calls it
    expected = Decimal(2) * 73 * 123 / 168
    assert abs(found.verdict.saving.usd - expected) < Decimal("0.01")
    assert judged(seen_capacity(endpoint, SLEEPER, readings=unread)).verdict.saving is None


def test_all_production_variants_are_scaled_and_no_shadow_one() -> None:
    endpoint = an_endpoint("ep", a_variant("a"), a_variant("b"), a_variant("c", shadow=True))

    found = judged(seen_capacity(endpoint))

    targets = [change.target for change in found.changes]
    assert targets == ["endpoint/ep/variant/a", "endpoint/ep/variant/b"]
    assert found.verdict.evidence["shadow_variants_not_scaled"] == 1


def test_an_unknown_number_of_instances_is_unknown() -> None:
    assert judged(seen_capacity(an_ep(None))).verdict.kind is VerdictKind.UNKNOWN


THEIRS = ScalingState(
    ScalableTarget(Capacity(1, 9)),
    (ScalingPolicy("theirs", 70.0, Metric.CALLS_PER_INSTANCE, alarms=None),),
)


def test_what_somebody_else_scales_is_exempt_until_it_is_handed_over() -> None:
    spared = judged(seen_capacity(an_ep(), scaling=THEIRS))
    tagged = an_endpoint("ep", a_variant(), tags={"SagewardenAdopt": "yes"})

    assert spared.verdict.kind is VerdictKind.EXEMPT
    assert "(theirs)" in spared.verdict.reason
    assert judged(seen_capacity(tagged, scaling=THEIRS)).steps
    assert judged(seen_capacity(an_ep(), a_capacity_rule(adopt=True), THEIRS)).steps


def test_bare_bounds_of_somebody_else_are_theirs() -> None:
    bare = ScalingState(ScalableTarget(Capacity(1, 9), suspended=False))

    found = judged(seen_capacity(an_ep(), scaling=bare))

    assert found.steps == ()


@pytest.mark.parametrize(
    ("seen", "kind", "words"),
    [
        (seen_capacity(an_endpoint("ep", described=False)), VerdictKind.UNKNOWN, "could not be"),
        (seen_capacity(an_ep(), scaling=None), VerdictKind.UNKNOWN, "autoscaling"),
        (
            seen_capacity(an_endpoint("ep", a_serverless_variant())),
            VerdictKind.NOT_APPLICABLE,
            "no instances",
        ),
        (
            seen_capacity(an_endpoint("ep", a_variant(hosts_components=True))),
            VerdictKind.NOT_APPLICABLE,
            "resources: inference-component",
        ),
        (
            seen_capacity(an_endpoint("ep", a_variant(), asynchronous=True)),
            VerdictKind.NOT_APPLICABLE,
            "this is one of: async-endpoint",
        ),
        (
            seen_capacity(an_ep(managed_minimum=1)),
            VerdictKind.NOT_APPLICABLE,
            "ManagedInstanceScaling",
        ),
        (
            seen_capacity(an_endpoint("ep", a_variant(), status="Updating")),
            VerdictKind.NOT_APPLICABLE,
            "while it is InService",
        ),
        (
            seen_capacity(
                a_component(endpoint_status="Updating"), a_capacity_rule(what=Served.COMPONENTS)
            ),
            VerdictKind.NOT_APPLICABLE,
            "its endpoint host is Updating",
        ),
        (
            seen_capacity(a_component(status="Updating"), a_capacity_rule(what=Served.COMPONENTS)),
            VerdictKind.NOT_APPLICABLE,
            "Updating",
        ),
        (
            seen_capacity(
                an_endpoint("ep", a_variant(), tags={"env": "prod"}),
                a_capacity_rule(scope=a_scope(protections=(TagMatch("env"),))),
            ),
            VerdictKind.EXEMPT,
            "protected",
        ),
        (
            seen_capacity(an_endpoint("ep", a_variant(), tags={"Schedule": "off"})),
            VerdictKind.EXEMPT,
            "off",
        ),
        (
            seen_capacity(an_endpoint("ep", a_variant(), tags={"Schedule": "???"})),
            VerdictKind.UNKNOWN,
            "",
        ),
    ],
)
def test_what_is_left_alone_says_why(seen: SeenCapacity, kind: VerdictKind, words: str) -> None:
    found = judged(seen)

    assert (found.verdict.kind, found.steps) == (kind, ())
    assert words in found.verdict.reason


def test_a_quota_is_shared_out_by_name_and_one_instance_is_always_left() -> None:
    rule = a_capacity_rule(during=(2, 4), target=50, hours=False)
    seen = [seen_capacity(an_endpoint(name, a_variant()), rule) for name in ("a", "b", "c")]

    found = judge_capacities(seen, {"ml.m5.large": 5}, some_prices(), NOON)

    assert [bounds_of(item) for item in found] == [
        [Capacity(2, 3)], [Capacity(1, 1)], [Capacity(1, 1)]
    ]  # fmt: skip
    assert [item.verdict.evidence["quota_leaves"] for item in found] == [3, 1, 1]


def test_without_a_known_quota_nothing_is_taken_away() -> None:
    pools = an_endpoint("p", a_variant(instance_types=("ml.m5.large", "ml.g5.xlarge")))
    seen = [seen_capacity(an_ep()), seen_capacity(pools)]

    [one, other] = judge_capacities(seen, {"ml.g5.xlarge": 1}, some_prices(), NOON)
    [unread, _] = judge_capacities(seen, None, some_prices(), NOON)

    for found in (one, other, unread):
        assert bounds_of(found) == [Capacity(2, 4)]
        assert found.verdict.evidence["quota_leaves"] is None


def test_what_is_registered_counts_where_nothing_is_set() -> None:
    setting = seen_capacity(an_endpoint("b", a_variant()), a_capacity_rule(target=50, hours=False))
    theirs = seen_capacity(an_endpoint("a", a_variant()), a_capacity_rule(sets=False), THEIRS)
    alone = seen_capacity(an_endpoint("a", a_variant()), a_capacity_rule(sets=False))

    crowded = judge_capacities([theirs, setting], {"ml.m5.large": 11}, some_prices(), NOON)
    roomy = judge_capacities([alone, setting], {"ml.m5.large": 11}, some_prices(), NOON)

    assert bounds_of(crowded[1]) == [Capacity(2, 2)]
    assert bounds_of(roomy[1]) == [Capacity(2, 4)]


@given(
    st.integers(0, 9), st.booleans(), st.sampled_from(list(Served)), st.sampled_from([None, 0, 1])
)
def test_real_time_variants_never_go_below_one_and_nothing_sleeps_that_cannot_be_woken(
    count: int,
    night: bool,  # noqa: FBT001 - a property's
    what: Served,
    minimum: int | None,
) -> None:
    rule = a_capacity_rule(what=what, during=(0, 4), outside=(0, 1), target=5)
    resource: Endpoint | Component = (
        a_component(copies=count, minimum=minimum)
        if what is Served.COMPONENTS
        else an_endpoint("ep", a_variant(instance_count=count), asynchronous=what is Served.ASYNC)
    )
    found = judged(seen_capacity(resource, rule), night=night)

    state = UNREGISTERED
    for step in found.steps:
        state = after(state, step)
        least = least_of(state)
        assert what is not Served.REAL_TIME or least >= 1
        assert what is not Served.COMPONENTS or minimum == 0 or least >= 1
        assert least >= 1 or WAKE in state.policies


def least_of(state: ScalingState) -> int:
    """The least that there may be now, or after a scheduled action."""
    known: Sequence[int | None] = [action.least for action in state.scheduled]
    now = [state.target.capacity.least] if state.target else []
    return min((item for item in (*known, *now) if item is not None), default=1)
