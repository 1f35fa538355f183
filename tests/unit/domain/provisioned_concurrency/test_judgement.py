from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.autoscaling.scaling import (
    UNREGISTERED,
    Capacity,
    ScalableTarget,
    ScalingState,
)
from sagewarden.domain.autoscaling.shares import shared_out
from sagewarden.domain.autoscaling.steps import (
    DeregisterTarget,
    PutScheduledAction,
    RegisterTarget,
)
from sagewarden.domain.endpoint_metrics import variant_series
from sagewarden.domain.money import NO_PRICES
from sagewarden.domain.provisioned_concurrency.judgement import Judged, Seen, judge_concurrency
from sagewarden.domain.provisioned_concurrency.quotas import MOST, Quotas, documented_quotas
from sagewarden.domain.provisioned_concurrency.region import judge_region
from sagewarden.domain.provisioned_concurrency.rule import Strategy
from sagewarden.domain.resources import Endpoint
from sagewarden.domain.scope import TagMatch
from sagewarden.domain.verdicts import VerdictKind
from tests.support.builders import (
    NOW,
    REGION,
    TWO_DAYS,
    ZEROS,
    a_scope,
    a_serverless_variant,
    an_endpoint,
    readings_of,
    seoul,
    some_prices,
)
from tests.support.scaling import (
    a_concurrency_rule,
    a_warm_endpoint,
    after,
    somebodys_target,
    what_was_seen,
)

NOON = seoul("2026-11-02 12:00")


def judged(seen: Seen) -> Judged:
    return judge_concurrency(seen, NO_PRICES, NOON)


def bounds_set(judgements: Sequence[Judged]) -> list[Capacity]:
    """Every pair of bounds that would be set, now or later."""
    found = []
    for judgement in judgements:
        for step in judgement.steps:
            if isinstance(step, RegisterTarget):
                found.append(step.capacity)
            if isinstance(step, PutScheduledAction):
                found.append(Capacity(step.action.least or 0, step.action.most or 0))
    return found


def test_by_day_an_endpoint_gets_the_bounds_of_the_day() -> None:
    judgement = judged(what_was_seen())

    assert judgement.verdict.kind is VerdictKind.VIOLATION
    assert judgement.verdict.action is not None
    assert judgement.verdict.action.kind is ActionKind.SET_PROVISIONED_CONCURRENCY
    assert judgement.steps[0] == RegisterTarget(Capacity(5, 20))
    assert "business-hours is open 09:00-18:00" in judgement.verdict.reason


def test_at_night_an_endpoint_gets_the_bounds_of_the_night() -> None:
    judgement = judge_concurrency(what_was_seen(), NO_PRICES, NOW)

    assert judgement.steps[0] == RegisterTarget(Capacity(1, 1))


def test_what_scales_as_it_should_is_compliant() -> None:
    seen = what_was_seen()

    reached = after(UNREGISTERED, *judged(seen).steps)

    again = judged(replace(seen, scaling=reached))
    assert (again.verdict.kind, again.steps) == (VerdictKind.COMPLIANT, ())


@pytest.mark.parametrize(
    ("endpoint", "kind", "reason"),
    [
        (an_endpoint("ep"), VerdictKind.NOT_APPLICABLE, "it is a real-time endpoint"),
        (a_warm_endpoint(status="Updating"), VerdictKind.NOT_APPLICABLE, "it is Updating"),
        (a_warm_endpoint(status="Failed"), VerdictKind.NOT_APPLICABLE, "it is Failed"),
        (a_warm_endpoint(status="New"), VerdictKind.UNKNOWN, "does not say"),
        (a_warm_endpoint(status="UpdateRollbackFailed"), VerdictKind.UNKNOWN, "does not say"),
        (a_warm_endpoint(provisioned=0), VerdictKind.NOT_APPLICABLE, "already has"),
        (an_endpoint("ep", described=False), VerdictKind.UNKNOWN, "could not be read"),
        (an_endpoint("ep", tags_readable=False), VerdictKind.UNKNOWN, "tags could not be read"),
        (
            an_endpoint("ep", a_serverless_variant("a"), a_serverless_variant("b")),
            *(VerdictKind.UNKNOWN, "2 variants"),
        ),
        (a_warm_endpoint(tags={"Schedule": "off"}), VerdictKind.EXEMPT, "opts it out"),
        (a_warm_endpoint(tags={"Schedule": "sometimes"}), VerdictKind.UNKNOWN, "sometimes"),
        (a_warm_endpoint(tags={"Stage": "prod"}), VerdictKind.EXEMPT, "protected"),
    ],
)
def test_what_cannot_or_must_not_be_scaled_is_left_alone_with_a_reason(
    endpoint: Endpoint, kind: VerdictKind, reason: str
) -> None:
    scope = a_scope("warm", protections=(TagMatch("Stage", ("prod",)),))
    seen = what_was_seen(endpoint, a_concurrency_rule(scope=scope))

    judgement = judged(seen)

    assert judgement.verdict.kind is kind
    assert reason in judgement.verdict.reason
    assert (judgement.verdict.action, judgement.steps) == (None, ())


def test_autoscaling_that_could_not_be_read_is_unknown() -> None:
    assert judged(what_was_seen(scaling=None)).verdict.kind is VerdictKind.UNKNOWN


