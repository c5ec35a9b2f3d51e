"""Excel and OpenDocument workbooks: the cells of one named sheet, codes as they were typed, dates as ISO."""

import io
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from evaluation.errors import Problem, WaveError
from evaluation.protocol.mapping import FileForm
from evaluation.waves.faults import FIRST, listed, shown
from evaluation.waves.readers.excel_errors import error_cells
from evaluation.waves.readers.header import check_names
from evaluation.waves.readers.opening import open_file
from evaluation.waves.readers.table import READERS, Content, Reader, Table, tidied

UNPACKED_LIMIT = 2 * 1024**3
RATIO_LIMIT = 200
ENTRY_LIMIT = 10_000


def read_excel(content: Content, form: FileForm) -> Table:
    """Cells of one sheet; the first row that is not blank is the header.

    Raises:
        WaveError: the sheet is not named though several hold cells, cells hold errors such as #DIV/0!, the workbook is damaged,
            locked, a bomb or has macros.
    """
    data = content.whole()
    _refuse_dangerous(data, content.name)
    sheet = _sheet(data, form.sheet, content.name)
    if wrong := error_cells(data, sheet.name):
        raise WaveError(_error_problem(wrong, f"{content.name}, sheet {shown(sheet.name)}"))
    rows = sheet.to_python(skip_empty_area=False)
    head = next((number for number, row in enumerate(rows) if any(cell != "" for cell in row)), len(rows) - 1)
    width = max((k for row in rows for k, cell in enumerate(row, start=1) if cell != ""), default=0)
    if not width:
        raise WaveError(
            "the file is empty.", where=f"{content.name}, sheet {shown(sheet.name)}", fix="export it again.", code="file-empty"
        )
    names = [cell_text(cell) or "" for cell in rows[head][:width]]
    if problems := list(check_names(names, f"{content.name}, sheet {shown(sheet.name)}")):
        raise WaveError(problems)
    body = [(number, row) for number, row in enumerate(rows[head + 1 :], start=head + 2) if any(cell != "" for cell in row)]
    columns = {name: [cell_text(row[k]) for _, row in body] for k, name in enumerate(names)}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(names, pl.String))
    found = form.model_copy(update={"sheet": sheet.name})
    return Table(content.name, tidied(frame), pl.Series("row", [number for number, _ in body], dtype=pl.Int64), found)


def _error_problem(cells: dict[str, str], where: str) -> Problem:
    count = len(cells)
    found = listed([f"{cell} {error}" for cell, error in cells.items()], FIRST)
    return Problem(
        f"{count:,} {'cell holds an error' if count == 1 else 'cells hold errors'} instead of a value: {found}.",
        where,
        "correct the formulas, or leave a cell blank where there is no answer.",
        "error-cells",
        count,
    )


def cell_text(cell: Any) -> str | None:
    """One cell as a person typed it: 4 not 4.0, dates ISO, blank None."""
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
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
    return tuple(sheet.name for sheet in _sheets(data, content.name))


def _sheets(data: bytes, name: str) -> list[CalamineSheet]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        return [book.get_sheet_by_name(title) for title in book.sheet_names]
    except CalamineError as error:
        locked = "password" in str(error).lower() or "EncryptedPackage".encode("utf-16-le") in data
        raise WaveError(
            "the workbook is protected by a password." if locked else "the workbook cannot be read.",
            where=name,
            fix="save it without a password." if locked else "open it in Excel and save it again as .xlsx, or export CSV.",
            code="workbook-locked" if locked else "workbook-damaged",
        ) from error


def _sheet(data: bytes, wanted: str | None, name: str) -> CalamineSheet:
    filled = [sheet for sheet in _sheets(data, name) if sheet.height]
    titles = listed([shown(sheet.name) for sheet in filled])
    if not filled:
        raise WaveError("the file is empty.", where=f"{name}, no sheet holds a cell", fix="export it again.", code="file-empty")
    if wanted is not None:
        filled = [sheet for sheet in filled if sheet.name == wanted]
        if not filled:
            raise WaveError(
                f"no sheet {shown(wanted)} holds cells.", where=name, fix=f"sheets with cells: {titles}.", code="sheet-unknown"
            )
    if len(filled) > 1:
        raise WaveError(
            f"{len(filled)} sheets hold cells, and none was named.",
            where=name,
            fix=f"name one with --sheet or in a mapping's file block: {titles}.",
            code="sheet-not-named",
        )
    return filled[0]


def _refuse_dangerous(data: bytes, name: str) -> None:
    """Refuse from the zip directory, before anything is unpacked."""
    if not data.startswith(b"PK"):
        return
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except zipfile.BadZipFile as error:
        raise WaveError("the workbook is damaged or cut off.", where=name, fix="send it again.", code="truncated") from error
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


READERS.register("excel")(Reader(read_excel, (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"), ("zip", "ole")))
