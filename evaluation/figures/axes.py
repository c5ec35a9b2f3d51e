"""Axes and labels: round ticks, the part of a scale that is shown, and text that is only text."""

import html
import math
from collections.abc import Iterable
from textwrap import wrap

STEPS = (1.0, 2.0, 5.0, 10.0)
ENDS = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0)


def literal(text: str) -> str:
    """`text` with markup made harmless: plotly reads a little HTML, and a name is never markup."""
    return html.escape(text, quote=False)


def lines_of(text: str, width: int, most: int = 2) -> str:
    """`text` in at most `most` lines of about `width` characters, as literal text; what does not fit ends in an ellipsis."""
    return "<br>".join(literal(line) for line in wrap(text, width, max_lines=most, placeholder=" …") or [""])


def coloured(text: str, colour: str) -> str:
    """Literal `text` in a colour, beside text of another."""
    return f'<span style="color:{colour}">{literal(text)}</span>'


def step(span: float, most: int) -> float:
    """A round distance (1, 2 or 5 times a power of ten) that divides `span` into at most `most` parts."""
    rough = span / most
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * factor for factor in STEPS if power * factor >= rough * (1 - 1e-9))


def round_below(value: float) -> float:
    """The largest number of one plain digit (or 15, 1.5 …) that is at most `value`, which is above 0."""
    power = 10.0 ** math.floor(math.log10(value) + 1e-9)
    return round(max(power * factor for factor in ENDS if power * factor <= value * (1 + 1e-9)), 10)


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round positions from `low` to `high`."""
    apart = step(high - low, most)
    first, last = math.ceil(low / apart - 1e-9), math.floor(high / apart + 1e-9)
    return [round(number * apart, 10) for number in range(first, last + 1)]


def decimals_of(positions: Iterable[float]) -> int:
    """How many decimals tell all positions apart."""
    shown = list(positions)
    return next(d for d in range(4) if d == 3 or all(abs(round(p, d) - p) < 1e-9 for p in shown))


def shown_range(values: Iterable[float], low: float, high: float, *, least: float = 0.06) -> tuple[float, float]:
    """The part of the scale `low` to `high` that holds all values with air, at round ends, never beyond the scale.

    `least` is the smallest part shown, as a share of the scale: a hair's breadth must not look like a leap.
    """
    known = list(values)
    if not known:
        return low, high
    bottom, top = min(known), max(known)
    air = max(0.12 * (top - bottom), (least * (high - low) - (top - bottom)) / 2, 0.0)
    apart = step(top - bottom + 2 * air, 5)
    ends = math.floor((bottom - air) / apart + 1e-9) * apart, math.ceil((top + air) / apart - 1e-9) * apart
    return round(max(low, ends[0]), 10), round(min(high, ends[1]), 10)
