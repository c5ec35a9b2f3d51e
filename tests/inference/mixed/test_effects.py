"""Effects of levels against explicit matrices (Robinson, 1991); lme4's ranef and condVar are held against in tests/agreement."""

import numpy as np
import pandas as pd
import pytest

from evaluation.inference.mixed.effects import effects
from evaluation.inference.mixed.grouped_sums import grouped_sums
from evaluation.inference.mixed.reml import fit
from tests.inference.mixed.dense import both, moments_of_rows, survey
from tests.inference.mixed.test_reml import COLUMNS, GROUPS, variances


@pytest.mark.parametrize("groups", GROUPS.values(), ids=GROUPS)
def test_effects_and_their_errors_equal_henderson_on_rows(groups: list[list[str]]) -> None:
    """tau2 Z'V^-1 (y - Xb); var(u | b) = tau2 I - tau2^2 Z'V^-1 Z; of the error tau2 I - tau2^2 Z'PZ."""
    sums, dense = both(survey(31, 9, waves=3), COLUMNS, groups)
    model = fit(sums)
    spread, table = variances(model), effects(model)
    W = np.linalg.inv(sum(v * part for v, part in zip(spread, dense.parts(), strict=True)))
    b, phi = dense.coefficients(spread)
    P = W - W @ dense.X @ phi @ dense.X.T @ W
    for grouping, Z, tau2 in zip(sums.groupings, dense.Z, spread[1:], strict=True):
        own = table[table["group"] == grouping.name]
        assert own["effect"].to_numpy() == pytest.approx(tau2 * Z.T @ W @ (dense.y - dense.X @ b), rel=1e-7, abs=1e-12)
        given = np.sqrt(np.maximum(np.diag(tau2 * np.eye(Z.shape[1]) - tau2**2 * Z.T @ W @ Z), 0))
        assert own["conditional_sd"].to_numpy() == pytest.approx(given, rel=1e-7, abs=1e-9)
        assert own["std_error"].to_numpy() ** 2 == pytest.approx(np.diag(tau2 * np.eye(Z.shape[1]) - tau2**2 * Z.T @ P @ Z), abs=1e-12)


def test_intervals_hold_the_effects_that_were_drawn_about_as_often_as_they_say() -> None:
    """Simulated truth: 25 studies of 30 organisations; binomial standard error 0.8 per cent."""
    held = []
    for seed in range(25):
        rng = np.random.default_rng(seed)
        organisation = np.repeat(np.arange(30), rng.integers(3, 20, 30))
        drawn = rng.normal(0, 0.5, 30)
        frame = pd.DataFrame({"organisation": organisation, "y": 3 + drawn[organisation] + rng.normal(0, 1, len(organisation))})
        moments = moments_of_rows(frame, [], ["organisation"])
        table = effects(fit(grouped_sums(moments, np.ones((30, 1)), ["1"], GROUPS["one"])))
        order = table["level"].astype(int).to_numpy()
        held += list((table["conf_low"] <= drawn[order]) & (drawn[order] <= table["conf_high"]))
    assert 0.925 < np.mean(held) < 0.965
