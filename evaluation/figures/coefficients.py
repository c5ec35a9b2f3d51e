"""The coefficients of a regression, each with its interval, about a line at zero. For analysts: no verdict is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.figures import numbers
from evaluation.figures.axes import lines_of, literal
from evaluation.figures.looks import Figure, Look, layout
from evaluation.figures.marks import line

ROW, HEAD, AXIS, NAMES = 40, 20, 40, 190


@dataclass(frozen=True)
class Coefficient:
    """One coefficient as drawn; `low` and `high` are None where it has no interval."""

    label: str
    estimate: float
    low: float | None
    high: float | None

    @property
    def told(self) -> str:
        """The number and its interval, to four digits."""
        if self.low is None or self.high is None:
            return f"{self.estimate:.4g}, without an interval"
        return f"{self.estimate:.4g}, interval {self.low:.4g} to {self.high:.4g}"


def describe(rows: Sequence[Coefficient]) -> str:
    """The figure in sentences, for who cannot see it."""
    said = "; ".join(f"{row.label} {row.told}" for row in rows)
    return f"{numbers.several(len(rows), 'coefficient')}: {said}. The same numbers are in the table."


def coefficients(rows: Sequence[Coefficient], look: Look) -> Figure:
    """The figure dictionary of `rows`, the first at the top."""
    figure: Figure = {"layout": layout(look, height=HEAD + AXIS + ROW * max(len(rows), 1), margin=(NAMES, 20, HEAD, AXIS))}
    places = list(range(len(rows)))
    bars = {
        "type": "data", "symmetric": False, "color": look.pilot, "thickness": 3, "width": 0,
        "array": [0.0 if row.high is None else row.high - row.estimate for row in rows],
        "arrayminus": [0.0 if row.low is None else row.estimate - row.low for row in rows],
    }
    figure["data"] = [{
        "type": "scatter", "mode": "markers", "x": [row.estimate for row in rows], "y": places, "error_x": bars,
        "marker": {"color": look.pilot, "size": 12}, "hoverinfo": "text",
        "hovertext": [literal(f"{row.label}: {row.told}") for row in rows],
    }]  # fmt: skip
    figure["layout"] |= {
        "xaxis": {"showgrid": True, "nticks": 6},
        "yaxis": {
            "range": [len(rows) - 0.5, -0.5], "tickvals": places, "ticktext": [lines_of(row.label, 24) for row in rows],
            "showgrid": False,
        },
        "shapes": [line((0, 0), (-0.5, len(rows) - 0.5), look.text, 1.5, xref="x")],
        "meta": {"description": describe(rows)},
    }
    return figure
