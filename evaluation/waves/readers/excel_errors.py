"""Cells of an Office Open XML sheet that its reader gives as blank although they are none.

A formula failed (#DIV/0!, #REF!) or was never worked out.
"""

import html
import io
import posixpath
import re
import zipfile

_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_SHEET = re.compile(r"<(?:\w+:)?sheet\b([^>]*)>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\b([^>]*)>")
_ATTRIBUTE = re.compile(r"(?:\w+:)?(\w+)=(?:\"([^\"]*)\"|'([^']*)')")
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*\bt=[\"']e[\"'][^>]*)>(.*?)</(?:\w+:)?c>", re.DOTALL)
_ADDRESS = re.compile(rb"\br=[\"']([A-Z]{1,3}\d{1,7})[\"']")
_UNSETTLED = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v[^>]*>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_FAILED, _FORMULA = (b't="e"', b"t='e'"), (b"<f", b":f")
"""Without one of these there is nothing to look for cell by cell."""
_TEXT = re.compile(rb"\bt=[\"']str[\"']")
UNSETTLED = "formula without a value"
_ERROR = re.compile(rb"<(?:\w+:)?v[^>]*>(#[A-Z0-9/?!_]{2,20})<")


def error_cells(text: bytes) -> dict[str, str]:
    """Addresses of a sheet's cells that hold no value though a formula stands in them, and why.

    `text` is what `sheet_text` gives. ECMA-376 part 1, 18.18.11 (ST_CellType): a cell of type "e" holds an error;
    one of type "str" holds the text that its formula gave, which may be empty. A formula never worked out has no value.
    """
    wrong = _CELL.findall(text) if any(mark in text for mark in _FAILED) else []
    formulas = _UNSETTLED.findall(text) if any(mark in text for mark in _FORMULA) else []
    failed = ((_ADDRESS.search(attributes), _ERROR.search(inside)) for attributes, inside in wrong)
    unsettled = (_ADDRESS.search(attributes) for attributes in formulas if not _TEXT.search(attributes))
    found = {place[1].decode(): error[1].decode() if error else "" for place, error in failed if place}
    return found | {place[1].decode(): UNSETTLED for place in unsettled if place}


def sheet_text(data: bytes, sheet: str) -> bytes:
    """The XML of a sheet; empty for workbooks other than Office Open XML."""
    if not data.startswith(b"PK"):
        return b""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        part = _part(archive, sheet)
        return archive.read(part) if part in archive.namelist() else b""


def _part(archive: zipfile.ZipFile, sheet: str) -> str:
    """The archive's member that holds a sheet; empty when there is none."""
    if not {_WORKBOOK, _RELATIONS} <= set(archive.namelist()):
        return ""
    sheets = [_attributes(tag) for tag in _SHEET.findall(archive.read(_WORKBOOK).decode("utf-8", "replace"))]
    relations = [_attributes(tag) for tag in _RELATION.findall(archive.read(_RELATIONS).decode("utf-8", "replace"))]
    wanted = next((stated.get("id") for stated in sheets if stated.get("name") == sheet), None)
    target = next((stated.get("Target", "") for stated in relations if wanted and stated.get("Id") == wanted), "")
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))


def _attributes(tag: str) -> dict[str, str]:
    return {name: html.unescape(double or single) for name, double, single in _ATTRIBUTE.findall(tag)}
