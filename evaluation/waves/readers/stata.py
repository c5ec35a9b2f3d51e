"""Stata data files: codes as text, with the variable and value labels that the file carries."""

import io
from typing import Any

import polars as pl
import pyreadstat

from evaluation.errors import WaveError
from evaluation.protocol.mapping import FileForm
from evaluation.waves.readers.header import check_names
from evaluation.waves.readers.table import READERS, Content, Reader, Table, tidied


def read_stata(content: Content, form: FileForm) -> Table:
    """Cells of a .dta file: system missing is blank, `.a` to `.z` stay as such; rows count from 2, as beside a header.

    Raises:
        WaveError: the file is damaged or its header cannot be used.
    """
    try:
        frame, meta = pyreadstat.read_dta(io.BytesIO(content.whole()), output_format="polars", user_missing=True)
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError) as error:
        raise WaveError(
            "the Stata file cannot be read.",
            where=content.name,
            fix="save it again in Stata, or export CSV.",
            code="stata-damaged",
        ) from error
    if problems := list(check_names(frame.columns, content.name)):
        raise WaveError(problems)
    text = pl.DataFrame([_as_text(frame[name]) for name in frame.columns])
    labels = {name: label for name, label in meta.column_names_to_labels.items() if label}
    values = {
        name: {_code(code): str(label) for code, label in options.items()} for name, options in meta.variable_value_labels.items()
    }
    return Table(content.name, tidied(text), pl.Series("row", range(2, frame.height + 2), dtype=pl.Int64), form, labels, values)


def _as_text(column: pl.Series) -> pl.Series:
    if column.dtype == pl.Object:
        return pl.Series(
            column.name, [None if value is None or value != value else _code(value) for value in column], dtype=pl.String
        )
    if column.dtype.is_float():
        number = column.fill_nan(None)
        whole = number.is_not_null() & (number == number.floor()) & (number.abs() < 1e15)
        kept = number.set(~whole, None)
        return (
            pl.select(pl.when(whole).then(kept.cast(pl.Int64).cast(pl.String)).otherwise(number.cast(pl.String)))
            .to_series()
            .alias(column.name)
        )
    return column.cast(pl.String)


def _code(value: Any) -> str:
    if isinstance(value, str):
        return f".{value}" if len(value) == 1 and value.isalpha() else value
    return str(int(value)) if float(value).is_integer() else repr(float(value))


READERS.register("stata")(Reader(read_stata, (".dta",), ("stata",)))
