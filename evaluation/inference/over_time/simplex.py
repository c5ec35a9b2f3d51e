"""Weights that are at least zero and add to one, fitted by least squares with a ridge.

A primal active set: exact, because on the units in use the problem is a small linear system, and only finitely many sets of
units exist. Source: Nocedal & Wright (2006), Numerical Optimization, 16.5.
"""

import numpy as np

from evaluation.inference.algebra import Array

TOLERANCE = 1e-10
ROUNDS = 50


def simplex_weights(columns: Array, aim: Array, ridge: float) -> Array:
    """The weights w (k,) that minimise |columns w - aim|^2 + ridge |w|^2 over w >= 0, sum w = 1.

    Args:
        columns: (n, k).
        aim: (n,).
        ridge: above zero, so that there is one answer.
    """
    k = columns.shape[1]
    gram, pull = columns.T @ columns + ridge * np.eye(k), columns.T @ aim
    scale = float(np.abs(gram).max())
    first = int((np.diag(gram) / 2 - pull).argmin())
    weights: Array = np.eye(k)[first]
    used = [first]
    for _ in range(ROUNDS * k):
        asked = _on(gram, pull, used)
        if asked.min() < 0:
            weights, used = _up_to_the_edge(weights, asked, used)
            continue
        weights = np.zeros(k)
        weights[used] = asked
        slope = gram @ weights - pull
        worst = int(slope.argmin())
        if worst in used or slope[worst] >= slope[used].max() - TOLERANCE * scale:
            break
        used.append(worst)
    return weights


def _on(gram: Array, pull: Array, used: list[int]) -> Array:
    """The best weights of `used` that add to one, whatever their sign."""
    ones = np.ones(len(used))
    free, even = np.linalg.solve(gram[np.ix_(used, used)], np.column_stack([pull[used], ones])).T
    return np.asarray(free + even * ((1 - free.sum()) / even.sum()))


def _up_to_the_edge(weights: Array, asked: Array, used: list[int]) -> tuple[Array, list[int]]:
    """Go towards what was asked until a weight is zero, and let it go."""
    held = weights[used]
    falling = asked < 0
    steps = np.where(falling, held / np.where(falling, held - asked, 1.0), np.inf)
    step = float(steps.min())
    kept = held + step * (asked - held)
    found = np.zeros_like(weights)
    found[used] = np.maximum(kept, 0.0)
    return found, [unit for unit, gone in zip(used, steps <= step, strict=True) if not gone]
