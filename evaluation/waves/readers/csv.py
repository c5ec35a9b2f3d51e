"""Delimited text: comma, semicolon, tab or pipe, detected and reported; every record complete, or the file is refused."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from evaluation.errors import Problem, WaveError
from evaluation.protocol.mapping import FileForm
from evaluation.waves.checks.faults import first_rows, listed
from evaluation.waves.readers.csv_grid import find_grid
from evaluation.waves.readers.csv_records import QUOTE, Positions, Records, find_records, is_tidy
from evaluation.waves.readers.delimiter import DELIMITERS, detect_delimiter, stated_delimiter
from evaluation.waves.readers.header import Style, plain_header
from evaluation.waves.readers.misdeclared import refuse_misdeclared
from evaluation.waves.readers.named import header_problems, named
from evaluation.waves.readers.table import READERS, Content, Reader, Table, tidied
from evaluation.waves.readers.text import LINE_LIMIT, read_text


def read_csv(content: Content, form: FileForm) -> Table:
    """Cells of a delimited text file.

    Raises:
        WaveError: as `read_delimited`.
    """
    return read_delimited(content, form, plain_header, form.header_rows or 1)


def read_delimited(content: Content, form: FileForm, style: Style, deep: int) -> Table:
    """Cells of a delimited text file whose header is `deep` records from `form.header_row` on, named by `style`.

    Raises:
        WaveError: encoding, NUL bytes, an ambiguous delimiter, unclosed or stray quotation marks, ragged or truncated
            records, header names missing or repeated; all that can be seen at once is listed at once. Where another delimiter
            or header row than the declared one would make the text regular, that alone is told.
    """
    text = read_text(content, form.encoding)
    stated, data = stated_delimiter(text.data)
    text = replace(text, data=data)
    delimiter = form.delimiter or stated or detect_delimiter(_from_row(text.data, form.header_row or 1), content.name)
    grid = find_grid(text.data, delimiter, (form.header_row or 1) - 1 + deep)
    records = grid.records if grid else find_records(text.data, delimiter)
    if grid is None:
        refuse_misdeclared(text.data, delimiter, records, form, content.name)
    _refuse_quotes(text.data, records, content.name)
    heads, body = _parted(records, form.header_row, deep, content.name)
    row, width = int(heads[0]) + 1, int(records.fields[heads[0]])
    header = style(
        [_fields(text.data, records, head, width, delimiter, content.name) for head in heads.tolist()], form, content.name
    )
    problems = [
        *header_problems(header, content.name, row),
        *_shape_problems(text.data, records, heads[0], delimiter, content.name),
    ]
    if problems:
        raise WaveError(problems)
    codes = grid.codes if grid else {}
    frame = _frame(text.data, records, body, width, delimiter, content.name, codes)
    frame, passed = named(frame, header, form, content.name, row)
    notes = (
        *text.notes,
        *_form_notes(delimiter, stated, form, len(records.starts) - len(records.filled), text.data, len(body)),
        *header.notes,
        *passed,
    )
    found = form.model_copy(update={"delimiter": delimiter, "encoding": text.encoding})
    numbers = pl.Series("row", body + 1, dtype=pl.Int64)
    return Table(content.name, frame, numbers, found, header.labels, notes=notes)


def _from_row(data: bytes, row: int) -> bytes:
    """The text from a line on, for finding the delimiter; all of it when it has fewer lines."""
    place = 0
    for _ in range(row - 1):
        place = data.find(b"\n", place) + 1
        if not place:
            return data
    return data[place:]


def _parted(records: Records, row: int | None, deep: int, name: str) -> tuple[Positions, Positions]:
    """Places of the header's records and of the records below them."""
    filled = records.filled
    start = 0 if row is None else int(np.searchsorted(filled, row - 1))
    heads, body = filled[start : start + deep], filled[start + deep :]
    if len(heads) < deep or (row is not None and heads[0] != row - 1):
        raise WaveError(
            f"the file has no header of {deep} {'row' if deep == 1 else 'rows'} from row {row or int(filled[0]) + 1:,} on.",
            where=f"{name}, {len(filled):,} rows that are not blank",
            fix="correct 'header_row' and 'header_rows' in the mapping's file block.",
            code="no-header",
        )
    return heads, body


