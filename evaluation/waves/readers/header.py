"""What every header must be, whatever the format: names for all columns, each once, not too many."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import polars as pl

from evaluation.errors import Problem
from evaluation.protocol.mapping import FileForm
from evaluation.waves.checks.faults import listed, shown
from evaluation.waves.checks.identifiers import WHOLE_NAME

COLUMN_LIMIT = 2000
LONGEST_NAME = 1000
"""Signs of a column's name that a message shows: more than any question has, and less than a file with a missing mark could."""

_IDENTIFIES = re.compile(
    r"[^\s@]+@[^\s@]+\.[A-Za-z]{2,}|^\d{8,}$|^(\+44|0)[\d ()-]{9,}$"
    r"|^[A-Za-z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-Da-d]$|^\d{3}[ -]\d{3}[ -]\d{4}$"
)
_NUMBER = re.compile(r"^[+-]?\d{1,3}([.,]\d+)?$|^\d{5,}$")
_DAY = re.compile(r"^(\d{4}[/.-]\d{1,2}[/.-]\d{1,2}|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4})\b")


@dataclass(frozen=True)
class Header:
    """The names of C columns ('' where one has none), labels by name, what is wrong with the header, and what is worth noting."""

    names: tuple[str, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


Rows = Sequence[Sequence[str]]
Style = Callable[[Rows, FileForm, str], Header]
"""How the rows of a header, as written, name the columns of a file: (rows, form, file) -> Header."""


def plain_header(rows: Rows, form: FileForm, file: str) -> Header:
    """One row as it stands, or several stacked."""
    return Header(tuple(rows[0]) if len(rows) == 1 else stacked(rows))


def stacked(rows: Rows) -> tuple[str, ...]:
    """One name for each column from header rows read downwards, such as 'Theme scores - My work'.

    A blank cell of any row but the last is covered by the cell at its left, as merged cells are, but never across the border of
    a cell above it. A column with no text of its own in any row stays without a name.
    """
    width = max(map(len, rows))
    above: list[tuple[str, ...]] = [() for _ in range(width)]
    for number, row in enumerate(rows, start=1):
        cells = [" ".join(cell.split()) for cell in (*row, *[""] * (width - len(row)))]
        if number < len(rows):
            for place in range(1, width):
                if not cells[place] and above[place] == above[place - 1]:
                    cells[place] = cells[place - 1]
        above = [(*upper, cell) for upper, cell in zip(above, cells, strict=True)]
    own = [any(place < len(row) and row[place].strip() for row in rows) for place in range(width)]
    return tuple(
        " - ".join(dict.fromkeys(cell for cell in cells if cell)) if is_own else ""
        for cells, is_own in zip(above, own, strict=True)
    )


def column_letter(place: int) -> str:
    """The letter by which a spreadsheet calls the column at `place` (0 is A, 26 is AA)."""
    return (column_letter(place // 26 - 1) if place >= 26 else "") + chr(65 + place % 26)


def shown_header(name: str) -> str:
    """A column's name for a message, whole, since it has to be typed; words in its place when it has an identifier's form."""
    return "(name not shown)" if _IDENTIFIES.search(name.strip()) else shown(name, LONGEST_NAME)


def holds_answers(names: Sequence[str]) -> bool:
    """Whether the cells of a header row look like somebody's answers: an address, or numbers beside a day, a name or each other.

    Questions numbered 1, 2, 3 and years are headers, so numbers count when they do not rise from column to column.
    """
    cells = [name.strip() for name in names if name.strip()]
    numbers = [float(cell.replace(",", ".")) for cell in cells if _NUMBER.match(cell)]
    if any(_IDENTIFIES.search(cell) for cell in cells):
        return True
    if numbers and any(_DAY.match(cell) for cell in cells):
        return True
    unordered = any(after <= before for before, after in pairwise(numbers))
    return unordered and (2 * len(numbers) >= len(cells) or bool(pl.Series(cells).str.contains(WHOLE_NAME).any()))


def check_names(names: Sequence[str], file: str, row: int = 1) -> Iterator[Problem]:
    """Faults of the header in `row`: answers in their place, too many columns, columns without a name, names that occur twice."""
    if holds_answers(names):
        yield Problem(
            f"row {row:,} looks like answers, not like names of columns.",
            f"{file}, row {row:,}; its cells are not shown",
            "put a row with the names of the columns above it.",
            "no-header",
        )
        return
    if len(names) > COLUMN_LIMIT:
        yield Problem(
            f"the file has {len(names):,} columns; at most {COLUMN_LIMIT:,} are read.",
            f"{file}, row {row:,}",
            "export only the columns that the study needs.",
            "too-many-columns",
            len(names),
        )
        return
    nameless = [str(number) for number, name in enumerate(names, start=1) if not name.strip()]
    if nameless:
        yield Problem(
            f"{len(nameless):,} {'column has' if len(nameless) == 1 else 'columns have'} no name.",
            f"{file}, row {row:,}, {'column' if len(nameless) == 1 else 'columns'} {listed(nameless)}",
            "name every column; where titles stand above the header, say 'header_row' in a mapping's file block.",
            "unnamed-column",
            len(nameless),
        )
    twice = [name for name, count in Counter(names).items() if count > 1 and name.strip()]
    if twice:
        yield Problem(
            f"{len(twice):,} {'name stands' if len(twice) == 1 else 'names stand'} in the header more than once.",
            f"{file}, row {row:,}: {listed([shown_header(name) for name in twice])}",
            "where both hold the same, delete one; else give each column a name of its own, the item's to its answers, and list "
            "the other in a mapping, under 'ignore' where nobody needs it.",
            "duplicate-columns",
            len(twice),
        )
