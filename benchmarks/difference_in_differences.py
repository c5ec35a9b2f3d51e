"""Difference-in-differences with errors for few organisations: this framework beside statsmodels and pyfixest, in one run.

One million made-up answers (12 organisations x 2 waves, 6 covariates) lie in a Parquet file. Every contestant starts from
that file and ends with the effect and its standard error; ours also ends with CR2 and Satterthwaite's degrees of freedom. The
contestants take turns, medians are compared, and only the ratios mean anything: seconds are this machine's on this day.

    python -m benchmarks.difference_in_differences [--rows 1000000] [--rounds 11] [--seed 20250120] [--write FILE]
"""

import argparse
import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from benchmarks.racing import commit, machine, race, table, timed
from evaluation.evidence.moments import Moments
from evaluation.evidence.scan import moments_of
from evaluation.inference.design import cell_columns, lift
from evaluation.inference.variance import Inference, infer, least_squares
from evaluation.terms import Design

COVARIATES = ("nurse", "manager", "night", "part_time", "age", "tenure")
TERMS = ("pilot", "follow_up", "effect", *COVARIATES)
PILOTS = 5
PAGE = Path(__file__).with_suffix(".md")


@dataclass(frozen=True)
class Result:
    """What a contestant found; `df` only where it has degrees of freedom of its own."""

    effect: float
    std_error: float
    df: float | None = None


def answers(rows: int, seed: int) -> pd.DataFrame:
    """Made-up staff answers: a score from 0 to 10 with organisation and organisation x wave effects, and a true effect of 0.2."""
    rng = np.random.default_rng(seed)
    organisation, later = rng.integers(0, 12, rows), rng.integers(0, 2, rows)
    pilot = organisation < PILOTS
    people = {name: rng.random(rows) < share for name, share in zip(COVARIATES[:4], (0.3, 0.1, 0.25, 0.4), strict=True)}
    numbers = {"age": rng.integers(18, 70, rows), "tenure": rng.integers(0, 40, rows)}
    latent = 6 + rng.normal(0, 0.4, 12)[organisation] + rng.normal(0, 0.1, (12, 2))[organisation, later] + 0.2 * pilot * later
    latent += 0.3 * people["manager"] - 0.2 * people["night"] + 0.01 * (numbers["age"] - 40) + rng.normal(0, 2, rows)
    frame = {"organisation": np.char.add("RX", organisation.astype(str)), "wave": np.where(later, "month_12", "baseline"),
             "arm": np.where(pilot, "pilot", "comparison"), **people, **numbers,
             "score": np.clip(np.rint(latent * 1.2), 0, 12) / 1.2}
    return pd.DataFrame(frame).astype(dict.fromkeys(COVARIATES, "int8"))


def sums(file: Path) -> Moments:
    """Our one scan: 24 cells."""
    return moments_of(file, "score", COVARIATES, unit="organisation", wave="wave", arm="arm", centre=5.0)


def estimate(moments: Moments, kind: str) -> Inference:
    """Everything after the scan."""
    pilot = np.asarray(moments.cells["arm"] == "pilot", dtype=float)
    later = np.asarray(moments.cells["wave"] == "month_12", dtype=float)
    terms, columns = cell_columns(Design.DIFFERENCE_IN_DIFFERENCES, pilot, later)
    return infer(least_squares(lift(moments, columns, terms)), kind)


def ours(file: Path) -> Result:
    """Scan, CR2 and Satterthwaite's degrees of freedom."""
    found = estimate(sums(file), "CR2")
    return Result(found.estimate, found.std_error, found.df)


