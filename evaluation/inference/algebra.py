"""Small symmetric matrices, handled so that a bad one is noticed.

A cross-product matrix is scaled to unit diagonal before it is factored. A column that the columns before it already
explain is dropped and named: what stands first (the design) outlives what stands last (the covariates). All matrices are
k x k with k the number of regressors; none grows with the rows. Source: docs/methods.md, rule 1; Golub & Van Loan (2013), 4.2.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

PIVOT_TOLERANCE = 1e-9
LEVERAGE_ONE = 1e-8
MOORE_PENROSE = 1e-10


@dataclass(frozen=True)
class Root:
    """`kept` columns of a positive matrix S, and R (k x k, k = len(kept)) with R R' = S[kept, kept]^-1.

    `explained_by` says for every dropped column which kept ones already say the same.
    """

    kept: tuple[int, ...]
    explained_by: dict[int, tuple[int, ...]]
    root: Array

    @property
    def inverse(self) -> Array:
        """The inverse of S over the kept columns, k x k."""
        return self.root @ self.root.T


def inverse_root(gram: Array) -> Root:
    """Factor a cross-product matrix, dropping from left to right what adds nothing.

    Args:
        gram: S, k x k, symmetric and at least semi-definite.

    Returns:
        The kept columns and the root of their inverse; empty when every column is zero.
    """
    scale = _scale(gram)
    scaled = gram / np.outer(scale, scale)
    kept, explained_by = _independent(scaled, np.diag(gram) > 0)
    size = len(kept)
    if size == 0:
        return Root((), explained_by, np.zeros((0, 0)))
    lower = np.linalg.cholesky(scaled[np.ix_(kept, kept)])
    root = np.linalg.solve(lower, np.eye(size)).T / scale[kept][:, None]
    return Root(tuple(kept), explained_by, root)


def _scale(gram: Array) -> Array:
    diagonal = np.diag(gram)
    return np.sqrt(np.where(diagonal > 0, diagonal, 1.0))


def _independent(scaled: Array, present: npt.NDArray[np.bool_]) -> tuple[list[int], dict[int, tuple[int, ...]]]:
    """Columns that still carry something of their own, and what explains each of the others."""
    kept: list[int] = []
    explained_by: dict[int, tuple[int, ...]] = {}
    for column in range(len(scaled)):
        weights = np.linalg.solve(scaled[np.ix_(kept, kept)], scaled[kept, column])
        own = scaled[column, column] - scaled[column, kept] @ weights
        if present[column] and own > PIVOT_TOLERANCE:
            kept.append(column)
        else:
            explained_by[column] = tuple(k for k, weight in zip(kept, weights, strict=True) if abs(weight) > 1e-6)
    return kept, explained_by


def power_of_complement(leverage: Array, power: float) -> Array:
    """(1 - h)^power where it exists, 0 where h is 1: the Moore-Penrose rule of CR2 (-1/2) and CR3 (-1)."""
    rest = 1.0 - leverage
    alive = rest > MOORE_PENROSE
    return np.where(alive, np.where(alive, rest, 1.0) ** power, 0.0)


def said(names: Sequence[str], explained_by: dict[int, tuple[int, ...]]) -> dict[str, str]:
    """Why each dropped column was dropped, in words."""
    return {names[column]: _reason([names[k] for k in others]) for column, others in explained_by.items()}


def _reason(others: Sequence[str]) -> str:
    return f"already said by {', '.join(others)}" if others else "it does not vary in what is compared"
