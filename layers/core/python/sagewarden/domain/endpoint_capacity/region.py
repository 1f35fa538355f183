"""Judge a region's endpoints together: those on the same instance type share its quota."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sagewarden.domain.autoscaling.shares import shared_out
from sagewarden.domain.endpoint_capacity.judgement import Judged, judge_capacity, standing_notice
from sagewarden.domain.endpoint_capacity.rule import EndpointCapacity, Served
from sagewarden.domain.endpoint_capacity.seen import SeenCapacity, Unit
from sagewarden.domain.money import PriceBook


def judge_capacities(
    seen: Sequence[SeenCapacity],
    quotas: Mapping[str, int] | None,
    prices: PriceBook,
    now: datetime,
) -> tuple[Judged, ...]:
    """Judge endpoints and components; where a quota is too small for all, each gets its share.

    Beside a change there may be a second judgement of the same, of which its owner is only told.

    The shares do not depend on what runs, so that they stay as they are. Of variants with instance
    pools, and of copies, no one quota tells how many there may be.

    Args:
        seen: The resources, each with its rule.
        quotas: How many instances of a type endpoints may have; None when unreadable.
        prices: List prices.
        now: The moment of judgement (aware).
    """
    rooms = _rooms(seen, quotas or {})
    return tuple(_judged(seen, rooms, prices, now))


def _judged(
    seen: Sequence[SeenCapacity], rooms: Mapping[str, int], prices: PriceBook, now: datetime
) -> Iterator[Judged]:
    for item in seen:
        judged = judge_capacity(_with_rooms(item, rooms), prices, now)
        yield judged
        if told := standing_notice(judged, prices, now):
            yield told


def _with_rooms(seen: SeenCapacity, rooms: Mapping[str, int]) -> SeenCapacity:
    units = (replace(unit, room=rooms.get(unit.target)) for unit in seen.units)
    return replace(seen, units=tuple(units))


def _rooms(seen: Sequence[SeenCapacity], quotas: Mapping[str, int]) -> dict[str, int]:
    """The most for each variant whose quota is known."""
    by_type: defaultdict[str, list[tuple[Unit, EndpointCapacity]]] = defaultdict(list)
    for item in seen:
        for unit in item.units if item.rule.what is not Served.COMPONENTS else ():
            if len(unit.types) == 1 and unit.types[0] in quotas:
                by_type[unit.types[0]].append((unit, item.rule))
    rooms: dict[str, int] = {}
    for kind, users in by_type.items():
        wanted = {unit.target: _peak(unit, rule) for unit, rule in users}
        rooms |= shared_out(wanted, quotas[kind])
    return rooms


def _peak(unit: Unit, rule: EndpointCapacity) -> int:
    """The most that it may ever have: what is registered counts where nothing will be set."""
    if rule.sets:
        return max(rule.bounds.most, rule.outside.most)
    target = unit.scaling.target if unit.scaling else None
    return target.capacity.most if target else unit.count or 0
