"""Cluster-robust errors from k x k moments equal those computed from every row."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.linear_model import OLS

from evaluation.errors import DesignError
from evaluation.inference.design import Contrast, absorb_units
from evaluation.inference.panel import lifted
from evaluation.inference.variance import (
    Inference,
    LeastSquares,
    condition_number,
    covariance,
    degrees_of_freedom,
    infer,
    infer_batch,
    least_squares,
    standard_error,
)
from evaluation.terms import Design
from tests.inference.clustered_rows import Rows, clustered_rows, summed
from tests.inference.clustered_rows import lifted as lifted_rows
from tests.inference.studies_in_memory import arms, moments_of_rows, survey

BOTH = Contrast("pilot - comparison", ("develop",), ("comparison",))
DID = Design.DIFFERENCE_IN_DIFFERENCES


def rows_and_fit(covariates: tuple[str, ...] = ("nursing", "older"), **changes: object) -> tuple[pd.DataFrame, LeastSquares]:
    frame = survey(arms(3, 5), [8, 15, 30, 6, 12, 25, 40, 9], **changes)
    moments = moments_of_rows(frame, "score", covariates, centre=5.0)
    return frame, least_squares(lifted(moments, BOTH, DID, "month_12", ()))


def regressors(frame: pd.DataFrame, covariates: tuple[str, ...] = ("nursing", "older")) -> np.ndarray:
    pilot, later = (frame["arm"] == "develop").to_numpy(float), (frame["wave"] == "month_12").to_numpy(float)
    return np.column_stack([np.ones(len(frame)), pilot, later, pilot * later, frame[list(covariates)]])


def inverse_square_root(block: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(block)
    values = np.where(values > 1e-10, values, np.inf)
    return (vectors / np.sqrt(values)) @ vectors.T


def row_level_cr2(y: np.ndarray, X: np.ndarray, groups: np.ndarray, c: np.ndarray) -> tuple[float, float]:
    """CR2 and Satterthwaite df with explicit N x N matrices: Bell & McCaffrey (2002), Pustejovsky & Tipton (2018), eq. 9-11."""
    M = np.linalg.pinv(X.T @ X)
    H = X @ M @ X.T
    residual, rest = y - H @ y, np.eye(len(y)) - H
    variance, weights = 0.0, []
    for group in np.unique(groups):
        own = np.flatnonzero(groups == group)
        A = inverse_square_root(np.eye(len(own)) - H[np.ix_(own, own)])
        g = A @ X[own] @ M @ c
        variance += float(g @ residual[own]) ** 2
        weights.append(rest[:, own] @ g)
    product = np.array(weights) @ np.array(weights).T
    return np.sqrt(variance), np.trace(product) ** 2 / (product**2).sum()


def test_cr2_and_its_degrees_of_freedom_equal_a_row_level_computation_with_explicit_matrices() -> None:
    frame, fit = rows_and_fit()
    error, df = row_level_cr2(frame["score"].to_numpy(), regressors(frame), frame["unit"].to_numpy(), np.eye(6)[3])
    assert standard_error(fit, "CR2") == pytest.approx(error, rel=1e-10)
    assert degrees_of_freedom(fit, "CR2") == pytest.approx(df, rel=1e-10)


def test_cr2_with_unit_effects_absorbed_equals_row_level_cr2_with_a_dummy_for_every_unit() -> None:
    frame, fit = rows_and_fit()
    absorbed = least_squares(absorb_units(fit.lifted))
    dummies = pd.get_dummies(frame["unit"], dtype=float).to_numpy()
    X = np.column_stack([regressors(frame)[:, [2, 3, 4, 5]], dummies])
    error, df = row_level_cr2(frame["score"].to_numpy(), X, frame["unit"].to_numpy(), np.eye(X.shape[1])[1])
    assert standard_error(absorbed, "CR2") == pytest.approx(error, rel=1e-9)
    assert degrees_of_freedom(absorbed, "CR2") == pytest.approx(df, rel=1e-9)


def test_coefficients_and_cr0_cr1_cr1s_equal_statsmodels_on_rows() -> None:
    frame, fit = rows_and_fit()
    G, N, k = 8, len(frame), 6
    model = OLS(frame["score"].to_numpy(), regressors(frame))
    clusters = {"groups": pd.factorize(frame["unit"])[0]}
    plain = model.fit(cov_type="cluster", cov_kwds={**clusters, "use_correction": False})
    corrected = model.fit(cov_type="cluster", cov_kwds=clusters)
    assert fit.coefficients[1:] == pytest.approx(plain.params[1:], rel=1e-10)
    assert standard_error(fit, "CR0") == pytest.approx(plain.bse[3], rel=1e-10)
    assert standard_error(fit, "CR1") == pytest.approx(plain.bse[3] * np.sqrt(G / (G - 1)), rel=1e-10)
    assert standard_error(fit, "CR1S") == pytest.approx(corrected.bse[3], rel=1e-10)
    assert (corrected.bse[3] / plain.bse[3]) ** 2 == pytest.approx(G * (N - 1) / ((G - 1) * (N - k)), rel=1e-10)


def test_difference_in_differences_from_moments_equals_the_four_means() -> None:
    frame, fit = rows_and_fit(covariates=())
    means = frame.groupby(["arm", "wave"])["score"].mean()
    change = means[:, "month_12"] - means[:, "baseline"]
    assert fit.estimate == pytest.approx(change["develop"] - change["comparison"], rel=1e-10)


def test_moments_lose_no_digits_when_scores_lie_far_from_zero() -> None:
    frame, fit = rows_and_fit()
    far = frame.assign(score=frame["score"] + 1000)
    shifted = least_squares(lifted(moments_of_rows(far, "score", ("nursing", "older"), centre=1005.0), BOTH, DID, "month_12", ()))
    assert infer(shifted, "CR2").std_error == pytest.approx(infer(fit, "CR2").std_error, rel=1e-9)


def test_a_covariate_that_repeats_another_is_dropped_with_the_reason_and_changes_nothing_else() -> None:
    frame, fit = rows_and_fit()
    frame["same"] = 1 - frame["nursing"]
    moments = moments_of_rows(frame, "score", ("nursing", "older", "same"), centre=5.0)
    again = least_squares(lifted(moments, BOTH, DID, "month_12", ()))
    assert again.dropped == {"same": "already said by 1, nursing"}
    assert infer(again, "CR2").p_value == pytest.approx(infer(fit, "CR2").p_value, rel=1e-9)


def test_one_pilot_unit_is_seen_to_decide_the_contrast_alone_and_two_are_not() -> None:
    for pilots, alone in ((1, True), (2, False)):
        moments = moments_of_rows(survey(arms(pilots, 6)), "score", centre=5.0)
        assert least_squares(lifted(moments, BOTH, DID, "month_12", ())).rests_on_one_unit is alone


def test_intervals_use_students_t_with_the_degrees_of_freedom_of_the_variance() -> None:
    _, fit = rows_and_fit()
    found = infer(fit, "CR2")
    low, high = found.interval(0.95)
    assert (low + high) / 2 == pytest.approx(found.estimate)
    assert found.p_value < 0.05 or low < 0 < high
    assert infer(fit, "CR1").df == 7


def test_cr3_is_the_spread_of_the_coefficients_when_each_unit_is_left_out() -> None:
    """clubSandwich's convention: the jackknife around the full estimate, without (G - 1) / G."""
    rows = clustered_rows(9, 4, seed=1)
    fit = summed(rows)
    whole = np.linalg.lstsq(rows.X, rows.y, rcond=None)[0]
    left = [np.linalg.lstsq(rows.X[rows.groups != g], rows.y[rows.groups != g], rcond=None)[0] - whole for g in range(9)]
    assert covariance(fit, "CR3") == pytest.approx(np.array(left).T @ np.array(left), rel=1e-9)


