"""Fisher scoring of cumulative logits, many fits of the same columns at once.

Source: McCullagh (1980), Journal of the Royal Statistical Society B 42, 109.
"""

import numpy as np
from scipy.special import expit

from evaluation.errors import DesignError
from evaluation.inference.algebra import Array

ROUNDS = 60
CLOSE = 1e-10
ENDLESS = 12.0
"""A log odds ratio beyond this is none: the columns tell apart who chose what."""


def even_thresholds(totals: Array) -> Array:
    """The thresholds (K - 1,) of answers `totals` (K,), all above 0, where nothing else tells them apart: a place to start."""
    shares = np.cumsum(totals)[:-1] / totals.sum()
    return np.asarray(np.log(shares / (1 - shares)))


def fitted(N: Array, X: Array, start: Array) -> tuple[Array, Array, Array]:
    """B fits at once: parameters (B, q; thresholds, slopes), Fisher information (B, q, q) and log likelihood (B,).

    Args:
        N: (B, R, K).
        X: (R, p).
        start: (B, q).

    Raises:
        DesignError: columns tell apart who chose what in one of the fits.
    """
    at, k = start, N.shape[2] - 1
    value, score, information = _evaluated(N, X, at)
    for _ in range(ROUNDS):
        try:
            step = np.linalg.solve(information, score[:, :, None])[:, :, 0]
        except np.linalg.LinAlgError:
            break
        size = np.ones((len(at), 1))
        while size.min() > 1e-8:
            moved = _evaluated(N, X, at + size * step)
            fell = ~(np.isfinite(moved[0]) & (moved[0] >= value - 1e-12 * np.abs(value)))
            if not fell.any():
                break
            size[fell] /= 2
        at = at + size * step
        value, score, information = moved
        if np.abs(at[:, k:]).max(initial=0.0) > ENDLESS:
            break
        if np.abs(size * step).max() < CLOSE:
            return at, information, value
    raise DesignError(
        "the columns tell apart who chose which option, in all units or without one of them: an odds ratio is without end.",
        fix="join rare options, or compare means.", code="separation",
    )  # fmt: skip


def _evaluated(N: Array, X: Array, at: Array) -> tuple[Array, Array, Array]:
    """Log likelihood (B,), score (B, q) and Fisher information (B, q, q); minus infinity where thresholds do not rise."""
    B, R, K = N.shape
    k, size = K - 1, at.shape[1]
    falls = np.any(np.diff(at[:, :k], axis=1) <= 0, axis=1)
    above = expit(at[:, None, :k] - (at[:, k:] @ X.T)[:, :, None])
    edges = np.concatenate([np.zeros((B, R, 1)), above, np.ones((B, R, 1))], axis=2)
    share = np.maximum(np.diff(edges, axis=2), 1e-300)
    density = edges * (1 - edges)
    slope = np.zeros((B, R, K, size))
    for j in range(k):
        slope[:, :, j, j] += density[:, :, j + 1]
        slope[:, :, j + 1, j] -= density[:, :, j + 1]
    slope[..., k:] = -np.diff(density, axis=2)[..., None] * X[None, :, None, :]
    value = (N * np.log(share)).sum(axis=(1, 2))
    flat = slope.reshape(B, R * K, size)
    score = ((N / share).reshape(B, 1, R * K) @ flat)[:, 0]
    scaled = flat * np.sqrt(N.sum(axis=2)[:, :, None] / share).reshape(B, R * K, 1)
    information = scaled.transpose(0, 2, 1) @ scaled
    information[falls] = np.eye(size)
    return np.where(falls, -np.inf, value), np.where(falls[:, None], 0.0, score), information
