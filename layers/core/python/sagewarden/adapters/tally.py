"""What was asked of AWS: how many requests were sent, and how many of them it throttled."""

import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sagewarden.adapters.retries import THROTTLED

_TOO_MANY_REQUESTS = 429


@dataclass(frozen=True, slots=True)
class Asked:
    """How often AWS was asked.

    Attributes:
        calls: The requests that were sent, retries included, by ``Service.Operation``.
        throttled: Those that were refused because there were too many, in the same way.
    """

    calls: Counter[str] = field(default_factory=Counter[str])
    throttled: Counter[str] = field(default_factory=Counter[str])

    def since(self, before: "Asked") -> "Asked":
        """What came after a moment before."""
        return Asked(self.calls - before.calls, self.throttled - before.throttled)


class Tally:
    """Counts what clients ask; safe to share between threads, and between an account's roles."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked = Asked()

    def watch(self, client: Any) -> None:  # noqa: ANN401 - boto3 has no common client type
        """Count what a client asks from now on."""
        service = client.meta.service_model.service_id.replace(" ", "")

        def sent(event_name: str, **_: object) -> None:
            with self._lock:
                self._asked.calls[_named(service, event_name)] += 1

        def answered(event_name: str, parsed_response: object = None, **_: object) -> None:
            if _is_throttled(parsed_response):
                with self._lock:
                    self._asked.throttled[_named(service, event_name)] += 1

        client.meta.events.register("before-send", sent)
        client.meta.events.register("response-received", answered)

    def now(self) -> Asked:
        """What was asked so far."""
        with self._lock:
            return Asked(Counter(self._asked.calls), Counter(self._asked.throttled))


def _named(service: str, event_name: str) -> str:
    return f"{service}.{event_name.rpartition('.')[2]}"


def _is_throttled(answer: object) -> bool:
    """Whether an answer, as botocore parses it, refuses for now; no answer is no refusal."""
    if not isinstance(answer, dict):
        return False
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return status == _TOO_MANY_REQUESTS or answer.get("Error", {}).get("Code") in THROTTLED
