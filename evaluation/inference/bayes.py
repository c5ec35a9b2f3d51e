"""A Bayesian reading of unit-level changes: how likely the effect is above a mark, and how far the prior decides that.

D = X delta + N(0, tau2 + s2), delta flat, tau half-normal with a scale in points. Given tau the effect is normal, so its
posterior is a mixture over tau, summed by Gauss and Legendre's rule where tau has any weight: exact to many digits, no chains.
With few units the prior of tau decides much: show several scales. A reading beside the headline, never instead of it.
Sources: docs/methods.md, formula 4; Gelman (2006), Bayesian Analysis 1, 515-534; Roever (2020), J. of Statistical Software 93(6).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from evaluation.errors import DesignError
from evaluation.inference.algebra import Array
from evaluation.inference.unit_change import Profile, restricted_likelihood_variance
from evaluation.inference.unit_level import UnitLevel

_POINTS, _SHARES = np.polynomial.legendre.leggauss(96)
NODES, WEIGHTS = ((1 + _POINTS) / 2) ** 3, _SHARES * ((1 + _POINTS) / 2) ** 2
"""Gauss and Legendre's rule between 0 and 1 in the cube root, closest near 0, where wide priors have their weight."""
SEARCH = np.concatenate([[0.0], np.logspace(-6, 0, 160)])
NEGLIGIBLE = 30.0
PRIOR_REACH = 8.0
HALVINGS = 60
BATCH = 512


@dataclass(frozen=True)
class Posterior:
    """The effect in B studies, each a mixture of K normals: `weights`, `centres`, `spreads` and their `tau` (B, K), in points."""

    weights: Array
    centres: Array
    spreads: Array
    tau: Array

    @property
    def mean(self) -> Array:
        """The posterior mean, (B,)."""
        return np.asarray((self.weights * self.centres).sum(axis=1))

    @property
    def sd(self) -> Array:
        """The posterior standard deviation, (B,)."""
        second = (self.weights * (self.spreads**2 + self.centres**2)).sum(axis=1)
        return np.asarray(np.sqrt(second - self.mean**2))

    @property
    def between(self) -> Array:
        """The posterior mean of tau, the spread between units' true changes, (B,)."""
        return np.asarray((self.weights * self.tau).sum(axis=1))

    def chance_above(self, mark: float) -> Array:
        """P(effect > mark), (B,)."""
        return self._above(np.full(len(self.weights), mark))

    def interval(self, confidence: float = 0.95) -> tuple[Array, Array]:
        """Both ends (B,) of the interval that leaves out the same chance on either side."""
        return self._quantile((1 - confidence) / 2), self._quantile((1 + confidence) / 2)

    def _above(self, mark: Array) -> Array:
        return np.asarray((self.weights * stats.norm.sf((mark[:, None] - self.centres) / self.spreads)).sum(axis=1))

    def _quantile(self, share: float) -> Array:
        reach = float(stats.norm.isf(min(share, 1 - share))) * self.spreads
        low, high = (self.centres - reach).min(axis=1), (self.centres + reach).max(axis=1)
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            short = self._above(middle) > 1 - share
            low, high = np.where(short, middle, low), np.where(short, high, middle)
        return np.asarray((low + high) / 2)


def posterior(changes: npt.ArrayLike, sampling: npt.ArrayLike, columns: npt.ArrayLike, target: int, scale: float) -> Posterior:
    """The effect given unit-level changes, for one study or B at once.

    Args:
        changes: D, (G,) or (B, G), in points.
        sampling: s2, of the same shape, in squared points.
        columns: X, (G, p) or (B, G, p), of full rank; p at most G.
        target: the column whose coefficient is asked for.
        scale: of tau's half-normal prior, in points: tau is below it with probability 0.68.

    Raises:
        DesignError: a scale that is not above 0.
    """
    if not (np.isfinite(scale) and scale > 0):
        raise DesignError(f"the prior's scale is {scale:g} points.", fix="give a number above 0.", code="prior")
    D = np.atleast_2d(np.asarray(changes, dtype=float))
    s2 = np.broadcast_to(np.asarray(sampling, dtype=float), D.shape)
    X = np.asarray(columns, dtype=float)
    X = X if X.ndim == 3 else X[None]
    parts = []
    for start in range(0, len(D), BATCH):
        studies = slice(start, start + BATCH)
        parts.append(_mixture(Profile(D[studies], s2[studies], X if len(X) == 1 else X[studies]), target, scale))
    return Posterior(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _mixture(profile: Profile, target: int, scale: float) -> tuple[Array, Array, Array, Array]:
    low, high = _support(profile, scale)
    tau = low + (high - low) * NODES
    fit = profile.at(tau**2)
    log_density = -fit.criterion / 2 - (tau / scale) ** 2 / 2
    weights = WEIGHTS * np.exp(log_density - log_density.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    return weights, fit.coefficients[..., target], np.sqrt(fit.inverse[..., target, target]), tau


def _support(profile: Profile, scale: float) -> tuple[Array, Array]:
    """Where tau has any weight to speak of, (B, 1) each."""
    G, p = profile.X.shape[1:]
    at_best = np.sqrt(restricted_likelihood_variance(profile, G - p)) if p < G else np.zeros(len(profile.D))
    grid = (at_best[:, None] + PRIOR_REACH * scale) * SEARCH
    log_density = -profile.at(grid**2).criterion / 2 - (grid / scale) ** 2 / 2
    alive = log_density > log_density.max(axis=1, keepdims=True) - NEGLIGIBLE
    rows, last = np.arange(len(grid)), len(SEARCH) - 1
    first, final = alive.argmax(axis=1), last - alive[:, ::-1].argmax(axis=1)
    return grid[rows, np.maximum(first - 1, 0)][:, None], grid[rows, np.minimum(final + 1, last)][:, None]


def prior_sensitivity(level: UnitLevel, scales: Sequence[float], important: float, confidence: float = 0.95) -> pd.DataFrame:
    """The same reading under several priors, one row a scale.

    Args:
        level: units with sampling variances.
        scales: of tau's half-normal prior, in points; sensible ones are a half, one and two times the spread the plan expects.
        important: the minimum important difference, in points and in the direction in which more is better.
        confidence: of the intervals.

    Returns:
        Columns prior_scale, estimate, std_error, conf_low, conf_high, chance_above_zero, chance_important, between.

    Raises:
        DesignError: only means are known, or a scale is not above 0.
    """
    if level.sampling is None:
        raise DesignError(
            "a Bayesian reading needs to know how sure each unit's change is; only means are known.",
            fix="use the headline interval.",
            code="no-sampling",
        )
    found = [posterior(level.outcome, level.sampling, level.columns, level.target, scale) for scale in scales]
    records = [_record(scale, one, important, confidence) for scale, one in zip(scales, found, strict=True)]
    return pd.DataFrame(records)


def _record(scale: float, found: Posterior, important: float, confidence: float) -> dict[str, float]:
    low, high = found.interval(confidence)
    return {
        "prior_scale": scale,
        "estimate": float(found.mean[0]),
        "std_error": float(found.sd[0]),
        "conf_low": float(low[0]),
        "conf_high": float(high[0]),
        "chance_above_zero": float(found.chance_above(0.0)[0]),
        "chance_important": float(found.chance_above(important)[0]),
        "between": float(found.between[0]),
    }
