"""Where a sheet hides something, and what: the terms in which every kind of workbook is searched."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from evaluation.waves.readers.header import column_letter

Range = tuple[tuple[int, int], tuple[int, int]]
"""The row and column of the first and of the last cell that are merged, counted from 0."""


@dataclass(frozen=True)
class Hidden:
    """What a sheet hides: by address why a cell has no value, merged cells, places of columns shown as percentages, by row.

    `percents(row)` are the columns with a number shown as a percentage below the header's last row, the first row being 1. `rows`
    and `columns` are those that the sheet does not show, counted from 0.
    """

    errors: Mapping[str, str] = field(default_factory=dict)
    merged: Sequence[Range] = ()
    percents: Callable[[int], set[int]] = lambda row: set()
    rows: Collection[int] = ()
    columns: Collection[int] = ()


def address(row: int, column: int) -> str:
    """The address of the cell at a row and column, both counted from 0."""
    return f"{column_letter(column)}{row + 1}"
