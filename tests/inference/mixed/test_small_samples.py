"""Degrees of freedom against explicit N x N matrices and numerical curvature; pbkrtest and lmerTest are held against in
tests/agreement."""

import numpy as np
import pytest

from evaluation.errors import DesignError
from evaluation.inference.mixed.reml import fit
from evaluation.inference.mixed.small_samples import small_sample
from tests.inference.mixed.dense import both, survey
from tests.inference.mixed.test_reml import COLUMNS, GROUPS, variances

CONTRASTS = (np.array([0.0, 0, 0, 1, 0]), np.array([1.0, 0, 0, 0, 40]))


@pytest.mark.parametrize("groups", GROUPS.values(), ids=GROUPS)
def test_kenward_roger_from_sums_equals_the_papers_formulas_on_whole_matrices(groups: list[list[str]]) -> None:
    for seed in range(3):
        sums, dense = both(survey(seed, waves=3), COLUMNS, groups)
        model = fit(sums)
        for contrast in CONTRASTS:
            found = small_sample(model, "kenward-roger").infer(contrast)
            assert (found.std_error, found.df) == pytest.approx(dense.kenward_roger(variances(model), contrast), rel=1e-6)


@pytest.mark.parametrize("groups", GROUPS.values(), ids=GROUPS)
def test_satterthwaite_from_sums_equals_numerical_curvature_of_the_likelihood_of_rows(groups: list[list[str]]) -> None:
    for seed in range(3):
        sums, dense = both(survey(seed, 9, waves=3), COLUMNS, groups)
        model = fit(sums)
        for contrast in CONTRASTS:
            found = small_sample(model, "satterthwaite").infer(contrast)
            assert found.df == pytest.approx(dense.satterthwaite(variances(model), contrast), rel=1e-3)
            b, phi = dense.coefficients(variances(model))
            assert (found.estimate, found.std_error) == pytest.approx((contrast @ b, np.sqrt(contrast @ phi @ contrast)), rel=1e-8)


def test_balanced_arms_are_compared_with_as_many_degrees_of_freedom_as_units_less_two() -> None:
    """Exact where all is balanced (Kenward & Roger, 1997, section 4): the two-sample t test of organisations' means."""
    frame = survey(4, organisations=8, people=2, own=0.0, between=1.0).iloc[:0]
    rng = np.random.default_rng(2)
    organisation = np.repeat(np.arange(8), 6)
    frame = frame.reindex(range(48)).assign(organisation=organisation, pilot=(organisation < 4).astype(float))
    frame["y"] = rng.normal(0, 1, 8)[organisation] + rng.normal(0, 1, 48)
    model = fit(both(frame, ["pilot"], GROUPS["one"])[0])
    for kind in ("kenward-roger", "satterthwaite"):
        assert small_sample(model, kind).infer(np.array([0.0, 1.0])).df == pytest.approx(6.0, rel=1e-6)


def test_a_variance_of_zero_leaves_satterthwaite_the_degrees_of_freedom_of_least_squares() -> None:
    models = [fit(both(survey(seed, between=0, by_wave=0, own=0), COLUMNS, GROUPS["one"])[0]) for seed in range(8)]
    flat = [model for model in models if model.theta[0] == 0]
    assert flat
    for model in flat:
        rest = model.sums.n - 5
        assert small_sample(model, "satterthwaite").infer(CONTRASTS[0]).df == pytest.approx(rest, rel=1e-9)
        assert small_sample(model, "kenward-roger").infer(CONTRASTS[0]).df < rest


def test_other_degrees_of_freedom_are_refused_by_name() -> None:
    with pytest.raises(DesignError, match="'between-within' are no degrees of freedom"):
        small_sample(fit(both(survey(1), COLUMNS, GROUPS["one"])[0]), "between-within")
