"""Published rows of organisations that have since become one: one row, as if it had been published for what they became.

The mean of two organisations together is that of their means by the people behind them. Where a row does not say how many people
that is, every row counts the same, which is right only for organisations of equal size (docs/published-surveys.md).
"""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from evaluation.evidence.moments import Array
from evaluation.evidence.sums import Ask

Places = npt.NDArray[np.integer]
Mask = npt.NDArray[np.bool_]


def one_row_each(grouped: pd.DataFrame, asks: Iterable[Ask], keys: Sequence[str]) -> pd.DataFrame:
    """The grouped sums of a published table with one line per combination of `keys`, where it had several.

    Args:
        grouped: one line a published row: the columns of `sums` and of `count_people`, and keys with units as they are now.
        asks: the measures that were summed.
        keys: unit, organisation, arm, role, wave and declared groups.

    Returns:
        The same table; lines that were merged have n = 1, the mean, and its square. Other counts are added.
    """
    place = grouped.groupby(list(keys), dropna=False, sort=True).ngroup().to_numpy()
    if len(np.unique(place)) == len(grouped):
        return grouped
    counts = [name for name in grouped if name not in keys]
    merged = grouped.groupby(place, sort=True)[counts].sum()
    first = grouped[list(keys)].iloc[np.unique(place, return_index=True)[1]].reset_index(drop=True)
    alone = np.bincount(place) == 1
    people = np.where(np.bincount(place, grouped["_unsaid"])[place] > 0, 1.0, grouped["_people"])
    for ask in asks:
        mean, held = _mean(grouped, ask, place, people)
        joined = held & ~alone
        merged.loc[joined, f"{ask.key}_n"] = 1
        merged.loc[joined, f"{ask.key}_0"] = mean[joined]
        merged.loc[joined, f"{ask.key}_0_0"] = mean[joined] ** 2
    return pd.concat([first, merged.reset_index(drop=True)], axis=1)[list(grouped)]


def _mean(grouped: pd.DataFrame, ask: Ask, place: Places, people: Array) -> tuple[Array, Mask]:
    """The mean of each place's rows by people, and whether one of them has a number at all."""
    held = (grouped[f"{ask.key}_n"] > 0).to_numpy()
    weight = np.where(held, people, 0.0)
    total = np.bincount(place, weight)
    summed = np.bincount(place, weight * np.where(held, grouped[f"{ask.key}_0"].to_numpy(dtype=float), 0.0))
    return np.asarray(np.divide(summed, total, out=np.zeros_like(total), where=total > 0)), np.asarray(total > 0)