def test_a_target_of_somebody_else_is_left_alone_and_the_way_to_hand_it_over_is_told() -> None:
    verdict = judged(what_was_seen(scaling=somebodys_target())).verdict

    assert verdict.kind is VerdictKind.EXEMPT
    assert "team-policy" in verdict.reason
    assert "SagewardenAdopt=yes" in verdict.reason


def test_a_policy_that_somebody_added_to_our_target_makes_it_theirs() -> None:
    ours = after(UNREGISTERED, *judged(what_was_seen()).steps)
    mixed = replace(ours, policies=(*ours.policies, *somebodys_target().policies))

    assert judged(what_was_seen(scaling=mixed)).verdict.kind is VerdictKind.EXEMPT


@pytest.mark.parametrize("by_tag", [True, False])
def test_a_target_that_was_handed_over_is_taken_over_whole(by_tag: bool) -> None:  # noqa: FBT001 - a parameter of the test
    endpoint = a_warm_endpoint(tags={"SagewardenAdopt": "Yes"} if by_tag else {})
    rule = a_concurrency_rule(adopt=not by_tag)
    theirs = somebodys_target()

    judgement = judged(what_was_seen(endpoint, rule, theirs))

    assert after(theirs, *judgement.steps).foreign == ()


def test_a_target_whose_scaling_somebody_suspended_is_left_alone() -> None:
    state = ScalingState(ScalableTarget(Capacity(5, 20), suspended=True))

    assert judged(what_was_seen(scaling=state)).verdict.kind is VerdictKind.EXEMPT


def test_our_target_goes_with_the_provisioned_concurrency() -> None:
    ours = after(UNREGISTERED, *judged(what_was_seen()).steps)

    judgement = judged(what_was_seen(a_warm_endpoint(provisioned=0), scaling=ours))

    assert judgement.steps == (DeregisterTarget(),)


def test_an_idle_endpoint_is_released_however_often_it_was_scaled() -> None:
    rule = a_concurrency_rule(release_after=TWO_DAYS)
    series = variant_series("Invocations", "ep", "AllTraffic")
    endpoint = replace(a_warm_endpoint(), modified=NOON - timedelta(hours=3))
    seen = what_was_seen(endpoint, rule)

    idle = replace(seen, readings=readings_of({series: ZEROS}, now=NOON))
    used = replace(seen, readings=readings_of({series: (*ZEROS[1:], 1.0)}, now=NOON))
    silent = replace(seen, readings=readings_of({series: ()}, now=NOON))

    release = judge_concurrency(idle, some_prices(), NOON).verdict
    assert release.action is not None
    assert release.action.kind is ActionKind.RELEASE_PROVISIONED_CONCURRENCY
    assert release.saving is not None
    for other in (used, silent):
        action = judged(other).verdict.action
        assert action is not None
        assert action.kind is ActionKind.SET_PROVISIONED_CONCURRENCY


def test_an_endpoint_never_gets_more_than_its_own_max_concurrency() -> None:
    seen = what_was_seen(a_warm_endpoint(concurrency=3))

    judgements = judge_region([seen], {}, Quotas(500), NO_PRICES, NOON)

    assert judgements[0].steps[0] == RegisterTarget(Capacity(3, 3))


def test_when_the_region_is_full_the_endpoint_is_unknown() -> None:
    judgements = judge_region([what_was_seen()], {"other": 500}, Quotas(500), NO_PRICES, NOON)

    assert judgements[0].verdict.kind is VerdictKind.UNKNOWN
    assert "quota" in judgements[0].verdict.reason


@given(
    st.lists(st.tuples(st.integers(1, 200), st.integers(1, 200)), min_size=1, max_size=6),
    st.integers(0, 600),
    st.integers(0, 300),
    st.integers(1, 200),
    st.tuples(st.integers(1, 200), st.integers(1, 200)).map(sorted),
)
def test_no_bound_is_ever_exceeded(
    endpoints: list[tuple[int, int]], total: int, elsewhere: int, single: int, bounds: list[int]
) -> None:
    rule = a_concurrency_rule(strategy=Strategy.BOTH, bounds=(bounds[0], bounds[1]))
    seen = [
        what_was_seen(
            a_warm_endpoint(f"e{n}", concurrency=limit, provisioned=min(now, limit)), rule
        )
        for n, (limit, now) in enumerate(endpoints)
    ]

    judgements = judge_region(
        seen, {"elsewhere": elsewhere}, Quotas(total, single), NO_PRICES, NOON
    )

    for judgement, (limit, _) in zip(judgements, endpoints, strict=True):
        for capacity in bounds_set([judgement]):
            assert 1 <= capacity.least <= capacity.most <= min(limit, single, MOST, rule.peak)
    peaks = [
        max((capacity.most for capacity in bounds_set([judgement])), default=0)
        for judgement in judgements
    ]
    assert sum(peaks) <= max(total - elsewhere, 0)


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 200), max_size=8), st.integers(-9, 999))
def test_shares_are_fair_and_never_more_than_there_is(wanted: dict[str, int], left: int) -> None:
    shares = shared_out(wanted, left)

    assert sum(shares.values()) == min(sum(wanted.values()), max(left, 0))
    assert all(shares[name] <= wanted[name] for name in wanted)
    if left >= len(wanted):
        assert all(shares[name] >= 1 for name in wanted if wanted[name])


@pytest.mark.parametrize(("region", "total"), [("us-east-1", 1000), (REGION, 500), ("xx-1", 500)])
def test_the_documented_quotas_are_marked_as_assumed(region: str, total: int) -> None:
    assert documented_quotas(region) == Quotas(total, 200, assumed=True)
