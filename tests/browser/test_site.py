"""What a reader does with the site: choose, click, go back, reload, share, print, take away. And what a hostile name cannot do."""

import re
from pathlib import Path

import pytest

from dashboards import wording
from tests.browser.conftest import Serve, Tab
from tests.dashboards.sample import hostile_names

pytestmark = pytest.mark.browser


def test_a_choice_by_keyboard_is_in_the_address_and_keeps_the_focus(tab: Tab) -> None:
    page = tab.open("/m/lived_values")
    page.focus("#choose-unit")
    page.keyboard.press("ArrowDown")
    tab.until("location.search.includes('unit=R25')")
    tab.settled()
    tab.until("!!document.querySelector('.chosen')")
    assert page.locator(".chosen").inner_text().startswith("Amberley NHS Trust: Start")
    tab.until("document.activeElement.id === 'choose-unit'")
    assert "Amberley NHS Trust" in page.locator("[role=status]").text_content()


def test_an_address_with_choices_opens_that_view_survives_a_reload_and_goes_back(tab: Tab) -> None:
    page = tab.open("/m/lived_values?wave=month_6&unit=R03")

    def shown() -> tuple[str, str, str]:
        return page.input_value("#choose-wave"), page.input_value("#choose-unit"), page.locator(".chosen").inner_text()[:19]

    assert shown() == ("month_6", "R03", "Dunmere Care Trust:")
    page.reload()
    tab.settled()
    assert shown() == ("month_6", "R03", "Dunmere Care Trust:")
    page.select_option("#choose-wave", "month_12")
    tab.until("location.search === '?wave=month_12&compare=pilot+-+comparison&unit=R03'")
    tab.until("document.querySelector('.chosen').textContent.includes('12 months')")
    page.go_back()
    tab.until("location.search === '?wave=month_6&unit=R03'")
    tab.until("document.querySelector('.chosen').textContent.includes('6 months')")
    tab.until("document.querySelector('#choose-wave').value === 'month_6'")


def test_an_organisation_is_picked_out_by_a_click_on_its_mark(tab: Tab) -> None:
    page = tab.open("/m/lived_values")
    mark = page.locator("#canvas-organisations .scatterlayer .trace .points path").first
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tab.until("/unit=R\\d\\d/.test(location.search)")
    tab.until("!!document.querySelector('.chosen')")
    assert "answers" in page.locator(".chosen").inner_text()


def test_hover_tells_number_interval_and_answers(tab: Tab) -> None:
    page = tab.open("/m/lived_values")
    mark = page.locator("#canvas-change .scatterlayer .trace .points path").last
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2 + 1, box["y"] + box["height"] / 2)
    tab.until("!!document.querySelector('#canvas-change .hoverlayer text')")
    said = page.locator("#canvas-change .hoverlayer").text_content()
    assert re.search(r"Pilots, 12 months6\.\d \(6\.\d to 6\.\d\), [\d,]+ answers", said)


def test_an_unknown_choice_is_told_without_being_repeated(tab: Tab) -> None:
    page = tab.open("/m/lived_values?unit=%3Cb%3Eodd%3C/b%3E")
    assert page.get_by_text(wording.UNKNOWN_CHOICE).is_visible()
    assert "odd" not in page.locator("main").inner_text()


def test_pages_change_in_place_with_title_and_focus(tab: Tab) -> None:
    page = tab.open("/")
    page.evaluate("window.same = 1")
    page.click("nav >> text=Protocol")
    tab.settled("Protocol")
    assert page.evaluate("window.same") == 1
    assert page.evaluate("document.activeElement.tagName") == "H1"
    page.click("text=Values lived >> nth=0")
    tab.settled("Values lived")
    page.go_back()
    tab.settled("Protocol")
    assert page.title() == "Protocol – Living our values: pilot evaluation"


def test_a_link_to_a_place_on_another_page_arrives_there(tab: Tab) -> None:
    page = tab.open("/")
    page.click("text=See the rules")
    tab.settled("Protocol")
    assert page.evaluate("location.hash") == "#rules"
    tab.until("Math.abs(document.getElementById('rules').getBoundingClientRect().top) < 60")
    page.goto(f"{tab.site}/")
    tab.settled("Summary")
    page.click("text=How this was calculated")
    tab.settled("Values lived")
    tab.until("document.getElementById('method').open")


