import math
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagewarden.domain.actions import ActionKind, Precondition
from sagewarden.domain.endpoint_metrics import (
    backlog_series,
    component_series,
    evidence_series,
    variant_series,
)
from sagewarden.domain.idle_endpoints import (
    IdleEndpoints,
    judge_endpoint,
    settled_verdict,
    use_of,
)
from sagewarden.domain.metrics import Readings, Series
from sagewarden.domain.money import NO_PRICES
from sagewarden.domain.resources import Endpoint, Variant
from sagewarden.domain.scope import EXEMPT_TAG, TagMatch
from sagewarden.domain.verdicts import Verdict, VerdictKind
from tests.support.builders import (
    NOW,
    TWO_DAYS,
    ZEROS,
    a_scope,
    a_serverless_variant,
    a_variant,
    an_endpoint,
    an_endpoint_of_components,
    an_endpoint_rule,
    readings_of,
    some_prices,
)

SECOND = timedelta(seconds=1)
CALLS = variant_series("Invocations", "ep", "AllTraffic")
PROCESSED = variant_series("InvocationsProcessed", "ep", "AllTraffic")


def silence(endpoint: Endpoint) -> Readings:
    """Every series of an endpoint's evidence says zero in every hour."""
    assert endpoint.details is not None
    series = evidence_series(endpoint.ref.name, endpoint.details)
    return readings_of(dict.fromkeys(series, ZEROS))


def judge(
    endpoint: Endpoint, readings: Readings | None = None, rule: IdleEndpoints | None = None
) -> Verdict:
    return judge_endpoint(
        endpoint,
        rule or an_endpoint_rule(),
        silence(endpoint) if readings is None else readings,
        some_prices(),
        NOW,
    )


class TestIdleness:
    def test_an_endpoint_that_nobody_called_is_to_be_deleted(self) -> None:
        endpoint = an_endpoint()

        verdict = judge(endpoint)

        assert verdict.kind is VerdictKind.VIOLATION
        assert verdict.reason == "0 invocations in 48 h over 1 variant"
        assert verdict.action is not None
        assert verdict.action.kind is ActionKind.DELETE
        assert verdict.action.ref == endpoint.ref
        assert verdict.action.precondition == Precondition.of(endpoint)

    def test_the_evidence_tells_what_was_read_and_when(self) -> None:
        verdict = judge(an_endpoint("ep", a_variant("blue"), a_variant("green")))

        assert verdict.evidence == {
            "serves": "real-time",
            "invocations": 0,
            "window_start": "2026-10-31T11:00:00+00:00",
            "window_end": "2026-11-02T11:00:00+00:00",
            "variants": "blue, green",
            "endpoint_config": "config-1",
        }

    def test_one_call_is_use(self) -> None:
        verdict = judge(an_endpoint(), readings_of({CALLS: (*ZEROS[1:], 1.0)}))

        assert verdict.kind is VerdictKind.COMPLIANT
        assert verdict.reason == "in use: Invocations of ep/AllTraffic came to 1 in 48 h"
        assert verdict.evidence == {"invocations": 1}

    def test_use_shows_even_where_details_are_missing_or_other_series_have_gaps(self) -> None:
        endpoint = an_endpoint("ep", a_variant("blue"), a_variant("green"))
        values: dict[Series, tuple[float, ...] | None] = {
            variant_series("Invocations", "ep", "blue"): None,
            variant_series("Invocations", "ep", "green"): (3.0,),
        }

        described = judge(endpoint, readings_of(values))
        undescribed = judge(an_endpoint(described=False), readings_of(values))

        assert described.kind is VerdictKind.COMPLIANT
        assert undescribed.kind is VerdictKind.COMPLIANT

    def test_calls_of_another_endpoint_are_not_its_own(self) -> None:
        other = variant_series("Invocations", "ep-2", "AllTraffic")

        verdict = judge(an_endpoint(), readings_of({CALLS: ZEROS, other: (9.0,)}))

        assert verdict.kind is VerdictKind.VIOLATION


