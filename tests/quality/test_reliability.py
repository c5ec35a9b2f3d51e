"""Alpha, omega and the table of items: against pingouin, the figures that a public file's README prints, and known truth.

R's psych and lavaan are in tests/agreement.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pingouin
import pytest

from evaluation.errors import DesignError
from evaluation.quality.item_set import ItemSet
from evaluation.quality.of_study import item_sets
from evaluation.quality.reliability import cronbach_alpha, omega_total, reliability
from tests.quality.questionnaires import LOADINGS, answers, chosen, one, summed

README = {
    "A1 A2 A3 A4 A5": ("A1", "0.7030"), "C1 C2 C3 C4 C5": ("C4 C5", "0.7267"), "E1 E2 E3 E4 E5": ("E1 E2", "0.7617"),
    "N1 N2 N3 N4 N5": ("", "0.8140"), "O1 O2 O3 O4 O5": ("O2 O5", "0.6002"),
}  # fmt: skip


@pytest.fixture(scope="module")
def complete() -> pd.DataFrame:
    return chosen(answers(400, seed=3))


def test_alpha_and_its_interval_are_those_of_pingouin(complete: pd.DataFrame) -> None:
    for confidence in (0.9, 0.95):
        ours, (alpha, ends) = reliability(one(complete), confidence).alpha, pingouin.cronbach_alpha(complete, ci=confidence)
        assert ours.estimate == pytest.approx(alpha, rel=1e-12)
        assert [ours.conf_low, ours.conf_high] == pytest.approx(ends, abs=5.1e-4), "pingouin rounds to three digits"


def test_alpha_of_five_public_scales_is_what_their_readme_prints(shared_data: Callable[[str], Path]) -> None:
    frame = pd.read_csv(shared_data("likert_scales_bfi") / "bfi.csv.gz").assign(everybody="all")
    for items, (reverse, printed) in README.items():
        (found,) = item_sets(frame, items.split(), by="everybody", scale=(1, 6), reverse=reverse.split())
        assert f"{reliability(found).alpha.estimate:.4f}" == printed


def test_omega_is_that_of_the_loadings_answers_were_drawn_from() -> None:
    truth = sum(LOADINGS) ** 2 / (sum(LOADINGS) ** 2 + len(LOADINGS) * 0.36)
    found = [omega_total(summed(answers(500, seed=seed)), tuple("abcdef")) for seed in range(150)]
    assert np.mean([each.estimate for each in found]) == pytest.approx(truth, abs=0.002)
    covered = np.mean([each.conf_low <= truth <= each.conf_high for each in found])
    assert 0.90 <= covered <= 0.99


def test_alpha_falls_short_of_omega_where_loadings_differ_and_equals_it_where_they_do_not() -> None:
    alike, unlike = (reliability(one(answers(50_000, seed=1, loadings=loadings))) for loadings in ([0.7] * 4, [0.2, 0.5, 0.9, 1.3]))
    assert alike.omega is not None
    assert unlike.omega is not None
    assert alike.alpha.estimate == pytest.approx(alike.omega.estimate, abs=1e-3)
    assert unlike.alpha.estimate < unlike.omega.estimate - 0.02


def test_feldts_interval_covers_the_truth_it_was_derived_for() -> None:
    """Parallel items: alpha is the reliability of their sum."""
    truth = (4 * 0.7) ** 2 / ((4 * 0.7) ** 2 + 4 * 0.36)
    found = [cronbach_alpha(summed(answers(80, seed=seed, loadings=[0.7] * 4))) for seed in range(400)]
    assert 0.925 <= np.mean([each.conf_low <= truth <= each.conf_high for each in found]) <= 0.975


def test_an_item_that_was_not_turned_points_the_other_way_and_turning_it_mends_that(complete: pd.DataFrame) -> None:
    frame = complete.assign(q2=6 - complete["q2"], all="all")
    items = list(complete)
    wrong, mended = (
        reliability(item_sets(frame, items, by="all", scale=(1, 5), reverse=reverse)[0]) for reverse in ((), ("q2",)))
    assert wrong.other_way == ("q2",)
    assert mended.other_way == ()
    assert mended.alpha.estimate == pytest.approx(reliability(one(complete)).alpha.estimate, rel=1e-12)
    assert wrong.items.set_index("item").loc["q2", "alpha_without"] > wrong.alpha.estimate


def test_two_items_have_an_alpha_and_the_reason_why_they_have_no_omega(complete: pd.DataFrame) -> None:
    found = reliability(one(complete[["q1", "q2"]]))
    r = complete[["q1", "q2"]].cov()
    assert found.alpha.estimate == pytest.approx(2 * (1 - np.trace(r) / r.to_numpy().sum()), rel=1e-12)
    assert found.omega is None
    assert found.omega_refusal == "omega needs 3 items and there are 2."
    assert found.items["alpha_without"].isna().all()


def test_answers_that_are_missing_leave_out_pairs_and_not_people(complete: pd.DataFrame) -> None:
    rng = np.random.default_rng(1)
    frame = complete.mask(rng.random(complete.shape) < 0.1)
    found, covariance = reliability(one(frame)), frame.cov().to_numpy()
    assert found.alpha.estimate == pytest.approx(6 / 5 * (1 - np.trace(covariance) / covariance.sum()), rel=1e-12)
    present = frame.notna().to_numpy(dtype=int)
    assert found.alpha.n == (present.T @ present).min()


def refusal(items: ItemSet) -> tuple[str, str]:
    with pytest.raises(DesignError) as refused:
        reliability(items)
    return refused.value.problems[0].code, refused.value.problems[0].what


def test_what_cannot_be_told_is_refused_by_name(complete: pd.DataFrame) -> None:
    assert refusal(one(complete[["q1"]])) == ("few-items", "alpha needs 2 items and there is 1.")
    assert refusal(one(complete[:49])) == ("few-people", "alpha needs 50 people and 49 answered.")
    assert refusal(one(complete.assign(q3=4.0))) == ("no-spread", "everybody answered q3 alike.")
    assert refusal(one(complete.assign(q3=complete["q1"])))[0] == "not-positive-definite"


def test_an_omega_that_needs_a_variance_below_zero_is_refused_and_alpha_is_told() -> None:
    """Two items that say almost the same and one that goes with them only a little: a Heywood case."""
    rng = np.random.default_rng(2)
    first = rng.normal(0, 1, 400)
    frame = pd.DataFrame({
        "q1": first, "q2": 0.95 * first + rng.normal(0, 0.3, 400), "q3": rng.normal(0, 1, 400), "q4": rng.normal(0, 1, 400)})
    frame["q3"] += 0.3 * frame["q1"] + 0.0 * frame["q2"]
    frame["q4"] += 0.3 * (frame["q1"] - 0.95 * frame["q2"]) * 3
    found = reliability(one(frame))
    assert found.omega is None
    assert "Heywood" in found.omega_refusal or "no best fit" in found.omega_refusal
    assert np.isfinite(found.alpha.estimate)


def test_an_item_that_has_nothing_to_do_with_the_others_is_not_called_turned() -> None:
    """Its item-rest correlation lies on either side of 0 by chance: below -.1 in about one of forty draws of 400."""
    said = 0
    for seed in range(60):
        frame = answers(400, seed=seed, loadings=[0.7, 0.7, 0.7, 0.0])
        said += bool(reliability(one(frame)).other_way)
    assert said <= 6


def test_of_two_items_that_go_against_each_other_none_is_called_turned() -> None:
    frame = answers(400, seed=1, loadings=[0.7, -0.7])
    assert reliability(one(frame)).other_way == ()


@pytest.mark.parametrize(("items", "said"), [([], "none"), (["q1", "q1"], "named twice"), (["q1", "q2"], "2 answers off its scale")])
def test_items_of_a_table_that_cannot_be_items_are_refused(items: list[str], said: str) -> None:
    frame = pd.DataFrame({"q1": [1, 2, 99, 99, 5], "q2": [1, 2, 3, 4, 5], "all": "all"})
    with pytest.raises(DesignError, match=said):
        item_sets(frame, items, by="all", scale=(1, 5))
