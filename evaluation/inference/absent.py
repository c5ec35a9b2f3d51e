"""Who stands in the rows of two waves, whether or not anything can be made of these rows: it tells what an estimate left out.

Sums keep nothing of rows without a unit, without a score, or with a weight of zero.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from evaluation.errors import DesignError
from evaluation.evidence.any_table import Source, batches, coded
from evaluation.evidence.moments import Moments


@dataclass(frozen=True)
class Named:
    """The `units` that rows name, and how many rows name none."""

    units: frozenset[str]
    unnamed: int


def named_in(source: Source, whole: Moments, unit: str, wave: str, waves: Collection[str]) -> Named:
    """The units in the rows of `waves`; the table is read again only where its sums left out a row.

    Args:
        source: a table that can be read again.
        whole: the sums of its rows, by unit and wave.
        unit: the column that names what was assigned.
        wave: the column that names the wave.
        waves: as cells name them.
    """
    if whole.n.sum() == rows_in(source):
        cells = whole.cells
        return Named(frozenset(cells.loc[cells["wave"].isin(list(waves)), "unit"].astype(str)), 0)
    found: set[str] = set()
    unnamed = 0
    for batch in batches(source, [unit, wave]):
        (codes, names), (places, labels) = (coded(batch.column(name)) for name in (unit, wave))
        asked = np.array([label in waves for label in labels])[places]
        rows = np.bincount(codes[asked], minlength=len(names))
        found |= {name for name, count in zip(names, rows, strict=True) if count and name is not None}
        unnamed += int(sum(count for name, count in zip(names, rows, strict=True) if name is None))
    return Named(frozenset(found), unnamed)


def rows_in(source: Source) -> int:
    """How many rows a table has: a Parquet file says so itself."""
    if isinstance(source, str | Path):
        return int(pq.read_metadata(source).num_rows)
    return int(pa.table(source).num_rows)


def units_in(source: Source, unit: str) -> frozenset[str]:
    """The units in any row; arguments as of `named_in`."""
    return frozenset(name for batch in batches(source, [unit]) for name in coded(batch.column(unit))[1] if name is not None)


def refuse_waves(held: pd.Series, waves: tuple[str, str]) -> None:
    """Raise DesignError where the two waves are one, or no row, by the waves `held`, is of either."""
    if waves[0] == waves[1]:
        said = f"baseline and follow-up are both '{waves[0]}'."
        raise DesignError(said, fix="name two different waves.", code="waves")
    if not held.isin(waves).any():
        raise nobody_in_both(held, waves)


def nobody_in_both(held: pd.Series, waves: tuple[str, str]) -> DesignError:
    """The error of a table in which no unit has both waves, with the waves that are `held`."""
    names = sorted(set(held.dropna().astype(str)))
    fix = f"give two of these waves: {', '.join(names[:12])}{' ...' if len(names) > 12 else ''}."
    return DesignError(f"no unit answered in both '{waves[0]}' and '{waves[1]}'.", fix=fix, code="empty")
