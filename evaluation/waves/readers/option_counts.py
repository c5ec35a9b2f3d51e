"""How many people chose each option, from published percentages and the number of people who answered.

A count is the whole number nearest to base times percentage, moved by one where counts would otherwise not add up to the base.
With a percentage printed to h on either side (half a point for '67', 0.05 for '67.3'), it is off by at most base x h / 100 to the
nearest whole, and so exact where that is below one half: up to 99 people for whole percentages, up to 999 for one decimal. That
holds for percentages of people; weighted ones are of no whole number of people, and their counts stand for as many as answered.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
ROOM = 1e-9


@dataclass(frozen=True)
class Counts:
    """Counts of R rows and K options, and what they cannot be.

    Attributes:
        counts: (R, K) people.
        off: (R,) by how many people each count of a row may be off; 0 where the counts are exact.
        fits: (R,) whether the counts give the percentages that were printed, as they must unless these are weighted.
    """

    counts: Whole
    off: Array
    fits: npt.NDArray[np.bool_]

    def mean_off(self, codes: Array) -> Array:
        """(R,) by how much the mean of codes (K,) may be off: every count as far off as it can be, towards the ends."""
        reach = np.abs(codes - np.median(codes)).sum()
        return np.asarray(self.off * reach / np.maximum(self.counts.sum(axis=1), 1))

    def variance_off(self, codes: Array) -> Array:
        """(R,) by how much the variance of codes (K,) may be off, likewise."""
        people = np.maximum(self.counts.sum(axis=1), 1)
        apart = (codes - (self.counts @ codes / people)[:, None]) ** 2
        reach = np.abs(apart - np.median(apart, axis=1, keepdims=True)).sum(axis=1)
        return np.asarray(self.off * reach / people + self.mean_off(codes) ** 2)


def option_counts(percentages: Array, base: Whole, half: float) -> Counts:
    """Whole people by option.

    Args:
        percentages: (R, K), 0 to 100, that add up to about 100.
        base: (R,) people who answered.
        half: how far a percentage may be from what it was rounded from, in points.
    """
    exact = base[:, None] * percentages / 100
    counts = np.rint(exact).astype(np.int64)
    for row in np.flatnonzero(counts.sum(axis=1) != base):
        counts[row] = _adding_up(exact[row], counts[row], int(base[row]))
    moved = np.abs(counts - np.rint(exact)).max(axis=1)
    off = np.floor(base * half / 100 + 0.5) + moved
    printed = 100 * counts / np.maximum(base, 1)[:, None]
    fits = np.asarray((np.abs(printed - percentages) <= half + ROOM).all(axis=1))
    return Counts(counts, np.where(fits, off, np.maximum(off, 1.0)), fits)


def _adding_up(exact: Array, counts: Whole, base: int) -> Whole:
    """The counts (K,) moved by as much each, the last few people where they are farthest off, until they add up; none below 0."""
    counts = counts.copy()
    while (short := base - int(counts.sum())) != 0:
        step = 1 if short > 0 else -1
        if each := abs(short) // len(counts):
            counts = np.maximum(counts + step * each, 0)
            continue
        gap = step * (exact - counts)
        if step < 0:
            gap = np.where(counts > 0, gap, -np.inf)
        counts[int(np.argmax(gap))] += step
    return counts


def half_of(texts: list[str]) -> float:
    """How far printed percentages may be from what they were rounded from: half a unit of the last digit that any of them has."""
    digits = max((len(text.partition(".")[2]) for text in texts), default=0)
    return 0.5 * 10.0**-digits
