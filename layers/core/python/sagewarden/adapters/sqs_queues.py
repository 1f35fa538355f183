"""Put messages on SQS queues."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import batched
from typing import Any

from sagewarden.adapters.errors import acting
from sagewarden.adapters.sessions import CONNECTIONS, Sessions
from sagewarden.adapters.tally import Tally
from sagewarden.application.ports import ActionFailedError

BATCH = 10
"""The most messages of one SendMessageBatch call (its API reference)."""

REASON = "Reason"
FAILED_AT = "FailedAt"
"""The attributes of a message that was set aside: why, and when (ISO 8601).

A message that SQS's own redrive policy moves keeps the attributes it was sent with and gets no
others: these tell the two ways into a dead-letter queue apart.
"""

LONGEST_REASON = 1000
"""Attributes count towards the size of a message."""


class SqsQueues:
    """Sends to queues by their URLs."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - an SQS client, or a stand-in for one
        self._client = client

    def send(self, queue_url: str, bodies: Iterable[str]) -> None:
        """Put messages on a queue, ten a call, many calls at once.

        Raises:
            ActionFailedError: Not all of them were accepted; those that were are on the queue.
        """
        batches = list(batched(bodies, BATCH))
        if len(batches) <= 1:  # nearly always
            for batch in batches:
                self._send_batch(queue_url, batch)
            return
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - see above

        with ThreadPoolExecutor(min(len(batches), CONNECTIONS)) as pool:
            sent = [pool.submit(self._send_batch, queue_url, batch) for batch in batches]
        for done in sent:
            done.result()

    def _send_batch(self, queue_url: str, batch: tuple[str, ...]) -> None:
        entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(batch)]
        with acting(f"sending to {queue_url}"):
            answer = self._client.send_message_batch(QueueUrl=queue_url, Entries=entries)
        if refused := answer.get("Failed"):
            reasons = sorted({item.get("Message") or item["Code"] for item in refused})
            raise ActionFailedError(
                f"sending to {queue_url}: {len(refused)} of {len(batch)} messages were "
                f"refused: {'; '.join(reasons)}"
            )

    def send_in_order(self, queue_url: str, body: str, line: str) -> None:
        """Put a message on a FIFO queue that tells contents apart, behind all of the same line.

        Args:
            queue_url: The queue.
            body: The message.
            line: Whose order it keeps; any text.

        Raises:
            ActionFailedError: It was not accepted.
        """
        with acting(f"sending to {queue_url}"):
            self._client.send_message(
                QueueUrl=queue_url, MessageBody=body, MessageGroupId=_digest(line)
            )

    def show_again(self, queue_url: str, receipt_handle: str, after: timedelta) -> None:
        """Let a message that was received be shown again after a while, not its queue's timeout.

        Raises:
            ActionFailedError: It was not accepted: its queue's timeout counts.
        """
        with acting(f"a message of {queue_url}"):
            self._client.change_message_visibility(
                QueueUrl=queue_url,
                ReceiptHandle=receipt_handle,
                VisibilityTimeout=int(after.total_seconds()),
            )

    def set_aside(self, queue_url: str, body: str, reason: str, at: datetime) -> None:
        """Put a message on a dead-letter queue, with its reason.

        Args:
            queue_url: The dead-letter queue.
            body: The message as it came.
            reason: Why it can never succeed.
            at: When that was found (aware).

        Raises:
            ActionFailedError: It was not accepted.
        """
        attributes = {REASON: reason[:LONGEST_REASON], FAILED_AT: at.isoformat(timespec="seconds")}
        with acting(f"sending to {queue_url}"):
            self._client.send_message(
                QueueUrl=queue_url,
                MessageBody=body,
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value}
                    for name, value in attributes.items()
                },
                **(_alone(body) if queue_url.endswith(_IN_ORDER) else {}),
            )


_IN_ORDER = ".fifo"
"""How the names of FIFO queues end, and of no others (CreateQueue, API reference)."""


def _alone(body: str) -> dict[str, str]:
    """A line of its own for a message, in which it stands once: no other waits for it."""
    return {"MessageGroupId": _digest(body), "MessageDeduplicationId": _digest(body)}


def _digest(text: str) -> str:
    """Any text as one that SQS takes for an id: 128 letters at most, few others."""
    return hashlib.sha256(text.encode()).hexdigest()


def send_messages(
    region: str, queue_url: str, bodies: Iterable[str], tally: Tally | None = None
) -> None:
    """Put messages on a queue with the function's own role, and nothing else.

    Raises:
        ActionFailedError: Not all of them were accepted.
    """
    SqsQueues(Sessions(tally=tally).client("sqs", region)).send(queue_url, bodies)
