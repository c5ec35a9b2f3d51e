"""The forest: every measure's difference with its interval, over its own band of differences too small to matter.

Measures of one unit share a panel and its axis. Right of the line is always better for people: a measure of which less is
better is drawn turned round and keeps its own sign in the numbers. Wide, words stand in columns beside the plot; narrow,
above it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.figures import numbers
from evaluation.figures.axes import coloured, decimals_of, lines_of, literal, round_below
from evaluation.figures.looks import MARKS, NARROWEST, Figure, Look, layout
from evaluation.figures.marks import Mark, band, line, words
from evaluation.terms import Better, Tone

PLOT, NUMBERS, INTERVALS, VERDICTS = (0.315, 0.575), 0.638, 0.648, 0.772
WIDTHS = (NARROWEST, 880)
ROW, NARROW_ROW, HEAD, AXIS = 46, 128, 34, 46


@dataclass(frozen=True)
class ForestRow:
    """One measure's answer. `band` is half the width of what is too small to matter; `estimate` None: nothing to show yet."""

    label: str
    note: str
    estimate: float | None
    low: float | None
    high: float | None
    band: float
    better: Better
    unit_words: str
    decimals: int
    verdict: str
    tone: Tone
    people: str
    main: bool = False
    key: str = ""

    @property
    def number(self) -> str:
        """The estimate as the page writes it."""
        return numbers.NOT_AVAILABLE if self.estimate is None else numbers.signed(self.estimate, self.decimals)

    @property
    def interval(self) -> str:
        """The interval as the page writes it, or nothing."""
        return "" if self.low is None or self.high is None else numbers.between(self.low, self.high, self.decimals)

    @property
    def drawn(self) -> tuple[float, float, float] | None:
        """Estimate, lower and upper end with better to the right."""
        if self.estimate is None:
            return None
        low, high = self.estimate if self.low is None else self.low, self.estimate if self.high is None else self.high
        return (self.estimate, low, high) if self.better is Better.HIGHER else (-self.estimate, -high, -low)


def describe(rows: Sequence[ForestRow]) -> str:
    """The forest in sentences, for who cannot see it."""
    verdicts = Counter(row.verdict for row in rows)
    parts = [f"{number} {verdict[:1].lower()}{verdict[1:]}" for verdict, number in verdicts.items()]
    said = [f"Of {numbers.several(len(rows), 'answer')}: {numbers.listed(parts)}."]
    said += [f"{row.label}: {row.number} {row.unit_words}, interval {row.interval}." for row in rows if row.main and row.interval]
    return " ".join([*said, "The same numbers are in the table."])


def forest(rows: Sequence[ForestRow], look: Look, width: int = WIDTHS[-1]) -> Figure:
    """The figure dictionary of `rows`, in their order within each unit; it fits from `width` pixels on."""
    narrow = width < WIDTHS[-1]
    units = list(dict.fromkeys(row.unit_words for row in rows))
    panels = [[row for row in rows if row.unit_words == unit] for unit in units]
    row_height = round(look.height * (NARROW_ROW if narrow else ROW))
    height = sum(HEAD + AXIS + row_height * len(panel) for panel in panels)
    figure: Figure = {"data": [], "layout": layout(look, height=height, margin=(0, 0, 0, 0))}
    figure["layout"].update(shapes=[], annotations=[])
    top = 0
    for number, panel in enumerate(panels, start=1):
        bottom = top + HEAD + row_height * len(panel)
        place = "" if number == 1 else str(number)
        _axes(figure["layout"], panel, place, narrow, domain=[1 - bottom / height, 1 - (top + HEAD) / height])
        _draw(figure, panel, look, place, narrow)
        top = bottom + AXIS
    return figure


def _axes(into: Figure, rows: list[ForestRow], place: str, narrow: bool, domain: list[float]) -> None:
    """Enter the axes of one panel; `place` is plotly's number of it, empty for the first."""
    reach = 1.06 * max(abs(end) for row in rows for end in (*(row.drawn or ()), 1.25 * row.band))
    end = round_below((0.75 if narrow else 0.9) * reach)
    places = [-end, 0.0, end]
    into[f"xaxis{place}"] = {
        "domain": (0.02, 0.98) if narrow else PLOT, "anchor": f"y{place}", "range": [-reach, reach], "tickvals": places,
        "ticktext": [_tick(value, decimals_of(places)) for value in places], "showgrid": False,
        "tickangle": 0,
    }
    into[f"yaxis{place}"] = {"domain": domain, "anchor": f"x{place}", "range": [len(rows) - 0.5, -0.5], "visible": False}


def _tick(value: float, decimals: int) -> str:
    if value == 0:
        return "no<br>difference"
    return f"{numbers.plain(abs(value), decimals)}<br>{'better' if value > 0 else 'worse'}"


