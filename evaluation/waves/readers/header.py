"""What every header must be, whatever the format: names for all columns, each once, not too many."""

from collections import Counter
from collections.abc import Iterator, Sequence

from evaluation.errors import Problem
from evaluation.waves.faults import listed, shown

COLUMN_LIMIT = 2000


def check_names(names: Sequence[str], file: str) -> Iterator[Problem]:
    """Faults of the header row: too many columns, columns without a name, names that occur twice."""
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
            f"{file}, row 1: {listed([shown(name) for name in twice])}",
            "give each column a name of its own.",
            "duplicate-columns",
            len(twice),
        )
