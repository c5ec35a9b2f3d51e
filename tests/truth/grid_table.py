"""The committed truth table: how often each method is wrong, cell by cell, and the goal lines it is held to."""

import hashlib
import json
import platform
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.racing import commit
from tests.conftest import REPOSITORY
from tests.truth.cells import Cell
from tests.truth.table import meaning
from tests.truth.variants import outcomes

FILE = Path(__file__).with_name("grid.json")
SHARED = (
    *(f"evaluation/inference/{name}.py" for name in ("algebra", "design", "power", "unit_change", "variance")),
    *(f"evaluation/inference/simulation/{name}.py" for name in ("closed_form", "layout", "methods", "rates")),
    *(f"tests/truth/{name}.py" for name in ("cells", "grid", "variants")),
)
SOURCES = {
    "base": SHARED,
    "variant": (*SHARED, *(f"evaluation/inference/over_time/{name}.py" for name in ("by_start", "group_time"))),
    "panel": (*SHARED, *(f"evaluation/inference/{name}.py" for name in ("bayes", "bootstrap", "multiplicity", "placebo", "resolution")),
              "evaluation/inference/simulation/mixed_model.py",
              *(f"evaluation/inference/mixed/{name}.py" for name in (
                  "derivatives", "grouped_sums", "identified", "model", "reml", "small_samples"))),
}
"""What the numbers of each part rest on."""
Record = dict[str, Any]
SAMPLE = 10
SAMPLED = (
    Cell(8, 4, 0.05, "mixed"), Cell(20, 3, 0.10, "large treated"), Cell(12, 3, 0.05, "mixed", "answers 0-10", "variant"),
    Cell(12, 3, 0.05, "mixed", "covariates", "variant"), Cell(12, 3, 0.05, "mixed", "5% missing waves", "variant"),
)


def fingerprint(part: str) -> str:
    """SHA-256 over the sources that a part of the table rests on, by name and meaning."""
    digest = hashlib.sha256()
    for name in SOURCES[part]:
        digest.update(f"{name}\0{meaning((REPOSITORY / name).read_text(encoding='utf-8'))}\0".encode())
    return digest.hexdigest()


def fingerprints() -> dict[str, str]:
    """The fingerprint of every part."""
    return {part: fingerprint(part) for part in SOURCES}


def table(records: list[Record], code: dict[str, str]) -> Record:
    """The whole table with what it was made by."""
    seconds = sum(cell.pop("seconds") for cell in records)
    return {
        "says": "Rejection of a true null at nominal .05, coverage of 95% intervals, and power at the declared minimum detectable "
        "effect, by simulation with estimated sampling variances. Monte Carlo error sqrt(p (1 - p) / runs). Written by make truth.",
        "code": code,
        "commit": commit(),
        "machine": {"python": platform.python_version(), "numpy": np.__version__, "system": f"{sys.platform} {platform.machine()}"},
        "seconds": round(seconds, 1),
        "sample": sample(),
        "cells": records,
    }


def sample() -> list[Record]:
    """The first headline estimates and p-values of a few cells, so that a part of the table can be repeated in a moment."""
    found = []
    for cell in SAMPLED:
        first = outcomes(cell, SAMPLE, np.random.default_rng(cell.seed))
        found.append({"name": cell.name, "estimate": first.estimate.tolist(), "p_value": first.p_value.tolist()})
    return found


def write(record: Record) -> None:
    """Keep the table, one cell a line."""
    head = json.dumps({name: value for name, value in record.items() if name != "cells"}, indent=1)[:-2]
    rows = ",\n".join(f"  {json.dumps(cell)}" for cell in record["cells"])
    FILE.write_text(f'{head},\n "cells": [\n{rows}\n ]\n}}\n', encoding="utf-8", newline="\n")


def read() -> Record:
    """The committed table."""
    record: Record = json.loads(FILE.read_text(encoding="utf-8"))
    return record


@dataclass(frozen=True)
class Line:
    """One part of a goal line: the cells it holds for, what is read of each, and the bounds."""

    says: str
    reads: Callable[[Record], float]
    holds_for: Callable[[Record], bool]
    low: float = -np.inf
    high: float = np.inf

    def worst(self, cells: Iterable[Record]) -> tuple[float, str, float, str]:
        """The lowest and the highest value, each with its cell."""
        read = [(self.reads(cell), cell["name"]) for cell in cells if self.holds_for(cell)]
        return *min(read), *max(read)

    def misses(self, cells: Iterable[Record]) -> list[str]:
        """Cells whose value lies outside the bounds, with the value."""
        read = [(self.reads(cell), cell["name"]) for cell in cells if self.holds_for(cell)]
        return [f"{name}: {value:.4f}" for value, name in read if not self.low <= value <= self.high]


def size(cell: Record, method: str = "headline") -> float:
    return float(cell["methods"][method]["size"]["rejected"])


def coverage(cell: Record) -> float:
    return float(cell["methods"]["headline"]["size"]["covered"])


def power(cell: Record, method: str = "headline") -> float:
    return float(cell["methods"][method]["power"]["rejected"])


def held(cell: Record) -> bool:
    """Headline cells that carry a p-value; pilots chosen for a bad baseline are biased by design and published without a bar."""
    return cell["units"] >= 6 and cell["part"] in ("base", "variant") and cell["variant"] != "poor baseline"


def core(cell: Record) -> bool:
    """Base cells of goal line B and of the lower bound of A."""
    plain = cell["part"] == "base" and cell["sizes"] in ("mixed", "equal")
    return plain and cell["units"] >= 12 and cell["pilots"] >= 3 and cell["icc"] >= 0.05


def lead(cell: Record) -> float:
    """Power beyond that of the better of CR2 and the pooled t."""
    return power(cell) - max(power(cell, "CR2"), power(cell, "pooled t"))


LINES: tuple[Line, ...] = (
    Line("A: rejects a true null, 3 pilots or more", size, lambda c: held(c) and c["pilots"] >= 3, high=0.065),
    Line("A: rejects a true null, 2 pilots", size, lambda c: held(c) and c["pilots"] == 2, high=0.07),
    Line("A: rejects a true null, core cells", size, core, 0.03, 0.06),
    Line("A: coverage, 3 pilots or more", coverage, lambda c: held(c) and c["pilots"] >= 3, low=0.935),
    Line("A: coverage, 2 pilots", coverage, lambda c: held(c) and c["pilots"] == 2, low=0.93),
    Line("B: power at the declared effect, equal sizes", power, lambda c: core(c) and c["sizes"] == "equal", 0.75, 0.90),
    Line("B: power beyond the better of CR2 and pooled t, mixed sizes", lead, lambda c: core(c) and c["sizes"] == "mixed", low=-0.03),
)
