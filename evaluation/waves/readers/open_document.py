"""What an OpenDocument sheet hides: cells with errors, formulas without a value, merged cells and percentages.

Sources: OpenDocument 1.3 part 3, 9.1.4 (cells), 19.642 (formulas), 19.385 (value types), 19.676 (spans). LibreOffice writes
an error as `calcext:value-type="error"`, other programs as the text of a formula.
"""

import html
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from evaluation.waves.readers.hidden import Hidden, Range, address

CONTENT = "content.xml"
UNSETTLED = "formula without a value"
_WITHIN = rb"((?:[^>\"']|\"[^\"]*\"|'[^']*')*?)"
_TABLE = re.compile(rb"<(?:\w+:)?table(?=[\s>])" + _WITHIN + rb">")
_END = re.compile(rb"</(?:\w+:)?table>")
_OPEN = re.compile(rb"<(?:\w+:)?(table-row|table-cell|covered-table-cell)(?=[\s/>])" + _WITHIN + rb"/?>")
_NAME = re.compile(rb"\bname=(?:\"([^\"]*)\"|'([^']*)')")
_ROWS = re.compile(rb"\bnumber-rows-repeated=[\"'](\d{1,10})[\"']")
_COLUMNS = re.compile(rb"\bnumber-columns-repeated=[\"'](\d{1,10})[\"']")
_TALL = re.compile(rb"\bnumber-rows-spanned=[\"'](\d{1,7})[\"']")
_WIDE = re.compile(rb"\bnumber-columns-spanned=[\"'](\d{1,7})[\"']")
_TYPE = re.compile(rb"\boffice:value-type=[\"'](\w+)[\"']")
_FAILED = re.compile(rb"\bcalcext:value-type=[\"']error[\"']")
_SAYS = re.compile(rb"\s*<(?:\w+:)?p\b[^>]*>([^<]{1,30})<")
_MARKS = (b"formula=", b"spanned=", b'"percentage', b"'percentage", b'"error', b"'error")
"""Without one of these a cell hides nothing."""
_ERROR = re.compile(r"^(#[A-Z0-9/]{2,20}[!?A]?|Err:\d{3})$")


def hidden_in_document(data: bytes, sheet: str) -> Hidden:
    """What the sheet of an OpenDocument workbook hides."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        cells = list(_cells(_sheet(archive.read(CONTENT), sheet)))
    errors = {address(cell.row, cell.column): cell.fails for cell in cells if cell.fails}
    merged = [cell.merged for cell in cells if cell.merged is not None]
    return Hidden(errors, merged, lambda row: {cell.column for cell in cells if cell.is_percent and cell.row >= row})


@dataclass(frozen=True)
class _Cell:
    row: int
    column: int
    fails: str
    merged: Range | None
    is_percent: bool


def _sheet(content: bytes, name: str) -> bytes:
    """The part of the document that is the sheet; empty when there is none."""
    for found in _TABLE.finditer(content):
        stated = _NAME.search(found[1])
        if stated and html.unescape((stated[1] or stated[2] or b"").decode("utf-8", "replace")) == name:
            end = _END.search(content, found.end())
            return content[found.end() : end.start() if end else len(content)]
    return b""


def _cells(text: bytes) -> Iterator[_Cell]:
    """The cells that hide something."""
    if not any(mark in text for mark in _MARKS):
        return
    row, place, following = 0, 0, 0
    for found in _OPEN.finditer(text):
        kind, attributes = found[1], found[2]
        if kind == b"table-row":
            row, place = following, 0
            following = row + _number(_ROWS, attributes)
            continue
        if kind == b"table-cell" and any(mark in attributes for mark in _MARKS):
            cell = _Cell(row, place, _failure(text, found), _span(row, place, attributes), _type(attributes) == b"percentage")
            if cell.fails or cell.merged is not None or cell.is_percent:
                yield cell
        place += _number(_COLUMNS, attributes) if b"repeated" in attributes else 1


def _failure(text: bytes, cell: re.Match[bytes]) -> str:
    """Why a cell has no value; '' where it has one or is blank."""
    attributes = cell[2]
    is_formula = b"formula=" in attributes
    if not is_formula and not _FAILED.search(attributes):
        return ""
    said = _SAYS.match(text, cell.end()) if not cell[0].endswith(b"/>") else None
    words = said[1].decode("utf-8", "replace") if said else ""
    if _FAILED.search(attributes) or _ERROR.match(words):
        return words or "error"
    return UNSETTLED if not _type(attributes) else ""


def _type(attributes: bytes) -> bytes:
    found = _TYPE.search(attributes)
    return found[1] if found else b""


def _span(row: int, column: int, attributes: bytes) -> Range | None:
    tall, wide = _number(_TALL, attributes), _number(_WIDE, attributes)
    return ((row, column), (row + tall - 1, column + wide - 1)) if tall > 1 or wide > 1 else None


def _number(pattern: re.Pattern[bytes], attributes: bytes) -> int:
    found = pattern.search(attributes)
    return int(found[1]) if found else 1
