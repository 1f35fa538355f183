"""Put on the bus again what did not reach it, or not the webhook behind it."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sagewarden.adapters.event_bus import EventBus
from sagewarden.adapters.ledger_stream import StreamRecordError, read_announcement


class NotAgainError(Exception):
    """A dead letter cannot be put on the bus."""


class OnTheBus:
    """Puts dead letters of the announcer and of the webhook on their bus.

    Whoever subscribes gets them once more, with the ids that they have always had.

    Args:
        client: EventBridge where the bus is.
        name: The bus.
    """

    def __init__(self, client: Any, name: str) -> None:  # noqa: ANN401 - an EventBridge client
        self._client = client
        self._name = name

    def put(self, body: str) -> str:
        """Put what a dead letter holds on the bus; what was done, in words.

        Raises:
            NotAgainError: It holds no event, or EventBridge did not take it.
            ClientError: EventBridge refused the call.
        """
        content = _content(body)
        if "Records" in content:
            self._announce(content["Records"])
        elif "detail-type" in content:
            self._put(content)
        else:
            raise NotAgainError(
                "it names a place in the stream, which is over; the entries are in the ledger"
            )
        return f"put on {self._name} again"

    def _announce(self, records: list[Mapping[str, Any]]) -> None:
        try:
            announcements = [read_announcement(record) for record in records]
        except StreamRecordError as error:
            raise NotAgainError(f"it cannot be read by this version: {error}") from error
        for why in EventBus(self._client, self._name).put(announcements):
            if why is not None:
                raise NotAgainError(f"it was not accepted: {why}")

    def _put(self, event: Mapping[str, Any]) -> None:
        entry = {
            "EventBusName": self._name,
            "Source": event["source"],
            "DetailType": event["detail-type"],
            "Detail": json.dumps(event["detail"], ensure_ascii=False),
            "Time": datetime.fromisoformat(event["time"]),
            "Resources": event["resources"],
        }
        [result] = self._client.put_events(Entries=[entry])["Entries"]
        if "ErrorCode" in result:
            raise NotAgainError(f"it was not accepted: {result['ErrorCode']}")


def _content(body: str) -> Mapping[str, Any]:
    try:
        content = json.loads(body)
    except ValueError as error:
        raise NotAgainError(f"it is no JSON ({error})") from error
    if not isinstance(content, dict):
        raise NotAgainError("it is no event")
    return content
