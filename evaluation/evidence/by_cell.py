"""Rows of a batch in order of their cell, and matrix products of columns over the rows of every cell."""

import os
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from evaluation.evidence.any_table import Coded, Label
from evaluation.evidence.moments import Array

THREADS = max(1, min(4, os.cpu_count() or 1))
"""That sum, beside the one that reads."""
ONE_THREAD = 2**18
"""Multiplications up to which OpenBLAS multiplies on one thread; on more, the last bits would depend on how many there are."""
NUMBERS_AT_ONCE = 2**18
"""Doubles that stay near the processor while they are multiplied: filling fresh memory costs more than multiplying it."""
SHORT = 64
"""Rows per cell below which adding columns up is faster than a matrix product."""

Cell: TypeAlias = tuple[Label, ...]
Mask: TypeAlias = npt.NDArray[np.bool_]
T = TypeVar("T")


def in_turn(work: Callable[[pa.RecordBatch], T], parts: Iterable[pa.RecordBatch]) -> Iterator[T]:
    """`work` on every part, a few at a time, in the order of the parts; no more than a few parts are in memory."""
    waiting: deque[Future[T]] = deque()
    with ThreadPoolExecutor(THREADS) as pool:
        for part in parts:
            waiting.append(pool.submit(work, part))
            if len(waiting) > THREADS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def cell_sums(left: Array, right: Array, edges: Sequence[int]) -> Array:
    """left right' over the rows between edges, (C, left, right)."""
    if left.shape[1] < SHORT * len(edges):
        return np.stack([np.add.reduceat(row * right, edges[:-1], axis=1) for row in left]).transpose(2, 0, 1)
    step = max(1, ONE_THREAD // (len(left) * (len(right) + 1)))
    return np.stack([_product(left[:, start:end], right[:, start:end], step) for start, end in pairwise(edges)])


def _product(left: Array, right: Array, step: int) -> Array:
    """left right', a few rows at a time."""
    total = left[:, :step] @ right[:, :step].T
    for start in range(step, left.shape[1], step):
        total += left[:, start : start + step] @ right[:, start : start + step].T
    return total


@dataclass(frozen=True)
class InCells:
    """Rows of a batch in the order of their cell.

    Attributes:
        cells: labels of every cell.
        order: (rows,), where in the batch each row is.
        edges: where in that order cells begin, and where the last one ends.
    """

    cells: list[Cell]
    order: npt.NDArray[np.intp]
    edges: list[int]

    def pieces(self, columns: int) -> Iterator["InCells"]:
        """The same rows, so few at a time that this many columns of them stay near the processor; long cells in several parts."""
        rows = max(1, NUMBERS_AT_ONCE // columns)
        for start in range(0, len(self.order), rows):
            end = min(start + rows, len(self.order))
            first, last = bisect_right(self.edges, start) - 1, bisect_left(self.edges, end)
            inner = [edge - start for edge in self.edges[first + 1 : last]]
            yield InCells(self.cells[first:last], self.order[start:end], [0, *inner, end - start])


def by_cell(keys: Sequence[Coded], known: Mask) -> InCells:
    """Known rows, of which there is at least one, in the order of their cell."""
    code = _together(keys)
    order = np.argsort(code, kind="stable")
    order = order if known.all() else order[known[order]]
    ordered = code[order]
    starts = [0, *(np.flatnonzero(ordered[1:] != ordered[:-1]) + 1).tolist()]
    labels = [[names[k] for k in codes[order[starts]].tolist()] for codes, names in keys]
    return InCells(list(zip(*labels, strict=True)), order, [*starts, len(order)])


def _together(keys: Sequence[Coded]) -> npt.NDArray[Any]:
    """One number per combination of codes, in the smallest type that holds it: short integers sort fastest."""
    together: npt.NDArray[Any] = np.zeros(len(keys[0][0]), dtype=np.uint8)
    size = 1
    for codes, labels in keys:
        if size * len(labels) > np.iinfo(np.int64).max:
            _, together = np.unique(together, return_inverse=True)
            size = len(together)
        size *= len(labels)
        kind = np.min_scalar_type(size)
        together = together.astype(kind) * kind.type(len(labels)) + codes.astype(kind)
    return together


def added(parts: Iterable[tuple[Sequence[Cell], Array]], shape: tuple[int, ...]) -> tuple[list[Cell], Array]:
    """Add the sums of the same cells, each of a `shape`, in the order of the parts.

    Returns:
        The C cells that have a unit (their first key), sorted, and their sums (C, *shape).
    """
    found: dict[Cell, Array] = {}
    for cells, sums in parts:
        for cell, part in zip(cells, sums, strict=True):
            found[cell] = found[cell] + part if cell in found else part
    kept = sorted((cell for cell in found if cell[0] is not None), key=_order)
    return kept, np.stack([found[cell] for cell in kept]) if kept else np.zeros((0, *shape))


def key_columns(cells: Sequence[Cell], keys: Sequence[str]) -> pd.DataFrame:
    """Cells as a frame with a column of text per key."""
    return pd.DataFrame({key: pd.Series([cell[k] for cell in cells], dtype="str") for k, key in enumerate(keys)})


def _order(cell: Cell) -> tuple[tuple[bool, str], ...]:
    return tuple((label is None, label or "") for label in cell)
