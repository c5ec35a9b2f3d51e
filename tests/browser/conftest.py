"""One Chromium and one site for every browser test; a page is reused, and anything it complains of fails the test."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import waitress
from playwright.sync_api import Browser, Page, sync_playwright

from dashboards.app import create
from evaluation.release.publish import write_release
from tests.dashboards.sample import Change, release

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]
ARRIVED = "document.querySelector('main')?.dataset.title"
DRAWN = "[...document.querySelectorAll('.canvas')].every(each => each.querySelector('.main-svg'))"


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    """The machine's Chromium; without one the tests are skipped, naming the command that brings it."""
    found = next((path for path in map(shutil.which, NAMES) if path), None)
    if found is None:
        pytest.skip("the browser tests need Chromium: sudo apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=QUIET)
        yield browser
        browser.close()


Serve = Callable[..., str]


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Serves the sample release after changes, or none with `release=False`; the same changes share one server."""
    servers: dict[tuple[object, ...], tuple[waitress.server.BaseWSGIServer, str]] = {}

    def start(*changes: Change, with_release: bool = True) -> str:
        key = (*changes, with_release)
        if key not in servers:
            folder = tmp_path_factory.mktemp("releases")
            if with_release:
                write_release(release(*changes), folder / "preview" / "release.json")
            server = waitress.create_server(create(folder).server, host="127.0.0.1", port=0, threads=4)
            threading.Thread(target=server.run, daemon=True).start()
            servers[key] = (server, f"http://127.0.0.1:{server.effective_port}")
        return servers[key][1]

    yield start
    for server, _ in servers.values():
        server.trigger.pull_trigger(server.close)


class Tab:
    """A browser page with the few things tests do, and a list of what it complained of."""

    def __init__(self, page: Page, site: str) -> None:
        self.page = page
        self.site = site
        self.complaints: list[str] = []
        page.on("console", lambda said: self.complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda fault: self.complaints.append(str(fault)))

    def open(self, address: str, site: str | None = None) -> Page:
        """Go to an address of a site and wait until its figures are drawn."""
        self.page.goto(f"{site or self.site}{address}")
        self.settled()
        return self.page

    def settled(self, title: str = "") -> None:
        """Wait until the page has arrived (with `title` at the beginning of its title) and its figures are drawn."""
        self.until(f"document.title.startsWith({title!r}) && document.title === {ARRIVED}")
        self.until("!document.querySelector('[aria-busy=true]')")
        self.until(DRAWN)

    def until(self, claim: str, seconds: float = 15) -> None:
        """Wait until a claim in the browser's language holds (the site's own policy forbids playwright's way of waiting)."""
        end = time.monotonic() + seconds
        while not self.page.evaluate(claim):
            assert time.monotonic() < end, f"never came true: {claim}"
            self.page.wait_for_timeout(30)


@pytest.fixture(scope="session")
def only_tab(chrome: Browser, serve: Serve) -> Iterator[Tab]:
    context = chrome.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(15_000)
    yield Tab(context.new_page(), serve())
    context.close()


@pytest.fixture
def tab(only_tab: Tab) -> Iterator[Tab]:
    """The one page, wide, light, on screen; it fails the test when the browser had anything to complain of."""
    only_tab.page.set_viewport_size({"width": 1280, "height": 900})
    only_tab.page.emulate_media(media="screen", color_scheme="light")
    only_tab.complaints.clear()
    yield only_tab
    assert not only_tab.complaints


