"""Words and addresses that the pages are made of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards import theme, wording
from dashboards.addresses import Asked, address, measure_address
from dashboards.components.theory import steps_by_depth
from evaluation.figures.looks import LOOKS
from evaluation.release.cards import LinkCard
from evaluation.terms import Assignment, Better, Suppression
from tests.dashboards.sample import release
from tests.figures.test_figures import contrast


def test_a_hidden_number_names_the_policys_threshold() -> None:
    policy = release().study.policy.model_copy(update={"threshold": 8})
    assert wording.hidden(Suppression.SMALL, policy) == "[c] hidden to protect people (fewer than 8)"


@pytest.mark.parametrize(("given_text", "sentence"), [("both hold", "Both hold."), (" Is it? ", "Is it?"), ("", ""), ("done.", "Done.")])
def test_sentences_begin_and_end(given_text: str, sentence: str) -> None:
    assert wording.sentence(given_text) == sentence


def test_a_finding_counts_organisations_where_their_teams_share_an_arm() -> None:
    study = release().study.model_copy(update={"unit_word": "team", "unit_plural": "teams"})
    finding = release().findings[0].model_copy(update={"n_pilot": 3, "n_comparison": 5})
    counted = finding.model_copy(update={"compared": Assignment.ORGANISATION})
    assert "".join(text for text, _ in wording.units(finding, study)) == "3 pilot and 5 comparison teams"
    assert "".join(text for text, _ in wording.units(counted, study)) == "3 pilot and 5 comparison organisations"


def test_a_cropped_axis_says_so_and_a_whole_one_does_not() -> None:
    measure = release().measures[0]
    assert wording.scale_shown(measure, (6.0, 6.8), 1) == "Scale 0 to 10, shown from 6.0 to 6.8."
    assert wording.scale_shown(measure, (0.0, 10.0), 1) == "Scale 0 to 10."


def test_an_address_keeps_only_choices_that_were_made() -> None:
    assert measure_address("lived_values", wave="month_6", unit="") == "/m/lived_values?wave=month_6"
    assert address("/") == "/"


@given(st.text(max_size=80))
def test_any_address_can_be_read(search: str) -> None:
    asked = Asked.of("/m/x", search)
    value, known = asked.choose("wave", ["month_6"], "month_12")
    assert value in ("month_6", "month_12")
    assert known or asked.query.get("wave")


def test_steps_stand_right_of_what_leads_to_them_and_a_circle_ends() -> None:
    def link(start: str, end: str) -> LinkCard:
        return LinkCard(from_=start, to=end, measured_by=(), state="untested")

    assert steps_by_depth((link("a", "b"), link("b", "c"), link("a", "c"), link("b", "d"))) == [["a"], ["b"], ["c", "d"]]
    assert sum(len(column) for column in steps_by_depth((link("a", "b"), link("b", "a")))) == 2


@pytest.mark.parametrize("look", LOOKS[:2], ids=lambda look: look.name)
def test_page_colours_reach_the_contrast_of_wcag(look) -> None:
    """WCAG 2.2, 1.4.3 and 1.4.11: text and links 4.5 on page, card and band; the edge of a control 3 on its ground."""
    colours = theme.PAGE[look.name]
    for ground in (colours["page"], look.card, look.band):
        assert min(contrast(ink, ground) for ink in (look.text, colours["link"])) >= 4.5
    for ground in (colours["page"], look.card):
        assert contrast(look.soft, ground) >= 4.5
        assert contrast(colours["edge"], ground) >= 3
    assert contrast(colours["notice-text"], colours["notice"]) >= 4.5


def test_the_style_sheet_uses_only_colours_that_the_theme_declares() -> None:
    from pathlib import Path
    from re import findall

    used = set(findall(r"var\(--([a-z-]+)\)", (Path(theme.__file__).parent / "assets" / "site.css").read_text(encoding="utf-8")))
    declared = set(findall(r"--([a-z-]+):", theme.style())) | {"wide", "narrow"}
    assert used <= declared


def test_agreeing_with_what_is_unwelcome_is_not_called_favourable() -> None:
    welcome = next(each for each in release().measures if each.id == "awareness")
    assert wording.score(welcome) == "% who answered favourably"
    assert wording.score(welcome.model_copy(update={"better": Better.LOWER})) == "% who said this"


def test_a_number_of_people_that_is_hidden_is_not_told_as_none() -> None:
    finding = release().findings[0].model_copy(update={"n_from": None, "n_to": None, "n_respondents": 0})
    assert wording.people(finding, "Staff") == "number of staff not shown"
