"""Findings as published. Source: docs/disclosure.md, rules 4, 5, 7 and 8; the release's form."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from evaluation.findings.judge import judge
from evaluation.inference.design import Contrast
from evaluation.organisations.register import read_register
from evaluation.protocol.documents import Documents
from evaluation.release.cards import CellCard
from evaluation.release.finding_cards import Around, finding_card
from evaluation.terms import Role, Suppression
from tests.findings.answers import ALL_LOADED, answer_of, documents_of, finding_of, unit_rows
from tests.release.tables import POLICY


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Documents:
    return documents_of(tmp_path_factory.mktemp("tiny"))


def test_numbers_are_published_to_three_significant_digits(documents: Documents) -> None:
    card = finding_card(finding_of(documents, estimate=0.512345, interval=(0.2123456, 0.8123456)), POLICY)
    assert (card.estimate, card.conf_low, card.conf_high) == (0.512, 0.212, 0.812)
    assert card.panel[0].estimate == 0.512 and card.panel[0].std_error == 0.123


def test_words_and_shown_numbers_round_the_same_number(documents: Documents) -> None:
    card = finding_card(finding_of(documents, estimate=0.44964, interval=(0.2, 0.7)), POLICY)
    assert card.estimate == 0.45 and "by 0.5 points" in card.sentence


def test_counts_of_people_are_rounded_and_counts_of_units_are_not(documents: Documents) -> None:
    units = unit_rows({"P1": 0.7, "P2": 0.6, "C1": 0.1}, n=61)
    card = finding_card(finding_of(documents, units=units, n_respondents=962), POLICY)
    assert (card.n_from, card.n_to, card.n_respondents, card.n_pilot, card.n_comparison) == (185, 185, 960, 3, 5)


def test_a_number_about_few_people_is_not_published(documents: Documents) -> None:
    units = unit_rows({"P1": 0.7, "C1": 0.1, "C2": 0.1})
    units.loc[units["unit"] == "P1", "n_to"] = 10
    card = finding_card(finding_of(documents, units=units), POLICY)
    assert card.estimate is card.conf_low is card.n_to is None
    assert card.sentence == "Fewer than 11 people answered on one side: hidden to protect them."
    assert card.panel == () and "0.5" not in card.model_dump_json()


def around(documents: Documents, *cells: CellCard) -> Around:
    """The tiny study's register and pilots against comparison, beside these cells."""
    return Around(cells, read_register(documents), Contrast("pilot - comparison", ("develop",), ("comparison",)))


def test_a_total_is_the_sum_of_the_parts_published_beside_it(documents: Documents) -> None:
    """Source: a board member's audit: 62 and 62 at either wave, 120 in all."""
    units = unit_rows({"P1": 0.7, "C1": 0.1}, n=61)
    card = finding_card(finding_of(documents, units=units, n_respondents=244), POLICY)
    assert (card.n_from, card.n_to, card.n_respondents, card.panel[0].n_respondents) == (120, 120, 240, 240)


def test_only_units_that_are_shown_are_counted_among_those_that_rose(documents: Documents) -> None:
    """Source: docs/disclosure.md: a count that says "all" tells of each hidden one too."""
    units = unit_rows({"P1": 0.7, "P2": 0.6, "P3": 0.5, "C1": 0.1})
    cells = [
        CellCard(measure="lived_values", wave=wave, level="unit", unit=unit, arm="develop", role=Role.PILOT,
                 suppressed=Suppression.REMAINDER if unit == "P3" and wave == "month_12" else None)
        for wave in ("baseline", "month_12") for unit in ("P1", "P2", "P3")]
    card = finding_card(finding_of(documents, units=units), POLICY, (), around(documents, *cells))
    assert (card.units_rose, card.units_counted) == (2, 2)
    assert "2 of the 2 pilot organisations that can be shown rose; 1 is hidden." in card.how_sure
    hidden = finding_card(finding_of(documents, units=units), POLICY, (), around(documents))
    assert not any("rose" in line for line in hidden.how_sure)


def test_before_a_result_the_card_says_who_was_assigned_and_who_answered_before(documents: Documents) -> None:
    """Source: a board member's audit: "0 pilot organisations, 0 staff" while the first wave was in."""
    absent = answer_of(documents, estimate=None, interval=(None, None), status="not yet evaluable", n_units=0, n_pilot=0,
                       n_comparison=0, n_respondents=0, units=unit_rows({}))
    cells = [CellCard(measure="lived_values", wave="baseline", level="arm", arm=arm, role=role, n=n)
             for arm, role, n in (("develop", Role.PILOT, 180), ("comparison", Role.COMPARISON, 300))]
    found = judge(absent, documents, {"staff": ("baseline",)})
    card = finding_card(found, POLICY, (), around(documents, *cells))
    assert (card.n_units, card.n_pilot, card.n_comparison, card.n_from, card.n_to) == (8, 3, 5, 480, None)
    assert finding_card(found, POLICY, (), around(documents, cells[0])).n_from is None


def test_a_total_that_must_stay_hidden_is_not_told_by_a_finding(documents: Documents) -> None:
    card = finding_card(finding_of(documents), POLICY, {("lived_values", "baseline")})
    assert card.n_from is None and card.n_respondents == 0 and card.panel[0].n_respondents is None
    assert card.estimate == 0.5


def test_tests_within_people_need_enough_pairs(documents: Documents) -> None:
    table = pd.DataFrame([{"who": "pilot", "pairs": 10, "change": 0.5}, {"who": "comparison", "pairs": 123, "change": 0.123456}])
    answer = replace(answer_of(documents), within_people=table)
    (row,) = finding_card(judge(answer, documents, ALL_LOADED), POLICY).within_people
    assert row == {"who": "comparison", "pairs": 125, "change": 0.123}


def test_flags_are_published_in_board_words(documents: Documents) -> None:
    card = finding_card(finding_of(documents, flags=("few_units:3 pilot and 5 comparison organisations",)), POLICY)
    assert card.flags[0].id == "few_units" and card.flags[0].sentence.startswith("There are only 3 pilot and 5 comparison")


def test_before_and_after_is_marked_as_change(tmp_path: Path) -> None:
    did = "design: difference in differences, estimator: unit change"
    card = finding_card(finding_of(documents_of(tmp_path, **{did: "design: before and after"})), POLICY)
    assert card.claim_change_not_effect
