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

PIECE = 256 * 1024
BLANK = -CODES - 1
"""Stands for a blank cell among codes."""
_ZERO, _MINUS = ord("0"), ord("-")
_ELSE, _NOTHING = 255, 254
Codes = npt.NDArray[np.int16]
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
        found = [one, *threads.map(lambda span: _piece(text, span, mark, one.fits), others)]
    pieces = [piece for piece in found if piece is not None]
    if len(pieces) < len(found):
        return None
    fits, codes = np.all([piece.fits for piece in pieces], axis=0), np.concatenate([piece.codes for piece in pieces], axis=1)
    frame = pl.DataFrame({f"{place}": codes[place] for place in np.flatnonzero(fits).tolist()})
    frame = frame.select(pl.when(pl.all() != BLANK).then(pl.all()))
    return np.concatenate([piece.ends for piece in pieces]), {int(column.name): column for column in frame}


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
    codes: Codes
    fits: Flags


def _piece(text: Bytes, span: tuple[int, int], mark: int, fits: Flags) -> _Piece | None:
    """The records of whole lines; `fits` says which columns may be codes; None where a line is of another width."""
    lines, width = text[slice(*span)], len(fits)
    feeds = lines == FEED
    closes = feeds | (lines == mark)
    ends = np.flatnonzero(closes)
    rows = ends[width - 1 :: width]
    if len(ends) % width or np.count_nonzero(feeds) != len(rows) or not feeds[rows].all():
        return None
    codes, fits = _codes(lines, closes, ends, fits)
    return _Piece(rows + span[0], np.ascontiguousarray(codes.reshape(-1, width).T), fits)


def _codes(lines: Bytes, closes: Flags, ends: Positions, fits: Flags) -> tuple[Codes, Flags]:
    """The number in each cell that ends there, `BLANK` where one is blank, and `fits` without columns with other cells."""
    signs = _signs(lines, closes).take(ends)
    codes = signs.astype(np.int16)
    np.copyto(codes, BLANK, where=signs == _NOTHING)
    longer = np.flatnonzero((signs == _ELSE).reshape(-1, len(fits)) & fits)
    starts = np.where(longer > 0, ends[longer - 1] + 1, 0)
    codes[longer], good = _longer(lines, ends[longer] - 1, ends[longer] - starts)
    bad = np.zeros(len(fits), bool)
    bad[longer[~good] % len(fits)] = True
    return codes, fits & ~bad


def _signs(lines: Bytes, closes: Flags) -> Bytes:
    """Of a cell that ended at each byte: its digit where it is one, `_NOTHING` where it is blank, `_ELSE` where it is more.

    One reckoning for all bytes, cells or not, with nothing but sums and comparisons: this is what processors do fastest.
    """
    signs = np.empty(len(lines), np.uint8)
    np.subtract(lines[:-1], _ZERO, out=signs[1:])
    more = signs > 9
    more[2:] |= ~closes[:-2]
    signs |= np.negative(more.view(np.uint8))
    signs[1:] ^= closes[:-1].view(np.uint8)
    signs[0] = _NOTHING
    return signs


def _longer(lines: Bytes, ends: Positions, lengths: Positions) -> tuple[Codes, Flags]:
    """Numbers of cells that are not one digit, by their last signs and lengths, and whether each is a code."""
    minus = np.take(lines, ends - lengths + 1, mode="wrap") == _MINUS
    digits = lengths - minus
    number, lead = np.zeros(len(ends), np.int16), np.zeros(len(ends), np.uint8)
    good = (digits > 0) & (digits <= 3)
    for place in range(3):
        digit, there = np.take(lines, ends - place, mode="wrap") - _ZERO, digits > place
        good &= (digit < 10) | ~there
        number += np.where(there, digit, 0) * np.int16(10**place)
        lead = np.where(there, digit, lead)
    return np.where(minus, -number, number), good & ((lead > 0) | ((digits == 1) & ~minus))
