"""What every header must be, whatever the format: names for all columns, each once, not too many."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from evaluation.errors import Problem
from evaluation.waves.faults import listed, shown

COLUMN_LIMIT = 2000


_IDENTIFIES = re.compile(
    r"[^\s@]+@[^\s@]+\.[A-Za-z]{2,}|^\d{8,}$|^(\+44|0)[\d ()-]{9,}$"
    r"|^[A-Za-z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-Da-d]$|^\d{3}[ -]\d{3}[ -]\d{4}$"
)
_NUMBER = re.compile(r"^[+-]?\d{1,3}([.,]\d+)?$|^\d{5,}$")
_DAY = re.compile(r"^(\d{4}[/.-]\d{1,2}[/.-]\d{1,2}|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4})\b")
_WHOLE_NAME = re.compile(r"^[A-Z][a-z'’-]+ [A-Z][a-z'’-]+$")


def shown_header(name: str) -> str:
    """A column's name for a message; words in its place when it has the form of what identifies a person."""
    return "(name not shown)" if _IDENTIFIES.search(name.strip()) else shown(name)


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
    return unordered and (2 * len(numbers) >= len(cells) or any(_WHOLE_NAME.match(cell) for cell in cells))


def check_names(names: Sequence[str], file: str) -> Iterator[Problem]:
    """Faults of the header row: answers in their place, too many columns, columns without a name, names that occur twice."""
    if holds_answers(names):
        yield Problem(
            "row 1 looks like answers, not like names of columns.",
            f"{file}, row 1; its cells are not shown",
            "put a row with the names of the columns above it.",
            "no-header",
        )
        return
    if len(names) > COLUMN_LIMIT:
        yield Problem(
            f"the file has {len(names):,} columns; at most {COLUMN_LIMIT:,} are read.",
            f"{file}, row 1",
            "export only the columns that the study needs.",
            "too-many-columns",
            len(names),
        )
        return
    nameless = [str(number) for number, name in enumerate(names, start=1) if not name.strip()]
    if nameless:
        yield Problem(
            f"{len(nameless):,} {'column has' if len(nameless) == 1 else 'columns have'} no name.",
            f"{file}, row 1, {'column' if len(nameless) == 1 else 'columns'} {listed(nameless)}",
            "name every column in the first row; remove title rows above it and empty columns beside it.",
            "unnamed-column",
            len(nameless),
        )
    twice = [name for name, count in Counter(names).items() if count > 1 and name.strip()]
    if twice:
        yield Problem(
            f"{len(twice):,} {'name stands' if len(twice) == 1 else 'names stand'} in the header more than once.",
            f"{file}, row 1: {listed([shown_header(name) for name in twice])}",
            "give each column a name of its own.",
            "duplicate-columns",
            len(twice),
        )
