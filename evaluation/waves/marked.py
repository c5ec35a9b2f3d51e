"""A file as its supplier may see it again: its own rows and columns as read, faulty cells marked, and nobody to be recognised.

Respondent ids, columns that a mapping drops, and columns that seem to hold identifiers or free text are withheld whole. In a
column that nobody declared, only what stands in several rows is shown. What is no answer is shown as a message would show it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from evaluation.errors import Problem
from evaluation.waves.checks.faults import COMMON, NOT_SHOWN, plain, shown_answer, shown_day, shown_place
from evaluation.waves.checks.file import seems_identifier
from evaluation.waves.checks.groups import holds_sentences, names_people
from evaluation.waves.checks.identifiers import is_free_text
from evaluation.waves.checks.layout import Layout
from evaluation.waves.readers.header import shown_header
from evaluation.waves.readers.table import Table

WHOLE = 1_000
"""Rows that are shown: all of a file that has no more, else those with a fault."""
WITHHELD = "withheld"
"""Stands in a cell whose content is not shown."""

_UNFIT = ("identifying-values", "free-text-column", "identifier-column")
_PLACES = ("organisation", "unit", "arm", "base")
Shows = Callable[[str, int], bool]


@dataclass(frozen=True)
class Marked:
    """Rows of a file with their faults.

    Attributes:
        headings: of the file's columns, as they may be shown.
        numbers: of the rows shown, as a spreadsheet counts them in the file.
        columns: by column, the cells of these rows as they may be shown; '' where blank.
        withheld: headings whose cells are withheld whole.
        marks: by (row number, place of the column), the problems there, counted from 1; row number 0 is the heading.
        total: rows of the file.
    """

    headings: tuple[str, ...]
    numbers: tuple[int, ...]
    columns: tuple[tuple[str, ...], ...]
    withheld: tuple[str, ...]
    marks: Mapping[tuple[int, int], tuple[int, ...]]
    total: int


def marked(table: Table, layout: Layout, problems: Sequence[Problem]) -> Marked:
    """The rows of `table` that show `problems`, in the form in which they may be sent to whoever made the file.

    Args:
        table: the file as read.
        layout: which column holds what.
        problems: what is wrong with it.
    """
    names = table.cells.columns
    marks = _marks(names, problems)
    kept = _rows_shown(table, problems)
    withheld = [_is_withheld(table, layout, name, problems) for name in names]
    headings = tuple(_heading(name) for name in names)
    columns = tuple(
        _withheld(table.text(name).filter(kept)) if hidden else _cells(table.text(name), kept, _shows(layout, name))
        for name, hidden in zip(names, withheld, strict=True)
    )
    numbers = tuple(table.rows.filter(kept).to_list())
    hidden_names = tuple(heading for heading, hidden in zip(headings, withheld, strict=True) if hidden)
    return Marked(headings, numbers, columns, hidden_names, marks, table.cells.height)


def _heading(name: str) -> str:
    return WITHHELD if shown_header(name) == "(name not shown)" else plain(name, 200)


def _marks(names: Sequence[str], problems: Sequence[Problem]) -> dict[tuple[int, int], tuple[int, ...]]:
    places = {name: place for place, name in enumerate(names)}
    marks: dict[tuple[int, int], tuple[int, ...]] = {}
    for number, problem in enumerate(problems, start=1):
        for cells in problem.cells:
            if cells.column in places:
                for row in cells.rows or (0,):
                    spot = (row, places[cells.column])
                    marks[spot] = (*marks.get(spot, ()), number)
    return marks


def _rows_shown(table: Table, problems: Sequence[Problem]) -> pl.Series:
    """(R,) whether a row is shown; of a long file the rows with a fault, as many of every problem as there is room for."""
    if table.cells.height <= WHOLE:
        return table.rows.is_not_null()
    faulty = [cells.rows for problem in problems for cells in problem.cells if cells.rows]
    room = max(WHOLE // max(len(faulty), 1), 1)
    return table.rows.is_in(sorted({row for rows in faulty for row in rows[:room]}))


def _is_withheld(table: Table, layout: Layout, name: str, problems: Sequence[Problem]) -> bool:
    """Whether a column holds, or may hold, what identifies people or what they wrote."""
    respondent = layout.keys.get("respondent")
    if name in layout.drop or (respondent is not None and respondent.column == name):
        return True
    if any(cells.column == name for problem in problems if problem.code in _UNFIT for cells in problem.cells):
        return True
    if name in layout.columns():
        return False
    values = table.text(name)
    return seems_identifier(table, name) or is_free_text(values) or names_people(values, name) or holds_sentences(values)


def _shows(layout: Layout, name: str) -> Shows:
    """When a value of a column may be shown, from the value and how many rows hold it."""
    day = layout.keys.get("answered_on")
    if day is not None and day.column == name:
        return lambda value, times: shown_day(value) != NOT_SHOWN
    places = [layout.keys[key].column for key in _PLACES if key in layout.keys]
    if name in places or (layout.wave is not None and layout.wave.column == name):
        return lambda value, times: shown_place(value) != NOT_SHOWN
    if name in layout.columns():
        return lambda value, times: shown_answer(value, times) != NOT_SHOWN
    return lambda value, times: times >= COMMON and shown_answer(value, times) != NOT_SHOWN


def _cells(column: pl.Series, kept: pl.Series, shows: Shows) -> tuple[str, ...]:
    counts = column.drop_nulls().value_counts(name="times")
    times = dict(zip(counts[column.name].to_list(), counts["times"].to_list(), strict=True))
    found = {value: plain(value, 200) if shows(value, times[value]) else WITHHELD for value in _different(column, kept)}
    return tuple("" if value is None else found[value] for value in column.filter(kept).to_list())


def _different(column: pl.Series, kept: pl.Series) -> Iterator[str]:
    yield from column.filter(kept).drop_nulls().unique().to_list()


def _withheld(column: pl.Series) -> tuple[str, ...]:
    return tuple("" if value is None else WITHHELD for value in column.to_list())
