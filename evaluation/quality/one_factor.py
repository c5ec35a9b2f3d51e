"""One factor in several groups, by maximum likelihood from means and covariances.

In group g the items are x = t + l f + e, with f of mean m and variance v and e of variances u, independent: so their covariances
are v l l' + diag(u) and their means t + l m. A pattern says which of these are free and which are the same in all groups. What is
minimised over N people in all, n of them in a group with means y and covariances S (with n), is

    F = sum n / N [log |C| - log |S| + tr(S C^-1) - k + (y - t - l m)' C^-1 (y - t - l m)],    chi-square = N F.

The gradient is analytic; the expected information stands in for the Hessian (Fisher scoring), and where a wrong model makes that
slow, scipy's BFGS goes on from there.
Sources: Joreskog (1971), Psychometrika 36, 409-426; Sorbom (1974), British Journal of Mathematical and Statistical Psychology
27, 229-239.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import optimize
from threadpoolctl import ThreadpoolController

from evaluation.errors import DesignError
from evaluation.evidence.moments import Array
from evaluation.quality.item_set import Sums
from evaluation.quality.pattern import Pattern

FLAT, STEEPEST = 1e-9, 1e-6
"""Slope of F at which to stop, and the largest that counts as none where rounding stops the way down before; items have a
standard deviation of one."""
FIRST_STEPS, MOST_STEPS, HEAVIEST = 20, 1000, 1e12
SMALLEST = 1e-6
"""Share of an item's variance below which its own variance counts as none: a Heywood case."""


@dataclass(frozen=True, eq=False)
class Factor:
    """The fitted factor.

    Attributes:
        groups: the sums it was fitted to, G of them.
        pattern: what was free.
        free: the free parameters, items having the standard deviations `scale`.
        scale: (k,), by which items were divided before fitting.
        discrepancy: F.
        names: the items.
    """

    groups: tuple[Sums, ...]
    pattern: Pattern
    free: Array
    scale: Array
    discrepancy: float
    names: tuple[str, ...]

    @property
    def improper(self) -> tuple[str, ...]:
        """Items whose own variance in some group is not above zero, and "the factor" where its own is not."""
        variances = np.array([np.diag(group.covariance) for group in self.groups])
        below = np.flatnonzero(np.asarray(self.uniquenesses < SMALLEST * variances).any(axis=0)).tolist()
        factor = ("the factor",) if bool((self.variances <= 0).any()) else ()
        return (*(self.names[place] for place in below), *factor)

    @property
    def _parts(self) -> Array:
        return self.pattern.of(self.free)

    @property
    def loadings(self) -> Array:
        """(G, k), in the items' units per standard deviation of the factor in the first group."""
        return self._parts[:, : self.pattern.items] * self.scale

    @property
    def uniquenesses(self) -> Array:
        """(G, k), variances of what an item does not share with the others."""
        return self._parts[:, self.pattern.items : 2 * self.pattern.items] * self.scale**2

    @property
    def intercepts(self) -> Array:
        """(G, k), means of the items where the factor is at the mean of the first group."""
        return self._parts[:, 2 * self.pattern.items : -2] * self.scale

    @property
    def variances(self) -> Array:
        """(G,), variances of the factor."""
        return self._parts[:, -2]

    @property
    def means(self) -> Array:
        """(G,), means of the factor."""
        return self._parts[:, -1]

    @property
    def implied(self) -> list[tuple[Array, Array]]:
        """By group: means and covariances that the factor implies."""
        return [
            (t + loading * m, v * np.outer(loading, loading) + np.diag(u))
            for t, loading, m, v, u in zip(
                self.intercepts, self.loadings, self.means, self.variances, self.uniquenesses, strict=True)
        ]

    @property
    def n(self) -> int:
        """People in all groups."""
        return sum(group.n for group in self.groups)

    def information(self) -> Array:
        """Expected information of one person about the free parameters."""
        return _information(self.free, self.pattern, _prepared(self.groups, self.scale)) / 2

    def score(self, other: Pattern) -> float:
        """Lagrange multiplier test of this fit against `other`, in which more is free: chi-square by how much F would fall."""
        own = self._parts
        free = np.zeros(other.count)
        free[other.places[other.places >= 0]] = own[other.places >= 0]
        data = _prepared(self.groups, self.scale)
        slope, bent = _gradient(free, other, data), _information(free, other, data)
        return float(self.n * slope @ np.linalg.solve(bent, slope) / 2)


