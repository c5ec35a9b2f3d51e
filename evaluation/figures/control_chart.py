"""The XmR chart: points in time about the centre and limits of a fixed baseline; what needs an explanation is marked."""

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.figures import numbers
from evaluation.figures.axes import literal
from evaluation.figures.looks import Figure, Look, layout
from evaluation.figures.marks import band, line, words

HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 320, 60, 90, 30, 50
MOST_TICKS = 8


@dataclass(frozen=True)
class Point:
    """One point; `signals` say why it needs an explanation, nothing where it does not."""

    label: str
    value: float
    signals: tuple[str, ...] = ()


@dataclass(frozen=True)
class Limits:
    """Centre line and limits, and how many points at the beginning they come from."""

    centre: float
    low: float
    high: float
    baseline: int


def describe(points: Sequence[Point], limits: Limits) -> str:
    """The figure in sentences, for who cannot see it."""
    marked = [f"{point.label} ({', '.join(point.signals)})" for point in points if point.signals]
    said = f"Marked: {numbers.listed(marked)}." if marked else "No point needs an explanation."
    drawn = f"centre {limits.centre:.3g}, limits {limits.low:.3g} to {limits.high:.3g} from the first {limits.baseline}"
    return f"{numbers.several(len(points), 'point')}; {drawn}. {said} The same numbers are in the table."


def control_chart(points: Sequence[Point], limits: Limits, look: Look) -> Figure:
    """The figure dictionary of `points` in their order."""
    figure: Figure = {"layout": layout(look, height=round(HEIGHT * look.height), margin=(LEFT, RIGHT, TOP, BOTTOM))}
    places = list(range(len(points)))
    marker = {
        "size": [12 if point.signals else 8 for point in points],
        "symbol": ["diamond" if point.signals else "circle" for point in points],
        "color": [look.comparison if point.signals else look.pilot for point in points],
    }
    told = [literal(f"{p.label}: {p.value:.3g}{''.join(f', {signal}' for signal in p.signals)}") for p in points]
    figure["data"] = [{
        "type": "scatter", "mode": "lines+markers", "x": places, "y": [point.value for point in points], "marker": marker,
        "line": {"color": look.pilot, "width": 1.5}, "hoverinfo": "text", "hovertext": told,
    }]  # fmt: skip
    ends = [("centre", limits.centre), ("lower limit", limits.low), ("upper limit", limits.high)]
    shown = places[:: max(1, -(-len(places) // MOST_TICKS))]
    figure["layout"] |= {
        "xaxis": {"tickvals": shown, "ticktext": [literal(points[k].label) for k in shown], "showgrid": False},
        "yaxis": {"nticks": 6, "showgrid": False},
        "shapes": [
            band((-0.5, limits.baseline - 0.5), (limits.low, limits.high), look.band, xref="x"),
            *(line((0, 1), (value, value), look.soft, 1.5 if name == "centre" else 1) for name, value in ends),
        ],
        "annotations": [words(name, 1, value, xshift=4, font={"color": look.soft}) for name, value in ends],
        "meta": {"description": describe(points, limits)},
    }
    return figure
