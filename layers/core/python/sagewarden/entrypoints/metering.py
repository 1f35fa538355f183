"""What each run of a function costs: one log line at its end, and a metric."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Protocol

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from sagewarden.adapters.tally import Asked, Tally
from sagewarden.domain.running_cost import AS_OF, REGION, Used, cost_of

_RECEIVED_AND_DELETED = 2
"""What Lambda asks SQS on a function's behalf for each batch: to receive and to delete it."""


class Meter:
    """Measures what a function's runs use, and says what that costs.

    An invocation is one run, unless it brings messages: then each of them is one, and has the time
    since the one before it, and its share of what is paid for the invocation or its batch. Nothing
    is told of a run that ends with its process.

    Args:
        logger: The function's log, which knows the run.
        metrics: Its metrics.
        seconds: What measures time.

    Attributes:
        tally: What the function's clients count their calls with.
    """

    def __init__(
        self, logger: Logger, metrics: Metrics, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._logger = logger
        self._metrics = metrics
        self._seconds = seconds
        self._memory_mb = 0
        self._messages = 0
        self._since = 0.0
        self._before = Asked()
        self.tally = Tally()

    @contextmanager
    def invocation(self, memory_mb: int) -> Iterator[None]:
        """While it lasts, an invocation is measured, also one that fails.

        Args:
            memory_mb: The function's memory.
        """
        self._memory_mb, self._messages = memory_mb, 0
        self._since, self._before = self._seconds(), self.tally.now()
        try:
            yield
        finally:
            if not self._messages:
                self.tell()

    def receives(self, messages: int) -> None:
        """The invocation brings messages of a queue: `tell` at the end of each."""
        self._messages = messages

    def tell(self) -> None:
        """Say what the run that ends now costs: all that was used since the one before."""
        now, asked = self._seconds(), self.tally.now()
        used, calls = self._used(now - self._since, asked.since(self._before))
        self._since, self._before = now, asked
        costs = cost_of(used.amounts())
        total = sum(costs.values(), Decimal(0))
        told = {
            "usd": _usd(total),
            "usd_of": {service: _usd(usd) for service, usd in costs.items() if usd},
            "prices": f"{REGION}, {AS_OF}",
            "seconds": float(used.seconds),
            "memory_mb": used.memory_mb,
            "gb_seconds": float(round(used.gb_seconds, 6)),
            "metrics_requested": used.metrics_requested,
            "dynamodb_reads": used.reads,
            "dynamodb_write_units": used.writes,
            "sqs_requests": float(round(used.sqs_requests, 3)),
            "calls": dict(sorted(calls.items())),
        }
        self._logger.info("run cost", extra=told)
        self._metrics.add_metric(name="RunCost", unit=MetricUnit.NoUnit, value=float(total))

    def _used(self, seconds: float, asked: Asked) -> tuple[Used, dict[str, int]]:
        calls = asked.by_service()
        ours = Decimal(_RECEIVED_AND_DELETED if self._messages else 0)
        share = Decimal(1) / max(1, self._messages)
        used = Used(
            seconds=round(Decimal(seconds), 3),
            memory_mb=self._memory_mb,
            invocations=share,
            metrics_requested=asked.metrics,
            metric_pages=asked.calls["CloudWatch.ListMetrics"],
            reads=asked.reads,
            writes=asked.writes,
            sqs_requests=calls["SQS"] + ours * share,
            sns_requests=calls["SNS"],
        )
        return used, calls


class Metered(Protocol):
    """A function that says what its runs do, and what they cost."""

    logger: Logger
    metrics: Metrics
    meter: Meter


def _usd(amount: Decimal) -> str:
    """Dollars with as many digits as one request takes."""
    return f"{amount:.9f}"
