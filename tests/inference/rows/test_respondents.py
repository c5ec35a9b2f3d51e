"""People assigned: robust errors equal statsmodels and a published table; degrees of freedom equal explicit matrices."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.linear_model import OLS

from evaluation.inference.design import Contrast
from evaluation.inference.rows.respondents import prepare, robust
from evaluation.terms import Design

ARMS = Contrast("pilot - comparison", ("pilot",), ("comparison",))
PILOTS = Contrast("pilot", ("pilot",), ())
WAVES = ("2016", "2017")

# Jones, Molitor & Reif (2019), Quarterly Journal of Economics 134, appendix table A.4d, 'No controls': effect, error, N
PUBLISHED = {
    "sickdays": (0.005, 0.018, 3565),
    "hrsworked50": (-0.004, 0.013, 3566),
    "jobsatisf1": (-0.025, 0.017, 3564),
    "jobsatisf2": (-0.004, 0.013, 3564),
    "mgmtsafety": (0.057, 0.015, 3566),
    "happywork": (0.009, 0.018, 3562),
    "presenteeism": (-0.023, 0.261, 3567),
    "productive": (-0.018, 0.018, 3567),
    "promotion": (0.008, 0.018, 3562),
    "jobsearch1": (0.031, 0.012, 3561),
    "jobsearch2": (0.019, 0.017, 3561),
}


def people(n: int = 60, *, places: int = 1, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    person = pd.DataFrame({"respondent": [f"r{k}" for k in range(n)], "organisation": [f"O{k % places}" for k in range(n)]})
    person["arm"] = np.where(rng.random(n) < 0.3, "pilot", "comparison")
    person["age"] = rng.choice(["young", "old"], n)
    level = rng.normal(0, 1, n)
    waves = [person.assign(wave=wave, score=level + rng.normal(0, 1 + (person["arm"] == "pilot"), n)) for wave in WAVES]
    return pd.concat(waves, ignore_index=True)


@pytest.mark.parametrize("column", PUBLISHED)
def test_all_rows_of_the_published_illinois_table_are_reproduced(shared_data: Callable[[str], Path], column: str) -> None:
    wave = pd.read_csv(shared_data("illinois_workplace_wellness_survey") / "wave_2017.csv.gz")
    frame = pd.DataFrame(
        {"organisation": "UI", "wave": "2017", "respondent": wave["respondent_id"].astype(str), "score": wave[column]}
    )
    frame["arm"] = wave["treat"].map({1: "pilot", 0: "comparison"})
    ready = prepare(frame, ARMS, Design.COMPARISON, WAVES, linked=True)
    fit = robust(ready)
    effect, error, n = PUBLISHED[column]
    assert (round(fit.estimate, 3), round(fit.errors["HC1"], 3), len(ready.outcome)) == (effect, error, n)
    assert round(fit.errors["HC2"], 3) == error  # the headline prints the same digits


def test_hc1_and_hc2_equal_statsmodels_on_the_same_rows() -> None:
    frame = people()
    later = frame[frame["wave"] == "2017"]
    X = np.column_stack([np.ones(60), later["arm"] == "pilot", later["age"] == "young"]).astype(float)
    expected = OLS(later["score"].to_numpy(), X).fit()
    fit = robust(prepare(frame, ARMS, Design.COMPARISON, WAVES, ("age",), linked=True))
    assert fit.estimate == pytest.approx(expected.params[1], rel=1e-10)
    assert fit.errors["HC1"] == pytest.approx(expected.HC1_se[1], rel=1e-10)
    assert fit.errors["HC2"] == pytest.approx(expected.HC2_se[1], rel=1e-10)
    assert fit.df["HC1"] == 57


def test_hc2_of_two_arms_is_neymans_variance() -> None:
    frame = people()
    later = frame[frame["wave"] == "2017"]
    sides = [later.loc[later["arm"] == arm, "score"] for arm in ("pilot", "comparison")]
    neyman = np.sqrt(sum(side.var() / len(side) for side in sides))
    assert robust(prepare(frame, ARMS, Design.COMPARISON, WAVES, linked=True)).errors["HC2"] == pytest.approx(neyman, rel=1e-10)


def test_degrees_of_freedom_of_hc2_equal_explicit_matrices() -> None:
    frame = people(40)
    ready = prepare(frame, ARMS, Design.COMPARISON, WAVES, ("age",), linked=True)
    X = ready.columns
    M = np.linalg.inv(X.T @ X)
    H = X @ M @ X.T
    g = (X @ M[:, 0]) / np.sqrt(1 - np.diag(H))
    rest = (np.eye(len(X)) - H) * g
    product = rest.T @ rest
    assert robust(ready).df["HC2"] == pytest.approx(np.trace(product) ** 2 / (product**2).sum(), rel=1e-9)


def test_recognised_people_are_compared_by_their_own_change_and_incomplete_pairs_are_counted() -> None:
    frame = people().drop(index=[0, 1, 70])
    ready = prepare(frame, ARMS, Design.DIFFERENCE_IN_DIFFERENCES, WAVES, linked=True)
    wide = frame.pivot(index="respondent", columns="wave", values="score").dropna()
    arm = frame.drop_duplicates("respondent").set_index("respondent")["arm"].loc[wide.index]
    change = wide["2017"] - wide["2016"]
    expected = change[arm == "pilot"].mean() - change[arm == "comparison"].mean()
    assert robust(ready).estimate == pytest.approx(expected, rel=1e-10)
    assert (len(ready.outcome), ready.left_out) == (57, 3)


def test_unrecognised_people_of_two_waves_are_two_samples() -> None:
    frame = people()
    ready = prepare(frame, ARMS, Design.DIFFERENCE_IN_DIFFERENCES, WAVES, linked=False)
    means = frame.groupby(["arm", "wave"])["score"].mean().unstack()
    change = means["2017"] - means["2016"]
    assert robust(ready).estimate == pytest.approx(change["pilot"] - change["comparison"], rel=1e-10)
    assert ready.n_pilot + ready.n_comparison == 60


def test_ancova_adjusts_for_a_persons_own_start() -> None:
    frame = people()
    wide = frame.pivot(index="respondent", columns="wave", values="score")
    arm = frame.drop_duplicates("respondent").set_index("respondent")["arm"].loc[wide.index]
    X = np.column_stack([np.ones(60), arm == "pilot", wide["2016"]]).astype(float)
    expected = OLS(wide["2017"].to_numpy(), X).fit()
    fit = robust(prepare(frame, ARMS, Design.ANCOVA, WAVES, linked=True))
    assert fit.estimate == pytest.approx(expected.params[1], rel=1e-9)
    assert fit.errors["HC2"] == pytest.approx(expected.HC2_se[1], rel=1e-9)


def test_before_and_after_of_recognised_people_is_the_mean_change_of_pilots() -> None:
    frame = people()
    wide = frame[frame["arm"] == "pilot"].pivot(index="respondent", columns="wave", values="score")
    change = wide["2017"] - wide["2016"]
    fit = robust(prepare(frame, PILOTS, Design.BEFORE_AFTER, WAVES, linked=True))
    assert fit.estimate == pytest.approx(change.mean(), rel=1e-10)
    assert fit.errors["HC2"] == pytest.approx(change.std() / np.sqrt(len(change)), rel=1e-10)
    assert fit.df["HC2"] == pytest.approx(len(change) - 1, rel=1e-9)


def test_places_that_hold_both_arms_get_a_level_each() -> None:
    ready = prepare(people(80, places=3), ARMS, Design.COMPARISON, WAVES, linked=True)
    assert ready.terms == ("pilot", "1", "organisation=O1", "organisation=O2")


def test_a_covariate_that_is_the_same_for_all_is_left_out_with_the_reason() -> None:
    frame = people().assign(age="young", place="here")
    ready = prepare(frame, ARMS, Design.COMPARISON, WAVES, ("age",), linked=True)
    assert ready.terms == ("pilot", "1")


@pytest.mark.parametrize("design", [Design.COMPARISON, Design.DIFFERENCE_IN_DIFFERENCES, Design.ANCOVA])
@pytest.mark.parametrize("places", [2, 5])
def test_arms_that_differ_between_places_only_are_seen_to_be_lost(places: int, design: Design) -> None:
    """With a level for every place the difference would be that of one place from one other."""
    frame = people(places=places)
    frame["arm"] = np.where(frame["organisation"] == "O0", "pilot", "comparison")
    assert not prepare(frame, ARMS, design, WAVES, linked=True).has_contrast


def test_one_place_with_both_arms_is_enough() -> None:
    frame = people(200, places=3)
    frame.loc[frame["organisation"] == "O0", "arm"] = "pilot"
    ready = prepare(frame, ARMS, Design.COMPARISON, WAVES, linked=True)
    assert ready.has_contrast
    assert "organisation=O0" not in ready.dropped


def test_waves_are_compared_inside_every_place_even_where_nobody_is_recognised() -> None:
    frame = people(places=3)
    frame["arm"] = np.where(frame["organisation"] == "O0", "pilot", "comparison")
    assert prepare(frame, ARMS, Design.DIFFERENCE_IN_DIFFERENCES, WAVES, linked=False).has_contrast


def test_people_without_a_code_are_not_paired_with_each_other() -> None:
    frame = people()
    frame.loc[frame["respondent"].isin(["r0", "r1"]), "respondent"] = None
    ready = prepare(frame, ARMS, Design.DIFFERENCE_IN_DIFFERENCES, WAVES, linked=True)
    assert (len(ready.outcome), ready.left_out) == (58, 4)
