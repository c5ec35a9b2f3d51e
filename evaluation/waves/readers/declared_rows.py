"""What a mapping's file block asks for once cells are read: rows to leave out, cells with several answers to take apart."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import polars as pl

from evaluation.errors import Problem, WaveError
from evaluation.protocol.mapping import Boxes
from evaluation.waves.faults import first_rows, listed, shown, shown_answer
from evaluation.waves.intake import is_code
from evaluation.waves.readers.published import with_counts, with_means, without_fractions, without_percent_signs
from evaluation.waves.readers.table import SPACES, Table


def as_declared(table: Table) -> Table:
    """The table without rows under `leave_out`, columns under `boxes` taken apart, those under `copies` and `means` added.

    Raises:
        WaveError: the file lacks a column that is named there, a cell holds an option that is not declared, or percentages of an
            item do not add up.
    """
    form = table.form
    shares = [name for one in form.means.values() for name in (*one.options, *([one.base] if one.base else ()))]
    named = (*form.leave_out, *form.boxes, *form.fractions, *shares)
    absent = [name for name in form.copies.values() if name not in table.cells.columns]
    absent += [name for name in named if name not in {*table.cells.columns, *form.copies}]
    if absent:
        raise WaveError(
            f"the mapping's file block names columns that the file lacks: {listed([shown(name) for name in absent])}.",
            where=f"{table.name}, header",
            fix="correct 'leave_out', 'boxes', 'copies', 'fractions' and 'means'.",
            code="missing-column",
        )
    table = _boxed(_left_out(_copied(table, form.copies), form.leave_out), form.boxes)
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
            f"the mapping's file block copies to columns that are there: {listed([shown(name) for name in taken])}.",
            where=f"{table.name}, header",
            fix="give the copies other names.",
            code="duplicate-columns",
        )
    cells = table.cells.with_columns([pl.col(column).alias(name) for name, column in copies.items()])
    percents = {name for name, column in copies.items() if column in table.percents}
    return replace(table, cells=cells, percents=table.percents | percents)


def _left_out(table: Table, leave_out: Mapping[str, Sequence[str]]) -> Table:
    notes: list[str] = []
    for name, values in leave_out.items():
        held = table.text(name)
        gone = is_code(held, values) | (held.is_null() & ("" in values))
        notes.append(f"rows left out by what column {shown(name)} holds, as declared: {int(gone.sum()):,}")
        table = replace(table, cells=table.cells.filter(~gone), rows=table.rows.filter(~gone))
    return replace(table, notes=(*table.notes, *notes))


def _boxed(table: Table, boxes: Mapping[str, Boxes]) -> Table:
    problems = [problem for name, box in boxes.items() for problem in _undeclared(table, name, box)]
    if problems:
        raise WaveError(problems)
    notes: list[str] = []
    for name, box in boxes.items():
        parts = _parts(table.frame[name], box)
        notes += _passed_over(name, parts, box)
        ticked = {option: parts.list.contains(option) for option in _options(box)}
        columns = [
            one.replace_strict({True: "1", False: "0"}, return_dtype=pl.String).alias(f"{name} [{option}]")
            for option, one in ticked.items()
        ]
        frame = pl.DataFrame([*table.frame.drop(name), *columns])
        table = replace(table, cells=frame)
    return replace(table, notes=(*table.notes, *notes))


def _passed_over(name: str, parts: pl.Series, box: Boxes) -> Iterator[str]:
    """How many answers are none of the options, and in how many rows."""
    strange = parts.list.eval(~pl.element().is_in(["", *_options(box)])).list.sum().fill_null(0)
    if count := int(strange.sum()):
        words = "answer of column" if count == 1 else "answers of column"
        rows = int((strange > 0).sum())
        row = "row" if rows == 1 else "rows"
        yield f"{count:,} {words} {shown(name)} in {rows:,} {row}, not among its options, passed over as declared"


def _options(box: Boxes) -> list[str]:
    return list(dict.fromkeys(option.strip(SPACES) for option in box.options))


def _parts(cells: pl.Series, box: Boxes) -> pl.Series:
    """(R,) the answers in each cell, without the spaces around them; an option that holds the mark between answers is one."""
    split = cells.str.split(box.parted_by).list.eval(pl.element().str.strip_chars(SPACES))
    held = {tuple(one.strip(SPACES) for one in option.split(box.parted_by)): option for option in _options(box)}
    long = {pieces: option for pieces, option in sorted(held.items(), key=lambda one: -len(one[0])) if len(pieces) > 1}
    if not long:
        return split
    joined = [None if pieces is None else _joined(pieces, long) for pieces in split.to_list()]
    return pl.Series(cells.name, joined, dtype=pl.List(pl.String))


def _joined(pieces: Sequence[str], options: Mapping[tuple[str, ...], str]) -> list[str]:
    """Pieces of a cell with those that make up an option put together, the option of the most pieces first."""
    found: list[str] = []
    place = 0
    while place < len(pieces):
        option = next((one for one in options if tuple(pieces[place : place + len(one)]) == one), None)
        found.append(options[option] if option else pieces[place])
        place += len(option) if option else 1
    return found


def _undeclared(table: Table, name: str, box: Boxes) -> list[Problem]:
    """Cells with an option that is not declared, where others are not passed over, and names that the columns would double."""
    taken = [option for option in _options(box) if f"{name} [{option}]" in table.frame.columns]
    parts = _parts(table.frame[name], box)
    known = ["", *_options(box)]
    strange = parts.list.eval(~pl.element().is_in(known)).list.any().fill_null(False)
    count = int(strange.sum())
    problems = []
    if taken:
        says = f"the boxes of {shown(name)} would have names that the file has already."
        problems.append(Problem(says, f"{table.name}, header", "correct 'boxes'.", "duplicate-columns", len(taken)))
    if count and box.others == "refuse":
        met = dict.fromkeys(part for cell in parts.filter(strange) for part in cell if part not in known)
        examples = listed([shown_answer(one) for one in met], 5)
        problems.append(
            Problem(
                f"{count:,} {'row holds' if count == 1 else 'rows hold'} an option of {shown(name)} that is not declared.",
                f"{table.name}, {first_rows(table.rows.filter(strange).to_list())}; {examples}",
                "add it under 'boxes' in the mapping's file block, or say 'others: pass over'.",
                "undeclared-option",
                count,
            )
        )
    return problems
