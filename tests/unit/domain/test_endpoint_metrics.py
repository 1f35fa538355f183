import pytest

from sagewarden.domain.endpoint_metrics import (
    USE_METRICS,
    backlog_series,
    component_series,
    concerns,
    evidence_series,
    series_of,
    variant_series,
)
from sagewarden.domain.metrics import Series
from tests.support.builders import a_serverless_variant, a_variant, details_of


def test_a_variant_is_read_by_its_endpoints_name_and_its_own() -> None:
    series = variant_series("Invocations", "ep", "blue")

    assert series == Series(
        "AWS/SageMaker",
        "Invocations",
        (("EndpointName", "ep"), ("VariantName", "blue")),
        "Sum",
    )


def test_the_order_of_dimensions_does_not_matter() -> None:
    published = series_of("Invocations", (("VariantName", "blue"), ("EndpointName", "ep")))

    assert published == variant_series("Invocations", "ep", "blue")


def test_a_backlog_is_read_at_its_highest() -> None:
    series = backlog_series("ep")

    assert series.statistic == "Maximum"
    assert series.dimensions == (("EndpointName", "ep"),)


def test_every_variant_gives_evidence() -> None:
    details = details_of(a_variant("blue"), a_variant("green", shadow=True))

    series = list(evidence_series("ep", details))

    assert series == [
        variant_series("Invocations", "ep", "blue"),
        variant_series("Invocations", "ep", "green"),
    ]


def test_serverless_variants_publish_invocations_too() -> None:
    series = list(evidence_series("ep", details_of(a_serverless_variant())))

    assert series == [variant_series("Invocations", "ep", "AllTraffic")]


def test_an_asynchronous_endpoint_is_read_by_what_it_processed_and_its_backlog() -> None:
    series = list(evidence_series("ep", details_of(asynchronous=True)))

    assert series == [
        variant_series("InvocationsProcessed", "ep", "AllTraffic"),
        backlog_series("ep"),
    ]


def test_inference_components_are_read_by_their_own_names() -> None:
    details = details_of(a_variant(hosts_components=True), components=("llama", "bert"))
    unread = details_of(a_variant(hosts_components=True), components=None)

    assert list(evidence_series("ep", details)) == [
        component_series("llama"),
        component_series("bert"),
    ]
    assert list(evidence_series("ep", unread)) == []


@pytest.mark.parametrize(
    ("series", "concern"),
    [
        (variant_series("Invocations", "ep", "AllTraffic"), True),
        (variant_series("InvocationsProcessed", "ep", "AllTraffic"), True),
        (variant_series("Invocations", "other", "AllTraffic"), False),
        (series_of("Invocations", (("EndpointName", "ep"),)), False),
        (series_of("Invocations", ()), False),
        (
            series_of(
                "Invocations",
                (("EndpointName", "ep"), ("VariantName", "v"), ("ContainerName", "c")),
            ),
            False,
        ),
        (backlog_series("ep"), True),
        (backlog_series("other"), False),
        (variant_series("ApproximateBacklogSize", "ep", "AllTraffic"), False),
        (component_series("llama"), True),
        (series_of("ApproximateBacklogSize", (("InferenceComponentName", "llama"),)), False),
    ],
)
def test_only_series_with_the_right_dimensions_concern_an_endpoint(
    series: Series, *, concern: bool
) -> None:
    assert concerns(series, {"ep"}) is concern


def test_all_evidence_is_among_the_metrics_that_are_listed() -> None:
    shapes = (
        details_of(),
        details_of(asynchronous=True),
        details_of(a_variant(hosts_components=True), components=("llama",)),
    )

    metrics = {item.metric for shape in shapes for item in evidence_series("ep", shape)}

    assert metrics == set(USE_METRICS)
