"""Item means and covariances by cell: what reliability, factor models and wave-to-wave checks of items are made of.

Every pair of items is summed over the people who answered both, as matrix products of Arrow batches: wide questionnaires would
ask SQL for thousands of sums. Answers are the codes as stored, reverse-scored items not turned; the middle of an item's scale is
subtracted before squaring. Only whole codes on short scales are items here, so that every sum is exact whatever the order of
rows; ranges of money or dates, and numbers with decimals, are not.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa

from evaluation.evidence.any_table import Source, batches, coded, numbers, schema_of, sort_columns
from evaluation.evidence.by_cell import Cell, added, by_cell, cell_sums, in_turn, key_columns
from evaluation.evidence.complete import CompleteItems, complete_from, complete_sums
from evaluation.evidence.item_sums import ItemSums, ratio
from evaluation.evidence.moments import KEYS, Array
from evaluation.evidence.responses_table import placed
from evaluation.organisations.register import Register
from evaluation.protocol.documents import Documents
from evaluation.protocol.instrument import Scale
from evaluation.terms import Assignment, Level

Sets: TypeAlias = Mapping[str, Sequence[str]]

LONGEST = 1000.0
"""Length of the longest scale whose codes are items: sums of its products stay exact for billions of people."""


@dataclass(frozen=True, eq=False)
class ItemMoments(ItemSums):
    """Sums over the people of each cell who answered both items of a pair; `cells`, `names` and `centres` as of `ItemSums`.

    Attributes:
        counts: (C, k, k), people who answered items i and j.
        sums: (C, k, k), at [i, j] the sum of item i over the people who answered j too.
        products: (C, k, k), the sum of item i times item j.
    """

    counts: Array
    sums: Array
    products: Array

    def __post_init__(self) -> None:
        for part in self.parts:
            if part.shape != (len(self.cells), len(self.names), len(self.names)):
                raise ValueError(f"sums of shape {part.shape} do not fit cells and items")
        super().__post_init__()

    @property
    def parts(self) -> tuple[Array, Array, Array]:
        """counts, sums and products."""
        return self.counts, self.sums, self.products

    def means(self) -> Array:
        """(C, k): each item's mean code among those who answered it; NaN where nobody did."""
        counts, sums = (np.diagonal(part, axis1=1, axis2=2) for part in (self.counts, self.sums))
        return ratio(sums, counts) + self.centres

    def covariance(self) -> Array:
        """(C, k, k): pairwise-complete covariances with n - 1; NaN where fewer than two people answered both."""
        spread = self.products - self.sums * ratio(np.swapaxes(self.sums, 1, 2), self.counts)
        return ratio(spread, self.counts - 1)


def item_moments(
    files: Sequence[Path], middles: Mapping[str, float], sets: Sets, documents: Documents, register: Register
) -> tuple[ItemMoments, dict[str, CompleteItems]]:
    """Sums of all items of a population's instruments, by unit and wave: of pairs, and of sets that were answered whole.

    Args:
        files: the stored answers; an item without a column was answered by nobody.
        middles: the items, with the middle of their scales (`items_of`).
        sets: by measure, its items (`complete.sets_of`).
        documents: the plan.
        register: which unit is in which arm.

    Raises:
        IntegrityError: answers are stored for a unit that the register does not list.
    """
    keys = ["unit", "organisation", "wave", *(["arm"] if documents.protocol.assignment is Assignment.RESPONDENT else [])]
    parts = (part for file in sorted(files) for part in _of_table(file, keys, middles, sets))
    cells, sums = added(parts, (_width(len(middles), sets),))
    frame = placed(key_columns(cells, keys), documents, register)[list(KEYS)]
    pairs, complete = _apart(frame, sums, middles, sets)
    return pairs.pool(KEYS), {name: one.pool(KEYS) for name, one in complete.items()}


def items_of_table(source: Source, by: str, middles: Mapping[str, float]) -> tuple[ItemMoments, CompleteItems]:
    """The same sums of some columns of any table, in cells by the values of `by`, their only key; rows without one are left out.

    Args:
        source: a Parquet path, a pandas, polars or Arrow table, or a DuckDB relation.
        by: the column that names the group.
        middles: the columns of items, with what is subtracted before squaring.

    Raises:
        DesignError: a column is not there, or an item's is not one of numbers.
    """
    sort_columns(schema_of(source), list(middles), [], [by])
    sets = {"": tuple(middles)}
    cells, sums = added(_of_table(source, [by], middles, sets), (_width(len(middles), sets),))
    pairs, complete = _apart(key_columns(cells, [by]), sums, middles, sets)
    return pairs, complete[""]


def items_of(population: str, documents: Documents) -> dict[str, float]:
    """The items of a population that are answered by whole codes, with the middle of their scales; none of published options."""
    if documents.protocol.populations[population].level is Level.OPTION:
        return {}
    return {
        name: instrument.scale_of(name).interval.middle
        for instrument in documents.instruments.values() if instrument.population == population
        for name in instrument.items if _is_short(instrument.scale_of(name))
    }


def _is_short(scale: Scale) -> bool:
    return scale.interval.high - scale.interval.low <= LONGEST and (bool(scale.options) or scale.whole)


def _of_table(
    source: Source, keys: Sequence[str], middles: Mapping[str, float], sets: Sets
) -> Iterator[tuple[list[Cell], Array]]:
    held = [name for name in middles if name in schema_of(source).names]
    return in_turn(lambda batch: _summed(batch, keys, held, middles, sets), batches(source, [*keys, *held]))


def _summed(
    batch: pa.RecordBatch, keys: Sequence[str], held: Sequence[str], middles: Mapping[str, float], sets: Sets
) -> tuple[list[Cell], Array]:
    """The cells of a batch, and flat: counts, sums and products of every pair of items, then each set's complete sums."""
    rows = by_cell([coded(batch.column(name)) for name in keys], np.ones(len(batch), dtype=bool))
    V = np.full((len(middles), len(batch)), np.nan)
    places = {name: place for place, name in enumerate(middles)}
    for name, row in zip(held, numbers(batch, held), strict=True):
        V[places[name]] = row[rows.order] - middles[name]
    M = (~np.isnan(V)).astype(float)
    np.nan_to_num(V, copy=False)
    pairs = [cell_sums(left, right, rows.edges).reshape(len(rows.cells), -1) for left, right in ((M, M), (V, M), (V, V))]
    sets_of_rows = [[places[name] for name in names] for names in sets.values()]
    return rows.cells, np.concatenate([*pairs, *(complete_sums(V[own], M[own], rows.edges) for own in sets_of_rows)], axis=1)


def _width(size: int, sets: Sets) -> int:
    """Numbers in a cell's flat sums."""
    return 3 * size**2 + sum((len(names) + 1) ** 2 + 1 for names in sets.values())


def _apart(
    cells: pd.DataFrame, sums: Array, middles: Mapping[str, float], sets: Sets
) -> tuple[ItemMoments, dict[str, CompleteItems]]:
    """Flat sums taken apart again."""
    ends = np.cumsum([3 * len(middles) ** 2, *((len(names) + 1) ** 2 + 1 for names in sets.values())])
    first, *others = np.split(sums, ends[:-1], axis=1)
    counts, single, products = np.moveaxis(first.reshape(-1, 3, len(middles), len(middles)), 1, 0).copy()
    pairs = ItemMoments(cells, tuple(middles), np.asarray(list(middles.values())), counts, single, products)
    return pairs, {
        measure: complete_from(cells, names, middles, part)
        for (measure, names), part in zip(sets.items(), others, strict=True)
    }
