"""A wave that is nearly another one: last year's export with a few rows more or less, sent as this year's.

A file that equals a stored wave is refused (`copies`); one row more, and no hash of the whole tells. Rows are compared
answer for answer, without ids, by a 64-bit hash of each, and only where rows hardly ever agree by chance.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import polars as pl

from evaluation.waves.storage.compare import Standing, as_stored

NEARLY = 0.9
"""Share of the rows of the longer of two waves that are rows of the other."""
FEWEST_ROWS, FEWEST_ITEMS = 20, 3
DIFFERENT = 0.5
"""Different rows, as a share of all, from which equal ones are no chance."""
_ROWS = 1 << 17
"""Rows that are hashed at a time."""
_MANY, _ONE_IN = 20_000, 16
"""Rows from which one in so many is looked at first: where far too few of these are equal, the others are left alone."""


def near_copy_notes(
    arriving: pl.DataFrame,
    items: Sequence[str],
    stood: Mapping[str, Mapping[str, Standing]],
    stored: Mapping[str, Callable[[Sequence[str]], Iterable[pl.DataFrame]]],
) -> Iterator[str]:
    """A note for every wave of which the arriving rows are nearly a copy.

    Args:
        arriving: the rows that come in, with `organisation` and `items`.
        items: what was asked; an item that nobody answered does not count.
        stood: by wave, what every organisation has there; only waves of much the same length are read.
        stored: by wave, what reads some columns of it, piece by piece.
    """
    asked = [item for item in items if arriving[item].count()]
    if arriving.height < FEWEST_ROWS or len(asked) < FEWEST_ITEMS:
        return
    columns = ["organisation", *asked]
    mine = pl.concat([as_stored(piece.select(columns)).hash_rows() for piece in arriving.iter_slices(_ROWS)])
    if mine.n_unique() < DIFFERENT * arriving.height:
        return
    for wave, stand in stood.items():
        length = sum(one.rows for one in stand.values())
        longer = max(length, arriving.height)
        if min(length, arriving.height) < NEARLY * longer:
            continue
        pieces = (piece for piece in stored[wave](columns) if set(columns) <= set(piece.columns))
        theirs = pl.concat([mine.clear(), *(piece.select(columns).hash_rows() for piece in pieces)])
        if longer >= _MANY and _equal(*map(_some, (mine, theirs))) < NEARLY / 2 * longer / _ONE_IN:
            continue
        equal = _equal(mine, theirs)
        if equal >= NEARLY * longer:
            yield (
                f"{equal:,} of {arriving.height:,} rows are, answer for answer, rows of wave '{wave}': the file may be that "
                "wave's with some rows more or less"
            )


def _some(rows: pl.Series) -> pl.Series:
    """The rows, by their hashes, that `_ONE_IN` picks: the same ones in every wave."""
    return rows.filter(rows % _ONE_IN == 0)


def _equal(mine: pl.Series, theirs: pl.Series) -> int:
    """How many rows, by their hashes, are in both, each as often as it is in both."""
    one, other = (rows.alias("row").value_counts(name=name) for rows, name in ((mine, "mine"), (theirs, "theirs")))
    return int(one.join(other, on="row").select(pl.min_horizontal("mine", "theirs").sum()).item())
