"""How much endpoints are called, hour by hour: shaped like web traffic, and repeatable.

Office traffic rises in the morning, dips at lunch and falls off at weekends; consumer traffic
peaks in the evening; batch callers come once a night. On top lie a lognormal scatter and rare
spikes, as in published request counts of load balancers.
"""

import math
import random
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from sagewarden_cli.demo.organisation import Traffic

_SATURDAY = 5
_SPIKE_EVERY = 60
_QUIET = 0.02


def silence(_moment: datetime) -> float:
    """Nobody calls, and CloudWatch says so: an explicit zero every hour."""
    return 0.0


def nothing(_moment: datetime) -> None:
    """No datapoint at all."""
    return


def office(seed: str, zone: ZoneInfo, peak: float) -> Traffic:
    """Calls from people at work: two humps a day, little at weekends, never quite nothing."""

    def calls(moment: datetime) -> float:
        local = moment.astimezone(zone)
        share = _hump(local.hour, 10.5, 2.2) + 0.85 * _hump(local.hour, 15.5, 2.4)
        weekend = 0.12 if local.weekday() >= _SATURDAY else 1.0
        return _scattered(seed, moment, peak * (_QUIET + share * weekend))

    return calls


def consumers(seed: str, zone: ZoneInfo, peak: float) -> Traffic:
    """Calls from the public: all day, most in the evening, more at weekends."""

    def calls(moment: datetime) -> float:
        local = moment.astimezone(zone)
        share = 0.25 + 0.5 * _hump(local.hour, 13, 4) + _hump(local.hour, 20.5, 2.5)
        weekend = 1.3 if local.weekday() >= _SATURDAY else 1.0
        return _scattered(seed, moment, peak * share * weekend)

    return calls


def nightly(seed: str, zone: ZoneInfo, calls_per_run: float) -> Traffic:
    """One batch caller at two in the morning, zeros for the rest of the day."""

    def calls(moment: datetime) -> float:
        if moment.astimezone(zone).hour != 2:  # noqa: PLR2004 - o'clock
            return 0.0
        return max(1.0, _scattered(seed, moment, calls_per_run))

    return calls


def until(moment: datetime, traffic: Traffic) -> Traffic:
    """Traffic that falls silent at a moment."""
    return lambda at: traffic(at) if at < moment else 0.0


def since(moment: datetime, traffic: Traffic) -> Traffic:
    """Silence that ends at a moment."""
    return lambda at: traffic(at) if at >= moment else 0.0


def published_from(moment: datetime, traffic: Traffic) -> Traffic:
    """Traffic of which nothing is published before a moment."""
    return lambda at: traffic(at) if at >= moment else None


def gappy(every: int, traffic: Traffic) -> Traffic:
    """Traffic of which only every so many hours are published."""
    return lambda at: traffic(at) if int(at.timestamp() // 3600) % every == 0 else None


def split(share: float, traffic: Callable[[datetime], float | None]) -> Traffic:
    """A share of traffic, as a weighted variant gets it."""

    def part(moment: datetime) -> float | None:
        calls = traffic(moment)
        return None if calls is None else float(round(calls * share))

    return part


def _hump(hour: int, centre: float, width: float) -> float:
    return math.exp(-(((hour + 0.5 - centre) / width) ** 2) / 2)


def _scattered(seed: str, moment: datetime, level: float) -> float:
    """A count around a level; the same for the same seed and hour."""
    dice = random.Random(f"{seed}@{moment.timestamp():.0f}")  # noqa: S311 - no secret is made
    spike = 3.0 if dice.randrange(_SPIKE_EVERY) == 0 else 1.0
    return float(round(level * dice.lognormvariate(0, 0.25) * spike))
