"""The program that reads SPSS and Stata files, run by `labelled` in a process of its own.

The library behind pyreadstat is written in C and has been seen to end the program over a damaged file, so it gets a program that
may end. Standard input is a line of JSON (which files, how, the most cells and columns) and the file; standard output is a line
of JSON (what the file says of itself) and the cells as text in Arrow's IPC format. It is run by its path and imports nothing of
this package, so that it starts quickly; pyreadstat is imported where it reads, for `as_text` also serves readers that do without.
"""

import io
import json
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

ENCODING = re.compile("encoding|byte sequence|character set|charset")
FUNCTIONS = {"sav": "read_sav", "por": "read_por", "dta": "read_dta"}
PERIODS = ("QYR", "MOYR", "WKYR")
"""SPSS formats of quarters, months and weeks: the day on which one begins is what the cell holds."""


def as_text(column: pl.Series) -> pl.Series:
    """(R,) the cells as a person would write them: 4 not 4.0, days ISO without an empty time, TRUE and FALSE, else null."""
    if column.dtype == pl.Object:
        cells = [None if value is None or value != value else code_text(value) for value in column]
        return pl.Series(column.name, cells, dtype=pl.String)
    if column.dtype.is_float():
        number = column.cast(pl.Float64).fill_nan(None)
        whole = (number.is_not_null() & (number == number.floor()) & (number.abs() <= 2**53)).fill_null(False)
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


def described(meta: Any) -> dict[str, Any]:
    """What a file says of itself, in JSON's terms."""
    ranges = (getattr(meta, "missing_ranges", None) or {}).items()
    return {
        "names": list(meta.column_names),
        "rows": meta.number_rows,
        "labels": {name: label for name, label in meta.column_names_to_labels.items() if label},
        "value_labels": {
            name: {code_text(code): str(label) for code, label in options.items()}
            for name, options in meta.variable_value_labels.items()
        },
        "missing": {name: [code_text(code) for code in codes] for name, codes in (meta.missing_user_values or {}).items()},
        "ranges": {name: [[code_text(one["lo"]), code_text(one["hi"])] for one in found] for name, found in ranges},
        "boxes": {
            name: [one["label"] or "", list(one["variable_list"])] for name, one in (getattr(meta, "mr_sets", None) or {}).items()
        },
    }


def read(data: bytes, asked: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    """The description, and the cells; no cells where there are more than were asked for."""
    import pyreadstat

    reader: Callable[..., tuple[pl.DataFrame, Any]] = getattr(pyreadstat, FUNCTIONS[asked["kind"]])
    said = {"encoding": asked["encoding"]} if asked["encoding"] else {}
    _, meta = reader(io.BytesIO(data), output_format="polars", metadataonly=True, **said)
    found = described(meta)
    rows = asked["rows"] if asked["rows"] is not None else found["rows"] or 0
    if len(found["names"]) > asked["columns"] or rows * len(found["names"]) > asked["cells"]:
        return found | {"stopped": True}, b""
    periods = sorted({kind for kind in meta.original_variable_types.values() if str(kind).startswith(PERIODS)})
    more: dict[str, Any] = {"extra_date_formats": periods} if periods else {}
    more |= {} if asked["kind"] == "por" else {"user_missing": True}
    frame, meta = reader(io.BytesIO(data), output_format="polars", **said, **more)
    names = [f"{place}" for place in range(frame.width)]
    cells = pl.DataFrame([as_text(column).alias(name) for name, column in zip(names, frame, strict=True)])
    stream = io.BytesIO()
    cells.cast(pl.String).write_ipc(stream)
    numbers = [
        name
        for name, column in zip(meta.column_names, frame, strict=True)
        if column.dtype.is_numeric() or column.dtype == pl.Object
    ]
    return described(meta) | {"held": frame.height, "numbers": numbers}, stream.getvalue()


def main() -> None:
    """Read standard input, write standard output; an error about an encoding is told, any other ends the program."""
    import pyreadstat

    asked = json.loads(sys.stdin.buffer.readline())
    try:
        found, cells = read(sys.stdin.buffer.read(), asked)
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError, LookupError) as error:
        if not isinstance(error, UnicodeDecodeError) and type(error) is not LookupError and not ENCODING.search(str(error)):
            raise
        found, cells = {"fault": "encoding"}, b""
    sys.stdout.buffer.write(json.dumps(found).encode() + b"\n" + cells)


if __name__ == "__main__":
    main()
