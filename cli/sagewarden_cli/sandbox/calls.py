"""Which API calls the sandbox received: for assertions and benchmarks."""

import threading
from collections import Counter


class CallLog:
    """How often each operation was called, whoever answered it: we or moto."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def record(self, service: str, operation: str) -> None:
        """Count one call under boto3's name of the service, such as ``cloudwatch``."""
        with self._lock:
            self._counts[f"{service}.{operation}"] += 1

    def count(self, service: str, operation: str | None = None) -> int:
        """Return how often one operation was called, or any operation of a service."""
        if operation is not None:
            return self._counts[f"{service}.{operation}"]
        return sum(n for name, n in self.counts().items() if name.startswith(f"{service}."))

    def counts(self) -> dict[str, int]:
        """Return all counts by ``service.Operation``."""
        with self._lock:
            return dict(self._counts)

    def clear(self) -> None:
        """Start counting anew."""
        with self._lock:
            self._counts.clear()
