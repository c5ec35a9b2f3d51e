"""Excel and OpenDocument workbooks: the cells of one named sheet, codes as they were typed, dates as ISO."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from evaluation.errors import WaveError
from evaluation.protocol.mapping import FileForm
from evaluation.waves.checks.faults import listed, shown
from evaluation.waves.readers.header import Header, Style, column_letter, plain_header
from evaluation.waves.readers.hidden_cells import error_problem, hidden_in, merged_problems, unseen_notes
from evaluation.waves.readers.limits import UNPACKED_LIMIT
from evaluation.waves.readers.named import header_problems, named
from evaluation.waves.readers.old_workbook import OLE, refuse_untrue
from evaluation.waves.readers.opening import open_file
from evaluation.waves.readers.table import READERS, Content, Reader, Table, in_notation, tidied
from evaluation.waves.readers.workbook_extent import refuse_sprawling

_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError),
    *(struct.error, LookupError),
)
"""What reading parts raises that are damaged, locked or packed in a way it does not know."""
RATIO_LIMIT = 200
ENTRY_LIMIT = 10_000
WHOLE_LIMIT = 2**53
"""Up to here every whole number has a double of its own."""


def read_excel(content: Content, form: FileForm) -> Table:
    """Cells of one sheet; the header begins on `form.header_row`, or on the first row that is not blank.

    Raises:
        WaveError: as `read_workbook`.
    """
    return read_workbook(content, form, plain_header, form.header_rows or 1)


def read_workbook(content: Content, form: FileForm, style: Style, deep: int) -> Table:
    """Cells of one sheet whose header is `deep` rows, named by `style`.

    Raises:
        WaveError: the sheet is not named though several hold cells, cells hold errors such as #DIV/0!, the workbook is damaged,
            locked, a bomb or has macros, or the header's names cannot be used.
    """
    data = content.whole()
    _refuse_dangerous(data, content.name)
    sheet = _sheet(data, form.sheet, content.name)
    where = f"{content.name}, sheet {shown(sheet.name)}"
    try:
        hidden = hidden_in(data, sheet)
    except _UNREADABLE as error:
        raise _cut_off(content.name) from error
    if hidden.errors:
        raise WaveError(error_problem(hidden.errors, where))
    rows = sheet.to_python(skip_empty_area=False)
    head = _head(rows, form.header_row, deep, where)
    width = max(k for row in rows[head:] for k, cell in enumerate(row, start=1) if cell != "")
    header = style([[cell_text(cell) or "" for cell in row[:width]] for row in rows[head : head + deep]], form, where)
    problems = [
        *header_problems(header, where, head + 1),
        *merged_problems(hidden.merged, rows, head + deep, header.names, where),
    ]
    if problems:
        raise WaveError(problems)
    body = [
        (number, row) for number, row in enumerate(rows[head + deep :], start=head + deep + 1) if any(cell != "" for cell in row)
    ]
    cells = list(zip(*(row[:width] for _, row in body), strict=True)) or [()] * width
    columns = {f"{place}": _texts(column, form) for place, column in enumerate(cells)}
    frame = tidied(pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)))
    frame, passed = named(frame, header, form, where, head + 1)
    found = form.model_copy(update={"sheet": sheet.name})
    numbers = pl.Series("row", [number for number, _ in body], dtype=pl.Int64)
    percents = frozenset(_name(header, place) for place in hidden.percents(head + deep) if place < width)
    read = [_name(header, place) in frame.columns for place in range(width)]
    notes = (*header.notes, *passed, *unseen_notes(hidden, [number for number, _ in body], read))
    return Table(content.name, frame, numbers, found, header.labels, notes=notes, percents=percents & {*frame.columns})


def first_rows(content: Content, form: FileForm, most: int) -> list[list[str]]:
    """The first `most` rows of the sheet that the form names, or of the only one with cells, as text.

    Raises:
        WaveError: as `read_workbook`.
    """
    data = content.whole()
    _refuse_dangerous(data, content.name)
    rows = _sheet(data, form.sheet, content.name).to_python(skip_empty_area=False, nrows=most)
    return [[cell_text(cell) or "" for cell in row] for row in rows]


def _head(rows: list[list[Any]], stated: int | None, deep: int, where: str) -> int:
    """Place of the row on which the header begins."""
    filled = [place for place, row in enumerate(rows) if any(cell != "" for cell in row)]
    if not filled:
        raise WaveError("the file is empty.", where=where, fix="export it again.", code="file-empty")
    head = filled[0] if stated is None else stated - 1
    if not any(head <= place < head + deep for place in filled):
        raise WaveError(
            f"no header stands from row {head + 1:,} on.",
            where=f"{where}, {len(rows):,} rows",
            fix="correct 'header_row' and 'header_rows' in the mapping's file block.",
            code="no-header",
        )
    return head


def _name(header: Header, place: int) -> str:
    return header.names[place] if header.names[place].strip() else f"column {column_letter(place)}"


def _texts(cells: Sequence[Any], form: FileForm) -> pl.Series:
    """Cells of one column as text; a number that comes again is not put into words again."""
    known: dict[float, str | None] = {}
    found: list[str | None] = []
    for cell in cells:
        if type(cell) is not float:
            found.append(cell_text(cell))
            continue
        if cell not in known:
            known[cell] = cell_text(cell)
        found.append(known[cell])
    texts = pl.Series(found, dtype=pl.String)
    if form.decimal == ".":
        return texts
    return in_notation(texts, form).zip_with(pl.Series([type(cell) is float for cell in cells], dtype=pl.Boolean), texts)


def cell_text(cell: Any) -> str | None:
    """One cell as a person typed it: 4 not 4.0, dates ISO, line ends as in a text file, blank None."""
    if isinstance(cell, str):
        return cell.replace("\r\n", "\n").replace("\r", "\n") or None
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) <= WHOLE_LIMIT else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time().isoformat() == "00:00:00" else cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, date) else None if cell is None else str(cell)


def sheet_names(path: Path) -> tuple[str, ...]:
    """Names of a workbook's sheets, hidden ones included.

    Raises:
        WaveError: the file is no workbook that may be read.
    """
    reader = READERS["excel"]
    content = open_file(path, reader.signatures)
    data = content.whole()
    _refuse_dangerous(data, content.name)
    return tuple(_opened(data, content.name).sheet_names)


def _opened(data: bytes, name: str) -> CalamineWorkbook:
    with _readable(data, name):
        return CalamineWorkbook.from_filelike(io.BytesIO(data))


@contextmanager
def _readable(data: bytes, name: str) -> Iterator[None]:
    """What the reader of cells raises over a damaged workbook, as a refusal; the class of its panics cannot be imported."""
    try:
        yield
    except BaseException as error:
        if not isinstance(error, CalamineError) and type(error).__name__ != "PanicException":
            raise
        raise _unreadable(data, name, error) from error


def _unreadable(data: bytes, name: str, error: BaseException) -> WaveError:
    locked = "password" in str(error).lower() or "EncryptedPackage".encode("utf-16-le") in data
    return WaveError(
        "the workbook is protected by a password." if locked else "the workbook cannot be read.",
        where=name,
        fix="save it without a password." if locked else "open it in Excel and save it again as .xlsx, or export CSV.",
        code="workbook-locked" if locked else "workbook-damaged",
    )


def _sheet(data: bytes, wanted: str | None, name: str) -> CalamineSheet:
    """The sheet that is named, or the only one that holds cells."""
    book = _opened(data, name)
    with _readable(data, name):
        if wanted in book.sheet_names and (sheet := book.get_sheet_by_name(wanted)).height:
            return sheet
        every = ((title, book.get_sheet_by_name(title)) for title in book.sheet_names)
        filled = {title: sheet for title, sheet in every if sheet.height}
        seen = [one.name for one in book.sheets_metadata if one.visible is SheetVisibleEnum.Visible]
        if len(filled) == 1 and wanted is None and (only := next(iter(filled))) in seen:
            return filled[only]
    titles = listed([shown(title) for title in filled])
    if not filled:
        raise WaveError("the file is empty.", where=f"{name}, no sheet holds a cell", fix="export it again.", code="file-empty")
    if wanted is not None:
        raise WaveError(
            f"no sheet {shown(wanted)} holds cells.", where=name, fix=f"sheets with cells: {titles}.", code="sheet-unknown"
        )
    how = f"{len(filled)} sheets hold cells" if len(filled) > 1 else "the only sheet with cells is hidden"
    raise WaveError(
        f"{how}, and none was named.",
        where=name,
        fix=f"name one with --sheet or in a mapping's file block: {titles}.",
        code="sheet-not-named",
    )


def _refuse_dangerous(data: bytes, name: str) -> None:
    """Refuse from the zip directory, before anything is unpacked."""
    if data.startswith(OLE):
        refuse_untrue(data, name)
    if not data.startswith(b"PK"):
        return
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise _cut_off(name) from error
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > ENTRY_LIMIT or unpacked > UNPACKED_LIMIT or unpacked > RATIO_LIMIT * max(len(data), 50_000):
        raise WaveError(
            f"the workbook would unpack to {unpacked:,} bytes in {len(entries):,} parts.",
            where=f"{name}, {len(data):,} bytes",
            fix="it does not look like survey answers: export CSV.",
            code="workbook-bomb",
        )
    names = {entry.filename.lower() for entry in entries}
    if any(entry.endswith("vbaproject.bin") for entry in names):
        raise WaveError("the workbook holds macros.", where=name, fix="save it as .xlsx without macros.", code="not-this-format")
    if not any(entry.startswith("xl/workbook") or entry == "content.xml" for entry in names):
        raise WaveError(
            f"'{name}' is a zip archive, not a workbook.",
            where=name,
            fix="export the answers as Excel or CSV.",
            code="not-this-format",
        )
    try:
        refuse_sprawling(archive, name)
    except _UNREADABLE as error:
        raise _cut_off(name) from error


def _cut_off(name: str) -> WaveError:
    return WaveError("the workbook is damaged or cut off.", where=name, fix="send it again.", code="truncated")


READERS.register("excel")(Reader(read_excel, (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"), ("zip", "ole")))
