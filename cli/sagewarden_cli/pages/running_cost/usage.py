"""What runs of functions used, as far as somebody pays for it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from sagewarden.adapters.paid_units import metrics_requested, writes
from sagewarden_cli.sandbox.observation import ObservedCall


@dataclass(slots=True)
class Usage:
    """What one or more runs used.

    Attributes:
        calls: Calls to AWS by ``service.Operation``.
        metrics_requested: Metrics that GetMetricData was asked for.
        write_units: DynamoDB's write units.
        written_bytes: What was written to the ledger.
        log_bytes: Log lines, without those that carry metrics.
        metric_bytes: Log lines that carry metrics.
    """

    calls: Counter[str] = field(default_factory=Counter[str])
    metrics_requested: int = 0
    write_units: int = 0
    written_bytes: int = 0
    log_bytes: int = 0
    metric_bytes: int = 0

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> Self:
        """What `record` wrote."""
        return cls(**{**content, "calls": Counter(content["calls"])})

    def record(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {**asdict(self), "calls": dict(sorted(self.calls.items()))}

    def see(self, call: ObservedCall) -> None:
        """Count a call."""
        self.calls[f"{call.service}.{call.operation}"] += 1
        self.metrics_requested += metrics_requested(call.params)
        for size, units in writes(call.operation, call.params):
            self.written_bytes += size
            self.write_units += units

    def log(self, text: str) -> None:
        """Count what a function printed."""
        for line in text.splitlines():
            size = len(line.encode()) + 1
            if '"_aws"' in line:
                self.metric_bytes += size
            else:
                self.log_bytes += size

    def add(self, other: "Usage") -> None:
        """Add what another run used."""
        self.calls += other.calls
        for name in _NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def beyond(self, usual: Self, times: int) -> "Usage":
        """What these runs used more than as many usual runs."""
        calls = self.calls.copy()
        for operation, number in usual.calls.items():
            calls[operation] -= number * times
        rest = {
            name: max(0, getattr(self, name) - getattr(usual, name) * times) for name in _NUMBERS
        }
        return Usage(calls=+calls, **rest)


_NUMBERS = ("metrics_requested", "write_units", "written_bytes", "log_bytes", "metric_bytes")
