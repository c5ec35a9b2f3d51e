"""One incoming wave, 100,000 people and 60 columns of CSV: this framework beside Polars by hand, pandera and frictionless.

Two files, each a race of its own. One has 2,485 planted codes off their scales and 20 people twice: everybody ends with the full
list of cells and rows, and ours with a refusal that is in the log of acts. The other has no fault: everybody ends with checked
rows in a Parquet file (frictionless with a verdict alone, as it stores nothing), and ours with pseudonyms in place of ids, a hash
of every organisation's rows, a commit of Delta Lake, lines in the log of acts, and a copy of the file, all safe from a power cut.
Polars by hand is what an analyst would write who knows the file: types stated, one pass of checks. What each found is compared
cell by cell with what was planted.

    python -m benchmarks.wave_in [--rows 100000] [--columns 60] [--rounds 5] [--seed 20250120] [--write FILE]
"""

import argparse
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.racing import Seconds, commit, machine, median_of, race, table, timed
from benchmarks.wave_files import answers, make_study, waves, with_faults
from benchmarks.wave_peers import (
    ORGANISATIONS,
    Found,
    by_frictionless,
    by_hand,
    by_pandera,
    found_by_frictionless,
    pandera_schema,
    stored_by_hand,
    stored_by_pandera,
)
from evaluation.errors import WaveError
from evaluation.organisations.register import read_register
from evaluation.protocol.documents import read_documents
from evaluation.study import Study
from evaluation.waves.arriving import Arriving
from evaluation.waves.collect import collect, read_arrived
from evaluation.waves.load import load_wave
from evaluation.waves.people.keys import Key
from evaluation.waves.people.linkage import pseudonymise
from evaluation.waves.storage.compare import content_hashes, in_order
from evaluation.waves.storage.write import as_data_file, write

WAVE = waves(1)[0]
BAD, TWICE = 0.0248, 0.0002
"""Planted codes off their scales, and people twice, as shares of the rows."""
OURS, BY_HAND, PANDERA, FRICTIONLESS = "ours", "Polars by hand", "pandera on Polars", "frictionless"
GOALS = {BY_HAND: 1 / 1.2, PANDERA: 2.0, FRICTIONLESS: 20.0}
"""How many times as long as ours the others should take."""
PAGE = Path(__file__).with_suffix(".md")


def refusal_of(study: Study, file: Path) -> WaveError:
    """Ours of a faulty file: loading it is refused, which is an act in the log."""
    try:
        load_wave(study, Arriving(file, WAVE, "staff"), actor="benchmark")
    except WaveError as refusal:
        return refusal
    raise AssertionError("the file was to be refused")


def found_by_us(refusal: WaveError) -> Found:
    """The cells behind a refusal."""
    off = [cells for problem in refusal.problems if problem.code == "outside-scale" for cells in problem.cells]
    twice = [cells for problem in refusal.problems if problem.code == "duplicate-respondent" for cells in problem.cells]
    cells = frozenset((row - 2, one.column) for one in off for row in one.rows)
    return Found(cells, frozenset(row - 2 for one in twice for row in one.rows))


def compared(study: Study, file: Path, columns: int, planted: Found) -> list[str]:
    """Ours, Polars by hand and pandera beside what was planted, each as a line; raises where one of them missed a cell."""
    _, cells, others = by_hand(file, columns)
    failures = by_pandera(pandera_schema(columns), file, columns)
    off = failures.filter(pl.col("check").str.starts_with("in_range"))
    again = failures.filter(pl.col("check") == "multiple_fields_uniqueness")
    found = {
        OURS: found_by_us(refusal_of(study, file)),
        BY_HAND: Found(frozenset(cells.select("row", "column").iter_rows()), frozenset(others["row"].to_list())),
        PANDERA: Found(frozenset(off.select("index", "column").iter_rows()), frozenset(again["index"].to_list())),
    }
    for name, one in found.items():
        assert one == planted, f"{name} did not find what was planted"
    return [f"{name}: {len(one.cells):,} cells, {len(one.twice):,} rows" for name, one in found.items()]


