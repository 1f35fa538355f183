"""Studio's domains, user profiles and spaces: states, settings, refusals and listings as on AWS."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from sagewarden_cli.sandbox import Sandbox

ROLE = "arn:aws:iam::123456789012:role/studio"
ARN = "arn:aws:sagemaker:us-east-1:123456789012"
MINUTE = timedelta(minutes=1)

type Client = Any  # boto3 makes its clients at run time
type Refusal = Callable[..., tuple[str, str]]


def idle(**settings: object) -> dict[str, Any]:
    return {"JupyterLabAppSettings": {"AppLifecycleManagement": {"IdleSettings": settings}}}


def create_domain(sagemaker: Client, name: str = "research", **more: object) -> str:
    answer = sagemaker.create_domain(
        DomainName=name,
        AuthMode="IAM",
        SubnetIds=["subnet-1"],
        VpcId="vpc-1",
        **{"DefaultUserSettings": {"ExecutionRole": ROLE}, **more},
    )
    return str(answer["DomainId"])


@pytest.fixture
def studio(sandbox: Sandbox) -> Sandbox:
    """One domain with one person in it."""
    fleet = sandbox.sagemaker()
    fleet.add_domain("d-one", DefaultUserSettings={"ExecutionRole": ROLE})
    fleet.add_user_profile("mina", domain="d-one")
    return sandbox


def test_a_domain_goes_through_its_whole_life(sandbox: Sandbox, sagemaker: Client) -> None:
    domain_id = create_domain(sagemaker)
    seen = [sagemaker.describe_domain(DomainId=domain_id)["Status"]]

    sandbox.clock.advance(5 * MINUTE)
    seen.append(sagemaker.describe_domain(DomainId=domain_id)["Status"])
    sagemaker.update_domain(DomainId=domain_id, DefaultUserSettings=idle(IdleTimeoutInMinutes=60))
    seen.append(sagemaker.describe_domain(DomainId=domain_id)["Status"])
    sandbox.clock.advance(MINUTE)
    found = sagemaker.describe_domain(DomainId=domain_id)
    sagemaker.delete_domain(DomainId=domain_id)
    seen.append(sagemaker.describe_domain(DomainId=domain_id)["Status"])
    sandbox.clock.advance(2 * MINUTE)

    assert seen == ["Pending", "InService", "Updating", "Deleting"]
    assert found["DomainArn"] == f"{ARN}:domain/{domain_id}"
    assert found["DefaultUserSettings"] == {
        "ExecutionRole": ROLE,
        **idle(IdleTimeoutInMinutes=60),
    }
    assert found["LastModifiedTime"] == sandbox.clock.now() - 2 * MINUTE
    assert sagemaker.list_domains()["Domains"] == []


def test_a_second_domain_of_the_same_name_is_refused(sagemaker: Client, refusal: Refusal) -> None:
    first, second = create_domain(sagemaker, "a"), create_domain(sagemaker, "b")

    code, _ = refusal(create_domain, sagemaker=sagemaker, name="a")

    assert code == "ResourceInUse"
    assert first != second
    assert first.startswith("d-")


@pytest.mark.parametrize("left", ["app", "space", "user profile"])
def test_a_domain_is_deleted_only_when_nothing_is_left_in_it(
    sandbox: Sandbox, sagemaker: Client, refusal: Refusal, left: str
) -> None:
    fleet = sandbox.sagemaker()
    arn = fleet.add_domain("d-one")
    adders: dict[str, Callable[[], str]] = {
        "app": lambda: fleet.add_app(domain="d-one", space="lab"),
        "space": lambda: fleet.add_space("lab", domain="d-one"),
        "user profile": lambda: fleet.add_user_profile("mina", domain="d-one"),
    }
    adders[left]()

    answer = refusal(sagemaker.delete_domain, DomainId="d-one")

    noun = {"app": "App", "space": "Space", "user profile": "UserProfile"}[left]
    assert answer == (
        "ResourceInUse",
        f"Unable to delete Domain [{arn}] because {noun}(s) are associated with it.",
    )


@pytest.mark.parametrize(
    ("call", "params", "resource"),
    [
        ("describe_domain", {}, "Domain [{}:domain/d-none]"),
        ("update_domain", {}, "Domain [{}:domain/d-none]"),
        ("delete_domain", {}, "Domain [{}:domain/d-none]"),
        ("create_user_profile", {"UserProfileName": "x"}, "Domain [{}:domain/d-none]"),
        ("create_space", {"SpaceName": "x"}, "Domain [{}:domain/d-none]"),
        (
            "describe_user_profile",
            {"UserProfileName": "x"},
            "UserProfile [{}:user-profile/d-none/x]",
        ),
        ("update_user_profile", {"UserProfileName": "x"}, "UserProfile [{}:user-profile/d-none/x]"),
        ("delete_user_profile", {"UserProfileName": "x"}, "UserProfile [{}:user-profile/d-none/x]"),
        ("describe_space", {"SpaceName": "x"}, "Space [{}:space/d-none/x]"),
        ("update_space", {"SpaceName": "x"}, "Space [{}:space/d-none/x]"),
        ("delete_space", {"SpaceName": "x"}, "Space [{}:space/d-none/x]"),
    ],
)
def test_what_is_missing_is_not_found(
    sagemaker: Client, refusal: Refusal, call: str, params: dict[str, str], resource: str
) -> None:
    answer = refusal(getattr(sagemaker, call), DomainId="d-none", **params)

    assert answer == ("ResourceNotFound", f"{resource.format(ARN)} does not exist.")


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        (idle(IdleTimeoutInMinutes=525_601), "less than or equal to 525600"),
        (idle(LifecycleManagement="ON"), "enum value set: [ENABLED, DISABLED]"),
        (
            idle(IdleTimeoutInMinutes=60, MinIdleTimeoutInMinutes=120),
            "MinIdleTimeoutInMinutes (120) must not exceed IdleTimeoutInMinutes (60)",
        ),
        (
            idle(MinIdleTimeoutInMinutes=120, MaxIdleTimeoutInMinutes=60),
            "MinIdleTimeoutInMinutes (120) must not exceed MaxIdleTimeoutInMinutes (60)",
        ),
    ],
)
def test_idle_settings_out_of_bounds_are_refused_everywhere(
    studio: Sandbox, sagemaker: Client, refusal: Refusal, settings: dict[str, Any], complaint: str
) -> None:
    del studio
    someone = {"DomainId": "d-one", "UserProfileName": "mina"}
    other = {"DomainId": "d-one", "UserProfileName": "jun"}

    answers = [
        refusal(create_domain, sagemaker=sagemaker, DefaultUserSettings=settings),
        refusal(sagemaker.update_domain, DomainId="d-one", DefaultUserSettings=settings),
        refusal(sagemaker.create_user_profile, **other, UserSettings=settings),
        refusal(sagemaker.update_user_profile, **someone, UserSettings=settings),
    ]

    assert [code for code, _ in answers] == ["ValidationException"] * 4
    assert all(complaint in message for _, message in answers)


def test_the_settings_of_a_space_stay_within_what_its_owner_may_choose(
    sandbox: Sandbox, sagemaker: Client, refusal: Refusal
) -> None:
    fleet = sandbox.sagemaker()
    fleet.add_domain("d-one", DefaultUserSettings=idle(MaxIdleTimeoutInMinutes=120))
    fleet.add_user_profile("mina", domain="d-one", UserSettings=idle(MaxIdleTimeoutInMinutes=600))
    fleet.add_user_profile("jun", domain="d-one")
    fleet.add_space("minas", domain="d-one", owner="mina")
    fleet.add_space("juns", domain="d-one", owner="jun")
    settings = idle(IdleTimeoutInMinutes=300)

    sagemaker.update_space(DomainId="d-one", SpaceName="minas", SpaceSettings=settings)
    code, message = refusal(
        sagemaker.update_space, DomainId="d-one", SpaceName="juns", SpaceSettings=settings
    )

    assert code == "ValidationException"
    assert "IdleTimeoutInMinutes (300) must not exceed MaxIdleTimeoutInMinutes (120)" in message


def test_a_user_profile_goes_through_its_whole_life(studio: Sandbox, sagemaker: Client) -> None:
    whose = {"DomainId": "d-one", "UserProfileName": "Jun"}
    arn = sagemaker.create_user_profile(
        **whose, UserSettings={"ExecutionRole": ROLE}, Tags=[{"Key": "Team", "Value": "ml"}]
    )["UserProfileArn"]
    seen = [sagemaker.describe_user_profile(**whose)["Status"]]

    studio.clock.advance(MINUTE)
    sagemaker.update_user_profile(**whose, UserSettings=idle(LifecycleManagement="ENABLED"))
    seen.append(sagemaker.describe_user_profile(**whose)["Status"])
    studio.clock.advance(MINUTE)
    found = sagemaker.describe_user_profile(**whose)
    sagemaker.delete_user_profile(**whose)
    seen.append(sagemaker.describe_user_profile(**whose)["Status"])
    studio.clock.advance(MINUTE)
    left = sagemaker.list_user_profiles()["UserProfiles"]

    assert arn == f"{ARN}:user-profile/d-one/jun"
    assert studio.tags_of(arn) == {}
    assert seen == ["Pending", "Updating", "Deleting"]
    assert found["Status"] == "InService"
    assert found["UserSettings"] == {
        "ExecutionRole": ROLE,
        **idle(LifecycleManagement="ENABLED"),
    }
    assert [profile["UserProfileName"] for profile in left] == ["mina"]


@pytest.mark.parametrize("left", ["App", "Space"])
def test_a_person_leaves_only_without_apps_and_spaces(
    studio: Sandbox, sagemaker: Client, refusal: Refusal, left: str
) -> None:
    fleet = studio.sagemaker()
    if left == "App":
        fleet.add_app(domain="d-one", user_profile="mina", app_type="JupyterServer")
    else:
        fleet.add_space("lab", domain="d-one", owner="mina")

    arn = f"{ARN}:user-profile/d-one/mina"

    answer = refusal(sagemaker.delete_user_profile, DomainId="d-one", UserProfileName="mina")

    assert answer == (
        "ResourceInUse",
        f"Unable to delete UserProfile [{arn}] because {left}(s) are associated with it.",
    )


def test_a_space_goes_through_its_whole_life(studio: Sandbox, sagemaker: Client) -> None:
    where = {"DomainId": "d-one", "SpaceName": "Lab"}
    volume = {"SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": 100}}}
    owner, sharing = {"OwnerUserProfileName": "mina"}, {"SharingType": "Private"}
    arn = sagemaker.create_space(
        **where,
        OwnershipSettings=owner,
        SpaceSharingSettings=sharing,
        SpaceSettings={"AppType": "JupyterLab", **volume},
    )["SpaceArn"]
    seen = [sagemaker.describe_space(**where)["Status"]]

    studio.clock.advance(MINUTE)
    sagemaker.update_space(**where, SpaceDisplayName="Mina's", SpaceSettings=idle())
    seen.append(sagemaker.describe_space(**where)["Status"])
    studio.clock.advance(MINUTE)
    found = sagemaker.describe_space(**where)
    (summary,) = sagemaker.list_spaces()["Spaces"]
    sagemaker.delete_space(**where)
    studio.clock.advance(MINUTE)

    assert arn == f"{ARN}:space/d-one/lab"
    assert seen == ["Pending", "Updating"]
    assert found["OwnershipSettings"] == owner
    assert found["SpaceSettings"] == {"AppType": "JupyterLab", **volume, **idle()}
    assert summary["SpaceDisplayName"] == "Mina's"
    assert summary["SpaceSettingsSummary"] == {"AppType": "JupyterLab", **volume}
    assert summary["SpaceSharingSettingsSummary"] == sharing
    assert summary["OwnershipSettingsSummary"] == owner
    assert sagemaker.list_spaces()["Spaces"] == []


def test_a_space_is_deleted_only_without_apps(
    studio: Sandbox, sagemaker: Client, refusal: Refusal
) -> None:
    fleet = studio.sagemaker()
    arn = fleet.add_space("lab", domain="d-one", owner="mina")
    fleet.add_app(domain="d-one", space="lab", status="Failed")

    answer = refusal(sagemaker.delete_space, DomainId="d-one", SpaceName="lab")

    assert answer == (
        "ResourceInUse",
        f"Unable to delete Space [{arn}] because App(s) are associated with it.",
    )


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"OwnershipSettings": {"OwnerUserProfileName": "mina"}}, "ValidationException"),
        (
            {
                "OwnershipSettings": {"OwnerUserProfileName": "nobody"},
                "SpaceSharingSettings": {"SharingType": "Private"},
            },
            "ResourceNotFound",
        ),
    ],
)
def test_a_space_needs_an_owner_who_exists_and_a_kind_of_sharing(
    studio: Sandbox, sagemaker: Client, refusal: Refusal, params: dict[str, Any], code: str
) -> None:
    del studio

    answer = refusal(sagemaker.create_space, DomainId="d-one", SpaceName="lab", **params)

    assert answer[0] == code


def test_a_space_keeps_its_type_of_app(
    studio: Sandbox, sagemaker: Client, refusal: Refusal
) -> None:
    studio.sagemaker().add_space("lab", domain="d-one", app_type="CodeEditor")

    code, message = refusal(
        sagemaker.update_space,
        DomainId="d-one",
        SpaceName="lab",
        SpaceSettings={"AppType": "JupyterLab"},
    )

    assert (code, message) == ("ValidationException", "The AppType of a space cannot be changed.")


@pytest.mark.parametrize("kind", ["domain", "user-profile", "space"])
@pytest.mark.parametrize("call", ["update", "delete"])
def test_nothing_of_studio_is_changed_in_the_middle_of_something_else(
    studio: Sandbox, sagemaker: Client, refusal: Refusal, kind: str, call: str
) -> None:
    fleet = studio.sagemaker()
    fleet.add_space("lab", domain="d-one")
    key, params = {
        "domain": ("d-one", {}),
        "user-profile": ("d-one/mina", {"UserProfileName": "mina"}),
        "space": ("d-one/lab", {"SpaceName": "lab"}),
    }[kind]
    fleet.force_status(kind, key, "Updating")
    method = getattr(sagemaker, f"{call}_{kind.replace('-', '_')}")

    code, message = refusal(method, DomainId="d-one", **params)

    assert code == "ResourceInUse"
    assert message.endswith(f"{kind}/{key}] because it is in status Updating.")


def test_listings_filter_sort_and_page(sandbox: Sandbox, sagemaker: Client) -> None:
    fleet = sandbox.sagemaker()
    now = sandbox.clock.now()
    for number in range(12):
        created = now - timedelta(days=12 - number)
        domain = f"d-{number % 2}"
        fleet.add_domain(f"d-{number}", created_at=created)
        changed = now - timedelta(days=number)
        fleet.add_user_profile(f"u{number}", domain=domain, created_at=created, modified_at=changed)
        fleet.add_space(f"s{number}", domain=domain, created_at=created, modified_at=changed)

    def people(**query: object) -> list[str]:
        found = sagemaker.list_user_profiles(MaxResults=100, **query)
        return [profile["UserProfileName"] for profile in found["UserProfiles"]]

    def spaces(**query: object) -> list[str]:
        found = sagemaker.list_spaces(MaxResults=100, **query)
        return [space["SpaceName"] for space in found["Spaces"]]

    pages = list(sagemaker.get_paginator("list_domains").paginate())
    assert [len(page["Domains"]) for page in pages] == [10, 2]
    assert pages[0]["Domains"][0]["DomainId"] == "d-0"
    assert people(DomainIdEquals="d-1") == ["u1", "u3", "u5", "u7", "u9", "u11"]
    assert people(UserProfileNameContains="1", SortOrder="Descending") == ["u11", "u10", "u1"]
    assert people(SortBy="LastModifiedTime")[0] == "u11"
    assert spaces(DomainIdEquals="d-0", SpaceNameContains="1") == ["s10"]
    assert spaces(SortBy="LastModifiedTime", SortOrder="Descending")[0] == "s0"


def test_accounts_and_regions_do_not_see_each_others_studio(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    elsewhere = sandbox.client("sagemaker", region="ap-northeast-2")
    other_account = sandbox.client("sagemaker", account="210987654321")

    ids = {create_domain(client) for client in (sagemaker, elsewhere, other_account)}

    assert len(ids) == 3
    assert len(sagemaker.list_domains()["Domains"]) == 1
    assert len(elsewhere.list_domains()["Domains"]) == 1
