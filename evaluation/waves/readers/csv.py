"""Delimited text: comma, semicolon, tab or pipe, detected and reported; every record complete, or the file is refused."""

import csv
import io
from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from evaluation.errors import Problem, WaveError
from evaluation.protocol.mapping import FileForm
from evaluation.waves.faults import first_rows, listed
from evaluation.waves.readers.csv_records import Positions, Records, find_records
from evaluation.waves.readers.header import check_names
from evaluation.waves.readers.table import READERS, Content, Reader, Table, tidied
from evaluation.waves.readers.text import LINE_LIMIT, read_text

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
SAMPLE = 256 * 1024


def read_csv(content: Content, form: FileForm) -> Table:
    """Cells of a delimited text file.

    Raises:
        WaveError: encoding, NUL bytes, an ambiguous delimiter, unclosed or stray quotation marks, ragged or truncated
            records, header names missing or repeated; all that can be seen at once is listed at once.
    """
    text = read_text(content, form.encoding)
    delimiter = form.delimiter or detect_delimiter(text.data, content.name)
    records = find_records(text.data, delimiter)
    _refuse_quotes(text.data, records, content.name)
    names = _header(text.data, records, delimiter)
    problems = [*check_names(names, content.name), *_shape_problems(text.data, records, delimiter, content.name)]
    if problems:
        raise WaveError(problems)
    body = records.filled[1:]
    frame = _frame(text.data, records, body, names, delimiter, content.name)
    notes = [*text.notes, *_form_notes(delimiter, form, len(records.starts) - len(records.filled), text.data)]
    found = form.model_copy(update={"delimiter": delimiter, "encoding": text.encoding})
    return Table(content.name, tidied(frame), pl.Series("row", body + 1, dtype=pl.Int64), found, notes=tuple(notes))


def detect_delimiter(data: bytes, name: str) -> str:
    """The one delimiter that gives the header and the records the same number of fields; a comma for a single column.

    Raises:
        WaveError: two delimiters fit equally well.
    """
    cut = len(data) if len(data) <= SAMPLE else data.rfind(b"\n", 0, SAMPLE) + 1 or SAMPLE
    fits = {mark: _fit(data[:cut], mark) for mark in DELIMITERS}
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


def _header(data: bytes, records: Records, delimiter: str) -> list[str]:
    head = records.filled[0]
    line = data[records.starts[head] : records.ends[head]].decode()
    return next(csv.reader(io.StringIO(line, newline=""), delimiter=delimiter), [])


def _refuse_quotes(data: bytes, records: Records, name: str) -> None:
    if records.stray >= 0:
        row = records.row_of(records.stray)
        raise WaveError(
            "a quotation mark stands inside a field that does not begin with one.",
            code="stray-quote",
            where=f"{name}, row {row:,}, byte offset {records.stray:,}",
            fix="put the field in quotation marks and double the marks inside it.",
        )
    if records.opened < 0:
        return
    row = records.row_of(records.opened)
    if b"\n" not in data[records.opened :]:
        raise WaveError(_truncated(name, row))
    raise WaveError(
        "a quotation mark is opened and never closed.",
        where=f"{name}, row {row:,}, byte offset {records.opened:,}",
        fix="close it, or double a mark that belongs to the text; everything after it was read as one field.",
        code="unclosed-quote",
    )


def _truncated(name: str, row: int) -> Problem:
    return Problem(
        f"the file ends in the middle of row {row:,}; the last complete row is {row - 1:,}.",
        f"{name}, row {row:,}",
        "the file was cut off: send or export it again.",
        "truncated",
    )


def _shape_problems(data: bytes, records: Records, delimiter: str, name: str) -> Iterator[Problem]:
    """Records that are too long, cut off, or have other than the header's number of fields."""
    expected = int(records.fields[records.filled[0]])
    lengths = records.ends - records.starts
    if int(lengths.max()) > LINE_LIMIT:
        row = int(lengths.argmax()) + 1
        yield Problem(
            f"row {row:,} is longer than {LINE_LIMIT:,} bytes.",
            f"{name}, row {row:,}",
            "a quotation mark may be missing; one row holds one respondent.",
            "line-too-long",
        )
    wrong = np.flatnonzero((records.fields != expected) & (lengths > 0))
    last = len(records.fields) - 1
    unended = not data.endswith(b"\n")
    if unended and last and (records.fields[last] < expected or _may_lack_its_end(data, records, delimiter)):
        yield _truncated(name, last + 1)
        wrong = wrong[wrong != last]
    if len(wrong):
        yield _ragged(name, wrong + 1, records.fields[wrong], expected)


def _may_lack_its_end(data: bytes, records: Records, delimiter: str) -> bool:
    """Whether a file ends in a delimiter though no record before does: a last answer left blank, or cut off there?"""
    text, mark = np.frombuffer(data, np.uint8), ord(delimiter)
    ends = records.ends[records.filled]
    return bool(text[-1] == mark and not (text[ends[:-1] - 1] == mark).any())


def _ragged(name: str, rows: Positions, found: Positions, expected: int) -> Problem:
    counts = listed([f"{count:,}" for count in dict.fromkeys(found[:5].tolist())])
    few = len(rows) == 1
    return Problem(
        f"{len(rows):,} {'row has' if few else 'rows have'} another number of fields than the header.",
        f"{name}, {first_rows(rows.tolist())}; expected {expected:,}, found {counts}",
        "quote fields that hold the delimiter, and export the file again.",
        "ragged-rows",
        len(rows),
    )


def _frame(data: bytes, records: Records, filled: Positions, names: Sequence[str], delimiter: str, name: str) -> pl.DataFrame:
    schema = dict.fromkeys(names, pl.String)
    if not len(filled):
        return pl.DataFrame(schema=schema)
    if filled[-1] - filled[0] == len(filled) - 1:
        body = data[records.starts[filled[0]] : records.ends[filled[-1]]]
    else:
        body = b"\n".join(data[records.starts[k] : records.ends[k]] for k in filled.tolist()) + b"\n"
    frame = pl.read_csv(body, has_header=False, schema=schema, separator=delimiter, infer_schema=False, glob=False)
    if frame.height != len(filled):
        raise WaveError(
            f"the file reads as {frame.height:,} rows or as {len(filled):,}.",
            where=name,
            fix="quote every text field and export it again.",
            code="ragged-rows",
        )
    return frame


def _form_notes(delimiter: str, form: FileForm, blank: int, data: bytes) -> Iterator[str]:
    if delimiter != "," and form.delimiter is None:
        yield f"separated by {DELIMITERS[delimiter]} (detected)"
    if blank:
        yield f"{blank:,} blank {'line was' if blank == 1 else 'lines were'} passed over"
    if not data.endswith(b"\n"):
        yield "the last line has no line end; it is complete as far as can be seen"


READERS.register("csv")(Reader(read_csv, (".csv", ".tsv", ".txt"), ("text",)))
