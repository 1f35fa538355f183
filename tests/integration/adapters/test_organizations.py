"""Accounts, tags and regions as AWS Organizations and Account Management tell them."""

import pytest

from sagewarden.adapters.organizations import AwsOrganization
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.ports import UnreadableError
from sagewarden.application.targets import Target
from sagewarden.domain.organization import Account
from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.sandbox.membership import COMMON_REGIONS
from tests.support.faults import refusing

pytestmark = pytest.mark.aws

HUB, MEMBER = "123456789012", "444455556666"


@pytest.fixture
def organization(sessions: Sessions) -> AwsOrganization:
    return AwsOrganization(sessions, Target(HUB, "us-east-1"))


def ids(found: object) -> list[str]:
    return sorted(item.id for item in found if isinstance(item, Account))  # type: ignore[attr-defined]


def test_every_account_is_listed_in_pages(sandbox: Sandbox, organization: AwsOrganization) -> None:
    built = sandbox.organization()
    for number in range(45):
        built.add_account(f"{number:012d}", name=f"account {number}", state="SUSPENDED")

    found = list(organization.accounts((), ()))

    assert len(found) == 46
    assert Account("000000000007", "account 7", "SUSPENDED") in found
    assert sandbox.calls.counts() == {"organizations.ListAccounts": 3}


def test_units_are_walked_down_to_the_last_and_excepted_ones_passed_over(
    sandbox: Sandbox, organization: AwsOrganization
) -> None:
    built = sandbox.organization()
    ml, web = built.add_unit("ml"), built.add_unit("web")
    vision = built.add_unit("vision", ml)
    deep = built.add_unit("deep", vision)
    for number, unit in enumerate((ml, web, vision, deep)):
        built.add_account(str(number) * 12, unit=unit)
    for number in range(25):
        built.add_unit(f"empty-{number}", vision)

    assert ids(organization.accounts((ml,), ())) == ["0" * 12, "2" * 12, "3" * 12]
    assert ids(organization.accounts((ml,), (vision,))) == ["0" * 12]
    assert ids(organization.accounts((), (ml,))) == ["1" * 12, HUB]
    assert ids(organization.accounts((built.root,), ())) == sorted(
        [HUB, *(str(number) * 12 for number in range(4))]
    )


def test_tags_are_the_accounts_own(sandbox: Sandbox, organization: AwsOrganization) -> None:
    sandbox.organization().add_account(MEMBER, tags={"Workload": "ml"})

    assert organization.tags(MEMBER) == {"Workload": "ml"}


def test_regions_are_asked_of_the_hubs_own_account_and_of_others(
    sandbox: Sandbox, organization: AwsOrganization
) -> None:
    built = sandbox.organization()
    built.add_account(MEMBER)
    built.enable_region(MEMBER, "ap-east-1")

    assert organization.common_regions() == COMMON_REGIONS
    assert set(organization.enabled_regions(HUB)) == COMMON_REGIONS
    assert set(organization.enabled_regions(MEMBER)) - COMMON_REGIONS == {"ap-east-1"}
    assert {"us-east-1", "ap-northeast-2"} <= organization.service_regions()
    assert "cn-north-1" not in organization.service_regions()


def test_a_list_that_breaks_off_is_no_list(sandbox: Sandbox, organization: AwsOrganization) -> None:
    built = sandbox.organization()
    for number in range(45):
        built.add_account(f"{number:012d}")
    refused = refusing(
        lambda call: call.operation == "ListAccounts" and "NextToken" in call.params,
        "AccessDeniedException",
    )

    with (
        sandbox.observers.watching(refused),
        pytest.raises(UnreadableError, match=r"the organisation \(list_accounts\): AccessDenied"),
    ):
        list(organization.accounts((), ()))


def test_a_unit_that_does_not_exist_is_an_error(
    sandbox: Sandbox, organization: AwsOrganization
) -> None:
    sandbox.organization()

    with pytest.raises(UnreadableError, match="ParentNotFoundException"):
        list(organization.accounts(("ou-ab12-99999999",), ()))


def test_a_member_account_may_not_ask(sandbox: Sandbox, sessions: Sessions) -> None:
    sandbox.organization("999999999999").add_account(HUB)

    with pytest.raises(UnreadableError, match="AccessDenied"):
        list(AwsOrganization(sessions, Target(HUB, "us-east-1")).accounts((), ()))
