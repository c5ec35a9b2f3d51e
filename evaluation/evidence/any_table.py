"""Any table, batch by batch: an analyst's Parquet file or frame, outside a study."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from evaluation.errors import DesignError, MachineError, UsageError
from evaluation.evidence.moments import KEYS, Array
from evaluation.registry import nearest

CELLS_AT_ONCE = 2**21
"""Numbers read at a time, whatever the number of columns: longer batches are faster, and memory stays the same."""


class Tabular(Protocol):
    """A pandas, polars or Arrow table, or a DuckDB relation: whatever hands itself over as an Arrow stream."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The table as an Arrow stream."""


Source: TypeAlias = str | Path | Tabular
Label: TypeAlias = str | None
Coded: TypeAlias = tuple[npt.NDArray[np.integer[Any]], list[Label]]


def schema_of(source: Source) -> pa.Schema:
    """Names and types of the columns.

    Raises:
        DesignError: a column of a frame mixes numbers and text, or two columns have the same name.
        UsageError: a path at which there is no file.
        MachineError: the file is not Parquet, or cannot be read.
    """
    if not isinstance(source, str | Path):
        return _arrow(source).schema
    if not Path(source).is_file():
        raise UsageError(f"there is no file '{source}'.", fix="give the path of a Parquet file.", code="no-file")
    try:
        return pq.read_schema(source)
    except (pa.ArrowInvalid, OSError) as fault:
        raise MachineError(f"'{source}' could not be read: {fault}", fix="give the path of a Parquet file.") from fault


def _arrow(table: Tabular) -> pa.Table:
    try:
        return _with_plain_text(pa.table(table))
    except (ValueError, TypeError, NotImplementedError) as fault:
        said, fix = "; ".join(map(str, fault.args)), "give every column one kind of value."
        raise DesignError(f"the table cannot be read: {said}.", fix=fix, code="table") from fault


def _with_plain_text(table: pa.Table) -> pa.Table:
    """Text as Arrow has always had it: rows of polars' views cannot be taken in order."""
    plain = [field.with_type(pa.string()) if field.type == pa.string_view() else field for field in table.schema]
    return table.cast(pa.schema(plain)) if pa.string_view() in table.schema.types else table


def opened(source: Source) -> str | Path | pa.Table:
    """A table that can be read more than once: a path as it is, a frame, relation or stream as Arrow.

    Raises:
        DesignError: as `schema_of`.
    """
    if isinstance(source, str | Path):
        schema_of(source)
        return source
    return _arrow(source)


def label_in(source: Source, column: str, value: object) -> str:
    """How a value is written as the label of a cell: a day, a number or yes/no as the column's type writes it."""
    schema = schema_of(source)
    kind = schema.field(column).type if column in schema.names else pa.string()
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    for given in (value, str(value)):
        try:
            typed = pa.scalar(given).cast(kind) if isinstance(given, str) else pa.scalar(given, type=kind)
            return str(typed.cast(pa.string()).as_py())
        except (ValueError, TypeError, NotImplementedError):  # what Arrow raises for a value that is none of this type
            continue
    return str(value)


def sort_columns(
    schema: pa.Schema, outcomes: Sequence[str], covariates: Sequence[str], others: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The covariates that are numbers, and those that are text.

    Raises:
        DesignError: a column is missing or has no values at all, an outcome is text, or a text covariate is named like a key
            of cells.
    """
    for name in (*outcomes, *covariates, *others):
        if name not in schema.names:
            close = nearest(name, schema.names)
            hint = f"did you mean '{close}'? " if close else ""
            raise DesignError(f"there is no column '{name}'.", fix=f"{hint}Columns: {', '.join(schema.names)}.", code="column")
        if pa.types.is_null(schema.field(name).type):
            raise DesignError(f"'{name}' is missing in every row.", fix="leave the column out, or fill it in.", code="empty")
        if isinstance(schema.field(name).type, pa.BaseExtensionType):
            said = f"'{name}' holds values of a kind that is not read ({schema.field(name).type.extension_name})."
            raise DesignError(said, fix="give it as text: column.astype(str).", code="column")
    text = tuple(name for name in covariates if not _is_number(schema.field(name).type))
    for outcome in outcomes:
        if not _is_number(schema.field(outcome).type):
            raise DesignError(f"the outcome '{outcome}' is not a number.", fix="give a column of numbers.", code="outcome")
    taken = sorted({name.casefold() for name in text} & set(KEYS))
    if taken:
        raise DesignError(f"a covariate cannot be called {', '.join(taken)}.", fix="rename the column.", code="covariate")
    return tuple(name for name in covariates if name not in text), text


def batches(source: Source, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Some columns of the table, in batches of rows; a file is read on the caller's thread, beside those that sum."""
    names = list(dict.fromkeys(columns))
    rows = max(1, CELLS_AT_ONCE // len(names))
    if not isinstance(source, str | Path):
        yield from _arrow(source).select(names).combine_chunks().to_batches(rows)
        return
    schema = schema_of(source)
    words = [name for name in names if not _is_number(schema.field(name).type)]
    with pq.ParquetFile(source, read_dictionary=words) as file:
        yield from file.iter_batches(rows, columns=names, use_threads=False)


def numbers(batch: pa.RecordBatch, names: Sequence[str]) -> Array:
    """Columns as rows of doubles, (names, rows); NaN where missing."""
    values = np.empty((len(names), len(batch)))
    for into, column in zip(values, as_they_lie(batch, names), strict=True):
        into[:] = column
    return values


def as_they_lie(batch: pa.RecordBatch, names: Sequence[str]) -> list[npt.NDArray[Any]]:
    """Columns of numbers, each (rows,): whole ones in the type that they are stored in, others doubles; NaN where missing."""
    return [_plain(batch.column(name)) for name in names]


def _plain(column: pa.Array) -> npt.NDArray[Any]:
    stored = column.null_count == 0 and (pa.types.is_integer(column.type) or pa.types.is_boolean(column.type))
    return np.asarray((column if stored else column.cast(pa.float64())).to_numpy(zero_copy_only=False))


def coded(column: pa.Array) -> Coded:
    """A whole number for each value, and what each number stands for; the last stands for a missing value."""
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    labels = [*encoded.dictionary.cast(pa.string()).to_pylist(), None]
    codes = encoded.indices.fill_null(len(labels) - 1) if encoded.null_count else encoded.indices
    plain_codes = codes.to_numpy(zero_copy_only=False)
    if len(labels) <= max(len(plain_codes), 1):
        return plain_codes, labels
    used, short = np.unique(plain_codes, return_inverse=True)
    return short, [*(labels[k] for k in used), None]


def _is_number(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind) or pa.types.is_boolean(kind)
    )