def explicit(rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """CR2 of weighted rows and what units add to each coefficient (G, k, N), from N x N matrices.

    Working model: rows of equal variance, the symmetric root, as clubSandwich takes them for weighted least squares.
    """
    X, w = rows.X, rows.weights
    M = np.linalg.inv((X * w[:, None]).T @ X)
    residual = rows.y - X @ M @ (X * w[:, None]).T @ rows.y
    rest = np.eye(len(w)) - X @ M @ (X * w[:, None]).T
    parts, influence = [], []
    for g in np.unique(rows.groups):
        own = rows.groups == g
        A = inverse_square_root(rest[own] @ rest[own].T)
        towards = (X[own] * w[own][:, None]) @ M
        parts.append(towards.T @ A @ residual[own])
        influence.append((rest[own].T @ A @ towards).T)
    return np.array(parts).T @ np.array(parts), np.array(influence)


@pytest.mark.parametrize("spread", [0.05, 0.6, 1.5])
def test_cr2_of_weighted_rows_and_its_degrees_of_freedom_equal_explicit_matrices(spread: float) -> None:
    rows = clustered_rows(8, 3, seed=2, spread=spread)
    fit = summed(rows, weighted=True)
    expected, influence = explicit(rows)
    assert covariance(fit, "CR2") == pytest.approx(expected, rel=1e-9, abs=1e-12)
    for k, contrast in enumerate(np.eye(5)):
        product = influence[:, k] @ influence[:, k].T
        assert degrees_of_freedom(fit, "CR2", contrast) == pytest.approx(np.trace(product) ** 2 / (product**2).sum(), rel=1e-8)


def close_weights(case: str, groups: np.ndarray) -> np.ndarray:
    rng = np.random.default_rng(9)
    unit, person = np.exp(rng.normal(size=8))[groups], rng.normal(size=len(groups))
    return {
        "hardly differ": np.exp(1e-5 * person), "one in each unit": unit, "nearly one in each unit": unit * np.exp(1e-4 * person),
        "two values": np.where(person > 0, 1.0, 3.0), "uneven in one unit": np.where(groups == 0, np.exp(person), 1.0),
    }[case]


@pytest.mark.parametrize(
    "case", ["hardly differ", "one in each unit", "nearly one in each unit", "two values", "uneven in one unit"])
def test_weights_that_leave_columns_alike_lose_no_digits(case: str) -> None:
    """Where weights hardly differ inside a unit, X and WX are nearly the same columns (docs/methods.md, rule 3)."""
    rows = clustered_rows(8, 3, seed=3)
    rows = replace(rows, weights=close_weights(case, rows.groups))
    expected, influence = explicit(rows)
    assert covariance(summed(rows, weighted=True), "CR2") == pytest.approx(expected, rel=1e-9, abs=1e-12)
    product = influence[:, rows.target] @ influence[:, rows.target].T
    df = np.trace(product) ** 2 / (product**2).sum()
    assert degrees_of_freedom(summed(rows, weighted=True), "CR2") == pytest.approx(df, rel=1e-9)


def test_weights_closer_than_sums_can_tell_give_what_even_weights_give() -> None:
    rows = clustered_rows(8, 3, seed=3, spread=1e-9)
    assert summed(rows, weighted=True).adjusted is None
    for kind in ("CR2", "CR3"):
        assert standard_error(summed(rows, weighted=True), kind) == pytest.approx(standard_error(summed(rows), kind), rel=1e-7)


def test_weights_do_not_count_as_people_and_their_scale_does_not_matter() -> None:
    rows = clustered_rows(8, 3, seed=4, spread=0.5)
    one, other = summed(rows, weighted=True), summed(replace(rows, weights=1000 * rows.weights), weighted=True)
    for kind in ("CR0", "CR1", "CR1S", "CR2", "CR3"):
        first, second = infer(one, kind), infer(other, kind)
        assert (first.estimate, first.std_error, first.df) == pytest.approx((second.estimate, second.std_error, second.df), rel=1e-9)


def test_weighted_cr1s_equals_statsmodels() -> None:
    from statsmodels.regression.linear_model import WLS

    rows = clustered_rows(8, 3, seed=5, spread=0.5)
    fit = WLS(rows.y, rows.X, weights=rows.weights).fit(cov_type="cluster", cov_kwds={"groups": rows.groups})
    ours = covariance(summed(rows, weighted=True), "CR1S")
    assert ours == pytest.approx(fit.cov_params(), rel=1e-9)


def test_effects_of_weighted_rows_are_not_absorbed() -> None:
    whole = lifted_rows(clustered_rows(8, 3, seed=6, spread=0.5), weighted=True)
    with pytest.raises(DesignError, match="cannot be absorbed where rows are weighted"):
        least_squares(absorb_units(whole))


def test_any_coefficient_has_the_error_and_degrees_of_freedom_that_rows_give_it() -> None:
    rows = clustered_rows(8, 3, seed=7)
    for contrast in (*np.eye(5), np.array([0.0, 1.0, 0.0, 1.0, 0.0])):
        error, df = row_level_cr2(rows.y, rows.X, rows.groups, contrast)
        found = infer(summed(rows), "CR2", contrast)
        assert (found.std_error, found.df) == pytest.approx((error, df), rel=1e-9)


@pytest.mark.parametrize("kind", ["CR1", "CR2", "CR3"])
def test_many_studies_at_once_get_what_each_gets_alone(kind: str) -> None:
    fit = summed(clustered_rows(8, 3, seed=8))
    each = [summed(clustered_rows(8, 3, seed=8, noise=k)) for k in range(4)]
    batch = infer_batch(fit, np.stack([one.lifted.scores for one in each]), kind)
    alone = [infer(one, kind) for one in each]
    assert batch.estimate == pytest.approx([one.estimate for one in alone], rel=1e-10)
    assert batch.std_error == pytest.approx([one.std_error for one in alone], rel=1e-9)
    assert batch.df == pytest.approx(alone[0].df, rel=1e-10)


def test_residual_squares_and_condition_number_are_those_of_the_rows() -> None:
    rows = clustered_rows(8, 3, seed=9)
    fit, columns = summed(rows), rows.X / np.linalg.norm(rows.X, axis=0)
    residual = rows.y - rows.X @ np.linalg.lstsq(rows.X, rows.y, rcond=None)[0]
    assert fit.residual_squares == pytest.approx(float(residual @ residual), rel=1e-10)
    assert condition_number(fit) == pytest.approx(np.linalg.cond(columns), rel=1e-9)


def test_an_outcome_without_any_spread_has_no_statistic_and_no_p_value() -> None:
    found = Inference(0.0, 0.0, 5.0)
    assert np.isnan(found.statistic)
    assert np.isnan(found.p_value)
