"""One line over the waves of a study: the mean of the units that answered in all of them, beside that of whoever answered.

Drawn as SVG text, so that no browser is needed; the same numbers are in the table of `ev.trend`.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evaluation.figures.axes import decimals_of, literal, shown_range, ticks
from evaluation.figures.looks import LIGHT, Look
from evaluation.figures.numbers import plain

WIDTH, LEFT, RIGHT, TOP, PLOT, FOOT = 880, 60, 30, 76, 280, 92
LETTER, GAP = 7.5, 10
"""Pixels of a letter of a wave's label, and between two labels."""


@dataclass(frozen=True)
class TrendPoint:
    """One wave: mean, quarter and three-quarter points of the units with every wave, and the mean of all that had it."""

    label: str
    mean: float
    low: float
    high: float
    of_all: float
    all_units: int


def describe(title: str, points: Sequence[TrendPoint], units: int) -> str:
    """The picture in sentences, for who cannot see it."""
    first, last = points[0], points[-1]
    ends = [f"{plain(point.mean, 1)} in {point.label}" for point in (first, last)]
    others = [f"{plain(point.of_all, 1)} of {point.all_units}" for point in (first, last)]
    return (
        f"{title}: the mean of {units} organisations with all {len(points)} waves was {' and '.join(ends)}. Of all that had the "
        f"wave it was {' and '.join(others)}."
    )


def trend_picture(title: str, points: Sequence[TrendPoint], units: int, scale: tuple[float, float], look: Look = LIGHT) -> str:
    """The SVG: a band for half of the units, their mean as a line with dots, and a dashed line for whoever had the wave."""
    values = [value for point in points for value in (point.mean, point.low, point.high, point.of_all)]
    low, high = shown_range(values, *scale)
    height = TOP + PLOT + FOOT
    places = [_x(number, len(points)) for number in range(len(points))]

    def y(value: float) -> float:
        return TOP + PLOT * (high - value) / (high - low)

    marks = ticks(low, high)
    decimals = decimals_of(marks)
    upper = [f"{x:.1f} {y(point.high):.1f}" for x, point in zip(places, points, strict=True)]
    lower = [f"{x:.1f} {y(point.low):.1f}" for x, point in zip(places, points, strict=True)]
    shapes = [
        f'<text x="12" y="28" font-weight="bold">{literal(title)}</text>',
        f'<text x="12" y="52" fill="{look.soft}">line: mean of the {units} organisations with every wave; band: the middle half '
        "of them; dashes: all that had the wave</text>",
        *(f'<path d="M{LEFT} {y(k):.1f}H{WIDTH - RIGHT}" stroke="{look.grid}"/>' for k in marks),
        *(f'<text x="{LEFT - 8}" y="{y(k) + 5:.1f}" text-anchor="end">{plain(k, decimals)}</text>' for k in marks),
        f'<path d="M{"L".join([*upper, *reversed(lower)])}Z" fill="{look.band}"/>',
        _line([point.of_all for point in points], places, y, f'stroke="{look.soft}" stroke-dasharray="5 4" stroke-width="1.5"'),
        _line([point.mean for point in points], places, y, f'stroke="{look.pilot}" stroke-width="2.5"'),
        *(_dot(x, y(point.mean), point, look) for x, point in zip(places, points, strict=True)),
        *_foot(points, places, look),
    ]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'font-family="Arial, sans-serif" font-size="15" fill="{look.text}">',
        f"<title>{literal(describe(title, points, units))}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="{look.card}"/>', *shapes, "</svg>", "",
    ])  # fmt: skip


def _x(number: int, count: int) -> float:
    return LEFT + 30 + (WIDTH - LEFT - RIGHT - 60) * (number / (count - 1) if count > 1 else 0.5)


def _line(values: Sequence[float], places: Sequence[float], y: Callable[[float], float], style: str) -> str:
    steps = [f"{x:.1f} {y(value):.1f}" for x, value in zip(places, values, strict=True)]
    return f'<path d="M{"L".join(steps)}" fill="none" {style}/>'


def _dot(x: float, y: float, point: TrendPoint, look: Look) -> str:
    """A dot with its number on the side away from the dashes."""
    circle = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{look.pilot}"/>'
    aside = y - 12 if point.of_all <= point.mean else y + 22
    return f'{circle}<text x="{x:.1f}" y="{aside:.1f}" text-anchor="middle" font-size="13">{plain(point.mean, 1)}</text>'


def _foot(points: Sequence[TrendPoint], places: Sequence[float], look: Look) -> list[str]:
    """The waves below, and how many units had each."""
    widest = max(LETTER * len(point.label) for point in points) + GAP
    every, foot = max(1, math.ceil(widest * len(points) / (WIDTH - LEFT - RIGHT))), TOP + PLOT
    shown = list(zip(places, points, strict=True))[::every]
    words = [(x, at, text) for x, one in shown for at, text in ((26, literal(one.label)), (50, str(one.all_units)))]
    texts = [f'<text x="{x:.1f}" y="{foot + at}" text-anchor="middle" font-size="13">{text}</text>' for x, at, text in words]
    told = "figures below the waves: organisations that had the wave"
    return [*texts, f'<text x="{LEFT}" y="{foot + 74}" fill="{look.soft}" font-size="13">{told}</text>']
