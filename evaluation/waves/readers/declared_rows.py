"""What a mapping's file block asks for once cells are read: rows to leave out, cells to fill, columns to copy or take apart."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from evaluation.errors import WaveError
from evaluation.waves.checks.faults import listed
from evaluation.waves.checks.intake import is_code
from evaluation.waves.readers.boxes import boxed
from evaluation.waves.readers.header import shown_header
from evaluation.waves.readers.published import with_counts, with_means, without_fractions, without_percent_signs
from evaluation.waves.readers.table import Table


def as_declared(table: Table) -> Table:
    """The table with cells under `same_for` filled and without rows under `leave_out`, columns under `boxes` taken apart, those
    under `copies` and `means` added.

    Raises:
        WaveError: the file lacks a column that is named there, a cell holds an option that is not declared, or percentages of an
            item do not add up.
    """
    form = table.form
    shares = [name for one in form.means.values() for name in (*one.options, *([one.base] if one.base else ()))]
    filled = [name for key, columns in form.same_for.items() for name in (key, *columns)]
    named = (*form.leave_out, *filled, *form.boxes, *form.fractions, *shares)
    absent = [name for name in form.copies.values() if name not in table.cells.columns]
    absent += [name for name in named if name not in {*table.cells.columns, *form.copies}]
    if absent:
        raise WaveError(
            f"the mapping's file block names columns that the file lacks: {listed([shown_header(name) for name in absent])}.",
            where=f"{table.name}, header",
            fix="correct 'leave_out', 'same_for', 'boxes', 'copies', 'fractions' and 'means'.",
            code="missing-column",
        )
    table = boxed(_left_out(_filled(_copied(table, form.copies), form.same_for), form.leave_out), form.boxes)
    if form.fractions:
        table = replace(table, cells=without_fractions(table.frame, form), percents=table.percents - {*form.fractions})
    if form.percent == "sign":
        table = replace(table, cells=without_percent_signs(table))
    if any(one.base for one in form.means.values()):
        return with_counts(table, form.means)
    return with_means(table, form.means) if form.means else table


def _copied(table: Table, copies: Mapping[str, str]) -> Table:
    if taken := [name for name in copies if name in table.cells.columns]:
        raise WaveError(
            f"the mapping's file block copies to columns that are there: {listed([shown_header(name) for name in taken])}.",
            where=f"{table.name}, header",
            fix="give the copies other names.",
            code="duplicate-columns",
        )
    cells = table.cells.with_columns([pl.col(column).alias(name) for name, column in copies.items()])
    percents = {name for name, column in copies.items() if column in table.percents}
    return replace(table, cells=cells, percents=table.percents | percents)


def _filled(table: Table, same_for: Mapping[str, Sequence[str]]) -> Table:
    """Blank cells as the other rows of the same record have them, where all of these that are not blank agree."""
    for key, name in ((key, name) for key, columns in same_for.items() for name in columns):
        cells = pl.DataFrame({"key": table.text(key), "cell": table.text(name)})
        known = pl.col("cell").drop_nulls().n_unique().over("key").alias("known")
        blank = (pl.col("cell").is_null() & pl.col("key").is_not_null()).alias("blank")
        found = cells.with_columns(known, blank, pl.col("cell").drop_nulls().first().over("key").alias("other"))
        takes = found["blank"] & (found["known"] == 1)
        differ = int((found["blank"] & (found["known"] > 1)).sum())
        kept = f"; {differ:,} stay blank, for these rows differ" if differ else ""
        where = f"{shown_header(name)} read as in other rows of the same {shown_header(key)}"
        note = f"blank cells of {where}: {int(takes.sum()):,}{kept}"
        filled = found.select(pl.when(takes).then("other").otherwise("cell").alias(name)).to_series()
        cells_now = table.cells.with_columns(filled) if takes.any() else table.cells
        table = replace(table, cells=cells_now, notes=(*table.notes, note))
    return table


def _left_out(table: Table, leave_out: Mapping[str, Sequence[str]]) -> Table:
    notes: list[str] = []
    for name, values in leave_out.items():
        held = table.text(name)
        gone = is_code(held, values) | (held.is_null() & ("" in values))
        notes.append(f"rows left out by what column {shown_header(name)} holds, as declared: {int(gone.sum()):,}")
        table = replace(table, cells=table.cells.filter(~gone), rows=table.rows.filter(~gone))
    return replace(table, notes=(*table.notes, *notes))
