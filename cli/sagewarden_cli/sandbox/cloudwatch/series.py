"""Time series: one per namespace, metric name and exact set of dimensions."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from sagewarden_cli.sandbox.backend import AccountRegion

type Dimensions = tuple[tuple[str, str], ...]
type SeriesKey = tuple[str, str, Dimensions]
type Watcher = Callable[[float], None]


class Sample(NamedTuple):
    """What was published for one moment: one value, or a summary of several.

    Attributes:
        at: Epoch seconds.
        size: How many values it stands for.
        sum: Their sum.
        minimum: The least of them.
        maximum: The greatest of them.
    """

    at: float
    size: float
    sum: float
    minimum: float
    maximum: float


@dataclass(slots=True)
class Samples:
    """The samples of one series in one unit, in order of time."""

    _samples: list[Sample] = field(default_factory=list)
    _is_sorted: bool = True

    def add(self, samples: Iterable[Sample]) -> None:
        """Add samples in any order."""
        self._samples.extend(samples)
        self._is_sorted = False

    def between(self, start: float, end: float) -> list[Sample]:
        """Return the samples from ``start`` inclusive to ``end`` exclusive, in epoch seconds."""
        samples = self._in_order()
        low = bisect_left(samples, start, key=_time_of)
        high = bisect_left(samples, end, key=_time_of)
        return samples[low:high]

    def latest(self) -> float:
        """Return the time of the newest sample, in epoch seconds."""
        return self._in_order()[-1].at

    def earliest(self, start: float) -> float | None:
        """Return the time of the first sample from ``start`` on, in epoch seconds."""
        samples = self._in_order()
        place = bisect_left(samples, start, key=_time_of)
        return samples[place].at if place < len(samples) else None

    def _in_order(self) -> list[Sample]:
        if not self._is_sorted:
            self._samples.sort(key=_time_of)
            self._is_sorted = True
        return self._samples


@dataclass(slots=True)
class Series:
    """One metric: samples by the unit in which they were published."""

    key: SeriesKey
    _by_unit: dict[str, Samples] = field(default_factory=dict)

    def add(self, unit: str, samples: Iterable[Sample]) -> None:
        """Add samples published in a unit."""
        self._by_unit.setdefault(unit, Samples()).add(samples)

    def between(self, start: float, end: float, unit: str | None = None) -> list[Sample]:
        """Return the samples of one unit, or of all, from ``start`` up to before ``end``."""
        if unit is None and len(self._by_unit) == 1:
            (only,) = self._by_unit.values()
            return only.between(start, end)
        chosen = [s for u, s in self._by_unit.items() if unit in {None, u}]
        merged = [sample for samples in chosen for sample in samples.between(start, end)]
        return sorted(merged, key=_time_of)

    def latest(self) -> float:
        """Return the time of the newest sample, in epoch seconds."""
        return max(samples.latest() for samples in self._by_unit.values())

    def earliest(self, start: float) -> float | None:
        """Return the time of the first sample from ``start`` on, in epoch seconds, if any."""
        found = (samples.earliest(start) for samples in self._by_unit.values())
        return min((at for at in found if at is not None), default=None)

    def unit(self) -> str:
        """Return the unit of its samples, the first if there are several."""
        return next(iter(self._by_unit))


class MetricStore:
    """All series of one account and region."""

    def __init__(self, here: AccountRegion) -> None:
        self.here = here
        self._series: dict[SeriesKey, Series] = {}
        self._watchers: dict[SeriesKey, list[Watcher]] = {}
        self._watching_all: list[Callable[[SeriesKey, float], None]] = []

    def watch(self, key: SeriesKey, watcher: Watcher) -> None:
        """Tell ``watcher`` the time of the first of any samples added to a series from now on."""
        self._watchers.setdefault(key, []).append(watcher)

    def unwatch(self, key: SeriesKey, watcher: Watcher) -> None:
        """Tell ``watcher`` no more."""
        self._watchers[key].remove(watcher)

    def watch_all(self, watcher: Callable[[SeriesKey, float], None]) -> None:
        """Tell ``watcher`` the same of every series, and which it is."""
        self._watching_all.append(watcher)

    def unwatch_all(self, watcher: Callable[[SeriesKey, float], None]) -> None:
        """Tell ``watcher`` no more of every series."""
        self._watching_all.remove(watcher)

    def add(self, key: SeriesKey, unit: str, samples: Iterable[Sample]) -> None:
        """Add samples to a series, which is made on demand."""
        found = list(samples)
        if not found:
            return
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = Series(key)
        series.add(unit, found)
        for watcher in self._watchers.get(key, ()):
            watcher(min(sample.at for sample in found))
        for told_of_all in self._watching_all:
            told_of_all(key, min(sample.at for sample in found))

    def get(self, key: SeriesKey) -> Series | None:
        """Return the series of exactly this namespace, name and dimensions, or None."""
        return self._series.get(key)

    def all(self) -> Iterator[Series]:
        """Yield every series."""
        yield from self._series.values()


def dimensions_of(sent: Iterable[Mapping[str, str]]) -> Dimensions:
    """Return a call's ``Dimensions`` in the order in which series are kept."""
    return tuple(sorted((entry["Name"], entry["Value"]) for entry in sent))


def _time_of(sample: Sample) -> float:
    return sample.at
