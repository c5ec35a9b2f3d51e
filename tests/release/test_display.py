"""Display precision of published cells. Source: docs/disclosure.md, rule 5; the policy's own numbers."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.protocol.block import Interval
from evaluation.protocol.documents import Documents
from evaluation.release.display import Form, display, nearest
from evaluation.release.protect import protect
from evaluation.terms import Level, Suppression
from tests.findings.answers import documents_of
from tests.release.tables import POLICY, table

SCORE = Form(1, False, Interval(low=0, high=10), POLICY)
PERCENT = Form(0, True, Interval(low=0, high=100), POLICY)
PLACE = {"measure": "lived_values", "wave": "month_12", "level": "unit", "unit": "P1", "arm": "develop", "role": "pilot", "suppressed": None}


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Documents:
    return documents_of(tmp_path_factory.mktemp("tiny"))


def test_counts_go_to_the_nearest_five() -> None:
    assert [nearest(count, POLICY) for count in (11, 12, 13, 17, 18, 240)] == [10, 10, 15, 15, 20, 240]
    assert nearest(11, POLICY.model_copy(update={"round_counts_to": 1})) == 11


def test_means_have_one_decimal_and_intervals_are_rounded_outwards() -> None:
    card = SCORE.card({**PLACE, "people": 52, "mean": 6.449, "low": 6.21, "high": 6.681})
    assert (card.n, card.mean, card.conf_low, card.conf_high, card.extreme) == (50, 6.4, 6.2, 6.7, None)


def test_percentages_are_whole() -> None:
    card = PERCENT.card({**PLACE, "people": 52, "mean": 61.54, "low": 47.6, "high": 75.4})
    assert (card.mean, card.conf_low, card.conf_high) == (62.0, 47.0, 76.0)


def test_few_people_who_nearly_all_agree_are_told_as_a_bound_without_an_interval() -> None:
    high = PERCENT.card({**PLACE, "people": 30, "mean": 96.7, "low": 90.0, "high": 100.0})
    low = PERCENT.card({**PLACE, "people": 30, "mean": 3.3, "low": 0.0, "high": 10.0})
    assert (high.extreme, high.mean, high.conf_low, low.extreme, low.mean) == ("above", 95.0, None, "below", 5.0)
    many = PERCENT.card({**PLACE, "people": 50, "mean": 96.0, "low": 90.0, "high": 100.0})
    assert (many.extreme, many.mean) == (None, 96.0)


def test_a_score_at_the_end_of_its_scale_is_a_bound_too() -> None:
    card = SCORE.card({**PLACE, "people": 12, "mean": 10.0, "low": float("nan"), "high": float("nan")})
    assert (card.extreme, card.mean) == ("above", 9.9)


def test_a_hidden_cell_holds_nothing_but_its_place_and_the_reason(documents: Documents) -> None:
    cells = protect(table({"develop": {"P1": (40, 6.0), "P2": (30, 6.0), "P3": (8, 7.0)}, "comparison": {"C1": (50, 5.0)}}), POLICY)
    cards = {card.unit: card for card in display(cells, documents) if card.level == "unit"}
    assert cards["P3"].suppressed is Suppression.SMALL
    assert cards["P2"].suppressed is Suppression.REMAINDER
    assert {(card.n, card.mean, card.conf_low, card.conf_high) for card in (cards["P3"], cards["P2"])} == {(None,) * 4}


def test_nobody_and_few_are_published_alike(documents: Documents) -> None:
    cells = [table({"develop": {"P1": (40, 6.0), "P2": (30, 6.0), "P3": (few, 7.0)}, "comparison": {"C1": (50, 5.0)}}) for few in (0, 5)]
    hidden = [[card for card in display(protect(one, POLICY), documents) if card.unit == "P3"] for one in cells]
    assert hidden[0] == hidden[1]


def test_published_tables_keep_the_decimals_that_matter(tmp_path: Path) -> None:
    documents = documents_of(tmp_path)
    staff = documents.protocol.populations["staff"].model_copy(update={"level": Level.ORGANISATION})
    lived = documents.protocol.measures["lived_values"]
    fine = lived.model_copy(update={"minimum_important_difference": lived.minimum_important_difference.model_copy(update={"value": 0.05})})
    plan = documents.protocol.model_copy(update={"populations": {"staff": staff}, "measures": {"lived_values": fine}})
    assert Form.of("lived_values", replace(documents, protocol=plan)).decimals == 2


@given(st.floats(0, 10), st.floats(0, 5), st.integers(11, 5000))
def test_a_shown_interval_never_promises_more_than_the_exact_one(mean: float, reach: float, people: int) -> None:
    low, high = max(0.0, mean - reach), min(10.0, mean + reach)
    card = SCORE.card({**PLACE, "people": people, "mean": mean, "low": low, "high": high})
    if card.extreme is None:
        assert card.mean is not None and abs(card.mean - mean) <= 0.05 + 1e-9
        assert card.conf_low is not None and card.conf_low <= low + 1e-9
        assert card.conf_high is not None and card.conf_high >= high - 1e-9
