"""What was asked of AWS: how many requests, how many it throttled, and what of them is paid for."""

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sagewarden.adapters.paid_units import READS, metrics_requested, writes
from sagewarden.adapters.retries import THROTTLED

_TOO_MANY_REQUESTS = 429


@dataclass(frozen=True, slots=True)
class Asked:
    """How often AWS was asked.

    Attributes:
        calls: The requests that were sent, retries included, by ``Service.Operation``.
        throttled: Those that were refused because there were too many, in the same way.
        metrics: The metrics that CloudWatch was asked for.
        writes: The units that DynamoDB was asked to write.
    """

    calls: Counter[str] = field(default_factory=Counter[str])
    throttled: Counter[str] = field(default_factory=Counter[str])
    metrics: int = 0
    writes: int = 0

    @property
    def reads(self) -> int:
        """How often DynamoDB was asked for items."""
        return sum(self.calls[f"DynamoDB.{name}"] for name in READS)

    def by_service(self) -> Counter[str]:
        """The requests to each service."""
        found = Counter[str]()
        for name, number in self.calls.items():
            found[name.partition(".")[0]] += number
        return found

    def since(self, before: "Asked") -> "Asked":
        """What came after a moment before."""
        return Asked(
            self.calls - before.calls,
            self.throttled - before.throttled,
            self.metrics - before.metrics,
            self.writes - before.writes,
        )


class Tally:
    """Counts what clients ask; safe to share between threads, and between an account's roles."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked = Asked()
        self._metrics = 0
        self._writes = 0

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
        if service in _PAID_BY_UNITS:  # once a call, however often it has to be sent
            client.meta.events.register("provide-client-params", self._wanted)

    def _wanted(self, event_name: str, params: Mapping[str, Any], **_: object) -> None:
        metrics = metrics_requested(params)
        units = sum(units for _, units in writes(event_name.rpartition(".")[2], params))
        with self._lock:
            self._metrics += metrics
            self._writes += units

    def now(self) -> Asked:
        """What was asked so far."""
        with self._lock:
            asked = self._asked
            calls, throttled = Counter(asked.calls), Counter(asked.throttled)
            return Asked(calls, throttled, self._metrics, self._writes)


_PAID_BY_UNITS = ("CloudWatch", "DynamoDB")


def _named(service: str, event_name: str) -> str:
    return f"{service}.{event_name.rpartition('.')[2]}"


def _is_throttled(answer: object) -> bool:
    """Whether an answer, as botocore parses it, refuses for now; no answer is no refusal."""
    if not isinstance(answer, dict):
        return False
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return status == _TOO_MANY_REQUESTS or answer.get("Error", {}).get("Code") in THROTTLED
