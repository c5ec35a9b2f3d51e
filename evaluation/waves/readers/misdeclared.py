"""What a text seems to be where it cannot be read as declared: parted by another sign, or with its header in another row.

Nothing is ever read in this way; it only says which line of a mapping's file block is probably wrong, before marks and fields
that follow from that line are told as faults of the file.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from evaluation.errors import Problem, WaveError
from evaluation.protocol.mapping import FileForm
from evaluation.waves.readers.csv_records import Records, find_records
from evaluation.waves.readers.delimiter import DELIMITERS, SAMPLE
from evaluation.waves.readers.header import holds_answers

_MANY = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
DEEPEST = 40
"""Rows within which a header is looked for."""


@dataclass(frozen=True)
class _Reading:
    """The share of records from a row on that have as many fields as this row (0 of a single column), if `mark` parts them."""

    mark: str
    row: int
    width: int
    share: float


def refuse_misdeclared(data: bytes, delimiter: str, records: Records, form: FileForm, name: str) -> None:
    """Refuse a text that is regular by another delimiter or from another row on, and is not as declared.

    Args:
        data: the text, lines ended by line feeds.
        delimiter: the one that is declared or was found.
        records: of the text by this delimiter.
        form: what the mapping declares.
        name: of the file, for messages.

    Raises:
        WaveError: the delimiter, the header's row, or both seem to be others.
    """
    filled = records.filled
    head = int(filled[0]) if form.header_row is None else form.header_row - 1
    found = _better(data, delimiter, records, head) if head in filled else None
    if found is not None and (problems := [*_told(found, delimiter, head + 1, form, name)]):
        raise WaveError(problems)


def header_row_of(data: bytes, delimiter: str) -> int | None:
    """The row in which the header of a text seems to stand, under titles; None where it is the first that is not blank."""
    if not data.strip():
        return None
    records = find_records(data, delimiter)
    found = _better(data, delimiter, records, int(records.filled[0]))
    return None if found is None or found.row == records.filled[0] + 1 else found.row


def _better(data: bytes, delimiter: str, records: Records, head: int) -> _Reading | None:
    """The reading by which a text is more regular than by `delimiter` from the record `head` on, if there is one."""
    declared = _reading(delimiter, records, head)
    if declared.share == 1:
        return None
    cut = len(data) if len(data) <= SAMPLE else data.rfind(b"\n", 0, SAMPLE) + 1 or SAMPLE
    others = (_best(data[:cut], mark) for mark in (delimiter, *DELIMITERS))
    found = max((one for one in others if one is not None), key=lambda one: one.share, default=None)
    if found is None or found.share <= declared.share:
        return None
    is_elsewhere = found.row != head + 1
    return None if is_elsewhere and not (_is_title(declared, found) and _is_header(data[:cut], found)) else found


def _told(found: _Reading, delimiter: str, row: int, form: FileForm, name: str) -> Iterator[Problem]:
    where = f"{name}, {found.width:,} columns from row {found.row:,} on"
    if form.delimiter is not None and found.mark != delimiter:
        said, seen = _MANY.get(delimiter, repr(delimiter)), _MANY[found.mark]
        sign = "\\t" if found.mark == "\t" else found.mark
        yield Problem(
            f"the mapping declares that {said} part the fields, and the file seems to be parted by {seen}.",
            where,
            f"change 'delimiter' in the mapping's file block (--delimiter of a command) to \"{sign}\".",
            "delimiter-differs",
        )
    if found.row != row and form.format == "csv":
        says = "the mapping says otherwise" if form.header_row else "no header row is declared, and titles stand above it"
        yield Problem(
            f"the names of the columns seem to stand in row {found.row:,}; {says}.",
            where,
            f"say 'header_row: {found.row}' in the mapping's file block.",
            "header-elsewhere",
        )


def _is_title(declared: _Reading, found: _Reading) -> bool:
    """Whether a row has so few fields that it is rather a title than a header that lacks a name."""
    return 2 * declared.width <= found.width


def _is_header(data: bytes, found: _Reading) -> bool:
    """Whether the row names every column, each differently, and holds nobody's answers."""
    records = find_records(data, found.mark)
    line = data[records.starts[found.row - 1] : records.ends[found.row - 1]].decode()
    cells = next(csv.reader([line], delimiter=found.mark))
    return all(cell.strip() for cell in cells) and len({*cells}) == len(cells) and not holds_answers(cells)


def _reading(mark: str, records: Records, head: int) -> _Reading:
    below = records.fields[records.filled[records.filled >= head]]
    width = int(below[0])
    sound = width > 1 and records.stray < 0 and records.opened < 0
    return _Reading(mark, head + 1, width, float(np.mean(below == width)) if sound else 0.0)


def _best(sample: bytes, mark: str) -> _Reading | None:
    """The reading from the first row that has as many fields as most rows; None where `mark` parts nothing."""
    records = find_records(sample, mark)
    fields = records.fields[records.filled]
    width = int(np.bincount(fields).argmax()) if len(fields) else 0
    head = int(records.filled[np.argmax(fields == width)]) if width > 1 else DEEPEST
    return _reading(mark, records, head) if head < DEEPEST else None
