"""The items of one measure, as one group of people answered them: means and covariances, never answers.

Items are turned (reverse-scored ones) and moved to the measure's scale, so that their mean is the score and differences are in
its points.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.errors import DesignError
from evaluation.evidence.moments import Array

LEAST_PEOPLE = 50
"""People who must have answered all items: a covariance matrix of fewer says more about them than about the items."""
FLAT = 1e-10
"""Smallest eigenvalue of a correlation matrix, below which one item is a sum of others."""


@dataclass(frozen=True, eq=False)
class Sums:
    """Means (k,) and covariances (k, k), with n - 1, of k items over n people."""

    n: int
    means: Array
    covariance: Array

    @property
    def deviations(self) -> Array:
        """Standard deviations, (k,)."""
        found: Array = np.sqrt(np.diag(self.covariance))
        return found

    @property
    def correlation(self) -> Array:
        """Correlations, (k, k)."""
        found: Array = self.covariance / np.outer(self.deviations, self.deviations)
        return found

    def scaled(self, factors: Array) -> "Sums":
        """Each item times a factor, (k,)."""
        return Sums(self.n, self.means * factors, self.covariance * np.outer(factors, factors))


@dataclass(frozen=True, eq=False)
class ItemSet:
    """One measure in one group.

    Attributes:
        measure: its name.
        group: which people, in words: a wave, an arm, both.
        names: the k items.
        pairs: covariances over people who answered both items of a pair; its n is that of the pair with the fewest people.
        complete: means and covariances over people who answered all items.
        left_out: people who answered some of the items, but not all.
        turned: which items are reverse-scored, and have been turned here, (k,).
        options: by item, how many answers could be chosen; None for a number on a range, (k,).
        floor, ceiling: share of answers at the lowest and the highest end of what the item measures, (k,) each; None where not
            known.
    """

    measure: str
    group: str
    names: tuple[str, ...]
    pairs: Sums
    complete: Sums
    left_out: int
    turned: tuple[bool, ...]
    options: tuple[int | None, ...]
    floor: Array | None = None
    ceiling: Array | None = None


def require(found: Sums, names: Sequence[str], where: str, least_items: int, why: str) -> None:
    """Refuse sums from which nothing sound can be made.

    Args:
        found: the sums.
        names: the items.
        where: which measure and group, in words.
        least_items: fewest items that do.
        why: what needs them, e.g. "alpha".

    Raises:
        DesignError: too few items or people, an item that everybody answered alike, or a matrix that is no covariance matrix.
    """
    if len(names) < least_items:
        raise DesignError(
            f"{why} needs {least_items} items and there {'is' if len(names) == 1 else 'are'} {len(names)}.", where=where,
            fix="leave it out for this measure, or name more items.", code="few-items",
        )
    if found.n < LEAST_PEOPLE:
        raise DesignError(
            f"{why} needs {LEAST_PEOPLE} people and {found.n} answered.", where=where,
            fix="wait for more answers, or pool groups.", code="few-people",
        )
    flat = [name for name, variance in zip(names, np.diag(found.covariance), strict=True) if not variance > 0]
    if flat:
        raise DesignError(
            f"everybody answered {', '.join(flat)} alike.", where=where, fix="leave the item out of this measure.",
            code="no-spread",
        )
    if np.linalg.eigvalsh(found.correlation)[0] <= FLAT:
        raise DesignError(
            "the covariances of the items are not positive definite: an item repeats others, or too few people answered pairs.",
            where=where, fix="leave out an item that is computed from others.", code="not-positive-definite",
        )