@dataclass(frozen=True, eq=False)
class _Group:
    """A group as F reads it: its share of people, means, covariances with n, and log |S|."""

    share: float
    means: Array
    covariance: Array
    log_size: float


@cache
def _blas() -> ThreadpoolController:
    return ThreadpoolController()


def fit_factor(groups: Sequence[Sums], free: Pattern, names: Sequence[str]) -> Factor:
    """The parameters at which F is smallest.

    Args:
        groups: G groups of the same k items, each with a positive definite covariance matrix.
        free: what is free.
        names: the items, for errors.

    Raises:
        DesignError: no minimum was found. One at which a variance is not above zero is told by `Factor.improper`.
    """
    people = np.array([group.n for group in groups])
    scale = np.sqrt(people @ np.array([np.diag(group.covariance) for group in groups]) / people.sum())
    data = _prepared(groups, scale)
    with _blas().limit(limits=1, user_api="blas"):  # many solves of small matrices, over which threads only wait
        found, discrepancy = _lowest(_start(data, free), free, data)
    return Factor(tuple(groups), free, found, scale, discrepancy, tuple(names))


def require_proper(fit: Factor) -> Factor:
    """The fit itself, unless it is a Heywood case.

    Raises:
        DesignError: an item's own variance, or the factor's, is not above zero.
    """
    if fit.improper:
        raise DesignError(
            f"one factor fits only with a variance of {', '.join(fit.improper)} that is not above zero (a Heywood case).",
            fix="do not read this measure as one factor: look for items that say the same, or that go with nothing.",
            code="heywood",
        )
    return fit


def _lowest(free: Array, pattern: Pattern, data: Sequence[_Group]) -> tuple[Array, float]:
    """Where F is lowest, and F there: Fisher scoring, and where that is slow, because the model is wrong, BFGS from there."""
    free = _scored(free, pattern, data)
    if np.abs(_gradient(free, pattern, data)).max() >= FLAT:
        start = np.linalg.inv(_information(free, pattern, data))
        with np.errstate(all="ignore"):  # it may step where there is no F, and comes back
            free = optimize.minimize(
                _discrepancy, free, args=(pattern, data), jac=_gradient, method="BFGS",
                options={"gtol": FLAT, "maxiter": MOST_STEPS, "hess_inv0": (start + start.T) / 2},
            ).x
    if np.abs(_gradient(free, pattern, data)).max() < STEEPEST:
        return free, _discrepancy(free, pattern, data)
    raise DesignError("no best fit of one factor was found.", fix="look at the items' correlations.", code="no-convergence")


def _scored(free: Array, pattern: Pattern, data: Sequence[_Group]) -> Array:
    """Some steps of Fisher scoring, damped (Marquardt) until F falls."""
    value, damping = _discrepancy(free, pattern, data), 1e-3
    for _ in range(FIRST_STEPS):
        slope = _gradient(free, pattern, data)
        if np.abs(slope).max() < FLAT:
            return free
        bent = _information(free, pattern, data)
        while damping < HEAVIEST:
            proposed = free - np.linalg.solve(bent + damping * np.diag(np.diag(bent)), slope)
            reached = _discrepancy(proposed, pattern, data)
            if reached < value:
                break
            damping *= 10
        else:
            return free
        free, value, damping = proposed, reached, damping / 10
    return free


def _prepared(groups: Sequence[Sums], scale: Array) -> list[_Group]:
    total = sum(group.n for group in groups)
    scaled = [group.scaled(1 / scale) for group in groups]
    with_n = [one.covariance * (one.n - 1) / one.n for one in scaled]
    return [
        _Group(one.n / total, one.means, S, float(np.linalg.slogdet(S)[1])) for one, S in zip(scaled, with_n, strict=True)
    ]


