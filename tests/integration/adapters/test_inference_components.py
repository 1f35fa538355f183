from datetime import timedelta
from typing import Any

import pytest

from sagewarden.adapters.inference_components import act, listed, manifest, present, read
from sagewarden.adapters.kinds import adapter_of
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.ports import ActionFailedError, UnreadableError
from sagewarden.domain.actions import Action, ActionKind
from sagewarden.domain.inference_components import Component, ComponentStatus
from sagewarden.domain.resources import ResourceKind
from sagewarden_cli.sandbox import Sandbox
from tests.support.builders import a_precondition, a_ref
from tests.support.faults import answer_with_error

REGION = "us-east-1"


@pytest.fixture
def client(sandbox: Sandbox, sessions: Sessions) -> Any:
    fleet = sandbox.sagemaker(region=REGION)
    fleet.add_model("m")
    managed = {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 2}
    variant = {"VariantName": "v", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    fleet.add_endpoint_config("c", [{**variant, "ManagedInstanceScaling": managed}])
    fleet.add_endpoint("host", config="c", tags={"env": "prod", "Owner": "mina"})
    return sessions.client("sagemaker", REGION)


def add(client: Any, sandbox: Sandbox, *names: str) -> None:
    for name in names:
        client.create_inference_component(
            InferenceComponentName=name,
            EndpointName="host",
            VariantName="v",
            Specification={
                "ModelName": "m",
                "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 128},
            },
            RuntimeConfig={"CopyCount": 2},
            Tags=[{"Key": "Owner", "Value": name}],
        )
    sandbox.clock.advance(timedelta(minutes=30))


def test_a_component_has_its_copies_its_variant_and_its_endpoints_tags(
    client: Any, sandbox: Sandbox, sessions: Sessions
) -> None:
    add(client, sandbox, "llm")

    [found] = listed(sessions, REGION).items

    assert isinstance(found, Component)
    assert (found.ref.name, found.ref.kind) == ("llm", ResourceKind.INFERENCE_COMPONENT)
    assert (found.endpoint, found.endpoint_status, found.copies) == ("host", "InService", 2)
    assert found.tags == {"env": "prod", "Owner": "llm"}
    assert (found.alone, found.runs_on, found.status) == (
        True, ("ml.m5.large",), ComponentStatus.IN_SERVICE
    )  # fmt: skip
    assert found.variant is not None
    assert found.variant.managed_minimum == 0
    assert read(sessions, found.ref) == found


def test_two_components_share_a_variant(client: Any, sandbox: Sandbox, sessions: Sessions) -> None:
    add(client, sandbox, "a", "b")

    found = listed(sessions, REGION).items

    assert [item.alone for item in found] == [False, False]
    assert [getattr(read(sessions, item.ref), "alone", None) for item in found] == [False, False]


def test_an_empty_region_has_none(sandbox: Sandbox, sessions: Sessions) -> None:  # noqa: ARG001
    assert listed(sessions, REGION).items == ()


def test_what_cannot_be_read_is_said_and_its_tags_are_unknown(
    client: Any, sandbox: Sandbox, sessions: Sessions
) -> None:
    add(client, sandbox, "llm")
    answer_with_error(
        sessions, "sagemaker", "DescribeEndpoint", "AccessDeniedException", region=REGION
    )

    listing = listed(sessions, REGION)

    [found] = listing.items
    assert (found.tags, found.variant, found.runs_on) == (None, None, None)
    assert [item.what for item in listing.incomplete] == ["endpoint host of inference components"]
    with pytest.raises(UnreadableError, match="inference component llm"):
        read(sessions, found.ref)


@pytest.mark.parametrize(
    ("operation", "what"),
    [
        ("DescribeInferenceComponent", "inference component llm"),
        ("ListInferenceComponents", "inference components in us-east-1"),
    ],
)
def test_a_component_that_cannot_be_described_is_said(
    client: Any, sandbox: Sandbox, sessions: Sessions, operation: str, what: str
) -> None:
    add(client, sandbox, "llm")
    answer_with_error(sessions, "sagemaker", operation, "AccessDeniedException", region=REGION)

    listing = listed(sessions, REGION)

    assert (listing.items, [item.what for item in listing.incomplete]) == ((), [what])


def test_one_that_is_gone_is_none(client: Any, sandbox: Sandbox, sessions: Sessions) -> None:
    add(client, sandbox, "llm")
    ref = listed(sessions, REGION).items[0].ref
    client.delete_inference_component(InferenceComponentName="llm")
    sandbox.clock.advance(timedelta(minutes=30))

    assert read(sessions, ref) is None


def test_its_manifest_is_that_of_its_endpoint(
    client: Any, sandbox: Sandbox, sessions: Sessions
) -> None:
    add(client, sandbox, "llm")
    [found] = listed(sessions, REGION).items

    kept: Any = manifest(sessions, found.ref)
    now = present(sessions, found.ref, kept)

    assert kept["endpoint"]["EndpointName"] == "host"
    assert [item["InferenceComponentName"] for item in kept["inference_components"]] == ["llm"]
    assert now["inference_components"] == kept["inference_components"]


def test_nothing_is_done_to_one_by_itself(sessions: Sessions) -> None:
    ref = a_ref("llm", ResourceKind.INFERENCE_COMPONENT, REGION)
    action = Action(ActionKind.SET_CAPACITY, ref, a_precondition())

    with pytest.raises(ActionFailedError, match="not done by itself"):
        adapter_of(ref.kind).act(sessions, action)
    assert adapter_of(ref.kind).act is act
