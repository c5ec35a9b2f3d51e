"""Cells of a workbook in which a formula failed (#DIV/0!, #REF!). The reader of cells gives them as blank, which no answer is."""

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
_ERROR = re.compile(rb"<(?:\w+:)?v[^>]*>(#[A-Z0-9/?!_]{2,20})<")


def error_cells(data: bytes, sheet: str) -> dict[str, str]:
    """Addresses of the sheet's cells that hold an error, and which; empty for workbooks other than Office Open XML.

    ECMA-376 part 1, 18.18.11 (ST_CellType): a cell of type "e" holds an error.
    """
    if not data.startswith(b"PK"):
        return {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        part = _part(archive, sheet)
        text = archive.read(part) if part in archive.namelist() else b""
    found = ((_ADDRESS.search(attributes), _ERROR.search(inside)) for attributes, inside in _CELL.findall(text))
    return {place[1].decode(): error[1].decode() if error else "" for place, error in found if place}


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
