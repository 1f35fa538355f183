from datetime import UTC, datetime, timedelta

import pytest

from sagewarden.adapters.sagemaker_inventory import SageMakerInventory
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.ports import UnreadableError
from sagewarden.domain.resources import (
    Endpoint,
    EndpointKind,
    EndpointStatus,
    NotebookStatus,
    Serverless,
)
from sagewarden_cli.sandbox import Sandbox
from tests.support.faults import answer_with_error

REGION = "us-east-1"
NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=30)


@pytest.fixture
def inventory(sessions: Sessions) -> SageMakerInventory:
    return SageMakerInventory(sessions)


def described(inventory: SageMakerInventory, name: str) -> Endpoint:
    found = [item for item in inventory.endpoints(REGION).items if item.ref.name == name]
    return inventory.describe(REGION, found).items[0]


def test_a_notebook_is_read_with_its_tags(sandbox: Sandbox, inventory: SageMakerInventory) -> None:
    fleet = sandbox.sagemaker(region=REGION)
    fleet.add_notebook_instance(
        "nb", instance_type="ml.g5.xlarge", created_at=LONG_AGO, tags={"Owner": "mina"}
    )

    listing = inventory.notebooks(REGION)

    assert listing.incomplete == ()
    (notebook,) = listing.items
    assert notebook.status is NotebookStatus.IN_SERVICE
    assert notebook.instance_type == "ml.g5.xlarge"
    assert notebook.tags == {"Owner": "mina"}
    assert notebook.created == LONG_AGO
    assert notebook.ref.account == "123456789012"
    assert notebook.ref.region == REGION


def test_what_never_had_a_tag_has_none_rather_than_unknown_ones(
    sandbox: Sandbox, inventory: SageMakerInventory
) -> None:
    sandbox.sagemaker(region=REGION).add_notebook_instance("nb")

    (notebook,) = inventory.notebooks(REGION).items

    assert notebook.tags == {}


def test_every_page_is_read(sandbox: Sandbox, inventory: SageMakerInventory) -> None:
    fleet = sandbox.sagemaker(region=REGION)
    for number in range(205):
        fleet.add_endpoint(f"e{number}", instance_type="ml.m5.xlarge", tags={"n": str(number)})

    listing = inventory.endpoints(REGION)

    assert len(listing.items) == 205
    tags = {item.ref.name: dict(item.tags or {}) for item in listing.items}
    assert tags["e204"] == {"n": "204"}
    assert sandbox.calls.count("sagemaker", "ListEndpoints") == 3


def test_unreadable_tags_are_unknown_and_reported(
    sandbox: Sandbox, sessions: Sessions, inventory: SageMakerInventory
) -> None:
    sandbox.sagemaker(region=REGION).add_notebook_instance("nb", tags={"DoNotDelete": "yes"})
    answer_with_error(sessions, "resourcegroupstaggingapi", "GetResources", "AccessDeniedException")

    listing = inventory.notebooks(REGION)

    assert listing.items[0].tags is None
    assert "AccessDeniedException" in listing.incomplete[0].why
    assert "tags" in listing.incomplete[0].what


def test_a_list_that_breaks_off_is_reported_and_never_just_shorter(
    sandbox: Sandbox, sessions: Sessions, inventory: SageMakerInventory
) -> None:
    fleet = sandbox.sagemaker(region=REGION)
    for number in range(150):
        fleet.add_endpoint(f"e{number}", instance_type="ml.m5.xlarge")
    answer_with_error(sessions, "sagemaker", "ListEndpoints", "AccessDeniedException", after=1)

    listing = inventory.endpoints(REGION)

    assert len(listing.items) == 100
    assert "endpoint" in listing.incomplete[0].what
    assert "AccessDeniedException" in listing.incomplete[0].why


def test_details_join_counts_with_the_types_of_the_config(
    sandbox: Sandbox, inventory: SageMakerInventory
) -> None:
    fleet = sandbox.sagemaker(region=REGION)
    fleet.add_endpoint("e", instance_type="ml.g5.2xlarge")

    endpoint = described(inventory, "e")

    assert endpoint.details is not None
    (variant,) = endpoint.details.variants
    assert variant.instance_types == ("ml.g5.2xlarge",)
    assert variant.instance_count == 1
    assert endpoint.details.kind is EndpointKind.REAL_TIME


def test_a_serverless_endpoint_shows_its_provisioned_concurrency(
    sandbox: Sandbox, inventory: SageMakerInventory
) -> None:
    fleet = sandbox.sagemaker(region=REGION)
    settings = {"MemorySizeInMB": 2048, "MaxConcurrency": 10, "ProvisionedConcurrency": 2}
    variant = {"VariantName": "v", "ModelName": "m", "ServerlessConfig": settings}
    fleet.add_model("m")
    fleet.add_endpoint_config("c", variants=[variant])
    fleet.add_endpoint("e", config="c")

    endpoint = described(inventory, "e")

    assert endpoint.details is not None
    assert endpoint.details.kind is EndpointKind.SERVERLESS
    assert endpoint.details.variants[0].serverless == Serverless(2048, 10, 2)


