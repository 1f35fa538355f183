"""What plain moto distorts of organisations: when one of these fails, look whether ours can go."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

type Client = Any  # boto3 makes its clients at run time

_plain_client: Callable[..., Client] = boto3.client  # noqa: TID251  # moto without the sandbox


@pytest.fixture
def organizations() -> Iterator[Client]:
    with mock_aws():
        client = _plain_client("organizations", region_name="us-east-1")
        client.create_organization(FeatureSet="ALL")
        for number in range(30):
            client.create_account(AccountName=f"a-{number}", Email=f"a{number}@example.com")
        yield client


def test_moto_takes_pages_of_more_than_twenty(organizations: Client) -> None:
    found = organizations.list_accounts(MaxResults=25)["Accounts"]

    assert len(found) == 25, "moto now knows the largest page: look whether ours can go"


def test_moto_lets_a_member_ask_and_tells_it_nothing(organizations: Client) -> None:
    member = organizations.list_accounts()["Accounts"][1]["Id"]
    sts = _plain_client("sts", region_name="us-east-1")
    role = f"arn:aws:iam::{member}:role/OrganizationAccountAccessRole"
    keys = sts.assume_role(RoleArn=role, RoleSessionName="a-session")["Credentials"]
    client = _plain_client(
        "organizations",
        region_name="us-east-1",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )

    assert client.list_accounts()["Accounts"] == [], (
        "moto now knows who may ask: look whether ours can go"
    )


def test_moto_lets_anybody_assume_a_role_that_does_not_exist(organizations: Client) -> None:
    del organizations
    sts = _plain_client("sts", region_name="us-east-1")
    role = "arn:aws:iam::999999999999:role/none"

    assert sts.assume_role(RoleArn=role, RoleSessionName="a-session")["Credentials"], (
        "moto now knows roles: look whether our Entry can go"
    )


def test_moto_tells_no_regions_of_accounts() -> None:
    with mock_aws():
        account = _plain_client("account", region_name="us-east-1")
        with pytest.raises(ClientError, match="Not yet implemented"):  # else: can ours go?
            account.list_regions()
