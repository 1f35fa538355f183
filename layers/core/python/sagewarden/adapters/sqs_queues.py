"""Put messages on SQS queues."""

from collections.abc import Iterable
from itertools import batched
from typing import Any

from sagewarden.adapters.errors import acting
from sagewarden.application.ports import ActionFailedError

BATCH = 10
"""The most messages of one SendMessageBatch call (its API reference)."""


class SqsQueues:
    """Sends to queues by their URLs."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - an SQS client, or a stand-in for one
        self._client = client

    def send(self, queue_url: str, bodies: Iterable[str]) -> None:
        """Put messages on a queue, ten a call.

        Raises:
            ActionFailedError: Not all of them were accepted; those that were are on the queue.
        """
        for batch in batched(bodies, BATCH):
            entries = [
                {"Id": str(number), "MessageBody": body} for number, body in enumerate(batch)
            ]
            with acting(f"sending to {queue_url}"):
                answer = self._client.send_message_batch(QueueUrl=queue_url, Entries=entries)
            if refused := answer.get("Failed"):
                reasons = sorted({item.get("Message") or item["Code"] for item in refused})
                raise ActionFailedError(
                    f"sending to {queue_url}: {len(refused)} of {len(batch)} messages were "
                    f"refused: {'; '.join(reasons)}"
                )
