"""A history of waves, 5 million answers in 10 CSV files, into the store: this framework beside Polars, with peak memory.

Ours loads wave after wave as `pilot wave load` does: checked cell by cell, ids turned into pseudonyms, hashed, committed, and set
beside the waves before it. The peer is `polars.scan_csv(files).sink_parquet(file)`: types inferred or stated, nothing checked,
nothing hidden, one file. Every run is a process of its own, whose peak memory is told; its clock starts when imports are done.
Ours runs again with four times as many waves, and with waves four times as long: what memory depends on shows there. A long file
is one of a million rows, loaded beside another.

    python -m benchmarks.wave_history [--rows 5000000] [--memory-rows 5000000] [--waves 10] [--columns 20] [--rounds 3]
        [--seed 20250120] [--write FILE]
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import polars as pl

from benchmarks.racing import commit, machine, timed
from benchmarks.wave_files import make_study, waves, write_waves
from benchmarks.wave_in import parts
from benchmarks.wave_peers import types
from evaluation.study import Study
from evaluation.waves.arriving import Arriving
from evaluation.waves.load import load_wave

ORGANISATIONS = 220
TIMES = 4
"""How many times as many waves, or rows in a wave, the other runs of ours have."""
FASTEST, MOST_MEMORY, ALIKE = 1.3, 500.0, 0.10
"""Goals: seconds beside the peer's, MiB, and how far the peaks of the small and the large history may differ."""
LONG, LONG_SECONDS, LONG_MEMORY = 1_000_000, 60.0, 1024.0
"""Rows of one long file, and the goals of loading it: seconds, MiB."""
OURS, INFERRED, STATED = "ours", "Polars, types inferred", "Polars, types stated"
PAGE = Path(__file__).with_suffix(".md")


@dataclass(frozen=True)
class Run:
    """One process: seconds by the clock, of processor time, and the most memory it held, in MiB."""

    clock: float
    processor: float
    peak: float


def peak_memory() -> float:
    """The most memory that this process held since it began its program, in MiB.

    What `getrusage` tells of a process that was forked may be its parent's; Linux says it without that.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        held = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(held.split()[1]) / 2**10
    held_most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return held_most / (2**20 if sys.platform == "darwin" else 2**10)


def load_history(folder: Path, count: int) -> None:
    """Ours: every file in turn, into the study that stands beside them."""
    for wave in waves(count):
        load_wave(Study(folder / "study"), Arriving(folder / f"{wave}.csv", wave, "staff"), actor="benchmark")


def sink(folder: Path, count: int, columns: int, *, stated: bool) -> None:
    """The peer: all files as one table, straight into one Parquet file."""
    files = [folder / f"{wave}.csv" for wave in waves(count)]
    pl.scan_csv(files, schema=types(columns) if stated else None).sink_parquet(folder / "history.parquet")


def measure(contestant: str, folder: Path, count: int, columns: int) -> Run:
    """One contestant in this process, once."""
    if contestant == OURS:
        spent = timed(lambda: load_history(folder, count))
    else:
        spent = timed(lambda: sink(folder, count, columns, stated=contestant == STATED))
    return Run(spent.clock, spent.processor, peak_memory())


def in_own_process(contestant: str, folder: Path, count: int, columns: int) -> Run:
    """The same in a fresh process; ours into a new study, which holds nothing."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        place = Path(name)
        for file in folder.glob("*.csv"):
            (place / file.name).hardlink_to(file)
        make_study(place / "study", columns, count, ORGANISATIONS)
        command = [sys.executable, "-m", "benchmarks.wave_history", "--measure", contestant, "--folder", str(place)]
        command += ["--waves", str(count), "--columns", str(columns)]
        own = os.environ | {"PILOT_KEY_FILE": str(folder / "key" / "pilot.key")}
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1], env=own)
    return Run(**json.loads(done.stdout))


