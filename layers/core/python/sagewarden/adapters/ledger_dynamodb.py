"""The ledger in DynamoDB: one table, one item per fact, conditional writes.

Keys (``pk``, ``sk``): ``HALT`` / ``HALT``; ``CLAIM#<key>`` / ``CLAIM``;
``HALT`` / ``RESUMED``; ``RESOURCE#<arn>`` / ``OUTCOME#<time>#<id>``, ``AUDIT#<time>#<id>`` and
``MANIFEST#<time>``; ``STOPPED#<account>#<region>`` / ``<arn>``;
``UNDOABLE#<account>#<region>`` / ``<arn>``; ``CASE#<id>`` / ``CASE``;
``LIVE#<account>#<region>`` / ``<case id>``; ``ENDED#<account>#<region>`` / ``<time>#<case id>``;
``PLACES`` / ``<account>#<region>``; ``EXEMPTIONS`` / ``<account>#<region>#<resources>#<rule>``,
or ``*`` for both places. Bodies are JSON texts in ``body``; a halt's is its reason, that of a
manifest which lies in S3 only says where, and what its digest is.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sagewarden.adapters.errors import acting, reading
from sagewarden.adapters.ledger_memory import CLAIM_LASTS, exemption_time
from sagewarden.adapters.ledger_records import (
    case_record,
    entry_record,
    exemption_record,
    outcome_record,
    read_case,
    read_entry,
    read_exemption,
    read_outcome,
)
from sagewarden.adapters.manifest_archive import ManifestArchive
from sagewarden.domain.audit import EVERYTHING, AuditEntry, Happening, merged, noted_exemption
from sagewarden.domain.cases import Case
from sagewarden.domain.exemptions import ANY, Exemption
from sagewarden.domain.outcomes import Manifest, Outcome, OutcomeKind

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

CLAIM_KEPT = timedelta(days=1)
"""How long DynamoDB's time to live keeps a lapsed claim before it sweeps it away."""


