"""Restricted maximum likelihood from sums against explicit N x N matrices and generic optimisers, and against statsmodels.

R's lme4 is held against in tests/agreement.
"""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from evaluation.inference.mixed.derivatives import derivatives
from evaluation.inference.mixed.grouped_sums import grouped_sums
from evaluation.inference.mixed.model import At, at
from evaluation.inference.mixed.reml import fit
from tests.inference.mixed.dense import both, moments_of_rows, survey

COLUMNS = ["pilot", "later", "both", "age"]
GROUPS = {
    "one": [["organisation"]],
    "two": [["organisation"], ["organisation", "wave"]],
    "people": [["organisation"], ["organisation", "person"]],
    "three": [["organisation"], ["organisation", "wave"], ["organisation", "person"]],
}


def variances(model: At) -> np.ndarray:
    return np.append(1.0, model.theta) * model.squares / model.df


@pytest.mark.parametrize("groups", GROUPS.values(), ids=GROUPS)
def test_the_criterion_from_sums_equals_that_of_rows_at_any_variances(groups: list[list[str]]) -> None:
    rng = np.random.default_rng(5)
    for seed in range(4):
        sums, dense = both(survey(seed, waves=3), COLUMNS, groups)
        theta = rng.uniform(0, 2, len(groups)) * (rng.random(len(groups)) < 0.7)
        model = at(sums, theta)
        assert model.criterion == pytest.approx(dense.criterion(variances(model)), rel=1e-11)
        b, phi = dense.coefficients(np.append(1.0, theta))
        assert model.coefficients == pytest.approx(b, rel=1e-9)
        assert model.phi == pytest.approx(phi, rel=1e-9)


@pytest.mark.parametrize("groups", GROUPS.values(), ids=GROUPS)
def test_derivatives_from_sums_equal_products_of_whole_matrices(groups: list[list[str]]) -> None:
    sums, dense = both(survey(8, waves=3), COLUMNS, groups)
    theta = np.array([0.4, 0.0, 0.9])[: len(groups)]
    found, parts = derivatives(at(sums, theta)), dense.parts()
    W = np.linalg.inv(sum(v * part for v, part in zip(np.append(1.0, theta), parts, strict=True)))
    u = np.column_stack([dense.X, dense.y])
    for i, left in enumerate(parts):
        assert found.first[i] == pytest.approx(u.T @ W @ left @ W @ u, rel=1e-8)
        assert found.trace[i] == pytest.approx(np.trace(W @ left), rel=1e-10)
        for j, right in enumerate(parts):
            product = u.T @ W @ left @ W @ right @ W @ u
            assert found.second[i, j] == pytest.approx((product + product.T) / 2, rel=1e-7)
            assert found.traces[i, j] == pytest.approx(np.trace(W @ left @ W @ right), rel=1e-9)


@pytest.mark.parametrize(("groups", "spreads"), [("one", (0.5, 0.4)), ("one", (0.0, 0.0)), ("two", (0.5, 0.4)), ("two", (0.0, 0.5)),
                                                 ("two", (0.6, 0.0)), ("people", (0.3, 0.0)), ("three", (0.5, 0.5))])
def test_no_optimiser_finds_a_better_point(groups: str, spreads: tuple[float, float]) -> None:
    """Nelder-Mead on N x N matrices from several starts, zeros tried; the variances agree wherever the optimum is one."""
    for seed in range(1 if groups == "three" else 2):
        sums, dense = both(survey(seed, 8, 3, between=spreads[0], by_wave=spreads[1]), COLUMNS, GROUPS[groups])
        best, lowest = dense.optimum()
        model = fit(sums)
        assert model.criterion <= lowest + 1e-9
        assert variances(model) == pytest.approx(best, rel=2e-3, abs=2e-4 * dense.y.var())


def test_a_variance_at_zero_is_exactly_zero_and_the_criterion_rises_from_it() -> None:
    zeros = 0
    for seed in range(12):
        sums, _ = both(survey(seed, between=0.0, by_wave=0.0), COLUMNS, GROUPS["two"])
        model = fit(sums)
        for number in np.flatnonzero(model.theta == 0):
            zeros += 1
            assert at(sums, model.theta + 1e-4 * np.eye(2)[number]).criterion > model.criterion
    assert zeros >= 6


def test_one_component_equals_statsmodels_mixed_model() -> None:
    """MixedLM by Powell's method: its default once stopped at a wrong variance. Its errors come from a joint Hessian, so ours are
    held against rows above."""
    frame = survey(21, organisations=30, people=12)
    sums, dense = both(frame, COLUMNS, GROUPS["one"])
    model = fit(sums)
    scale = model.squares / model.df
    peer = sm.MixedLM(dense.y, dense.X, groups=frame["organisation"].to_numpy()).fit(
        reml=True, method="powell", ftol=1e-13, maxiter=2000
    )
    assert model.coefficients == pytest.approx(peer.fe_params, rel=1e-5)
    assert (model.theta[0] * scale, scale) == pytest.approx((peer.cov_re[0, 0], peer.scale), rel=1e-4)
    assert -model.criterion / 2 == pytest.approx(peer.llf, rel=1e-9)


def test_known_variances_of_balanced_groups_equal_the_analysis_of_variance() -> None:
    """Searle, Casella & McCulloch (1992), section 4.4: mean squares give the answer where all is balanced."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"organisation": np.repeat(np.arange(40), 10)})
    frame["y"] = np.repeat(rng.normal(0, 0.7, 40), 10) + rng.normal(0, 1, 400)
    sums, _ = both(frame, [], GROUPS["one"])
    means = frame.groupby("organisation")["y"].mean()
    within = ((frame["y"] - frame["organisation"].map(means)) ** 2).sum() / 360
    assert variances(fit(sums)) == pytest.approx([within, means.var() - within / 10], rel=1e-8)


def test_ten_thousand_organisations_are_fitted_to_the_variances_that_were_drawn() -> None:
    frame = survey(3, organisations=10_000, people=3, own=0.0)
    moments = moments_of_rows(frame, COLUMNS, ["organisation", "wave"])
    model = fit(grouped_sums(moments, np.ones((len(moments.cells), 1)), ["1"], GROUPS["two"]))
    assert variances(model) == pytest.approx([1.0, 0.16, 0.25], rel=0.1)
