"""Numbers in words: one way to write each kind, for sentences, pages and reports alike.

Ties round away from zero on the number as written (0.25 is "0.3"), a minus is the true sign, zero carries none.
"""

import math
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

MINUS = "−"
HIDDEN = "[c]"
NOT_AVAILABLE = "[x]"


def rounded(value: float, decimals: int = 1) -> float:
    """`value` at `decimals` places, ties away from zero on its shortest decimal form; never minus zero."""
    exact = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return float(exact) or 0.0


def significant(value: float, digits: int = 3) -> float:
    """`value` at `digits` significant digits; what a release holds."""
    if value == 0 or not math.isfinite(value):
        return value
    return rounded(value, digits - 1 - math.floor(math.log10(abs(value))))


def plain(value: float, decimals: int = 1) -> str:
    """A level: "6.5", "−0.2", thousands with comma."""
    shown = rounded(value, decimals)
    sign = MINUS if shown < 0 else ""
    return f"{sign}{abs(shown):,.{max(decimals, 0)}f}"


def signed(value: float, decimals: int = 1) -> str:
    """A change: "+0.4", "−0.2"; what rounds to nothing is "0.0"."""
    shown = plain(value, decimals)
    return f"+{shown}" if rounded(value, decimals) > 0 else shown


def between(low: float, high: float, decimals: int = 1) -> str:
    """An interval: "0.2 to 0.8", never with a dash."""
    return f"{plain(low, decimals)} to {plain(high, decimals)}"


def percent(value: float, decimals: int = 0) -> str:
    """A percentage given in percent: "52%"."""
    return f"{plain(value, decimals)}%"


def count(value: int) -> str:
    """How many: "14,120"."""
    return plain(value, 0)


def p_value(p: float) -> str:
    """"p = 0.04"; a third decimal below 0.01 and where two would blur the usual line; "p < 0.001"."""
    if p < 0.001:
        return "p < 0.001"
    fine = p < 0.01 or 0.045 <= p < 0.055
    return f"p = {plain(p, 3 if fine else 2)}"


def day(when: date) -> str:
    """"3 March 2026"."""
    return f"{when.day} {when:%B %Y}"


def listed(words: Sequence[str], last: str = "and") -> str:
    """"a, b and c"."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def several(number: int, one: str, many: str | None = None) -> str:
    """"1 pilot", "8 pilots", with the count written out."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def amount(value: float, unit_words: str, decimals: int = 1) -> str:
    """A number with its unit: "0.5 points out of 10", "1 percentage point"."""
    shown = plain(value, decimals)
    single = shown.lstrip(MINUS) == "1"
    return f"{shown} {unit_words.replace('points', 'point', 1) if single else unit_words}"


def decimals_for(smallest_that_matters: float, percentages: bool) -> int:
    """Decimals that show the change that matters: none for percentages, one for scores, more only where it has more."""
    exponent = Decimal(repr(float(smallest_that_matters))).normalize().as_tuple().exponent
    needed = -exponent if isinstance(exponent, int) else 0
    return min(3, max(0 if percentages else 1, needed))
