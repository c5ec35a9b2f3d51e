"""Cells with several answers taken apart: a column for each option of the question, as a mapping declares them.

Beside the options people may have written words of their own, and in these a mark and an option may stand by chance: 'I feel no
respect, trust, or care' ticks no box called 'trust'. An option is taken for ticked only where a survey tool can have written it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile

import polars as pl

from evaluation.errors import Problem, WaveError
from evaluation.protocol.mapping import Boxes
from evaluation.waves.checks.faults import first_rows, listed, shown_answer
from evaluation.waves.readers.header import shown_header
from evaluation.waves.readers.table import SPACES, Table


def boxed(table: Table, boxes: Mapping[str, Boxes]) -> Table:
    """The table with a column of 1 and 0 for each option in place of a column whose cells hold several.

    Raises:
        WaveError: a cell holds an option that is not declared, or one that may be a word of somebody's own text.
    """
    problems = [problem for name, box in boxes.items() for problem in _undeclared(table, name, box)]
    if problems:
        raise WaveError(problems)
    notes: list[str] = []
    for name, box in boxes.items():
        parts = _parts(table.frame[name], box)
        notes += _passed_over(name, parts, box)
        parts = _before_text(parts, box) if box.others == "come last" else parts
        ticked = {option: parts.list.contains(option) for option in _options(box)}
        columns = [
            one.replace_strict({True: "1", False: "0"}, return_dtype=pl.String).alias(f"{name} [{option}]")
            for option, one in ticked.items()
        ]
        frame = pl.DataFrame([*table.frame.drop(name), *columns])
        table = replace(table, cells=frame)
    return replace(table, notes=(*table.notes, *notes))


def _passed_over(name: str, parts: pl.Series, box: Boxes) -> Iterator[str]:
    """How many answers are none of the options, and in how many rows; how many pieces a text has that comes last says nothing."""
    strange = parts.list.eval(~pl.element().is_in(["", *_options(box)])).list.sum().fill_null(0)
    if count := int(strange.sum()):
        words = "answer of column" if count == 1 else "answers of column"
        rows = int((strange > 0).sum())
        row = "row" if rows == 1 else "rows"
        if box.others == "come last":
            yield f"what column {shown_header(name)} holds behind its options in {rows:,} {row} was passed over as declared"
            return
        yield f"{count:,} {words} {shown_header(name)} in {rows:,} {row}, not among its options, passed over as declared"


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


def _before_text(parts: pl.Series, box: Boxes) -> pl.Series:
    """The answers of each cell as far as they are options: what stands behind the first other one is somebody's own text."""
    known = {"", *_options(box)}
    cells = [None if pieces is None else [*takewhile(known.__contains__, pieces)] for pieces in parts.to_list()]
    return pl.Series(parts.name, cells, dtype=pl.List(pl.String))


def _in_text(table: Table, name: str, box: Boxes) -> list[Problem]:
    """Cells in which an option stands behind other words and is parted from them as people part words, by a mark and a space."""
    cells, known = table.frame[name], ["", *_options(box)]
    strange = _parts(cells, box).list.eval(~pl.element().is_in(known)).list.any().fill_null(False)
    doubted = [mixed and _holds_option_in_text(cell, box) for mixed, cell in zip(strange, cells, strict=True)]
    count = sum(doubted)
    if not count:
        return []
    rows = table.rows.filter(pl.Series(doubted, dtype=pl.Boolean)).to_list()
    says = f"{count:,} {'row holds' if count == 1 else 'rows hold'} an option of {shown_header(name)} behind words that are none"
    fix = f"if the tool writes people's own text last, say 'others: come last' under {shown_header(name)} in the file block"
    return [
        Problem(
            f"{says}: whether it was ticked or is a word of somebody's own text cannot be told.",
            f"{table.name}, {first_rows(rows)}; cells are not shown",
            f"{fix}; else write the options of these rows first.",
            "option-in-text",
            count,
        )
    ]


def _holds_option_in_text(cell: str, box: Boxes) -> bool:
    """Whether an option follows another word in a cell, and a space stands between the mark and it."""
    raw = cell.split(box.parted_by)
    pieces = [piece.strip(SPACES) for piece in raw]
    options = [tuple(one.strip(SPACES) for one in option.split(box.parted_by)) for option in _options(box)]
    place, is_behind = 0, False
    while place < len(pieces):
        length = max((len(one) for one in options if tuple(pieces[place : place + len(one)]) == one), default=0)
        if length and is_behind and (box.parted_by[-1] in SPACES or raw[place][:1] in (" ", "\u00a0")):
            return True
        is_behind |= not length and pieces[place] != ""
        place += length or 1
    return False


def _undeclared(table: Table, name: str, box: Boxes) -> list[Problem]:
    """Cells with an option that is not declared, where others are not passed over, and names that the columns would double."""
    taken = [option for option in _options(box) if f"{name} [{option}]" in table.frame.columns]
    parts = _parts(table.frame[name], box)
    known = ["", *_options(box)]
    strange = parts.list.eval(~pl.element().is_in(known)).list.any().fill_null(False)
    count = int(strange.sum())
    problems = []
    if taken:
        says = f"the boxes of {shown_header(name)} would have names that the file has already."
        problems.append(Problem(says, f"{table.name}, header", "correct 'boxes'.", "duplicate-columns", len(taken)))
    if box.others == "pass over":
        problems += _in_text(table, name, box)
    if count and box.others == "refuse":
        met = dict.fromkeys(part for cell in parts.filter(strange) for part in cell if part not in known)
        examples = listed([shown_answer(one) for one in met], 5)
        problems.append(
            Problem(
                f"{count:,} {'row holds' if count == 1 else 'rows hold'} an option of {shown_header(name)} that is not declared.",
                f"{table.name}, {first_rows(table.rows.filter(strange).to_list())}; {examples}",
                "add it under 'boxes' in the mapping's file block, or say 'others: pass over' or 'others: come last'.",
                "undeclared-option",
                count,
            )
        )
    return problems
