"""Cells of a sheet that its reader gives as blank although somebody's answer may have stood there, whatever the kind of workbook.

A formula failed (#DIV/0!, #REF!) or was never worked out; a cell lies under a merged one, whose first cell alone holds a value
(ECMA-376 part 1, 18.3.1.54). Every kind of workbook writes them in a way of its own: `excel_errors`, `old_workbook`,
`binary_cells` and `open_document` find them.
"""

import io
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from python_calamine import CalamineSheet

from evaluation.errors import Problem
from evaluation.waves.checks.faults import FIRST, listed
from evaluation.waves.readers.binary_cells import WORKBOOK, hidden_in_binary
from evaluation.waves.readers.excel_errors import error_cells, sheet_text
from evaluation.waves.readers.header import column_letter
from evaluation.waves.readers.hidden import Hidden, Range, address
from evaluation.waves.readers.old_workbook import OLE, errors_in
from evaluation.waves.readers.open_document import CONTENT, hidden_in_document
from evaluation.waves.readers.percent_cells import percent_columns
from evaluation.waves.readers.unseen import unseen_places


def hidden_in(data: bytes, sheet: CalamineSheet) -> Hidden:
    """What a sheet of a workbook hides; percentages of an .xls and .xlsb cannot be told, rows and columns but of Office Open XML.

    Raises:
        OSError, ValueError, zipfile.BadZipFile and others: parts are damaged.
    """
    if data.startswith(OLE):
        errors = {address(*place): error for place, error in errors_in(data, sheet.name).items()}
        return Hidden(errors, sheet.merged_cell_ranges or ())
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = set(archive.namelist())
    if CONTENT in parts:
        return hidden_in_document(data, sheet.name)
    if WORKBOOK in parts:
        return hidden_in_binary(data, sheet.name)
    text = sheet_text(data, sheet.name)
    rows, columns = unseen_places(text)
    return Hidden(error_cells(text), sheet.merged_cell_ranges or (), lambda row: percent_columns(data, text, row), rows, columns)


def unseen_notes(hidden: Hidden, numbers: Collection[int], held: Sequence[bool]) -> Iterator[str]:
    """What was read although the sheet does not show it.

    Args:
        hidden: what the sheet hides.
        numbers: the numbers of the rows that were read below the header, the first row of the sheet being 1.
        held: by column, whether it was read.
    """
    rows = sum(number - 1 in hidden.rows for number in numbers)
    columns = [place for place, read in enumerate(held) if read and place in hidden.columns]
    if rows:
        are, read = ("is", "it was") if rows == 1 else ("are", "they were")
        which = f"{rows:,} of {len(numbers):,} rows {are} hidden in the sheet, by a filter or by hand"
        yield f"{which}; {read} read like the others"
    if columns:
        words, read = ("column is", "it was") if len(columns) == 1 else ("columns are", "they were")
        letters = listed([column_letter(place) for place in columns], FIRST)
        yield f"{len(columns):,} {words} hidden in the sheet ({letters}); {read} read like the others"


def error_problem(cells: Mapping[str, str], where: str) -> Problem:
    """Formulas that failed or were never worked out."""
    count = len(cells)
    found = listed([f"{cell} {error}" for cell, error in cells.items()], FIRST)
    return Problem(
        f"{count:,} {'cell holds an error' if count == 1 else 'cells hold errors'} instead of a value: {found}.",
        where,
        "correct the formulas and save the workbook, or leave a cell blank where there is no answer.",
        "error-cells",
        count,
    )


def merged_problems(
    merged: Sequence[Range], rows: Sequence[Sequence[Any]], body: int, names: Sequence[str], where: str
) -> Iterator[Problem]:
    """Merged cells that swallow answers: `rows` from `body` on hold answers under `names`.

    A merged cell over columns of which one alone has a name swallows nothing, nor does a note that has its rows for itself.
    """
    places = [
        f"{address(*first)}:{address(*last)}"
        for first, last in merged
        if first[0] >= body and _swallows(first, last, rows, names)
    ]
    if places:
        count = len(places)
        yield Problem(
            f"{count:,} merged {'cell' if count == 1 else 'cells'} below the header: {listed(places, FIRST)}.",
            where,
            "take the merging apart and fill in every cell: which rows or columns a merged one stands for is not guessed.",
            "merged-cells",
            count,
        )


def _swallows(first: tuple[int, int], last: tuple[int, int], rows: Sequence[Sequence[Any]], names: Sequence[str]) -> bool:
    (top, left), (bottom, right) = first, last
    covered = rows[top : bottom + 1]
    if not covered or left >= len(covered[0]) or covered[0][left] == "":
        return False
    headed = sum(bool(name.strip()) for name in names[left : right + 1])
    if bottom == top and headed < 2:
        return False
    beside = any(cell != "" for row in covered for place, cell in enumerate(row) if not left <= place <= right)
    return beside or left == right
