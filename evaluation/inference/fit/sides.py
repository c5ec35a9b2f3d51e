"""Which terms compare clusters with each other, and with how many clusters on each side."""

from dataclasses import dataclass

import numpy as np

from evaluation.evidence.moments import Moments
from evaluation.inference.algebra import Array
from evaluation.inference.fit.columns import Columns, Piece

SAME = 1e-9


@dataclass(frozen=True)
class Sides:
    """Clusters that have what a term asks about, and clusters they are compared with."""

    pilots: int
    others: int


@dataclass(frozen=True)
class Between:
    """What each cluster says of every column: its mean (G, k), and whether it is the same in all rows of every cluster (k,)."""

    columns: Columns
    means: Array
    constant: Array

    def sides(self, piece: Piece | None) -> Sides | None:
        """The two sides that a term compares; None where it does not compare clusters, or more than one factor of it does."""
        found = [sides for part in (piece.parts if piece else ()) if (sides := self._of_part(*part)) is not None]
        return found[0] if len(found) == 1 else None

    def _of_part(self, factor: str, place: int) -> Sides | None:
        own = self.columns.factors[factor]
        mean = self._mean(factor, place)
        if mean is None:
            return None
        if own.levels:
            reference = self._mean(factor, 0)
            return None if reference is None or not place else Sides(round(mean.sum()), round(reference.sum()))
        values = np.unique(np.round(mean, 9))
        return Sides(int((mean > values.mean()).sum()), int((mean < values.mean()).sum())) if len(values) == 2 else None

    def _mean(self, factor: str, place: int) -> Array | None:
        """A factor's column by cluster, (G,), where it is the same in all rows of every cluster."""
        at = self.columns.place_of(factor, place)
        return self.means[:, at] if self.constant[at] else None


def between(moments: Moments, columns: Columns) -> Between:
    """Read the clusters' own values off their sums; one cell a cluster."""
    plain = moments.products if moments.plain is None else moments.plain
    totals, squares = plain[:, 0, 1:-1], np.diagonal(plain, axis1=1, axis2=2)[:, 1:-1]
    spread = squares - totals**2 / moments.n[:, None]
    constant = np.all(spread <= SAME * np.maximum(squares, 1e-300), axis=0)
    return Between(columns, totals / moments.n[:, None] + columns.centres, constant)
