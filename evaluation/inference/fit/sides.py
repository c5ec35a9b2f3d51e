"""Which terms compare clusters with each other, and with how many clusters on each side."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evaluation.evidence.moments import Moments
from evaluation.inference.algebra import Array
from evaluation.inference.fit.columns import Columns, Piece

SAME = 1e-9


@dataclass(frozen=True)
class Sides:
    """Clusters that have what a term asks about, and clusters they are compared with."""

    pilots: int
    others: int

    @property
    def fewest(self) -> int:
        """Clusters on the smaller side."""
        return min(self.pilots, self.others)


@dataclass(frozen=True)
class Between:
    """What each cluster of `units` (G,) says of every column: its mean (G, k), and whether it is the same in all rows (G, k)."""

    columns: Columns
    units: tuple[str, ...]
    means: Array
    constant: npt.NDArray[np.bool_]

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
        return self.means[:, at] if self.constant[:, at].all() else None

    def unmoved(self, piece: Piece | None) -> dict[str, tuple[str, ...]]:
        """Of a term that compares clusters: each factor that changes within clusters, with those in which it does not change."""
        parts = piece.parts if piece is not None and self.sides(piece) is not None else ()
        places = {self.columns.factors[factor].names[at]: self.columns.place_of(factor, at) for factor, at in parts}
        still = {name: self.constant[:, place] for name, place in places.items() if not self.constant[:, place].all()}
        return {name: tuple(np.asarray(self.units)[same]) for name, same in still.items() if same.any()}


def between(moments: Moments, columns: Columns) -> Between:
    """Read the clusters' own values off their sums; one cell a cluster."""
    plain = moments.products if moments.plain is None else moments.plain
    totals, squares = plain[:, 0, 1:-1], np.diagonal(plain, axis1=1, axis2=2)[:, 1:-1]
    spread = squares - totals**2 / moments.n[:, None]
    constant = spread <= SAME * np.maximum(squares, 1e-300)
    units = tuple(moments.cells.iloc[:, 0].astype(str))
    return Between(columns, units, totals / moments.n[:, None] + columns.centres, constant)