def raced(rows: int, count: int, columns: int, rounds: int, seed: int) -> dict[str, list[Run]]:
    """All contestants in turns on the same files."""
    runs: dict[str, list[Run]] = {OURS: [], INFERRED: [], STATED: []}
    with tempfile.TemporaryDirectory() as name:
        write_waves(Path(name), count, rows // count, columns, ORGANISATIONS, seed)
        for turn in range(rounds):
            names = list(runs)
            for contestant in names[turn % len(names) :] + names[: turn % len(names)]:
                runs[contestant].append(in_own_process(contestant, Path(name), count, columns))
    return runs


def alone(rows: int, count: int, columns: int, seed: int) -> Run:
    """Ours on other files, once."""
    with tempfile.TemporaryDirectory() as name:
        write_waves(Path(name), count, rows // count, columns, ORGANISATIONS, seed)
        return in_own_process(OURS, Path(name), count, columns)


def page(rows: int, memory_rows: int, count: int, columns: int, rounds: int, seed: int) -> str:
    """Run everything and write it down as Markdown."""
    runs = raced(rows, count, columns, rounds, seed)
    spent = costs(rows // count, columns, seed)
    small = alone(memory_rows, count, columns, seed)
    more = alone(TIMES * memory_rows, TIMES * count, columns, seed)
    longer = alone(TIMES * memory_rows, count, columns, seed)
    long = alone(2 * LONG, 2, columns, seed)
    return "\n".join([
        "# A history of waves", "",
        f"{rows:,} rows x {columns} columns in {count} CSV files, {ORGANISATIONS} organisations; seed {seed}; commit {commit()}.",
        f"Machine: {machine(('polars', 'deltalake', 'pyarrow'))}.", "",
        f"Fresh processes in turns; medians of {rounds}. Peak memory is of the whole process, libraries included.", "",
        *table(runs), "",
        *told_costs(spent, count, min(median(run.clock for run in runs[name]) for name in (INFERRED, STATED))), "",
        *memory(small, more, longer, memory_rows, count), *told_long(long), "",
    ])  # fmt: skip


def costs(rows: int, columns: int, seed: int) -> list[tuple[str, float]]:
    """The steps of ours on one wave, each on its own: medians of 2, in seconds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = write_waves(folder, 1, rows, columns, ORGANISATIONS, seed)[0]
        return parts(make_study(folder / "study", columns, 2, ORGANISATIONS), file, 2)


def told_costs(spent: Sequence[tuple[str, float]], count: int, peer: float) -> list[str]:
    """What each step costs over the whole history, beside all of the faster peer's time."""
    steps = [f"| {what} | {count * seconds:.1f} | {count * seconds / peer:.1f} |" for what, seconds in spent]
    return [
        "## What ours does with its time", "",
        f"Each step on one wave on its own, medians of 2, times {count} waves. The peer does none of them as ours does but the",
        "reading and Parquet: it reads numbers without asking whether they are answers, and keeps ids as they came.", "",
        "| step | seconds | x all of the faster peer |", "|---|---|---|",
        *steps,
    ]  # fmt: skip


def table(runs: Mapping[str, Sequence[Run]]) -> list[str]:
    """One line a contestant, and the goal of time."""
    head = "| from files to store | x ours | x ours, processor time | seconds | range | peak memory, MiB |"
    lines = [head, "|---|" + 5 * "---|"]
    clocks = {name: median(run.clock for run in some) for name, some in runs.items()}
    spent = {name: median(run.processor for run in some) for name, some in runs.items()}
    for name, some in runs.items():
        span = f"{min(run.clock for run in some):.1f} to {max(run.clock for run in some):.1f}"
        said = f"{clocks[name] / clocks[OURS]:.2f} | {spent[name] / spent[OURS]:.2f} | {clocks[name]:.1f} | {span}"
        lines.append(f"| {name} | {said} | {max(run.peak for run in some):,.0f} |")
    times = clocks[OURS] / min(clocks[INFERRED], clocks[STATED])
    met = "met" if times <= FASTEST else "missed"
    return [*lines, "", f"Ours takes {times:.1f} times as long as the faster peer; the goal is {FASTEST:g} times at most: {met}."]


def memory(small: Run, more: Run, longer: Run, rows: int, count: int) -> list[str]:
    """Peak memory of ours by how many waves there are and how long they are, and the goals of memory."""
    apart = abs(more.peak / small.peak - 1)
    grew = (longer.peak - small.peak) / ((TIMES - 1) * rows / count / 1e6)
    most = max(small.peak, more.peak, longer.peak)
    return [
        "## Memory of ours", "",
        "| history | rows in a wave | seconds | peak memory, MiB |", "|---|---|---|---|",
        f"| {rows:,} rows, {count} waves | {rows // count:,} | {small.clock:.1f} | {small.peak:,.0f} |",
        f"| {TIMES * rows:,} rows, {TIMES * count} waves | {rows // count:,} | {more.clock:.1f} | {more.peak:,.0f} |",
        f"| {TIMES * rows:,} rows, {count} waves | {TIMES * rows // count:,} | {longer.clock:.1f} | {longer.peak:,.0f} |", "",
        f"With {TIMES} times as many waves the peak differs by {100 * apart:.0f}% (goal: less than {100 * ALIKE:.0f}%: "
        f"{'met' if apart < ALIKE else 'missed'}); with waves {TIMES} times as long it grows by {grew:,.0f} MiB a million rows.",
        f"The goal of {MOST_MEMORY:.0f} MiB at any row count is {'met here' if most <= MOST_MEMORY else 'missed'}. Memory goes "
        "with the longest wave: a file is",
        "read, checked, put in order and hashed whole, so that all that is wrong with it is told at once.",
    ]  # fmt: skip


def told_long(run: Run) -> list[str]:
    """A file of a million rows beside another, and the goals of one."""
    met = "met" if run.clock / 2 <= LONG_SECONDS and run.peak <= LONG_MEMORY else "missed"
    return [
        f"Two files of {LONG:,} rows, one beside the other: {run.clock / 2:.1f} seconds each and {run.peak:,.0f} MiB at most "
        f"(goals: {LONG_SECONDS:g} seconds and {LONG_MEMORY:,.0f} MiB: {met})."
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run, print, and write the page; with --measure, only say what one run took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.wave_history")
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--memory-rows", type=int, default=5_000_000, help="of the smallest history whose memory is told")
    parser.add_argument("--waves", type=int, default=10)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=20250120)
    parser.add_argument("--write", type=Path, default=PAGE)
    parser.add_argument("--measure", choices=(OURS, INFERRED, STATED), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.measure:
        print(json.dumps(vars(measure(chosen.measure, chosen.folder, chosen.waves, chosen.columns))))
        return
    text = page(chosen.rows, chosen.memory_rows, chosen.waves, chosen.columns, chosen.rounds, chosen.seed)
    chosen.write.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
