"""Rerun everything: 40 outcomes x 3 models x (all organisations, and each of 12 left out) = 1,560 fits, beside pyfixest.

One million made-up answers (12 organisations x 2 waves, 6 covariates, 40 items that people skip in different rows) lie in a
Parquet file. Ours reads it once and ends with 1,560 effects, CR2 errors and Satterthwaite's degrees of freedom, in a process of
its own whose peak memory is told. pyfixest is measured on all organisations for a few outcomes, told its outcomes together as it
likes them; the whole grid is EXTRAPOLATED from that, a sample that lacks one of 12 organisations counting for 11/12 of a fit.

    python -m benchmarks.many_outcomes [--rows 1000000] [--outcomes 40] [--measured 4] [--rounds 3] [--write FILE]
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.difference_in_differences import COVARIATES, PILOTS, regressors
from benchmarks.racing import commit, machine, timed
from evaluation.evidence.moments import Moments
from evaluation.evidence.scan import many_moments
from evaluation.inference.design import Lifted, cell_columns, lift
from evaluation.inference.variance import infer, least_squares
from evaluation.terms import Design

ORGANISATIONS = 12
MODELS: tuple[tuple[str, ...], ...] = ((), COVARIATES[:4], COVARIATES)
CELL_TERMS = ("pilot", "follow_up", "effect")
PAGE = Path(__file__).with_suffix(".md")


@dataclass(frozen=True)
class Run:
    """Ours, once: seconds of the scan and of all fits, and the most memory that the process held, in MiB."""

    scan: float
    fits: float
    count: int
    peak: float


def names(outcomes: int) -> list[str]:
    """q1, q2 ..."""
    return [f"q{place + 1}" for place in range(outcomes)]


def write_answers(file: Path, rows: int, outcomes: int, seed: int) -> None:
    """Items answered 1 to 5, skipped by 1 to 4 in 100 people, with organisation effects and a true effect of 0.1."""
    rng = np.random.default_rng(seed)
    organisation, later = rng.integers(0, ORGANISATIONS, rows), rng.integers(0, 2, rows)
    pilot = organisation < PILOTS
    columns: dict[str, object] = {name: (rng.random(rows) < 0.3).astype("int8") for name in COVARIATES[:4]}
    columns |= {"age": rng.integers(18, 70, rows).astype("int8"), "tenure": rng.integers(0, 40, rows).astype("int8")}
    columns |= {"organisation": np.char.add("RX", organisation.astype(str)), "wave": np.where(later, "month_12", "baseline")}
    columns["arm"] = np.where(pilot, "pilot", "comparison")
    for place, name in enumerate(names(outcomes)):
        level = 3.3 + rng.normal(0, 0.2, (ORGANISATIONS, 2))[organisation, later] + 0.1 * pilot * later
        answer = np.clip(np.rint(level + rng.normal(0, 1, rows)), 1, 5).astype("int8")
        columns[name] = pa.array(answer, mask=rng.random(rows) < 0.01 * (1 + place % 4))
    pq.write_table(pa.table(columns), file)


def sums(file: Path, outcomes: Sequence[str]) -> dict[str, Moments]:
    """Our one scan."""
    centres = dict.fromkeys(outcomes, 3.0)
    return many_moments(file, outcomes, COVARIATES, unit="organisation", wave="wave", arm="arm", centres=centres)


def regression(moments: Moments, model: Sequence[str]) -> Lifted:
    """One outcome's difference-in-differences with the covariates of a model."""
    pilot = np.asarray(moments.cells["arm"] == "pilot", dtype=float)
    later = np.asarray(moments.cells["wave"] == "month_12", dtype=float)
    terms, columns = cell_columns(Design.DIFFERENCE_IN_DIFFERENCES, pilot, later)
    return lift(moments.with_covariates(model), columns, terms)


def without(lifted: Lifted, place: int) -> Lifted:
    """The regression with one organisation left out: its matrices are not added."""
    kept = np.arange(len(lifted.units)) != place
    units = tuple(unit for unit, stays in zip(lifted.units, kept, strict=True) if stays)
    parts = (lifted.grams[kept], lifted.scores[kept], lifted.squares[kept], lifted.rows[kept])
    return replace(lifted, units=units, **dict(zip(("grams", "scores", "squares", "rows"), parts, strict=True)))


def fits(found: dict[str, Moments]) -> list[tuple[float, float, float]]:
    """Effect, CR2 error and degrees of freedom of every outcome, model and sample."""
    results = []
    for moments in found.values():
        for model in MODELS:
            whole = regression(moments, model)
            for sample in (whole, *(without(whole, place) for place in range(len(whole.units)))):
                one = infer(least_squares(sample), "CR2")
                results.append((one.estimate, one.std_error, one.df))
    return results


