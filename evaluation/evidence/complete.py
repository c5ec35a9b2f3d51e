"""Means and covariances of a measure's items over people who answered all of them: what comparing models of items is made of.

Beside the pairs of `items.py` because a covariance matrix whose entries rest on different people is of nobody, and no likelihood
belongs to it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.evidence.by_cell import cell_sums
from evaluation.evidence.item_sums import ItemSums, ratio
from evaluation.evidence.moments import Array
from evaluation.measures.score import items_of, measures_of
from evaluation.protocol.documents import Documents

FEWEST_ITEMS = 2


@dataclass(frozen=True, eq=False)
class CompleteItems(ItemSums):
    """Sums over the people of each cell who answered all items; `cells`, `names` and `centres` as of `ItemSums`.

    Attributes:
        products: (C, k + 1, k + 1), the sum of u u' with u = (1, codes less centres); codes as stored, nothing turned.
        some: (C,), people who answered at least one of the items.
    """

    products: Array
    some: Array

    def __post_init__(self) -> None:
        cells, size = len(self.cells), len(self.names) + 1
        if self.products.shape != (cells, size, size) or self.some.shape != (cells,):
            raise ValueError(f"sums of shape {self.products.shape} do not fit cells and items")
        super().__post_init__()

    @property
    def parts(self) -> tuple[Array, Array]:
        """products and some."""
        return self.products, self.some

    @property
    def n(self) -> Array:
        """People who answered all items, (C,)."""
        return self.products[:, 0, 0]

    def means(self) -> Array:
        """(C, k): mean codes; NaN where nobody answered all items."""
        return ratio(self.products[:, 0, 1:], self.n[:, None]) + self.centres

    def covariance(self) -> Array:
        """(C, k, k): covariances with n - 1; NaN where fewer than two people answered all items."""
        sums = self.products[:, 0, 1:]
        spread = self.products[:, 1:, 1:] - sums[:, :, None] * ratio(sums, self.n[:, None])[:, None, :]
        return ratio(spread, (self.n - 1)[:, None, None])


def sets_of(population: str, middles: Mapping[str, float], documents: Documents) -> dict[str, tuple[str, ...]]:
    """The items of every measure of `population` that has several, all of them items with a middle."""
    found = {measure: items_of(measure, documents) for measure in measures_of(population, documents)}
    return {name: items for name, items in found.items() if len(items) >= FEWEST_ITEMS and set(items) <= set(middles)}


def complete_sums(V: Array, M: Array, edges: Sequence[int]) -> Array:
    """(C, (k + 1)^2 + 1): products of the rows without a missing item, flat, then the rows with some item.

    Args:
        V: (k, rows), items less their centres, 0 where missing.
        M: (k, rows), 1 where answered and 0 where missing.
        edges: where cells begin, and where the last one ends.
    """
    whole = M.prod(axis=0, keepdims=True)
    U = np.concatenate([whole, V * whole])
    some = M.max(axis=0, keepdims=True)
    products, people = cell_sums(U, U, edges), cell_sums(some, some, edges)
    return np.concatenate([products.reshape(len(products), -1), people.reshape(len(people), -1)], axis=1)


def complete_from(cells: pd.DataFrame, names: Sequence[str], middles: Mapping[str, float], flat: Array) -> CompleteItems:
    """The sums of `complete_sums`, added up by cell, as a value."""
    size = len(names) + 1
    products = flat[:, :-1].reshape(len(flat), size, size).copy()
    return CompleteItems(cells, tuple(names), np.array([middles[name] for name in names]), products, flat[:, -1].copy())