def _fields(data: bytes, records: Records, record: int, width: int, delimiter: str, name: str) -> list[str]:
    """The first `width` fields of a header's record, blank where it has fewer; that it is ragged is told with the others."""
    line = data[records.starts[record] : records.ends[record]].decode()
    try:
        fields = next(csv.reader(io.StringIO(line, newline=""), delimiter=delimiter), [])
    except csv.Error as error:
        raise WaveError(
            "the header holds a field that is too long to be a name.",
            where=f"{name}, row {record + 1:,}",
            fix="a quotation mark may be missing; the first row names the columns.",
            code="line-too-long",
        ) from error
    return [*fields, *[""] * (width - len(fields))][:width]


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


def _shape_problems(data: bytes, records: Records, head: int, delimiter: str, name: str) -> Iterator[Problem]:
    """Records from the header on that are too long, cut off, or have other than its number of fields."""
    expected = int(records.fields[head])
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
    wrong = wrong[wrong >= head]
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


def _frame(
    data: bytes, records: Records, filled: Positions, width: int, delimiter: str, name: str, codes: Mapping[int, pl.Series]
) -> pl.DataFrame:
    """The cells of the filled records, columns of `codes` as they are and the others as text, each named by its place."""
    places = [place for place in range(width) if place not in codes]
    text = _text(data, records, filled, width, places, delimiter)
    if places and text.height != len(filled):
        raise WaveError(
            f"the file reads as {text.height:,} rows or as {len(filled):,}.",
            where=name,
            fix="quote every text field and export it again.",
            code="ragged-rows",
        )
    text = text if is_tidy(data, delimiter) else tidied(text)
    return pl.DataFrame([codes[place] if place in codes else text[f"{place}"] for place in range(width)])


def _text(
    data: bytes, records: Records, filled: Positions, width: int, places: Sequence[int], delimiter: str
) -> pl.DataFrame:
    schema = {f"{place}": pl.String for place in range(width)}
    if not len(filled) or not places:
        return pl.DataFrame(schema={f"{place}": pl.String for place in places})
    above, body = 0, data
    if filled[-1] - filled[0] != len(filled) - 1:
        body = b"\n".join(data[records.starts[k] : records.ends[k]] for k in filled.tolist()) + b"\n"
    elif QUOTE in data or filled[-1] != len(records.ends) - 1:
        body = data[records.starts[filled[0]] : records.ends[filled[-1]]]
    else:
        above = int(filled[0])
    return pl.read_csv(
        body,
        has_header=False,
        skip_lines=above,
        schema=schema,
        columns=list(places),
        separator=delimiter,
        infer_schema=False,
        glob=False,
    )


def _form_notes(delimiter: str, stated: str | None, form: FileForm, blank: int, data: bytes, rows: int) -> Iterator[str]:
    if delimiter != "," and form.delimiter is None and not stated:
        yield f"separated by {DELIMITERS[delimiter]} (detected)"
    if stated:
        blank -= 1
        yield f"its first line says that cells are separated by {DELIMITERS.get(stated, stated)}"
    if blank:
        yield f"{blank:,} blank {'line was' if blank == 1 else 'lines were'} passed over"
    if not data.endswith(b"\n"):
        count = f"{rows:,} {'row' if rows == 1 else 'rows'}"
        seen = "the last line has no line end; it is complete as far as can be seen"
        yield f"{seen}: compare the {count} read with how many were sent"


READERS.register("csv")(Reader(read_csv, (".csv", ".tsv", ".txt"), ("text",)))
