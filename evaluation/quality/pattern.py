"""Which parameters of one factor in several groups are free, and which are the same in all."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evaluation.evidence.moments import Array

Places = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Pattern:
    """Which parameters are free and which are shared.

    Attributes:
        places: (G, 3k + 2), the place of each group's loadings, own variances, intercepts, factor variance and factor mean among
            the free parameters; -1 where it is fixed.
        fixed: (G, 3k + 2), the value where it is fixed.
    """

    places: Places
    fixed: Array

    @property
    def count(self) -> int:
        """Free parameters."""
        return int(self.places.max()) + 1

    @property
    def items(self) -> int:
        """k."""
        return int(self.places.shape[1] - 2) // 3

    def of(self, free: Array) -> Array:
        """The parameters of every group, (G, 3k + 2)."""
        return np.where(self.places < 0, self.fixed, free[self.places])

    def gathered(self, by_group: Sequence[Array]) -> Array:
        """What belongs to each group's parameters added up over the free ones: vectors (3k + 2,) or square matrices."""
        found = np.zeros((self.count,) * by_group[0].ndim)
        for places, part in zip(self.places, by_group, strict=True):
            kept = places >= 0
            at = places[kept]
            found[at if part.ndim == 1 else np.ix_(at, at)] += part[kept] if part.ndim == 1 else part[np.ix_(kept, kept)]
        return found


def pattern(groups: int, items: int, *, loadings: Collection[int] = (), intercepts: Collection[int] = ()) -> Pattern:
    """The pattern in which the `loadings` and `intercepts` of these items are the same in all groups.

    The factor has mean 0 and variance 1 in the first group; elsewhere its variance is free where loadings are shared, and its
    mean where intercepts are.
    """
    width = 3 * items + 2
    places = np.arange(groups * width).reshape(groups, width)
    for column in (*loadings, *(2 * items + item for item in intercepts)):
        places[:, column] = places[0, column]
    for column, shared in ((width - 2, loadings), (width - 1, intercepts)):
        places[slice(0, 1 if shared else None), column] = -1
    used, numbered = np.unique(places, return_inverse=True)
    fixed = np.zeros((groups, width))
    fixed[:, width - 2] = 1.0
    return Pattern(numbered.reshape(groups, width) - int(used[0] < 0), fixed)
