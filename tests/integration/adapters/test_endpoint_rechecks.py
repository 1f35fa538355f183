"""What the adapter reads of a part of a region's endpoints."""

from datetime import UTC, datetime, timedelta

import pytest

from sagewarden.adapters.endpoint_rechecks import SageMakerRechecks
from sagewarden.adapters.sagemaker_inventory import SageMakerInventory
from sagewarden.adapters.sessions import Sessions
from sagewarden.domain.resources import Endpoint
from sagewarden_cli.sandbox import Sandbox
from tests.support.faults import answer_with_error

REGION = "us-east-1"
NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=30)


@pytest.fixture
def rechecks(sessions: Sessions) -> SageMakerRechecks:
    return SageMakerRechecks(sessions)


def some(sandbox: Sandbox, number: int, **settings: object) -> None:
    fleet = sandbox.sagemaker(region=REGION)
    for index in range(number):
        fleet.add_endpoint(f"e{index:03}", created_at=LONG_AGO, **settings)  # type: ignore[arg-type]  # by name


def names(found: tuple[Endpoint, ...]) -> list[str]:
    return [item.ref.name for item in found]


def test_only_what_was_created_or_updated_since_is_listed(
    sandbox: Sandbox, rechecks: SageMakerRechecks
) -> None:
    some(sandbox, 2)
    fleet = sandbox.sagemaker(region=REGION)
    fleet.add_endpoint("new", created_at=NOW - timedelta(minutes=5))
    sandbox.client("sagemaker").update_endpoint_weights_and_capacities(
        EndpointName="e001",
        DesiredWeightsAndCapacities=[{"VariantName": "AllTraffic", "DesiredInstanceCount": 2}],
    )

    found = rechecks.updated_since(REGION, NOW - timedelta(hours=1))

    assert sorted(names(found.items)) == ["e001", "new"]
    assert found.incomplete == ()
    assert all(item.tags is None and item.details is None for item in found.items)


def test_all_is_listed_page_by_page(
    sandbox: Sandbox, sessions: Sessions, rechecks: SageMakerRechecks
) -> None:
    some(sandbox, 101)

    found = rechecks.updated_since(REGION, None)

    assert len(found.items) == 101
    assert sessions.calls == {"SageMaker.ListEndpoints": 2}


def test_a_list_that_breaks_off_is_reported(
    sandbox: Sandbox, sessions: Sessions, rechecks: SageMakerRechecks
) -> None:
    some(sandbox, 101)
    answer_with_error(sessions, "sagemaker", "ListEndpoints", "AccessDeniedException", after=1)

    found = rechecks.updated_since(REGION, None)

    assert len(found.items) == 100
    assert [item.what for item in found.incomplete] == ["endpoint resources in us-east-1"]


def test_tags_are_read_by_the_hundred(
    sandbox: Sandbox, sessions: Sessions, rechecks: SageMakerRechecks
) -> None:
    some(sandbox, 101, tags={"Owner": "mina"})
    sandbox.sagemaker(region=REGION).add_endpoint("untagged", created_at=LONG_AGO)
    listed = rechecks.updated_since(REGION, None).items

    found = rechecks.tagged(REGION, listed)

    assert {item.ref.name: item.tags for item in found.items} == {
        **{item.ref.name: {"Owner": "mina"} for item in listed},
        "untagged": {},
    }
    assert sessions.calls["ResourceGroupsTaggingAPI.GetResources"] == 2
    assert rechecks.tagged(REGION, ()).items == ()


def test_tags_that_cannot_be_read_are_unknown_and_reported(
    sandbox: Sandbox, sessions: Sessions, rechecks: SageMakerRechecks
) -> None:
    some(sandbox, 2, tags={"Owner": "mina"})
    listed = rechecks.updated_since(REGION, None).items
    answer_with_error(sessions, "resourcegroupstaggingapi", "GetResources", "AccessDenied")

    found = rechecks.tagged(REGION, listed)

    assert [item.tags for item in found.items] == [None, None]
    assert [item.what for item in found.incomplete] == ["tags of 2 endpoint resources in us-east-1"]


def test_what_is_gone_is_not_confirmed(
    sandbox: Sandbox, sessions: Sessions, rechecks: SageMakerRechecks
) -> None:
    some(sandbox, 2)
    listed = rechecks.updated_since(REGION, None).items
    sandbox.transition_times.set_all(timedelta(0))
    sandbox.client("sagemaker").delete_endpoint(EndpointName="e000")

    found = rechecks.confirmed(REGION, listed)

    assert names(found.items) == ["e001"]
    assert found.incomplete == ()
    assert sessions.calls["SageMaker.DescribeEndpoint"] == 2


def test_what_cannot_be_read_is_reported(
    sandbox: Sandbox, sessions: Sessions, rechecks: SageMakerRechecks
) -> None:
    some(sandbox, 1)
    listed = rechecks.updated_since(REGION, None).items
    answer_with_error(sessions, "sagemaker", "DescribeEndpoint", "AccessDeniedException")

    found = rechecks.confirmed(REGION, listed)

    assert found.items == ()
    assert [item.what for item in found.incomplete] == ["endpoint e000 in us-east-1"]


def test_details_that_are_known_are_not_described_again_but_for_what_autoscaling_may_do(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    some(sandbox, 1)
    inventory = SageMakerInventory(sessions)
    described = inventory.describe(REGION, inventory.endpoints(REGION).items).items
    sandbox.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="sagemaker",
        ResourceId="endpoint/e000/variant/AllTraffic",
        ScalableDimension="sagemaker:variant:DesiredInstanceCount",
        MinCapacity=1,
        MaxCapacity=4,
    )

    (again,) = inventory.describe(REGION, described).items

    assert again.details is not None
    assert again.details.variants[0].autoscaling_minimum == 1
    assert sessions.calls["SageMaker.DescribeEndpoint"] == 1
    assert sessions.calls["SageMaker.DescribeEndpointConfig"] == 1


def test_what_is_gone_before_it_is_described_is_passed_over(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    some(sandbox, 2)
    inventory = SageMakerInventory(sessions)
    listed = inventory.endpoints(REGION).items
    sandbox.transition_times.set_all(timedelta(0))
    sandbox.client("sagemaker").delete_endpoint(EndpointName="e000")

    found = inventory.describe(REGION, listed)

    assert names(found.items) == ["e001"]
    assert found.incomplete == ()


def test_an_endpoint_whose_config_is_gone_is_not(sandbox: Sandbox, sessions: Sessions) -> None:
    some(sandbox, 1)
    inventory = SageMakerInventory(sessions)
    client = sandbox.client("sagemaker")
    config = client.describe_endpoint(EndpointName="e000")["EndpointConfigName"]
    client.delete_endpoint_config(EndpointConfigName=config)

    found = inventory.describe(REGION, inventory.endpoints(REGION).items)

    assert found.items == ()
    assert [item.what for item in found.incomplete] == ["endpoint e000 in us-east-1"]
