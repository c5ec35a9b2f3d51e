"""Several contrasts at once: Hotelling's T-squared with CR2 and degrees of freedom for few units.

The covariance estimate is taken as Wishart with the degrees of freedom that give its entries the right total variance under the
working model of independent rows (HTZ). Source: Pustejovsky & Tipton (2018), Journal of Business & Economic Statistics 36, 672,
section 3.2; clubSandwich calls it `Wald_test(test = "HTZ")`.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from evaluation.errors import DesignError
from evaluation.inference.algebra import Array
from evaluation.inference.testable import refuse_untestable
from evaluation.inference.variance import LeastSquares, covariance, product_parts


@dataclass(frozen=True)
class JointTest:
    """F = statistic with `contrasts` and `df` degrees of freedom; `df` at or below 0 leaves no p-value."""

    statistic: float
    contrasts: int
    df: float

    @property
    def p_value(self) -> float | None:
        """From the F distribution; None where there are too few units for so many contrasts."""
        return float(stats.f.sf(self.statistic, self.contrasts, self.df)) if self.df > 0 else None


def joint_test(fit: LeastSquares, contrasts: Array) -> JointTest:
    """Whether all of q contrasts are zero.

    Args:
        fit: G units, k kept columns.
        contrasts: (q, k), linearly independent.

    Raises:
        DesignError: contrasts say the same thing, one unit alone decides one of them, or nothing is unexplained.
    """
    C = np.atleast_2d(np.asarray(contrasts, dtype=float))
    q = len(C)
    if np.linalg.matrix_rank(C) < q:
        raise DesignError("some of the contrasts say the same thing.", fix="name each once.", code="contrasts")
    refuse_untestable(fit, C)
    V = C @ covariance(fit, "CR2") @ C.T
    values = C @ fit.coefficients
    nu = _wishart_df(fit, C)
    scale = (nu - q + 1) / (nu * q)
    return JointTest(float(scale * values @ np.linalg.solve(V, values)), q, nu - q + 1)


def _wishart_df(fit: LeastSquares, C: Array) -> float:
    """q (q + 1) over the summed variances of the entries of the standardised covariance estimate."""
    q = len(C)
    centre = np.array([[_trace(product_parts(fit, one, other)) for other in C] for one in C])
    values, vectors = np.linalg.eigh((centre + centre.T) / 2)
    turned = (vectors / np.sqrt(values)) @ vectors.T @ C
    each = [[product_parts(fit, one, other) for other in turned] for one in turned]
    pairs = [(i, j) for i in range(q) for j in range(q)]
    total = sum(_inner(each[i][i], each[j][j]) + _inner(each[i][j], each[j][i]) for i, j in pairs)
    return q * (q + 1) / total


Parts = tuple[Array, Array, Array]
"""A G x G matrix as diag(own) - left right': thousands of units need no more."""


def _trace(parts: Parts) -> float:
    own, left, right = parts
    return float(own.sum() - (left * right).sum())


def _inner(one: Parts, other: Parts) -> float:
    """The sum of the products of two matrices' entries."""
    (a, left, right), (b, first, second) = one, other
    crossed = a @ (first * second).sum(axis=1) + b @ (left * right).sum(axis=1)
    return float(a @ b - crossed + ((left.T @ first) * (right.T @ second)).sum())
