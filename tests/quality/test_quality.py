"""The quality of a study's measures, from kept evidence: the same numbers as from the rows, and reasons instead of exceptions."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import evaluation as ev
from evaluation.errors import DesignError
from evaluation.quality.of_study import Group, item_set, with_ends
from evaluation.quality.quality import QUALITY_COLUMNS, Quality, quality_of
from tests.evidence.stored import Setting, setting
from tests.quality.questionnaires import study_answers

LIVED = ["lived_1", "lived_2", "lived_3"]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Setting:
    return setting(tmp_path_factory.mktemp("quality"))


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    frame = study_answers(moved=0.7)
    rng = np.random.default_rng(9)
    return frame.mask(pd.DataFrame(rng.random(frame.shape) < 0.03, columns=frame.columns) & frame.columns.isin(LIVED))


@pytest.fixture(scope="module")
def quality(study: Setting, answers: pd.DataFrame) -> Quality:
    return quality_of(study.summarise(study.write(answers)), study.documents)


def scored(frame: pd.DataFrame) -> pd.DataFrame:
    """The items turned and moved to 0 to 10, by pandas."""
    return frame[LIVED].assign(lived_3=6 - frame["lived_3"]).sub(1).mul(2.5)


def test_items_are_turned_and_moved_to_the_measures_scale(study: Setting, answers: pd.DataFrame) -> None:
    evidence = study.summarise(study.write(answers))
    group = Group("pilots", ("month_12",), ("develop",))
    found = with_ends(item_set("lived_values", group, evidence, study.documents), group, evidence, study.documents)
    rows = answers[(answers["wave"] == "month_12") & answers["unit"].str.startswith("P")]
    own = scored(rows)
    assert found.pairs.means == pytest.approx(own.mean().to_numpy(), rel=1e-12)
    assert found.pairs.covariance == pytest.approx(own.cov().to_numpy(), rel=1e-11)
    assert found.complete.covariance == pytest.approx(own.dropna().cov().to_numpy(), rel=1e-11)
    assert (found.complete.n, found.left_out) == (len(own.dropna()), int(own.notna().any(axis=1).sum() - len(own.dropna())))
    assert found.left_out > 0
    assert found.floor == pytest.approx(((own == 0).sum() / own.notna().sum()).to_numpy())
    assert found.ceiling == pytest.approx(((own == 10).sum() / own.notna().sum()).to_numpy())
    assert (found.turned, found.options) == ((False, False, True), (5, 5, 5))


def test_one_tidy_row_a_measure_wave_and_arm(quality: Quality, answers: pd.DataFrame) -> None:
    table = quality.tidy()
    assert tuple(table.columns) == QUALITY_COLUMNS
    assert len(table) == 3 * 3 * 3
    assert table["arm"].unique().tolist() == ["everybody", "develop", "comparison"]
    row = table.set_index(["measure", "wave", "arm"]).loc[("lived_values", "baseline", "everybody")]
    own = scored(answers[answers["wave"] == "baseline"])
    covariance = own.cov().to_numpy()
    assert row["alpha"] == pytest.approx(1.5 * (1 - np.trace(covariance) / covariance.sum()), rel=1e-11)
    assert row["alpha_low"] < row["alpha"] < row["alpha_high"]
    assert row["floor"] == pytest.approx(((own == 0).sum() / own.notna().sum()).max())
    assert (row["organisations"], row["status"], row["limits"]) == (8, "estimated", "")
    assert row["icc_low"] < row["icc"] < row["icc_high"]


def test_a_single_item_has_an_icc_and_the_reason_why_it_has_no_alpha(quality: Quality) -> None:
    row = quality.tidy().set_index(["measure", "wave", "arm"]).loc[("strain", "month_6", "comparison")]
    assert np.isfinite(row["icc"])
    assert np.isnan(row["alpha"])
    assert "two items are needed and there is 1" in row["status"]


def test_items_have_a_table_of_their_own(quality: Quality) -> None:
    table = quality.items()
    assert len(table) == 3 * 9
    assert not table["points_the_other_way"].any()
    assert table.loc[table["item"] == "lived_3", "turned"].all()


def test_waves_and_arms_are_compared_and_the_item_that_moved_is_named_with_what_it_does(quality: Quality) -> None:
    across = {one.across: one for one in quality.comparisons}
    assert set(across) == {"waves", "arms at Start", "arms at 6 months", "arms at 12 months"}
    later = across["arms at 12 months"].found
    assert later is not None
    assert later.let_go == ("lived_2",)
    start = across["arms at Start"].found
    assert start is not None
    assert start.holds
    assert later.score_shifts[1] == pytest.approx(-0.7 * 2.5 / 3, abs=0.15), "comparison beside pilots, in points of 0 to 10"
    assert "lived_2" in across["arms at 12 months"].sentence
    models = quality.models()
    assert {"measure", "across", "level", "cfi", "rmsea", "srmr", "outcome", "status", "limits"} <= set(models)
    assert quality.sentences()[0].startswith("Values lived, across waves:")


def test_too_few_people_are_a_reason_and_no_exception(study: Setting) -> None:
    few = study_answers(people=8)
    found = quality_of(study.summarise(study.write(few)), study.documents)
    table = found.tidy().set_index(["measure", "wave", "arm"])
    assert table.loc[("lived_values", "baseline", "everybody"), "status"] == "estimated"
    assert table.loc[("lived_values", "baseline", "develop"), "status"] == "alpha needs 50 people and 24 answered."
    refused = [one for one in found.comparisons if one.found is None]
    assert len(refused) == 3
    assert "needs 50 people" in refused[0].sentence
    assert set(found.models()["status"]) == {"estimated", refused[0].refusal, refused[1].refusal, refused[2].refusal}


def test_nobody_has_answered_yet(study: Setting) -> None:
    found = quality_of(study.summarise(), study.documents)
    assert len(found.tidy()) == len(found.items()) == len(found.models()) == 0
    assert tuple(found.tidy().columns) == QUALITY_COLUMNS


def test_an_item_that_the_document_forgot_to_turn_is_named(tmp_path: Path, answers: pd.DataFrame) -> None:
    from tests.studies import INSTRUMENT

    wrong = setting(tmp_path, instrument=INSTRUMENT.replace(", reverse: true", ""))
    row = quality_of(wrong.summarise(wrong.write(answers)), wrong.documents).tidy().iloc[0]
    assert row["limits"].startswith("points_the_other_way:")
    assert row["limits"].endswith("lived_3")
    assert (row["weakest_item"], row["item_rest"] < 0) == ("lived_3", True)


def test_an_analyst_gets_the_same_from_a_table_in_two_lines(shared_data: Callable[[str], Path]) -> None:
    frame = pd.read_csv(shared_data("likert_scales_bfi") / "bfi.csv.gz").assign(gender=lambda table: table["gender"].astype(str))
    sets = ev.item_sets(frame, ["A1", "A2", "A3", "A4", "A5"], by="gender", scale=(1, 6), reverse=["A1"])
    found = ev.invariance(sets)
    assert (found.let_go, found.partial) == (("A1",), True)
    for one, (_, rows) in zip(sets, frame.assign(A1=7 - frame["A1"]).groupby("gender"), strict=True):
        covariance = rows[list(one.names)].cov().to_numpy()
        assert ev.reliability(one).alpha.estimate == pytest.approx(1.25 * (1 - np.trace(covariance) / covariance.sum()), rel=1e-10)
    with pytest.raises(DesignError, match="must be among the items"):
        ev.item_sets(frame, ["A1", "A2"], by="gender", scale=(1, 6), reverse=["A9"])
