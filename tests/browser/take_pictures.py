"""Take the pictures of the documents anew: `python -m tests.browser.take_pictures STUDY`, a study that has been run."""

import shutil
import sys
import threading
from pathlib import Path

import waitress
from playwright.sync_api import sync_playwright

from dashboards.app import create
from evaluation.study import Study
from tests.browser.conftest import NAMES, QUIET, Tab

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"


def take(releases: Path) -> Path:
    """The summary from its head to the end of the first verdict, as a wide screen shows it."""
    server = waitress.create_server(create(releases).server, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    file = PICTURES / "summary.png"
    with sync_playwright() as playwright:
        found = next(filter(None, map(shutil.which, NAMES)))
        browser = playwright.chromium.launch(executable_path=found, args=QUIET)
        page = browser.new_page(locale="en-GB", viewport={"width": 1200, "height": 900}, color_scheme="light")
        Tab(page, f"http://127.0.0.1:{server.effective_port}").open("/")
        foot = page.evaluate("document.querySelector('.verdict').getBoundingClientRect().bottom")
        page.screenshot(path=file, full_page=True, clip={"x": 0, "y": 0, "width": 1200, "height": round(foot + 24)})
        browser.close()
    server.close()
    return file


if __name__ == "__main__":
    taken = take(Study.open(sys.argv[1]).releases)
    sys.stdout.write(f"{taken.name}: {taken.stat().st_size / 1000:.0f} kB\n")