class DynamoDBLedger:
    """The ledger port on a DynamoDB table with string keys ``pk`` and ``sk``.

    Every method raises UnreadableError or ActionFailedError when DynamoDB does not answer.

    Args:
        client: DynamoDB where the table is.
        table: Its name.
        archive: Where manifests lie; in the table itself when not given, as long as they fit.
    """

    _run: str | None = None

    def __init__(
        self, client: "DynamoDBClient", table: str, archive: ManifestArchive | None = None
    ) -> None:
        self._client = client
        self._table = table
        self._archive = archive or ManifestArchive()

    def during(self, run: str) -> "DynamoDBLedger":
        """The same ledger in a run: every entry of the audit trail, and every outcome, names it."""
        ledger = copy(self)
        ledger._run = run  # noqa: SLF001 - of its own kind
        return ledger

    def halted(self) -> str | None:
        """Why all acting is halted, or None. Read consistently: a halt counts at once."""
        item = self._get("HALT", "HALT")
        return None if item is None else item.get("body", {}).get("S") or "no reason given"

    def halt(self, why: str, by: str, at: datetime) -> None:
        """Halt all acting, and note it."""
        item = {**_key("HALT", "HALT"), "body": {"S": why}}
        entry = AuditEntry(at, EVERYTHING, Happening.HALTED, by, {"why": why})
        self._write({"Put": {"TableName": self._table, "Item": item}}, self._entry(entry))

    def resume(self, by: str, at: datetime) -> None:
        """Lift the halt, and note it."""
        self._write(
            {"Delete": {"TableName": self._table, "Key": _key("HALT", "HALT")}},
            self._put("HALT", "RESUMED", at.isoformat()),
            self._entry(AuditEntry(at, EVERYTHING, Happening.RESUMED, by)),
        )

    def resumed_at(self) -> datetime | None:
        """When a halt was last lifted, if ever."""
        item = self._get("HALT", "RESUMED")
        return None if item is None else datetime.fromisoformat(item["body"]["S"])

    def claim(self, key: str, now: datetime) -> bool:
        """Claim an intent; False while somebody else's claim lasts."""
        lapses = int((now + CLAIM_LASTS).timestamp())
        swept = int((now + CLAIM_KEPT).timestamp())
        with acting("writing the ledger"), _conditional() as written:
            self._client.put_item(
                TableName=self._table,
                Item={
                    **_key(f"CLAIM#{key}", "CLAIM"),
                    "lapses": {"N": str(lapses)},
                    "ttl": {"N": str(swept)},
                },
                ConditionExpression="attribute_not_exists(pk) OR lapses <= :now",
                ExpressionAttributeValues={":now": {"N": str(int(now.timestamp()))}},
            )
        return written.done

    def release(self, key: str, claimed_at: datetime) -> None:
        """Give up the claim made at a moment, unless somebody else holds it by now."""
        lapses = int((claimed_at + CLAIM_LASTS).timestamp())
        with acting("writing the ledger"), _conditional():
            self._client.delete_item(
                TableName=self._table,
                Key=_key(f"CLAIM#{key}", "CLAIM"),
                ConditionExpression="lapses = :lapses",
                ExpressionAttributeValues={":lapses": {"N": str(lapses)}},
            )

    def record(self, outcome: Outcome) -> None:
        """Append an outcome to the audit trail and remember a stop or a start with it."""
        ref = outcome.action.ref
        body = json.dumps(outcome_record(replace(outcome, run=self._run)), sort_keys=True)
        digest = hashlib.sha256(body.encode()).hexdigest()[:12]
        sort = f"OUTCOME#{outcome.at.isoformat()}#{digest}"
        writes: list[TransactWriteItemTypeDef] = [self._put(f"RESOURCE#{ref.arn}", sort, body)]
        stopped = _key(f"STOPPED#{ref.account}#{ref.region}", ref.arn)
        if outcome.kind is OutcomeKind.APPLIED and outcome.action.kind.stops:
            mark = {"body": {"S": outcome.at.isoformat()}, "rule": {"S": outcome.rule}}
            item = {**stopped, **mark}
            writes.append({"Put": {"TableName": self._table, "Item": item}})
        undoable = _key(f"UNDOABLE#{ref.account}#{ref.region}", ref.arn)
        if outcome.kind is OutcomeKind.APPLIED and outcome.action.kind.undoable:
            writes.append(self._put(f"UNDOABLE#{ref.account}#{ref.region}", ref.arn, body))
        if outcome.kind is OutcomeKind.APPLIED and outcome.action.kind.undoes:
            gone = (stopped, undoable)
            writes += [{"Delete": {"TableName": self._table, "Key": key}} for key in gone]
        self._write(*writes)

    def history(self, arn: str) -> Sequence[Outcome]:
        """The outcomes of one resource, oldest first."""
        items = self._query(f"RESOURCE#{arn}", "OUTCOME#")
        return tuple(read_outcome(json.loads(item["body"]["S"])) for item in items)

    def stopped_by_us(self, account: str, region: str, rule: str) -> Mapping[str, datetime]:
        """By ARN: when we last stopped for a rule what we have not started since."""
        return {
            item["sk"]["S"]: datetime.fromisoformat(item["body"]["S"])
            for item in self._query(f"STOPPED#{account}#{region}")
            if item.get("rule", {"S": rule})["S"] == rule
        }

    def keep(self, manifest: Manifest) -> None:
        """Store a manifest: the text first, then where it lies."""
        body = json.dumps(self._archive.keep(manifest), sort_keys=True)
        key = _key(f"RESOURCE#{manifest.ref.arn}", f"MANIFEST#{manifest.at.isoformat()}")
        with acting("writing the ledger"):
            self._client.put_item(TableName=self._table, Item={**key, "body": {"S": body}})

    def manifests(self, arn: str) -> Sequence[Manifest]:
        """The manifests of one resource, oldest first."""
        items = self._query(f"RESOURCE#{arn}", "MANIFEST#")
        return tuple(self._archive.find(json.loads(item["body"]["S"])) for item in items)

    def undoable(self, account: str, region: str) -> Sequence[Outcome]:
        """What was last done to each resource and can be undone, and was not yet."""
        items = self._query(f"UNDOABLE#{account}#{region}")
        return tuple(read_outcome(json.loads(item["body"]["S"])) for item in items)

    def case(self, case_id: str) -> Case | None:
        """Find a case."""
        item = self._get(f"CASE#{case_id}", "CASE")
        return None if item is None else read_case(json.loads(item["body"]["S"]))

    def save(self, case: Case, *entries: AuditEntry) -> bool:
        """Store a case one version on, with its place among the others and its entries."""
        stored = replace(case, version=case.version + 1)
        put: TransactWriteItemTypeDef = {
            "Put": {
                "TableName": self._table,
                "Item": {
                    **_key(f"CASE#{case.case_id}", "CASE"),
                    "body": {"S": json.dumps(case_record(stored), sort_keys=True)},
                    "version": {"N": str(stored.version)},
                },
                "ConditionExpression": "attribute_not_exists(pk) AND :was = :zero "
                "OR version = :was",
                "ExpressionAttributeValues": {
                    ":was": {"N": str(case.version)},
                    ":zero": {"N": "0"},
                },
            }
        }
        return self._write(put, *self._listings(case), *map(self._entry, entries))

    def _listings(self, case: Case) -> "Iterator[TransactWriteItemTypeDef]":
        """The items by which a case is found: by its place, alive or with the time of its end."""
        where = f"{case.ref.account}#{case.ref.region}"
        live = _key(f"LIVE#{where}", case.case_id)
        if case.version == 0:
            yield self._put("PLACES", where, "")
        if case.state.alive:
            yield {"Put": {"TableName": self._table, "Item": live}}
        else:
            yield {"Delete": {"TableName": self._table, "Key": live}}
            if case.ended_at is not None:
                yield self._put(f"ENDED#{where}", f"{_utc(case.ended_at)}#{case.case_id}", "")

    def live_cases(self, account: str, region: str) -> Sequence[Case]:
        """The cases of an account and region that have not ended."""
        found = (self.case(item["sk"]["S"]) for item in self._query(f"LIVE#{account}#{region}"))
        return tuple(case for case in found if case is not None and case.state.alive)

    def ended_cases(self, account: str, region: str, since: datetime) -> Sequence[Case]:
        """The cases of an account and region that have ended since a moment, in that order."""
        listed = self._query(f"ENDED#{account}#{region}", since=_utc(since))
        keys = [item["sk"]["S"].rpartition("#") for item in listed]
        found = ((ended_at, self.case(case_id)) for ended_at, _, case_id in keys)
        return tuple(
            case
            for ended_at, case in found
            if case and case.ended_at and not case.state.alive and _utc(case.ended_at) == ended_at
        )

    def places(self) -> Sequence[tuple[str, str]]:
        """The accounts and regions of which there ever was a case, in order."""
        parts = (item["sk"]["S"].partition("#") for item in self._query("PLACES"))
        return tuple((account, region) for account, _, region in parts)

    def exempt(self, exemption: Exemption) -> None:
        """Store an exemption, in place of one for the same resources and rule; and note it."""
        body = json.dumps(exemption_record(exemption), sort_keys=True)
        at = exemption_time(exemption)
        entry = noted_exemption(exemption, Happening.EXEMPTED, at, exemption.by)
        self._write(self._put("EXEMPTIONS", _exempted(exemption), body), self._entry(entry))

    def exemptions(self, account: str, region: str) -> Sequence[Exemption]:
        """The exemptions that may cover an account's resources in a region."""
        items = [
            *self._query("EXEMPTIONS", f"{ANY}#"),
            *self._query("EXEMPTIONS", f"{account}#{region}#"),
        ]
        return tuple(read_exemption(json.loads(item["body"]["S"])) for item in items)

    def all_exemptions(self) -> Sequence[Exemption]:
        """Every exemption, expired ones too, by resources and rule."""
        items = self._query("EXEMPTIONS")
        return tuple(read_exemption(json.loads(item["body"]["S"])) for item in items)

    def lift(self, exemption: Exemption, by: str, at: datetime) -> None:
        """Forget an exemption, and note who did."""
        key = _key("EXEMPTIONS", _exempted(exemption))
        entry = noted_exemption(exemption, Happening.LIFTED, at, by)
        self._write({"Delete": {"TableName": self._table, "Key": key}}, self._entry(entry))

    def note(self, entry: AuditEntry) -> None:
        """Append to the audit trail; the same entry twice is one."""
        self._write(self._entry(entry))

    def trail(self, arn: str) -> Sequence[AuditEntry]:
        """What happened to a resource, its outcomes among it, oldest first."""
        items = self._query(f"RESOURCE#{arn}", "AUDIT#")
        entries = (read_entry(json.loads(item["body"]["S"])) for item in items)
        return merged(entries, self.history(arn))

    def _entry(self, entry: AuditEntry) -> "TransactWriteItemTypeDef":
        if self._run is not None:
            entry = replace(entry, details={**entry.details, "run": self._run})
        body = json.dumps(entry_record(entry), sort_keys=True)
        digest = hashlib.sha256(body.encode()).hexdigest()[:12]
        return self._put(f"RESOURCE#{entry.arn}", f"AUDIT#{_utc(entry.at)}#{digest}", body)

    def _write(self, *writes: "TransactWriteItemTypeDef") -> bool:
        """Write all or nothing; False when a condition did not hold."""
        with acting("writing the ledger"), _conditional() as written:
            self._client.transact_write_items(TransactItems=writes)
        return written.done

    def _get(self, partition: str, sort: str) -> dict[str, Any] | None:
        with reading("the ledger"):
            answer = self._client.get_item(
                TableName=self._table, Key=_key(partition, sort), ConsistentRead=True
            )
        return answer.get("Item")

    def _query(
        self, partition: str, prefix: str = "", *, since: str = ""
    ) -> Iterator[dict[str, Any]]:
        condition = "pk = :pk"
        values = {":pk": {"S": partition}}
        if prefix:
            condition += " AND begins_with(sk, :prefix)"
            values[":prefix"] = {"S": prefix}
        elif since:
            condition += " AND sk >= :since"
            values[":since"] = {"S": since}
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression=condition,
            ExpressionAttributeValues=values,
            ConsistentRead=True,
        )
        with reading("the ledger"):
            for page in pages:
                yield from page["Items"]

    def _put(self, partition: str, sort: str, body: str) -> "TransactWriteItemTypeDef":
        item = {**_key(partition, sort), "body": {"S": body}}
        return {"Put": {"TableName": self._table, "Item": item}}


def create_table(client: "DynamoDBClient", table: str) -> None:
    """Create a table as the ledger needs it, in a sandbox; a deployment's comes with its stack."""
    client.create_table(
        TableName=table,
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )


def _exempted(exemption: Exemption) -> str:
    """The sort key of an exemption: first where it can hold."""
    where = "#".join(exemption.place) if exemption.place else ANY
    return f"{where}#{exemption.resources}#{exemption.rule}"


def _utc(moment: datetime) -> str:
    """A moment as text that sorts as moments do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _key(partition: str, sort: str) -> dict[str, Any]:
    return {"pk": {"S": partition}, "sk": {"S": sort}}


@dataclass(slots=True)
class _Written:
    """Whether a conditional write was done."""

    done: bool = True


@contextmanager
def _conditional() -> Iterator[_Written]:
    """Tell a write whose condition did not hold from one that failed."""
    written = _Written()
    try:
        yield written
    except ClientError as error:
        response: dict[str, Any] = dict(error.response)
        codes = {response.get("Error", {}).get("Code")}
        codes |= {reason.get("Code") for reason in response.get("CancellationReasons", [])}
        if not codes & {"ConditionalCheckFailedException", "ConditionalCheckFailed"}:
            raise
        written.done = False
