"""An organisation in the sandbox answers as AWS Organizations and Account Management do."""

from typing import Any

import pytest

from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.sandbox.organization.building import OrganizationBuilder
from tests.integration.sandbox.conftest import refusal_code, refused

pytestmark = pytest.mark.aws

HUB, MEMBER, STRANGER = "123456789012", "444455556666", "999999999999"


@pytest.fixture
def organization(sandbox: Sandbox) -> OrganizationBuilder:
    return sandbox.organization()


def accounts(client: Any, operation: str = "list_accounts", **arguments: str) -> list[str]:
    pages = client.get_paginator(operation).paginate(**arguments)
    return [item["Id"] for page in pages for item in page["Accounts"]]


def test_accounts_are_listed_twenty_a_page_whatever_their_state(
    sandbox: Sandbox, organization: OrganizationBuilder
) -> None:
    for number in range(40):
        state = "SUSPENDED" if number == 7 else "ACTIVE"
        organization.add_account(f"{number:012d}", state=state)
    client = sandbox.client("organizations")

    found = accounts(client)

    assert len(set(found)) == len(found) == 41
    assert sandbox.calls.count("organizations", "ListAccounts") == 3
    assert refusal_code(client.list_accounts, MaxResults=21) == "InvalidInputException"
    assert refusal_code(client.list_accounts, NextToken="?") == "InvalidInputException"


def test_units_hold_their_own_accounts_and_units_only(
    sandbox: Sandbox, organization: OrganizationBuilder
) -> None:
    ml = organization.add_unit("ml")
    vision = organization.add_unit("vision", ml)
    organization.add_account(MEMBER, unit=vision)
    client = sandbox.client("organizations")

    [root] = client.list_roots()["Roots"]
    below = client.list_organizational_units_for_parent(ParentId=root["Id"])

    assert [unit["Id"] for unit in below["OrganizationalUnits"]] == [ml]
    assert accounts(client, "list_accounts_for_parent", ParentId=root["Id"]) == [HUB]
    assert accounts(client, "list_accounts_for_parent", ParentId=ml) == []
    assert accounts(client, "list_accounts_for_parent", ParentId=vision) == [MEMBER]
    unknown = {"ParentId": "ou-ab12-99999999"}
    assert refusal_code(client.list_accounts_for_parent, **unknown) == "ParentNotFoundException"


def test_the_tags_of_an_account_are_its_own(
    sandbox: Sandbox, organization: OrganizationBuilder
) -> None:
    organization.add_account(MEMBER, tags={"Workload": "ml"})
    client = sandbox.client("organizations")

    found = client.list_tags_for_resource(ResourceId=MEMBER)["Tags"]

    assert found == [{"Key": "Workload", "Value": "ml"}]
    unknown = refusal_code(client.list_tags_for_resource, ResourceId=STRANGER)
    assert unknown == "TargetNotFoundException"


def test_only_the_management_account_and_delegated_administrators_may_ask(
    sandbox: Sandbox, organization: OrganizationBuilder
) -> None:
    organization.add_account(MEMBER)
    member = sandbox.client("organizations", account=MEMBER)
    before = refusal_code(member.list_accounts)

    organization.delegate(MEMBER)

    assert before == "AccessDeniedException"
    assert accounts(member) == sorted([HUB, MEMBER])
    assert member.describe_organization()["Organization"]["MasterAccountId"] == HUB
    stranger = sandbox.client("organizations", account=STRANGER)
    assert refusal_code(stranger.list_accounts) == "AWSOrganizationsNotInUseException"


def test_regions_are_enabled_account_by_account(
    sandbox: Sandbox, organization: OrganizationBuilder
) -> None:
    organization.add_account(MEMBER)
    organization.enable_region(MEMBER, "ap-east-1")
    client = sandbox.client("account")

    def enabled(**arguments: str) -> set[str]:
        wanted = ["ENABLED", "ENABLED_BY_DEFAULT"]
        pages = client.get_paginator("list_regions").paginate(
            RegionOptStatusContains=wanted, **arguments
        )
        return {item["RegionName"] for page in pages for item in page["Regions"]}

    assert enabled(AccountId=MEMBER) - enabled() == {"ap-east-1"}
    assert refusal_code(client.list_regions, AccountId=HUB) == "AccessDeniedException"
    assert refusal_code(client.list_regions, AccountId=STRANGER) == "AccessDeniedException"
    of_member = sandbox.client("account", account=MEMBER)
    assert refusal_code(of_member.list_regions, AccountId=HUB) == "AccessDeniedException"


def test_a_region_that_is_not_enabled_knows_no_credentials(
    sandbox: Sandbox, organization: OrganizationBuilder
) -> None:
    sagemaker = sandbox.client("sagemaker", "ap-east-1")
    sts = sandbox.client("sts", "ap-east-1")
    before = (refusal_code(sagemaker.list_endpoints), refusal_code(sts.get_caller_identity))

    organization.enable_region(HUB, "ap-east-1")

    assert before == ("UnrecognizedClientException", "InvalidClientTokenId")
    assert sagemaker.list_endpoints()["Endpoints"] == []


def test_a_role_is_refused_where_there_is_none_and_in_an_account_that_is_closed_or_has_left(
    sandbox: Sandbox, organization: OrganizationBuilder
) -> None:
    closed, left, roleless = "111111111111", "222222222222", "333333333333"
    for account in (MEMBER, closed, left):
        organization.add_account(account)
    organization.add_account(roleless, role=False)
    organization.set_state(closed, "SUSPENDED")
    organization.remove(left)
    sts = sandbox.client("sts")

    def assume(account: str) -> Any:
        role = f"arn:aws:iam::{account}:role/sagewarden-spoke"
        return sts.assume_role(RoleArn=role, RoleSessionName="a-session")

    assert assume(MEMBER)["Credentials"]
    for account in (closed, left, roleless):
        code, message = refused(assume, account=account)
        assert (code, "is not authorized to perform: sts:AssumeRole" in message) == (
            "AccessDenied",
            True,
        )
    organization.let_in(roleless)
    assert assume(roleless)["Credentials"]
    organization.shut_out(roleless)
    assert refusal_code(assume, account=roleless) == "AccessDenied"


def test_an_account_can_be_moved(sandbox: Sandbox, organization: OrganizationBuilder) -> None:
    ml = organization.add_unit("ml")
    organization.add_account(MEMBER)

    organization.move(MEMBER, ml)

    client = sandbox.client("organizations")
    assert accounts(client, "list_accounts_for_parent", ParentId=ml) == [MEMBER]


def test_without_an_organisation_of_ours_it_is_motos(sandbox: Sandbox) -> None:
    client = sandbox.client("organizations")
    client.create_organization(FeatureSet="ALL")

    assert accounts(client) == [HUB]
    assert sandbox.client("sagemaker", "ap-east-1").list_endpoints()["Endpoints"] == []
