"""The dumbbell: each organisation's start and its later wave on one line.

Pilots end in a filled circle, comparison organisations in an open diamond; the start is a small open circle for both. A hidden
organisation keeps its row and says why it shows no number.
"""

from dataclasses import dataclass
from typing import Any

from evaluation.figures import numbers
from evaluation.figures.axes import decimals_of, lines_of, literal, shown_range, ticks
from evaluation.figures.looks import NARROWEST, Figure, Look, layout
from evaluation.figures.marks import Mark, band, line, words
from evaluation.figures.readings import Reading, difference
from evaluation.terms import Better, Role

WIDTHS = (NARROWEST, 800)
ROW, NARROW_ROW, HEAD, NARROW_HEAD, AXIS = 34, 80, 34, 56, 36
NARROW_NAME = 26


@dataclass(frozen=True)
class Pair:
    """One organisation, or one side together: before and after."""

    key: str
    label: str
    role: Role
    before: Reading
    after: Reading
    chosen: bool = False
    together: bool = False
    link: str = ""

    @property
    def why(self) -> str:
        """Why the row shows no change, or nothing."""
        return self.after.why or self.before.why or numbers.NOT_AVAILABLE


@dataclass(frozen=True)
class Pairs:
    """The rows in the order shown, the two waves by label, and the scale."""

    rows: tuple[Pair, ...]
    wave_from: str
    wave_to: str
    low: float
    high: float
    decimals: int

    def change(self, row: Pair) -> float | None:
        """The difference of a row's two means as shown."""
        return difference(row.before, row.after, self.decimals)

    def shown(self) -> tuple[float, float]:
        """The part of the scale that the figure shows."""
        means = [reading.mean for row in self.rows for reading in (row.before, row.after)]
        return shown_range([mean for mean in means if mean is not None], self.low, self.high)


def headline(pairs: Pairs, plural: str, better: Better, counted: tuple[int, int] | None = None) -> str:
    """How many pilots moved, in at most twelve words: `counted` that rose before rounding (rose, of all), or as shown.

    What is better lower is told in the direction that most moved, as the page's sentence tells it.
    """
    pilots = [pairs.change(row) for row in pairs.rows if row.role is Role.PILOT and not row.together]
    known = [change for change in pilots if change is not None]
    rose, of = counted or (sum(change > 0 for change in known), len(known))
    if not of:
        return f"No pilot shows both {pairs.wave_from} and {pairs.wave_to}"
    if better is Better.HIGHER:
        return f"{rose} of {of} pilot {plural} rose"
    fell = sum(change < 0 for change in known)
    return f"{max(rose, fell)} of {of} pilot {plural} {'rose' if rose > fell else 'fell'} (lower is better)"


def describe(pairs: Pairs) -> str:
    """The figure in sentences, for who cannot see it."""
    said = []
    for row in pairs.rows:
        change = pairs.change(row)
        said.append(f"{row.label} {row.why if change is None else numbers.signed(change, pairs.decimals)}")
    return f"Change from {pairs.wave_from} to {pairs.wave_to}: {'; '.join(said)}. The same numbers are in the table."


def dumbbell(pairs: Pairs, look: Look, width: int = WIDTHS[-1]) -> Figure:
    """The figure dictionary, which fits from `width` pixels on; a point's customdata is the row's link."""
    narrow = width < WIDTHS[-1]
    head = NARROW_HEAD if narrow else HEAD
    height = head + AXIS + round(look.height * (NARROW_ROW if narrow else ROW)) * len(pairs.rows)
    low, high = pairs.shown()
    air = 0.015 * (high - low)
    places = ticks(low, high, 3 if narrow else 6)
    figure: Figure = {"data": [], "layout": layout(look, height=height, margin=(0, 0, head, AXIS))}
    figure["layout"].update(
        xaxis={
            "domain": (0.02, 0.98) if narrow else (0.38, 0.92), "range": [low - air, high + air], "tickvals": places,
            "ticktext": [numbers.plain(place, decimals_of(places)) for place in places],
        },
        yaxis={"range": [len(pairs.rows) - 0.5, -0.5], "visible": False},
        shapes=_rule(pairs, look), annotations=_heads(pairs, look, narrow),
    )
    for index, row in enumerate(pairs.rows):
        figure["layout"]["shapes"] += _links(row, index, look, narrow)
        figure["layout"]["annotations"] += _words(pairs, row, index, look, narrow)
    figure["data"] = [_marks(pairs, look, narrow, role, late) for late in (False, True) for role in Role]
    return figure


