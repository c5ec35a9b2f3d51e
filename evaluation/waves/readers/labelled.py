"""What the files of SPSS and Stata share: codes as text, the labels and missing codes they carry, and damage put into words."""

import io
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import polars as pl

from evaluation.errors import MachineError, WaveError
from evaluation.protocol.mapping import FileForm
from evaluation.waves.readers import readstat_apart
from evaluation.waves.readers.header import COLUMN_LIMIT, check_names
from evaluation.waves.readers.limits import CELL_LIMIT, check_cells
from evaluation.waves.readers.table import Content, Table, in_notation, tidied

SECONDS = 1800
"""How long one file may take."""


@dataclass(frozen=True)
class Package:
    """A statistical package's files: how they are called, of which kind they are, and what to do with one that cannot be read."""

    name: str
    kind: Literal["sav", "por", "dta"]
    fix: str


def read_labelled(data: bytes, content: Content, form: FileForm, package: Package, stated: int | None = None) -> Table:
    """Cells of a package's file; rows count from 2, as beside a header. `stated` are the rows it says it holds, where it does.

    System missing is blank; values that the file declares as missing stay as they are and are listed in `Table.missing`.
    Whole numbers are written without a point, days ISO.

    Raises:
        WaveError: damaged, in another encoding than it says, too many cells or columns, or names that cannot be used.
        MachineError: no other program can be started.
    """
    found, packed = _read_apart(data, content.name, form, package, stated)
    names = found["names"]
    if problems := list(check_names(names, content.name)):
        raise WaveError(problems)
    rows = found["rows"] if stated is None else stated
    check_cells(rows or 0, len(names), content.name)
    if rows is not None and rows != found["held"]:
        says = f"the {package.name} file says it holds {rows:,} rows and holds {found['held']:,}."
        raise WaveError(says, where=content.name, fix=package.fix, code="truncated")
    cells = pl.read_ipc(io.BytesIO(packed))
    cells.columns = names
    cells = tidied(cells)
    missing = {name: _codes(codes, name, found, form) for name, codes in _missing(cells, found).items()}
    labels = {
        name: dict(zip(_codes(tuple(options), name, found, form), options.values(), strict=True))
        for name, options in found["value_labels"].items()
    }
    return Table(
        content.name,
        cells.with_columns([in_notation(cells[name], form) for name in found["numbers"]]),
        pl.Series("row", range(2, cells.height + 2), dtype=pl.Int64),
        form,
        found["labels"],
        labels,
        notes=tuple(_notes(found, package)),
        missing=missing,
    )


def _codes(codes: Sequence[str], name: str, found: Mapping[str, Any], form: FileForm) -> tuple[str, ...]:
    """Codes of a column as its cells are written."""
    return tuple(in_notation(pl.Series(codes, dtype=pl.String), form)) if name in found["numbers"] else tuple(codes)


def _read_apart(data: bytes, name: str, form: FileForm, package: Package, stated: int | None) -> tuple[dict[str, Any], bytes]:
    """What the file says of itself, and its cells, read by a program that may end over it."""
    said = form.encoding if "encoding" in form.model_fields_set else None
    asked = {"kind": package.kind, "encoding": said, "rows": stated, "columns": COLUMN_LIMIT, "cells": CELL_LIMIT}
    command = [sys.executable, "-P", str(Path(readstat_apart.__file__))]
    sent = json.dumps(asked).encode() + b"\n" + data
    try:
        done = subprocess.run(command, input=sent, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise _damaged(name, package) from error
    except OSError as error:
        raise MachineError(
            f"the program that reads {package.name} files cannot be started.", where=name, fix="export CSV, or free memory."
        ) from error
    line, _, cells = done.stdout.partition(b"\n")
    if done.returncode or not line:
        raise _damaged(name, package)
    found: dict[str, Any] = json.loads(line)
    if "fault" in found:
        raise WaveError(
            f"the {package.name} file holds text that is not in the encoding it states.",
            where=name,
            fix="declare the encoding it has with --encoding or in a mapping's file block, such as cp1252, or save it as UTF-8.",
            code="encoding",
        )
    return found, cells


def _damaged(name: str, package: Package) -> WaveError:
    code = f"{package.name.lower()}-damaged"
    return WaveError(f"the {package.name} file cannot be read.", where=name, fix=package.fix, code=code)


def _missing(cells: pl.DataFrame, found: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Codes that the file declares as missing: those it names, and those within its ranges that it holds or labels."""
    codes: dict[str, list[str]] = {name: list(named) for name, named in found["missing"].items()}
    for name, ranges in found["ranges"].items():
        present = [str(value) for value in cells[name].drop_nulls().unique().sort().to_list()]
        met = dict.fromkeys((*found["value_labels"].get(name, {}), *present))
        for low, high in ranges:
            codes.setdefault(name, []).extend([low] if low == high else [code for code in met if _within(code, low, high)])
    return {name: tuple(dict.fromkeys(named)) for name, named in codes.items() if named}


def _within(code: str, low: str, high: str) -> bool:
    try:
        return float(low) <= float(code) <= float(high)
    except ValueError:
        return False


def _notes(found: Mapping[str, Any], package: Package) -> Iterator[str]:
    for name, (label, variables) in found["boxes"].items():
        title = f" ({label})" if label else ""
        yield f"{', '.join(variables)} are the boxes of one question, {name}{title}"
    if package.kind == "por":
        yield "which codes mean no answer is not read from this kind of file: declare them as missing codes"