class TestWhatIsNotProven:
    @pytest.mark.parametrize(
        ("readings", "reason"),
        [
            (readings_of({CALLS: None}), "Invocations of ep/AllTraffic could not be read"),
            (readings_of({}, complete=False), "Invocations of ep/AllTraffic could not be read"),
            (
                readings_of({CALLS: ()}),
                "no data is not zero: Invocations of ep/AllTraffic has 0 of 48 hourly datapoints",
            ),
            (
                readings_of({}, complete=True),
                "no data is not zero: Invocations of ep/AllTraffic has 0 of 48 hourly datapoints",
            ),
            (
                readings_of({CALLS: ZEROS[:42]}),
                "no data is not zero: Invocations of ep/AllTraffic has 42 of 48 hourly datapoints",
            ),
            (
                readings_of({CALLS: (*ZEROS[1:], math.nan)}),
                "Invocations of ep/AllTraffic has values that are no counts of calls",
            ),
            (
                readings_of({CALLS: (*ZEROS[1:], -1.0)}),
                "Invocations of ep/AllTraffic has values that are no counts of calls",
            ),
        ],
    )
    def test_missing_data_is_unknown(self, readings: Readings, reason: str) -> None:
        verdict = judge(an_endpoint(), readings)

        assert verdict.kind is VerdictKind.UNKNOWN
        assert verdict.reason == reason
        assert verdict.action is None

    def test_a_lagging_or_dropped_point_does_not_matter(self) -> None:
        verdict = judge(an_endpoint(), readings_of({CALLS: ZEROS[:43]}))

        assert verdict.kind is VerdictKind.VIOLATION

    def test_every_variant_must_have_data_shadows_too(self) -> None:
        endpoint = an_endpoint("ep", a_variant("blue"), a_variant("shadow", shadow=True))
        only_blue = readings_of({variant_series("Invocations", "ep", "blue"): ZEROS})

        verdict = judge(endpoint, only_blue)

        assert verdict.kind is VerdictKind.UNKNOWN
        assert "ep/shadow" in verdict.reason

    def test_a_variant_without_instances_needs_no_data(self) -> None:
        endpoint = an_endpoint("ep", a_variant("blue"), a_variant("green", instance_count=0))
        only_blue = readings_of({variant_series("Invocations", "ep", "blue"): ZEROS})

        verdict = judge(endpoint, only_blue)

        assert verdict.kind is VerdictKind.VIOLATION

    def test_a_variant_of_unknown_size_does(self) -> None:
        endpoint = an_endpoint("ep", a_variant("blue"), a_variant("green", instance_count=None))
        only_blue = readings_of({variant_series("Invocations", "ep", "blue"): ZEROS})

        verdict = judge(endpoint, only_blue)

        assert verdict.kind is VerdictKind.UNKNOWN

    def test_an_endpoint_that_could_not_be_described_is_unknown(self) -> None:
        verdict = judge(an_endpoint(described=False), readings_of({CALLS: ZEROS}))

        assert verdict.kind is VerdictKind.UNKNOWN
        assert verdict.reason == "its description or its endpoint config could not be read"

    def test_unreadable_inference_components_are_unknown(self) -> None:
        endpoint = an_endpoint("ep", a_variant(hosts_components=True), components=None)

        verdict = judge(endpoint)

        assert verdict.kind is VerdictKind.UNKNOWN
        assert verdict.reason == "its inference components could not be read"

    def test_an_endpoint_without_components_has_nothing_that_could_tell(self) -> None:
        verdict = judge(an_endpoint_of_components("ep"))

        assert verdict.kind is VerdictKind.UNKNOWN
        assert verdict.reason.startswith("it has no variant or inference component")

    @given(
        read=st.dictionaries(
            st.sampled_from(("blue", "green")),
            st.none() | st.lists(st.sampled_from((0.0, 0.0, 0.0, 1.0)), max_size=50),
        ),
        complete=st.booleans(),
    )
    def test_only_explicit_zeros_of_every_variant_lead_to_an_action(
        self, *, read: dict[str, list[float] | None], complete: bool
    ) -> None:
        endpoint = an_endpoint("ep", a_variant("blue"), a_variant("green"))
        values = {
            variant_series("Invocations", "ep", name): None if points is None else tuple(points)
            for name, points in read.items()
        }

        verdict = judge(endpoint, readings_of(values, complete=complete))

        proven = len(values) == 2 and all(
            points is not None and len(points) >= 43 and not any(points)
            for points in values.values()
        )
        assert (verdict.action is not None) is proven


