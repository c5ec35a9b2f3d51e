"""Designs compared in one picture: what each could detect beside what matters, and how often it would find what matters.

Drawn as SVG text, so that no browser is needed; the same numbers are in the table of `pilot power`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from evaluation.figures.axes import decimals_of, literal, ticks
from evaluation.figures.looks import LIGHT, Look
from evaluation.figures.numbers import percent, plain

WIDTH, LEFT, RIGHT, ROW, HEAD, FOOT = 880, 300, 190, 30, 64, 44


@dataclass(frozen=True)
class PowerRow:
    """One design of one question; `detectable` and `found` are None where no p-value can be given."""

    question: str
    unit_words: str
    design: str
    units: str
    detectable: float | None
    matters: float
    found: float | None


def describe(rows: Sequence[PowerRow]) -> str:
    """The picture in sentences, for who cannot see it."""
    said = []
    for question, group in groupby(rows, lambda row: row.question):
        planned, *others = list(group)
        said.append(f"{question}: {planned.design} finds {_words(planned)}.")
        best = min((row for row in others if row.detectable is not None), key=lambda row: row.detectable or 0.0, default=None)
        if best is not None:
            said.append(f"Of the designs compared, {best.design} sees most: {_words(best)}.")
    return " ".join(said)


def _words(row: PowerRow) -> str:
    if row.detectable is None or row.found is None:
        return "nothing, for it gets no p-value"
    amount = f"{plain(row.detectable, 2)} {row.unit_words}"
    return f"{amount} four times in five, and what matters {percent(100 * row.found)} of the time"


def power_picture(rows: Sequence[PowerRow], look: Look = LIGHT) -> str:
    """The SVG: a panel a question, a row a design; a dot left of the line sees less than what matters."""
    panels = [list(group) for _, group in groupby(rows, lambda row: row.question)]
    height = sum(HEAD + FOOT + ROW * len(panel) for panel in panels)
    shapes, top = [], 0
    for panel in panels:
        shapes += _panel(panel, top, look)
        top += HEAD + FOOT + ROW * len(panel)
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'font-family="Arial, sans-serif" font-size="15" fill="{look.text}">',
        f"<title>{literal(describe(rows))}</title>", f'<rect width="{WIDTH}" height="{height}" fill="{look.card}"/>',
        *shapes, "</svg>", "",
    ])


def _panel(rows: Sequence[PowerRow], top: int, look: Look) -> list[str]:
    known = [row.detectable for row in rows if row.detectable is not None]
    most = 1.1 * max([rows[0].matters, *known])
    first, foot = top + HEAD, top + HEAD + ROW * len(rows)
    at_matter = _x(rows[0].matters, most)
    marks = ticks(0.0, most)
    decimals = decimals_of(marks)
    return [
        f'<text x="12" y="{top + 26}" font-weight="bold">{literal(rows[0].question)}</text>',
        f'<text x="{WIDTH - RIGHT + 20}" y="{top + 26}" fill="{look.soft}">finds what matters</text>',
        f'<rect x="{LEFT}" y="{first}" width="{at_matter - LEFT:.1f}" height="{foot - first}" fill="{look.band}"/>',
        f'<path d="M{at_matter:.1f} {first}V{foot}" stroke="{look.text}" stroke-dasharray="5 4"/>',
        f'<text x="{at_matter:.1f}" y="{first - 6}" text-anchor="middle" fill="{look.soft}">what matters</text>',
        *(line for k, row in enumerate(rows) for line in _row(row, first + ROW * k + ROW // 2, most, look)),
        *(f'<text x="{_x(k, most):.1f}" y="{foot + 18}" text-anchor="middle">{plain(k, decimals)}</text>' for k in marks),
        f'<text x="{LEFT}" y="{foot + 36}" fill="{look.soft}">found four times in five, {literal(rows[0].unit_words)}</text>',
    ]


def _x(value: float, most: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * value / most


def _row(row: PowerRow, y: int, most: float, look: Look) -> list[str]:
    label = f'<text x="12" y="{y + 5}">{literal(row.design)} <tspan fill="{look.soft}">({literal(row.units)})</tspan></text>'
    if row.detectable is None or row.found is None:
        return [label, f'<text x="{LEFT + 8}" y="{y + 5}" fill="{look.worse}">no p-value</text>']
    x, enough = _x(row.detectable, most), row.detectable <= row.matters
    colour = look.better if enough else look.worse
    dot = f'<circle cx="{x:.1f}" cy="{y}" r="7" fill="{colour}"/>' if enough else (
        f'<circle cx="{x:.1f}" cy="{y}" r="6" fill="{look.card}" stroke="{colour}" stroke-width="3"/>'
    )
    bar = f'<path d="M{LEFT} {y}H{x:.1f}" stroke="{colour}" stroke-width="2"/>'
    return [label, bar, dot, f'<text x="{WIDTH - RIGHT + 20}" y="{y + 5}">{percent(100 * row.found)}</text>']