def test_forest_and_table_change_places(tab: Tab) -> None:
    page = tab.open("/")
    page.click(".switch >> text=Table")
    tab.until("!document.querySelector('#canvas-forest')")
    tab.until("document.activeElement.id === 'show-table'")
    assert page.get_by_role("table", name="Every question of the plan").is_visible()
    page.click(".switch >> text=Chart")
    tab.until("!!document.querySelector('#canvas-forest .main-svg')")
    assert page.evaluate("location.search") == ""


def test_names_are_text_wherever_they_stand(tab: Tab, serve: Serve) -> None:
    for address in ("/", "/m/lived_values?unit=R00&rows=all", "/protocol"):
        page = tab.open(address, serve(hostile_names))
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        assert page.evaluate("window.hurt") is None
        assert page.locator("main img, main script, a[href^='javascript']").count() == 0
    page = tab.open("/m/lived_values?unit=R00", serve(hostile_names))
    assert page.locator(".chosen b").inner_text() == '<img src=x onerror="window.hurt=1">'
    drawn = page.locator("#canvas-organisations .infolayer").text_content()
    assert "<img src=x" in drawn
    assert '<a href="//evil.example">Trust</a>' in drawn
    assert page.locator("#canvas-organisations a").count() == 0


def test_paper_is_light_unfolded_and_without_controls_even_for_a_dark_reader(tab: Tab) -> None:
    page = tab.page
    page.emulate_media(color_scheme="dark")
    tab.open("/m/lived_values")
    page.emulate_media(media="print", color_scheme="dark")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    tab.until("document.querySelector('#canvas-change .main-svg').style.background.includes('255, 255, 255')")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    for hidden in ("header nav", ".choices", ".actions"):
        assert not page.locator(hidden).first.is_visible()
    assert page.get_by_role("table", name="Means by wave").is_visible()
    assert page.locator("#canvas-change .main-svg").first.bounding_box()["width"] == 680
    paper = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) <= 4
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("details[open]").count() == 0


def test_the_summary_on_paper_leaves_its_tables_folded(tab: Tab) -> None:
    page = tab.open("/")
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details[open]").count() == 0
    assert page.locator("#canvas-forest .main-svg").first.is_visible()
    assert not page.locator("details table").first.is_visible()


def test_picture_and_data_can_be_taken_away(tab: Tab) -> None:
    page = tab.open("/m/lived_values")
    with page.expect_download() as picture:
        page.click("#canvas-change ~ .foot >> text=Picture (SVG)")
    assert picture.value.suggested_filename == "change.svg"
    assert "<svg" in Path(picture.value.path()).read_text(encoding="utf-8")
    with page.expect_download() as data:
        page.click("#canvas-organisations ~ .foot >> text=Data (CSV")
    assert data.value.suggested_filename == "lived_values-cells.csv"
    assert Path(data.value.path()).read_text(encoding="utf-8").startswith("measure,wave,level")


def test_a_server_that_does_not_answer_is_told_and_the_page_stays_readable(tab: Tab) -> None:
    page = tab.open("/m/lived_values")
    page.evaluate("document.body.dataset.patience = 200")
    page.evaluate(
        "() => { const real = window.fetch; window.fetch = (...all) => new Promise(done => {"
        " window.answer = () => { window.fetch = real; done(real(...all)) } }) }"
    )
    page.select_option("#choose-wave", "month_6")
    tab.until("!!document.querySelector('main [role=alert]')")
    assert page.get_by_role("alert").inner_text().startswith("The site does not answer.")
    assert page.locator("[aria-busy=true]").count() == 0
    page.evaluate("() => { window.answer() }")
    tab.until("!document.querySelector('main [role=alert]')")
    tab.settled()
    assert page.input_value("#choose-wave") == "month_6"


def test_the_headings_and_the_verdict_come_before_the_figures(tab: Tab) -> None:
    """A reader with a slow line reads first: the words are there when the page is, figures follow."""
    page = tab.page
    page.goto(f"{tab.site}/")
    tab.until("!!document.querySelector('h2.say')")
    assert page.evaluate("document.querySelector('.canvas').getBoundingClientRect().height") >= 300
    tab.settled()
