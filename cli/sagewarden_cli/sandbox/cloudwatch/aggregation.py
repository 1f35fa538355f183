"""What a statistic over a period makes of samples."""

import re
from collections.abc import Callable, Iterator, Sequence

from sagewarden_cli.sandbox.cloudwatch.series import Sample

type Statistic = Callable[[Sequence[Sample]], float | None]

_PERCENTILE = re.compile(r"^p(\d{1,2}(?:\.\d{1,10})?|100)$")


def _sum(samples: Sequence[Sample]) -> float:
    return sum([sample[2] for sample in samples])


def _count(samples: Sequence[Sample]) -> float:
    return sum([sample[1] for sample in samples])


def _average(samples: Sequence[Sample]) -> float | None:
    count = _count(samples)
    return _sum(samples) / count if count else None


def _minimum(samples: Sequence[Sample]) -> float:
    return min([sample[3] for sample in samples])


def _maximum(samples: Sequence[Sample]) -> float:
    return max([sample[4] for sample in samples])


STATISTICS: dict[str, Statistic] = {
    "Sum": _sum,
    "SampleCount": _count,
    "Average": _average,
    "Minimum": _minimum,
    "Maximum": _maximum,
}


def statistic_named(name: str) -> Statistic | None:
    """Return the statistic of a name such as ``Sum`` or ``p99.9``; None if it is not emulated."""
    found = STATISTICS.get(name)
    if found is not None:
        return found
    percentile = _PERCENTILE.match(name)
    return _percentile(float(percentile.group(1)) / 100) if percentile else None


def _percentile(rank: float) -> Statistic:
    def statistic(samples: Sequence[Sample]) -> float | None:
        if any(s.minimum != s.maximum or s.minimum < 0 for s in samples):
            return None
        ordered = sorted((sample.minimum, sample.size) for sample in samples)
        return _weighted(ordered, rank * sum(count for _, count in ordered))

    return statistic


def _weighted(ordered: Sequence[tuple[float, float]], target: float) -> float:
    """Return the least value such that ``target`` of the values are no greater."""
    reached = 0.0
    for value, count in ordered:
        reached += count
        if reached >= target:
            return value
    return ordered[-1][0]


def by_period(
    samples: Sequence[Sample],
    start: float,
    period: int,
) -> Iterator[tuple[float, list[Sample]]]:
    """Yield each period that has samples, by its start, with its samples.

    Args:
        samples: In order of time, none before ``start``.
        start: Where the first period begins, in epoch seconds.
        period: The length of a period in seconds.
    """
    group: list[Sample] = []
    current = -1.0
    for sample in samples:
        number = (sample[0] - start) // period
        if number != current:
            if group:
                yield start + current * period, group
            group, current = [], number
        group.append(sample)
    if group:
        yield start + current * period, group
