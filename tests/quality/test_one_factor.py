"""One factor in several groups: its slopes and information against differences, its scale, and known truth.

Fit indices, loadings and score tests are held to lavaan in tests/agreement.
"""

import numpy as np
import pytest
from scipy import optimize, stats

from evaluation.errors import DesignError
from evaluation.quality import one_factor
from evaluation.quality.fit_indices import fit_indices
from evaluation.quality.item_set import Sums
from evaluation.quality.one_factor import fit_factor, require_proper
from evaluation.quality.pattern import Pattern, pattern
from tests.quality.questionnaires import LOADINGS, answers, in_groups, one, summed

NAMES = [f"q{k + 1}" for k in range(6)]
SHARED = {
    "nothing": pattern(2, 6), "loadings": pattern(2, 6, loadings=range(6)),
    "both": pattern(2, 6, loadings=range(6), intercepts=range(6)),
    "both, two items let go": pattern(2, 6, loadings=range(5), intercepts=range(4)),
}  # fmt: skip


@pytest.fixture(scope="module")
def groups() -> list[Sums]:
    return [each.complete for each in in_groups(a=answers(300, seed=1), b=answers(250, seed=2, mean=0.4, shifts={2: 0.3}))]


@pytest.mark.parametrize("free", SHARED.values(), ids=SHARED)
def test_the_slope_is_that_of_differences_and_the_information_that_of_slopes_at_perfect_fit(groups: list[Sums], free: Pattern) -> None:
    fit = fit_factor(groups, free, NAMES)
    data = one_factor._prepared(groups, fit.scale)
    away = fit.free + np.random.default_rng(1).normal(0, 0.03, len(fit.free))
    slope = optimize.approx_fprime(away, one_factor._discrepancy, 1e-7, free, data)
    assert one_factor._gradient(away, free, data) == pytest.approx(slope, abs=2e-5)
    exact = [one_factor._Group(group.n / fit.n, means / fit.scale, C / np.outer(fit.scale, fit.scale), 0.0)
             for group, (means, C) in zip(groups, fit.implied, strict=True)]
    bent = optimize.approx_fprime(fit.free, one_factor._gradient, 1e-6, free, exact)
    assert one_factor._information(fit.free, free, exact) == pytest.approx(bent, abs=1e-4)


def test_loadings_are_those_answers_were_drawn_from() -> None:
    fit = fit_factor([one(answers(100_000, seed=5)).complete], pattern(1, 6), NAMES)
    assert fit.loadings[0] == pytest.approx(LOADINGS, abs=0.01)
    assert fit.uniquenesses[0] == pytest.approx([0.36] * 6, abs=0.01)


def test_mean_and_spread_of_the_factor_in_the_second_group_are_found() -> None:
    held = in_groups(a=answers(50_000, seed=1), b=answers(50_000, seed=2, mean=0.4))
    fit = fit_factor([each.complete for each in held], SHARED["both"], NAMES)
    assert fit.means == pytest.approx([0, 0.4], abs=0.02)
    assert fit.variances == pytest.approx([1, 1], abs=0.03)


def test_units_of_items_change_loadings_with_them_and_no_index(groups: list[Sums]) -> None:
    factors = np.array([1, 10, 0.1, 1, 1000, 1])
    plain, moved = (fit_factor(each, SHARED["both"], NAMES) for each in (groups, [group.scaled(factors) for group in groups]))
    assert moved.loadings == pytest.approx(plain.loadings * factors, rel=1e-6)
    assert vars(fit_indices(moved)) == pytest.approx(vars(fit_indices(plain)), rel=1e-8)


def test_chi_square_has_its_distribution_where_the_model_is_true() -> None:
    found = []
    for seed in range(150):
        held = [summed(answers(200, seed=each)) for each in (seed, 10_000 + seed)]
        found.append(fit_indices(fit_factor(held, SHARED["both"], NAMES)))
    assert {each.df for each in found} == {28}
    assert stats.kstest([each.chi2 for each in found], stats.chi2(28).cdf).pvalue > 0.001
    assert np.mean([each.rmsea_low == 0 for each in found]) >= 0.9


def test_three_items_fit_by_themselves() -> None:
    found = fit_indices(fit_factor([one(answers(200, seed=1, loadings=LOADINGS[:3])).complete], pattern(1, 3), NAMES[:3]))
    assert (found.df, found.p_value, found.cfi, found.rmsea) == (0, None, 1.0, 0.0)
    assert found.chi2 == pytest.approx(0, abs=1e-8)


def test_covariances_without_a_proper_best_fit_are_refused_without_a_warning() -> None:
    """r12 r13 / r23 is above one, or below zero: no loading of the first item gives it."""
    for pairs in ((0.8, 0.8, 0.3), (0.5, 0.5, -0.4)):
        R = np.eye(3)
        R[[0, 0, 1], [1, 2, 2]] = R[[1, 2, 2], [0, 0, 1]] = pairs
        with pytest.raises(DesignError) as refused:
            require_proper(fit_factor([Sums(500, np.zeros(3), R)], pattern(1, 3), NAMES[:3]))
        assert refused.value.problems[0].code in ("heywood", "no-convergence")
