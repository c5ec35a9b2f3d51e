"""The benchmark of an incoming wave compares like with like: whoever is timed has found the planted cells and nothing else."""

from pathlib import Path

import polars as pl
import pytest

from benchmarks import wave_in as bench
from benchmarks.racing import Seconds
from benchmarks.wave_files import answers, items, make_study, with_faults
from benchmarks.wave_peers import (
    Found,
    by_frictionless,
    by_hand,
    by_pandera,
    found_by_frictionless,
    pandera_schema,
    stored_by_hand,
)
from evaluation.study import Study
from evaluation.waves import store
from evaluation.waves.arriving import Arriving
from evaluation.waves.load import load_wave
from evaluation.waves.storage.read import read_rows

COLUMNS = 8


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    return answers(400, COLUMNS, 0, bench.ORGANISATIONS, seed=1)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return make_study(tmp_path / "study", COLUMNS, 2, bench.ORGANISATIONS)


@pytest.fixture
def faulty(tmp_path: Path, frame: pl.DataFrame) -> tuple[Path, Found]:
    spoiled, cells = with_faults(frame, bad=11, twice=2, seed=1)
    spoiled.write_csv(tmp_path / "faulty.csv")
    twice = spoiled.select("organisation", "respondent").is_duplicated().arg_true().to_list()
    return tmp_path / "faulty.csv", Found(frozenset(cells), frozenset(twice))


def test_ours_and_polars_by_hand_list_every_planted_cell_and_row(study: Study, faulty: tuple[Path, Found]) -> None:
    file, planted = faulty
    assert (len(planted.cells), len(planted.twice)) == (11, 4)
    assert bench.found_by_us(bench.refusal_of(study, file)) == planted
    _, cells, others = by_hand(file, COLUMNS)
    assert Found(frozenset(cells.select("row", "column").iter_rows()), frozenset(others["row"].to_list())) == planted


def test_pandera_lists_them_too(faulty: tuple[Path, Found]) -> None:
    pytest.importorskip("pandera.polars", reason="pandera comes with the extra 'bench'")
    file, planted = faulty
    failures = by_pandera(pandera_schema(COLUMNS), file, COLUMNS)
    off = failures.filter(pl.col("check").str.starts_with("in_range"))
    assert frozenset(off.select("index", "column").iter_rows()) == planted.cells
    assert failures.height == len(planted.cells) + len(planted.twice)


def test_frictionless_lists_them_too(faulty: tuple[Path, Found]) -> None:
    pytest.importorskip("frictionless", reason="frictionless comes with the extra 'bench'")
    file, planted = faulty
    found = found_by_frictionless(by_frictionless(file, COLUMNS))
    assert found.cells == planted.cells and found.twice < planted.twice


def test_what_is_stored_is_the_answers_of_the_file_by_both(study: Study, frame: pl.DataFrame, tmp_path: Path) -> None:
    frame.write_csv(tmp_path / "good.csv")
    load_wave(study, Arriving(tmp_path / "good.csv", bench.WAVE, "staff"), actor="a test")
    stored_by_hand(tmp_path / "good.csv", COLUMNS, tmp_path / "by_hand.parquet")
    ours, theirs = read_rows(store.responses(study, "staff").files), pl.read_parquet(tmp_path / "by_hand.parquet")
    keys = ["organisation", "answered_on", "staff_group", *items(COLUMNS)]
    same = [rows.select(pl.col(keys[:3]), pl.col(keys[3:]).cast(pl.Float64)).sort(keys) for rows in (ours, theirs)]
    assert same[0].equals(same[1])
    assert not set(ours["respondent"]) & set(theirs["respondent"])


def test_a_goal_is_met_or_missed_by_the_ratio_of_medians() -> None:
    once = {bench.OURS: 1.0, bench.BY_HAND: 0.5, bench.PANDERA: 2.5, bench.FRICTIONLESS: 19.0}
    lines = bench.verdicts({name: [Seconds(9.0, 9.0), Seconds(one, one)] for name, one in once.items()})
    assert [line.split(" | ")[3] for line in lines[2:]] == [
        "missed: 1.7 times too slow |",
        "met |",
        "missed: 1.1 times too slow |",
    ]
