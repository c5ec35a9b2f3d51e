"""Which columns of a workbook hold numbers that it shows as percentages: 67% on the screen is 0.67 in the cell.

Sources: ECMA-376 part 1, 18.8.30 (number formats; 9 and 10 are percentages without being declared) and 18.8.10 (the formats of
cells); OpenDocument 1.3 part 3, 19.385 (value types).
"""

import html
import io
import re
import zipfile
from collections.abc import Iterator

_STYLES = "xl/styles.xml"
_BUILT_IN = {"9", "10"}
_FORMAT = re.compile(r"<(?:\w+:)?numFmt\b([^>]*)>")
_LOOKS = re.compile(r"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_LOOK = re.compile(r"<(?:\w+:)?xf\b([^>]*)>")
_ATTRIBUTE = re.compile(r"(\w+)=(?:\"([^\"]*)\"|'([^']*)')")
_WRITTEN = re.compile(r"\"[^\"]*\"|\\.|_.|\*.")
"""Parts of a format that stand for themselves."""
_TEXT = re.compile(rb"\bt=[\"'](?!n)")
_ADDRESS = re.compile(rb"\br=[\"']([A-Z]{1,3})(\d{1,7})[\"']")


def percent_columns(data: bytes, text: bytes, row: int) -> set[int]:
    """Places (0 is A) of the columns that hold a number shown as a percentage below `row`.

    Args:
        data: an Office Open XML workbook; of any other none is found.
        text: the XML of the sheet.
        row: the last row of the header, the first being 1.
    """
    looks = _percent_looks(data) if text else set()
    if not looks:
        return set()
    numbers = "|".join(sorted(looks)).encode()
    shown = re.compile(rb"<(?:\w+:)?c\b((?=[^>]*\bs=[\"'](?:" + numbers + rb")[\"'])[^>/]*)>\s*<")
    places = (_ADDRESS.search(attributes) for attributes in shown.findall(text) if not _TEXT.search(attributes))
    return {_place(found[1]) for found in places if found and int(found[2]) > row}


def _percent_looks(data: bytes) -> set[str]:
    """Numbers of the formats of cells that show a percentage."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if _STYLES not in archive.namelist():
            return set()
        styles = archive.read(_STYLES).decode("utf-8", "replace")
    own = {one.get("numFmtId"): one.get("formatCode", "") for one in map(_attributes, _FORMAT.findall(styles))}
    percent = _BUILT_IN | {number for number, code in own.items() if number and "%" in _WRITTEN.sub("", code)}
    return set(_with(percent, styles))


def _with(percent: set[str], styles: str) -> Iterator[str]:
    looks = _LOOKS.search(styles)
    for place, look in enumerate(_LOOK.findall(looks[0]) if looks else ()):
        if _attributes(look).get("numFmtId") in percent:
            yield str(place)


def _attributes(tag: str) -> dict[str, str]:
    return {name: html.unescape(double or single) for name, double, single in _ATTRIBUTE.findall(tag)}


def _place(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = 26 * place + letter - 64
    return place - 1
