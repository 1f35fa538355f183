from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sagewarden.adapters.sagemaker_inventory import SageMakerInventory
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.ports import UnreadableError
from sagewarden.domain.resources import ResourceKind, StudioStatus
from sagewarden.domain.studio_settings import IdleShutdown
from sagewarden_cli.sandbox import Sandbox
from tests.support.faults import answer_with_error

REGION = "us-east-1"
LONG_AGO = datetime(2026, 10, 18, 9, 30, tzinfo=UTC)
CONFIG = f"arn:aws:sagemaker:{REGION}:123456789012:studio-lifecycle-config/auto-stop"


def settings(minutes: int) -> dict[str, Any]:
    idle = {"LifecycleManagement": "ENABLED", "IdleTimeoutInMinutes": minutes}
    return {
        "ExecutionRole": "arn:aws:iam::123456789012:role/studio",
        "JupyterLabAppSettings": {
            "AppLifecycleManagement": {"IdleSettings": idle},
            "LifecycleConfigArns": [CONFIG],
            "DefaultResourceSpec": {"InstanceType": "ml.g5.xlarge"},
        },
        "SpaceStorageSettings": {
            "DefaultEbsStorageSettings": {
                "DefaultEbsVolumeSizeInGb": 50,
                "MaximumEbsVolumeSizeInGb": 100,
            }
        },
    }


@pytest.fixture
def inventory(sessions: Sessions) -> SageMakerInventory:
    return SageMakerInventory(sessions)


def test_a_domain_is_read_with_its_settings_and_tags(
    sandbox: Sandbox, inventory: SageMakerInventory
) -> None:
    arn = sandbox.sagemaker(region=REGION).add_domain(
        "d-research",
        created_at=LONG_AGO,
        tags={"Owner": "mina"},
        DefaultUserSettings=settings(90),
    )

    listing = inventory.studio_domains(REGION)

    assert listing.incomplete == ()
    (domain,) = listing.items
    assert (domain.ref.kind, domain.ref.name, domain.ref.arn) == ("studio-domain", "research", arn)
    assert (domain.status, domain.created) == (StudioStatus.IN_SERVICE, LONG_AGO)
    assert domain.tags == {"Owner": "mina"}
    assert (domain.instance_types, domain.volumes_gb) == (("ml.g5.xlarge",), (50,))
    assert domain.settings is not None
    assert domain.settings.lifecycle_configs == ("auto-stop",)
    assert domain.settings.idle_shutdown == (
        IdleShutdown("JupyterLab", enabled=True, timeout=timedelta(minutes=90)),
        IdleShutdown("CodeEditor"),
    )


def test_a_user_profile_is_read_with_what_it_sets_itself(
    sandbox: Sandbox, inventory: SageMakerInventory
) -> None:
    fleet = sandbox.sagemaker(region=REGION)
    fleet.add_domain("d-research", DefaultUserSettings=settings(90))
    fleet.add_user_profile("lee", domain="d-research", UserSettings=settings(60))
    fleet.add_user_profile("kim", domain="d-research")

    found = {item.ref.name: item for item in inventory.user_profiles(REGION).items}

    lee, kim = found["lee"], found["kim"]
    assert lee.ref.kind == "studio-user-profile"
    assert lee.settings is not None
    assert kim.settings is not None
    assert lee.settings.idle_shutdown[0].timeout == timedelta(minutes=60)
    assert kim.settings.idle_shutdown[0].timeout is None


@pytest.mark.parametrize("kind", ["domain", "profile"])
def test_a_reread_shows_the_same_and_nothing_of_what_is_gone(
    kind: str, sandbox: Sandbox, inventory: SageMakerInventory
) -> None:
    fleet = sandbox.sagemaker(region=REGION)
    fleet.add_domain("d-research", tags={"Owner": "mina"})
    fleet.add_user_profile("lee", domain="d-research")
    listing = inventory.studio_domains if kind == "domain" else inventory.user_profiles
    (resource,) = listing(REGION).items

    again = inventory.reread(resource.ref)
    sandbox.reset(now=LONG_AGO)

    assert again == resource
    assert inventory.reread(resource.ref) is None


def test_every_page_is_read(sandbox: Sandbox, inventory: SageMakerInventory) -> None:
    fleet = sandbox.sagemaker(region=REGION)
    fleet.add_domain("d-research")
    for number in range(105):
        fleet.add_user_profile(f"p{number}", domain="d-research")

    listing = inventory.user_profiles(REGION)

    assert len(listing.items) == 105
    assert sandbox.calls.count("sagemaker", "ListUserProfiles") == 2


@pytest.mark.parametrize("operation", ["ListDomains", "DescribeDomain", "ListTags"])
def test_what_is_denied_is_reported_and_never_just_absent(
    operation: str, sandbox: Sandbox, sessions: Sessions, inventory: SageMakerInventory
) -> None:
    sandbox.sagemaker(region=REGION).add_domain("d-research")
    answer_with_error(sessions, "sagemaker", operation, "AccessDeniedException")

    listing = inventory.studio_domains(REGION)

    assert listing.items == ()
    [incomplete] = listing.incomplete
    assert "studio-domain" in incomplete.what
    assert "AccessDeniedException" in incomplete.why


def test_a_name_is_not_enough_to_find_what_belongs_to_studio(
    sandbox: Sandbox, inventory: SageMakerInventory
) -> None:
    sandbox.sagemaker(region=REGION).add_domain("d-research")

    with pytest.raises(UnreadableError, match="by its ARN only"):
        inventory.look_up(ResourceKind.STUDIO_DOMAIN, REGION, "research")


def test_a_notebook_tells_its_lifecycle_configuration(
    sandbox: Sandbox, sessions: Sessions, inventory: SageMakerInventory
) -> None:
    sandbox.sagemaker(region=REGION).add_notebook_instance("bare")
    sessions.client("sagemaker", REGION).create_notebook_instance(
        NotebookInstanceName="auto",
        InstanceType="ml.t3.medium",
        RoleArn="arn:aws:iam::123456789012:role/nb",
        LifecycleConfigName="auto-stop",
    )

    listed = {item.ref.name: item for item in inventory.notebooks(REGION).items}
    again = inventory.look_up(ResourceKind.NOTEBOOK_INSTANCE, REGION, "auto")

    assert listed["bare"].lifecycle_config == ""
    assert listed["auto"].lifecycle_config == "auto-stop"
    assert again == listed["auto"]
