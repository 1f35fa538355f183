"""Put announcements on an EventBridge bus."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sagewarden.adapters.errors import acting
from sagewarden.adapters.sessions import Sessions
from sagewarden.adapters.tally import Tally
from sagewarden.application.ports import ActionFailedError
from sagewarden.domain.announcements import Announcement

SOURCE = "sagewarden"
"""The source of all our events: no AWS service's, which begin with ``aws.``."""

MOST = 10
"""The most entries of one PutEvents call (its API reference)."""

MOST_BYTES = 256 * 1024
"""The largest PutEvents call: what its entries hold together (EventBridge User Guide)."""

_TIME_BYTES = 14
"""What a time counts for in an entry (the same)."""

type _Entry = dict[str, Any]


class EventBus:
    """The port of announcements on a bus.

    Args:
        client: EventBridge where the bus is.
        name: The bus's name.
    """

    def __init__(self, client: Any, name: str) -> None:  # noqa: ANN401 - an EventBridge client
        self._client = client
        self._name = name

    def put(self, announcements: Sequence[Announcement]) -> Sequence[str | None]:
        """Put announcements; for each None, or why it was not accepted."""
        entries = [self._entry(one) for one in announcements]
        return [answer for call in _calls(entries) for answer in self._put(call)]

    def _put(self, entries: Sequence[_Entry]) -> Sequence[str | None]:
        try:
            with acting("putting events"):
                answer = self._client.put_events(Entries=entries)
        except ActionFailedError as error:
            return [str(error)] * len(entries)
        return [_refusal(result) for result in answer["Entries"]]

    def _entry(self, one: Announcement) -> _Entry:
        return {
            "EventBusName": self._name,
            "Source": SOURCE,
            "DetailType": one.detail_type,
            "Detail": json.dumps(dict(one.detail), ensure_ascii=False),
            "Time": one.at,
            "Resources": [one.arn] if one.arn else [],
        }


def open_bus(region: str, name: str, tally: Tally | None = None) -> EventBus:
    """A bus, with the function's own role, whose calls are counted."""
    return EventBus(Sessions(tally=tally).client("events", region), name)


def _calls(entries: Sequence[_Entry]) -> Iterator[Sequence[_Entry]]:
    """The entries, as many a call as EventBridge takes."""
    call: list[_Entry] = []
    size = 0
    for entry in entries:
        more = _size(entry)
        if call and (len(call) == MOST or size + more > MOST_BYTES):
            yield call
            call, size = [], 0
        call.append(entry)
        size += more
    if call:
        yield call


def _size(entry: _Entry) -> int:
    """What an entry counts for (EventBridge User Guide, "PutEvents event entry size")."""
    texts = (entry["Source"], entry["DetailType"], entry["Detail"], *entry["Resources"])
    return _TIME_BYTES + sum(len(text.encode()) for text in texts)


def _refusal(result: dict[str, Any]) -> str | None:
    if "ErrorCode" not in result:
        return None
    return f"{result['ErrorCode']}: {result.get('ErrorMessage', '')}"
