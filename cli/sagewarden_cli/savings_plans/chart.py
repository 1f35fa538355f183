"""The geometry of a cost curve, in the units of its SVG view box."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from sagewarden.domain.savings_plans.commitment import Commitment
from sagewarden_cli.savings_plans.wording import per_hour

WIDTH, HEIGHT = 720, 320
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 16, 46

_STEPS = (Fraction(1), Fraction(2), Fraction(5, 2), Fraction(5), Fraction(10))
_MOST_TICKS = 6


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of the curve that has a name; its text lies to the left of it where need be."""

    x: float
    y: float
    label: str
    anchor: str


@dataclass(frozen=True, slots=True)
class CurveChart:
    """What an hour costs, by commitment.

    Attributes:
        line: The curve, as SVG points.
        saved: The area between it and what is paid on demand, where it saves.
        on_demand: How high the cost without a commitment is.
        commitments: The marks of the horizontal axis.
        costs: The marks of the vertical axis.
        best: The commitment that costs least.
        break_even: The commitment from which on none would be cheaper.
    """

    line: str
    saved: str
    on_demand: float
    commitments: Sequence[Tick]
    costs: Sequence[Tick]
    best: Mark
    break_even: Mark
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    base: int = HEIGHT - BOTTOM


def curve_chart(item: Commitment) -> CurveChart:
    """Lay out the cost curve of a commitment that saves something."""
    furthest = max(point.commitment for point in item.curve)
    highest = max(point.cost for point in item.curve)
    across_step, up_step = _step(furthest), _step(highest)

    def x(value: Decimal) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * float(value / furthest), 1)

    def y(value: Decimal) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * float(value / highest), 1)

    even = item.hourly / (1 - item.break_even_fall)
    below = [point for point in item.curve if point.cost <= item.on_demand]
    return CurveChart(
        line=" ".join(f"{x(point.commitment)},{y(point.cost)}" for point in item.curve),
        saved=" ".join(f"{x(point.commitment)},{y(point.cost)}" for point in below),
        on_demand=y(item.on_demand),
        commitments=[Tick(x(value), _short(value)) for value in _ticks(furthest, across_step)],
        costs=[Tick(y(value), _short(value)) for value in _ticks(highest, up_step)],
        best=_mark(x(item.hourly), y(item.cost), f"commit {per_hour(item.hourly)}"),
        break_even=_mark(x(even), y(item.on_demand), f"break-even {per_hour(round(even, 2))}"),
    )


def _mark(x: float, y: float, label: str) -> Mark:
    return Mark(x, y, label, "end" if x > WIDTH * 0.6 else "start")


def _step(most: Decimal) -> Decimal:
    """A round step of which few reach the greatest value."""
    magnitude = Fraction(1, 10**6)
    while Fraction(most) / (magnitude * 10) > _MOST_TICKS:
        magnitude *= 10
    found = next(
        step * magnitude for step in _STEPS if Fraction(most) / (step * magnitude) <= _MOST_TICKS
    )
    return Decimal(found.numerator) / Decimal(found.denominator)


def _ticks(most: Decimal, step: Decimal) -> list[Decimal]:
    return [step * number for number in range(int(most / step) + 1)]


def _short(value: Decimal) -> str:
    return f"${value.normalize():,f}"