class TestAsynchronousEndpoints:
    def test_neither_jobs_nor_a_backlog_is_idle(self) -> None:
        verdict = judge(an_endpoint(asynchronous=True))

        assert verdict.kind is VerdictKind.VIOLATION
        assert verdict.evidence["serves"] == "async"

    def test_zero_invocations_say_nothing_of_them(self) -> None:
        verdict = judge(an_endpoint(asynchronous=True), readings_of({CALLS: ZEROS}))

        assert verdict.kind is VerdictKind.UNKNOWN
        assert "InvocationsProcessed" in verdict.reason

    def test_a_backlog_that_waits_is_use(self) -> None:
        values = {PROCESSED: ZEROS, backlog_series("ep"): (*ZEROS[1:], 2.0)}

        verdict = judge(an_endpoint(asynchronous=True), readings_of(values))

        assert verdict.kind is VerdictKind.COMPLIANT

    def test_an_unreadable_backlog_is_unknown(self) -> None:
        values = {PROCESSED: ZEROS, backlog_series("ep"): None}

        verdict = judge(an_endpoint(asynchronous=True), readings_of(values))

        assert verdict.kind is VerdictKind.UNKNOWN


class TestInferenceComponents:
    def test_idle_ones_are_scaled_to_zero_rather_than_deleted(self) -> None:
        verdict = judge(an_endpoint_of_components("ep", "llama", "bert"))

        assert verdict.reason == "0 invocations in 48 h over 2 inference components"
        assert verdict.action is not None
        assert verdict.action.kind is ActionKind.SCALE_TO_ZERO

    @pytest.mark.parametrize("minimum", [1, None])
    def test_where_instances_stay_nothing_is_done_and_it_is_said_why(
        self, minimum: int | None
    ) -> None:
        verdict = judge(an_endpoint_of_components("ep", "llama", managed_minimum=minimum))

        assert verdict.kind is VerdictKind.VIOLATION
        assert verdict.action is None
        assert verdict.saving is None
        assert "0 invocations in 48 h over 1 inference component; nothing is done" in verdict.reason
        assert "ManagedInstanceScaling.MinInstanceCount" in verdict.reason

    def test_one_busy_component_keeps_the_endpoint(self) -> None:
        endpoint = an_endpoint_of_components("ep", "llama", "bert")
        values = {component_series("llama"): ZEROS, component_series("bert"): (1.0,)}

        verdict = judge(endpoint, readings_of(values))

        assert verdict.kind is VerdictKind.COMPLIANT
        assert verdict.reason == "in use: Invocations of bert came to 1 in 48 h"

    def test_a_component_without_data_keeps_it_too(self) -> None:
        endpoint = an_endpoint_of_components("ep", "llama", "bert")

        verdict = judge(endpoint, readings_of({component_series("llama"): ZEROS}))

        assert verdict.kind is VerdictKind.UNKNOWN


class TestServerlessEndpoints:
    def test_provisioned_concurrency_is_released_whatever_the_rule_says(self) -> None:
        rule = an_endpoint_rule(action=ActionKind.DELETE)

        verdict = judge(an_endpoint("ep", a_serverless_variant(provisioned=5)), rule=rule)

        assert verdict.action is not None
        assert verdict.action.kind is ActionKind.RELEASE_PROVISIONED_CONCURRENCY
        assert verdict.evidence["serves"] == "serverless"

    def test_without_it_there_is_nothing_to_save(self) -> None:
        verdict = judge(an_endpoint("ep", a_serverless_variant(provisioned=0)))

        assert verdict.kind is VerdictKind.NOT_APPLICABLE
        assert (
            verdict.reason == "serverless without provisioned concurrency costs nothing while idle"
        )