def _start(data: Sequence[_Group], free: Pattern) -> Array:
    """Where to begin: loadings along the first component of all groups together, half of each variance the item's own."""
    pooled = np.sum([group.share * group.covariance for group in data], axis=0)
    sizes, vectors = np.linalg.eigh(pooled)
    along = vectors[:, -1] * np.sign(vectors[:, -1].sum() or 1.0) * np.sqrt(0.6 * sizes[-1])
    begun = np.zeros(free.count)
    for places, group in zip(free.places, data, strict=True):
        parts = np.concatenate([along, np.diag(group.covariance) / 2, group.means, [1.0, 0.0]])
        begun[places[places >= 0]] = parts[places >= 0]
    return begun


def _taken_apart(parts: Array) -> tuple[Array, Array, Array, float, float]:
    """Loadings, own variances, intercepts, variance and mean of the factor."""
    loadings, own, intercepts = np.split(parts[:-2], 3)
    return loadings, own, intercepts, float(parts[-2]), float(parts[-1])


def _discrepancy(free: Array, pattern: Pattern, data: Sequence[_Group]) -> float:
    total = 0.0
    for parts, group in zip(pattern.of(free), data, strict=True):
        loadings, own, intercepts, variance, mean = _taken_apart(parts)
        try:
            root = np.linalg.cholesky(variance * np.outer(loadings, loadings) + np.diag(own))
        except np.linalg.LinAlgError:
            return np.inf
        away = group.means - intercepts - loadings * mean
        inner = np.linalg.solve(root, np.column_stack([np.linalg.cholesky(group.covariance), away]))
        total += group.share * (2 * np.log(np.diag(root)).sum() - group.log_size + (inner**2).sum() - len(loadings))
    return float(total)


def _gradient(free: Array, pattern: Pattern, data: Sequence[_Group]) -> Array:
    slopes = []
    for parts, group in zip(pattern.of(free), data, strict=True):
        loadings, own, intercepts, variance, mean = _taken_apart(parts)
        A = np.linalg.inv(variance * np.outer(loadings, loadings) + np.diag(own))
        away = group.means - intercepts - loadings * mean
        pull = A @ away
        M = A - A @ group.covariance @ A - np.outer(pull, pull)
        along = 2 * variance * M @ loadings - 2 * mean * pull
        of_factor = np.array([loadings @ M @ loadings, -2 * loadings @ pull])
        slopes.append(group.share * np.concatenate([along, np.diag(M), -2 * pull, of_factor]))
    return pattern.gathered(slopes)


def _information(free: Array, pattern: Pattern, data: Sequence[_Group]) -> Array:
    """Expected second derivatives of F, tr(A dC_i A dC_j) + 2 dmu_i' A dmu_j with A = C^-1, written out."""
    blocks = []
    for parts, group in zip(pattern.of(free), data, strict=True):
        loadings, own, _, v, m = _taken_apart(parts)
        A = np.linalg.inv(v * np.outer(loadings, loadings) + np.diag(own))
        a, none = A @ loadings, np.zeros_like(A)
        q, column, empty = float(loadings @ a), a[:, None], np.zeros((len(a), 1))
        upper = [
            [2 * v**2 * (A * q + np.outer(a, a)) + 2 * m**2 * A, 2 * v * A * a, 2 * m * A, 2 * v * q * column, 2 * m * column],
            [2 * v * A * column, A**2, none, column**2, empty],
            [2 * m * A, none, 2 * A, empty, 2 * column],
            [2 * v * q * column.T, column.T**2, empty.T, np.array([[q**2]]), np.zeros((1, 1))],
            [2 * m * column.T, empty.T, 2 * column.T, np.zeros((1, 1)), np.array([[2 * q]])],
        ]
        blocks.append(group.share * np.block(upper))
    return pattern.gathered(blocks)
