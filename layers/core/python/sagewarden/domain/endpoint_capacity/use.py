"""How much something is used, and what that needs, from what CloudWatch tells of two weeks."""

from datetime import timedelta

from sagewarden.domain.endpoint_capacity.seen import Unit
from sagewarden.domain.metrics import Readings

WINDOW = timedelta(days=14)
"""How far back use is read."""

LEAST_HOURS = 7 * 24
"""Of how many hours something must be known before what it needs is told: a whole week."""

HEADROOM = 3
"""How many times the mean of the busiest hour its busiest minute is taken to be.

CloudWatch is asked for hourly sums; minutes of two weeks would cost sixty times as much.
"""

_MINUTES = 60
_NEWEST = 2


def is_busy(unit: Unit, readings: Readings | None) -> bool:
    """Whether it was used in the newest two hours that are known, or that cannot be told."""
    if readings is None:
        return True
    newest = [(readings.of(series) or ())[:_NEWEST] for series in unit.use]
    return any(len(values) < _NEWEST or any(values) for values in newest)


def needed(unit: Unit, readings: Readings | None, per_minute: float | None) -> int | None:
    """How many instances or copies its busiest minute ever needed, at least 1.

    Args:
        unit: What is used.
        readings: Its use.
        per_minute: How many calls a minute one of them is to serve.

    Returns:
        The number, or None when it cannot be told.
    """
    values = readings.of(unit.calls) if readings else None
    if values is None or len(values) < LEAST_HOURS or not per_minute:
        return None
    wanted = max(values) / _MINUTES * HEADROOM / per_minute
    return max(1, int(-(-wanted // 1)))


def idle_share(unit: Unit, readings: Readings | None) -> float | None:
    """In which share of the hours it was not used at all; None when that is not known.

    An hour without a datapoint counts as used.
    """
    if readings is None or readings.window.buckets < LEAST_HOURS:
        return None
    shares = []
    for series in unit.use:
        values = readings.of(series)
        if values is None or len(values) < LEAST_HOURS:
            return None
        shares.append(sum(value == 0 for value in values) / readings.window.buckets)
    return max(0.0, sum(shares) - (len(shares) - 1))
