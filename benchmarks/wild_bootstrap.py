"""The wild cluster bootstrap and exact placebo reassignment: this framework beside wildboottest, in one run.

The rows of `difference_in_differences`: one million answers, 12 organisations x 2 waves, 6 covariates. From the file, each
contestant ends with the p-value of the effect under restricted residuals, from all 4,096 sign vectors (wildboottest, asked for
9,999 draws, goes through these too). On kept evidence the scan is not repeated: ours starts from the sums, wildboottest from its
rows in memory. The placebo goes through all 924 ways to choose 6 pilots among 12 organisations.

    python -m benchmarks.wild_bootstrap [--rows 1000000] [--rounds 11] [--seed 20250120] [--write FILE]
"""

import argparse
import tempfile
import warnings
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.difference_in_differences import TERMS, answers, regressors, sums
from benchmarks.racing import commit, machine, median_of, race, table
from evaluation.evidence.moments import Moments
from evaluation.inference.bootstrap import BootstrapTest, wild_bootstrap
from evaluation.inference.design import Contrast, cell_columns, lift
from evaluation.inference.placebo import PlaceboTest, placebo
from evaluation.inference.unit_level import UnitLevel, changes
from evaluation.inference.variance import least_squares
from evaluation.terms import Design

PAGE = Path(__file__).with_suffix(".md")
SIX = Contrast("pilot - comparison", ("pilot",), ("comparison",))
DRAWS = 9_999
OURS, THEIRS = "ours", "wildboottest"


def on_sums(moments: Moments) -> BootstrapTest:
    """The bootstrap of the effect from 24 cells."""
    pilot = np.asarray(moments.cells["arm"] == "pilot", dtype=float)
    later = np.asarray(moments.cells["wave"] == "month_12", dtype=float)
    terms, columns = cell_columns(Design.DIFFERENCE_IN_DIFFERENCES, pilot, later)
    return wild_bootstrap(least_squares(lift(moments, columns, terms)))


def ours(file: Path) -> float:
    """From the file to p."""
    return on_sums(sums(file)).p_value


def model_of(frame: pd.DataFrame) -> Any:
    """statsmodels' model on arrays, as wildboottest takes it."""
    from statsmodels.regression.linear_model import OLS

    columns = frame[list(TERMS)].astype(float).assign(constant=1.0)
    return OLS(frame["score"].astype(float), columns)


def theirs(frame: pd.DataFrame) -> float:
    """wildboottest on rows in memory, whole-number clusters (its numba code takes no text)."""
    from wildboottest.wildboottest import wildboottest

    with warnings.catch_warnings(action="ignore"):  # it says that it goes through all sign vectors
        found = wildboottest(model_of(frame), param="effect", cluster=frame["cluster"], B=DRAWS, parallel=False, show=False)
    return float(found["p-value"].iloc[0])


def from_file(file: Path) -> float:
    """wildboottest from the file to p."""
    return theirs(regressors(pd.read_parquet(file)))


def units(moments: Moments) -> UnitLevel:
    """Organisations' changes, six of twelve taken as pilots."""
    chosen = sorted(set(moments.cells["unit"]))[:6]
    arms = moments.cells["unit"].isin(chosen).map({True: "pilot", False: "comparison"})
    return changes(Moments(moments.cells.assign(arm=arms), moments.names, moments.products, moments.centre), SIX,
                   Design.DIFFERENCE_IN_DIFFERENCES, "month_12")


def exact(level: UnitLevel) -> PlaceboTest:
    """All 924 placements, to p."""
    return placebo(level)


def interval(level: UnitLevel) -> tuple[float, float]:
    """The same, and the interval by inversion, for which weights are found anew at every shift."""
    found = exact(level)
    return found.conf_low, found.conf_high


def page(rows: int, seed: int, rounds: int) -> str:
    """Run everything and write it down as Markdown."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "answers.parquet"
        answers(rows, seed).to_parquet(file, index=False)
        whole = race({OURS: partial(ours, file), THEIRS: partial(from_file, file)}, rounds)
        kept, frame = sums(file), regressors(pd.read_parquet(file))
        after = race({OURS: partial(on_sums, kept), THEIRS: partial(theirs, frame)}, rounds)
        found, drawn = on_sums(kept), theirs(frame)
        level = units(kept)
    placed = race({"p": partial(exact, level), "interval": partial(interval, level)}, 10 * rounds)
    reassigned = {name: 1000 * median_of(laps).clock for name, laps in placed.items()}
    times = [median_of(one[THEIRS]).clock / median_of(one[OURS]).clock for one in (whole, after)]
    return "\n".join([
        "# Wild cluster bootstrap and exact placebo reassignment", "",
        f"{rows:,} rows, 12 organisations x 2 waves, 6 covariates; seed {seed}; commit {commit()}.", f"Machine: {machine()}.", "",
        f"Contestants take turns; medians of {rounds} after a first call, to the p-value. wildboottest has no interval.", "",
        *table(whole, "from file to p"), "", f"From the file wildboottest takes {times[0]:.0f} times as long.", "",
        *table(after, "on kept evidence or rows in memory, to p"), "",
        f"On kept evidence it takes {times[1]:.0f} times as long.", "",
        f"p, all {found.draws:,} sign vectors: {found.p_value:.4f} (ours), {drawn:.4f} (wildboottest).", "",
        f"Exact placebo, all {exact(level).placements} placements: {reassigned['p']:.1f} ms to p, "
        f"{reassigned['interval']:.1f} ms with the interval.", "",
    ])


def main(arguments: Sequence[str] | None = None) -> None:
    """Run, print, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.wild_bootstrap")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--seed", type=int, default=20250120)
    parser.add_argument("--write", type=Path, default=PAGE)
    chosen = parser.parse_args(arguments)
    text = page(chosen.rows, chosen.seed, chosen.rounds)
    chosen.write.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
