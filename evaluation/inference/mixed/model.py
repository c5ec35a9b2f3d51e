"""A mixed model at given variances, from sums.

V = I + sum of theta_i Z_i Z_i', in units of the residual variance. The finest grouping is taken out of V in closed form, level by
level; what remains are a few indicator columns a block. Sources: docs/methods.md; Bates et al. (2015), Journal of Statistical
Software 67(1); Searle, Casella & McCulloch (1992), Variance Components, chapter 6.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from evaluation.inference.algebra import Array
from evaluation.inference.mixed.grouped_sums import GroupedSums


@dataclass(frozen=True)
class At:
    """The model at given relative variances, `theta` (c,), in the order of `sums.groupings`.

    `base` (B, m, m) holds w'V^-1w with only the finest grouping in V; `inner` is E (B, q, q), which takes the indicator columns
    of the coarser groupings out of it; `cross` (k + 1, k + 1) is that of (columns, outcome) when all is taken out.
    """

    sums: GroupedSums
    theta: Array
    base: Array
    inner: Array
    log_det: float

    @cached_property
    def cross(self) -> Array:
        """(columns, outcome)' V^-1 (columns, outcome), over all blocks."""
        k = self.sums.k + 1
        across = self.base[:, :k, k:]
        return np.asarray((self.base[:, :k, :k] - across @ self.inner @ across.transpose(0, 2, 1)).sum(axis=0))

    @cached_property
    def _factor(self) -> tuple[Array, Array]:
        """The Cholesky factor of X'V^-1X at unit diagonal, and the scale."""
        A = self.cross[:-1, :-1]
        scale = np.sqrt(np.diag(A))
        return np.linalg.cholesky(A / np.outer(scale, scale)), scale

    @cached_property
    def phi(self) -> Array:
        """(X'V^-1X)^-1, (k, k): the coefficients' covariance in units of the residual variance."""
        lower, scale = self._factor
        root = np.linalg.solve(lower, np.diag(1 / scale))
        return np.asarray(root.T @ root)

    @cached_property
    def coefficients(self) -> Array:
        """b (k,)."""
        A, a = self.cross[:-1, :-1], self.cross[:-1, -1]
        b = self.phi @ a
        return np.asarray(b + self.phi @ (a - A @ b))

    @property
    def residual(self) -> Array:
        """(-b, 1), (k + 1,): turns (columns, outcome) into the residual."""
        return np.append(-self.coefficients, 1.0)

    @property
    def squares(self) -> float:
        """r'V^-1 r."""
        return float(self.residual @ self.cross @ self.residual)

    @property
    def df(self) -> float:
        """Rows less columns."""
        return self.sums.n - self.sums.k

    @property
    def criterion(self) -> float:
        """-2 log restricted likelihood at the best residual variance, as lme4 counts it."""
        lower, scale = self._factor
        log_gram = 2 * np.log(np.diag(lower)).sum() + 2 * np.log(scale).sum()
        return float(self.log_det + log_gram + self.df * (1 + np.log(2 * np.pi * self.squares / self.df)))


def at(sums: GroupedSums, theta: Array) -> At:
    """The model at relative variances `theta`, (c,), each at least 0."""
    k = sums.k + 1
    stretch = 1 + theta[0] * sums.rows
    base = sums.products - sums.weigh(theta[0] / stretch)
    root = np.sqrt(theta[sums.slots])
    lower = np.linalg.cholesky(np.eye(len(root)) + root[:, None] * base[:, k:, k:] * root)
    half = np.linalg.solve(lower, np.broadcast_to(np.diag(root), lower.shape))
    log_det = np.log(stretch).sum() + 2 * np.log(np.diagonal(lower, axis1=1, axis2=2)).sum()
    return At(sums, theta, base, half.transpose(0, 2, 1) @ half, float(log_det))
