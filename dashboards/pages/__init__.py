"""The pages of the site. A page is one file here that registers itself; navigation lists what registered."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from re import Pattern

from dash.development.base_component import Component

from dashboards.addresses import Asked
from evaluation.release.publish import Release


@dataclass(frozen=True)
class Body:
    """What a page shows: its title, its components, and whether it is a page at all."""

    title: str
    main: list[Component]


@dataclass(frozen=True)
class Page:
    """A page: its word in navigation, its place there, the paths it answers, its own address, and how it is built."""

    name: str
    order: int
    path: Pattern[str]
    address: Callable[[Release], str]
    build: Callable[[Release, Asked], Body | None]


PAGES: list[Page] = []


def register(page: Page) -> Page:
    """Enter a page; pages stand in their own order."""
    PAGES.append(page)
    PAGES.sort(key=lambda each: each.order)
    return page


def open_pages() -> None:
    """Import every file of this folder, so that each can register."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")


def page_at(path: str) -> Page | None:
    """The page that answers a path."""
    return next((page for page in PAGES if page.path.fullmatch(path)), None)