def _draw(figure: Figure, rows: list[ForestRow], look: Look, place: str, narrow: bool) -> None:
    """Add bands, lines, words and points of one panel."""
    lay = figure["layout"]
    x, y = f"x{place}", f"y{place}"
    for index, row in enumerate(rows):
        _, top, foot = _height(index, narrow)
        lay["shapes"].append(band((-row.band, row.band), (top, foot), look.band, xref=x, yref=y))
        lay["shapes"].append(line((0, 1), (index + 0.5, index + 0.5), look.grid, 1, yref=y))
        lay["shapes"].append(line((0, 0), (top, foot) if narrow else (index - 0.5, index + 0.5), look.text, 1.5, xref=x, yref=y))
        lay["annotations"] += (_words_above if narrow else _words_beside)(row, index, look, y)
    lay["annotations"] += _heads(rows, look, y, narrow)
    figure["data"].append(_points(rows, look, (x, y), narrow))


def _height(index: int, narrow: bool) -> tuple[float, float, float]:
    """Where a row's interval lies, and the ends of its band."""
    return (index + 0.32, index + 0.2, index + 0.44) if narrow else (index, index - 0.44, index + 0.44)


def _points(rows: list[ForestRow], look: Look, axes: tuple[str, str], narrow: bool) -> dict[str, Any]:
    known = [(_height(index, narrow)[0], row, row.drawn) for index, row in enumerate(rows)]
    drawn = [(y, row, spots) for y, row, spots in known if spots is not None]
    bars = {
        "type": "data", "symmetric": False, "color": look.pilot, "thickness": 3, "width": 0,
        "array": [spots[2] - spots[0] for _, _, spots in drawn], "arrayminus": [spots[0] - spots[1] for _, _, spots in drawn],
    }
    marker = {"color": look.pilot, "size": [15 if row.main else 12 for _, row, _ in drawn], "line": {"width": 0}, "opacity": 1}
    return {
        "type": "scatter", "mode": "markers", "xaxis": axes[0], "yaxis": axes[1], "cliponaxis": False, "marker": marker,
        "x": [spots[0] for _, _, spots in drawn], "y": [y for y, _, _ in drawn], "error_x": bars, "hoverinfo": "text",
        "hovertext": [_hover(row) for _, row, _ in drawn], "customdata": [row.key for _, row, _ in drawn],
    }


def _hover(row: ForestRow) -> str:
    interval = f" ({row.interval})" if row.interval else ""
    said = [f"<b>{literal(row.label)}</b>", literal(f"{row.number} {row.unit_words}{interval}"), literal(row.verdict)]
    return "<br>".join([*said, literal(row.people)])


def _heads(rows: list[ForestRow], look: Look, y: str, narrow: bool) -> list[Mark]:
    unit = literal(rows[0].unit_words[:1].upper() + rows[0].unit_words[1:])
    head: Mark = {"font": {"color": look.soft, "size": look.size - 1}, "yanchor": "bottom", "yshift": 4, "yref": y}
    if narrow:
        return [words(unit, 0, -0.5, **head)]
    return [
        words("Measure", 0, -0.5, **head), words("Verdict", VERDICTS, -0.5, **head),
        words("◂ pilots did worse · pilots did better ▸", sum(PLOT) / 2, -0.5, **{**head, "xanchor": "center"}),
        words(unit, NUMBERS, -0.5, **head, xshift=-2.6 * look.size),
    ]


def _words_beside(row: ForestRow, index: int, look: Look, y: str) -> list[Mark]:
    return [
        words(_label(row, look, 40), 0, index, yref=y),
        words(_bold(row.number, row.main), NUMBERS, index, yref=y, xanchor="right"),
        words(row.interval, INTERVALS, index, yref=y),
        words(_verdict(row, row.main), VERDICTS, index, yref=y, font={"color": look.of(row.tone)}),
    ]


def _words_above(row: ForestRow, index: int, look: Look, y: str) -> list[Mark]:
    number = f"{_bold(row.number, True)}  {coloured(row.interval, look.soft)}"
    verdict = coloured(f"{MARKS[row.tone]} {row.verdict}", look.of(row.tone))
    return [words(f"{_label(row, look, 34)}<br>{number}<br>{verdict}", 0, index - 0.5, yref=y, yanchor="top", yshift=-4)]


def _label(row: ForestRow, look: Look, width: int) -> str:
    """The measure's name, and what is special about it beside or under the name."""
    name = lines_of(row.label, width, 1 if row.note else 2)
    name = f"<b>{name}</b>" if row.main else name
    if not row.note:
        return name
    gap = "  " if len(row.label) + len(row.note) + 2 <= width else "<br>"
    return f"{name}{gap}{coloured(row.note, look.soft)}"


def _bold(text: str, bold: bool) -> str:
    return f"<b>{literal(text)}</b>" if bold else literal(text)


def _verdict(row: ForestRow, bold: bool) -> str:
    return _bold(f"{MARKS[row.tone]} {row.verdict}", bold)
