"""What a mixed model with nested groupings needs of the rows: sums by level, never the rows.

The finest grouping (the one with most levels: organisation x wave, or person) keeps one vector of sums a level. The coarser
ones (organisation; its waves where the finest is its people) become indicator columns, few in each block; a block is one level
of the coarsest. Sources: docs/methods.md, formula 1; Bates et al. (2015), Journal of Statistical Software 67(1), section 3.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from evaluation.errors import DesignError
from evaluation.evidence.moments import Moments
from evaluation.inference.algebra import Array, Root, inverse_root
from evaluation.inference.design import Lifted, lift

Codes = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Grouping:
    """One random intercept: its name ('organisation:wave'), its levels, and the level of every cell."""

    name: str
    levels: tuple[str, ...]
    codes: Codes


@dataclass(frozen=True, eq=False)
class GroupedSums:
    """Sums of w w' and w, with w = (k columns, outcome, indicators of the coarser groupings), m wide.

    Attributes:
        terms: names of the k columns, which are of full rank; `root` says which of those asked for they are.
        groupings: c of them, the finest first.
        products: (B, m, m), sums of w w' over the rows of a block.
        totals: (L, m), sums of w over the rows of each level of the finest grouping, block by block.
        rows: (L,), rows of each of these levels.
        starts: (B,), the first level of every block.
        slots: (m - k - 1,), which grouping an indicator column belongs to.
        places: for every grouping but the finest, (levels, 2): block and indicator column of each level; for the finest, where
            in `totals` each level stands.
        centre: what was taken off the outcome.
    """

    terms: tuple[str, ...]
    outcome: str
    groupings: tuple[Grouping, ...]
    products: Array
    totals: Array
    rows: Array
    starts: Codes
    slots: Codes
    places: tuple[Codes, ...]
    centre: float
    root: Root

    @property
    def k(self) -> int:
        """Columns of the regression."""
        return len(self.terms)

    @property
    def n(self) -> float:
        """Rows."""
        return float(self.rows.sum())

    @cached_property
    def block(self) -> Codes:
        """The block of every level of the finest grouping, (L,)."""
        return np.repeat(np.arange(len(self.starts)), np.diff(self.starts, append=len(self.rows)))

    @cached_property
    def _outer(self) -> Array:
        return (self.totals[:, :, None] * self.totals[:, None, :]).reshape(len(self.totals), -1)

    def weigh(self, weights: Array) -> Array:
        """The sum over a block's levels of weight x w w', (B, m, m), of the level sums w and weights (L,)."""
        one_block = len(self.starts) == 1
        added = weights @ self._outer if one_block else np.add.reduceat(weights[:, None] * self._outer, self.starts)
        return np.asarray(added.reshape(self.products.shape))


def grouped_sums(moments: Moments, columns: Array, terms: Sequence[str], groups: Sequence[Sequence[str]]) -> GroupedSums:
    """Sums for a regression on `columns` and the covariates of the moments, with a random intercept for each grouping.

    Args:
        moments: C cells, at least as fine as every grouping, without weights.
        columns: (C, r), constant inside a cell; a first column of ones is the intercept.
        terms: their r names.
        groups: each grouping as the columns of `moments.cells` that name its levels, ["organisation", "wave"] for instance.

    Raises:
        DesignError: weights, a grouping that is not nested in the coarsest, or no column that carries anything.
    """
    if moments.weighted:
        raise DesignError(
            "random effects of weighted answers are not offered: a weight says for how many people an answer stands, not how "
            "sure it is.",
            fix="leave weights out, or use least squares with CR2, which takes them.",
            code="weights",
        )
    cells = lift(replace(moments, cells=moments.cells.assign(unit=np.arange(len(moments.cells)))), columns, terms)
    root = inverse_root(cells.grams.sum(axis=0))
    kept = list(root.kept)
    if not kept:
        raise DesignError("there is nothing to fit: every column is zero.", fix="check the formula and the rows.", code="empty")
    sums = np.column_stack([columns * moments.n[:, None], moments.products[:, 0, 1:-1]])[:, kept]
    cells = replace(
        cells, terms=tuple(cells.terms[k] for k in kept), grams=cells.grams[:, kept][:, :, kept], scores=cells.scores[:, kept]
    )
    sums = np.column_stack([sums, moments.products[:, 0, -1]])
    return _arranged(cells, sums, _groupings(moments.cells, groups), moments, root)


def _groupings(cells: pd.DataFrame, groups: Sequence[Sequence[str]]) -> tuple[Grouping, ...]:
    """The groupings, the finest first and otherwise as they were given."""
    found = []
    for keys in groups:
        grouped = cells.groupby(list(keys), sort=True, dropna=False)
        levels = grouped.size().index
        names = (":".join(map(str, level if isinstance(level, tuple) else (level,))) for level in levels)
        found.append(Grouping(":".join(keys), tuple(names), np.asarray(grouped.ngroup(), dtype=np.intp)))
    finest = max(found, key=lambda one: len(one.levels))
    return finest, *(one for one in found if one is not finest)


def _arranged(cells: Lifted, sums: Array, groupings: tuple[Grouping, ...], moments: Moments, root: Root) -> GroupedSums:
    finest, *coarser = groupings
    coarsest = min(coarser, key=lambda one: len(one.levels), default=None)
    block = coarsest.codes if coarsest else np.zeros(len(sums), dtype=np.intp)
    blocks = [_held(one, block, coarsest) for one in groupings]
    order = np.argsort(blocks[0], kind="stable")
    place = np.argsort(order)
    indicators, slots, places = _indicators(coarser, blocks[1:], len(sums))
    count, at = int(block.max()) + 1, place[finest.codes]
    whole = np.block([[cells.grams, cells.scores[:, :, None]], [cells.scores[:, None, :], cells.squares[:, None, None]]])
    cross = _added(sums[:, :, None] * indicators[:, None, :], block, count)
    inner = _added((cells.rows[:, None] * indicators)[:, :, None] * indicators[:, None, :], block, count)
    products = np.block([[_added(whole, block, count), cross], [cross.transpose(0, 2, 1), inner]])
    totals = _added(np.column_stack([sums, cells.rows[:, None] * indicators]), at, len(finest.levels))
    rows = _added(cells.rows, at, len(finest.levels))
    starts = np.searchsorted(blocks[0][order], np.arange(count))
    kept = (products, totals, rows, starts, slots, (place, *places))
    return GroupedSums(cells.terms, moments.outcome, groupings, *kept, moments.centre, root)


def _held(grouping: Grouping, block: Codes, coarsest: Grouping | None) -> Codes:
    """The block of each level; a level in two blocks is refused."""
    pairs = pd.DataFrame({"level": grouping.codes, "block": block}).drop_duplicates()
    if len(pairs) > len(grouping.levels):
        coarse = coarsest.name if coarsest else ""
        raise DesignError(
            f"'{grouping.name}' is not nested in '{coarse}': a level of it lies in several of its levels.",
            fix=f"write the grouping as '{coarse}:{grouping.name}', or leave one of them out.",
            code="groups",
        )
    return pairs.sort_values("level")["block"].to_numpy(dtype=np.intp)


def _indicators(coarser: Sequence[Grouping], blocks: Sequence[Codes], cells: int) -> tuple[Array, Codes, tuple[Codes, ...]]:
    """Indicator columns of every cell, counted within its block, the grouping of each column, and the place of each level."""
    parts = [np.zeros((cells, 0))]
    slots: list[int] = []
    places: list[Codes] = []
    for number, (grouping, block) in enumerate(zip(coarser, blocks, strict=True), start=1):
        rank = pd.Series(block).groupby(block).cumcount().to_numpy()
        width = int(rank.max()) + 1
        parts.append(np.eye(width)[rank[grouping.codes]])
        places.append(np.column_stack([block, rank + len(slots)]))
        slots += [number] * width
    return np.concatenate(parts, axis=1), np.asarray(slots, dtype=np.intp), tuple(places)


def _added(parts: Array, codes: Codes, count: int) -> Array:
    total = np.zeros((count, *parts.shape[1:]))
    np.add.at(total, codes, parts)
    return total
