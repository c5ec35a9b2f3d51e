"""A random intercept for 220 organisations by restricted maximum likelihood: this framework beside lme4, in one run.

One million made-up answers of one wave, 8 regressors. Ours starts from a Parquet file and ends with the effect, its standard
error and Kenward and Roger's degrees of freedom; lme4's clock runs during `lmer` only, with its rows already in memory and no
degrees of freedom asked of it. They take turns, medians are compared, and only the ratio means anything.

    python -m benchmarks.random_effects [--rows 1000000] [--rounds 5] [--seed 20250120] [--write FILE]
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.racing import Seconds, commit, machine, median_of, table, timed
from evaluation.inference.random_effects import random_effects

ORGANISATIONS = 220
COVARIATES = ("nurse", "manager", "night", "part_time", "agency", "age", "tenure")
FORMULA = " + ".join(["score ~ pilot", *COVARIATES])
OURS, LME4 = "ours, from the file, with Kenward-Roger", "lme4, lmer alone"
PAGE = Path(__file__).with_suffix(".md")
LMER = """
arguments <- commandArgs(TRUE)
names <- strsplit(arguments[2], ",")[[1]]
values <- readBin(arguments[1], "double", n = file.size(arguments[1]) / 8)
frame <- as.data.frame(matrix(values, ncol = length(names), dimnames = list(NULL, names)))
frame$organisation <- factor(frame$organisation)
suppressPackageStartupMessages(library(lme4))
spent <- system.time(fit <- lmer(as.formula(paste(arguments[3], "+ (1 | organisation)")), frame))
found <- c(spent[["elapsed"]], spent[["user.self"]] + spent[["sys.self"]], fixef(fit)[["pilot"]],
           sqrt(vcov(fit)["pilot", "pilot"]), VarCorr(fit)$organisation[1], sigma(fit)^2)
cat(sprintf("%.17g", found), as.character(packageVersion("lme4")))
"""


@dataclass(frozen=True)
class Result:
    """What a contestant found: the effect of `pilot`, its standard error, and the variances."""

    effect: float
    std_error: float
    between: float
    residual: float


def answers(rows: int, seed: int) -> pd.DataFrame:
    """Made-up answers of one wave, half of the organisations pilots, with a true effect of 0.1."""
    rng = np.random.default_rng(seed)
    share = rng.dirichlet(np.full(ORGANISATIONS, 3.0))
    organisation = rng.choice(ORGANISATIONS, rows, p=share)
    people = {name: rng.random(rows) < part for name, part in zip(COVARIATES[:5], (0.3, 0.1, 0.25, 0.4, 0.05), strict=True)}
    numbers = {"age": rng.integers(18, 70, rows), "tenure": rng.integers(0, 40, rows)}
    pilot = organisation < ORGANISATIONS // 2
    mean = 3.6 + rng.normal(0, 0.15, ORGANISATIONS)[organisation] + 0.1 * pilot + 0.2 * people["manager"] - 0.1 * people["night"]
    frame = {"organisation": organisation, "pilot": pilot, **people, **numbers, "score": mean + rng.normal(0, 1.1, rows)}
    return pd.DataFrame(frame).astype(dict.fromkeys(("pilot", *COVARIATES), "int8") | {"organisation": "int16"})


def ours(file: Path) -> Result:
    """Scan, restricted maximum likelihood, Kenward-Roger."""
    fit = random_effects(FORMULA, file, groups=["organisation"])
    row = fit.tidy(df="satterthwaite").set_index("term").loc["pilot"]
    fit.tidy(df="kenward-roger")
    return Result(float(row["estimate"]), float(row["std_error"]), fit.variances["organisation"], fit.variances["residual"])


def by_lme4(rows: Path, columns: Sequence[str]) -> tuple[Seconds, Result, str]:
    """lmer on rows kept as doubles, column by column: its own seconds, what it found, and its version."""
    command = ["Rscript", "-e", LMER, str(rows), ",".join(columns), FORMULA]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    *numbers, version = done.stdout.split()
    clock, processor, *found = map(float, numbers)
    return Seconds(clock, processor), Result(*found), version


def differences(mine: Result, theirs: Result) -> list[str]:
    """Relative differences of the two fits."""
    rows = [
        f"| {name.replace('_', ' ')} | {value:.8f} | {getattr(theirs, name):.8f} | {abs(value / getattr(theirs, name) - 1):.0e} |"
        for name, value in vars(mine).items()
    ]
    return ["| figure | ours | lme4 | relative difference |", "|---|---|---|---|", *rows]


def page(rows: int, seed: int, rounds: int) -> str:
    """Run everything and write it down as Markdown."""
    with tempfile.TemporaryDirectory() as folder:
        file, plain, frame = Path(folder) / "answers.parquet", Path(folder) / "answers.double", answers(rows, seed)
        frame.to_parquet(file, index=False)
        frame.to_numpy(dtype=float).T.tofile(plain)
        columns = list(frame.columns)
        del frame
        seconds: dict[str, list[Seconds]] = {OURS: [], LME4: []}
        for _ in range(rounds + 1):
            seconds[OURS].append(timed(partial(ours, file)))
            spent, theirs, version = by_lme4(plain, columns)
            seconds[LME4].append(spent)
        mine = ours(file)
    first, second = (median_of(times).clock for times in seconds.values())
    return "\n".join([
        "# Random intercept by restricted maximum likelihood", "",
        f"{rows:,} rows, {ORGANISATIONS} organisations, 8 regressors; seed {seed}; commit {commit()}.",
        f"Machine: {machine()}, lme4 {version}.", "",
        f"They take turns; medians of {rounds} after a first call. Ours reads the Parquet file each time; lme4's rows are in",
        "memory before its clock starts, and no degrees of freedom are asked of it.", "",
        *table(seconds, "to the effect and its error"), "",
        f"lme4 takes {second / first:.0f} times as long.", "",
        *differences(mine, theirs), "",
    ])


def main(arguments: Sequence[str] | None = None) -> None:
    """Run, print, and write the page; without R nothing is written."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.random_effects")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=20250120)
    parser.add_argument("--write", type=Path, default=PAGE)
    chosen = parser.parse_args(arguments)
    if shutil.which("Rscript") is None:
        sys.exit("not run: Rscript is not on this machine; install r-base-core and r-cran-lme4.")
    text = page(chosen.rows, chosen.seed, chosen.rounds)
    chosen.write.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
