"""Lambda's side of an SQS event source mapping: poll, invoke, delete what was done."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sagewarden_cli.stack.functions import LambdaFunction
from sagewarden_cli.stack.queue_time import anything_visible, next_visible
from sagewarden_cli.stack.registration import Deployed
from sagewarden_cli.stack.resources.messaging import NotWiredError
from sagewarden_cli.stack.runtime import Invocation

_MOST_RECEIVED = 10
_PARTIAL = "ReportBatchItemFailures"


class Mapped:
    """One event source mapping that reads a queue.

    Args:
        mapping: The deployed mapping.
        function: The function that it feeds.
        url: The URL of the queue that it reads.
        sqs: A client under the function's role: that is who polls on AWS.

    Attributes:
        function: The function that it feeds.

    Raises:
        NotWiredError: It filters.
    """

    def __init__(
        self,
        mapping: Deployed,
        function: LambdaFunction,
        url: str,
        sqs: Any,  # noqa: ANN401 - a boto3 client
    ) -> None:
        properties = mapping.properties
        source = str(properties["EventSourceArn"])
        if properties.get("FilterCriteria"):
            raise NotWiredError(f"{mapping.logical_id}: only queues without filters are wired")
        self.function = function
        self._source = source
        self._sqs = sqs
        self._size = min(int(properties.get("BatchSize", 10)), _MOST_RECEIVED)
        self._partial = _PARTIAL in properties.get("FunctionResponseTypes", ())
        self._url = url
        self._polled = False
        # The poller looks at the queue's length to scale; it needs the right to.
        sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["All"])

    def next_moment(self, now: datetime) -> datetime | None:
        """When the next message in flight or delayed can be received, after now."""
        return next_visible(*self._place(), now)

    def receive(self) -> Sequence[Mapping[str, Any]]:
        """Take the next batch of messages; empty when none is visible.

        A queue is polled whether or not it holds anything once, as the function's role must be able
        to; from then on only where there is something to be had.
        """
        if self._polled and not anything_visible(*self._place()):
            return ()
        self._polled = True
        answer = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=self._size,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        messages: Sequence[Mapping[str, Any]] = answer.get("Messages", [])
        return messages

    def event(self, messages: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The event that a batch makes."""
        return {"Records": [self._record(message) for message in messages]}

    def settle(self, messages: Sequence[Mapping[str, Any]], result: Invocation) -> None:
        """Delete the messages that were done; the others come back after their timeout."""
        failed = self._failed(messages, result)
        for message in messages:
            if message["MessageId"] not in failed:
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])

    def _failed(self, messages: Sequence[Mapping[str, Any]], result: Invocation) -> set[str]:
        """Which messages a batch response leaves (Lambda Developer Guide, "Handling errors")."""
        every = {str(message["MessageId"]) for message in messages}
        if result.error is not None:
            return every
        if not self._partial or not result.payload:
            return set()
        named = {item.get("itemIdentifier") for item in result.payload.get("batchItemFailures", ())}
        # A name that is not in the batch, or none at all, fails the whole batch.
        return every if named - every else named

    def _place(self) -> tuple[str, str, str]:
        _, _, _, region, account, queue = self._source.split(":")
        return account, region, queue

    def _record(self, message: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message.get("Attributes", {}),
            "messageAttributes": {
                name: {key[0].lower() + key[1:]: value for key, value in attribute.items()}
                for name, attribute in message.get("MessageAttributes", {}).items()
            },
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": self._source,
            "awsRegion": self._source.split(":")[3],
        }
