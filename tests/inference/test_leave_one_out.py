"""Leaving a unit out of sums equals leaving its rows out."""

import numpy as np
import pytest

from evaluation.inference.leave_one_out import leave_one_out
from evaluation.inference.variance import covariance
from tests.inference.clustered_rows import TERMS, clustered_rows, summed


def test_every_coefficient_without_a_unit_is_that_of_the_other_units_rows() -> None:
    rows = clustered_rows(7, 3, seed=1)
    found = leave_one_out(summed(rows))
    for g in range(7):
        own = rows.groups != g
        assert found.coefficients[g] == pytest.approx(np.linalg.lstsq(rows.X[own], rows.y[own], rcond=None)[0], rel=1e-9)


def test_weighted_rows_too() -> None:
    rows = clustered_rows(7, 3, seed=2, spread=0.6)
    own, root = rows.groups != 2, np.sqrt(rows.weights)
    expected = np.linalg.lstsq((rows.X * root[:, None])[own], (rows.y * root)[own], rcond=None)[0]
    assert leave_one_out(summed(rows, weighted=True)).coefficients[2] == pytest.approx(expected, rel=1e-9)


def test_the_jackknife_is_cr3() -> None:
    fit = summed(clustered_rows(7, 3, seed=3))
    assert leave_one_out(fit).jackknife() == pytest.approx(covariance(fit, "CR3"), rel=1e-8)


def test_a_unit_without_which_something_cannot_be_told_is_named_with_what_is_lost_and_the_rest_is_told() -> None:
    rows = clustered_rows(6, 1, seed=4)
    found = leave_one_out(summed(rows))
    lost = np.array([term in ("pilot", "pilot:follow_up") for term in found.terms])
    assert np.isnan(found.coefficients[0, lost]).all() and not np.isnan(found.coefficients[1:]).any()
    own = rows.groups != 0
    expected = np.linalg.lstsq(rows.X[own][:, ~lost], rows.y[own], rcond=None)[0]
    assert found.coefficients[0, ~lost] == pytest.approx(expected, rel=1e-9)
    assert found.reasons == {"U0": "without U0 nothing tells pilot, pilot:follow_up"}
    assert found.tidy().loc[0, "reason"] == found.reasons["U0"]


def test_the_unit_that_moves_an_estimate_furthest_stands_first() -> None:
    rows = clustered_rows(7, 3, seed=5)
    found = leave_one_out(summed(rows)).of("pilot:follow_up")
    moved = found["moved"].abs().to_numpy()
    assert list(found.columns) == ["unit", "estimate", "moved"] and np.all(np.diff(moved) <= 0)
    assert "pilot:follow_up" in TERMS
