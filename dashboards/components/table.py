"""Tables that say what they hold: a caption, a scope on every head, numbers to the right."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboards.components.attributes import aria
from evaluation.figures import numbers

Cell = Any
MARKS = {
    numbers.NOT_AVAILABLE: f"{numbers.NOT_AVAILABLE} not available", numbers.HIDDEN: f"{numbers.HIDDEN} hidden to protect people",
}


@dataclass(frozen=True)
class Head:
    """A column's head; `number` columns stand to the right."""

    text: str
    number: bool = False


def table(caption: str, heads: Sequence[Head], rows: Sequence[Sequence[Cell]]) -> Component:
    """A table in a region that scrolls by itself on narrow screens; the first cell of a row is its head."""
    head = html.Tr([html.Th(column.text, scope="col", className="n" if column.number else None) for column in heads])
    made = html.Table([html.Caption(caption), html.Thead(head), html.Tbody([_row(row, heads) for row in rows])])
    return html.Div(made, className="scroll", role="region", tabIndex="0", **aria(label=caption))


def key_to_marks(*tables: Component) -> list[Component]:
    """One line that explains the marks these tables use in place of numbers; none where there are none."""
    told = str(tables)
    said = [words for sign, words in MARKS.items() if sign in told]
    return [html.P(f"{'; '.join(said)}.", className="source")] if said else []


def _row(row: Sequence[Cell], heads: Sequence[Head]) -> Component:
    cells = [html.Td(cell, className="n" if head.number else None) for cell, head in zip(row[1:], heads[1:], strict=True)]
    return html.Tr([html.Th(row[0], scope="row"), *cells])
