"""Rows and columns of an Office Open XML sheet that its user does not see: filtered out, hidden by hand or of no height.

Whoever looks at such a sheet believes that it ends where the screen ends; cells are read wherever they stand.
Sources: ECMA-376 part 1, 18.3.1.73 (rows), 18.3.1.13 (columns), 22.9.2.7 (how true is written).
"""

import re
from collections.abc import Collection

_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_COLUMN = re.compile(rb"<(?:\w+:)?col\b([^>]*)>")
_CELLS = re.compile(rb"<(?:\w+:)?sheetData\b")
_HIDDEN = re.compile(rb"\bhidden=[\"'](?:1|true|on)[\"']|\b(?:ht|width)=[\"']0(?:\.0+)?[\"']")
_NUMBER = re.compile(rb"\br=[\"'](\d{1,7})[\"']")
_SPAN = re.compile(rb"\b(min|max)=[\"'](\d{1,5})[\"']")
_MARKS = (b"hidden=", b'ht="0', b"ht='0", b'width="0', b"width='0")
"""Without one of these nothing is hidden."""


def unseen_places(text: bytes) -> tuple[Collection[int], Collection[int]]:
    """Rows and columns that are not shown, both counted from 0; `text` is the XML of a sheet."""
    if not any(mark in text for mark in _MARKS):
        return (), ()
    cells = _CELLS.search(text)
    before = text[: cells.start()] if cells else text
    columns = {place for attributes in _COLUMN.findall(before) if _HIDDEN.search(attributes) for place in _span(attributes)}
    return _rows(text), columns


def _rows(text: bytes) -> set[int]:
    """A row that does not say its number follows the one before."""
    found: set[int] = set()
    place = -1
    for attributes in _ROW.findall(text):
        stated = _NUMBER.search(attributes)
        place = int(stated[1]) - 1 if stated else place + 1
        if _HIDDEN.search(attributes):
            found.add(place)
    return found


def _span(attributes: bytes) -> range:
    ends = {name: int(number) for name, number in _SPAN.findall(attributes)}
    return range(ends.get(b"min", 1) - 1, min(ends.get(b"max", 0), 16_384))
