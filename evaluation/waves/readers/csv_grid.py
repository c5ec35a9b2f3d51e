"""Delimited text whose records are all of one width and hold no quotation mark: records and answer codes found in one pass.

Sees bytes only, a piece at a time that stays near the processor. The signs right before a delimiter tell what a cell holds, so a
column of whole numbers of few digits is read without making text of it. Text of any other form has no grid.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from evaluation.waves.readers.csv_records import FEED, QUOTE, Positions, Records, find_records
from evaluation.waves.readers.table import CODES

PIECE = 512 * 1024
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
    fields = np.concatenate((head.fields, np.full(len(ends), width, np.int64)))
    return Grid(Records(np.concatenate((head.starts, starts)), np.concatenate((head.ends, ends)), fields), codes)


def _after_lines(data: bytes, lines: int) -> int:
    """The first byte after so many lines; the length of the text when it has no more than these."""
    place = 0
    for _ in range(lines):
        place = data.find(b"\n", place) + 1
        if not place:
            return len(data)
    return place


def _below(data: bytes, start: int, mark: int, width: int) -> tuple[Positions, dict[int, pl.Series]] | None:
    """Ends of the records, each ended by a line feed, and the columns of codes; None where a record has another width."""
    text, (first, *others) = np.frombuffer(data, np.uint8), _spans(data, start)
    one = _piece(text, first, mark, np.ones(width, bool))
    if one is None:
        return None
    with ThreadPoolExecutor(pl.thread_pool_size()) as threads:
        pieces = [one, *threads.map(lambda span: _piece(text, span, mark, one.fits), others)]
    known = [piece for piece in pieces if piece is not None]
    if len(known) < len(pieces):
        return None
    fits, codes = np.all([piece.fits for piece in known], axis=0), np.concatenate([piece.codes for piece in known], axis=1)
    frame = pl.DataFrame({f"{place}": codes[place] for place in np.flatnonzero(fits).tolist()})
    frame = frame.select(pl.when(pl.all() != BLANK).then(pl.all()))
    return np.concatenate([piece.ends for piece in known]), {int(column.name): column for column in frame}


def _spans(data: bytes, start: int) -> Iterator[tuple[int, int]]:
    """Spans of whole lines, about as long as a piece."""
    while start < len(data):
        last = data.rfind(b"\n", start, start + PIECE) + 1 or data.find(b"\n", start) + 1
        yield start, last
        start = last


@dataclass(frozen=True)
class _Piece:
    """Some records: where they end in the text, (C, R) the number in each cell and whether a column may hold codes only."""

    ends: Positions
    codes: npt.NDArray[np.int16]
    fits: Flags


def _piece(text: Bytes, span: tuple[int, int], mark: int, fits: Flags) -> _Piece | None:
    """The records of whole lines; `fits` says which columns may be codes; None where a line is of another width."""
    cells = _cells(text[slice(*span)], mark, len(fits))
    return _Piece(cells.ends[:, -1] + span[0], *cells.codes(fits)) if cells else None


@dataclass(frozen=True)
class _Cells:
    """R records of C cells: where each ends in `text`, and how many signs it has."""

    text: Bytes
    ends: Positions
    lengths: Positions

    def codes(self, fits: Flags) -> tuple[npt.NDArray[np.int16], Flags]:
        """(C, R) the number in each cell, `BLANK` where it is blank; and `fits` without columns in which a cell is no code."""
        digit, blank = self._signs(self.ends, 1) - _ZERO, self.lengths == 0
        odd = np.flatnonzero(((digit > 9) | (self.lengths != 1)) & fits & ~blank)
        codes, bad = np.where(blank, np.int16(BLANK), digit), np.zeros(len(fits), bool)
        if len(odd):
            longer, good = self._longer(self.ends.ravel()[odd], self.lengths.ravel()[odd])
            codes.ravel()[odd] = longer
            bad[odd[~good] % len(fits)] = True
        return np.ascontiguousarray(codes.T), fits & ~bad

    def _signs(self, ends: Positions, back: Positions | int) -> Bytes:
        """The signs so far before the ends of some cells; whatever stands there where a cell is shorter."""
        return np.take(self.text, ends - back, mode="wrap")

    def _longer(self, ends: Positions, lengths: Positions) -> tuple[npt.NDArray[np.int16], Flags]:
        """Numbers of cells that are not one digit, by their ends and lengths, and whether each is a code."""
        minus = self._signs(ends, lengths) == _MINUS
        digits = lengths - minus
        number, lead = np.zeros(len(ends), np.int16), np.zeros(len(ends), np.uint8)
        good = (digits > 0) & (digits <= 3)
        for place in range(3):
            digit, there = self._signs(ends, place + 1) - _ZERO, digits > place
            good &= (digit < 10) | ~there
            number += np.where(there, digit, 0) * np.int16(10**place)
            lead = np.where(there, digit, lead)
        return np.where(minus, -number, number), good & ((lead > 0) | ((digits == 1) & ~minus))


def _cells(text: Bytes, mark: int, width: int) -> _Cells | None:
    """The cells of lines of `width` cells each; None where a line has more or fewer."""
    feeds = text == FEED
    ends = np.flatnonzero(feeds | (text == mark))
    if len(ends) % width or np.count_nonzero(feeds) != len(ends) // width or not feeds[ends[width - 1 :: width]].all():
        return None
    lengths = np.empty_like(ends)
    lengths[0] = ends[0]
    np.subtract(ends[1:], ends[:-1], out=lengths[1:])
    lengths[1:] -= 1
    return _Cells(text, ends.reshape(-1, width), lengths.reshape(-1, width))
