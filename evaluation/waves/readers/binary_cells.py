"""What a sheet of a binary workbook (.xlsb) hides: cells with errors and merged cells.

Sources: MS-XLSB 2.4.24 (BrtBundleSh), 2.4.301 (BrtCellError), 2.4.669 (BrtFmlaError), 2.4.695 (BrtMergeCell), 2.5.97.2 (BErr).
"""

import io
import posixpath
import re
import struct
import zipfile
from collections.abc import Iterator

from evaluation.waves.readers.hidden import Hidden, Range, address
from evaluation.waves.readers.old_workbook import ERRORS
from evaluation.waves.readers.workbook_extent import records

WORKBOOK = "xl/workbook.bin"
_RELATIONS = "xl/_rels/workbook.bin.rels"
_RELATION = re.compile(r"<(?:\w+:)?Relationship\b([^>]*)>")
_ATTRIBUTE = re.compile(r"(\w+)=\"([^\"]*)\"")
_ROW, _ERROR, _FAILED, _SHEET, _MERGED = 0, 3, 11, 156, 176


def hidden_in_binary(data: bytes, sheet: str) -> Hidden:
    """What the sheet of a binary workbook hides."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        part = _part(archive, sheet)
        if part not in archive.namelist():
            return Hidden()
        errors: dict[str, str] = {}
        merged: list[Range] = []
        row = 0
        for kind, body in records(archive.open(part)):
            if kind == _ROW:
                (row,) = struct.unpack_from("<I", body)
            elif kind in (_ERROR, _FAILED):
                errors[address(row, struct.unpack_from("<I", body)[0])] = ERRORS.get(body[8], "error")
            elif kind == _MERGED:
                top, bottom, left, right = struct.unpack_from("<4I", body)
                merged.append(((top, left), (bottom, right)))
    return Hidden(errors, merged)


def _part(archive: zipfile.ZipFile, sheet: str) -> str:
    """The archive's member that holds a sheet; empty when there is none."""
    if _RELATIONS not in archive.namelist():
        return ""
    relations = [dict(_ATTRIBUTE.findall(tag)) for tag in _RELATION.findall(archive.read(_RELATIONS).decode("utf-8", "replace"))]
    targets = {one.get("Id", ""): one.get("Target", "") for one in relations}
    wanted = next((relation for relation, name in _sheets(archive) if name == sheet), "")
    target = targets.get(wanted, "")
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))


def _sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """The relation and the name of every sheet."""
    for kind, body in records(archive.open(WORKBOOK)):
        if kind == _SHEET:
            relation, place = _text(body, 8)
            yield relation, _text(body, place)[0]


def _text(body: bytes, place: int) -> tuple[str, int]:
    """A text that begins with its length, and where it ends; a length of all ones is none."""
    (length,) = struct.unpack_from("<I", body, place)
    length = 0 if length == 0xFFFFFFFF else length
    end = place + 4 + 2 * length
    return body[place + 4 : end].decode("utf-16-le", "replace"), end
