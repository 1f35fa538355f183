"""Rosters in memory and in DynamoDB behave alike."""

from datetime import timedelta

import pytest

from sagewarden.adapters.ledger_dynamodb import create_table
from sagewarden.adapters.rosters import DynamoDBRosters
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.ports import UnreadableError
from sagewarden.application.roster import Roster, Rosters
from sagewarden.application.targets import Target
from sagewarden_cli.sandbox import Sandbox
from tests.support.builders import NOW
from tests.support.organizations import MemoryRosters

pytestmark = pytest.mark.aws

TABLE = "rosters"
LONGEST_ITEM = 400_000


@pytest.fixture(params=["memory", "dynamodb"])
def rosters(request: pytest.FixtureRequest, sandbox: Sandbox, sessions: Sessions) -> Rosters:
    if request.param == "memory":
        return MemoryRosters()
    create_table(sandbox.client("dynamodb"), TABLE)
    return DynamoDBRosters(sessions.client("dynamodb", "us-east-1"), TABLE)


def test_what_was_kept_is_read_again(rosters: Rosters) -> None:
    first = Roster(NOW, {"1" * 12: ("eu-west-1", "us-east-1"), "2" * 12: ("us-east-1",)})
    second = Roster(NOW + timedelta(hours=1), {"2" * 12: ("eu-west-1",)})

    assert rosters.read("a-key") is None
    rosters.keep("a-key", first)
    assert rosters.read("a-key") == first
    rosters.keep("a-key", second)
    assert rosters.read("a-key") == second
    assert rosters.read("another") is None


def test_who_is_missed_is_read_again_with_the_moment(rosters: Rosters) -> None:
    one, other = "1" * 12, "2" * 12
    missed = {
        Target(one, "eu-west-1"): NOW,
        Target(one, "us-east-1"): NOW,
        Target(other, "eu-west-1"): NOW,
        Target(other, "us-east-1"): NOW - timedelta(hours=3),
    }
    roster = Roster(NOW, {"3" * 12: ("us-east-1",)}, missed)

    rosters.keep("a-key", roster)

    assert rosters.read("a-key") == roster


def test_a_claim_holds_until_it_is_released_or_lapses(rosters: Rosters) -> None:
    until = NOW + timedelta(minutes=16)

    assert rosters.claim("a-key", NOW, until)
    assert not rosters.claim("a-key", NOW, until)
    assert rosters.claim("another", NOW, until)
    rosters.release("a-key")
    assert rosters.claim("a-key", NOW, until)
    assert rosters.claim("a-key", until, until + timedelta(minutes=16))


def test_ten_thousand_accounts_fit_into_an_item(sandbox: Sandbox, sessions: Sessions) -> None:
    create_table(sandbox.client("dynamodb"), TABLE)
    rosters = DynamoDBRosters(sessions.client("dynamodb", "us-east-1"), TABLE)
    regions = ("ap-northeast-2", "eu-west-1", "us-east-1", "us-west-2")
    roster = Roster(NOW, {f"{number:012d}": regions for number in range(10_000)})

    rosters.keep("a-key", roster)

    key = {"pk": {"S": "ROSTER"}, "sk": {"S": "a-key"}}
    item = sandbox.client("dynamodb").get_item(TableName=TABLE, Key=key)["Item"]
    assert len(item["body"]["S"]) < LONGEST_ITEM / 2
    assert rosters.read("a-key") == roster


def test_a_table_that_is_not_there_is_unreadable(sessions: Sessions) -> None:
    rosters = DynamoDBRosters(sessions.client("dynamodb", "us-east-1"), "none")

    with pytest.raises(UnreadableError, match="the roster of accounts: ResourceNotFound"):
        rosters.read("a-key")
