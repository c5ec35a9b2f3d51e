"""Partially pooled changes of units against explicit matrices, and against units that were drawn."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from evaluation.errors import DesignError
from evaluation.inference.pooling import partially_pooled
from evaluation.inference.unit_level import UnitLevel


def drawn(seed: int, units: int = 12, tau: float = 0.4) -> tuple[UnitLevel, np.ndarray]:
    """Units of two arms with sampling variances, and their true changes."""
    rng = np.random.default_rng(seed)
    s2 = rng.uniform(0.01, 0.3, units)
    X = np.column_stack([np.ones(units), np.arange(units) < units // 3]).astype(float)
    truth = X @ [0.2, 0.5] + rng.normal(0, tau, units)
    return UnitLevel(tuple(f"U{k}" for k in range(units)), truth + rng.normal(0, np.sqrt(s2)), s2, X, ("1", "pilot"), 1), truth


def spread_between(D: np.ndarray, s2: np.ndarray, X: np.ndarray) -> float:
    """tau2 that maximises the restricted likelihood, with explicit matrices and a generic optimiser."""

    def criterion(log_tau2: float) -> float:
        W = np.diag(1 / (s2 + np.exp(log_tau2)))
        A = X.T @ W @ X
        r = D - X @ np.linalg.solve(A, X.T @ W @ D)
        return float(np.linalg.slogdet(A)[1] - np.linalg.slogdet(W)[1] + r @ W @ r)

    return float(np.exp(minimize_scalar(criterion, bounds=(-6, 4), method="bounded", options={"xatol": 1e-12}).x))


def test_pooled_changes_and_errors_equal_the_best_prediction_with_explicit_matrices() -> None:
    """Mixed model equations, inverted whole (Robinson, 1991), and 2 s^4 / (tau2 + s2)^3 var(tau2) (Datta & Lahiri, 2000)."""
    for seed in range(4):
        level, _ = drawn(seed, tau=1.0)
        assert level.sampling is not None
        tau2 = spread_between(level.outcome, level.sampling, level.columns)
        R, X, G = np.diag(1 / level.sampling), level.columns, len(level.units)
        whole = np.block([[X.T @ R @ X, X.T @ R], [R @ X, R + np.eye(G) / tau2]])
        inverse = np.linalg.inv(whole)
        solution = inverse @ np.concatenate([X.T @ R @ level.outcome, R @ level.outcome])
        to_unit = np.column_stack([X, np.eye(G)])
        table = partially_pooled(level)
        assert table["pooled"].to_numpy() == pytest.approx(to_unit @ solution, rel=1e-6)
        W = np.diag(1 / (level.sampling + tau2))
        P = W - W @ X @ np.linalg.inv(X.T @ W @ X) @ X.T @ W
        further = 2 * level.sampling**2 * np.diag(W) ** 3 * 2 / np.trace(P @ P)
        assert table["std_error"].to_numpy() ** 2 == pytest.approx(np.diag(to_unit @ inverse @ to_unit.T) + further, rel=1e-6)
        given = np.diag(np.linalg.inv(R + np.eye(G) / tau2))
        assert table["conditional_sd"].to_numpy() ** 2 == pytest.approx(given, rel=1e-6)


def test_units_alike_beyond_sampling_are_drawn_all_the_way_to_their_arm() -> None:
    level, _ = drawn(0)
    assert level.sampling is not None
    alike = UnitLevel(level.units, level.columns @ [1.0, 2.0] + 1e-6 * np.arange(12), level.sampling, level.columns, level.terms, 1)
    table = partially_pooled(alike)
    assert table["weight"].to_numpy() == pytest.approx(np.zeros(12), abs=1e-9)
    assert table["pooled"].to_numpy() == pytest.approx(level.columns @ [1.0, 2.0], abs=1e-4)


def test_pooled_changes_lie_nearer_the_truth_and_their_intervals_hold_it() -> None:
    """Simulated truth: 150 studies of 12 units; binomial standard error of the coverage 0.5 per cent."""
    held, own, pooled = [], [], []
    for seed in range(150):
        level, truth = drawn(seed)
        table = partially_pooled(level)
        held += list((table["conf_low"] <= truth) & (truth <= table["conf_high"]))
        own += list((level.outcome - truth) ** 2)
        pooled += list((table["pooled"] - truth) ** 2)
    assert 0.93 < np.mean(held) < 0.98
    assert np.mean(pooled) < 0.8 * np.mean(own)


def test_units_whose_spread_is_not_known_are_not_pooled() -> None:
    level, _ = drawn(1)
    with pytest.raises(DesignError, match="only their means are known"):
        partially_pooled(UnitLevel(level.units, level.outcome, None, level.columns, level.terms, 1))
    with pytest.raises(DesignError, match="leave nothing to judge their spread by"):
        partially_pooled(UnitLevel(level.units[:2], level.outcome[[0, 11]], np.ones(2), level.columns[[0, 11]], level.terms, 1))
