"""How far the cells of a workbook's sheets reach, told before a reader makes room for them.

The reader of cells makes room for every place between the first and the last cell of a sheet, so two cells far apart in a file of
five kilobytes ask for half a terabyte. What counts is where cells say they are (ECMA-376 part 1, 18.3.1.4; OpenDocument 1.3
part 3, 9.1.3; MS-XLSB 2.4), not the size that a sheet claims.
"""

import re
import zipfile
from collections.abc import Iterator
from typing import IO

from evaluation.errors import WaveError

SHEET_LIMIT = 20_000_000
"""Places between the first and the last cell of one sheet: 10,000 rows of 2,000 columns, or 200,000 of 100."""
PIECE, OVERLAP = 8 * 1024**2, 512

_PLACE = re.compile(rb"<(?:\w+:)?(?:c|row)\s[^>]*?\br\s*=\s*[\"']([A-Za-z]{0,7}\d{1,10})")
_OPENINGS = [mark + b"c" + after for mark in (b"<", b":") for after in (b" ", b">", b"/", b"\t", b"\n", b"\r")]
"""How a cell may begin; more is counted here than is one, never less."""
_DIGITS, _SIGNS = b"0123456789", b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
_OPEN = re.compile(rb"<(?:\w+:)?(table|table-row|table-cell|covered-table-cell)(?=[\s/>])([^>]*)>")
_ROWS_REPEATED = re.compile(rb"number-rows-repeated\s*=\s*[\"'](\d{1,10})[\"']")
_COLUMNS_REPEATED = re.compile(rb"number-columns-repeated\s*=\s*[\"'](\d{1,10})[\"']")


def refuse_sprawling(archive: zipfile.ZipFile, name: str) -> None:
    """Refuse a zipped workbook in which a sheet's cells lie too far apart.

    Raises:
        WaveError: more than `SHEET_LIMIT` places between the first and the last cell of a sheet.
    """
    for part in archive.namelist():
        lower = part.lower()
        if lower.startswith("xl/worksheets/") and lower.endswith(".xml"):
            rows, columns = _of_xml(archive.open(part))
        elif lower.startswith("xl/worksheets/") and lower.endswith(".bin"):
            rows, columns = _of_records(archive.open(part))
        elif lower == "content.xml":
            rows, columns = _of_open_document(archive.open(part))
        else:
            continue
        if rows * columns > SHEET_LIMIT:
            raise too_far_apart(rows, columns, f"{name}, {part}")


def too_far_apart(rows: int, columns: int, where: str) -> WaveError:
    """The refusal of a sheet that reaches over so many rows and columns."""
    return WaveError(
        f"a sheet's cells reach over {rows:,} rows and {columns:,} columns; at most {SHEET_LIMIT:,} places are read.",
        where=where,
        fix="delete stray cells far from the answers, or export CSV.",
        code="workbook-bomb",
    )


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    """The stream in pieces that overlap, so that nothing is cut in two."""
    kept = b""
    while piece := stream.read(PIECE):
        yield kept + piece
        kept = piece[-OVERLAP:]


def _of_xml(stream: IO[bytes]) -> tuple[int, int]:
    """Rows and columns that the cells of an Office Open XML sheet reach; cells without an address are counted instead."""
    row, column, rows, cells = 0, 0, 0, 0
    for piece in _pieces(stream):
        places = b" ".join(_PLACE.findall(piece))
        letters = places.translate(None, _DIGITS).split()
        row = max([row, *map(int, set(places.translate(None, _SIGNS).split()))])
        column = max([column, *map(_place, set(letters))])
        rows += len(_ROW.findall(piece))
        if sum(map(piece.count, _OPENINGS)) > len(letters):
            cells = max([cells, *(len(_CELL.findall(part)) for part in _ROW.split(piece))])
    return max(row, rows), max(column, cells)


def _place(letters: bytes) -> int:
    place = 0
    for letter in letters.upper():
        place = 26 * place + letter - 64
    return place


def _of_records(stream: IO[bytes]) -> tuple[int, int]:
    """The same of a binary sheet: record 0 begins a row, records 1 to 11 are cells that begin with their column."""
    row, column = 0, 0
    for kind, body in records(stream):
        first = int.from_bytes(body[:4], "little")
        row = max(row, first + 1) if kind == 0 else row
        column = max(column, first + 1) if 1 <= kind <= 11 else column
    return row, column


def records(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Kind and content of each record of a binary part (MS-XLSB 2.1.4)."""
    while (kind := _number(stream, 2)) is not None and (size := _number(stream, 4)) is not None:
        yield kind, stream.read(size)


def _number(stream: IO[bytes], most: int) -> int | None:
    """A whole number in groups of seven bits, the lowest first; None at the end of the stream."""
    number = 0
    for place in range(most):
        byte = stream.read(1)
        if not byte:
            return None
        number |= (byte[0] & 127) << 7 * place
        if byte[0] < 128:
            break
    return number


def _of_open_document(stream: IO[bytes]) -> tuple[int, int]:
    """The largest table's rows and columns up to its last cell with a value; repeated blank cells at the ends do not count."""
    largest, reach, row, place = (0, 0), (0, 0), 0, 0
    for kind, attributes in _OPEN.findall(stream.read()):
        if kind == b"table":
            reach, row, place = (0, 0), 0, 0
        elif kind == b"table-row":
            place = 0
            row += _repeated(_ROWS_REPEATED, attributes)
        else:
            place += _repeated(_COLUMNS_REPEATED, attributes)
            if b"value-type" in attributes:
                reach = (max(reach[0], row), max(reach[1], place))
        largest = max(largest, reach, key=lambda one: one[0] * one[1])
    return largest


def _repeated(pattern: re.Pattern[bytes], attributes: bytes) -> int:
    found = pattern.search(attributes)
    return int(found[1]) if found else 1
