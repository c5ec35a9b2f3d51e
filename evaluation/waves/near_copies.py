"""A wave that is nearly another one: last year's export with a few rows more or less, sent as this year's.

A file that equals a stored wave is refused (`store_copies`); one row more, and no hash tells. Rows are compared answer for
answer, without ids, and only where rows hardly ever agree by chance.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import polars as pl

from evaluation.waves.store_compare import Standing

NEARLY = 0.9
"""Share of the rows of the longer of two waves that are rows of the other."""
FEWEST_ROWS, FEWEST_ITEMS = 20, 3
DIFFERENT = 0.5
"""Different rows, as a share of all, from which equal ones are no chance."""


def near_copy_notes(
    arriving: pl.DataFrame,
    items: Sequence[str],
    stood: Mapping[str, Mapping[str, Standing]],
    stored: Mapping[str, Callable[[Sequence[str]], pl.DataFrame]],
) -> Iterator[str]:
    """A note for every wave of which the arriving rows are nearly a copy.

    Args:
        arriving: the rows that come in, with `organisation` and `items`.
        items: what was asked; an item that nobody answered does not count.
        stood: by wave, what every organisation has there; only waves of much the same length are read.
        stored: by wave, what reads some columns of it.
    """
    asked = [item for item in items if arriving[item].count()]
    if arriving.height < FEWEST_ROWS or len(asked) < FEWEST_ITEMS:
        return
    rows = ["organisation", *asked]
    mine = arriving.group_by(rows).len("times")
    if mine.height < DIFFERENT * arriving.height:
        return
    for wave, stand in stood.items():
        length = sum(one.rows for one in stand.values())
        if min(length, arriving.height) < NEARLY * max(length, arriving.height):
            continue
        there = stored[wave](rows)
        if not set(rows) <= set(there.columns):
            continue
        both = mine.join(there.group_by(rows).len("others"), on=rows, how="inner", nulls_equal=True)
        equal = int(both.select(pl.min_horizontal("times", "others").sum()).item())
        if equal >= NEARLY * max(length, arriving.height):
            yield (
                f"{equal:,} of {arriving.height:,} rows are, answer for answer, rows of wave '{wave}': the file may be that "
                "wave's with some rows more or less"
            )
