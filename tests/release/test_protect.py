"""Protection against subtraction. Source: docs/disclosure.md, rules 1 to 3, and its attacker (section 1)."""

import os
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.protocol.documents import Documents
from evaluation.protocol.policy import DisclosurePolicy
from evaluation.release.display import display
from evaluation.release.protect import Tree, hide, left_over, protect
from evaluation.terms import Suppression
from tests.findings.answers import documents_of
from tests.release.attacker import Leak, leaks
from tests.release.tables import POLICY, THRESHOLD_ONLY, table

EXAMPLES = int(os.environ.get("ATTACKS", "25"))

NOBODY_NEAR = {"comparison": {"C1": (60, 5.0), "C2": (45, 5.5), "C3": (38, 6.0)}}


def hidden(cells: pd.DataFrame, policy: DisclosurePolicy = POLICY) -> dict[str, str | None]:
    """What is hidden, by the finest name of a cell, and why."""
    protected = protect(cells, policy)
    names = protected["unit"].fillna(protected["arm"]).fillna(protected["role"]).fillna("all") + ":" + protected["level"]
    kept = protected["suppressed"].notna()
    return dict(zip(names[kept], protected["suppressed"][kept], strict=True))


def test_enough_people_everywhere_hides_nothing() -> None:
    assert hidden(table({"develop": {"P1": (40, 6.0), "P2": (30, 6.5)}, **NOBODY_NEAR})) == {}


def test_a_small_unit_takes_the_next_smallest_with_it() -> None:
    found = hidden(table({"develop": {"P1": (40, 6.0), "P2": (30, 6.5), "P3": (8, 7.0)}, **NOBODY_NEAR}))
    assert found == {"P3:unit": Suppression.SMALL, "P2:unit": Suppression.REMAINDER}


def test_two_small_units_are_enough_only_when_they_hold_enough_people() -> None:
    assert set(hidden(table({"develop": {"P1": (40, 6.0), "P2": (6, 6.5), "P3": (5, 7.0)}, **NOBODY_NEAR}))) == {
        "P2:unit", "P3:unit"}
    assert set(hidden(table({"develop": {"P1": (40, 6.0), "P2": (5, 6.5), "P3": (5, 7.0)}, **NOBODY_NEAR}))) == {
        "P1:unit", "P2:unit", "P3:unit"}


def test_a_small_arm_is_not_given_away_by_its_role_or_by_its_only_unit() -> None:
    found = hidden(table({"develop": {"P1": (9, 6.0)}, "alive": {"P2": (40, 6.5), "P3": (30, 7.0)}, **NOBODY_NEAR}))
    assert found["develop:arm"] == found["P1:unit"] == Suppression.SMALL
    assert found["alive:arm"] == Suppression.REMAINDER
    assert "P3:unit" in found and "P2:unit" not in found
    assert "pilot:role" not in found


def test_nobody_and_few_look_the_same() -> None:
    found = hidden(table({"develop": {"P1": (40, 6.0), "P2": (30, 6.5), "P3": (0, 0.0)}, **NOBODY_NEAR}))
    assert found["P3:unit"] == Suppression.SMALL


def test_a_stricter_threshold_of_the_study_holds_for_the_remainder_too() -> None:
    strict = POLICY.model_copy(update={"threshold": 20})
    found = hidden(table({"develop": {"P1": (40, 6.0), "P2": (7, 6.5), "P3": (8, 7.0)}, **NOBODY_NEAR}), strict)
    assert "P1:unit" in found


def test_one_person_does_not_hide_the_mean_of_ten() -> None:
    found = hidden(table({"develop": {"P1": (40, 6.0), "P2": (10, 6.5), "P3": (1, 7.0)}, **NOBODY_NEAR}))
    assert found["P1:unit"] == Suppression.REMAINDER


def test_a_group_in_which_all_agree_is_not_left_as_a_remainder() -> None:
    assert "P1:unit" in hidden(table({"develop": {"P1": (40, 6.0), "P2": (12, 10.0), "P3": (8, 10.0)}, **NOBODY_NEAR}))


def test_headcounts_that_nearly_everybody_answered_hide_one_more() -> None:
    """P3's 8 of 38 left over: at most 32 can be in P2, so at least 6 in P3, which is too close."""
    arms = {"develop": {"P1": (40, 6.0), "P2": (30, 6.5), "P3": (8, 7.0)}, **NOBODY_NEAR}
    heads = {"P1": 90, "P2": 32, "P3": 10}
    assert set(hidden(table(arms, headcounts=dict.fromkeys(heads, 900)))) == {"P2:unit", "P3:unit"}
    assert set(hidden(table(arms, headcounts=heads))) == {"P1:unit", "P2:unit", "P3:unit"}


units = st.dictionaries(
    st.sampled_from([f"U{k}" for k in range(6)]), st.tuples(st.integers(0, 45), st.integers(0, 100).map(lambda tenth: tenth / 10)),
    min_size=1, max_size=6)


