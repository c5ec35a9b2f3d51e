"""docs/agreement.md: by method, how many numbers were compared with R's and the largest relative error."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import ceil, log10

from tests.agreement.golden import Case, cases, errors, read
from tests.agreement.methods import METHODS
from tests.conftest import REPOSITORY
from tests.results import table

FILE = REPOSITORY / "docs" / "agreement.md"
SMALLEST = 1e-12
"""Errors below this are rounding, and differ from processor to processor."""


@dataclass(frozen=True)
class Line:
    """One method: its cases, the numbers compared in them, and the largest relative error, rounded up to a power of ten."""

    method: str
    cases: int
    numbers: int
    bound: float


@cache
def error_of(method: str, name: str) -> dict[str, float]:
    """The relative error of every number of one case."""
    (case,) = [case for case in cases() if (case.method, case.name) == (method, name)]
    return errors(METHODS[method].ours(case), case.values)


def rounded_up(error: float) -> float:
    """The next power of ten, at least `SMALLEST`."""
    return max(SMALLEST, float(10.0 ** ceil(log10(error)))) if error > 0 else SMALLEST


def lines() -> Iterator[Line]:
    """The table, in the order of METHODS; every case must be available."""
    held: dict[str, list[Case]] = {method: [] for method in METHODS}
    for case in cases():
        held[case.method].append(case)
    for method, own in held.items():
        found = [error for case in own for error in error_of(method, case.name).values()]
        yield Line(method, len(own), len(found), rounded_up(max(found)))


def text() -> str:
    """The page."""
    kept = read()
    versions = ", ".join(f"{name} {version}" for name, version in kept["packages"].items())
    rows = [
        (line.method, METHODS[line.method].against, line.cases, line.numbers, f"{line.bound:.0e}", f"{METHODS[line.method].tolerance:.0e}")
        for line in lines()
    ]
    whole = sum(int(row[3]) for row in rows)
    head = ("method", "against", "cases", "numbers compared", "largest relative error, at most", "held to")
    return "\n".join(
        [
            "# Agreement with R",
            "",
            "Written by `make agreement`, which installs R from Debian, runs `tests/agreement/golden.R` on seeded frames and on public",
            "data, and compares what it gives with the committed `tests/agreement/golden.json`. `make test` holds this program to those",
            "numbers without R: 1e-8 where the answer is a closed form, 1e-4 where it is iterated; a golden zero is compared by",
            "difference. *Plain R* is written out there from the rows, where no package does the same.",
            "",
            f"R {kept['R']}; {versions}.",
            "",
            *table(head, rows),
            "",
            f"{whole:,} numbers in all. Errors are rounded up to a power of ten; below {SMALLEST:.0e} they are rounding.",
            "",
        ]
    )