def _height(index: int, narrow: bool) -> float:
    return index + 0.3 if narrow else index


def _rule(pairs: Pairs, look: Look) -> list[Mark]:
    """A hairline between pilots and the others."""
    first = next((index for index, row in enumerate(pairs.rows) if row.role is Role.COMPARISON), 0)
    return [line((0, 1), (first - 0.5, first - 0.5), look.expected, 1)] if first else []


def _links(row: Pair, index: int, look: Look, narrow: bool) -> list[Mark]:
    """The line from before to after, over a band where the row was chosen."""
    made = [band((0, 1), (index - 0.48, index + 0.48), look.band)] if row.chosen else []
    if row.before.mean is None or row.after.mean is None:
        return made
    colour, width = (look.pilot, 3) if row.role is Role.PILOT else (look.comparison, 2)
    y = _height(index, narrow)
    return [*made, line((row.before.mean, row.after.mean), (y, y), colour, width, xref="x", layer="below")]


def _marks(pairs: Pairs, look: Look, narrow: bool, role: Role, late: bool) -> dict[str, Any]:
    """The marks of one side at one wave."""
    rows = [(index, row, row.after if late else row.before) for index, row in enumerate(pairs.rows) if row.role is role]
    known = [(index, row, reading) for index, row, reading in rows if reading.mean is not None]
    wave = literal(pairs.wave_to if late else pairs.wave_from)
    hover = [f"<b>{literal(row.label)}</b><br>{wave}: {literal(reading.words(pairs.decimals))}" for _, row, reading in known]
    return {
        "type": "scatter", "mode": "markers", "x": [reading.mean for _, _, reading in known],
        "y": [_height(index, narrow) for index, _, _ in known], "marker": _marker(look, role, late), "cliponaxis": False,
        "hoverinfo": "text", "hovertext": hover, "customdata": [row.link for _, row, _ in known],
    }


def _marker(look: Look, role: Role, late: bool) -> Mark:
    if not late:
        return {"symbol": "circle", "size": 9, "color": look.card, "line": {"color": look.expected, "width": 2}, "opacity": 1}
    if role is Role.PILOT:
        return {"symbol": "circle", "size": 13, "color": look.pilot, "line": {"width": 0}, "opacity": 1}
    return {"symbol": "diamond", "size": 12, "color": look.card, "line": {"color": look.comparison, "width": 2}, "opacity": 1}


def _heads(pairs: Pairs, look: Look, narrow: bool) -> list[Mark]:
    """The key of the marks, and what the numbers on the right are."""
    start, later = literal(pairs.wave_from), literal(pairs.wave_to)
    said = f"○ {start}   ● {later}"
    if any(row.role is Role.COMPARISON for row in pairs.rows):
        said = f"○ {start}   ● {later}, pilots{'<br>' if narrow else '   '}◇ {later}, others"
    head: Mark = {"yref": "paper", "yshift": 8, "yanchor": "bottom", "font": {"color": look.soft, "size": look.size - 1}}
    return [words(said, 0, 1, **head), words("Change", 1, 1, **{**head, "xanchor": "right"})]


def _words(pairs: Pairs, row: Pair, index: int, look: Look, narrow: bool) -> list[Mark]:
    """The row's name, and its change or why there is none."""
    weight = "<b>{}</b>" if row.chosen or row.together else "{}"
    lift: Mark = {"yshift": 14} if narrow else {}
    name = words(weight.format(lines_of(row.label, NARROW_NAME, 2) if narrow else lines_of(row.label, 42, 1)), 0, index, **lift)
    change = pairs.change(row)
    if change is not None:
        return [name, words(weight.format(numbers.signed(change, pairs.decimals)), 1, index, xanchor="right", **lift)]
    place: Mark = {"x": 0, "yshift": -24} if narrow else {"x": 0.39}
    why = lines_of(row.why, 34) if narrow else literal(row.why)
    return [name, words(why, y=index, font={"color": look.soft, "size": look.size - 1}, **place)]
