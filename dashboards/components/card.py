"""A card: a section named by its heading."""

from dash import html
from dash.development.base_component import Component

from dashboards.components.attributes import aria


def card(title: str, anchor: str, *body: Component, beside: Component | None = None) -> Component:
    """A section with the heading `title`, whose id is `anchor`; `beside` stands at the right of the heading."""
    heading = html.H2(title, id=anchor)
    head = heading if beside is None else html.Div([heading, beside], className="head")
    return section(anchor, head, *body)


def section(named_by: str, *body: Component, kind: str = "card") -> Component:
    """A section named by an element inside it."""
    return html.Section(list(body), className=kind, **aria(labelledby=named_by))


def notice(*words: Component | str, kind: str = "notice") -> Component:
    """A paragraph that stands out."""
    return html.P(list(words), className=kind)
