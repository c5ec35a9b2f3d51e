"""Parquet files on this machine: plain cells only, every page checked against its checksum, row counts against each other.

Parquet guards pages, where they carry a CRC-32 (field 4 of the page header, parquet-format, `parquet.thrift`), but never its own
description of them; a file whose pages carry none is read and the receipt says that a flipped bit would not be seen.
"""

import io
from collections.abc import Iterator

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from evaluation.errors import Problem, WaveError
from evaluation.protocol.mapping import FileForm
from evaluation.waves.checks.faults import listed
from evaluation.waves.readers.header import check_names, shown_header
from evaluation.waves.readers.limits import check_cells, check_unpacked
from evaluation.waves.readers.readstat_apart import as_text
from evaluation.waves.readers.table import READERS, Content, Reader, Table, in_notation, tidied

BATCH = 65_536
MAGIC = b"PAR1"
_WHOLE = 5
"""A whole number's type in Thrift's compact protocol; the next field's byte is 16 more."""

_STRANGE = "lists, bytes, lengths of time, decimals of more than 38 digits or an extension's type"
_REFUSED = (pa.ArrowException, pl.exceptions.PolarsError, pl.exceptions.PanicException)
_DAMAGED = (*_REFUSED, OSError, ValueError, TypeError, ArithmeticError, LookupError)
"""What the reading of a damaged file has been seen to raise, or may."""


def read_parquet(content: Content, form: FileForm) -> Table:
    """Cells of a Parquet file; rows count from 2, as beside a header.

    Raises:
        WaveError: torn, damaged, locked, with a page that fails its checksum, row counts that differ, columns that hold lists,
            bytes or an extension's type, or more cells than are read.
    """
    data = content.whole()
    if not data.endswith(MAGIC):
        raise _damaged(content.name, "the Parquet file does not end as one should: it is cut off or locked.", "truncated")
    try:
        return _table(data, content, form)
    except _DAMAGED as error:
        if "CRC checksum" in str(error):
            raise _damaged(
                content.name, "a page of the Parquet file does not have the checksum it should.", "checksum"
            ) from error
        raise _damaged(content.name, "the Parquet file cannot be read.", "parquet-damaged") from error


def _damaged(name: str, says: str, code: str) -> WaveError:
    return WaveError(says, where=name, fix="send it again, or write it again from its source.", code=code)


def _table(data: bytes, content: Content, form: FileForm) -> Table:
    with pq.ParquetFile(io.BytesIO(data), page_checksum_verification=True) as file:
        schema, stated = file.schema_arrow, file.metadata
        problems = [*check_names(schema.names, content.name), *_strange_columns(schema, content.name)]
        if problems:
            raise WaveError(problems)
        check_cells(stated.num_rows, len(schema.names), content.name)
        groups = [stated.row_group(number) for number in range(stated.num_row_groups)]
        check_unpacked(sum(group.total_byte_size for group in groups), len(data), content.name)
        frames = [_cells(batch, form) for batch in file.iter_batches(BATCH)]
    held = sum(frame.height for frame in frames)
    if not held == stated.num_rows == sum(group.num_rows for group in groups):
        raise _damaged(content.name, f"the file says it holds {stated.num_rows:,} rows and holds {held:,}.", "truncated")
    frame = pl.concat(frames) if frames else pl.DataFrame(schema=dict.fromkeys(schema.names, pl.String))
    bare = held > 0 and not all(_has_checksum(data, start) for group in groups for start in _first_pages(group))
    notes = ("its pages carry no checksums: a byte damaged on the way here may not be seen",) if bare else ()
    return Table(content.name, tidied(frame), pl.Series("row", range(2, held + 2), dtype=pl.Int64), form, notes=notes)


def _strange_columns(schema: pa.Schema, name: str) -> Iterator[Problem]:
    strange = [field.name for field in schema if not _is_plain(field)]
    if strange:
        yield Problem(
            f"{len(strange):,} {'column holds' if len(strange) == 1 else 'columns hold'} {_STRANGE}.",
            f"{name}: {listed([shown_header(one) for one in strange])}",
            "write numbers, text, days or true and false: one value in a cell.",
            "not-plain-cells",
            len(strange),
        )


def _is_plain(field: pa.Field) -> bool:
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    if isinstance(kind, pa.BaseExtensionType) or b"ARROW:extension:name" in (field.metadata or {}):
        return False
    if pa.types.is_duration(kind) or pa.types.is_interval(kind) or pa.types.is_decimal256(kind):
        return False
    tests = (pa.types.is_string, pa.types.is_large_string, pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
    return pa.types.is_boolean(kind) or pa.types.is_temporal(kind) or pa.types.is_null(kind) or any(test(kind) for test in tests)


def _cells(batch: pa.RecordBatch, form: FileForm) -> pl.DataFrame:
    batch.validate(full=True)
    columns = [pl.Series(name, column) for name, column in zip(batch.schema.names, batch.columns, strict=True)]
    return pl.DataFrame([in_notation(as_text(one), form) if one.dtype.is_numeric() else as_text(one) for one in columns])


def _first_pages(group: pq.RowGroupMetaData) -> Iterator[int]:
    """Where the first page of each column begins."""
    for number in range(group.num_columns):
        column = group.column(number)
        yield column.dictionary_page_offset or column.data_page_offset


def _has_checksum(data: bytes, start: int) -> bool:
    """Whether the page header at `start` states a CRC: a fourth whole number after its type and two sizes (compact protocol)."""
    place = start
    for _ in range(3):
        if place >= len(data) or data[place] != 16 + _WHOLE:
            return False
        place += 1
        while place < len(data) and data[place] & 128:
            place += 1
        place += 1
    return place < len(data) and data[place] == 16 + _WHOLE


READERS.register("parquet")(Reader(read_parquet, (".parquet",), ("parquet",)))
