"""Studio apps as they are read: those that cost anything, with the tags that hold for them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sagewarden.adapters.sagemaker_executor import SageMakerExecutor
from sagewarden.adapters.sagemaker_inventory import SageMakerInventory
from sagewarden.adapters.sessions import CONNECTIONS, Sessions
from sagewarden.application.ports import ActionFailedError, UnreadableError
from sagewarden.domain.actions import Action, ActionKind, Precondition
from sagewarden.domain.resources import AppStatus, ResourceKind, StudioApp
from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.sandbox.shapes import service_model
from tests.support.faults import answer_with_error

REGION = "us-east-1"
LONG_AGO = datetime(2026, 10, 18, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
LAB = "space/Mina-Lab/JupyterLab/default"
STATUSES = service_model("sagemaker").shape_for("AppStatus").metadata["enum"]


@pytest.fixture
def inventory(sessions: Sessions) -> SageMakerInventory:
    return SageMakerInventory(sessions)


@pytest.fixture
def fleet(sandbox: Sandbox) -> Any:
    """A domain with Mina, who owns a space."""
    found = sandbox.sagemaker(region=REGION)
    found.add_domain("d-one")
    found.add_user_profile("Mina", domain="d-one", tags={"Owner": "mina", "Stage": "dev"})
    found.add_space("Mina-Lab", domain="d-one", owner="Mina", tags={"Schedule": "off"})
    return found


def by_name(inventory: SageMakerInventory) -> dict[str, StudioApp]:
    listing = inventory.studio_apps(REGION)
    assert listing.incomplete == ()
    return {app.ref.name: app for app in listing.items}


def test_an_app_is_read_with_its_type_instance_and_use(
    fleet: Any, inventory: SageMakerInventory
) -> None:
    arn = fleet.add_app(
        domain="d-one",
        space="Mina-Lab",
        instance_type="ml.g5.xlarge",
        created_at=LONG_AGO,
        last_user_activity_at=LONG_AGO + HOUR,
        last_health_check_at=LONG_AGO + 2 * HOUR,
    )

    (app,) = inventory.studio_apps(REGION).items

    assert (app.ref.kind, app.ref.name, app.ref.arn) == ("studio-app", LAB, arn)
    assert (app.status, app.created) == (AppStatus.IN_SERVICE, LONG_AGO)
    assert (app.app_type, app.instance_type) == ("JupyterLab", "ml.g5.xlarge")
    assert (app.active, app.checked) == (LONG_AGO + HOUR, LONG_AGO + 2 * HOUR)


def test_its_own_tags_stand_over_those_of_its_space_and_those_over_its_owners(
    fleet: Any, inventory: SageMakerInventory
) -> None:
    fleet.add_app(domain="d-one", space="Mina-Lab", tags={"Stage": "prod"})
    fleet.add_app("kernel", domain="d-one", user_profile="Mina", app_type="KernelGateway")

    found = by_name(inventory)

    assert found[LAB].tags == {"Owner": "mina", "Stage": "prod", "Schedule": "off"}
    of_mina = found["user/Mina/KernelGateway/kernel"]
    assert of_mina.tags == {"Owner": "mina", "Stage": "dev"}


def test_a_space_of_nobody_has_its_own_tags_only(fleet: Any, inventory: SageMakerInventory) -> None:
    fleet.add_space("shared", domain="d-one", tags={"Team": "ml"})
    fleet.add_app(domain="d-one", space="shared")

    (app,) = inventory.studio_apps(REGION).items

    assert app.tags == {"Team": "ml"}
    assert inventory.reread(app.ref) == app


@pytest.mark.parametrize("status", STATUSES)
def test_an_app_is_seen_in_every_state_but_deleted(
    fleet: Any, inventory: SageMakerInventory, status: str
) -> None:
    fleet.add_app(domain="d-one", space="Mina-Lab", status=status)

    found = inventory.studio_apps(REGION).items

    assert [app.status for app in found] == ([] if status == "Deleted" else [status])


def test_what_costs_nothing_is_not_read_and_a_kernel_on_system_costs_something(
    fleet: Any, inventory: SageMakerInventory, sandbox: Sandbox
) -> None:
    fleet.add_app(domain="d-one", user_profile="Mina", app_type="JupyterServer")
    fleet.add_app(
        "kernel",
        domain="d-one",
        user_profile="Mina",
        app_type="KernelGateway",
        ResourceSpec={"InstanceType": "system"},
    )

    found = by_name(inventory)

    assert list(found) == ["user/Mina/KernelGateway/kernel"]
    assert found["user/Mina/KernelGateway/kernel"].instance_type == "ml.t3.medium"
    assert sandbox.calls.count("sagemaker", "DescribeApp") == 1


def test_the_tags_of_what_is_never_stopped_are_not_read(
    fleet: Any, inventory: SageMakerInventory, sandbox: Sandbox
) -> None:
    fleet.add_app(domain="d-one", space="Mina-Lab", status="Deleting")

    (app,) = inventory.studio_apps(REGION).items

    assert app.tags is None
    assert sandbox.calls.count("sagemaker", "ListTags") == 0


def test_an_empty_region_costs_one_call(inventory: SageMakerInventory, sandbox: Sandbox) -> None:
    assert inventory.studio_apps(REGION).items == ()
    assert sandbox.calls.count("sagemaker") == 1


def test_every_page_is_read_and_each_space_and_person_once(
    fleet: Any, inventory: SageMakerInventory, sandbox: Sandbox
) -> None:
    for number in range(105):
        fleet.add_space(f"s{number}", domain="d-one", owner="Mina", app_type="KernelGateway")
        fleet.add_app(f"k{number}", domain="d-one", space="Mina-Lab", app_type="KernelGateway")

    listing = inventory.studio_apps(REGION)

    assert len(listing.items) == 105
    calls = sandbox.calls
    assert calls.count("sagemaker", "ListApps") == 2
    assert calls.count("sagemaker", "ListSpaces") == 2
    assert calls.count("sagemaker", "DescribeApp") == 105
    # Threads may ask for the same at once; nobody asks again later.
    assert calls.count("sagemaker", "DescribeUserProfile") <= CONNECTIONS
    assert calls.count("sagemaker", "ListTags") <= 105 + 2 * CONNECTIONS


def test_an_owner_who_is_gone_has_no_tags(fleet: Any, inventory: SageMakerInventory) -> None:
    fleet.add_space("orphan", domain="d-one", owner="Left")
    fleet.add_app(domain="d-one", space="orphan", tags={"Team": "ml"})

    (app,) = inventory.studio_apps(REGION).items

    assert app.tags == {"Team": "ml"}
    assert inventory.reread(app.ref) == app


@pytest.mark.parametrize("place", [{"user_profile": "Gone"}, {"space": "nowhere"}])
def test_where_the_place_of_an_app_is_not_found_its_tags_are_not_known(
    fleet: Any, inventory: SageMakerInventory, place: dict[str, str]
) -> None:
    fleet.add_app(domain="d-one", tags={"Team": "ml"}, **place)

    listing = inventory.studio_apps(REGION)

    (app,) = listing.items
    assert app.tags is None
    assert [item.what for item in listing.incomplete] == [
        f"tags of studio-app {app.ref.name} in {REGION}"
    ]
    with pytest.raises(UnreadableError):
        inventory.reread(app.ref)


@pytest.mark.parametrize("operation", ["ListTags", "DescribeUserProfile", "ListSpaces"])
def test_with_any_of_its_tags_denied_an_app_is_listed_without_tags_and_reported(
    operation: str, fleet: Any, sessions: Sessions, inventory: SageMakerInventory
) -> None:
    fleet.add_app(domain="d-one", space="Mina-Lab")
    answer_with_error(sessions, "sagemaker", operation, "AccessDeniedException")

    listing = inventory.studio_apps(REGION)

    assert [app.tags for app in listing.items] == [None]
    assert any("studio-app" in item.what or "spaces" in item.what for item in listing.incomplete)
    assert any("AccessDeniedException" in item.why for item in listing.incomplete)


@pytest.mark.parametrize("operation", ["ListApps", "DescribeApp"])
def test_what_is_denied_is_reported_and_never_just_absent(
    operation: str, fleet: Any, sessions: Sessions, inventory: SageMakerInventory
) -> None:
    fleet.add_app(domain="d-one", space="Mina-Lab")
    answer_with_error(sessions, "sagemaker", operation, "AccessDeniedException")

    listing = inventory.studio_apps(REGION)

    assert listing.items == ()
    (incomplete,) = listing.incomplete
    assert "studio-app" in incomplete.what
    assert "AccessDeniedException" in incomplete.why


@pytest.mark.parametrize(
    "operation", ["DescribeApp", "DescribeSpace", "DescribeUserProfile", "ListTags"]
)
def test_a_fresh_look_is_whole_or_an_error(
    operation: str, fleet: Any, sessions: Sessions, inventory: SageMakerInventory
) -> None:
    fleet.add_app(domain="d-one", space="Mina-Lab")
    (app,) = inventory.studio_apps(REGION).items
    assert inventory.reread(app.ref) == app
    answer_with_error(sessions, "sagemaker", operation, "AccessDeniedException")

    with pytest.raises(UnreadableError, match="AccessDeniedException"):
        inventory.reread(app.ref)


def test_an_app_that_is_gone_is_none(
    fleet: Any, inventory: SageMakerInventory, sandbox: Sandbox
) -> None:
    fleet.add_app(domain="d-one", space="Mina-Lab")
    (app,) = inventory.studio_apps(REGION).items
    client = sandbox.client("sagemaker", region=REGION)
    client.delete_app(
        DomainId="d-one", SpaceName="Mina-Lab", AppType="JupyterLab", AppName="default"
    )
    sandbox.clock.advance(HOUR)

    deleted = inventory.reread(app.ref)
    sandbox.clock.advance(48 * HOUR)
    forgotten = inventory.reread(app.ref)

    assert (deleted, forgotten) == (None, None)


def test_a_name_is_not_enough_to_find_an_app(inventory: SageMakerInventory) -> None:
    with pytest.raises(UnreadableError, match="by its ARN only"):
        inventory.look_up(ResourceKind.STUDIO_APP, REGION, LAB)


class TestStopping:
    @staticmethod
    def action(inventory: SageMakerInventory) -> Action:
        (app,) = inventory.studio_apps(REGION).items
        return Action(ActionKind.STOP, app.ref, Precondition.of(app))

    def test_an_app_is_stopped_by_deleting_it_and_its_space_stays(
        self, fleet: Any, inventory: SageMakerInventory, sessions: Sessions, sandbox: Sandbox
    ) -> None:
        fleet.add_app(domain="d-one", space="Mina-Lab")
        action = self.action(inventory)

        undo = SageMakerExecutor(sessions).execute(action)

        sandbox.clock.advance(HOUR)
        client = sandbox.client("sagemaker", region=REGION)
        assert [app["Status"] for app in client.list_apps()["Apps"]] == ["Deleted"]
        assert [space["SpaceName"] for space in client.list_spaces()["Spaces"]] == ["Mina-Lab"]
        assert undo == f"sagewarden restore {action.ref.arn}"

    def test_what_aws_refuses_is_a_failure_with_its_words(
        self, fleet: Any, inventory: SageMakerInventory, sessions: Sessions
    ) -> None:
        fleet.add_app(domain="d-one", user_profile="Mina", app_type="Canvas")
        action = self.action(inventory)
        fleet.force_status("app", "d-one/Mina/Canvas/default", "Pending")

        with pytest.raises(ActionFailedError, match="ResourceInUse"):
            SageMakerExecutor(sessions).execute(action)
