"""Which cards hang in which messages, in the ledger's DynamoDB table.

Keys (``pk``, ``sk``): ``CARD#<case id>`` / ``CARD``, the latest one; ``MESSAGE#<channel>#<ts>`` /
``<place>#<case id>``. Bodies are JSON texts in ``body``.
"""

import json
from collections.abc import Sequence
from itertools import batched
from typing import TYPE_CHECKING

from sagewarden.adapters.errors import acting, reading
from sagewarden.adapters.notice_records import read_shown, shown_record
from sagewarden.domain.notices import Posted, Shown

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_AT_ONCE = 50
"""Two items each, and a transaction takes 100 (TransactWriteItems, API reference)."""


class DynamoDBBoard:
    """The board port on the ledger's table."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def hang(self, shown: Sequence[Shown]) -> None:
        """Remember cards of a message, in place of what was known of their cases.

        Raises:
            ActionFailedError: The table could not be written.
        """
        for some in batched(shown, _AT_ONCE):
            writes = [write for item in some for write in self._writes(item)]
            with acting("writing the ledger"):
                self._client.transact_write_items(TransactItems=writes)

    def shown(self, case_id: str) -> Shown | None:
        """Where a case's card hangs, the latest one.

        Raises:
            UnreadableError: The table could not be read.
        """
        with reading("the ledger"):
            found = self._client.get_item(
                TableName=self._table,
                Key={"pk": {"S": f"CARD#{case_id}"}, "sk": {"S": "CARD"}},
                ConsistentRead=True,
            ).get("Item")
        return read_shown(json.loads(found["body"]["S"])) if found else None

    def neighbours(self, posted: Posted) -> Sequence[Shown]:
        """All cards of a message, by place.

        Raises:
            UnreadableError: The table could not be read.
        """
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": _message(posted)}},
            ConsistentRead=True,
        )
        with reading("the ledger"):
            return tuple(
                read_shown(json.loads(item["body"]["S"]))
                for page in pages
                for item in page["Items"]
            )

    def _writes(self, shown: Shown) -> "tuple[TransactWriteItemTypeDef, ...]":
        body = json.dumps(shown_record(shown), sort_keys=True)
        case_id = shown.card.case_id
        places = (
            (f"CARD#{case_id}", "CARD"),
            (_message(shown.posted), f"{shown.place:03}#{case_id}"),
        )
        return tuple(
            {
                "Put": {
                    "TableName": self._table,
                    "Item": {"pk": {"S": pk}, "sk": {"S": sk}, "body": {"S": body}},
                }
            }
            for pk, sk in places
        )


def _message(posted: Posted) -> str:
    return f"MESSAGE#{posted.channel}#{posted.ts}"