@contextmanager
def own_key(folder: Path) -> Iterator[None]:
    """A key of the benchmark's own, never that of whoever runs it."""
    before = os.environ.get("PILOT_KEY_FILE")
    os.environ["PILOT_KEY_FILE"] = str(folder / "key" / "pilot.key")
    try:
        yield
    finally:
        if before is None:
            del os.environ["PILOT_KEY_FILE"]
        else:
            os.environ["PILOT_KEY_FILE"] = before


def parts(study: Study, file: Path, rounds: int) -> list[tuple[str, float]]:
    """What ours spends of its time on, each step on its own: medians in seconds."""
    documents, numbers = read_documents(study.root), count()
    register, key = read_register(documents), Key(b"k" * 32)
    cells = read_arrived(file, None)
    collected = collect(documents, register, file, wave=WAVE, population="staff", table=cells)
    hidden = in_order(pseudonymise(collected.frame, key, documents.protocol, "staff"))
    data = as_data_file(hidden, WAVE, "part")
    steps: dict[str, Callable[[], object]] = {
        "read the file, its records, quotation marks and width checked": lambda: read_arrived(file, None),
        "check every cell, turn text into numbers": lambda: collect(
            documents, register, file, wave=WAVE, population="staff", table=cells
        ),
        "pseudonyms: HMAC-SHA-256 of every id": lambda: pseudonymise(collected.frame, key, documents.protocol, "staff"),
        "put rows in the order of pseudonyms, which says nothing of who came when": lambda: in_order(
            pseudonymised(collected.frame, hidden)
        ),
        "SHA-256 of every organisation's rows": lambda: content_hashes(hidden),
        "Parquet with zstd and page checksums": lambda: as_data_file(hidden, WAVE, "part"),
        "its SHA-256, and writing it so that it survives a power cut": lambda: (
            data.sha256,
            write(study.root / f"part-{next(numbers)}", data.content),
        ),
    }
    found = [(what, median_of([timed(step) for _ in range(rounds + 1)]).clock) for what, step in steps.items()]
    for left in study.root.glob("part-*"):
        left.unlink()
    return found


def pseudonymised(rows: pl.DataFrame, hidden: pl.DataFrame) -> pl.DataFrame:
    """The rows with the pseudonyms of `hidden`, shuffled, so that there is an order to make."""
    return rows.with_columns(respondent=hidden["respondent"].sample(fraction=1.0, shuffle=True, seed=1))


def verdicts(seconds: Mapping[str, Sequence[Seconds]]) -> list[str]:
    """One line a peer: how long it takes beside ours, the goal, and whether it is met."""
    ours = median_of(seconds[OURS]).clock
    lines = ["| peer | time of the peer / ours | goal | |", "|---|---|---|---|"]
    for name, times in seconds.items():
        known = next((goal for peer, goal in GOALS.items() if name.startswith(peer)), None)
        if known is not None:
            ratio = median_of(times).clock / ours
            met = "met" if ratio >= known else f"missed: {known / ratio:.1f} times too slow"
            lines.append(f"| {name} | {ratio:.2f} | at least {known:.2f} | {met} |")
    return lines


