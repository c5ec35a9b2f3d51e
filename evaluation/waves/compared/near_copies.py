"""A wave that is nearly another one: last year's export with a few rows more or less, sent as this year's.

A file that equals a stored wave is refused (`storage.copies`); one row more, and no hash of the whole tells. Rows are compared
answer for answer, organisation by organisation under the codes that these have now.
"""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from evaluation.waves.checks.faults import listed
from evaluation.waves.storage.read import Stored
from evaluation.waves.storage.same_answers import DIFFERENT, NEARLY, answer_columns, equal_within, hashed, telling

FEWEST_ROWS = 20
"""Rows from which a wave, or one organisation, is told: of a few people many may answer as they did a year before."""


def near_copy_notes(
    arriving: pl.DataFrame,
    items: Sequence[str],
    groups: Sequence[str],
    stood: Mapping[str, Mapping[str, int]],
    stored: Mapping[str, Stored],
) -> Iterator[str]:
    """A note for every wave of which the arriving rows, or those of some organisations, are nearly a copy.

    Args:
        arriving: the rows that come in, with `organisation` under its present code.
        items: what was asked; an item that nobody answered does not count.
        groups: of the population.
        stood: by wave, how many rows each organisation has there, by its present code.
        stored: by wave, what reads some columns of it, piece by piece, with `organisation` under its present code.
    """
    columns = answer_columns(arriving, items, groups)
    mine = hashed([arriving], columns)
    rows = dict(arriving.group_by("organisation").len().iter_rows())
    differ = mine["row"].n_unique() >= DIFFERENT * mine.height
    for wave, there in stood.items():
        longest = {name: max(count, there[name], FEWEST_ROWS) for name, count in rows.items() if name in there}
        all_of = max(arriving.height, sum(there.values()), FEWEST_ROWS)
        fits = [name for name, count in longest.items() if min(rows[name], there[name]) >= NEARLY * count]
        may_be_whole = differ and min(arriving.height, sum(there.values())) >= NEARLY * all_of
        if not fits and not may_be_whole:
            continue
        equal = equal_within(mine, hashed(stored[wave](["organisation", *columns]), columns))
        whole = sum(equal.values())
        if may_be_whole and whole >= NEARLY * all_of:
            yield _says(whole, arriving.height, "", wave)
            continue
        near = [name for name in fits if equal.get(name, 0) >= NEARLY * longest[name]]
        if told := sorted(telling(arriving, columns, near)):
            yield _says(sum(equal[name] for name in told), sum(rows[name] for name in told), f" of {listed(told)}", wave)


def _says(equal: int, rows: int, whose: str, wave: str) -> str:
    said = f"{equal:,} of {rows:,} rows{whose} are, answer for answer, rows of wave '{wave}'"
    return f"{said}: the file may be that wave's with some rows more or less"
