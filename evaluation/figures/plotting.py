"""Figures for analysts: a figure dictionary as a plotly figure, and the looks among plotly's templates."""

import plotly.graph_objects as go
import plotly.io

from evaluation.figures.looks import LOOKS, Figure, template

for look in LOOKS:
    plotly.io.templates[f"pilot-{look.name}"] = template(look)


def as_figure(figure: Figure) -> go.Figure:
    """The dictionary as a `plotly.graph_objects.Figure`, every key of it checked by plotly."""
    return go.Figure(figure, skip_invalid=False)
