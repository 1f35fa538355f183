"""Which part of a series a request may see: rounding and retention."""

from datetime import datetime, timedelta

_MINUTE, _FIVE_MINUTES, _HOUR = 60, 300, 3600
_HIGH_RESOLUTION = frozenset({1, 5, 10, 20, 30})
_RETENTION = (
    (_MINUTE, timedelta(hours=3)),
    (_FIVE_MINUTES, timedelta(days=15)),
    (_HOUR, timedelta(days=63)),
)
_LONGEST = timedelta(days=455)


def is_period(seconds: int) -> bool:
    """Return whether CloudWatch aggregates over such a period."""
    return seconds in _HIGH_RESOLUTION or (seconds > 0 and seconds % _MINUTE == 0)


def rounded_start(start: datetime, period: int, now: datetime) -> float:
    """Return where a request's first period begins, in epoch seconds.

    Source: CloudWatch API reference, GetMetricData, ``StartTime``: down to the minute within 15
    days, to 5 minutes within 63 days, to the hour before; to the period below one minute.
    """
    age = now - start
    if period in _HIGH_RESOLUTION:
        step = period
    elif age < timedelta(days=15):
        step = _MINUTE
    elif age <= timedelta(days=63):
        step = _FIVE_MINUTES
    else:
        step = _HOUR
    seconds = start.timestamp()
    return seconds - seconds % step


def oldest_visible(period: int, now: datetime) -> float:
    """Return the time before which a period sees no data any more, in epoch seconds.

    Source: CloudWatch API reference: data points are kept for 3 hours below one minute, 15 days
    at 1 minute, 63 days at 5 minutes and 455 days at 1 hour.
    """
    age = next((kept for finest, kept in _RETENTION if period % finest), _LONGEST)
    return (now - age).timestamp()
