"""Where the records of a delimited text begin and end, and how many fields each has. Sees bytes only; no loop over cells.

A quotation mark opens a field only at its start and closes it only at its end; doubled, it stands for itself (RFC 4180).
Inside a quoted field delimiters and line feeds are text, so parity of the marks so far decides what a byte is.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

BLOCK = 512 * 1024
QUOTE, FEED, SPACE = 34, 10, 32
_HARD_SPACE = "\u00a0".encode()
Positions = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Records:
    """Byte spans of R records, header included: `starts` (R,), `ends` (R,, the line feed left out), `fields` (R,).

    `opened` is the byte of a quotation mark that is never closed properly, `stray` one inside an unquoted field; -1 when none.
    """

    starts: Positions
    ends: Positions
    fields: Positions
    opened: int = -1
    stray: int = -1

    @property
    def filled(self) -> Positions:
        """Places of the records that are not blank lines; the first is the header."""
        return np.flatnonzero(self.ends > self.starts)

    def row_of(self, byte: int) -> int:
        """Row number, the header being 1, of the record that holds `byte`."""
        return int(np.searchsorted(self.starts, byte, side="right"))


def find_records(data: bytes, delimiter: str) -> Records:
    """Split `data` (lines end in line feeds) into records."""
    text = np.frombuffer(data, np.uint8)
    mark = ord(delimiter)
    quoted = b'"' in data
    opened, stray = _first_fault(text, mark) if quoted else (-1, -1)
    ends, counts = _ends_and_counts(text, mark, quoted)
    if not len(ends) or ends[-1] != len(text) - 1:
        ends = np.append(ends, len(text))
        counts = np.append(counts, _total(text, mark, quoted))
    starts = np.concatenate(([0], ends[:-1] + 1))
    fields = np.diff(counts, prepend=0) + 1
    return Records(starts, ends, fields, opened, stray)


def is_tidy(data: bytes, delimiter: str) -> bool:
    """Whether its bytes show at once that no cell begins or ends with a space or is a blank one in quotation marks."""
    if QUOTE in data or data.endswith(b" ") or (not data.isascii() and _HARD_SPACE in data):
        return False
    text, edges = np.frombuffer(data, np.uint8), (ord(delimiter), FEED)
    for start in range(0, len(text), BLOCK):
        spaces = np.flatnonzero(text[start : start + BLOCK] == SPACE) + start
        beside = np.concatenate((text[spaces - 1], text[spaces + 1]))
        if any((beside == edge).any() for edge in edges):
            return False
    return True


def _inside(block: npt.NDArray[np.uint8], parity: int) -> tuple[npt.NDArray[np.bool_], int]:
    """Which bytes of a block lie inside quotes, given the parity before it, and the parity after it."""
    running = np.cumsum(block == QUOTE, dtype=np.uint8) + np.uint8(parity)
    odd = running & 1
    return odd.astype(bool), int(odd[-1])


def _ends_and_counts(text: npt.NDArray[np.uint8], mark: int, quoted: bool) -> tuple[Positions, Positions]:
    """Positions of the line feeds that end records, and the number of delimiters before each."""
    ends, counts = [], []
    parity, before = 0, 0
    for start in range(0, len(text), BLOCK):
        block = text[start : start + BLOCK]
        feed, delimiter = block == FEED, block == mark
        if quoted:
            inside, parity = _inside(block, parity)
            feed, delimiter = feed & ~inside, delimiter & ~inside
        positions = np.flatnonzero(feed)
        delimiters = np.flatnonzero(delimiter)
        ends.append(positions + start)
        counts.append(np.searchsorted(delimiters, positions) + before)
        before += len(delimiters)
    return np.concatenate(ends).astype(np.int64), np.concatenate(counts).astype(np.int64)


def _total(text: npt.NDArray[np.uint8], mark: int, quoted: bool) -> int:
    """Delimiters outside quotes in all of the text."""
    total, parity = 0, 0
    for start in range(0, len(text), BLOCK):
        block = text[start : start + BLOCK]
        delimiter = block == mark
        if quoted:
            inside, parity = _inside(block, parity)
            delimiter &= ~inside
        total += int(np.count_nonzero(delimiter))
    return total


def _first_fault(text: npt.NDArray[np.uint8], mark: int) -> tuple[int, int]:
    """Bytes of the first mark left open and of the first stray mark; -1 where there is none."""
    allowed = np.zeros(256, bool)
    allowed[[mark, FEED, QUOTE]] = True
    ordinal = 0
    field_start = -1
    for start in range(0, len(text), BLOCK):
        marks = np.flatnonzero(text[start : start + BLOCK] == QUOTE) + start
        if not len(marks):
            continue
        opening = (np.arange(len(marks)) + ordinal) % 2 == 0
        ordinal += len(marks)
        before, after = text[np.maximum(marks - 1, 0)], text[np.minimum(marks + 1, len(text) - 1)]
        fits = np.where(opening, allowed[before] | (marks == 0), allowed[after] | (marks == len(text) - 1))
        fresh = opening & ((before != QUOTE) | (marks == 0))
        wrong = int(np.argmin(fits)) if not fits.all() else -1
        if wrong >= 0 and opening[wrong]:
            return -1, int(marks[wrong])
        upto = np.flatnonzero(fresh[: wrong + 1] if wrong >= 0 else fresh)
        field_start = int(marks[upto[-1]]) if len(upto) else field_start
        if wrong >= 0:
            return field_start, -1
    return (field_start, -1) if ordinal % 2 else (-1, -1)