def measure_ours(file: Path, outcomes: int) -> Run:
    """Everything of ours in this process, once."""
    found: dict[str, Moments] = {}
    results: list[tuple[float, float, float]] = []
    scan = timed(lambda: found.update(sums(file, names(outcomes)))).clock
    spent = timed(lambda: results.extend(fits(found))).clock
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Run(scan, spent, len(results), held / (2**20 if sys.platform == "darwin" else 2**10))


def in_own_process(file: Path, outcomes: int) -> Run:
    """The same in a fresh process, which holds nothing of ours or of pyfixest's before."""
    command = [sys.executable, "-m", "benchmarks.many_outcomes", "--outcomes", str(outcomes), "--ours", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1])
    return Run(**json.loads(done.stdout))


def by_pyfixest(frame: pd.DataFrame, outcomes: Sequence[str], model: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Effects and CRV1 errors on all organisations, several outcomes in one call, asked not to keep its data."""
    import pyfixest

    lean = {"copy_data": False, "store_data": False, "lean": True}
    formula = f"{' + '.join(outcomes)} ~ {' + '.join((*CELL_TERMS, *model))}"
    fitted = pyfixest.feols(formula, data=frame, vcov={"CRV1": "cluster"}, **lean)
    each = fitted.to_list() if hasattr(fitted, "to_list") else [fitted]
    return {name: (float(fit.coef()["effect"]), float(fit.se()["effect"])) for name, fit in zip(outcomes, each, strict=True)}


def race_pyfixest(file: Path, measured: Sequence[str], rounds: int) -> tuple[float, float, float]:
    """Median seconds of a warm load and of its fits, and the largest relative difference from ours with its own factor (CR1S)."""
    loads, spent, frame = [], [], pd.DataFrame()
    found: list[dict[str, tuple[float, float]]] = []

    def load() -> None:
        nonlocal frame
        frame = regressors(pd.read_parquet(file))

    for _ in range(rounds + 1):
        loads.append(timed(load).clock)
        spent.append(timed(lambda: found.extend(by_pyfixest(frame, measured, model) for model in MODELS)).clock)
    mine = sums(file, measured)
    apart = []
    for model, theirs in zip(MODELS, found, strict=False):
        for name, (effect, std_error) in theirs.items():
            one = infer(least_squares(regression(mine[name], model)), "CR1S")
            apart += [abs(one.estimate / effect - 1), abs(one.std_error / std_error - 1)]
    return statistics.median(loads[1:]), statistics.median(spent[1:]), max(apart)


def page(rows: int, outcomes: int, measured: int, rounds: int, seed: int) -> str:
    """Run everything and write it down as Markdown."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "answers.parquet"
        write_answers(file, rows, outcomes, seed)
        runs = [in_own_process(file, outcomes) for _ in range(rounds)]
        load, few, apart = race_pyfixest(file, names(outcomes)[:measured], rounds)
    scan, spent = (statistics.median(getattr(run, part) for run in runs) for part in ("scan", "fits"))
    grid = load + few * outcomes / measured * ORGANISATIONS
    return "\n".join([
        "# Rerun everything: many outcomes, models and samples", "",
        f"{rows:,} rows, {ORGANISATIONS} organisations x 2 waves; {outcomes} outcomes, each missing in rows of its own, x "
        f"{len(MODELS)} models x (all organisations + {ORGANISATIONS} with one left out) = {runs[0].count:,} fits; seed {seed}; "
        f"commit {commit()}.",
        f"Machine: {machine()}.", "",
        f"Medians of {rounds}. Ours: fresh processes, CR2 and Satterthwaite's degrees of freedom. pyfixest: warm, CRV1, measured",
        f"on {measured} outcomes x {len(MODELS)} models with all organisations; its whole grid is extrapolated, not run.", "",
        "| from file to numbers | seconds | x ours |", "|---|---|---|",
        f"| ours, {runs[0].count:,} fits: scan {scan:.2f}, fits {spent:.2f} | {scan + spent:.2f} | 1 |",
        f"| pyfixest, measured: load {load:.2f}, {measured * len(MODELS)} fits {few:.2f} | {load + few:.2f} | |",
        f"| pyfixest, whole grid, extrapolated | {grid:,.0f} | {grid / (scan + spent):,.0f} |", "",
        f"Peak memory of ours, the whole process: {max(run.peak for run in runs):,.0f} MiB.",
        f"Largest relative difference of effects and errors from pyfixest's, with its factor (CR1S): {apart:.0e}.", "",
    ])


def main(arguments: Sequence[str] | None = None) -> None:
    """Run, print, and write the page; with --ours, only say what one run of ours took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.many_outcomes")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--outcomes", type=int, default=40)
    parser.add_argument("--measured", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=20250120)
    parser.add_argument("--write", type=Path, default=PAGE)
    parser.add_argument("--ours", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.ours:
        print(json.dumps(vars(measure_ours(chosen.ours, chosen.outcomes))))
        return
    text = page(chosen.rows, chosen.outcomes, chosen.measured, chosen.rounds, chosen.seed)
    chosen.write.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
