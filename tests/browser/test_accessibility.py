"""Every page, in both themes and three widths: no axe violation, no sideways scroll, one first heading, all by keyboard.

Rules: axe-core with the tags of WCAG 2.0 to 2.2, levels A and AA, and its best practices.
"""

from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import Serve, Tab
from tests.dashboards.sample import before_follow_up, hostile_names

pytestmark = pytest.mark.browser

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
PAGES = {
    "summary": "/", "measure": "/m/lived_values?unit=R03", "hidden": "/m/patient_respect?unit=R05&rows=all", "protocol": "/protocol",
    "not found": "/nothing",
}
LOOKS = [("light", 320), ("light", 768), ("light", 1440), ("dark", 1440), ("dark", 768), ("dark", 320)]


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{each['id']}: {each['help']} {[node['target'] for node in each['nodes']][:3]}" for each in found]


def unfold(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")


def ready(tab: Tab, scheme: str, width: int) -> None:
    """The look asked for, with the drawings that belong to it."""
    tab.page.emulate_media(color_scheme=scheme)
    tab.page.set_viewport_size({"width": width, "height": 900})
    card = "rgb(27, 39, 46)" if scheme == "dark" else "rgb(255, 255, 255)"
    tab.until(
        "[...document.querySelectorAll('.canvas')].every(each => {"
        f" const svg = each.querySelector('.main-svg'); return svg && svg.style.background.includes('{card}')"
        " && Math.abs(svg.clientWidth - each.clientWidth) <= 1 })"
    )


def assert_structure(page: Page) -> None:
    """One first heading, no level left out, one main part, and the language."""
    assert page.locator("h1").count() == page.locator("main").count() == 1
    assert page.locator("html").get_attribute("lang") == "en-GB"
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3')].map(each => +each.tagName[1])")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("name", PAGES)
def test_no_axe_violation_and_no_sideways_scroll_in_any_look(tab: Tab, name: str) -> None:
    page = tab.open(PAGES[name])
    assert_structure(page)
    unfold(page)
    found = {}
    for scheme, width in LOOKS:
        ready(tab, scheme, width)
        found[scheme, width] = violations(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} scrolls sideways at {width}"
    assert {look: faults for look, faults in found.items() if faults} == {}


@pytest.mark.parametrize("changes", [(before_follow_up,), (hostile_names,)], ids=["before follow-up", "hostile names"])
def test_other_states_are_as_accessible(tab: Tab, serve: Serve, changes: tuple) -> None:
    for address in ("/", "/m/lived_values"):
        page = tab.open(address, serve(*changes))
        unfold(page)
        assert violations(page) == []


def test_the_table_in_place_of_the_forest_and_no_release_are_as_accessible(tab: Tab, serve: Serve) -> None:
    assert violations(tab.open("/?show=table")) == []
    page = tab.open("/", serve(with_release=False))
    assert violations(page) == []
    assert page.locator("h1").inner_text() == "There is no result to show"


def test_everything_that_acts_is_reached_by_keyboard_in_reading_order(tab: Tab) -> None:
    page = tab.open("/m/lived_values?unit=R03")
    wanted = page.evaluate(
        "[...document.querySelectorAll('a[href], button, select, summary')]"
        ".filter(each => each.checkVisibility()).map((each, at) => { each.dataset.stop = at; return at })"
    )
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    reached = []
    for _ in range(3 * len(wanted)):
        page.keyboard.press("Tab")
        stop = page.evaluate("document.activeElement.dataset.stop ?? null")
        if stop is not None and int(stop) in reached:
            break
        reached += [int(stop)] if stop is not None else []
    assert reached == wanted


def test_focus_is_seen_and_the_skip_link_leads_to_the_content(tab: Tab) -> None:
    page = tab.open("/")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    assert page.evaluate("getComputedStyle(document.activeElement).backgroundColor") == "rgb(255, 235, 59)"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_targets_are_large_enough_for_a_finger(tab: Tab) -> None:
    """44 pixels for what stands by itself (docs/verdicts.md, section 6); links inside sentences are exempt (WCAG 2.5.8)."""
    page = tab.open("/m/lived_values")
    page.set_viewport_size({"width": 320, "height": 900})
    small = page.evaluate(
        "[...document.querySelectorAll('header nav a, select, .measures a, .actions > *, .switch a')]"
        ".filter(each => each.getBoundingClientRect().height < 44).map(each => each.textContent)"
    )
    assert small == []