class TestWhatCostsNothingOrGoesToZeroByItself:
    @pytest.mark.parametrize(
        ("endpoint", "reason"),
        [
            (
                an_endpoint("ep", a_variant(instance_count=0)),
                "scaled to zero: no instance is running",
            ),
            (
                an_endpoint("ep", a_variant(autoscaling_minimum=0), asynchronous=True),
                "its autoscaling may go to zero by itself (MinCapacity 0)",
            ),
        ],
    )
    def test_it_is_left_alone(self, endpoint: Endpoint, reason: str) -> None:
        verdict = judge(endpoint)

        assert verdict.kind is VerdictKind.NOT_APPLICABLE
        assert verdict.reason == reason

    @pytest.mark.parametrize(
        "variants",
        [
            (a_variant("blue", instance_count=0), a_variant("green", instance_count=1)),
            (a_variant("blue", autoscaling_minimum=0), a_variant("green", autoscaling_minimum=1)),
            (a_variant("blue", autoscaling_minimum=0), a_variant("green")),
        ],
    )
    def test_not_when_a_part_of_it_keeps_running(self, variants: tuple[Variant, ...]) -> None:
        verdict = judge(an_endpoint("ep", *variants))

        assert verdict.kind is VerdictKind.VIOLATION


class TestWhatIsSettledBeforeAnyMetricIsRead:
    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            ("Creating", VerdictKind.NOT_APPLICABLE),
            ("Updating", VerdictKind.NOT_APPLICABLE),
            ("SystemUpdating", VerdictKind.NOT_APPLICABLE),
            ("RollingBack", VerdictKind.NOT_APPLICABLE),
            ("Deleting", VerdictKind.NOT_APPLICABLE),
            ("Failed", VerdictKind.NOT_APPLICABLE),
            ("OutOfService", VerdictKind.NOT_APPLICABLE),
            ("UpdateRollbackFailed", VerdictKind.UNKNOWN),
            ("Hibernating", VerdictKind.UNKNOWN),
        ],
    )
    def test_only_an_endpoint_in_service_is_judged_by_its_use(
        self, status: str, kind: VerdictKind
    ) -> None:
        endpoint = an_endpoint(status=status)

        settled = settled_verdict(endpoint, an_endpoint_rule(), NOW)
        verdict = judge(endpoint)

        assert settled == verdict
        assert verdict.kind is kind
        assert verdict.action is None
        assert verdict.reason

    @pytest.mark.parametrize("changed", ["created", "modified"])
    def test_it_is_too_new_until_its_creation_and_last_update_are_a_window_ago(
        self, changed: str
    ) -> None:
        old = {"created": NOW - 9 * TWO_DAYS, "modified": NOW - 9 * TWO_DAYS}

        new = judge(an_endpoint(**{**old, changed: NOW - TWO_DAYS + SECOND}))  # type: ignore[arg-type]
        ripe = judge(an_endpoint(**{**old, changed: NOW - TWO_DAYS}))  # type: ignore[arg-type]

        assert new.kind is VerdictKind.TOO_NEW
        assert new.evidence == {"judged_from": (NOW + SECOND).isoformat()}
        assert new.reason.endswith("less than 48 h ago")
        assert ripe.kind is VerdictKind.VIOLATION

    def test_the_age_that_is_asked_for_is_the_rules_window(self) -> None:
        rule = an_endpoint_rule(window=timedelta(hours=72))
        endpoint = an_endpoint(created=NOW - timedelta(hours=71))

        verdict = judge(endpoint, rule=rule)

        assert verdict.kind is VerdictKind.TOO_NEW
        assert verdict.reason.endswith("less than 72 h ago")

    @pytest.mark.parametrize(
        ("endpoint", "kind"),
        [
            (an_endpoint(tags={"Stage": "prod"}), VerdictKind.EXEMPT),
            (an_endpoint(tags={EXEMPT_TAG: "2027-01-31: migrating"}), VerdictKind.EXEMPT),
            (an_endpoint(tags={"terraform": "true"}), VerdictKind.EXEMPT),
            (an_endpoint(tags_readable=False), VerdictKind.UNKNOWN),
        ],
    )
    def test_what_is_spared_is_spared_however_idle(
        self, endpoint: Endpoint, kind: VerdictKind
    ) -> None:
        rule = an_endpoint_rule(scope=a_scope(protections=(TagMatch("Stage", ("prod",)),)))

        verdict = judge(endpoint, rule=rule)

        assert verdict.kind is kind
        assert verdict.action is None

    def test_an_idle_looking_old_endpoint_is_not_settled(self) -> None:
        assert settled_verdict(an_endpoint(), an_endpoint_rule(), NOW) is None


