"""Several contrasts at once: the explicit definition on rows, one contrast's t, and the size of the test."""

from dataclasses import replace

import numpy as np
import pytest

from evaluation.errors import DesignError
from evaluation.inference.joint import joint_test
from evaluation.inference.variance import infer
from tests.inference.clustered_rows import Rows, clustered_rows, summed
from tests.inference.test_variance import explicit as explicit_weighted
from tests.inference.test_variance import inverse_square_root


def explicit(rows: Rows, C: np.ndarray) -> tuple[float, float]:
    """HTZ from N x N matrices: Pustejovsky & Tipton (2018), section 3.2, entry by entry."""
    X, M = rows.X, np.linalg.inv(rows.X.T @ rows.X)
    rest = np.eye(len(rows.y)) - X @ M @ X.T
    influence, parts = [], []
    for g in np.unique(rows.groups):
        own = rows.groups == g
        A = inverse_square_root(rest[np.ix_(own, own)])
        parts.append(C @ M @ X[own].T @ A @ (rest @ rows.y)[own])
        influence.append(C @ M @ X[own].T @ A @ rest[own])
    centre = sum(part @ part.T for part in influence)
    values, vectors = np.linalg.eigh(centre)
    root = vectors / np.sqrt(values) @ vectors.T
    turned = [root @ part for part in influence]
    q, total = len(C), 0.0
    for s in range(q):
        for t in range(q):
            for one in turned:
                for other in turned:
                    total += (one[s] @ other[s]) * (one[t] @ other[t]) + (one[s] @ other[t]) * (one[t] @ other[s])
    nu = q * (q + 1) / total
    b = C @ M @ X.T @ rows.y
    V = np.array(parts).T @ np.array(parts)
    return (nu - q + 1) / (nu * q) * float(b @ np.linalg.solve(V, b)), nu - q + 1


@pytest.mark.parametrize("which", [[3, 4], [1, 2, 3]])
def test_statistic_and_degrees_of_freedom_follow_their_definition_on_rows(which: list[int]) -> None:
    rows = clustered_rows(9, 4, seed=1)
    C = np.eye(5)[which]
    found = joint_test(summed(rows), C)
    assert (found.statistic, found.df) == pytest.approx(explicit(rows, C), rel=1e-8)


def test_one_contrast_is_the_square_of_its_t() -> None:
    fit = summed(clustered_rows(9, 4, seed=2))
    alone, found = infer(fit, "CR2"), joint_test(fit, fit.contrast)
    assert (found.statistic, found.df, found.p_value) == pytest.approx((alone.statistic**2, alone.df, alone.p_value), rel=1e-9)


def test_a_true_null_of_two_contrasts_is_rejected_about_five_times_in_a_hundred() -> None:
    """600 studies of 12 units without effect: 0.05 with a Monte Carlo error of 0.009."""
    p = []
    for noise in range(600):
        fit = summed(clustered_rows(12, 6, seed=3, effect=0.0, noise=noise, people=6))
        p.append(joint_test(fit, np.eye(5)[[1, 3]]).p_value or 1.0)
    assert np.mean(np.array(p) < 0.05) < 0.05 + 3 * 0.009


def test_too_many_contrasts_for_the_units_leave_no_p() -> None:
    assert joint_test(summed(clustered_rows(5, 2, seed=4)), np.eye(5)[[1, 2, 3, 4]]).p_value is None


def test_weighted_rows_follow_the_definition_too() -> None:
    """Entry by entry from what explicit matrices say units add to each coefficient (`test_variance.explicit`)."""
    rows, which = clustered_rows(9, 4, seed=6, spread=0.6), [3, 4]
    V, influence = explicit_weighted(rows)
    product = np.einsum("gan,hbn->abgh", influence[:, which], influence[:, which])
    values, vectors = np.linalg.eigh(np.einsum("abgg->ab", product))
    root = vectors / np.sqrt(values) @ vectors.T
    turned = np.einsum("ia,abgh,jb->ijgh", root, product, root)
    nu = 6 / (np.einsum("iigh,jjgh->", turned, turned) + np.einsum("ijgh,jigh->", turned, turned))
    found, b = joint_test(summed(rows, weighted=True), np.eye(5)[which]), summed(rows, weighted=True).coefficients[which]
    statistic = (nu - 1) / (2 * nu) * b @ np.linalg.solve(V[np.ix_(which, which)], b)
    assert (found.statistic, found.df) == pytest.approx((statistic, nu - 1), rel=1e-8)


@pytest.mark.parametrize("outcome", [0.0, 3.0])
def test_an_outcome_that_does_not_vary_is_refused(outcome: float) -> None:
    rows = clustered_rows(9, 4, seed=5)
    with pytest.raises(DesignError, match="no error can be measured"):
        joint_test(summed(replace(rows, y=np.full(len(rows.y), outcome))), np.eye(5)[[3, 4]])


def test_the_same_contrast_twice_is_refused() -> None:
    with pytest.raises(DesignError, match="say the same thing"):
        joint_test(summed(clustered_rows(9, 4, seed=5)), np.array([[0, 0, 0, 1, 0], [0, 0, 0, 2, 0.0]]))
