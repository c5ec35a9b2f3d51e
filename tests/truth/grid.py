"""Run the truth grid, cell by cell: `python -m tests.truth.grid` (docs/methods.md, section 8).

A finished cell is kept in a file of its own under .truth/ and not run again while the code is the same; the last step writes
tests/truth/grid.json and its picture.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.inference.resolution import floor
from evaluation.inference.simulation.methods import HEADLINE, METHODS, Outcomes
from evaluation.inference.simulation.rates import BLOCK, Rates, joined, rates, simulate
from tests.conftest import REPOSITORY
from tests.truth.cells import BASE_RUNS, PANEL_RUNS, VARIANT_RUNS, Cell, base_cells, panel_cells, variant_cells
from tests.truth.grid_picture import write_picture
from tests.truth.grid_table import fingerprints, table, write
from tests.truth.variants import outcomes, plain_reml

KEPT = REPOSITORY / ".truth"
BASE = {name: METHODS[name] for name in (HEADLINE, "pooled t", "CR2")} | {"plain REML": plain_reml}
RUNS = {"base": BASE_RUNS, "variant": VARIANT_RUNS, "panel": PANEL_RUNS}


def run_cell(cell: Cell, runs: int) -> dict[str, Any]:
    """What one cell gave, as a record."""
    head = {"name": cell.name, "part": cell.part, "units": cell.units, "pilots": cell.pilots, "icc": cell.icc, "sizes": cell.sizes}
    head |= {"variant": cell.variant, "seed": cell.seed, "runs": runs}
    if cell.part == "variant":
        return head | {"methods": {HEADLINE: {"size": said(rates(variant_runs(cell, runs), 0.0))}}}
    methods = METHODS if cell.part == "panel" else BASE
    null = simulate(cell.layout, 0.0, methods, studies=runs, seed=cell.seed)
    true = simulate(cell.layout, cell.effect, methods, studies=runs, seed=cell.seed)
    told = {name: {"size": said(rates(null[name], 0.0)), "power": said(rates(true[name], cell.effect))} for name in methods}
    record = head | {"effect": round(cell.effect, 6), "methods": told}
    return record | ({"disagree": disagreement(null, cell)} if cell.part == "panel" else {})


def variant_runs(cell: Cell, runs: int) -> Outcomes:
    """The headline of a variant, in blocks with a stream of their own."""
    seeds = np.random.SeedSequence(cell.seed).spawn(runs // BLOCK)
    return joined([outcomes(cell, BLOCK, np.random.default_rng(seed)) for seed in seeds])


def disagreement(null: dict[str, Outcomes], cell: Cell) -> dict[str, float]:
    """Share of studies without an effect in which the headline and another sound method fall on different sides of .05."""
    found = null[HEADLINE].p_value < 0.05
    others = ["CR2", *(["placebo"] if floor(cell.pilots, cell.units) <= 0.05 else [])]
    return {name: round(float(np.mean(found != (null[name].p_value < 0.05))), 5) for name in others}


def said(found: Rates) -> dict[str, float]:
    """Rates as a record: shares only, five places; their Monte Carlo errors follow from the number of runs."""
    fields = ("rejected", "covered", "wrong_sign", "exaggeration", "width")
    return {name: round(pair[0], 5) for name in fields if (pair := getattr(found, name)) is not None}


def kept(cell: Cell, code: str) -> dict[str, Any]:
    """A cell's record from its checkpoint, or run now and kept."""
    file = KEPT / f"{cell.name.replace(' ', '_').replace('%', '')}.json"
    if file.is_file():
        record: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if record["code"] == code:
            return record["cell"]  # type: ignore[no-any-return]
    begun = time.perf_counter()
    found = run_cell(cell, RUNS[cell.part])
    found["seconds"] = round(time.perf_counter() - begun, 2)
    KEPT.mkdir(exist_ok=True)
    unfinished = Path(f"{file}.part")
    unfinished.write_text(json.dumps({"code": code, "cell": found}), encoding="utf-8")
    unfinished.replace(file)
    return found


def cells(part: str | None = None) -> Iterator[Cell]:
    """All cells, or those of one part."""
    yield from (cell for cell in (*base_cells(), *variant_cells(), *panel_cells()) if part in (None, cell.part))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what has not been run, then write the table and its picture."""
    parser = argparse.ArgumentParser(prog="python -m tests.truth.grid")
    parser.add_argument("--only", choices=list(RUNS), help="run one part, and write nothing")
    chosen = parser.parse_args(arguments)
    code, asked, records = fingerprints(), list(cells(chosen.only)), []
    for number, cell in enumerate(asked, start=1):
        records.append(kept(cell, code[cell.part]))
        size = records[-1]["methods"][HEADLINE]["size"]["rejected"]
        sys.stderr.write(f"[{number}/{len(asked)}] {cell.name}: rejects {size:.4f}\n")
    if chosen.only is None:
        record = table(records, code)
        write(record)
        write_picture(record)


if __name__ == "__main__":
    main()
