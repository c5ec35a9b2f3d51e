"""The theory of change: steps from left to right as a picture, each link and what became of it as a list."""

from dash import html
from dash.development.base_component import Component

from dashboards import wording
from dashboards.addresses import measure_address
from dashboards.components.attributes import aria
from dashboards.components.verdict import word
from dashboards.look_up import measure_of
from evaluation.release.cards import LinkCard
from evaluation.release.publish import Release


def theory(release: Release) -> list[Component]:
    """Picture and list. The picture repeats what the list says, so it is hidden from screen readers."""
    columns = [html.Div([html.Span(step) for step in steps]) for steps in steps_by_depth(release.theory_of_change)]
    picture = html.Div(columns, className="chain", **aria(hidden="true"))
    return [picture, html.Ol([html.Li(_link(release, link)) for link in release.theory_of_change], className="links")]


def steps_by_depth(links: tuple[LinkCard, ...]) -> list[list[str]]:
    """Steps in columns: each stands right of every step that leads to it. A step in a circle stays where it was first met."""
    depth: dict[str, int] = {}
    for _ in range(len(links) + 1):
        for link in links:
            depth.setdefault(link.from_, 0)
            depth[link.to] = min(max(depth.get(link.to, 0), depth[link.from_] + 1), len(links))
    columns = sorted(set(depth.values()))
    return [[step for step, at in depth.items() if at == column] for column in columns]


def _link(release: Release, link: LinkCard) -> list[Component | str]:
    tone, state = wording.LINK_STATES[link.state]
    shown = [_measure(release, name) for name in link.measured_by]
    between: list[Component | str] = []
    for each in shown:
        between += [", ", each] if between else [each]
    arrow = html.Span([" → ", html.Span("leads to ", className="unseen")])
    steps = html.Span([wording.capital(link.from_), arrow, link.to], className="step")
    return [steps, word(tone, state), html.Span(["Shown by ", *between], className="by")]


def _measure(release: Release, name: str) -> Component | str:
    measure = measure_of(release, name)
    return html.A(measure.label, href=measure_address(name)) if measure else name
