"""Any table as rows to be summed: an analyst's Parquet file or frame, outside a study."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeAlias

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from evaluation.errors import DesignError, UsageError
from evaluation.evidence.engine import parquet
from evaluation.evidence.moments import KEYS
from evaluation.evidence.sums import Ask, stated
from evaluation.registry import nearest


class Tabular(Protocol):
    """A pandas, polars or Arrow table, or a DuckDB relation: whatever hands itself over as an Arrow stream."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The table as an Arrow stream."""


Source: TypeAlias = str | Path | Tabular


def open_table(source: Source) -> ir.Table:
    """The source as a lazy table.

    Raises:
        UsageError: a path at which there is no file.
    """
    if not isinstance(source, str | Path):
        return ibis.memtable(pa.table(source))
    if not Path(source).is_file():
        raise UsageError(f"there is no file '{source}'.", fix="give the path of a Parquet file.", code="no-file")
    return parquet([Path(source)])


def sort_columns(
    table: ir.Table, outcome: str, covariates: Sequence[str], keys: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The covariates that are numbers, and those that are text.

    Raises:
        DesignError: a column is missing, the outcome is text, or a text covariate is named like a key of cells.
    """
    known = list(table.columns)
    for name in (outcome, *covariates, *keys):
        if name not in known:
            close = nearest(name, known)
            hint = f"did you mean '{close}'? " if close else ""
            raise DesignError(f"there is no column '{name}'.", fix=f"{hint}Columns: {', '.join(known)}.", code="column")
    text = tuple(name for name in covariates if not _is_number(table[name]))
    if not _is_number(table[outcome]):
        raise DesignError(f"the outcome '{outcome}' is not a number.", code="outcome")
    taken = sorted({name.casefold() for name in text} & set(KEYS))
    if taken:
        raise DesignError(f"a covariate cannot be called {', '.join(taken)}.", fix="rename the column.", code="covariate")
    return tuple(name for name in covariates if name not in text), text


def complete_rows(table: ir.Table, keys: Mapping[str, str | None], ask: Ask) -> ir.Table:
    """Rows with a unit and every number; columns are the keys as text, text covariates, and `_x0` ... for the numbers."""
    numbers = [_number(table[name]) for name in ask.names]
    if ask.centre:
        numbers[-1] = numbers[-1] - ask.centre
    named = {key: table[name].cast("string") if name else ibis.null("string") for key, name in keys.items()}
    text = {name: stated(table[name]) for name in ask.covariates}
    wanted = table.select(**named, **text, **{f"{ask.key}{number}": value for number, value in enumerate(numbers)})
    present = [wanted[f"{ask.key}{number}"].notnull() for number in range(len(numbers))]
    return wanted.filter(wanted["unit"].notnull(), *present)


def _is_number(column: ir.Column) -> bool:
    kind = column.type()
    return bool(kind.is_numeric() or kind.is_boolean())


def _number(column: ir.Column) -> ir.NumericValue:
    """The column as doubles; NaN counts as missing."""
    value = column.cast("float64")
    return ibis.ifelse(value.isnan(), ibis.null("float64"), value) if column.type().is_floating() else value
