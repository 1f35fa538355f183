"""Lambda's side of a DynamoDB stream: read, filter, invoke, and go on only behind what was done.

From the Lambda Developer Guide, "Using AWS Lambda with Amazon DynamoDB": a shard waits for its
first failed record. The pause between two attempts is no documented figure.
"""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from moto.events.models import EventPattern

from sagewarden_cli.sandbox.clock import SandboxClock
from sagewarden_cli.stack.functions import LambdaFunction
from sagewarden_cli.stack.registration import Deployed
from sagewarden_cli.stack.resources.messaging import NotWiredError
from sagewarden_cli.stack.runtime import Invocation

_PARTIAL = "ReportBatchItemFailures"
_STILL = ("ParallelizationFactor", "MaximumBatchingWindowInSeconds", "TumblingWindowInSeconds")
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=1), timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Arrived:
    """A record of the stream, and when it was written, by the sandbox's clock."""

    number: str
    record: Mapping[str, Any]
    at: datetime


class MappedStream:
    """One event source mapping that reads a table's stream.

    Args:
        mapping: The deployed mapping.
        function: The function that it feeds.
        client: Makes boto3's clients under the function's role: that is who reads on AWS.
        clock: The sandbox's.

    Attributes:
        function: The function that it feeds.

    Raises:
        NotWiredError: It asks for something that is not played here.
    """

    def __init__(
        self,
        mapping: Deployed,
        function: LambdaFunction,
        client: Any,  # noqa: ANN401 - makes boto3's clients
        clock: SandboxClock,
    ) -> None:
        properties = mapping.properties
        asked = [name for name in _STILL if properties.get(name)]
        if asked or properties.get("StartingPosition") != "TRIM_HORIZON":
            raise NotWiredError(f"{mapping.logical_id}: {asked or 'StartingPosition'}: not wired")
        self.function = function
        self._arn = str(properties["EventSourceArn"])
        self._clock = clock
        self._streams = client("dynamodbstreams")
        self._sqs = client("sqs")
        filters = properties.get("FilterCriteria", {}).get("Filters", [])
        self._patterns = [EventPattern.load(one["Pattern"]) for one in filters]
        self._most = int(properties.get("BatchSize", 100))
        self._partial = _PARTIAL in properties.get("FunctionResponseTypes", ())
        self._bisects = bool(properties.get("BisectBatchOnFunctionError"))
        self._retries = int(properties.get("MaximumRetryAttempts", -1))
        age = int(properties.get("MaximumRecordAgeInSeconds", -1))
        self._age = timedelta(seconds=age) if age >= 0 else None
        on_failure = properties.get("DestinationConfig", {}).get("OnFailure", {})
        self._destination: str | None = on_failure.get("Destination")
        table = self._arn.split("/")[1]
        self._streams.list_streams(TableName=table)
        description = self._streams.describe_stream(StreamArn=self._arn)["StreamDescription"]
        [shard] = description["Shards"]
        self._shard = str(shard["ShardId"])
        self._read: str | None = None
        self._waiting: list[_Arrived] = []
        self._size = self._most
        self._attempts = 0
        self._not_before = clock.now()

    def next_moment(self, now: datetime) -> datetime | None:
        """When something that failed is tried again, after now, if anything is."""
        return self._not_before if self._waiting and self._not_before > now else None

    def receive(self) -> Sequence[_Arrived]:
        """The next batch of records that pass the filter; empty while there is none, or a pause."""
        self._waiting += self._new()
        now = self._clock.now()
        while self._waiting and self._age is not None and now >= self._waiting[0].at + self._age:
            self._give_up(self._waiting[:1], "RecordAgeExceeded")
        return [] if now < self._not_before else self._waiting[: self._size]

    def event(self, batch: Sequence[_Arrived]) -> dict[str, Any]:
        """The event that a batch makes."""
        return {"Records": [one.record for one in batch]}

    def settle(self, batch: Sequence[_Arrived], result: Invocation) -> None:
        """Go on behind what was done; try the rest again, in halves where that is asked for."""
        left = self._left(batch, result)
        done = len(batch) - len(left)
        self._waiting = self._waiting[done:]
        if not left:
            self._size, self._attempts = self._most, 0
            return
        halved = result.error is not None and self._bisects and len(left) > 1
        self._size = (len(left) + 1) // 2 if halved else len(left)
        self._attempts = 1 if done else self._attempts + (not halved)
        if 0 <= self._retries < self._attempts:
            self._give_up(left, "RetryAttemptsExhausted")
            return
        pause = min(_FIRST_PAUSE * 2 ** min(self._attempts, 10), _LONGEST_PAUSE)
        self._not_before = self._clock.now() + pause

    def _left(self, batch: Sequence[_Arrived], result: Invocation) -> Sequence[_Arrived]:
        """What a response leaves: everything from the lowest sequence number that it names."""
        if result.error is not None:
            return batch
        if not self._partial or not result.payload:
            return ()
        named = {item.get("itemIdentifier") for item in result.payload.get("batchItemFailures", ())}
        numbers = [one.number for one in batch]
        if named - set(numbers):
            return batch  # a name that is not in the batch fails the whole batch
        return batch[min((numbers.index(str(name)) for name in named), default=len(batch)) :]

    def _give_up(self, lost: Sequence[_Arrived], condition: str) -> None:
        """Go on behind what is lost, and tell the destination where it stood in the stream."""
        self._waiting = self._waiting[len(lost) :]
        attempts, self._size, self._attempts = self._attempts, self._most, 0
        if self._destination is None:
            return
        body = {
            "version": "1.0",
            "timestamp": self._clock.now().isoformat(),
            "requestContext": {
                "functionArn": f"{self.function.arn}:$LATEST",
                "condition": condition,
                "approximateInvokeCount": attempts,
            },
            "DDBStreamBatchInfo": {
                "shardId": self._shard,
                "startSequenceNumber": lost[0].number,
                "endSequenceNumber": lost[-1].number,
                "approximateArrivalOfFirstRecord": lost[0].at.isoformat(),
                "approximateArrivalOfLastRecord": lost[-1].at.isoformat(),
                "batchSize": len(lost),
                "streamArn": self._arn,
            },
        }
        name = self._destination.rpartition(":")[2]
        url = self._sqs.get_queue_url(QueueName=name)["QueueUrl"]
        self._sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body))

    def _new(self) -> list[_Arrived]:
        """What was written since the last look and passes the filter.

        Each look asks for a new iterator: moto's old ones go on reading a shard as it was before
        a transaction that was cancelled.
        """
        position: dict[str, str] = {"ShardIteratorType": "TRIM_HORIZON"}
        if self._read is not None:
            position = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": self._read}
        iterator = self._streams.get_shard_iterator(
            StreamArn=self._arn, ShardId=self._shard, **position
        )["ShardIterator"]
        found: list[_Arrived] = []
        while records := (answer := self._streams.get_records(ShardIterator=iterator))["Records"]:
            iterator = answer["NextShardIterator"]
            self._read = str(records[-1]["dynamodb"]["SequenceNumber"])
            found += map(self._arrived, records)
        return [one for one in found if self._passes(one.record)]

    def _arrived(self, record: Mapping[str, Any]) -> _Arrived:
        """A record as Lambda hands it over; moto writes its time by the machine's clock."""
        now = self._clock.now()
        change = {**_told(record["dynamodb"]), "ApproximateCreationDateTime": now.timestamp()}
        told = {**record, "dynamodb": change, "eventSourceARN": self._arn}
        return _Arrived(str(change["SequenceNumber"]), told, now)

    def _passes(self, record: Mapping[str, Any]) -> bool:
        return not self._patterns or any(one.matches_event(record) for one in self._patterns)


def _told(value: Any) -> Any:  # noqa: ANN401 - a part of a record, of any form
    """A part of a record as an event can hold it: binary values in Base64."""
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, Mapping):
        return {key: _told(item) for key, item in value.items()}
    return value
