"""Two one-sided tests against a margin, by scipy's and pingouin's own."""

import numpy as np
import pytest
from scipy import stats

from evaluation.errors import DesignError
from evaluation.inference.equivalence import equivalence
from evaluation.inference.variance import Inference

CHANGES = np.random.default_rng(1).normal(0.1, 0.4, 25)
FOUND = Inference(float(CHANGES.mean()), float(CHANGES.std(ddof=1) / 5), 24.0)


def test_both_one_sided_tests_are_scipys() -> None:
    found = equivalence(FOUND, 0.3)
    assert found.p_above_lower == pytest.approx(stats.ttest_1samp(CHANGES, -0.3, alternative="greater").pvalue, rel=1e-10)
    assert found.p_below_upper == pytest.approx(stats.ttest_1samp(CHANGES, 0.3, alternative="less").pvalue, rel=1e-10)


def test_the_p_of_equivalence_is_pingouins_tost() -> None:
    import pingouin

    expected = float(pingouin.tost(CHANGES, 0.0, bound=0.3)["pval"].iloc[0])
    assert equivalence(FOUND, 0.3).p_value == pytest.approx(expected, abs=5e-5)


def test_within_the_margin_is_the_90_percent_interval_inside_it() -> None:
    found = equivalence(FOUND, 0.3)
    low, high = stats.ttest_1samp(CHANGES, 0).confidence_interval(0.9)
    assert (found.conf_low, found.conf_high) == pytest.approx((low, high), rel=1e-10)
    for margin in (0.05, 0.2, 0.3, 1.0):
        assert equivalence(FOUND, margin).is_within_margin == (-margin < low and high < margin)


def test_no_worse_looks_at_the_side_that_is_bad() -> None:
    worse = Inference(0.4, 0.1, 20.0)
    assert equivalence(worse, 0.3).is_no_worse(higher_is_better=True)
    assert not equivalence(worse, 0.3).is_no_worse(higher_is_better=False)


def test_a_margin_of_nothing_and_a_difference_without_error_are_refused() -> None:
    for found, margin in ((FOUND, 0.0), (Inference(0.1, 0.0, 5.0), 0.3)):
        with pytest.raises(DesignError):
            equivalence(found, margin)
