"""The benchmark measures the same quantity on both sides: statsmodels on the rows is the reference."""

import math
from pathlib import Path

import pytest

from benchmarks.difference_in_differences import CONTESTANTS, answers, bare_scan, by_statsmodels, estimate, ours, sums
from benchmarks.racing import Seconds, table


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bench") / "answers.parquet"
    answers(6000, seed=1).to_parquet(path, index=False)
    return path


def test_moments_give_the_effect_and_error_that_rows_give(file: Path) -> None:
    rows, moments = by_statsmodels(file), estimate(sums(file), "CR1S")
    assert moments.estimate == pytest.approx(rows.effect, rel=1e-10)
    assert moments.std_error == pytest.approx(rows.std_error, rel=1e-10)


def test_ours_ends_with_degrees_of_freedom_for_few_organisations(file: Path) -> None:
    df = ours(file).df
    assert df is not None
    assert 1 < df < 11


def test_the_bare_scan_reads_the_file_and_claims_no_number(file: Path) -> None:
    found = bare_scan(file)
    assert math.isnan(found.effect) and math.isnan(found.std_error)


def test_the_table_is_in_multiples_of_ours_without_the_first_call() -> None:
    seconds = {name: [Seconds(9.0, 9.0), Seconds(k + 1.0, 1.0), Seconds(k + 1.0, 1.0)] for k, name in enumerate(CONTESTANTS)}
    assert [line.split(" | ")[1] for line in table(seconds)[2:]] == ["1.0", "2.0", "3.0", "4.0"]
    assert {line.split(" | ")[2] for line in table(seconds)[2:]} == {"1.0"}