def test_inference_components_come_with_their_endpoint(
    sandbox: Sandbox, inventory: SageMakerInventory
) -> None:
    fleet = sandbox.sagemaker(region=REGION)
    scaling = {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 2}
    variant = {
        "VariantName": "v",
        "InstanceType": "ml.g5.xlarge",
        "InitialInstanceCount": 1,
        "ManagedInstanceScaling": scaling,
    }
    fleet.add_endpoint_config("c", variants=[variant])
    fleet.add_endpoint("e", config="c")
    fleet.add_inference_component("ic", endpoint="e", variant="v", copies=1)

    endpoint = described(inventory, "e")

    assert endpoint.details is not None
    assert endpoint.details.kind is EndpointKind.COMPONENTS
    assert [item.name for item in endpoint.details.components or ()] == ["ic"]
    assert endpoint.details.variants[0].managed_minimum == 0


def test_a_description_that_is_denied_leaves_no_details_and_a_line(
    sandbox: Sandbox, sessions: Sessions, inventory: SageMakerInventory
) -> None:
    fleet = sandbox.sagemaker(region=REGION)
    fleet.add_endpoint("good", instance_type="ml.m5.xlarge")
    fleet.add_endpoint("bad", instance_type="ml.m5.xlarge")
    found = sorted(inventory.endpoints(REGION).items, key=lambda item: item.ref.name)
    answer_with_error(sessions, "sagemaker", "DescribeEndpoint", "AccessDeniedException", after=1)

    listing = inventory.describe(REGION, found)

    assert sum(item.details is not None for item in listing.items) == 1
    assert len(listing.incomplete) == 1
    assert "AccessDeniedException" in listing.incomplete[0].why


def test_the_status_that_is_described_wins_over_the_listed_one(
    sandbox: Sandbox, inventory: SageMakerInventory
) -> None:
    fleet = sandbox.sagemaker(region=REGION)
    fleet.add_endpoint("e", instance_type="ml.m5.xlarge")
    found = inventory.endpoints(REGION).items
    fleet.force_status("endpoint", "e", "SystemUpdating")

    listing = inventory.describe(REGION, found)

    assert listing.items[0].status is EndpointStatus.SYSTEM_UPDATING


def test_a_reread_uses_the_resources_own_tags(
    sandbox: Sandbox, inventory: SageMakerInventory
) -> None:
    sandbox.sagemaker(region=REGION).add_notebook_instance("nb", tags={"Stage": "prod"})
    (notebook,) = inventory.notebooks(REGION).items

    again = inventory.reread(notebook.ref)

    assert again == notebook
    assert sandbox.calls.count("sagemaker", "ListTags") == 1


@pytest.mark.parametrize("kind", ["endpoint", "notebook"])
def test_what_is_gone_is_reread_as_nothing(
    kind: str, sandbox: Sandbox, inventory: SageMakerInventory
) -> None:
    fleet = sandbox.sagemaker(region=REGION)
    fleet.add_endpoint("e", instance_type="ml.m5.xlarge")
    fleet.add_notebook_instance("nb")
    ref = (
        inventory.endpoints(REGION).items[0].ref
        if kind == "endpoint"
        else inventory.notebooks(REGION).items[0].ref
    )
    sandbox.reset(now=NOW)

    assert inventory.reread(ref) is None


def test_a_reread_that_is_denied_is_an_error_and_not_an_absence(
    sandbox: Sandbox, sessions: Sessions, inventory: SageMakerInventory
) -> None:
    sandbox.sagemaker(region=REGION).add_notebook_instance("nb")
    (notebook,) = inventory.notebooks(REGION).items
    answer_with_error(sessions, "sagemaker", "ListTags", "AccessDeniedException")

    with pytest.raises(UnreadableError, match="AccessDeniedException"):
        inventory.reread(notebook.ref)


def test_autoscaling_minimums_are_read_once_for_all(
    sandbox: Sandbox, sessions: Sessions, inventory: SageMakerInventory
) -> None:
    fleet = sandbox.sagemaker(region=REGION)
    fleet.add_endpoint("e", instance_type="ml.m5.xlarge")
    fleet.add_endpoint("f", instance_type="ml.m5.xlarge")
    sessions.client("application-autoscaling", REGION).register_scalable_target(
        ServiceNamespace="sagemaker",
        ResourceId="endpoint/e/variant/AllTraffic",
        ScalableDimension="sagemaker:variant:DesiredInstanceCount",
        MinCapacity=0,
        MaxCapacity=2,
    )

    listing = inventory.describe(REGION, inventory.endpoints(REGION).items)

    minimums = {
        item.ref.name: item.details.variants[0].autoscaling_minimum
        for item in listing.items
        if item.details
    }
    assert minimums == {"e": 0, "f": None}
    assert sessions.calls["ApplicationAutoScaling.DescribeScalableTargets"] == 1
