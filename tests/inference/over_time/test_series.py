"""Series of one place: segmented regression against plain matrices, control charts against Wheeler's arithmetic, and refusals."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from evaluation.errors import DesignError
from evaluation.inference.over_time.control_chart import ONE_SIDE, ONE_WAY, OUTSIDE, control_chart, limits_of, signals
from evaluation.inference.over_time.series import HAC, LARGER, interrupted_series
from evaluation.inference.rows.series import segmented
from evaluation.terms import RESULT_COLUMNS

Array = npt.NDArray[np.float64]


def monthly(values: Array) -> pd.DataFrame:
    days = pd.date_range("2024-01-01", periods=len(values), freq="MS").strftime("%Y-%m-%d")
    return pd.DataFrame({"month": days, "score": values})


def series(n: int = 24, start: int = 12, level: float = 1.0, slope: float = 0.1) -> Array:
    t = np.arange(n)
    noise = np.random.default_rng(3).normal(0, 0.3, n)
    return np.asarray(5 + 0.02 * t + (t >= start) * (level + slope * (t - start)) + noise)


def test_changes_and_newey_west_errors_are_those_of_plain_matrices() -> None:
    """Newey & West (1987): Bartlett weights over the outer products of scores, times n / (n - k)."""
    y, start = series(), 12
    found = segmented(y, start)
    t = np.arange(24.0)
    X = np.column_stack([np.ones(24), t - start, t >= start, np.where(t >= start, t - start, 0)])
    b = np.linalg.solve(X.T @ X, X.T @ y)
    np.testing.assert_allclose(found.coefficients, b, rtol=1e-9)
    scores = X * (y - X @ b)[:, None]
    meat = scores.T @ scores
    for lag in range(1, found.lags + 1):
        cross = scores[lag:].T @ scores[:-lag]
        meat += (1 - lag / (found.lags + 1)) * (cross + cross.T)
    bread = np.linalg.inv(X.T @ X)
    np.testing.assert_allclose(found.hac, np.sqrt(np.diag(bread @ meat @ bread) * 24 / 20), rtol=1e-9)
    np.testing.assert_allclose(found.classical, np.sqrt(np.diag(bread) * ((y - X @ b) ** 2).sum() / 20), rtol=1e-9)
    assert found.lags == 2


def test_the_larger_error_is_the_headline_and_the_printed_one_carries_no_p() -> None:
    found = interrupted_series(monthly(series()), "score", time="month", start="2025-01-01")
    table = found.tidy().set_index(["term", "variance"])
    assert tuple(found.tidy().columns) == RESULT_COLUMNS
    for term in ("level change", "slope change"):
        assert table.loc[(term, LARGER), "std_error"] >= table.loc[(term, HAC), "std_error"]
        assert table.loc[(term, LARGER), "p_value"] > 0 and np.isnan(table.loc[(term, HAC), "p_value"])
    assert set(table["flags"]) == {"change_not_effect"}
    assert found.glance().iloc[0][["n_before", "n_after"]].tolist() == [12, 12]
    assert "a change, not an effect" in found.summary()


def test_a_true_null_without_memory_is_rejected_five_times_in_a_hundred_and_by_hac_alone_far_more_often() -> None:
    """500 simulated series of 12 points (standard error .01)."""
    rng = np.random.default_rng(2)
    larger, hac = [], []
    for _ in range(500):
        fit = segmented(rng.normal(size=12), 6)
        larger.append(abs(fit.coefficients[2]) > 2.306 * max(fit.hac[2], fit.classical[2]))
        hac.append(abs(fit.coefficients[2]) > 2.306 * fit.hac[2])
    assert 0.02 <= np.mean(larger) <= 0.08
    assert np.mean(hac) > 0.13


@pytest.mark.parametrize(
    ("table", "start", "said"),
    [
        (monthly(series(11, 6)), "2024-07-01", "11 points, 6 before the start and 5 after it; .* from 12 on"),
        (monthly(series(14, 12)), "2025-01-01", "12 before the start and 2 after it"),
        (monthly(series(14, 12)), "2026-01-01", "is not among the waves"),
        (monthly(series()).drop(index=5), "2025-01-01", "a gap between '2024-05-01' and '2024-07-01'"),
        (monthly(np.zeros(24)), "2025-01-01", "exactly on its lines"),
    ],
)
def test_a_series_that_cannot_be_judged_is_refused_with_a_remedy(table: pd.DataFrame, start: str, said: str) -> None:
    with pytest.raises(DesignError, match=said) as refused:
        interrupted_series(table, "score", time="month", start=start)
    assert refused.value.problems[0].fix


def test_rows_of_people_are_averaged_by_time() -> None:
    values = series()
    people = pd.concat([monthly(values + move) for move in (-1.0, 0.0, 1.0)])
    one, many = (interrupted_series(t, "score", time="month", start="2025-01-01") for t in (monthly(values), people))
    assert many.tidy()["estimate"].to_numpy(float) == pytest.approx(one.tidy()["estimate"].to_numpy(float))
    assert set(many.tidy()["n_respondents"]) == {72}


def test_the_picture_continues_the_earlier_line() -> None:
    found = interrupted_series(monthly(series()), "score", time="month", start="2025-01-01")
    seen, led, after = found.plot().data
    assert after.y[0] - led.y[12] == pytest.approx(found.estimates.rows[0].estimate)
    assert len(seen.y) == 24 and len(after.y) == 12


def test_limits_are_wheelers_from_the_baseline_alone_whatever_comes_after() -> None:
    """Wheeler (2000): mean +- 2.66 times the mean of the absolute differences between neighbours."""
    own = np.array([5.0, 6, 5, 7, 6, 5, 6, 7, 5, 6, 6, 5])
    limits = limits_of(np.append(own, [90.0, 91.0]), 12)
    ranges = [1, 1, 2, 1, 1, 1, 1, 2, 1, 0, 1]
    assert (limits.centre, limits.high - limits.centre) == pytest.approx((5.75, 2.66 * np.mean(ranges)))
    assert limits.low == pytest.approx(2 * 5.75 - limits.high)


@pytest.mark.parametrize(
    ("after", "rule", "broken"),
    [
        ([9.9], OUTSIDE, [12]),
        ([6.0] * 8, ONE_SIDE, list(range(12, 20))),
        ([6.0] * 7 + [5.0], ONE_SIDE, []),
        ([6.0] * 4 + [5.5] + [6.0] * 4, ONE_SIDE, []),
        ([5.4, 5.6, 5.8, 6.0, 6.2, 5.0], ONE_WAY, []),
        ([5.3, 5.4, 5.6, 5.8, 6.0, 6.2, 5.0], ONE_WAY, list(range(12, 18))),
        ([6.2, 6.0, 5.8, 5.6, 5.4, 5.2, 5.3], ONE_WAY, list(range(12, 18))),
        ([5.2, 5.4, 5.6, 5.6, 5.8, 6.0, 5.0], ONE_WAY, []),
    ],
)
def test_each_rule_marks_its_points_and_no_others(after: list[float], rule: str, broken: list[int]) -> None:
    """A baseline that swings about 5.5; a point on the centre ends a run, equal neighbours end a trend."""
    values = np.array([5.0, 6.0] * 6 + after)
    values[11] = 6.0 if after[0] < 5.5 or after[0] > 6 else 5.0
    values[10] = 11 - values[11]
    found = signals(values, limits_of(values, 12))
    assert [k for k, each in enumerate(found) if rule in each and k >= 12] == broken


def test_a_chart_on_a_table_names_what_needs_an_explanation_and_is_drawn() -> None:
    values = np.append(np.random.default_rng(1).normal(6, 0.2, 14), [8.5, 6.1])
    found = control_chart(monthly(values), "score", time="month", baseline_to="2025-02-01")
    assert found.limits.baseline == 14
    assert tuple(found.tidy().columns) == RESULT_COLUMNS
    assert found.table().loc[14, "signals"] == OUTSIDE
    assert "2025-03-01" in found.summary() and "not drawn anew" in found.summary()
    assert found.glance().iloc[0][OUTSIDE] == 1
    assert len(found.plot().data[0].y) == 16


@pytest.mark.parametrize(
    ("values", "said"), [(np.arange(11.0), "the baseline has 11 points; limits can be drawn from 12 on"), (np.ones(14), "is the same")]
)
def test_a_baseline_that_is_too_short_or_does_not_vary_is_refused(values: Array, said: str) -> None:
    with pytest.raises(DesignError, match=said):
        control_chart(monthly(values), "score", time="month", baseline_to=monthly(values)["month"].iloc[-1])
