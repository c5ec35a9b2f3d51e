"""Chances from counts equal scipy's rank tests on the answers one by one."""

import numpy as np
import pytest
from scipy import stats

from evaluation.errors import DesignError
from evaluation.inference.tallied.superiority import superiority

FIRST, SECOND = np.array([5, 9, 14, 8, 4]), np.array([3, 6, 11, 15, 9])


def answers(counts: np.ndarray) -> np.ndarray:
    return np.repeat(np.arange(1, len(counts) + 1), counts)


def test_the_chance_is_mann_whitneys_statistic_over_all_pairs() -> None:
    u = stats.mannwhitneyu(answers(SECOND), answers(FIRST)).statistic
    assert superiority(FIRST, SECOND).chance[0] == pytest.approx(u / (FIRST.sum() * SECOND.sum()), rel=1e-12)


def test_error_and_degrees_of_freedom_are_brunner_and_munzels() -> None:
    expected = stats.brunnermunzel(answers(FIRST), answers(SECOND))
    found = superiority(FIRST, SECOND).against_even
    assert abs(found.statistic) == pytest.approx(abs(expected.statistic), rel=1e-10)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)


def test_many_units_at_once_get_what_each_gets_alone() -> None:
    both = superiority(np.stack([FIRST, SECOND]), np.stack([SECOND, FIRST]))
    assert both.chance == pytest.approx([superiority(FIRST, SECOND).chance[0], superiority(SECOND, FIRST).chance[0]])
    assert both.chance.sum() == pytest.approx(1.0)


def test_one_answer_alone_is_refused() -> None:
    with pytest.raises(DesignError, match="fewer than two"):
        superiority(np.array([1, 0]), np.array([3, 4]))
