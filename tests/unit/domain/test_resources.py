import pytest

from sagewarden.domain.resources import (
    EndpointDetails,
    EndpointKind,
    EndpointStatus,
    NotebookStatus,
    ResourceKind,
)
from tests.support.builders import (
    a_ref,
    a_serverless_variant,
    a_variant,
    details_of,
)


@pytest.mark.parametrize("text", ["", "inservice", "Paused", "UNKNOWN"])
def test_a_status_that_this_version_does_not_know_is_unknown(text: str) -> None:
    assert NotebookStatus(text) is NotebookStatus.UNKNOWN
    assert EndpointStatus(text) is EndpointStatus.UNKNOWN


@pytest.mark.parametrize(
    ("details", "kind"),
    [
        (details_of(a_variant()), EndpointKind.REAL_TIME),
        (details_of(a_variant("A"), a_variant("B")), EndpointKind.REAL_TIME),
        (details_of(a_serverless_variant()), EndpointKind.SERVERLESS),
        (details_of(a_serverless_variant("A"), a_variant("B")), EndpointKind.REAL_TIME),
        (details_of(a_variant(hosts_components=True)), EndpointKind.COMPONENTS),
        (details_of(a_variant(), asynchronous=True), EndpointKind.ASYNC),
    ],
)
def test_how_an_endpoint_serves_follows_from_its_variants(
    details: EndpointDetails, kind: EndpointKind
) -> None:
    assert details.kind is kind


def test_an_endpoint_without_variants_is_not_taken_for_serverless() -> None:
    some = details_of(a_variant())

    none = EndpointDetails(some.config_name, ())

    assert none.kind is EndpointKind.REAL_TIME


def test_refs_are_ordered_by_kind_place_and_name() -> None:
    notebook = a_ref("a")
    endpoints = [a_ref(name, ResourceKind.ENDPOINT) for name in ("b", "a")]

    ordered = sorted([notebook, *endpoints])

    assert [(ref.kind, ref.name) for ref in ordered] == [
        ("endpoint", "a"),
        ("endpoint", "b"),
        ("notebook-instance", "a"),
    ]
