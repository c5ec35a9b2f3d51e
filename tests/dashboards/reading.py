"""Reading Dash components in tests: their text, their elements, their attributes."""

from collections.abc import Iterator
from typing import Any

from dash.development.base_component import Component

from dashboards.addresses import Asked
from dashboards.app import whole_page
from dashboards.pages import open_pages
from dashboards.reader import Shelf
from evaluation.release.publish import Release


def page(release: Release | None, path: str = "/", search: str = "", trouble: str = "") -> list[Component]:
    """The components of a page as the server sends them."""
    open_pages()
    return whole_page(Shelf(release, trouble), Asked.of(path, search))


def walk(node: Any) -> Iterator[Any]:
    """Every component and every piece of text, in reading order."""
    if isinstance(node, list | tuple):
        for each in node:
            yield from walk(each)
    elif isinstance(node, Component):
        yield node
        yield from walk(getattr(node, "children", None))
    elif node is not None:
        yield node


def text(node: Any) -> str:
    """All text, in reading order."""
    return "".join(str(each) for each in walk(node) if not isinstance(each, Component))


def all_of(node: Any, kind: str) -> list[Component]:
    """Every component of a kind: "H1", "Table"."""
    return [each for each in walk(node) if isinstance(each, Component) and type(each).__name__ == kind]


def texts(node: Any, kind: str) -> list[str]:
    """The text of every component of a kind."""
    return [text(each) for each in all_of(node, kind)]
