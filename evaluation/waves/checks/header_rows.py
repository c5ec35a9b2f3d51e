"""Headers among the answers: a second one below the first, one pasted in with a second file, or the true one under titles.

Looked for in a file that is refused anyway: each such row would be told as three or four faults, none of which says what it is.
"""

from dataclasses import replace

import polars as pl

from evaluation.errors import Problem
from evaluation.waves.checks.expected import Expected
from evaluation.waves.checks.faults import first_rows
from evaluation.waves.checks.layout import Layout
from evaluation.waves.checks.likeness import fold, words_of
from evaluation.waves.readers.table import Table

_SEARCHED = 20
"""First rows in which the true header is looked for."""
_WORDS = 3
"""Words from which a wording is nobody's answer to it."""


def header_below(table: Table, layout: Layout, expected: Expected) -> list[Problem]:
    """A row that holds the names of all columns that are looked for, where the header does not."""
    wanted = {*layout.columns()} if layout.mapped else {*expected.required}
    if not wanted or wanted <= {*table.cells.columns}:
        return []
    head = table.cells.head(_SEARCHED).select(pl.all().cast(pl.String))
    for number, cells in zip(table.rows.to_list(), head.iter_rows(), strict=False):
        if wanted <= {cell.strip() for cell in cells if cell}:
            says = f"the names of the columns stand in row {number:,}, not in the header."
            fix = f"delete what stands above row {number:,}, or say 'header_row: {number}' in a mapping's file block."
            return [Problem(says, f"{table.name}, row {number:,}", fix, "header-below")]
    return []


def without_headers(table: Table, layout: Layout, expected: Expected) -> tuple[Table, list[Problem]]:
    """The table without rows that repeat its header or the wordings of its questions, and the line that says which they are."""
    found = _repeats(table) | _wordings(table, layout, expected)
    if not found.any():
        return table, []
    rows = table.rows.filter(found).to_list()
    are, it = ("row repeats", "it") if len(rows) == 1 else ("rows repeat", "them")
    says = f"{len(rows):,} {are} the header or the wordings of the questions."
    fix = f"delete {it}: a second header is nobody's answers."
    problem = Problem(says, f"{table.name}, {first_rows(rows)}", fix, "header-repeated", len(rows))
    return replace(table, cells=table.cells.filter(~found), rows=table.rows.filter(~found)), [problem]


def _repeats(table: Table) -> pl.Series:
    """(R,) rows of which every cell that is not blank holds the name of its column, two cells at least.

    A column of codes holds no name: where each row has one, nothing more is looked at.
    """
    made = {*table.form.copies, *table.form.means}
    names = [name for name in table.cells.columns if name not in made]
    codes = [name for name in names if table.cells[name].dtype != pl.String]
    if codes and not table.cells.select(pl.all_horizontal(pl.col(codes).is_null()).any()).item():
        return pl.repeat(False, table.cells.height, dtype=pl.Boolean, eager=True)
    texts = {name: pl.col(name).cast(pl.String) for name in names}
    same = [text.str.strip_chars().str.to_lowercase() == name.strip().lower() for name, text in texts.items()]
    blank = [text.is_null() for text in texts.values()]
    all_same = pl.all_horizontal(one.fill_null(True) for one in same)
    filled = pl.sum_horizontal((~one).cast(pl.Int32) for one in blank) >= 2
    return table.cells.select((all_same & filled).alias("")).to_series()


def _wordings(table: Table, layout: Layout, expected: Expected) -> pl.Series:
    """(R,) rows in which the cell of an item is the wording of that item."""
    found = pl.repeat(False, table.cells.height, dtype=pl.Boolean, eager=True)
    for item, (column, source) in layout.items.items():
        wording = expected.questions[item].wording if item in expected.questions else ""
        if column not in table.cells.columns or table.cells[column].dtype != pl.String or len(words_of(wording)) < _WORDS:
            continue
        different = table.cells[column].drop_nulls().unique().to_list()
        same = [text for text in different if text not in source.codes and fold(text) == fold(wording)]
        found |= table.cells[column].is_in(same).fill_null(False)
    return found