def page(rows: int, columns: int, rounds: int, slow_rounds: int, seed: int) -> str:
    """Run everything and write it down as Markdown."""
    with tempfile.TemporaryDirectory() as name, own_key(Path(name)):
        folder = Path(name)
        good, faulty, target = folder / "good.csv", folder / "faulty.csv", folder / "stored.parquet"
        frame = answers(rows, columns, 0, ORGANISATIONS, seed)
        bad, twice = max(round(BAD * rows) + 5, 1), max(round(TWICE * rows), 1)
        spoiled, cells = with_faults(frame, bad, twice, seed)
        again = spoiled.select("organisation", "respondent").is_duplicated().arg_true().to_list()
        planted = Found(frozenset(cells), frozenset(again))
        frame.write_csv(good)
        spoiled.write_csv(faulty)
        study = make_study(folder / "study", columns, 2, ORGANISATIONS)
        schema, numbers = pandera_schema(columns), count()
        agreed = compared(study, faulty, columns, planted)
        listed = race(
            {
                OURS: partial(refusal_of, study, faulty),
                BY_HAND: partial(by_hand, faulty, columns),
                PANDERA: partial(by_pandera, schema, faulty, columns),
            },
            rounds,
        )
        stored = race(
            {
                OURS: lambda: _load_anew(folder / f"study-{next(numbers)}", study, good),
                BY_HAND: partial(stored_by_hand, good, columns, target),
                PANDERA: partial(stored_by_pandera, schema, good, columns, target),
            },
            rounds,
        )
        errors: list[Any] = []
        slow = f"{FRICTIONLESS}, its first call and {slow_rounds} more, after the others"
        listed[slow] = [timed(lambda: errors.append(by_frictionless(faulty, columns))) for _ in range(slow_rounds + 1)]
        stored[slow] = [timed(lambda: by_frictionless(good, columns)) for _ in range(slow_rounds + 1)]
        theirs = found_by_frictionless(errors[-1])
        assert theirs.cells == planted.cells, "frictionless did not find the planted cells"
        spent = parts(study, good, rounds)
        sizes = (good.stat().st_size / 1e6, len(planted.cells), twice)
    return _written(rows, columns, rounds, seed, sizes, listed, stored, spent, agreed)


def _load_anew(place: Path, study: Study, file: Path) -> None:
    """A load into a study without waves; making the study is in ours' time, and takes a few milliseconds."""
    shutil.copytree(study.root, place, ignore=shutil.ignore_patterns("store", "inbox", "audit*"))
    load_wave(Study(place), Arriving(file, WAVE, "staff"), actor="benchmark")
    shutil.rmtree(place)


def _written(
    rows: int,
    columns: int,
    rounds: int,
    seed: int,
    sizes: tuple[float, int, int],
    listed: Mapping[str, Sequence[Seconds]],
    stored: Mapping[str, Sequence[Seconds]],
    spent: Sequence[tuple[str, float]],
    agreed: Sequence[str],
) -> str:
    size, bad, twice = sizes
    base = median_of(stored[BY_HAND]).clock
    costs = [f"| {what} | {seconds:.3f} | {seconds / base:.1f} |" for what, seconds in spent]
    return "\n".join([
        "# One incoming wave", "",
        f"{rows:,} rows x {columns} columns of CSV ({size:.1f} MB), {ORGANISATIONS} organisations; seed {seed};",
        f"commit {commit()}.",
        f"Machine: {machine(('polars', 'pandera', 'frictionless', 'deltalake', 'pyarrow'))}.", "",
        f"Contestants take turns; medians of {rounds} after a first call. Every contestant found the same of what was planted",
        f"({'; '.join(agreed)}; frictionless the same cells, and the later row of each pair). Polars by hand and pandera",
        "read whole numbers from the start: a word in place of a code would end them before they list anything. Ours names it.",
        "",
        f"## A file with {bad:,} codes off their scales and {twice} people twice, to the full list", "",
        *table(listed, "from file to list"), "",
        *verdicts(listed), "",
        "## A file without a fault, to rows that are stored", "",
        *table(stored, "from file to store"), "",
        *verdicts(stored), "",
        "## What ours does with its time", "",
        "Each step on its own, medians; the rest is reading documents, the copy of the file, Delta Lake's commit, the log of",
        "acts, and comparing the wave with those before it. The peers do none of what is below the second line but Parquet.", "",
        "| step | seconds | x all of Polars by hand |", "|---|---|---|",
        *costs, "",
    ])  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Run, print, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.wave_in")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--columns", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--slow-rounds", type=int, default=1, help="turns of frictionless")
    parser.add_argument("--seed", type=int, default=20250120)
    parser.add_argument("--write", type=Path, default=PAGE)
    chosen = parser.parse_args(arguments)
    text = page(chosen.rows, chosen.columns, chosen.rounds, chosen.slow_rounds, chosen.seed)
    chosen.write.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
