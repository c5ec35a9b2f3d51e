"""Rows of people in units with a pilot x follow-up contrast, and their sums: for tests that set sums beside rows."""

from dataclasses import dataclass

import numpy as np

from evaluation.inference.design import Lifted, WeightedSums
from evaluation.inference.variance import LeastSquares, least_squares

TERMS = ("1", "pilot", "follow_up", "pilot:follow_up", "age")


@dataclass(frozen=True)
class Rows:
    """Columns X (N, 5), outcome y, unit numbers, weights (all 1 unless drawn); `target` is the contrast's column."""

    X: np.ndarray
    y: np.ndarray
    groups: np.ndarray
    weights: np.ndarray
    target: int = 3


def clustered_rows(
    units: int, pilots: int, *, seed: int, effect: float = 0.5, noise: int = 0, spread: float = 0.0, people: int = 12
) -> Rows:
    """Unequal units, people's ages and waves; columns depend on `seed` alone, answers also on `noise`.

    `spread` is the standard deviation of the logarithm of the weights.
    """
    rng, answers = np.random.default_rng(seed), np.random.default_rng([seed, noise])
    sizes = rng.integers(people // 2, 2 * people, units)
    groups = np.repeat(np.arange(units), sizes)
    later, age = rng.integers(0, 2, len(groups)), rng.normal(0, 1, len(groups))
    pilot = (groups < pilots).astype(float)
    X = np.column_stack([np.ones(len(groups)), pilot, later, pilot * later, age])
    y = 1 + 0.3 * age + effect * pilot * later + answers.normal(0, 0.3, (units, 2))[groups, later] + answers.normal(0, 1, len(groups))
    return Rows(X, y, groups, np.exp(spread * rng.normal(0, 1, len(groups))))


def lifted(rows: Rows, weighted: bool = False) -> Lifted:
    """Sums by unit, with weights where asked."""
    X, y = rows.X, rows.y

    def sums(power: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        w = rows.weights**power
        own = [(X[rows.groups == g], y[rows.groups == g], w[rows.groups == g]) for g in range(rows.groups.max() + 1)]
        return (
            np.array([(x * v[:, None]).T @ x for x, _, v in own]), np.array([(x * v[:, None]).T @ z for x, z, v in own]),
            np.array([(v * z**2).sum() for _, z, v in own]),
        )

    plain, once, twice = (sums(power) for power in (0, 1, 2))
    units = tuple(f"U{g}" for g in range(rows.groups.max() + 1))
    count = np.bincount(rows.groups).astype(float)
    more = WeightedSums(plain[0], plain[1], twice[0]) if weighted else None
    grams, scores, squares = once if weighted else plain
    return Lifted(units, TERMS, rows.target, grams, scores, squares, count, weighted=more)


def summed(rows: Rows, weighted: bool = False) -> LeastSquares:
    """The fit on these sums."""
    return least_squares(lifted(rows, weighted))
