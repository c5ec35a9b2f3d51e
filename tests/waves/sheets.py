"""Small workbooks of the kinds that no library here writes: one sheet 'Data' as .xls, .xlsb or .ods, from rows of cells.

A cell is a text, a number, None, `Failed('#DIV/0!')`, or for .ods a whole element. Sources: MS-CFB 2, MS-XLS 2.4, MS-XLSB 2.4,
OpenDocument 1.3 part 3.
"""

import struct
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

BYTES = {"#NULL!": 0, "#DIV/0!": 7, "#VALUE!": 15, "#REF!": 23, "#NAME?": 29, "#NUM!": 36, "#N/A": 42}
FREE, END = 0xFFFFFFFF, 0xFFFFFFFE
Merge = tuple[int, int, int, int]
"""First and last row, first and last column, counted from 0."""


@dataclass(frozen=True)
class Failed:
    """A cell with an error, which a formula gave or somebody typed."""

    error: str
    by_formula: bool = True


@dataclass(frozen=True)
class Element:
    """A cell as XML."""

    xml: str


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _old_cells(rows: Sequence[Sequence[object]]) -> Iterator[bytes]:
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            place = struct.pack("<HHH", row, column, 0)
            if isinstance(cell, Failed) and cell.by_formula:
                yield _record(
                    0x0006, place + bytes([2, 0, BYTES[cell.error], 0, 0, 0, 255, 255]) + bytes(6) + b"\x03\x00\x1e\x01\x00"
                )
            elif isinstance(cell, Failed):
                yield _record(0x0205, place + bytes([BYTES[cell.error], 1]))
            elif isinstance(cell, (int, float)):
                yield _record(0x0203, place + struct.pack("<d", cell))
            elif cell is not None:
                text = str(cell)
                yield _record(0x0204, place + struct.pack("<HB", len(text), 1) + text.encode("utf-16-le"))


def xls(path: Path, rows: Sequence[Sequence[object]], merged: Sequence[Merge] = ()) -> Path:
    """An old workbook whose stream of records fills at least the 4,096 bytes from which it has sectors of its own."""
    begins, ends = struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 6), _record(0x000A, b"")
    bound = _record(0x0085, struct.pack("<IBB", len(_record(0x0809, begins)) + 4 + 12 + len(ends), 0, 0) + b"\x04\x00Data")
    sheet = _record(0x0809, begins[:2] + b"\x10\x00" + begins[4:]) + b"".join(_old_cells(rows))
    sheet += (
        _record(0x00E5, struct.pack("<H", len(merged)) + b"".join(struct.pack("<4H", *one) for one in merged)) if merged else b""
    )
    stream = _record(0x0809, begins) + bound + ends + sheet + ends
    stream = stream.ljust(max(4096, -len(stream) // 512 * -512), b"\0")
    count = len(stream) // 512
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<5H", 62, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<5I", 0, 1, 1, 0, 4096) + struct.pack("<4I", END, 0, END, 0) + struct.pack("<109I", 0, *[FREE] * 108)
    fat = [0xFFFFFFFD, END, *range(3, count + 2), END]
    entries = b"".join(
        name.encode("utf-16-le").ljust(64, b"\0") + struct.pack("<HBB3I", 2 * len(name) + 2, kind, 1, FREE, FREE, child) + bytes(36) + struct.pack("<IQ", start, size)
        for name, kind, child, start, size in (("Root Entry", 5, 1, END, 0), ("Workbook", 2, FREE, 2, len(stream)))
    )  # fmt: skip
    path.write_bytes(header + struct.pack("<128I", *fat, *[FREE] * (128 - len(fat))) + entries.ljust(512, b"\0") + stream)
    return path


def _part(kind: int, body: bytes = b"") -> bytes:
    first = bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7])
    return first + bytes([len(body)]) + body


def _words(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(path: Path, rows: Sequence[Sequence[object]], merged: Sequence[Merge] = ()) -> Path:
    """A binary workbook."""
    size = struct.pack("<4I", 0, len(rows) - 1, 0, max(map(len, rows)) - 1)
    sheet = _part(129) + _part(148, size) + _part(145)
    for row, cells in enumerate(rows):
        sheet += _part(0, struct.pack("<I", row) + bytes(13))
        for column, cell in enumerate(cells):
            place = struct.pack("<II", column, 0)
            if isinstance(cell, Failed) and cell.by_formula:
                sheet += _part(11, place + bytes([BYTES[cell.error]]) + bytes(2) + struct.pack("<I", 0) + struct.pack("<I", 0))
            elif isinstance(cell, Failed):
                sheet += _part(3, place + bytes([BYTES[cell.error]]))
            elif isinstance(cell, (int, float)):
                sheet += _part(5, place + struct.pack("<d", cell))
            elif cell is not None:
                sheet += _part(6, place + _words(str(cell)))
    sheet += _part(146) + b"".join(_part(176, struct.pack("<4I", *one)) for one in merged) + _part(130)
    book = (
        _part(131) + _part(143) + _part(156, struct.pack("<II", 0, 1) + _words("rId1") + _words("Data")) + _part(144) + _part(132)
    )
    relation = '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.bin"/>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>')
        archive.writestr("xl/workbook.bin", book)
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relation}</Relationships>',
        )
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
    return path


def _cell(cell: object) -> str:
    if isinstance(cell, Element):
        return cell.xml
    if isinstance(cell, Failed):
        return f'<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>{cell.error}</text:p></table:table-cell>'
    if isinstance(cell, (int, float)):
        return f'<table:table-cell office:value-type="float" office:value="{cell}"><text:p>{cell}</text:p></table:table-cell>'
    return (
        "<table:table-cell/>"
        if cell is None
        else f'<table:table-cell office:value-type="string"><text:p>{escape(str(cell))}</text:p></table:table-cell>'
    )


def ods(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    """An OpenDocument workbook."""
    spaces = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text"))
    spaces += ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    body = "".join(f"<table:table-row>{''.join(map(_cell, cells))}</table:table-row>" for cells in rows)
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr(
            "META-INF/manifest.xml", '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
        )
        archive.writestr(
            "content.xml",
            f'<office:document-content {spaces}><office:body><office:spreadsheet><table:table table:name="Data">{body}</table:table></office:spreadsheet></office:body></office:document-content>',
        )
    return path
