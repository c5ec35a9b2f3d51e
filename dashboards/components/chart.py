"""A chart with all that belongs to it: headline, subtitle, text alternative, source, its numbers as a table, downloads.

Every figure is drawn beforehand for light and dark at each width, and for print; the browser picks one (assets/site.js).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboards.components.attributes import aria, data
from dashboards.components.table import key_to_marks
from evaluation.figures.looks import DARK, LIGHT, PRINT, Figure, Look

Draw = Callable[[Look, int], Figure]
GRAPH, DRAWINGS, PICKED = "graph", "drawings", "picked"
CONFIG: Any = {"displayModeBar": False, "responsive": True, "scrollZoom": False, "doubleClick": False, "showTips": False}


@dataclass(frozen=True)
class Download:
    """A file to take away: words with format and size, and its address."""

    words: str
    href: str
    name: str


@dataclass(frozen=True)
class Chart:
    """What a chart must have. `widths` are those in pixels from which a drawing fits, from the narrowest to the widest."""

    name: str
    headline: str
    subtitle: str
    alternative: str
    source: str
    draw: Draw
    numbers: Component
    widths: Sequence[int]
    downloads: Sequence[Download] = ()
    note: str = ""
    fold: str = "Show the numbers"


def chart(made: Chart) -> Component:
    """The chart as a figure element."""
    drawings = drawn(made)
    ends = {"--narrow": made.widths[0], "--wide": made.widths[-1]}
    heights = {name: f"{drawings['light'][str(width)]['layout']['height']}px" for name, width in ends.items()}
    graph = dcc.Graph(id={"type": GRAPH, "name": made.name}, config=CONFIG, className="graph", animate=False)
    canvas = html.Div(
        graph, id=f"canvas-{made.name}", className="canvas", role="img", style=heights,
        **aria(label=made.alternative), **data(chart=made.name),
    )
    return html.Figure([
        html.Figcaption([made.headline, html.Small(made.subtitle)]), canvas,
        dcc.Store(id={"type": DRAWINGS, "name": made.name}, data=drawings), dcc.Store(id={"type": PICKED, "name": made.name}),
        html.Details([html.Summary(made.fold), made.numbers]), _foot(made),
    ], className="chart")


def drawn(made: Chart) -> Figure:
    """Every drawing of a chart: by look and by the width from which it fits, and the one for paper."""
    screens = {look.name: {str(width): made.draw(look, width) for width in made.widths} for look in (LIGHT, DARK)}
    return {**screens, "print": made.draw(PRINT, made.widths[-1])}


def _foot(made: Chart) -> Component:
    picture = html.Button("Picture (SVG)", type="button", className="as-link", **data(picture=made.name))
    files = [html.A(each.words, href=each.href, download=each.name) for each in made.downloads]
    said = [html.P(text, className="source") for text in (made.note, f"{made.source}.") if text]
    return html.Div([*key_to_marks(made.numbers), *said, html.P([picture, *files], className="actions")], className="foot")
