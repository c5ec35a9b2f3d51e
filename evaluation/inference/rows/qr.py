"""Least squares on rows by QR, where every row was assigned by itself.

Columns are scaled before they are factored and the solution is refined, so that the digits are kept that a cross-product
matrix loses: see tests/inference/fit/test_nist.py. Errors are HC2 with Bell and McCaffrey's degrees of freedom, HC1
as Stata prints it, and the classical one of textbooks, which takes all rows to vary alike.
Sources: Golub & Van Loan (2013), 5.3; Bjoerck (1967), BIT 7, 257; Imbens & Kolesar (2016).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.linalg import solve_triangular

from evaluation.inference.algebra import LEVERAGE_ONE, Array, power_of_complement

NOTHING_OF_ITS_OWN = 1e-12
REFINEMENTS = 4
ERRORS = ("HC2", "HC1", "classical")


@dataclass(frozen=True)
class RowFit:
    """A regression of N rows on the k `kept` of its columns, rows and columns multiplied by the root of their weights.

    `basis` Q (N, k) is orthonormal, `back` (k, k) turns coordinates in it into coefficients; `explained_by` says for every
    dropped column which kept ones say the same.
    """

    kept: tuple[int, ...]
    explained_by: dict[int, tuple[int, ...]]
    coefficients: Array
    residuals: Array
    basis: Array
    back: Array
    condition: float

    @property
    def spare(self) -> int:
        """Degrees of freedom that are left, N - k."""
        return len(self.residuals) - len(self.kept)

    @property
    def sigma(self) -> float:
        """The residual standard deviation; 0 where no degree of freedom is left."""
        return float(np.sqrt(self.residuals @ self.residuals / max(self.spare, 1)))

    @cached_property
    def leverage(self) -> Array:
        """How far each row decides its own fitted value, (N,)."""
        return np.asarray((self.basis**2).sum(axis=1))

    def along(self, contrast: Array) -> Array:
        """How much each row's answer moves c'b, (N,); `contrast` c is (k,)."""
        return np.asarray(self.basis @ (self.back.T @ contrast))

    def rests_on_one_row(self, contrast: Array) -> bool:
        """Whether a row alone decides something of c'b (leverage 1)."""
        moves = np.abs(self.along(contrast))
        return bool(np.any((self.leverage >= 1 - LEVERAGE_ONE) & (moves > 1e-6 * np.linalg.norm(moves))))

    def error(self, contrast: Array, kind: str) -> tuple[float, float]:
        """Standard error and degrees of freedom of c'b by one of `ERRORS`."""
        moves = self.along(contrast)
        if kind == "classical":
            return self.sigma * float(np.linalg.norm(moves)), float(self.spare)
        if kind == "HC1":
            squares = float(((moves * self.residuals) ** 2).sum())
            return float(np.sqrt(len(moves) / self.spare * squares)), float(self.spare)
        shares = moves**2 * power_of_complement(self.leverage, -1.0)
        spread = self.basis.T @ (self.basis * shares[:, None])
        rest = (shares * (1 - self.leverage)).sum() ** 2
        df = rest / ((shares**2 * (1 - 2 * self.leverage)).sum() + (spread**2).sum())
        return float(np.sqrt((shares * self.residuals**2).sum())), float(df)


def fit_rows(columns: Array, outcome: Array) -> RowFit:
    """Fit by QR; a column that those before it explain is dropped.

    Args:
        columns: X (N, k).
        outcome: y (N,).
    """
    norms = np.linalg.norm(columns, axis=0)
    scale = np.exp2(np.round(np.log2(np.where(norms > 0, norms, 1.0))))  # a power of two takes no digit away
    scaled = columns / scale
    kept = np.flatnonzero(norms > 0)
    while True:
        basis, triangle = np.linalg.qr(scaled[:, kept])
        empty = np.flatnonzero(np.abs(np.diag(triangle)) <= NOTHING_OF_ITS_OWN)
        if not len(empty):
            break
        kept = np.delete(kept, empty[0])
    own = scaled[:, kept]
    solution, residuals = _refined(own, outcome, basis, triangle)
    back = solve_triangular(triangle, np.eye(len(kept))) / scale[kept][:, None]
    gone = {column: _explained(scaled[:, column], basis, triangle, kept) for column in sorted({*range(len(norms))} - {*kept})}
    condition = float(np.linalg.cond(triangle))
    return RowFit(tuple(map(int, kept)), gone, solution / scale[kept], residuals, basis, back, condition)


def _refined(columns: Array, outcome: Array, basis: Array, triangle: Array) -> tuple[Array, Array]:
    """Coefficients and residuals, refined together as the solution of r + Xb = y, X'r = 0 (Bjoerck, 1967).

    What is left of both equations is worked out in the longest floating point of the machine: with residuals a million times
    the size of what is fitted, doubles alone would keep fewer than six digits of the coefficients.
    """
    X, y = columns.astype(np.longdouble), outcome.astype(np.longdouble)
    b, r = np.zeros(X.shape[1], dtype=np.longdouble), np.zeros_like(y)
    for _ in range(REFINEMENTS):
        missing = (y - r - X @ b).astype(float)
        slope = solve_triangular(triangle, (X.T @ r).astype(float), trans="T")
        along = basis.T @ missing
        b += solve_triangular(triangle, along + slope)
        r += missing - basis @ (along + slope)
    return b.astype(float), r.astype(float)


def _explained(column: Array, basis: Array, triangle: Array, kept: npt.NDArray[np.intp]) -> tuple[int, ...]:
    weights = solve_triangular(triangle, basis.T @ column)
    return tuple(int(k) for k, weight in zip(kept, weights, strict=True) if abs(weight) > 1e-6)
