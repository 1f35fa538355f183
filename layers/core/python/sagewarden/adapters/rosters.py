"""Rosters in the ledger's table: ``ROSTER`` / ``<key>``, and the claim to look for a new one."""

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sagewarden.adapters.errors import acting, reading
from sagewarden.application.roster import Roster
from sagewarden.application.targets import Target

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

PLACE = "ROSTER"
"""The partition of everything here: the dispatcher's role may write no other."""

KEPT = timedelta(days=30)
"""How long DynamoDB's time to live keeps what nobody renews: other selections' rosters."""


class DynamoDBRosters:
    """The rosters port on a DynamoDB table with string keys ``pk`` and ``sk``.

    Accounts of the same regions stand together: 10,000 accounts take 150 kB of the 400 kB that an
    item may have.
    """

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client, self._table = client, table

    def read(self, key: str) -> Roster | None:
        """The roster last kept under a key, if any."""
        with reading("the roster of accounts"):
            item = self._client.get_item(TableName=self._table, Key=_key(key)).get("Item")
        return None if item is None else _roster(item["body"]["S"])

    def keep(self, key: str, roster: Roster) -> None:
        """Keep a roster."""
        item = {**_key(key), "body": {"S": _text(roster)}, "ttl": _seconds(roster.at + KEPT)}
        with acting("keeping the roster of accounts"):
            self._client.put_item(TableName=self._table, Item=item)

    def claim(self, key: str, now: datetime, until: datetime) -> bool:
        """Claim the right to look; False while somebody else holds it."""
        item = {**_key(_claim(key)), "until": _seconds(until), "ttl": _seconds(now + KEPT)}
        with acting("claiming the roster of accounts"):
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item=item,
                    ConditionExpression="attribute_not_exists(pk) OR #until <= :now",
                    ExpressionAttributeNames={"#until": "until"},
                    ExpressionAttributeValues={":now": _seconds(now)},
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return False
        return True

    def release(self, key: str) -> None:
        """Give the claim back."""
        with acting("releasing the roster of accounts"):
            self._client.delete_item(TableName=self._table, Key=_key(_claim(key)))


def _text(roster: Roster) -> str:
    together: dict[tuple[str, ...], list[str]] = {}
    for account in sorted(roster.regions):
        together.setdefault(roster.regions[account], []).append(account)
    groups = [{"regions": regions, "accounts": ids} for regions, ids in together.items()]
    content = {"at": roster.at.isoformat(), "groups": groups, "missed": _missed(roster)}
    return json.dumps(content, separators=(",", ":"))


def _missed(roster: Roster) -> list[dict[str, Any]]:
    """Who is missed, those together that are so in the same regions since the same moment."""
    places: dict[tuple[str, datetime], list[str]] = {}
    for place, since in sorted(roster.missed.items()):
        places.setdefault((place.account, since), []).append(place.region)
    together: dict[tuple[datetime, tuple[str, ...]], list[str]] = {}
    for (account, since), regions in places.items():
        together.setdefault((since, tuple(regions)), []).append(account)
    return [
        {"since": since.isoformat(), "regions": regions, "accounts": ids}
        for (since, regions), ids in together.items()
    ]


def _roster(text: str) -> Roster:
    content = json.loads(text)
    regions = {
        account: tuple(group["regions"])
        for group in content["groups"]
        for account in group["accounts"]
    }
    missed = {
        Target(account, region): datetime.fromisoformat(group["since"])
        for group in content.get("missed", ())
        for account in group["accounts"]
        for region in group["regions"]
    }
    return Roster(datetime.fromisoformat(content["at"]), regions, missed)


def _key(key: str) -> "dict[str, AttributeValueTypeDef]":
    return {"pk": {"S": PLACE}, "sk": {"S": key}}


def _claim(key: str) -> str:
    return f"{key}#CLAIM"


def _seconds(moment: datetime) -> "AttributeValueTypeDef":
    return {"N": str(int(moment.timestamp()))}
