"""Sums over the rows of any table: one pass, many outcomes, by cell.

A row enters an outcome's sums when it has a unit, every covariate and that outcome. Rows are put in order of their cell batch by
batch and multiplied by themselves: one small matrix product per cell. Where outcomes are missing in different rows, products of
covariates are multiplied by the 0/1 table of who answered what, so that all outcomes still cost one matrix product
(measured: 93,312 GROUP BY cells took four times as long).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from evaluation.errors import DesignError, Problem
from evaluation.evidence.any_table import Source, batches, coded, numbers
from evaluation.evidence.moments import Array, Moments

Label = str | None
Cell = tuple[Label, ...]


class Columns(Protocol):
    """Covariates, made batch by batch."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns of the table that they are made from."""

    @property
    def names(self) -> tuple[str, ...]:
        """Their k names."""

    def __call__(self, batch: pa.RecordBatch) -> Array:
        """Their values, (k, rows), NaN where missing."""


@dataclass(frozen=True)
class AsTheyAre:
    """Numeric columns of the table as covariates."""

    names: tuple[str, ...]

    @property
    def needs(self) -> tuple[str, ...]:
        """The same columns."""
        return self.names

    def __call__(self, batch: pa.RecordBatch) -> Array:
        """Their values, (k, rows)."""
        return numbers(batch, self.names)


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
        DesignError: a covariate or outcome is infinite, or a weight is missing, negative or infinite, with the number of rows.
    """
    middles = np.asarray([(centres or {}).get(name, 0.0) for name in outcomes])
    ask = _Ask(columns, tuple(outcomes), tuple(by.values()), weights, middles)
    found: dict[Cell, Array] = {}
    faults = np.zeros(len(ask.watched), dtype=np.int64)
    for batch in batches(source, ask.needs):
        sums, wrong = _summed(batch, ask)
        faults += wrong
        for cell, products in sums:
            found[cell] = found[cell] + products if cell in found else products
    _refuse(ask, faults)
    cells = sorted(found, key=_order)
    stacked = np.stack([found[cell] for cell in cells]) if cells else np.zeros((0, *ask.shape))
    return {name: _moments(cells, stacked[:, :, place], place, ask, tuple(by)) for place, name in enumerate(outcomes)}


@dataclass(frozen=True)
class _Ask:
    """What is summed: k covariates, m outcomes, keys, weights, and the outcomes' centres (m,)."""

    columns: Columns
    outcomes: tuple[str, ...]
    by: tuple[str, ...]
    weights: str | None
    centres: Array

    @property
    def needs(self) -> list[str]:
        return [*self.by, *self.columns.needs, *self.outcomes, *([self.weights] if self.weights else [])]

    @property
    def watched(self) -> tuple[str, ...]:
        """What may be infinite, and the weights that may be wrong."""
        return (*self.columns.names, *self.outcomes, *([self.weights] if self.weights else []))

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Of a cell's sums: weightings (with w, without, with w^2), outcomes, and q x q."""
        q = len(self.columns.names) + 2
        return (3 if self.weights else 1, len(self.outcomes), q, q)


def _summed(batch: pa.RecordBatch, ask: _Ask) -> tuple[list[tuple[Cell, Array]], npt.NDArray[np.int64]]:
    """Sums by cell, and how many rows are at fault by column."""
    X, Y = ask.columns(batch), numbers(batch, ask.outcomes)
    wrong = np.zeros(len(ask.watched), dtype=np.int64)
    wrong[: len(X) + len(Y)] = [np.isinf(row).sum() for row in (*X, *Y)]
    keys = [coded(batch.column(name)) for name in ask.by]
    codes, labels = keys[0]
    has_unit = np.asarray([label is not None for label in labels], dtype=bool)[codes]
    rows = ~np.isnan(X).any(axis=0) & ~np.isnan(Y).all(axis=0) & has_unit
    w = None
    if ask.weights:
        w = numbers(batch, [ask.weights])[0]
        wrong[-1] = (rows & ~(np.isfinite(w) & (w >= 0))).sum()
        rows &= w > 0
    if wrong.any() or not rows.any():
        return [], wrong
    code = np.ravel_multi_index([codes for codes, _ in keys], [len(labels) for _, labels in keys])
    order = np.flatnonzero(rows)
    order = order[np.argsort(code[order], kind="stable")]
    edges = [0, *(np.flatnonzero(np.diff(code[order])) + 1), len(order)]
    places = [np.unravel_index(code[order[start]], [len(labels) for _, labels in keys]) for start in edges[:-1]]
    cells = [tuple(labels[k] for (_, labels), k in zip(keys, place, strict=True)) for place in places]
    A = np.vstack([np.ones(len(order)), X[:, order]])
    parts = _products(A, Y[:, order] - ask.centres[:, None], None if w is None else w[order], edges)
    return list(zip(cells, parts, strict=True)), wrong


def _products(A: Array, Y: Array, w: Array | None, edges: Sequence[int]) -> Iterator[Array]:
    """Per slice between edges: (weightings, m, q, q), the sums of u u' of u = (A, one outcome)."""
    answered = ~np.isnan(Y)
    Y, M = np.where(answered, Y, 0.0), answered.astype(float)
    rows, others = np.triu_indices(len(A))
    for start, end in pairwise(edges):
        part = slice(start, end)
        weightings = [np.ones(end - start)] if w is None else [w[part], np.ones(end - start), w[part] ** 2]
        products = np.empty((len(weightings), len(Y), len(A) + 1, len(A) + 1))
        for into, v in zip(products, weightings, strict=True):
            into[:, rows, others] = into[:, others, rows] = M[:, part] @ (A[rows, part] * A[others, part] * v).T
            into[:, :-1, -1] = into[:, -1, :-1] = Y[:, part] @ (A[:, part] * v).T
            into[:, -1, -1] = (Y[:, part] ** 2) @ v
        yield products


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


def _moments(cells: Sequence[Cell], sums: Array, place: int, ask: _Ask, keys: Sequence[str]) -> Moments:
    """One outcome's moments, over the cells in which somebody answered it; `sums` (C, weightings, q, q)."""
    kept = sums[:, int(ask.weights is not None), 0, 0] > 0
    labels = {key: pd.Series([cell[k] for cell in cells], dtype="str") for k, key in enumerate(keys)}
    frame = pd.DataFrame(labels)[kept].reset_index(drop=True)
    names = ("1", *ask.columns.names, ask.outcomes[place])
    products, *weighted = np.moveaxis(sums[kept], 1, 0).copy()
    return Moments(frame, names, products, float(ask.centres[place]), *weighted)


def _order(cell: Cell) -> tuple[tuple[bool, str], ...]:
    return tuple((label is None, label or "") for label in cell)
