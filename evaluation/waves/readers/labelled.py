"""What the files of SPSS and Stata share: codes as text, the labels and missing codes they carry, and damage put into words."""

import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import pyreadstat

from evaluation.errors import WaveError
from evaluation.protocol.mapping import FileForm
from evaluation.waves.readers.header import check_names
from evaluation.waves.readers.limits import check_cells
from evaluation.waves.readers.table import Content, Table, tidied

PERIODS = ("QYR", "MOYR", "WKYR")
"""SPSS formats of quarters, months and weeks: the day on which one begins is what the cell holds."""

_REFUSED = (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, pl.exceptions.PolarsError, pl.exceptions.PanicException)
_DAMAGED = (*_REFUSED, ValueError, TypeError, AttributeError, ArithmeticError, LookupError)
"""What the reading of a damaged file has been seen to raise, or may."""


@dataclass(frozen=True)
class Package:
    """A statistical package's files: how they are called, read by `read`, and what to do with one that cannot be read.

    `keeps_missing` says that the reader gives the values that the file itself declares as missing.
    """

    name: str
    read: Callable[..., tuple[pl.DataFrame, Any]]
    keeps_missing: bool
    fix: str


def read_labelled(data: bytes, content: Content, form: FileForm, package: Package, stated: int | None = None) -> Table:
    """Cells of a package's file; rows count from 2, as beside a header. `stated` are the rows it says it holds, where it does.

    System missing is blank; values that the file declares as missing stay as they are and are listed in `Table.missing`.
    Whole numbers are written without a point, days ISO.

    Raises:
        WaveError: damaged, in another encoding than it says, too many cells or columns, or names that cannot be used.
    """
    said = {"encoding": form.encoding} if "encoding" in form.model_fields_set else {}
    _, meta = _attempt(package, content.name, data, said | {"metadataonly": True})
    names = list(meta.column_names)
    if problems := list(check_names(names, content.name)):
        raise WaveError(problems)
    stated = meta.number_rows if stated is None else stated
    check_cells(stated or 0, len(names), content.name)
    periods = sorted({kind for kind in meta.original_variable_types.values() if str(kind).startswith(PERIODS)})
    more = {"extra_date_formats": periods} if periods else {}
    kept = {"user_missing": True} if package.keeps_missing else {}
    frame, meta = _attempt(package, content.name, data, said | more | kept)
    if stated is not None and stated != frame.height:
        raise _other_rows(stated, frame.height, content.name, package)
    cells = pl.DataFrame([as_text(frame[name]) for name in frame.columns]) if frame.height else _empty(frame.columns)
    cells = tidied(cells)
    values = {
        name: {code_text(code): str(label) for code, label in options.items()}
        for name, options in meta.variable_value_labels.items()
    }
    return Table(
        content.name,
        cells,
        pl.Series("row", range(2, frame.height + 2), dtype=pl.Int64),
        form,
        {name: label for name, label in meta.column_names_to_labels.items() if label},
        values,
        notes=tuple(_notes(meta, package)),
        missing=_missing(cells, meta, values),
    )


def _attempt(package: Package, name: str, data: bytes, how: Mapping[str, Any]) -> tuple[pl.DataFrame, Any]:
    try:
        return package.read(io.BytesIO(data), output_format="polars", **how)
    except _DAMAGED as error:
        if (
            isinstance(error, UnicodeDecodeError)
            or type(error) is LookupError
            or re.search(r"encoding|byte sequence|character set|charset", str(error))
        ):
            raise _encoding(name, package) from error
        raise WaveError(
            f"the {package.name} file cannot be read.", where=name, fix=package.fix, code=f"{package.name.lower()}-damaged"
        ) from error


def _encoding(name: str, package: Package) -> WaveError:
    return WaveError(
        f"the {package.name} file holds text that is not in the encoding it states.",
        where=name,
        fix="declare the encoding it has with --encoding or in a mapping's file block, such as cp1252, or save it as UTF-8.",
        code="encoding",
    )


def _other_rows(stated: int, held: int, name: str, package: Package) -> WaveError:
    says = f"the {package.name} file says it holds {stated:,} rows and holds {held:,}."
    return WaveError(says, where=name, fix=package.fix, code="truncated")


def _empty(names: Sequence[str]) -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys(names, pl.String))


def as_text(column: pl.Series) -> pl.Series:
    """(R,) the cells as a person would write them: 4 not 4.0, days ISO without an empty time, TRUE and FALSE, else null."""
    if column.dtype == pl.Object:
        cells = [None if value is None or value != value else code_text(value) for value in column]
        return pl.Series(column.name, cells, dtype=pl.String)
    if column.dtype.is_float():
        number = column.cast(pl.Float64).fill_nan(None)
        whole = (number.is_not_null() & (number == number.floor()) & (number.abs() < 1e15)).fill_null(False)
        return number.set(~whole, None).cast(pl.Int64).cast(pl.String).fill_null(number.cast(pl.String)).alias(column.name)
    if column.dtype == pl.Boolean:
        return column.replace_strict({True: "TRUE", False: "FALSE"}, return_dtype=pl.String)
    if isinstance(column.dtype, pl.Datetime):
        return column.dt.strftime("%Y-%m-%d %H:%M:%S%.f").str.strip_suffix(" 00:00:00").alias(column.name)
    return column.cast(pl.String)


def code_text(value: Any) -> str:
    """A code as a cell writes it: 1 not 1.0, Stata's missing values .a to .z with their point."""
    if isinstance(value, str):
        return f".{value}" if len(value) == 1 and value.isalpha() else value
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _missing(cells: pl.DataFrame, meta: Any, labels: Mapping[str, Mapping[str, str]]) -> dict[str, tuple[str, ...]]:
    """Codes that the file declares as missing: those it names, and those within its ranges that it holds or labels."""
    found = {name: [code_text(code) for code in codes] for name, codes in (meta.missing_user_values or {}).items()}
    for name, ranges in (meta.missing_ranges or {}).items():
        present = [str(value) for value in cells[name].drop_nulls().unique().sort().to_list()]
        met = dict.fromkeys((*labels.get(name, {}), *present))
        for one in ranges:
            ends = [code_text(one["lo"])] if one["lo"] == one["hi"] else [code for code in met if _within(code, one)]
            found.setdefault(name, []).extend(ends)
    return {name: tuple(dict.fromkeys(codes)) for name, codes in found.items() if codes}


def _within(code: str, limits: Mapping[str, Any]) -> bool:
    try:
        return bool(limits["lo"] <= float(code) <= limits["hi"])
    except (TypeError, ValueError):
        return False


def _notes(meta: Any, package: Package) -> Sequence[str]:
    notes = []
    for name, one in (getattr(meta, "mr_sets", None) or {}).items():
        title = f" ({one['label']})" if one.get("label") else ""
        notes.append(f"{', '.join(one['variable_list'])} are the boxes of one question, {name}{title}")
    if not package.keeps_missing:
        notes.append("which codes mean no answer is not read from this kind of file: declare them as missing codes")
    return notes