class TestActionsThatDoNotFit:
    @pytest.mark.parametrize(
        "action", [ActionKind.SCALE_TO_ZERO, ActionKind.RELEASE_PROVISIONED_CONCURRENCY]
    )
    def test_a_real_time_endpoint_is_never_deleted_instead(self, action: ActionKind) -> None:
        verdict = judge(an_endpoint(), rule=an_endpoint_rule(action=action))

        assert verdict.kind is VerdictKind.VIOLATION
        assert verdict.action is None
        assert verdict.reason == (
            "0 invocations in 48 h over 1 variant; nothing is done: "
            f"{action} does not fit a real-time endpoint; use action: delete"
        )


class TestSavings:
    def test_every_variant_with_instances_counts(self) -> None:
        endpoint = an_endpoint(
            "ep",
            a_variant("blue", instance_count=2),
            a_variant("gpu", instance_types=("ml.g5.xlarge",)),
            a_variant("off", instance_types=("ml.unknown",), instance_count=0),
        )

        verdict = judge(endpoint)

        assert verdict.saving is not None
        assert verdict.saving.usd == Decimal(730) * (2 * Decimal("0.10") + Decimal("1.50"))

    @pytest.mark.parametrize(
        "variant",
        [
            a_variant(instance_types=("ml.unknown",)),
            a_variant(instance_types=()),
            a_variant(instance_types=("ml.m5.large", "ml.g5.xlarge")),
            a_variant(instance_count=None),
        ],
    )
    def test_what_is_not_known_is_not_guessed(self, variant: Variant) -> None:
        endpoint = an_endpoint("ep", a_variant("blue"), variant)

        verdict = judge(endpoint)

        assert verdict.action is not None
        assert verdict.saving is None

    def test_provisioned_concurrency_is_priced_by_what_is_reserved(self) -> None:
        verdict = judge(an_endpoint("ep", a_serverless_variant(memory_mb=2048, provisioned=2)))

        assert verdict.saving is not None
        assert verdict.saving.usd == Decimal("52.56")

    def test_without_prices_it_is_unknown_and_acted_on_all_the_same(self) -> None:
        endpoint = an_endpoint()

        verdict = judge_endpoint(endpoint, an_endpoint_rule(), silence(endpoint), NO_PRICES, NOW)

        assert verdict.action is not None
        assert verdict.saving is None


def test_an_exemption_that_ran_out_is_part_of_the_reason() -> None:
    verdict = judge(an_endpoint(tags={EXEMPT_TAG: "2026-10-01: migrating"}))

    assert verdict.reason == (
        "0 invocations in 48 h over 1 variant; its exemption ran out on 2026-10-01"
    )


def test_use_names_the_series_that_shows_it() -> None:
    endpoint = an_endpoint_of_components("ep", "llama")

    used = use_of(endpoint, readings_of({component_series("llama"): (2.0, 1.0)}))
    unused = use_of(endpoint, readings_of({component_series("other"): (2.0,)}))

    assert used == (component_series("llama"), 3.0)
    assert unused is None


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=3))
def test_no_tag_makes_a_busy_endpoint_idle(tags: dict[str, str]) -> None:
    verdict = judge(an_endpoint(tags=tags), readings_of({CALLS: (1.0,)}))

    assert verdict.action is None
