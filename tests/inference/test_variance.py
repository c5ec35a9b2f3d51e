"""Cluster-robust errors from k x k moments equal those computed from every row."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.linear_model import OLS

from evaluation.inference.design import Contrast, absorb_units
from evaluation.inference.panel import lifted
from evaluation.inference.variance import LeastSquares, degrees_of_freedom, infer, least_squares, standard_error
from evaluation.terms import Design
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
