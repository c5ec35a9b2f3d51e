"""What sums of items by cell have in common, whether of pairs of items or of whole sets: they pool, and they add."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from evaluation.errors import DesignError
from evaluation.evidence.moments import Array, added_up


@dataclass(frozen=True, eq=False)
class ItemSums(ABC):
    """Sums by cell over k items.

    Attributes:
        cells: one line per cell, C of them, sorted by their keys.
        names: the k items.
        centres: (k,), what was subtracted from each item's codes: the middle of its scale.
    """

    cells: pd.DataFrame
    names: tuple[str, ...]
    centres: Array

    def __post_init__(self) -> None:
        for part in self.parts:
            part.flags.writeable = False

    @property
    @abstractmethod
    def parts(self) -> tuple[Array, ...]:
        """The sums, each (C, ...), in the order in which they were given."""

    def pool(self, by: Sequence[str]) -> Self:
        """Cells that agree on the keys `by` added together; `by` are the columns that remain."""
        cells, parts = added_up(self.cells, self.parts, by)
        return type(self)(cells, self.names, self.centres, *parts)

    def __add__(self, other: Self) -> Self:
        """The answers of two sets of people together; cells with the same keys become one.

        Raises:
            DesignError: the two are not about the same items on the same scales.
        """
        if self.names != other.names or not np.array_equal(self.centres, other.centres):
            what = f"sums of {', '.join(self.names)} and of {', '.join(other.names)} cannot be added."
            raise DesignError(what, fix="sum both under the same instruments.", code="moments")
        cells = pd.concat([self.cells, other.cells], ignore_index=True)
        parts = map(np.concatenate, zip(self.parts, other.parts, strict=True))
        return type(self)(cells, self.names, self.centres, *parts).pool(list(self.cells.columns))


def ratio(above: Array, below: Array, least: float = 1) -> Array:
    """above / below; NaN where below is less than `least`."""
    below = np.broadcast_to(below, above.shape)
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below >= least)
