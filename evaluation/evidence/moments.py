"""Moments: the sums of products of every cell, and how cells add.

A cell is one unit in one wave (and one arm, where an organisation holds both). With u = (1, covariates, outcome) of each
respondent, a cell keeps the sum of u u', which is sufficient for every linear model whose other regressors are constant
within a cell. Source: Wong, Lewis & Wardrop (2019), "Efficient computation of linear model treatment effects".
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from evaluation.errors import DesignError

Array = npt.NDArray[np.float64]

KEYS: tuple[str, ...] = ("unit", "organisation", "arm", "role", "wave")
NOT_STATED = "not stated"
ROUNDING = 1e-13
"""Of a sum of squares: a spread below this share of it is rounding, not people."""


def dummy(covariate: str, level: str) -> str:
    """The name of the column that is 1 where `covariate` is `level`."""
    return f"{covariate}={level}"


def keys_of(sizes: pd.Series) -> pd.DataFrame:
    """One line per group, in order, with its keys as columns; `sizes` counts the groups by key."""
    found = sizes.index.to_frame(index=False)
    return found.set_axis(found.columns.astype("str"), axis=1)


def added_up(cells: pd.DataFrame, parts: Sequence[Array], by: Sequence[str]) -> tuple[pd.DataFrame, list[Array]]:
    """Sums of cells that agree on the keys `by`, each (C, ...), added together; the cells that remain have these keys."""
    groups = cells.groupby(list(by), dropna=False, sort=True)
    pooled = [np.zeros((groups.ngroups, *part.shape[1:])) for part in parts]
    for into, part in zip(pooled, parts, strict=True):
        np.add.at(into, groups.ngroup().to_numpy(), part)
    return keys_of(groups.size()), pooled


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums of products over complete rows: those with a score (and, for linked people, a baseline score).

    Attributes:
        cells: one line per cell, C of them, sorted by their keys; only cells in which somebody has a score.
        names: what the q rows and columns of each matrix stand for: "1", covariates, ["baseline",] the outcome last. A
            declared covariate has a 0/1 column per level but its first; a respondent who did not state it is in the level
            "not stated", so that no respondent is lost.
        products: (C, q, q), the sum over a cell's respondents of u u', the outcome (and baseline) less `centre`.
        centre: what was subtracted before squaring: the middle of the scale, in the measure's own units.
        plain: (C, q, q), with weights only: the same sums without them, so that `products` holds the sum of w u u'.
        doubled: (C, q, q), with weights only: the sum of w^2 u u'. Plain and doubled are what CR2 of weighted rows needs.
    """

    cells: pd.DataFrame
    names: tuple[str, ...]
    products: Array
    centre: float
    plain: Array | None = None
    doubled: Array | None = None

    def __post_init__(self) -> None:
        if (self.plain is None) != (self.doubled is None):
            raise ValueError("weighted moments keep both the plain and the doubled sums")
        expected = (len(self.cells), len(self.names), len(self.names))
        for sums in self.sums:
            if sums.shape != expected:
                raise ValueError(f"products of shape {sums.shape} do not fit cells and names {expected}")
            sums.flags.writeable = False

    @property
    def sums(self) -> tuple[Array, ...]:
        """(products,), or (products, plain, doubled) with weights."""
        return (self.products,) if self.plain is None or self.doubled is None else (self.products, self.plain, self.doubled)

    @property
    def weighted(self) -> bool:
        """Whether respondents count by weights."""
        return self.plain is not None

    @property
    def outcome(self) -> str:
        """The name of the outcome."""
        return self.names[-1]

    @property
    def n(self) -> Array:
        """Respondents in each cell, (C,)."""
        return (self.products if self.plain is None else self.plain)[:, 0, 0]

    @property
    def total(self) -> Array:
        """The sum of weights in each cell, (C,); respondents where there are no weights."""
        return self.products[:, 0, 0]

    @property
    def effective(self) -> Array:
        """Kish's effective number of respondents in each cell, (C,): (sum w)^2 / sum w^2."""
        return self.n if self.doubled is None else self.total**2 / self.doubled[:, 0, 0]

    def means(self) -> Array:
        """The outcome's (weighted) mean in each cell, (C,), in the measure's own units; every cell has a respondent."""
        return self.products[:, 0, -1] / self.total + self.centre

    def variance(self) -> Array:
        """The outcome's variance within each cell, (C,), unweighted with n - 1; NaN where fewer than two answered."""
        own = self.products if self.plain is None else self.plain
        n, total, squares = self.n, own[:, 0, -1], own[:, -1, -1]
        spread = squares - total**2 / n
        spread = np.where(spread > ROUNDING * squares, spread, 0.0)
        return np.divide(spread, n - 1, out=np.full_like(n, np.nan), where=n > 1)

    def select(self, mask: Sequence[bool] | npt.NDArray[np.bool_] | pd.Series) -> "Moments":
        """The cells for which `mask`, (C,), holds."""
        kept = np.asarray(mask, dtype=bool)
        return self._with(self.cells[kept].reset_index(drop=True), self.names, [sums[kept] for sums in self.sums])

    def pool(self, by: Sequence[str]) -> "Moments":
        """Cells that agree on the keys `by` added together; `by` are the columns that remain."""
        keys = list(by)
        if not len(self.cells):
            return self._with(self.cells[keys], self.names, self.sums)
        cells, pooled = added_up(self.cells, self.sums, keys)
        return self._with(cells, self.names, pooled)

    def with_covariates(self, covariates: Sequence[str]) -> "Moments":
        """The same cells with only the columns of `covariates`, beside the constant, the baseline and the outcome."""
        fixed = {"1", "baseline", self.outcome}
        kept = [k for k, name in enumerate(self.names) if name in fixed or name.partition("=")[0] in covariates]
        names = tuple(self.names[k] for k in kept)
        return self._with(self.cells, names, [sums[:, kept][:, :, kept] for sums in self.sums])

    def _with(self, cells: pd.DataFrame, names: tuple[str, ...], sums: Sequence[Array]) -> "Moments":
        products, *weighted = sums
        return Moments(cells, names, products, self.centre, *weighted)

    def __add__(self, other: "Moments") -> "Moments":
        """The evidence of two sets of respondents together; cells with the same keys become one.

        Raises:
            DesignError: the two do not hold sums of the same columns around the same centre.
        """
        if (self.names, self.centre, self.weighted) != (other.names, other.centre, other.weighted):
            raise DesignError(
                f"moments of {', '.join(self.names)} and of {', '.join(other.names)} cannot be added.",
                fix="sum both with the same covariates, levels, scale and weights.",
                code="moments",
            )
        cells = pd.concat([self.cells, other.cells], ignore_index=True)
        both = self._with(cells, self.names, [np.concatenate(pair) for pair in zip(self.sums, other.sums, strict=True)])
        return both.pool(list(self.cells.columns))


def no_moments(outcome: str, centre: float = 0.0, keys: Sequence[str] = KEYS) -> Moments:
    """The moments of an outcome that nobody has answered: no cells."""
    cells = pd.DataFrame({key: pd.Series(dtype="str") for key in keys})
    return Moments(cells, ("1", outcome), np.zeros((0, 2, 2)), centre)
