"""The pieces figures are drawn from: words, bands and lines, each a plotly shape or annotation."""

from typing import Any

Mark = dict[str, Any]


def words(text: str, x: float, y: float, *, xref: str = "paper", yref: str = "y", **more: Any) -> Mark:
    """Text at a place; `text` is literal already, or marked up on purpose."""
    place = {"text": text, "x": x, "y": y, "xref": xref, "yref": yref, "showarrow": False}
    return {**place, "xanchor": "left", "yanchor": "middle", "align": "left", **more}


def band(x: tuple[float, float], y: tuple[float, float], colour: str, *, xref: str = "paper", yref: str = "y") -> Mark:
    """A filled rectangle under the data."""
    ends = {"x0": x[0], "x1": x[1], "y0": y[0], "y1": y[1], "xref": xref, "yref": yref}
    return {"type": "rect", **ends, "layer": "below", "fillcolor": colour, "line": {"width": 0}}


def line(x: tuple[float, float], y: tuple[float, float], colour: str, width: float, **more: Any) -> Mark:
    """A straight line from (x0, y0) to (x1, y1)."""
    ends = {"x0": x[0], "x1": x[1], "y0": y[0], "y1": y[1], "xref": "paper", "yref": "y"}
    return {"type": "line", **ends, "line": {"color": colour, "width": width}, **more}
