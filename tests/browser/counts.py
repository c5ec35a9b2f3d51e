"""How many axe violations every page has in every look, counted outside pytest for docs/results.md."""

import shutil
import threading
from pathlib import Path

import waitress
from playwright.sync_api import sync_playwright

from dashboards.app import create
from evaluation.release.publish import write_release
from tests.browser.conftest import NAMES, QUIET, Tab
from tests.browser.test_accessibility import LOOKS, PAGES, ready, unfold, violations
from tests.dashboards.sample import release


def counts(folder: Path) -> dict[tuple[str, str, int], int]:
    """Violations by (page, theme, width).

    Raises:
        ImportError: there is no Chromium on this machine.
    """
    found = next((path for path in map(shutil.which, NAMES) if path), None)
    if found is None:
        raise ImportError("there is no Chromium")
    write_release(release(), folder / "board" / "preview" / "release.json")
    server = waitress.create_server(create(folder / "board").server, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=found, args=QUIET)
            tab = Tab(browser.new_page(locale="en-GB"), f"http://127.0.0.1:{server.effective_port}")
            return {(name, *look): each for name in PAGES for look, each in _page(tab, PAGES[name]).items()}
    finally:
        server.close()


def _page(tab: Tab, address: str) -> dict[tuple[str, int], int]:
    unfold(tab.open(address))
    counted = {}
    for scheme, width in LOOKS:
        ready(tab, scheme, width)
        counted[scheme, width] = len(violations(tab.page))
    return counted
