"""Studio's apps: started, active, deleted, and seen for another day."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.sandbox.shapes import service_model

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ARN = "arn:aws:sagemaker:us-east-1:123456789012"
IN_SPACE = {
    "DomainId": "d-one",
    "SpaceName": "lab",
    "AppType": "JupyterLab",
    "AppName": "default",
}
STATUSES = service_model("sagemaker").shape_for("AppStatus").metadata["enum"]

type Client = Any  # boto3 makes its clients at run time
type Refusal = Callable[..., tuple[str, str]]


@pytest.fixture
def studio(sandbox: Sandbox) -> Sandbox:
    """One domain with one person, who has one space."""
    fleet = sandbox.sagemaker()
    fleet.add_domain("d-one", tags={"Team": "ml", "Stage": "dev"})
    fleet.add_user_profile("mina", domain="d-one", tags={"Owner": "mina"})
    fleet.add_space("lab", domain="d-one", owner="mina", tags={"Stage": "lab"})
    return sandbox


def names(answer: dict[str, Any]) -> list[str]:
    return [app["AppName"] for app in answer["Apps"]]


def test_an_app_goes_through_its_whole_life(studio: Sandbox, sagemaker: Client) -> None:
    arn = sagemaker.create_app(**IN_SPACE, ResourceSpec={"InstanceType": "ml.g5.xlarge"})["AppArn"]
    seen = [sagemaker.describe_app(**IN_SPACE)["Status"]]

    studio.clock.advance(3 * MINUTE)
    running = sagemaker.describe_app(**IN_SPACE)
    sagemaker.delete_app(**IN_SPACE)
    seen.append(sagemaker.describe_app(**IN_SPACE)["Status"])
    studio.clock.advance(2 * MINUTE)
    seen.append(sagemaker.list_apps()["Apps"][0]["Status"])
    studio.clock.advance(DAY)

    assert arn == f"{ARN}:app/d-one/lab/jupyterlab/default"
    assert seen == ["Pending", "Deleting", "Deleted"]
    assert running["Status"] == "InService"
    assert running["ResourceSpec"] == {"InstanceType": "ml.g5.xlarge"}
    assert running["LastHealthCheckTimestamp"] == running["LastUserActivityTimestamp"]
    assert sagemaker.list_apps()["Apps"] == []


@pytest.mark.parametrize("status", STATUSES)
def test_an_app_is_deleted_only_when_it_runs_or_has_failed(
    studio: Sandbox, sagemaker: Client, refusal: Refusal, status: str
) -> None:
    arn = studio.sagemaker().add_app(domain="d-one", space="lab", status=status)

    if status in {"InService", "Failed"}:
        sagemaker.delete_app(**IN_SPACE)
        answer = ("", sagemaker.describe_app(**IN_SPACE)["Status"])
    else:
        answer = refusal(sagemaker.delete_app, **IN_SPACE)

    assert answer == {
        "InService": ("", "Deleting"),
        "Failed": ("", "Deleting"),
        "Deleted": ("ResourceNotFound", f"App [{arn}] does not exist."),
    }.get(
        status,
        ("ResourceInUse", f"Unable to delete App [{arn}] because it is in status {status}."),
    )


@pytest.mark.parametrize("call", ["describe", "delete"])
def test_a_missing_app_is_not_found(
    studio: Sandbox, sagemaker: Client, refusal: Refusal, call: str
) -> None:
    del studio

    answer = refusal(getattr(sagemaker, f"{call}_app"), **IN_SPACE)

    arn = f"{ARN}:app/d-one/lab/jupyterlab/default"
    assert answer == ("ResourceNotFound", f"App [{arn}] does not exist.")


@pytest.mark.parametrize("status", STATUSES)
def test_a_second_app_of_the_same_name_is_refused_unless_the_first_is_deleted(
    studio: Sandbox, sagemaker: Client, refusal: Refusal, status: str
) -> None:
    arn = studio.sagemaker().add_app(domain="d-one", space="lab", status=status)

    if status == "Deleted":
        sagemaker.create_app(**IN_SPACE)
        studio.clock.advance(DAY)
        assert sagemaker.describe_app(**IN_SPACE)["Status"] == "InService"
    else:
        answer = refusal(sagemaker.create_app, **IN_SPACE)
        assert answer == ("ResourceInUse", f"App [{arn}] already exists.")


@pytest.mark.parametrize(("pause", "kept"), [(timedelta(hours=23), True), (DAY, False)])
def test_an_app_that_is_started_again_within_a_day_keeps_its_time_of_creation(
    studio: Sandbox, sagemaker: Client, pause: timedelta, *, kept: bool
) -> None:
    sagemaker.create_app(**IN_SPACE)
    studio.clock.advance(10 * MINUTE)
    first = sagemaker.describe_app(**IN_SPACE)["CreationTime"]
    sagemaker.delete_app(**IN_SPACE)
    studio.clock.advance(2 * MINUTE + pause)

    sagemaker.create_app(**IN_SPACE)

    again = sagemaker.describe_app(**IN_SPACE)
    assert (again["Status"], again["CreationTime"] == first) == ("Pending", kept)


def test_only_system_is_free_and_only_for_jupyter_servers(
    studio: Sandbox, sagemaker: Client, refusal: Refusal
) -> None:
    del studio
    server = {
        "DomainId": "d-one",
        "UserProfileName": "mina",
        "AppType": "JupyterServer",
        "AppName": "default",
    }
    kernel = {**server, "AppType": "KernelGateway", "AppName": "datascience"}

    refused = refusal(sagemaker.create_app, **server, ResourceSpec={"InstanceType": "ml.t3.medium"})
    sagemaker.create_app(**kernel, ResourceSpec={"InstanceType": "system"})

    assert refused[0] == "ValidationException"
    spec_of_kernel = sagemaker.describe_app(**kernel)["ResourceSpec"]
    assert spec_of_kernel == {"InstanceType": "ml.t3.medium"}


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"UserProfileName": "mina", "SpaceName": "lab"}, "ValidationException"),
        ({}, "ValidationException"),
        ({"UserProfileName": "nobody"}, "ResourceNotFound"),
        ({"SpaceName": "nowhere"}, "ResourceNotFound"),
        ({"SpaceName": "lab", "DomainId": "d-none"}, "ResourceNotFound"),
        ({"SpaceName": "lab", "AppType": "CodeEditor"}, "ValidationException"),
        ({"SpaceName": "lab", "AppType": "Notepad"}, "ValidationException"),
    ],
)
def test_an_app_needs_one_place_that_takes_it(
    studio: Sandbox, sagemaker: Client, refusal: Refusal, params: dict[str, str], code: str
) -> None:
    del studio
    what = {"DomainId": "d-one", "AppType": "JupyterLab", "AppName": "default"}

    answer = refusal(sagemaker.create_app, **{**what, **params})

    assert answer[0] == code


def spec(app_type: str, instance_type: str) -> dict[str, Any]:
    return {f"{app_type}AppSettings": {"DefaultResourceSpec": {"InstanceType": instance_type}}}


def test_an_app_runs_on_what_the_closest_settings_say(sandbox: Sandbox, sagemaker: Client) -> None:
    fleet = sandbox.sagemaker()
    fleet.add_domain("d-one", DefaultUserSettings=spec("KernelGateway", "ml.m5.large"))
    fleet.add_user_profile("mina", domain="d-one")
    fleet.add_user_profile("jun", domain="d-one", UserSettings=spec("KernelGateway", "ml.c5.large"))
    mina = {"DomainId": "d-one", "UserProfileName": "mina"}
    jun = {"DomainId": "d-one", "UserProfileName": "jun"}

    sagemaker.create_app(**mina, AppType="JupyterServer", AppName="server")
    sagemaker.create_app(**mina, AppType="KernelGateway", AppName="by-domain")
    sagemaker.create_app(**jun, AppType="KernelGateway", AppName="by-person")
    sagemaker.create_app(**jun, AppType="JupyterLab", AppName="by-default")
    found = {
        app["AppName"]: app["ResourceSpec"]["InstanceType"] for app in sagemaker.list_apps()["Apps"]
    }

    assert found == {
        "server": "system",
        "by-domain": "ml.m5.large",
        "by-person": "ml.c5.large",
        "by-default": "ml.t3.medium",
    }


@pytest.mark.parametrize(
    ("place", "propagation", "expected"),
    [
        (
            {"UserProfileName": "mina"},
            "DISABLED",
            {"Team": "ml", "Stage": "dev", "Owner": "mina", "App": "mine"},
        ),
        ({"SpaceName": "lab"}, "DISABLED", {"Team": "ml", "Stage": "dev", "App": "mine"}),
        ({"SpaceName": "lab"}, "ENABLED", {"Team": "ml", "Stage": "lab", "App": "mine"}),
    ],
)
def test_an_app_takes_on_tags_when_it_is_launched(
    studio: Sandbox,
    sagemaker: Client,
    place: dict[str, str],
    propagation: str,
    expected: dict[str, str],
) -> None:
    sagemaker.update_domain(DomainId="d-one", TagPropagation=propagation)

    arn = sagemaker.create_app(
        DomainId="d-one",
        **place,
        AppType="JupyterLab",
        AppName="default",
        Tags=[{"Key": "App", "Value": "mine"}],
    )["AppArn"]

    assert studio.tags_of(arn) == expected


def test_the_tags_of_a_deleted_app_are_out_of_reach(
    studio: Sandbox, sagemaker: Client, tagging: Client, refusal: Refusal
) -> None:
    arn = studio.sagemaker().add_app(
        domain="d-one", space="lab", status="Deleted", tags={"Owner": "mina"}
    )

    code, _ = refusal(sagemaker.list_tags, ResourceArn=arn)
    found = tagging.get_resources(ResourceTypeFilters=["sagemaker:app"])

    assert code == "ValidationException"
    assert found["ResourceTagMappingList"] == []
    assert studio.tags_of(arn) == {}


def test_the_activity_of_an_app_can_be_seeded(studio: Sandbox, sagemaker: Client) -> None:
    now = studio.clock.now()
    studio.sagemaker().add_app(
        domain="d-one",
        space="lab",
        instance_type="ml.g5.2xlarge",
        created_at=now - 3 * DAY,
        last_user_activity_at=now - 2 * DAY,
        last_health_check_at=now - MINUTE,
    )

    found = sagemaker.describe_app(**IN_SPACE)

    assert found["CreationTime"] == now - 3 * DAY
    assert found["LastUserActivityTimestamp"] == now - 2 * DAY
    assert found["LastHealthCheckTimestamp"] == now - MINUTE
    assert found["ResourceSpec"]["InstanceType"] == "ml.g5.2xlarge"


@pytest.mark.parametrize("places", [{}, {"user_profile": "mina", "space": "lab"}])
def test_an_app_is_seeded_in_one_place(studio: Sandbox, places: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="give either user_profile or space"):
        studio.sagemaker().add_app(domain="d-one", **places)


def test_an_app_starts_in_recovery_in_a_space_of_nobody(studio: Sandbox, sagemaker: Client) -> None:
    studio.sagemaker().add_space("common", domain="d-one")
    where = {**IN_SPACE, "SpaceName": "common"}

    sagemaker.create_app(**where, RecoveryMode=True)

    assert sagemaker.describe_app(**where)["RecoveryMode"] is True


def test_an_app_can_be_forced_to_fail(studio: Sandbox, sagemaker: Client) -> None:
    fleet = studio.sagemaker()
    fleet.add_app(domain="d-one", space="lab", status="Pending")

    fleet.force_status("app", "d-one/lab/JupyterLab/default", "Failed", "no capacity")
    found = sagemaker.describe_app(**IN_SPACE)

    assert (found["Status"], found["FailureReason"]) == ("Failed", "no capacity")


def test_listing_filters_sorts_and_pages(studio: Sandbox, sagemaker: Client) -> None:
    fleet = studio.sagemaker()
    for number in range(12):
        place: dict[str, Any] = {"space": "lab"} if number % 2 else {"user_profile": "mina"}
        created = studio.clock.now() - timedelta(hours=number)
        fleet.add_app(f"a{number}", domain="d-one", created_at=created, **place)

    pages = [names(page) for page in sagemaker.get_paginator("list_apps").paginate()]
    in_space = sagemaker.list_apps(SpaceNameEquals="lab", SortOrder="Descending", MaxResults=2)

    assert [len(page) for page in pages] == [10, 2]
    assert pages[0][0] == "a11"
    assert names(in_space) == ["a1", "a3"]
    assert len(names(sagemaker.list_apps(UserProfileNameEquals="mina"))) == 6
    assert names(sagemaker.list_apps(DomainIdEquals="d-two")) == []


def test_a_listing_is_of_a_person_or_of_a_space(
    studio: Sandbox, sagemaker: Client, refusal: Refusal
) -> None:
    del studio

    code, _ = refusal(sagemaker.list_apps, UserProfileNameEquals="mina", SpaceNameEquals="lab")

    assert code == "ValidationException"


def test_accounts_and_regions_do_not_see_each_others_apps(
    studio: Sandbox, sagemaker: Client
) -> None:
    studio.sagemaker(region="ap-northeast-2").add_app(domain="d-one", space="lab")
    studio.sagemaker(account="210987654321").add_app(domain="d-one", space="lab")

    assert names(sagemaker.list_apps()) == []
