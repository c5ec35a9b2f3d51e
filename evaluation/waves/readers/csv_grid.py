"""Delimited text whose records are all of one width and hold no quotation mark: records and answer codes found in one pass.

Sees bytes only, a piece at a time that stays near the processor. The signs right before a delimiter tell what a cell holds, so a
column of whole numbers of few digits is read without making text of it. Text of any other form has no grid.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from evaluation.waves.readers.csv_records import FEED, QUOTE, Records, find_records
from evaluation.waves.readers.table import CODES

PIECE = 256 * 1024
BLANK = -CODES - 1
"""Stands for a blank cell among codes."""
_ZERO, _MINUS = ord("0"), ord("-")
Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Grid:
    """Records of a text, and by its place each column whose cells below the header are all blank or codes, as numbers (Int16).

    A code is a whole number of at most three digits, written as programs write it: never '05', '+5', '-0' or '5.0'.
    """

    records: Records
    codes: Mapping[int, pl.Series]


def find_grid(data: bytes, delimiter: str, above: int) -> Grid | None:
    """The grid of `data` below its first `above` lines; None where it has a quotation mark, a blank line or a ragged record."""
    start = _after_lines(data, above)
    if QUOTE in data or start >= len(data):
        return None
    head = find_records(data[:start], delimiter)
    first = find_records(data[start : data.find(b"\n", start) + 1 or len(data)], delimiter)
    width = int(first.fields[0])
    if width < 2 or len(head.filled) != above:
        return None
    found = _below(data if data.endswith(b"\n") else data + b"\n", start, ord(delimiter), width)
    if found is None:
        return None
    ends, codes = found
    starts = np.concatenate(([start], ends[:-1] + 1))
    fields = np.full(len(ends), width, np.int64)
    records = Records(*map(np.concatenate, ((head.starts, starts), (head.ends, ends), (head.fields, fields))))
    return Grid(records, codes)


def _after_lines(data: bytes, lines: int) -> int:
    """The first byte after so many lines; the length of the text when it has no more than these."""
    place = 0
    for _ in range(lines):
        place = data.find(b"\n", place) + 1
        if not place:
            return len(data)
    return place


def _below(data: bytes, start: int, mark: int, width: int) -> tuple[npt.NDArray[np.int64], dict[int, pl.Series]] | None:
    """Ends of the records, all of which are ended by a line feed, and the columns of codes; None where one is of another width."""
    text = np.frombuffer(data, np.uint8)
    fits, ends, pieces = np.ones(width, bool), [], []
    for first, last in _pieces(data, start):
        cells = _cells(text[first:last], mark, width)
        if cells is None:
            return None
        ends.append(cells.ends[:, -1] + first)
        pieces.append(cells.codes(fits).T)
    codes = np.concatenate(pieces, axis=1, out=np.empty((width, sum(map(len, ends))), np.int16))
    frame = pl.DataFrame({f"{place}": codes[place] for place in np.flatnonzero(fits).tolist()})
    frame = frame.select(pl.when(pl.all() != BLANK).then(pl.all()))
    return np.concatenate(ends), {int(column.name): column for column in frame}


def _pieces(data: bytes, start: int) -> Iterator[tuple[int, int]]:
    """Spans of whole lines, about as long as a piece."""
    while start < len(data):
        last = data.rfind(b"\n", start, start + PIECE) + 1 or data.find(b"\n", start) + 1
        yield start, last
        start = last


@dataclass(frozen=True)
class _Cells:
    """R records of C cells: where each ends in `text`, and the one sign and the two signs before its end."""

    text: Bytes
    mark: int
    ends: npt.NDArray[np.int64]
    last: Bytes
    former: Bytes

    def codes(self, fits: Flags) -> npt.NDArray[np.int16]:
        """(R, C) the number in each cell, `BLANK` where it is blank; `fits` (C,) loses the columns in which a cell is no code."""
        blank, single = self._edge(self.last), self._edge(self.former)
        digit = self.last - _ZERO
        odd = np.flatnonzero(~(blank | ((digit < 10) & single)) & fits)
        codes = np.where(blank, np.int16(BLANK), digit)
        if len(odd):
            longer, good = self._longer(self.ends.ravel()[odd])
            codes.ravel()[odd] = longer
            fits[odd[~good] % len(fits)] = False
        return codes

    def _edge(self, signs: Bytes) -> Flags:
        """Whether a sign is none of the cell that follows it, as it ends the one before."""
        return (signs == self.mark) | (signs == FEED)

    def _longer(self, ends: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int16], Flags]:
        """Numbers of cells that are not one digit, by where they end, and whether each is a code."""
        signs = [np.take(self.text, ends - back, mode="wrap") for back in range(1, 6)]
        digits = [sign - _ZERO for sign in signs[:3]]
        two = digits[1] < 10
        three = two & (digits[2] < 10)
        number = digits[0] + 10 * np.where(two, digits[1], 0) + np.where(three, digits[2], 0) * np.int16(100)
        lead = np.where(three, digits[2], np.where(two, digits[1], digits[0]))
        before, further = (np.where(three, signs[3 + k], np.where(two, signs[2 + k], signs[1 + k])) for k in range(2))
        minus = before == _MINUS
        good = (digits[0] < 10) & self._edge(np.where(minus, further, before)) & ((lead > 0) | ~(two | minus))
        return np.where(minus, -number, number), good


def _cells(text: Bytes, mark: int, width: int) -> _Cells | None:
    """The cells of lines of `width` cells each; None where a line has more or fewer."""
    ends = np.flatnonzero((text == mark) | (text == FEED))
    if len(ends) % width or np.count_nonzero(text == FEED) != len(ends) // width:
        return None
    before = ends - 1
    last = np.take(text, before, mode="wrap")
    before -= 1
    former = np.take(text, before, mode="wrap")
    grid = ends.reshape(-1, width)
    if not (text[grid[:, -1]] == FEED).all():
        return None
    return _Cells(text, mark, grid, last.reshape(-1, width), former.reshape(-1, width))
