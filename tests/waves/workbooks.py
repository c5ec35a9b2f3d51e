"""A workbook as a reader sees it, read with another library (calamine) and from the file's own XML."""

import io
import zipfile
from xml.etree import ElementTree

from python_calamine import CalamineWorkbook

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


class Book:
    """A workbook as a reader sees it: texts by sheet, colour of a cell, comments by cell."""

    def __init__(self, content: bytes) -> None:
        self.parts = zipfile.ZipFile(io.BytesIO(content))
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        self.sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}

    def tree(self, name: str) -> ElementTree.Element:
        return ElementTree.fromstring(self.parts.read(name))

    @property
    def formulas(self) -> list[str]:
        return [name for name in self.parts.namelist() if b"<f>" in self.parts.read(name)]

    def coloured(self) -> set[str]:
        """Cells of the second sheet that are filled in red."""
        styles = self.tree("xl/styles.xml")
        fills = [fill.find(f".//{MAIN}fgColor") for fill in styles.iterfind(f"{MAIN}fills/{MAIN}fill")]
        red = {number for number, colour in enumerate(fills) if colour is not None and colour.get("rgb") == "FFFFD5D0"}
        looks = [int(look.get("fillId", "0")) in red for look in styles.iterfind(f"{MAIN}cellXfs/{MAIN}xf")]
        cells = self.tree("xl/worksheets/sheet2.xml").iter(f"{MAIN}c")
        return {cell.get("r", "") for cell in cells if looks[int(cell.get("s", "0"))]}

    def comments(self) -> dict[str, str]:
        found = {}
        for comment in self.tree("xl/comments1.xml").iter(f"{MAIN}comment"):
            found[comment.get("ref", "")] = "".join(text.text or "" for text in comment.iter(f"{MAIN}t"))
        return found

    @property
    def text(self) -> str:
        return "\n".join(str(cell) for rows in self.sheets.values() for row in rows for cell in row)