def regressors(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns that a row-level regression needs, made from the file's."""
    pilot, later = (frame["arm"] == "pilot").astype("int8"), (frame["wave"] == "month_12").astype("int8")
    clusters = frame["organisation"].astype("category").cat.codes.astype("int64")
    return frame.assign(pilot=pilot, follow_up=later, effect=pilot * later, cluster=clusters)


def by_statsmodels(file: Path) -> Result:
    """statsmodels OLS on arrays (its fastest way) with its cluster-robust error."""
    import statsmodels.api as sm

    frame = regressors(pd.read_parquet(file))
    columns = np.column_stack([np.ones(len(frame)), frame[list(TERMS)].to_numpy(dtype=float)])
    fit = sm.OLS(frame["score"].to_numpy(), columns).fit(cov_type="cluster", cov_kwds={"groups": frame["cluster"].to_numpy()})
    return Result(float(fit.params[3]), float(fit.bse[3]))


def by_pyfixest(file: Path) -> Result:
    """pyfixest feols with CRV1, asked not to keep its data."""
    import pyfixest

    frame = regressors(pd.read_parquet(file))
    lean = {"copy_data": False, "store_data": False, "lean": True}
    fit = pyfixest.feols(f"score ~ {' + '.join(TERMS)}", data=frame, vcov={"CRV1": "cluster"}, **lean)
    return Result(float(fit.coef()["effect"]), float(fit.se()["effect"]))


def bare_scan(file: Path) -> Result:
    """DuckDB adding up the same columns on one thread and doing nothing with them: the floor under our scan."""
    numbers = [f"sum({name})" for name in (*COVARIATES, "score")]
    keys = [f"count({name})" for name in ("organisation", "wave", "arm")]
    with duckdb.connect(config={"threads": 1}) as engine:
        engine.execute(f"select {', '.join(numbers + keys)} from read_parquet(?)", [str(file)]).fetchall()
    return Result(float("nan"), float("nan"))


CONTESTANTS: dict[str, Callable[[Path], Result]] = {
    "ours, CR2 and Satterthwaite df": ours,
    "statsmodels, cluster-robust": by_statsmodels,
    "pyfixest, CRV1": by_pyfixest,
    "bare scan of the same columns": bare_scan,
}


def after_the_scan(file: Path, small: Path, rounds: int) -> tuple[float, float]:
    """Median seconds of everything after the scan, on the sums of all rows and of a fortieth of them."""
    kept = [sums(file), sums(small)]
    times = [[timed(partial(estimate, one, "CR2")).clock for one in kept] for _ in range(rounds * 10)]
    return statistics.median(first for first, _ in times), statistics.median(second for _, second in times)


def agreement(file: Path) -> list[str]:
    """How far our numbers are from the row-level ones; CR1S is the factor that both peers use."""
    mine, same = ours(file), estimate(sums(file), "CR1S")
    lines = [
        f"Effect {mine.effect:.6f}, CR2 standard error {mine.std_error:.6f}, {mine.df:.2f} degrees of freedom.",
        "Relative difference of moments from rows, with the small-sample factor that both peers use (CR1S):", "",
        "| against | effect | standard error |", "|---|---|---|",
    ]
    for name, run in (("statsmodels", by_statsmodels), ("pyfixest", by_pyfixest)):
        rows = run(file)
        lines.append(f"| {name} | {abs(same.estimate / rows.effect - 1):.0e} | {abs(same.std_error / rows.std_error - 1):.0e} |")
    return lines


def page(rows: int, seed: int, rounds: int) -> str:
    """Run everything and write it down as Markdown."""
    with tempfile.TemporaryDirectory() as folder:
        file, small = Path(folder) / "answers.parquet", Path(folder) / "fewer.parquet"
        answers(rows, seed).to_parquet(file, index=False)
        answers(rows // 40, seed).to_parquet(small, index=False)
        seconds = race({name: partial(run, file) for name, run in CONTESTANTS.items()}, rounds)
        (many, few), agreed = after_the_scan(file, small, rounds), agreement(file)
    return "\n".join([
        "# Difference-in-differences on rows in a Parquet file", "",
        f"{rows:,} rows, 12 organisations x 2 waves, 6 covariates; seed {seed}; commit {commit()}.", f"Machine: {machine()}.", "",
        f"Contestants take turns; medians of {rounds} after a first call. Compare ratios: seconds belong to this machine and to",
        "what else it was doing; processor time, over all threads, hardly depends on that.", "",
        *table(seconds), "",
        "After the scan (lift, CR2, degrees of freedom): "
        f"{1000 * many:.1f} ms, {many / few:.2f} times that of {rows // 40:,} rows.", "",
        *agreed, "",
    ])


def main(arguments: Sequence[str] | None = None) -> None:
    """Run, print, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.difference_in_differences")
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
