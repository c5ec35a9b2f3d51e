"""The points of one series: the mean of a score at every time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.errors import DesignError
from evaluation.evidence.any_table import Source
from evaluation.evidence.scan import near_moments
from evaluation.inference.algebra import Array
from evaluation.inference.over_time.waves import Waves, in_order

UNEVEN = 1.5


@dataclass(frozen=True)
class Points:
    """The mean, (n,), at each of n times, and how many rows are behind it, (n,)."""

    waves: Waves
    values: Array
    rows: Array

    def refuse_gaps(self) -> None:
        """Raise DesignError where times are numbers or dates and one is missing: a month left out is no month."""
        apart = np.diff(self.waves.times)
        usual = float(np.median(apart))
        wide = np.flatnonzero(apart > UNEVEN * usual)
        if len(wide):
            names = self.waves.names
            said = f"the series has a gap between '{names[wide[0]]}' and '{names[wide[0] + 1]}'; points must be evenly spaced."
            raise DesignError(said, fix="add the missing points, or begin the series after the gap.", code="gap")


def points_of(data: Source, score: str, time: str, times: Sequence[object] | None, weights: str | None) -> Points:
    """Read a series off a table with one row a time, or many rows that are averaged.

    Raises:
        DesignError: a column is missing or cannot be read, or the order of times cannot be told.
    """
    whole = near_moments(data, score, unit=time, weights=weights)
    waves = in_order(whole.cells["unit"].astype(str), times)
    place = {name: k for k, name in enumerate(whole.cells["unit"].astype(str))}
    order = [place[name] for name in waves.names]
    return Points(waves, whole.means()[order], whole.n[order])
