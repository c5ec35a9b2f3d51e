"""The benchmark of a history loads what it says, and tells peaks of memory that are those of its own processes."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from benchmarks import wave_history as bench
from benchmarks.wave_files import make_study, write_waves
from evaluation.study import Study
from evaluation.waves import store
from evaluation.waves.storage.read import read_rows

COLUMNS, WAVES = 7, 2


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_waves(tmp_path, WAVES, 500, COLUMNS, bench.ORGANISATIONS, seed=1)
    return tmp_path


def test_ours_and_the_peer_end_with_the_same_answers(folder: Path) -> None:
    make_study(folder / "study", COLUMNS, WAVES, bench.ORGANISATIONS)
    bench.load_history(folder, WAVES)
    ours = read_rows(store.responses(Study(folder / "study"), "staff").files)
    for stated in (True, False):
        bench.sink(folder, WAVES, COLUMNS, stated=stated)
        theirs = pl.read_parquet(folder / "history.parquet")
        assert theirs.height == ours.height == 1000
        totals = [rows.select(pl.col("^q.*$").sum().cast(pl.Float64)).row(0) for rows in (ours, theirs)]
        assert totals[0] == totals[1]


def test_time_and_memory_are_those_of_a_process_of_its_own(folder: Path) -> None:
    run = bench.in_own_process(bench.STATED, folder, WAVES, COLUMNS)
    assert run.clock > 0
    assert 50 < run.peak < 600
    assert not (folder / "history.parquet").exists()


def test_the_peak_holds_what_was_let_go_of() -> None:
    held = np.ones(50_000_000)
    size = held.nbytes / 2**20
    del held
    assert bench.peak_memory() > size


def test_the_goals_of_memory_are_told_as_they_came_out() -> None:
    small = bench.Run(1.0, 1.0, 400.0)
    met = "\n".join(bench.memory(small, bench.Run(4.0, 4.0, 430.0), bench.Run(4.0, 4.0, 499.0), 5_000_000, 10))
    missed = "\n".join(bench.memory(small, bench.Run(4.0, 4.0, 450.0), bench.Run(4.0, 4.0, 550.0), 5_000_000, 10))
    assert "differs by 7% (goal: less than 10%: met)" in met and "500 MiB at any row count is met here" in met
    assert "differs by 12% (goal: less than 10%: missed)" in missed and "500 MiB at any row count is missed" in missed
    assert "grows by 100 MiB a million rows" in missed


def test_the_cost_of_every_step_is_that_of_all_waves_beside_the_peer() -> None:
    spent = bench.costs(300, COLUMNS, seed=1)
    assert len(spent) == 7 and all(seconds > 0 for _, seconds in spent)
    assert bench.told_costs([("pseudonyms", 2.0)], 10, 5.0)[-1] == "| pseudonyms | 20.0 | 4.0 |"
