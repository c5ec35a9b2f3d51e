"""Which delimiter a text has: the one that its first line states, or the one by which its records are of one length."""

import re

import numpy as np

from evaluation.errors import WaveError
from evaluation.waves.readers.csv_records import find_records

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
SAMPLE = 256 * 1024
_STATED = re.compile(rb"\"?sep=([^\w\s\"\x80-\xff]|[\t ])(\"?)(?=\n)", re.IGNORECASE)


def stated_delimiter(data: bytes) -> tuple[str | None, bytes]:
    """The delimiter that a first line 'sep=;' states, as Excel writes and reads it, and the text with that line left blank."""
    found = _STATED.match(data)
    return (found[1].decode(), data[found.end(1) + len(found[2]) :]) if found else (None, data)


def detect_delimiter(data: bytes, name: str) -> str:
    """The one delimiter that gives the header and the records the same number of fields; a comma for a single column.

    Raises:
        WaveError: two delimiters fit equally well.
    """
    if not data:
        return ","
    cut = len(data) if len(data) <= SAMPLE else data.rfind(b"\n", 0, SAMPLE) + 1 or SAMPLE
    sample = data[:cut]
    fits = {mark: _fit(sample, mark) for mark in DELIMITERS if mark.encode() in sample}
    fits = {mark: fit for mark, fit in fits.items() if fit[1] > 1}
    if not fits:
        return ","
    best = max(share for share, _ in fits.values())
    winners = [mark for mark, (share, _) in fits.items() if share == best]
    if len(winners) > 1 and best == 0:
        winners = [max(winners, key=lambda mark: fits[mark][1])]
    if len(winners) > 1:
        words = " and by ".join(DELIMITERS[mark] for mark in winners)
        raise WaveError(
            f"the file can be read as separated by {words}.",
            where=f"{name}, row 1",
            fix="say which with --delimiter, or in a mapping's file block.",
            code="delimiter-ambiguous",
        )
    return winners[0]


def _fit(sample: bytes, mark: str) -> tuple[float, int]:
    """Share of records with as many fields as the header, and the header's number of fields."""
    records = find_records(sample, mark)
    filled = records.fields[records.filled]
    if not len(filled):
        return 0.0, 0
    return (float(np.mean(filled[1:] == filled[0])) if len(filled) > 1 else 1.0), int(filled[0])
