"""Lines over time: figures as they were and as they would be expected, with the start marked. For analysts."""

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.figures import numbers
from evaluation.figures.axes import literal
from evaluation.figures.looks import Figure, Look, layout
from evaluation.figures.marks import line, words

HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 320, 60, 20, 30, 50
MOST_TICKS = 8


@dataclass(frozen=True)
class Path:
    """A named line through (`at`, `values`); `expected` ones are dashed and without points."""

    name: str
    at: tuple[float, ...]
    values: tuple[float, ...]
    expected: bool = False


def describe(paths: Sequence[Path]) -> str:
    """The figure in sentences, for who cannot see it."""
    said = [f"{path.name} from {path.values[0]:.3g} to {path.values[-1]:.3g}" for path in paths]
    return f"{numbers.listed(said)}. The same numbers are in the table."


def paths(drawn: Sequence[Path], labels: Sequence[tuple[float, str]], start: float, look: Look) -> Figure:
    """The figure dictionary; `labels` name places on the axis, `start` is where on it pilots began."""
    figure: Figure = {"layout": layout(look, height=round(HEIGHT * look.height), margin=(LEFT, RIGHT, TOP, BOTTOM))}
    figure["data"] = [_trace(path, look) for path in drawn]
    shown = labels[:: -(-len(labels) // MOST_TICKS)]
    ends = [path for path in drawn if path.name]
    figure["layout"] |= {
        "xaxis": {"tickvals": [at for at, _ in shown], "ticktext": [literal(name) for _, name in shown], "showgrid": False},
        "yaxis": {"nticks": 6},
        "shapes": [line((start, start), (0, 1), look.soft, 1.5, xref="x", yref="paper")],
        "annotations": [words("start", start, 1, xref="x", yref="paper", yanchor="bottom", font={"color": look.soft})],
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 1, "xanchor": "right"},
        "showlegend": len(ends) > 1, "meta": {"description": describe(ends)},
    }
    return figure


def _trace(path: Path, look: Look) -> Figure:
    if path.expected:
        style: Figure = {"mode": "lines", "line": {"color": look.expected, "width": 2, "dash": "5px,5px"}}
    else:
        style = {"mode": "lines+markers", "line": {"color": look.pilot, "width": 2}, "marker": {"color": look.pilot, "size": 8}}
    told = [literal(f"{path.name}: {value:.3g}") for value in path.values]
    place = {"x": list(path.at), "y": list(path.values), "name": literal(path.name), "hoverinfo": "text", "hovertext": told}
    return {"type": "scatter", **place, **style}
