"""Plots as SVG: lines over a logarithmic axis each way."""

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 70, 170, 40, 50
COLOURS = ("#3b6fb6", "#c7761a", "#2f8a4c", "#7a4bab", "#b53a3a", "#777777")

_FONT = 'font-family="sans-serif" font-size="12" fill="#222222"'

type Points = Sequence[tuple[float, float]]


def plot(title: str, across: str, up: str, lines: Mapping[str, Points]) -> str:
    """A plot as the text of an SVG file.

    Args:
        title: What stands above it.
        across: What the horizontal axis counts.
        up: What the vertical axis counts.
        lines: Points by the line's name; every value is above 0.

    Raises:
        ValueError: There is no point at all.
    """
    points = [point for line in lines.values() for point in line]
    if not points:
        raise ValueError(f"{title}: nothing to plot")
    xs, ys = _decades([x for x, _ in points]), _decades([y for _, y in points])

    def place(x: float, y: float) -> tuple[float, float]:
        left = LEFT + (WIDTH - LEFT - RIGHT) * _share(x, xs)
        return round(left, 1), round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * _share(y, ys), 1)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {_FONT}>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="20" font-size="14">{escape(title)}</text>',
    ]
    for power in range(xs[0], xs[1] + 1):
        x, _ = place(10.0**power, 10.0 ** ys[0])
        parts += [
            f'<line x1="{x}" x2="{x}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" stroke="#dddddd"/>',
            _text(x, HEIGHT - BOTTOM + 16, "middle", _amount(power)),
        ]
    for power in range(ys[0], ys[1] + 1):
        _, y = place(10.0 ** xs[0], 10.0**power)
        parts += [
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}" stroke="#dddddd"/>',
            _text(LEFT - 6, y + 4, "end", _amount(power)),
        ]
    middle = LEFT + (WIDTH - LEFT - RIGHT) / 2
    parts += [
        _text(middle, HEIGHT - 12, "middle", across),
        _text(LEFT, TOP - 6, "end", up),
    ]
    for number, (name, line) in enumerate(lines.items()):
        parts += _line(name, [place(*point) for point in sorted(line)], number)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _text(x: float, y: float, anchor: str, text: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'


def _line(name: str, points: Points, number: int) -> list[str]:
    colour = COLOURS[number % len(COLOURS)]
    text = " ".join(f"{x},{y}" for x, y in points)
    key = TOP + 18 * number
    return [
        f'<polyline points="{text}" fill="none" stroke="{colour}" stroke-width="2"/>',
        *(f'<circle cx="{x}" cy="{y}" r="3.5" fill="{colour}"/>' for x, y in points),
        f'<circle cx="{WIDTH - RIGHT + 16}" cy="{key}" r="4" fill="{colour}"/>',
        f'<text x="{WIDTH - RIGHT + 26}" y="{key + 4}">{escape(name)}</text>',
    ]


def _decades(values: Sequence[float]) -> tuple[int, int]:
    """The powers of ten that have all values between them."""
    low = math.floor(math.log10(min(values)))
    return low, max(low + 1, math.ceil(math.log10(max(values))))


def _share(value: float, decades: tuple[int, int]) -> float:
    return (math.log10(value) - decades[0]) / (decades[1] - decades[0])


def _amount(power: int) -> str:
    return f"{10**power:,}" if power >= 0 else f"{10.0**power:g}"
