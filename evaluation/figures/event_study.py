"""The event study: the difference in every wave, with its interval, about a line at zero; the start is marked."""

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.figures import numbers
from evaluation.figures.axes import literal
from evaluation.figures.looks import Figure, Look, layout
from evaluation.figures.marks import line, words

HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 320, 60, 20, 30, 50


@dataclass(frozen=True)
class Moment:
    """One wave's difference at place `at`; `low` and `high` None where it has no interval, all None for what is not known."""

    label: str
    at: float
    estimate: float | None
    low: float | None
    high: float | None

    @property
    def told(self) -> str:
        """The number and its interval, to three digits."""
        if self.estimate is None:
            return "not known"
        interval = "" if self.low is None or self.high is None else f", interval {self.low:.3g} to {self.high:.3g}"
        return f"{self.estimate:.3g}{interval}"


def describe(moments: Sequence[Moment], start: float) -> str:
    """The figure in sentences, for who cannot see it."""
    sides = [
        (name, [moment for moment in moments if (moment.at < start) == before])
        for name, before in (("before the start", True), ("after the start", False))
    ]
    said = [f"{name}: {'; '.join(f'{each.label} {each.told}' for each in side)}" for name, side in sides if side]
    return f"Differences between pilots and comparison, {numbers.listed(said)}. The same numbers are in the table."


def event_study(moments: Sequence[Moment], start: float, look: Look) -> Figure:
    """The figure dictionary of `moments` in their order; `start` is where on their axis pilots began."""
    figure: Figure = {"layout": layout(look, height=round(HEIGHT * look.height), margin=(LEFT, RIGHT, TOP, BOTTOM))}
    known = [moment for moment in moments if moment.estimate is not None]
    highs = [0.0 if m.high is None else m.high - (m.estimate or 0.0) for m in known]
    lows = [0.0 if m.low is None else (m.estimate or 0.0) - m.low for m in known]
    bars = {"type": "data", "symmetric": False, "color": look.pilot, "width": 0, "array": highs, "arrayminus": lows}
    figure["data"] = [{
        "type": "scatter", "mode": "markers", "x": [m.at for m in known], "y": [m.estimate for m in known], "error_y": bars,
        "marker": {"color": [look.card if m.at < start else look.pilot for m in known], "size": 11,
                   "line": {"color": look.pilot, "width": 2}},
        "hoverinfo": "text", "hovertext": [literal(f"{m.label}: {m.told}") for m in known],
    }]  # fmt: skip
    figure["layout"] |= {
        "xaxis": {"tickvals": [m.at for m in moments], "ticktext": [literal(m.label) for m in moments], "showgrid": False},
        "yaxis": {"nticks": 6},
        "shapes": [line((0, 1), (0, 0), look.text, 1.5), line((start, start), (0, 1), look.soft, 1.5, xref="x", yref="paper")],
        "annotations": [words("start", start, 1, xref="x", yref="paper", yanchor="bottom", font={"color": look.soft})],
        "meta": {"description": describe(moments, start)},
    }
    return figure