@st.composite
def cell_tables(draw: st.DrawFn) -> pd.DataFrame:
    arms = draw(st.lists(st.sampled_from(["develop", "alive", "third"]), min_size=1, max_size=3, unique=True))
    return table({arm: {f"{arm}-{unit}": value for unit, value in draw(units).items()} for arm in [*arms, "comparison"]})


@given(cell_tables())
@settings(max_examples=60, deadline=None)
def test_what_a_shown_cell_leaves_over_is_nothing_or_enough(cells: pd.DataFrame) -> None:
    tree = Tree.of(cells)
    hidden_rows = hide(tree, POLICY)
    for row in set(range(len(cells))) - set(hidden_rows):
        left = tuple(left_over(tree, hidden_rows, row))
        assert not left or (len(left) >= 2 and sum(tree.people[cell] for cell in left) >= 11)


@given(cell_tables())
@settings(max_examples=30, deadline=None)
def test_small_cells_are_always_hidden_and_hiding_twice_changes_nothing(cells: pd.DataFrame) -> None:
    once = protect(cells, POLICY)
    assert once.loc[once["people"] < 11, "suppressed"].notna().all()
    assert protect(cells, POLICY).equals(once)


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Documents:
    return documents_of(tmp_path_factory.mktemp("tiny"))


def attack(cells: pd.DataFrame, documents: Documents, policy: DisclosurePolicy, *, remainder: bool) -> list[Leak]:
    """What leaks from a build; without `remainder` it only applies the threshold."""
    protected = protect(cells, policy)
    if not remainder:
        small = protected["suppressed"] == Suppression.SMALL
        protected["suppressed"] = protected["suppressed"].where(small, None)
    total_shown = protected.loc[protected["level"] == "all", "suppressed"].isna().all()
    cards = display(protected, replace(documents, policy=policy))
    return leaks(cards, cells, policy, low=0, high=10, knows_totals=bool(total_shown))


NASTY = {
    "one small unit": {"develop": {"P1": (40, 6.2), "P2": (30, 6.5), "P3": (8, 7.1)}, **NOBODY_NEAR},
    "one person": {"develop": {"P1": (14, 6.2), "P2": (12, 6.5), "P3": (1, 10.0)}, **NOBODY_NEAR},
    "skewed": {"develop": {"P1": (400, 6.2), "P2": (12, 6.5), "P3": (10, 2.0)}, **NOBODY_NEAR},
    "small arm": {"develop": {"P1": (9, 6.2)}, "alive": {"P2": (25, 6.5), "P3": (30, 7.0)}, **NOBODY_NEAR},
}


@pytest.mark.parametrize("name", NASTY)
def test_the_attacker_learns_nothing_about_few_people(documents: Documents, name: str) -> None:
    assert attack(table(NASTY[name]), documents, POLICY, remainder=True) == []


@pytest.mark.parametrize("name", NASTY)
def test_the_same_attacker_beats_a_build_that_only_has_a_threshold(documents: Documents, name: str) -> None:
    found = attack(table(NASTY[name]), documents, THRESHOLD_ONLY, remainder=False)
    assert {"count"} <= {leak.what for leak in found}


def test_rounding_counts_alone_leaves_means_open(documents: Documents) -> None:
    assert "mean" in {leak.what for leak in attack(table(NASTY["small arm"]), documents, POLICY, remainder=False)}


FULL = {"P1": 400, "P2": 32, "P3": 10, "C1": 60, "C2": 45, "C3": 38}
NEARLY_ALL = {"develop": {"P1": (40, 6.2), "P2": (30, 6.5), "P3": (8, 7.1)}, **NOBODY_NEAR}


def test_the_attacker_learns_nothing_from_headcounts_either(documents: Documents) -> None:
    assert attack(table(NEARLY_ALL, headcounts=FULL), documents, POLICY, remainder=True) == []


def test_the_same_attacker_beats_a_build_that_does_not_look_at_headcounts(documents: Documents) -> None:
    blind = protect(table(NEARLY_ALL), POLICY)
    cards = display(blind, replace(documents, policy=THRESHOLD_ONLY))
    found = leaks(cards, table(NEARLY_ALL, headcounts=FULL), THRESHOLD_ONLY, low=0, high=10)
    assert {leak.what for leak in found} == {"count"}


@given(cells=cell_tables(), data=st.data())
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
def test_the_attacker_learns_nothing_from_headcounts_in_random_studies(
    documents: Documents, cells: pd.DataFrame, data: st.DataObject
) -> None:
    absent = st.integers(0, 12)
    units = cells[cells["level"] == "unit"]
    heads = {unit: people + data.draw(absent) for unit, people in zip(units["unit"], units["people"], strict=True)}
    assert attack(cells.assign(most=cells["unit"].map(heads).astype(float)), documents, POLICY, remainder=True) == []


@given(cells=cell_tables())
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
def test_the_attacker_learns_nothing_about_few_people_in_random_studies(documents: Documents, cells: pd.DataFrame) -> None:
    assert attack(cells, documents, POLICY, remainder=True) == []
