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


def dummy(covariate: str, level: str) -> str:
    """The name of the column that is 1 where `covariate` is `level`."""
    return f"{covariate}={level}"


def keys_of(sizes: pd.Series) -> pd.DataFrame:
    """One line per group, in order, with its keys as columns; `sizes` counts the groups by key."""
    found = sizes.index.to_frame(index=False)
    return found.set_axis(found.columns.astype("str"), axis=1)


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
    """

    cells: pd.DataFrame
    names: tuple[str, ...]
    products: Array
    centre: float

    def __post_init__(self) -> None:
        expected = (len(self.cells), len(self.names), len(self.names))
        if self.products.shape != expected:
            raise ValueError(f"products of shape {self.products.shape} do not fit cells and names {expected}")
        self.products.flags.writeable = False

    @property
    def outcome(self) -> str:
        """The name of the outcome."""
        return self.names[-1]

    @property
    def n(self) -> Array:
        """Respondents in each cell, (C,)."""
        return self.products[:, 0, 0]

    def means(self) -> Array:
        """The outcome's mean in each cell, (C,), in the measure's own units; every cell has at least one respondent."""
        return self.products[:, 0, -1] / self.n + self.centre

    def variance(self) -> Array:
        """The outcome's variance within each cell, (C,), with n - 1; NaN where fewer than two answered."""
        n, total, squares = self.n, self.products[:, 0, -1], self.products[:, -1, -1]
        spread = np.maximum(squares - total**2 / n, 0.0)
        return np.divide(spread, n - 1, out=np.full_like(n, np.nan), where=n > 1)

    def select(self, mask: Sequence[bool] | npt.NDArray[np.bool_] | pd.Series) -> "Moments":
        """The cells for which `mask`, (C,), holds."""
        kept = np.asarray(mask, dtype=bool)
        return Moments(self.cells[kept].reset_index(drop=True), self.names, self.products[kept], self.centre)

    def pool(self, by: Sequence[str]) -> "Moments":
        """Cells that agree on the keys `by` added together; `by` are the columns that remain."""
        keys = list(by)
        if not len(self.cells):
            return Moments(self.cells[keys], self.names, self.products, self.centre)
        groups = self.cells.groupby(keys, dropna=False, sort=True)
        pooled = np.zeros((groups.ngroups, *self.products.shape[1:]))
        np.add.at(pooled, groups.ngroup().to_numpy(), self.products)
        return Moments(keys_of(groups.size()), self.names, pooled, self.centre)

    def with_covariates(self, covariates: Sequence[str]) -> "Moments":
        """The same cells with only the columns of `covariates`, beside the constant, the baseline and the outcome."""
        fixed = {"1", "baseline", self.outcome}
        kept = [k for k, name in enumerate(self.names) if name in fixed or name.partition("=")[0] in covariates]
        names = tuple(self.names[k] for k in kept)
        return Moments(self.cells, names, self.products[:, kept][:, :, kept], self.centre)

    def __add__(self, other: "Moments") -> "Moments":
        """The evidence of two sets of respondents together; cells with the same keys become one.

        Raises:
            DesignError: the two do not hold sums of the same columns around the same centre.
        """
        if (self.names, self.centre) != (other.names, other.centre):
            raise DesignError(
                f"moments of {', '.join(self.names)} and of {', '.join(other.names)} cannot be added.",
                fix="sum both with the same covariates, levels and scale.",
                code="moments",
            )
        cells = pd.concat([self.cells, other.cells], ignore_index=True)
        both = Moments(cells, self.names, np.concatenate([self.products, other.products]), self.centre)
        return both.pool(list(self.cells.columns))


def no_moments(outcome: str, centre: float = 0.0) -> Moments:
    """The moments of an outcome that nobody has answered: no cells."""
    cells = pd.DataFrame({key: pd.Series(dtype="str") for key in KEYS})
    return Moments(cells, ("1", outcome), np.zeros((0, 2, 2)), centre)
