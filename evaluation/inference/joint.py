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
from evaluation.inference.variance import LeastSquares, covariance, products


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
        DesignError: contrasts say the same thing, or one unit alone decides one of them.
    """
    C = np.atleast_2d(np.asarray(contrasts, dtype=float))
    q = len(C)
    if np.linalg.matrix_rank(C) < q:
        raise DesignError("some of the contrasts say the same thing.", fix="name each once.", code="contrasts")
    if any(fit.rests_on_one(one) for one in C):
        raise DesignError("one unit alone decides one of the contrasts.", fix="leave it out.", code="leverage")
    V = C @ covariance(fit, "CR2") @ C.T
    values = C @ fit.coefficients
    nu = _wishart_df(fit, C)
    scale = (nu - q + 1) / (nu * q)
    return JointTest(float(scale * values @ np.linalg.solve(V, values)), q, nu - q + 1)


def _wishart_df(fit: LeastSquares, C: Array) -> float:
    """q (q + 1) over the summed variances of the entries of the standardised covariance estimate."""
    q = len(C)
    each = np.array([[products(fit, one, other) for other in C] for one in C])
    centre = np.einsum("abgg->ab", each)
    values, vectors = np.linalg.eigh((centre + centre.T) / 2)
    root = vectors / np.sqrt(values) @ vectors.T
    turned = np.einsum("ia,abgh,jb->ijgh", root, each, root)
    total = sum(
        float((turned[i, i] * turned[j, j] + turned[i, j] * turned[j, i]).sum())
        for i in range(q) for j in range(q)
    )
    return q * (q + 1) / total
