"""How a variant is used, from CloudWatch; a series with gaps is no evidence.

Source of names, dimensions and units: docs.aws.amazon.com/sagemaker, "Monitor Amazon SageMaker AI
with Amazon CloudWatch" (read 2026-11): CPUUtilization is 0 to 100 times the cores of an instance,
GPUUtilization and GPUMemoryUtilization 0 to 100 times its GPUs, latencies are microseconds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from sagewarden.domain.idle_endpoints import COVERAGE
from sagewarden.domain.metrics import Readings, Series
from sagewarden.domain.money import HOURS_PER_MONTH

CALLS = "AWS/SageMaker"
INSTANCES = "/aws/sagemaker/Endpoints"
MICROSECONDS = 1_000_000


def series(endpoint: str, variant: str, *, serverless: bool, gpus: bool) -> Iterator[Series]:
    """The series that tell how a variant is used.

    Args:
        endpoint: The endpoint's name.
        variant: The variant's name.
        serverless: Whether it is serverless: then it has no instances to measure.
        gpus: Whether its instances have GPUs.
    """
    of = _Of(endpoint, variant)
    yield of.calls("Invocations", "Sum")
    yield of.calls("ModelLatency", "Sum")
    if serverless:
        return
    yield of.instances("CPUUtilization", "Average")
    yield of.instances("CPUUtilization", "Maximum")
    yield of.instances("MemoryUtilization", "Maximum")
    if gpus:
        yield of.instances("GPUUtilization", "Average")
        yield of.instances("GPUUtilization", "Maximum")
        yield of.instances("GPUMemoryUtilization", "Maximum")


@dataclass(frozen=True, slots=True)
class Usage:
    """How a variant was used, hour by hour; None stands for what is not known.

    Attributes:
        hours: How many hours were looked at.
        invocations: Calls in each hour.
        busy_seconds: The seconds that models worked on them, in each hour that had any.
        cpu: The mean CPU utilisation of an instance in each hour, 0 to 100 times its cores.
        cpu_peak: The highest that was measured.
        memory_peak: The highest memory utilisation, in per cent.
        gpu: The mean GPU utilisation in each hour, 0 to 100 times the instance's GPUs.
        gpu_peak: The highest that was measured.
        gpu_memory_peak: The highest GPU memory utilisation, 0 to 100 times the GPUs.
    """

    hours: int
    invocations: tuple[float, ...] | None = None
    busy_seconds: tuple[float, ...] | None = None
    cpu: tuple[float, ...] | None = None
    cpu_peak: float | None = None
    memory_peak: float | None = None
    gpu: tuple[float, ...] | None = None
    gpu_peak: float | None = None
    gpu_memory_peak: float | None = None

    @property
    def calls(self) -> float | None:
        """The calls of all hours."""
        return None if self.invocations is None else sum(self.invocations)

    @property
    def busy_hours(self) -> int | None:
        """The hours in which anybody called."""
        return None if self.invocations is None else sum(value > 0 for value in self.invocations)

    @property
    def busy_share(self) -> Decimal | None:
        """The part of the hours in which anybody called, each counted whole, 0 to 1."""
        busy = self.busy_hours
        return None if busy is None else Decimal(busy) / self.hours

    @property
    def work(self) -> float | None:
        """The seconds that models worked in all hours."""
        return None if self.busy_seconds is None else sum(self.busy_seconds)

    @property
    def monthly_work(self) -> Decimal | None:
        """The seconds that models would work in a month of 730 hours at this pace."""
        return None if self.work is None else Decimal(str(self.work)) / self.hours * HOURS_PER_MONTH

    @property
    def seconds_per_call(self) -> float | None:
        """How long a call takes on average; None without calls."""
        calls, work = self.calls, self.work
        return work / calls if calls and work is not None else None

    @property
    def at_once(self) -> float | None:
        """How many calls are worked on at once, on average over the busiest hour."""
        if self.busy_seconds is None:
            return None
        return max(self.busy_seconds, default=0.0) / timedelta(hours=1).total_seconds()


def usage_of(endpoint: str, variant: str, readings: Readings) -> Usage:
    """What was read of a variant's use."""
    of = _Of(endpoint, variant)
    hours = readings.window.buckets

    def every_hour(item: Series) -> tuple[float, ...] | None:
        values = readings.of(item)
        if values is None or len(values) < max(1, round(hours * COVERAGE)):
            return None
        return values

    def highest(item: Series) -> float | None:
        values = every_hour(item)
        return None if values is None else max(values)

    invocations = every_hour(of.calls("Invocations", "Sum"))
    return Usage(
        hours=hours,
        invocations=invocations,
        busy_seconds=_work(invocations, readings.of(of.calls("ModelLatency", "Sum"))),
        cpu=every_hour(of.instances("CPUUtilization", "Average")),
        cpu_peak=highest(of.instances("CPUUtilization", "Maximum")),
        memory_peak=highest(of.instances("MemoryUtilization", "Maximum")),
        gpu=every_hour(of.instances("GPUUtilization", "Average")),
        gpu_peak=highest(of.instances("GPUUtilization", "Maximum")),
        gpu_memory_peak=highest(of.instances("GPUMemoryUtilization", "Maximum")),
    )


def _work(
    invocations: tuple[float, ...] | None, latencies: tuple[float, ...] | None
) -> tuple[float, ...] | None:
    """Latencies exist only in hours with calls; too few of them are no evidence."""
    if invocations is None or latencies is None:
        return None
    called = sum(value > 0 for value in invocations)
    if len(latencies) < round(called * COVERAGE):
        return None
    return tuple(value / MICROSECONDS for value in latencies)


@dataclass(frozen=True, slots=True)
class _Of:
    endpoint: str
    variant: str

    def calls(self, metric: str, statistic: str) -> Series:
        return self._series(CALLS, metric, statistic)

    def instances(self, metric: str, statistic: str) -> Series:
        return self._series(INSTANCES, metric, statistic)

    def _series(self, namespace: str, metric: str, statistic: str) -> Series:
        dimensions = (("EndpointName", self.endpoint), ("VariantName", self.variant))
        return Series(namespace, metric, dimensions, statistic)
