"""What is remembered of regions, in the ledger's DynamoDB table.

Keys (``pk``, ``sk``): ``SURVEY#<bot>#<account>#<region>`` / ``0`` with the digest of what is
remembered, the number of its parts and the first of them; further parts, of what outgrows an item,
lie under ``<number>#<digest>``. The first part is written last, so that nobody reads what is not
whole. It is a convenience: whatever is missing, torn or old leads to a full look, and the time to
live sweeps away what nobody remembered anew.
"""

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sagewarden.adapters.errors import acting, reading
from sagewarden.adapters.recollection_records import packed, unpacked
from sagewarden.domain.recheck import WHOLE_EVERY, Recollection

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PART = 350_000
"""The bytes of a part: an item of DynamoDB holds 400 KB (its developer guide, "Quotas")."""

_KEPT = WHOLE_EVERY + timedelta(days=1)
_HEAD = "0"


class DynamoDBSurveyMemory:
    """The memory port on the ledger's table.

    Args:
        client: DynamoDB where the table is.
        table: Its name.
        bot: Whose memory it is.
        part: The most bytes of an item.
    """

    def __init__(self, client: "DynamoDBClient", table: str, bot: str, part: int = PART) -> None:
        self._client = client
        self._table = table
        self._bot = bot
        self._part = part

    def recall(self, account: str, region: str) -> Recollection | None:
        """What was remembered last; None when nothing was, or it is not whole.

        Calls: one for each part.

        Raises:
            UnreadableError: DynamoDB did not answer.
        """
        with reading("what is remembered"):
            head = self._get(account, region, _HEAD)
            if head is None:
                return None
            digest = head["digest"]["S"]
            parts = [head["body"]["B"]]
            for number in range(1, int(head["parts"]["N"])):
                part = self._get(account, region, f"{number}#{digest}")
                if part is None:
                    return None
                parts.append(part["body"]["B"])
        body = b"".join(parts)
        return unpacked(body) if _digest(body) == digest else None

    def remember(self, account: str, region: str, recollection: Recollection) -> None:
        """Remember in place of what was remembered before.

        Calls: one for each part.

        Raises:
            ActionFailedError: DynamoDB did not take it.
        """
        body = packed(recollection)
        digest = _digest(body)
        parts = [body[at : at + self._part] for at in range(0, len(body), self._part)]
        swept = int((recollection.whole_at + _KEPT).timestamp())
        with acting("remembering what was seen"):
            for number, part in reversed(list(enumerate(parts))):
                sort = f"{number}#{digest}" if number else _HEAD
                self._client.put_item(
                    TableName=self._table,
                    Item={
                        **self._key(account, region, sort),
                        "digest": {"S": digest},
                        "parts": {"N": str(len(parts))},
                        "body": {"B": part},
                        "ttl": {"N": str(swept)},
                    },
                )

    def _get(self, account: str, region: str, sort: str) -> dict[str, Any] | None:
        answer = self._client.get_item(
            TableName=self._table, Key=self._key(account, region, sort), ConsistentRead=True
        )
        return answer.get("Item")

    def _key(self, account: str, region: str, sort: str) -> dict[str, Any]:
        return {"pk": {"S": f"SURVEY#{self._bot}#{account}#{region}"}, "sk": {"S": sort}}


class InMemorySurveyMemory:
    """The memory port in memory, as it would be written down: for tests and a workstation."""

    def __init__(self) -> None:
        self._bodies: dict[tuple[str, str], bytes] = {}

    def recall(self, account: str, region: str) -> Recollection | None:
        """What was remembered last."""
        body = self._bodies.get((account, region))
        return None if body is None else unpacked(body)

    def remember(self, account: str, region: str, recollection: Recollection) -> None:
        """Remember in place of what was remembered before."""
        self._bodies[account, region] = packed(recollection)


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:32]
