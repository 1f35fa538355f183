"""What fewer instances save, at list price: instances x price x hours; unknown stays unknown."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from sagewarden.domain.autoscaling.scaling import UNREGISTERED
from sagewarden.domain.endpoint_capacity.review import Finding
from sagewarden.domain.endpoint_capacity.rule import Served
from sagewarden.domain.endpoint_capacity.seen import SeenCapacity, Unit
from sagewarden.domain.endpoint_capacity.use import idle_share
from sagewarden.domain.money import MonthlyCost, PriceBook, PriceComponent, total
from sagewarden.domain.schedules.calendar import Calendar
from sagewarden.domain.schedules.reading import Wanted
from sagewarden.domain.schedules.transitions import time_wanted

_AHEAD = timedelta(days=28)
"""Over how long hours are counted: whole weeks, with the holidays in them."""


def saved_by_hours(
    seen: SeenCapacity, hours: Calendar | None, prices: PriceBook, now: datetime
) -> MonthlyCost | None:
    """What a resource costs less per month once it keeps its hours.

    Counted are the instances above the most that it may have while it is closed; and where it may
    go to none, the rest for the hours that are certain to be both closed and without a call.

    Args:
        seen: The resource, as long as nothing of ours scales it.
        hours: Its hours, where it keeps any.
        prices: List prices.
        now: The present moment (aware).
    """
    if hours is None or not seen.units:
        return None
    closed = _closed(hours, now)
    return total([_saved(seen, unit, closed, prices) for unit in seen.units])


def wasted(
    seen: SeenCapacity, findings: Iterable[Finding], prices: PriceBook, now: datetime
) -> MonthlyCost | None:
    """What instances cost per month that are more than is needed; None when not known.

    A minimum that holds at some hours only counts for those, where they are our rule's hours.
    """
    if seen.rule.what is Served.COMPONENTS:
        return None
    costs = [
        _priced(seen, finding.unit, finding.surplus, share, prices)
        if (share := _in_force(seen, finding.unit, now)) is not None
        else None
        for finding in findings
        if finding.surplus
    ]
    return total(costs)


def _in_force(seen: SeenCapacity, unit: Unit, now: datetime) -> Decimal | None:
    """The share of the time in which a unit's highest minimum holds; None when not known."""
    scaling = unit.scaling or UNREGISTERED
    if all(action.least is None for action in scaling.scheduled):
        return Decimal(1)
    if scaling.foreign:
        return None
    hours = seen.rule.hours_of(seen.resource.tags or {})
    return _share(1 - _closed(hours, now)) if isinstance(hours, Calendar) else None


def _closed(hours: Calendar, now: datetime) -> float:
    return 1 - time_wanted(hours, Wanted.RUNNING, now, now + _AHEAD) / _AHEAD


def _saved(seen: SeenCapacity, unit: Unit, closed: float, prices: PriceBook) -> MonthlyCost | None:
    outside = unit.terms(seen.rule).outside
    if unit.frees is None or unit.count is None:
        return None
    parts: list[MonthlyCost | None] = []
    if seen.rule.what is not Served.COMPONENTS:
        fewer = max(unit.frees - outside.most, 0)
        parts.append(_priced(seen, unit, fewer, _share(closed), prices))
    if outside.least == 0:
        idle = idle_share(unit, seen.readings)
        if idle is None:
            return None
        rest = unit.frees if not parts else min(unit.frees, outside.most)
        # At least so much of the time is both: what is idle cannot all be in the open hours.
        both = max(0.0, closed + idle - 1)
        parts.append(_priced(seen, unit, rest, _share(both), prices))
    return total(parts)


def _priced(
    seen: SeenCapacity, unit: Unit, count: int, share: Decimal, prices: PriceBook
) -> MonthlyCost | None:
    if len(unit.types) != 1:
        return None
    region = seen.resource.ref.region
    return prices.instances(PriceComponent.HOSTING, region, unit.types[0], count, share)


def _share(value: float) -> Decimal:
    return Decimal(str(round(value, 6)))
