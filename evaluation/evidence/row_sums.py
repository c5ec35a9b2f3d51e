"""Sums over the rows of any table: one pass, many outcomes, by cell.

A row enters an outcome's sums when it has a unit, every covariate and that outcome. Batch by batch, rows are put in order of
their cell and multiplied by themselves: one small matrix product per cell. Where outcomes are missing in different rows, the
products of covariates are multiplied by the 0/1 table of who answered what, so that forty outcomes cost two matrix products.
Batches are summed on a few threads and added up in their own order, so that threads change no bit.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from evaluation.errors import DesignError, Problem
from evaluation.evidence.any_table import Source, as_they_lie, batches, coded, numbers
from evaluation.evidence.by_cell import Cell, InCells, Mask, added, by_cell, cell_sums, in_turn, key_columns
from evaluation.evidence.moments import Array, Moments

Counts = npt.NDArray[np.int64]
SMALLEST = 1e-290
"""A sum of products nearer to 0 has lost digits."""
Values: TypeAlias = Iterable[npt.NDArray[Any]]
"""Columns of numbers, one after the other; small whole numbers are put in order as they are, which is faster than as doubles."""


class Columns(Protocol):
    """Covariates, made batch by batch."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns of the table that they are made from."""

    @property
    def names(self) -> tuple[str, ...]:
        """Their k names."""

    def __call__(self, batch: pa.RecordBatch) -> Values:
        """Their values, k times (rows,), NaN where missing; called from several threads."""


@dataclass(frozen=True)
class AsTheyAre:
    """Numeric columns of the table as covariates, less what is taken off where `centres` names them."""

    names: tuple[str, ...]
    centres: Mapping[str, float] = field(default_factory=dict)

    @property
    def needs(self) -> tuple[str, ...]:
        """The same columns."""
        return self.names

    def __call__(self, batch: pa.RecordBatch) -> Values:
        """Their values, k times (rows,)."""
        read = zip(self.names, as_they_lie(batch, self.names), strict=True)
        return [values - off if (off := self.centres.get(name, 0.0)) else values for name, values in read]


def row_sums(
    source: Source, columns: Columns, outcomes: Sequence[str], *, by: Mapping[str, str], weights: str | None = None,
    centres: Mapping[str, float] | None = None,
) -> dict[str, Moments]:
    """Moments of several outcomes with the same covariates, from one pass over the rows.

    Args:
        source: a Parquet path, a pandas, polars or Arrow table, or a DuckDB relation.
        columns: the k covariates.
        outcomes: numeric columns.
        by: the column behind each key of a cell, the unit's first: {"unit": "organisation", "wave": "wave"}. Rows without a unit
            are left out; any other key may be missing.
        weights: a column of weights, of which only the ratios matter to inference; sums are given with them as they are. Rows
            of weight zero are left out, like rows in which something is missing.
        centres: what is subtracted from an outcome before squaring; nothing where none is given.

    Returns:
        By outcome: cells with the keys of `by`, sorted; names "1", the covariates, the outcome. Whole numbers are summed exactly
        while their sums stay below 2^53; other sums repeat bit for bit.

    Raises:
        DesignError: a covariate or outcome is infinite, or a weight is missing, negative or infinite, with the number of rows;
            or squares are too large.
    """
    middles = np.asarray([(centres or {}).get(name, 0.0) for name in outcomes])
    ask = _Ask(columns, tuple(outcomes), tuple(by.values()), weights, middles)
    faults = np.zeros(len(ask.watched), dtype=np.int64)

    def parts() -> Iterator[tuple[list[Cell], Array]]:
        for cells, sums, wrong in in_turn(lambda batch: _summed(batch, ask), batches(source, ask.needs)):
            np.add(faults, wrong, out=faults)
            yield cells, sums

    cells, sums = added(parts(), ask.shape)
    _refuse(ask, faults)
    if not np.isfinite(sums).all():
        raise DesignError("the table holds numbers too large to be squared.", fix="give them in larger steps.", code="infinite")
    if np.any((np.abs(sums) < SMALLEST) & (sums != 0)):
        raise DesignError("the table holds numbers too small to be squared.", fix="give them in smaller steps.", code="tiny")
    frame = key_columns(cells, tuple(by))
    return {name: _moments(frame, sums[:, :, place], place, ask) for place, name in enumerate(outcomes)}


