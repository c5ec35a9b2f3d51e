"""The headline method: one change per unit, weighted by what is known of it, with an honest error for few units.

D_g is unit g's change, s2_g the variance that comes from asking people, tau2 the variance between units' true changes:
D = X delta + N(0, tau2 + s2_g). tau2 is found by REML under a weak prior that keeps it off zero, the error is Hartung and
Knapp's, and the reference is Student's t with G - p degrees of freedom. Where s2_g is unknown every unit counts the same.

Without the prior tau2 is often 0 where units are few; weights then lean on the largest units, and the error must be kept from
falling below what sampling alone gives, which made the test reject a true null once in a hundred instead of five times at an ICC
of .01 with 6 or 8 units. With it the size is .040 to .064 in every cell of tests/truth/grid.json, and the power is that of
the closed form. The prior's density rises like tau to the power of its weight, so that it has no scale to choose.

Functions take one study or a batch of B studies at once; nothing here grows with the number of people.
Sources: docs/methods.md, formula 4; Hartung & Knapp (2001), Statistics in Medicine 20, 3875; Roever et al. (2015), BMC Medical
Research Methodology 15, 99 (why the factor is held from below); Chung, Rabe-Hesketh & Choi (2013), Statistics in Medicine 32,
4071 (a prior that keeps the variance between units off zero).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from evaluation.inference.algebra import Array

GRID = np.concatenate([[0.0], np.logspace(-6, 2, 25)])
ROUNDS = 9
BATCH = 2048
NOISE_FLOOR = 1e-13
TINY = 1e-100
PRIOR = 0.75
"""Weight of the prior on tau2 (see `restricted_likelihood_variance`): between 0.5, under which a true null is rejected .065 of
the time where pilots are the largest units, and 1, under which .067 where they are the smallest."""
LEAST_RATIO = 0.1
"""The error is at least the square root of this times what the weights imply: chance agreement of units proves little."""


@dataclass(frozen=True)
class UnitChange:
    """Results for B studies: arrays (B,), points of the measure; `ratio` is Hartung and Knapp's q, not yet held."""

    estimate: Array
    std_error: Array
    tau2: Array
    ratio: Array
    df: int

    @property
    def p_value(self) -> Array:
        """Two-sided, from Student's t."""
        return np.asarray(2 * stats.t.sf(np.abs(self.estimate / self.std_error), self.df))

    def interval(self, confidence: float) -> tuple[Array, Array]:
        """Both ends of the two-sided interval at `confidence`."""
        reach = float(stats.t.ppf((1 + confidence) / 2, self.df)) * self.std_error
        return self.estimate - reach, self.estimate + reach


def unit_change(changes: npt.ArrayLike, sampling: npt.ArrayLike | None, columns: npt.ArrayLike, target: int) -> UnitChange:
    """Estimate a contrast from unit-level changes.

    Args:
        changes: D, (G,) for one study or (B, G) for many, in points of the measure.
        sampling: s2_g, of the same shape, in squared points; None when only means are known.
        columns: X, (G, p) or (B, G, p), of full rank.
        target: the column of X whose coefficient is asked for.

    Returns:
        Arrays of length B (1 for one study), with G - p degrees of freedom. Callers make sure that
        something varies: see `unit_level.UnitLevel.varies`.
    """
    D = np.atleast_2d(np.asarray(changes, dtype=float))
    X = np.asarray(columns, dtype=float)
    X = X if X.ndim == 3 else X[None]
    df = X.shape[1] - X.shape[2]
    if sampling is None:
        return _unweighted(D, X, target, df)
    s2 = np.broadcast_to(np.asarray(sampling, dtype=float), D.shape)
    parts = [_weighted(D[k : k + BATCH], s2[k : k + BATCH], _slice(X, k), target, df) for k in range(0, len(D), BATCH)]
    estimate, error, tau2, ratio = (np.concatenate(column) for column in zip(*parts, strict=True))
    return UnitChange(estimate, error, tau2, ratio, df)


def _slice(X: Array, start: int) -> Array:
    return X if len(X) == 1 else X[start : start + BATCH]


def _unweighted(D: Array, X: Array, target: int, df: int) -> UnitChange:
    """Equal weights: the pooled t test of unit-level changes."""
    fit = Profile(D, np.ones_like(D), X).at(np.zeros((len(D), 1)))
    tau2 = fit.squares[:, 0] / df
    error = np.sqrt(tau2 * fit.inverse[:, 0, target, target])
    return UnitChange(fit.coefficients[:, 0, target], error, tau2, np.ones_like(tau2), df)


