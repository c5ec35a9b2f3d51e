"""The joint test before the start: exact for alike units, of the right size for unlike ones, and honest about its power."""

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats
from statsmodels.multivariate.manova import MANOVA

from evaluation.inference.over_time.pre_trend import PreTrend, pre_trend

Draw = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]


def draw(rng: np.random.Generator, G: int, m: int, waves: int, slope: float = 0.0) -> Draw:
    """Means of units ten to one in size, the smallest of them pilots; their sampling variances; and the columns."""
    people = 60 * np.geomspace(1, 10, G) / np.geomspace(1, 10, G).mean()
    arm = (np.arange(G) < m).astype(float)
    sampling = np.repeat(0.95 / people[:, None], waves, axis=1)
    noise = rng.normal(0, 0.1, (G, waves)) + rng.normal(0, 1, (G, waves)) * np.sqrt(sampling)
    means = rng.normal(0, 0.2, (G, 1)) + noise + slope * arm[:, None] * np.arange(waves)
    return means, sampling, np.column_stack([np.ones(G), arm])


def test_at_equal_weights_it_is_the_multivariate_test_of_statsmodels() -> None:
    """statsmodels' MANOVA on the changes; one hypothesis of one column, so that all its four statistics give the same F."""
    means, _, columns = draw(np.random.default_rng(3), 12, 4, 4)
    found = pre_trend(means, None, np.arange(4.0), columns, 1)
    assert found is not None
    changes = means[:, :3] - means[:, 3:]
    table = MANOVA(changes, columns).mv_test([("arm", np.array([[0.0, 1.0]]))]).results["arm"]["stat"]
    assert found.statistic == pytest.approx(float(table.loc["Wilks' lambda", "F Value"]), rel=1e-10)
    assert found.p_value == pytest.approx(float(table.loc["Wilks' lambda", "Pr > F"]), rel=1e-8)
    assert (found.df1, found.df2) == (3, 8)


def test_with_one_wave_before_the_reference_it_is_the_squared_t_of_units_changes() -> None:
    means, _, columns = draw(np.random.default_rng(4), 9, 4, 2)
    found = pre_trend(means, None, np.arange(2.0), columns, 1)
    assert found is not None
    change = means[:, 0] - means[:, 1]
    t = stats.ttest_ind(change[:4], change[4:])
    assert found.statistic == pytest.approx(t.statistic**2, rel=1e-10)
    assert found.p_value == pytest.approx(t.pvalue, rel=1e-10)


@pytest.mark.parametrize(("G", "m", "waves"), [(8, 2, 4), (12, 3, 3)])
def test_a_true_null_is_rejected_five_times_in_a_hundred_where_small_units_are_pilots(G: int, m: int, waves: int) -> None:
    """300 simulated studies each (standard error .013); at equal weights the same studies are rejected twice as often."""
    rng = np.random.default_rng(5)
    weighted, equal = [], []
    for _ in range(300):
        means, sampling, columns = draw(rng, G, m, waves)
        for into, known in ((weighted, sampling), (equal, None)):
            found = pre_trend(means, known, np.arange(float(waves)), columns, 1)
            assert found is not None
            into.append(found.p_value < 0.05)
    assert 0.02 <= np.mean(weighted) <= 0.085
    assert np.mean(equal) > 0.09


def test_the_power_that_is_told_is_the_share_of_studies_with_that_drift_in_which_it_is_noticed() -> None:
    """250 simulated studies with a drift of 0.2 a wave."""
    rng = np.random.default_rng(6)
    noticed, told = [], []
    for _ in range(250):
        means, sampling, columns = draw(rng, 12, 4, 3, slope=0.2)
        found = pre_trend(means, sampling, np.arange(3.0), columns, 1)
        assert found is not None
        noticed.append(found.p_value < 0.05)
        told.append(found.power(0.2))
    assert np.mean(told) == pytest.approx(np.mean(noticed), abs=0.08)
    assert 0.2 < np.mean(told) < 0.8


def test_the_slope_that_is_noticed_is_the_one_with_that_power_and_no_slope_has_the_level() -> None:
    test = PreTrend(1.0, 2, 9, 0.1, straight=False)
    assert [test.power(test.noticed(share)) for share in (0.5, 0.8)] == pytest.approx([0.5, 0.8], abs=1e-9)
    assert test.power(0.0) == pytest.approx(0.05, abs=1e-6)
    assert test.power(0.3, 0.99) < test.power(0.3)


def test_too_few_units_for_all_waves_at_once_are_tested_for_a_straight_drift() -> None:
    """By hand: the least-squares slope of every unit, compared by a t test."""
    means, _, columns = draw(np.random.default_rng(7), 6, 3, 6)
    found = pre_trend(means, None, np.arange(6.0), columns, 1)
    assert found is not None
    slopes = np.polyfit(np.arange(6.0), means.T, 1)[0]
    assert found.straight
    assert found.p_value == pytest.approx(stats.ttest_ind(slopes[:3], slopes[3:]).pvalue, rel=1e-9)


def test_one_wave_before_or_no_spread_cannot_be_tested() -> None:
    means, sampling, columns = draw(np.random.default_rng(8), 8, 3, 3)
    assert pre_trend(means[:, :1], sampling[:, :1], np.zeros(1), columns, 1) is None
    assert pre_trend(np.ones((8, 3)), None, np.arange(3.0), columns, 1) is None
    assert pre_trend(means[[0, 7]], sampling[[0, 7]], np.arange(3.0), columns[[0, 7]], 1) is None
