"""The geometry of the report's charts, in the units of their SVG view boxes."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

from sagewarden_cli.demo.report.data import TeamSavings, WeekOfHours

PALETTE = ("#17456b", "#3f7cac", "#93b7d3", "#4d7c6a", "#a9bf8f", "#d3a24c", "#b9694a")
NO_TEAM = "#9a9a94"
"""What carries no team tag, and whatever the palette has no colour left for."""

WIDTH, HEIGHT = 720, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 8, 12, 26

CELL, GAP = 14, 2
_LABELS = 36
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_STEPS = (1, 2, 2.5, 5, 10)
_MOST_TICKS = 5


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Layer:
    """One team's band of the savings chart."""

    team: str
    colour: str
    outline: str
    total_usd: Decimal


@dataclass(frozen=True, slots=True)
class SavingsChart:
    """Savings over time, stacked by team, the largest at the bottom."""

    layers: Sequence[Layer]
    dollars: Sequence[Tick]
    days: Sequence[Tick]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    base: int = HEIGHT - _BOTTOM


@dataclass(frozen=True, slots=True)
class Cell:
    """One hour of a heat map."""

    x: int
    y: int
    colour: str
    label: str


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Hours by weekday and hour of day."""

    cells: Sequence[Cell]
    hours: Sequence[Tick]
    days: Sequence[Tick]
    total: float
    width: int = _LABELS + 24 * (CELL + GAP)
    height: int = 7 * (CELL + GAP) + 20
    cell: int = CELL


def savings_chart(
    teams: Sequence[TeamSavings],
    moments: Sequence[datetime],
    begins: datetime,
    zone: ZoneInfo,
) -> SavingsChart:
    """Lay out the savings of teams over time.

    Args:
        teams: What each team saved so far at each moment.
        moments: When that was (aware), in order.
        begins: Where the time axis begins, at savings of nothing.
        zone: The zone whose midnights are marked.
    """
    ranked = sorted(teams, key=lambda team: (-team.total_usd, team.team))
    ends = moments[-1] if moments else begins + timedelta(days=7)
    roofs = _stacked(ranked, len(moments))
    most = float(max([Decimal(1), *roofs[-1]]))
    step = _step(most)
    count = math.ceil(most / step)

    def across(moment: datetime) -> float:
        return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * ((moment - begins) / (ends - begins)), 1)

    def up(usd: float) -> float:
        return round(HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * usd / (step * count), 1)

    xs = [across(begins), *(across(moment) for moment in moments)]
    edges = [[f"{x},{up(float(usd))}" for x, usd in zip(xs, roof, strict=True)] for roof in roofs]
    layers = [
        Layer(
            team.team, _colour(team.team, number), " ".join([*upper, *lower[::-1]]), team.total_usd
        )
        for number, (team, (lower, upper)) in enumerate(zip(ranked, pairwise(edges), strict=True))
    ]
    return SavingsChart(
        layers=layers,
        dollars=[Tick(up(step * n), f"${step * n:,.0f}") for n in range(count + 1)],
        days=[Tick(across(day), f"{day.astimezone(zone):%a}") for day in _midnights(begins, ends)],
    )


def heat_map(hours: WeekOfHours, most: float) -> HeatMap:
    """Lay out a week of hours, shaded up to a value that two maps may share."""
    cells = [
        Cell(
            x=_LABELS + hour * (CELL + GAP),
            y=day * (CELL + GAP),
            colour=_shade(value / most if most else 0),
            label=f"{WEEKDAYS[day]} {hour:02}:00, {value:.0f} running",
        )
        for day, row in enumerate(hours)
        for hour, value in enumerate(row)
    ]
    return HeatMap(
        cells=cells,
        hours=[Tick(_LABELS + hour * (CELL + GAP), f"{hour:02}") for hour in range(0, 24, 6)],
        days=[Tick(day * (CELL + GAP) + CELL - 3, name) for day, name in enumerate(WEEKDAYS)],
        total=sum(map(sum, hours)),
    )


def _stacked(teams: Sequence[TeamSavings], moments: int) -> list[list[Decimal]]:
    """The upper edge of each team's band over time, after the base line; all begin at nothing."""
    edges = [[Decimal(0)] * (moments + 1)]
    for team in teams:
        own = (Decimal(0), *team.cumulative_usd)
        edges.append([low + high for low, high in zip(edges[-1], own, strict=True)])
    return edges


def _colour(team: str, number: int) -> str:
    if team.startswith("no ") or number >= len(PALETTE):
        return NO_TEAM
    return PALETTE[number]


def _shade(share: float) -> str:
    """From near white to the palette's darkest blue, even to the eye."""
    light, dark = (238, 241, 244), (19, 62, 99)
    parts = (round(a + (b - a) * min(1.0, share) ** 0.85) for a, b in zip(light, dark, strict=True))
    return "#" + "".join(f"{part:02x}" for part in parts)


def _step(most: float) -> float:
    """A round step that needs few ticks."""
    magnitude = 1.0
    while most > magnitude * 10:
        magnitude *= 10
    return next(
        (factor * magnitude for factor in _STEPS if most / (factor * magnitude) <= _MOST_TICKS),
        magnitude * 10,
    )


def _midnights(begins: datetime, ends: datetime) -> Iterator[datetime]:
    day = begins
    while day < ends:
        yield day
        day += timedelta(days=1)
