"""Ordered answers with covariates: equal to the counts' own fit where there are cells, to the rows' likelihood where there are none."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from evaluation.errors import DesignError
from evaluation.inference.rows import ordered
from evaluation.inference.rows.ordered import ordered_logit
from evaluation.inference.tallied.ordinal import cumulative_logit
from tests.agreement import frames

IN_CELLS = ["pilot", "follow_up", "pilot:follow_up"]
TERMS = [*IN_CELLS, "age"]


def answered(seed: int = 2) -> pd.DataFrame:
    return frames.answers(seed).astype({"answer": float})


def drawn(units: int, seed: int) -> pd.DataFrame:
    """One wave, 20 people a unit, half of the units pilots; units have levels of their own, age has a slope of 0.05."""
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(units), 20)
    age, pilot = rng.normal(42, 11, len(unit)), (unit < units // 2).astype(int)
    latent = rng.normal(0, 0.6, units)[unit] + 0.05 * (age - 42) + rng.logistic(0, 1, len(unit))
    return pd.DataFrame({"unit": unit, "pilot": pilot, "age": age, "answer": np.digitize(latent, [-0.5, 1])})


def test_without_covariates_it_is_the_fit_to_counts() -> None:
    frame = answered()
    counts = pd.crosstab([frame["organisation"], frame["pilot"], frame["follow_up"]], frame["answer"])
    cells = counts.index.to_frame(index=False).assign(both=lambda rows: rows["pilot"] * rows["follow_up"])
    expected = cumulative_logit(counts.to_numpy(), cells[["pilot", "follow_up", "both"]].to_numpy(), cells["organisation"], IN_CELLS)
    found = ordered_logit(frame, "answer", IN_CELLS, unit="organisation")
    assert found.slopes == pytest.approx(expected.slopes, abs=1e-6)
    assert found.thresholds == pytest.approx(expected.thresholds, abs=1e-6)
    assert found.without == pytest.approx(expected.without, abs=1e-6)
    assert found.log_likelihood == pytest.approx(expected.log_likelihood, rel=1e-9)
    assert found.model_errors == pytest.approx(expected.model_errors, rel=0.03)  # observed against expected information
    pd.testing.assert_frame_equal(found.tidy(), expected.tidy(), rtol=1e-5)


def test_with_a_covariate_slopes_and_thresholds_are_those_that_maximise_the_likelihood_of_rows() -> None:
    frame = answered()
    X = np.column_stack([frame["pilot"], frame["follow_up"], frame["pilot"] * frame["follow_up"], (frame["age"] - 42) / 10])
    y = frame["answer"].astype(int).to_numpy()

    def minus(at: np.ndarray) -> float:
        edges = np.array([-np.inf, *np.cumsum([at[0], *np.exp(at[1:4])]), np.inf])
        eta = X @ at[4:]
        return float(-np.log(expit(edges[y + 1] - eta) - expit(edges[y] - eta)).sum())

    best = minimize(minus, [-1.5, 0, 0, 0, 0, 0, 0, 0], method="BFGS", options={"gtol": 1e-4}).x
    found = ordered_logit(frame, "answer", TERMS, unit="organisation")
    assert found.slopes == pytest.approx(best[4:] / [1, 1, 1, 10], abs=1e-4)
    assert found.thresholds - 42 * found.slopes[3] == pytest.approx(np.cumsum([best[0], *np.exp(best[1:4])]), abs=1e-3)


def test_the_scale_and_the_origin_of_a_covariate_change_nothing_but_its_own_slope() -> None:
    frame = answered()
    found, moved = (ordered_logit(rows, "answer", TERMS, unit="organisation") for rows in (frame, frame.assign(age=1e6 * frame["age"] + 5e8)))
    assert moved.slopes * [1, 1, 1, 1e6] == pytest.approx(found.slopes, rel=1e-5)
    assert [row.p_value for row in map(moved.infer, TERMS)] == pytest.approx([row.p_value for row in map(found.infer, TERMS)], rel=1e-4)


def test_rows_that_lack_the_answer_or_a_covariate_are_left_out_and_counted() -> None:
    frame = answered()
    holes = frame.copy()
    holes.loc[[0, 5], "answer"], holes.loc[[5, 9, 30], "age"], holes.loc[40, "organisation"] = np.nan, np.nan, None
    found = ordered_logit(holes, "answer", TERMS, unit="organisation")
    expected = ordered_logit(frame.drop(index=[0, 5, 9, 30, 40]), "answer", TERMS, unit="organisation")
    assert (found.n_rows, found.n_units, found.left_out) == (len(frame) - 5, 12, 5)
    assert np.array_equal(found.slopes, expected.slopes)


def test_a_true_null_is_rejected_about_five_times_in_a_hundred_where_the_model_does_so_far_too_often() -> None:
    fits = [ordered_logit(drawn(8, seed), "answer", ["pilot", "age"], unit="unit") for seed in range(40)]
    rejected = np.mean([fit.infer("pilot").p_value < 0.05 for fit in fits])
    naive = np.mean([abs(fit.slopes[0] / fit.model_errors[0]) > 1.96 for fit in fits])
    assert rejected < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 40)
    assert naive > 0.15
    assert np.mean([fit.slopes[1] for fit in fits]) == pytest.approx(0.05, abs=0.007)


def test_an_option_that_only_one_unit_chose_is_no_obstacle_to_leaving_that_unit_out() -> None:
    frame = answered()
    frame.loc[(frame["answer"] == 4) & (frame["organisation"] != "O01"), "answer"] = 3
    found = ordered_logit(frame, "answer", ["pilot", "age"], unit="organisation")
    rest = ordered_logit(frame[frame["organisation"] != "O01"], "answer", ["pilot", "age"], unit="organisation")
    assert found.without[0] == pytest.approx(rest.slopes, abs=1e-6)


def _one_exception(frame: pd.DataFrame) -> pd.DataFrame:
    """Whoever has z chose the highest option, but for one person of one organisation."""
    exception = (frame["answer"] == 0) & (frame["organisation"] == "O02")
    z = (frame["answer"] == 4) & (frame.index % 3 == 0)
    return frame.assign(age=(z | (frame.index == frame.index[exception][0])).astype(int))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda rows: rows.assign(age=10 * rows["answer"] + rows.index / 1e4), "separation"),
        (lambda rows: rows.assign(answer=rows["answer"].where(rows["pilot"] == 0, 4)), "separation"),
        (_one_exception, "separation"),
        (lambda rows: rows.assign(answer=((rows["organisation"] == "O01") & (rows.index % 2 == 0)).astype(int)), "separation"),
        (lambda rows: rows.assign(age=3 * rows["pilot"] - 1), "collinear"),
        (lambda rows: rows.assign(age=7), "collinear"),
        (lambda rows: rows.assign(age=(rows["organisation"] == "O01").astype(int)), "leverage-one"),
        (lambda rows: rows[rows["organisation"].isin(["O01", "O02"])], "few"),
        (lambda rows: rows[rows["organisation"] == "O01"].iloc[:1], "no-spread"),
        (lambda rows: rows.assign(answer=2), "no-spread"),
        (lambda rows: rows.assign(answer=np.nan), "empty"),
        (lambda rows: rows.assign(answer=rows["answer"].where(rows["pilot"] == 1), age=rows["age"].where(rows["pilot"] == 0)), "empty"),
        (lambda rows: rows.assign(age=rows["age"].where(rows.index > 0, np.inf)), "infinite"),
        (lambda rows: rows.drop(columns="age"), "column"),
        (lambda rows: rows.assign(answer="often"), "outcome"),
    ],
)
def test_what_cannot_be_fitted_is_refused_by_name(change, code) -> None:
    with pytest.raises(DesignError) as refused:
        ordered_logit(change(answered()), "answer", ["pilot", "age"], unit="organisation")
    assert refused.value.problems[0].code == code
    assert refused.value.problems[0].fix


def test_a_fit_without_terms_or_one_that_does_not_settle_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DesignError, match="no column is named"):
        ordered_logit(answered(), "answer", [], unit="organisation")
    monkeypatch.setattr(ordered, "STEPS", 1)
    with pytest.raises(DesignError, match="does not settle"):
        ordered_logit(answered(), "answer", TERMS, unit="organisation")
