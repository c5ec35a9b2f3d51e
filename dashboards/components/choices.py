"""Choices a reader can make on a page: native selects in a form, each kept in the address."""

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from dashboards.components.attributes import aria


@dataclass(frozen=True)
class Choice:
    """One select: its name in the address, its label, its options (value, words) and the one chosen."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    chosen: str


def choices(path: str, made: Sequence[Choice], label: str) -> Component:
    """A form that asks for `path` with the choices; the browser's script sends it as soon as one changes."""
    fields = [html.Div(_select(each), className="field") for each in made]
    return html.Form(fields, action=path, method="get", className="choices", **aria(label=label))


def _select(made: Choice) -> list[Component]:
    options = [html.Option(words, value=value, selected=value == made.chosen) for value, words in made.options]
    name = f"choose-{made.name}"
    return [html.Label(made.label, htmlFor=name), html.Select(options, id=name, name=made.name)]
