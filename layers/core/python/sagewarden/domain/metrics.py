"""CloudWatch metrics as values: which series, over which window, and what was read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property


@dataclass(frozen=True, slots=True, order=True)
class Series:
    """One metric with its exact set of dimensions and the statistic asked of it.

    CloudWatch knows a metric only by its exact dimensions: EndpointName alone is another,
    empty series (docs.aws.amazon.com, CloudWatch concepts, "Dimensions").
    """

    namespace: str
    metric: str
    dimensions: tuple[tuple[str, str], ...]
    statistic: str


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open span of time [start, end) read in buckets of one period."""

    start: datetime
    end: datetime
    period: timedelta = timedelta(hours=1)

    @classmethod
    def before(cls, now: datetime, length: timedelta) -> "Window":
        """The window of a length that ends now, widened to whole hours (UTC) at its start.

        CloudWatch keeps hourly sums by whole hours, so a use in the window's first, partial
        hour cannot be told from one just before it; both count as use.
        """
        start = (now - length).astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        return cls(start=start, end=now)

    @property
    def buckets(self) -> int:
        """How many whole periods fit into the window."""
        return (self.end - self.start) // self.period


@dataclass(frozen=True)
class Readings:
    """What CloudWatch answered.

    Attributes:
        window: The window that was read.
        values: The datapoints by series, the newest first. An empty tuple is "no datapoint", None
            is "could not be read". Neither is a zero.
        complete: Whether every series that exists was asked for, so that one which is missing
            here has no datapoint rather than being unknown.
        used: By each series with a datapoint above zero: when the newest of those periods began.
    """

    window: Window
    values: Mapping[Series, tuple[float, ...] | None]
    complete: bool = False
    used: Mapping[Series, datetime] = field(default_factory=dict[Series, datetime])

    def of(self, series: Series) -> tuple[float, ...] | None:
        """The datapoints of a series, or None when it could not be read."""
        return self.values.get(series, () if self.complete else None)

    def total(self, series: Series) -> float:
        """The sum of a series' datapoints; 0 when it has none that could be read."""
        return sum(self.of(series) or ())

    def naming(self, dimension: str, value: str) -> tuple[Series, ...]:
        """The series that were read and have this value of a dimension."""
        return self._by_dimension.get((dimension, value), ())

    @cached_property
    def _by_dimension(self) -> Mapping[tuple[str, str], tuple[Series, ...]]:
        index: dict[tuple[str, str], list[Series]] = {}
        for series in self.values:
            for dimension in series.dimensions:
                index.setdefault(dimension, []).append(series)
        return {dimension: tuple(found) for dimension, found in index.items()}