def _weighted(D: Array, s2: Array, X: Array, target: int, df: int) -> tuple[Array, Array, Array, Array]:
    profile = Profile(D, s2, X)
    tau2 = restricted_likelihood_variance(profile, df, PRIOR)
    fit = profile.at(tau2[:, None])
    ratio = fit.squares[:, 0] / df
    error = np.sqrt(fit.inverse[:, 0, target, target] * np.maximum(LEAST_RATIO, ratio))
    return fit.coefficients[:, 0, target], error, tau2, ratio


@dataclass(frozen=True)
class _Fit:
    """Weighted least squares of B studies at K values of tau2; what searches need of it is worked out when asked for."""

    coefficients: Array
    gram: Array
    inverse: Array
    weights: Array
    residuals: Array
    pairs: Array

    @property
    def squares(self) -> Array:
        """Weighted sum of squared residuals, (B, K)."""
        return np.asarray((self.weights * self.residuals**2).sum(-1))

    @property
    def criterion(self) -> Array:
        """-2 log restricted likelihood up to a constant, (B, K)."""
        return np.asarray(np.linalg.slogdet(self.gram)[1] - np.log(self.weights).sum(-1) + self.squares)

    @property
    def slope(self) -> Array:
        """The criterion's slope in tau2, (B, K)."""
        doubled = (self.weights**2 @ self.pairs).reshape(self.gram.shape)
        trace = np.einsum("bkpq,bkqp->bk", self.inverse, doubled)
        return np.asarray(self.weights.sum(-1) - trace - (self.weights**2 * self.residuals**2).sum(-1))


@dataclass(frozen=True)
class Profile:
    """What -2 log restricted likelihood needs, as a function of tau2: D (B, G), s2 (B, G), X (1 or B, G, p)."""

    D: Array
    s2: Array
    X: Array

    def scale(self, df: int) -> Array:
        """Residual variance at equal weights, (B,): the size of tau2 that can come into question."""
        equal = Profile(self.D, np.ones_like(self.D), self.X).at(np.zeros((len(self.D), 1)))
        return np.asarray(equal.squares[:, 0] / df)

    def at(self, tau2: Array) -> _Fit:
        """The fit at tau2, (B, K)."""
        G, p = self.X.shape[1:]
        variance = self.s2[:, None, :] + tau2[:, :, None]
        variance = np.maximum(variance, NOISE_FLOOR * (self.D**2).mean(axis=1)[:, None, None] + 1e-100)
        w = 1.0 / variance
        pairs = (self.X[:, :, :, None] * self.X[:, :, None, :]).reshape(len(self.X), G, p * p)
        gram = (w @ pairs).reshape(*tau2.shape, p, p)
        inverse = np.linalg.inv(gram)
        beta = np.einsum("bkpq,bkq->bkp", inverse, (w * self.D[:, None, :]) @ self.X)
        residuals = self.D[:, None, :] - beta @ self.X.transpose(0, 2, 1)
        return _Fit(beta, gram, inverse, w, residuals, pairs)


def restricted_likelihood_variance(profile: Profile, df: int, prior: float = 0.0) -> Array:
    """tau2 by REML, (B,): the best point of a grid, then Ridder's method on the slope of the criterion beside it.

    `prior` is the weight of a prior on tau2: the criterion is -2 log restricted likelihood - prior log tau2; 0 is plain REML.
    Source of the search: Ridders (1979), IEEE Transactions on Circuits and Systems 26, 979.
    """
    grid = profile.scale(df)[:, None] * GRID
    best = (profile.at(grid).criterion - prior * np.log(np.maximum(grid, TINY))).argmin(axis=1)
    rows = np.arange(len(grid))

    def slope(tau2: Array) -> Array:
        return np.asarray(profile.at(tau2[:, None]).slope[:, 0] - prior / np.maximum(tau2, TINY))

    low, high = grid[rows, np.maximum(best - 1, 0)], grid[rows, np.minimum(best + 1, len(GRID) - 1)]
    below, above = slope(low), slope(high)
    at_zero, aimed = (best == 0) & (below >= 0), low
    for _ in range(ROUNDS):
        middle = (low + high) / 2
        at_middle = slope(middle)
        bend = np.sqrt(np.maximum(at_middle**2 - below * above, TINY))
        aimed = np.clip(middle - (middle - low) * at_middle / bend, low, high)
        at_aimed = slope(aimed)
        low, high, below, above = _between(low, high, below, above, middle, at_middle)
        low, high, below, above = _between(low, high, below, above, aimed, at_aimed)
    return np.where(at_zero, 0.0, aimed)


def _between(low: Array, high: Array, below: Array, above: Array, at: Array, slope: Array) -> tuple[Array, Array, Array, Array]:
    """The bracket with one end moved to `at`, where that lies inside it: the lower end where the criterion still falls."""
    falls, rises = (slope < 0) & (at >= low), (slope >= 0) & (at <= high)
    return np.where(falls, at, low), np.where(rises, at, high), np.where(falls, slope, below), np.where(rises, slope, above)