@dataclass(frozen=True)
class _Ask:
    """What is summed: k covariates, m outcomes, keys, weights, and the outcomes' centres (m,)."""

    columns: Columns
    outcomes: tuple[str, ...]
    by: tuple[str, ...]
    weights: str | None
    centres: Array

    @property
    def values(self) -> list[str]:
        """The columns of the table that are summed."""
        return list(dict.fromkeys([*self.columns.needs, *self.outcomes, *([self.weights] if self.weights else [])]))

    @property
    def needs(self) -> list[str]:
        """Every column of the table that is read."""
        return list(dict.fromkeys([*self.by, *self.values]))

    @property
    def watched(self) -> tuple[str, ...]:
        """What may be infinite, and the weights that may be wrong."""
        return (*self.columns.names, *self.outcomes, *([self.weights] if self.weights else []))

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of a cell's sums: weightings (with w, without, with w^2), outcomes, and the lower half of q x q, row by row."""
        q = len(self.columns.names) + 2
        return (3 if self.weights else 1, len(self.outcomes), q * (q + 1) // 2)

    @cached_property
    def pairs(self) -> tuple[Counts, Counts]:
        """The lower half of the products of the constant and the covariates, row by row."""
        return np.tril_indices(len(self.columns.names) + 1)


@np.errstate(over="ignore", invalid="ignore")
def _summed(batch: pa.RecordBatch, ask: _Ask) -> tuple[list[Cell], Array, Counts]:
    """The cells of a batch, their sums (C, weightings, m, half of q x q), and by column how many rows are at fault."""
    values = [*ask.columns(batch), *as_they_lie(batch, ask.outcomes)]
    w = numbers(batch, [ask.weights])[0] if ask.weights else None
    known, wrong = _known(values, len(ask.outcomes), w)
    if wrong.any() or not known.any():
        return [], np.zeros((0, *ask.shape)), wrong
    U = np.ones((1 + len(values), 0))
    cells: list[Cell] = []
    sums = []
    for piece in by_cell([coded(batch.column(name)) for name in ask.by], known).pieces(len(U)):
        U = U[:, : len(piece.order)] if len(piece.order) <= U.shape[1] else np.ones((len(U), len(piece.order)))
        cells.extend(piece.cells)
        sums.append(_piece(piece, U, values, w, ask))
    return cells, np.concatenate(sums), wrong


def _piece(piece: InCells, U: Array, values: Sequence[npt.NDArray[Any]], w: Array | None, ask: _Ask) -> Array:
    """The sums of a piece of a batch, (C, weightings, m, half of q x q); `U` is room for the constant above its values."""
    for into, column in zip(U[1:], values, strict=True):
        into[:] = column.take(piece.order)
    asked = U[len(U) - len(ask.outcomes) :]
    asked -= ask.centres[:, None]
    answered = np.isfinite(asked)
    np.copyto(asked, 0.0, where=~answered)
    weights = None if w is None else w[piece.order]
    weightings = [None] if weights is None else [weights, None, weights**2]
    return np.stack([_half_sums(U, answered, weighting, piece.edges, ask.pairs) for weighting in weightings], axis=1)


def _known(values: Sequence[npt.NDArray[Any]], outcomes: int, w: Array | None) -> tuple[Mask, Counts]:
    """Rows that count for some outcome, (rows,), and by column how many rows are at fault; the last columns are outcomes."""
    finite = [np.isfinite(column) if column.dtype.kind == "f" else None for column in values]
    covariates, asked = finite[: len(values) - outcomes], finite[len(values) - outcomes :]
    known, answered = np.ones(len(values[0]), dtype=bool), [column for column in asked if column is not None]
    for column in covariates:
        if column is not None:
            known &= column
    if len(answered) == outcomes:
        known &= np.logical_or.reduce(answered) if outcomes > 1 else answered[0]
    wrong = np.zeros(len(values) + (w is not None), dtype=np.int64)
    for place, (column, whole) in enumerate(zip(values, finite, strict=True)):
        wrong[place] = 0 if whole is None or whole.all() else np.count_nonzero(np.isinf(column))
    if w is not None:
        wrong[-1] = np.count_nonzero(known & ~(np.isfinite(w) & (w >= 0)))
        known &= w > 0
    return known, wrong


def _half_sums(U: Array, answered: Mask, w: Array | None, edges: Sequence[int], pairs: tuple[Counts, Counts]) -> Array:
    """The lower halves, (C, m, half of q x q), of the sums of (w) u u' of u = (A, one outcome) over the rows of every cell.

    U (a + m, rows) is A above the outcomes, which are 0 where they are not `answered` (m, rows);
    `pairs` is the lower half of a x a.
    """
    m, a = len(answered), len(U) - len(answered)
    rows, others = pairs
    weighted = U if w is None else U * w
    if answered.all():
        sums = cell_sums(weighted, U, edges)
        grams = np.repeat(sums[:, None, rows, others], m, axis=1)
        cross, squares = sums[:, a:, :a], np.diagonal(sums, axis1=1, axis2=2)[:, a:]
    else:
        grams = cell_sums(answered.astype(float), weighted[rows] * U[others], edges)
        cross = cell_sums(U[a:], weighted[:a], edges)
        squares = np.add.reduceat(weighted[a:] * U[a:], edges[:-1], axis=1).T
    return np.concatenate([grams, cross, squares[:, :, None]], axis=2)


def _refuse(ask: _Ask, faults: npt.NDArray[np.int64]) -> None:
    """One problem per column at fault."""
    problems = []
    for name, count in zip(ask.watched, faults.tolist(), strict=True):
        said, fix = ("infinite", "leave it empty where it is not known.") if name != ask.weights else (
            "missing, negative or infinite", "give every row a weight of zero or more; rows of weight zero are left out."
        )
        if count:
            what = f"'{name}' is {said} in {count:,} row{'s' * (count > 1)}."
            problems.append(Problem(what, fix=fix, code="weights" if name == ask.weights else "infinite", count=count))
    if problems:
        raise DesignError(problems)


def _moments(cells: pd.DataFrame, halves: Array, place: int, ask: _Ask) -> Moments:
    """One outcome's moments, over the cells in which somebody answered it; `halves` (C, weightings, half of q x q)."""
    kept = halves[:, int(ask.weights is not None), 0] > 0
    names = ("1", *ask.columns.names, ask.outcomes[place])
    rows, others = np.tril_indices(len(names))
    sums = np.empty((halves.shape[1], int(kept.sum()), len(names), len(names)))
    sums[:, :, rows, others] = sums[:, :, others, rows] = np.swapaxes(halves[kept], 0, 1)
    products, *weighted = sums
    return Moments(cells[kept].reset_index(drop=True), names, products, float(ask.centres[place]), *weighted)
