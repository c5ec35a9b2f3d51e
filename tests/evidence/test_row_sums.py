"""Sums of many outcomes with weights and gaps, against numpy on the rows one outcome at a time."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from evaluation.errors import DesignError
from evaluation.evidence import any_table, by_cell
from evaluation.evidence.moments import Moments
from evaluation.evidence.row_sums import AsTheyAre, row_sums
from evaluation.evidence.scan import many_moments, moments_of

N = 4000
OUTCOMES = ("q1", "q2", "q3")
BY = {"unit": "trust", "wave": "period"}


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    rng = np.random.default_rng(9)
    frame = pd.DataFrame(rng.integers(1, 6, (N, 3)).astype(float), columns=list(OUTCOMES)).mask(rng.random((N, 3)) < 0.1)
    frame["q3"] += rng.normal(0, 1, N)
    return frame.assign(
        trust=rng.choice(np.array(["A", "B", "C", None], dtype=object), N), period=rng.choice(["before", "after"], N),
        age=rng.integers(18, 70, N), hours=np.where(rng.random(N) < 0.05, np.nan, rng.normal(37, 5, N)),
        weight=np.where(rng.random(N) < 0.1, 0.0, rng.uniform(0.2, 3, N)), grade=rng.choice(["high", "low"], N),
    )


def brute(table: pd.DataFrame, cell: pd.Series, outcome: str, weights: np.ndarray) -> np.ndarray:
    """Sum of w u u' of the complete rows of a cell, row by row."""
    rows = table.assign(w=weights)[(table["trust"] == cell["unit"]) & (table["period"] == cell["wave"]) & (table["weight"] > 0)]
    rows = rows.dropna(subset=["age", "hours", outcome])
    u = np.column_stack([np.ones(len(rows)), rows["age"], rows["hours"], rows[outcome] - 3.0])
    return np.asarray(sum(w * np.outer(one, one) for w, one in zip(rows["w"], u, strict=True)))


def summed(table: object, weights: str | None = "weight") -> dict[str, Moments]:
    centres = dict.fromkeys(OUTCOMES, 3.0)
    return row_sums(table, AsTheyAre(("age", "hours")), OUTCOMES, by=BY, weights=weights, centres=centres)  # type: ignore[arg-type]


@pytest.mark.parametrize("short", [0, 10**9])
def test_weighted_sums_equal_those_of_complete_rows(table: pd.DataFrame, monkeypatch: pytest.MonkeyPatch, short: int) -> None:
    monkeypatch.setattr(by_cell, "SHORT", short)
    found = summed(table)
    w = table["weight"].to_numpy()
    for outcome in OUTCOMES:
        moments = found[outcome]
        assert moments.names == ("1", "age", "hours", outcome)
        assert moments.cells.to_numpy().tolist() == [[u, p] for u in "ABC" for p in ("after", "before")]
        assert moments.plain is not None
        assert moments.doubled is not None
        for place, (_, cell) in enumerate(moments.cells.iterrows()):
            assert moments.products[place] == pytest.approx(brute(table, cell, outcome, w), rel=1e-10)
            assert moments.plain[place] == pytest.approx(brute(table, cell, outcome, np.ones(N)), rel=1e-10)
            assert moments.doubled[place] == pytest.approx(brute(table, cell, outcome, w**2), rel=1e-10)


def test_sums_are_symmetric_to_the_bit(table: pd.DataFrame) -> None:
    for moments in summed(table).values():
        assert all((sums == np.swapaxes(sums, 1, 2)).all() for sums in moments.sums)


def test_outcomes_summed_together_are_those_summed_alone(table: pd.DataFrame) -> None:
    together = many_moments(table, OUTCOMES, ["age", "grade"], unit="trust", wave="period", weights="weight", centres={"q1": 3.0})
    alone = moments_of(table, "q1", ["age", "grade"], unit="trust", wave="period", weights="weight", centre=3.0)
    assert (together["q1"].names, together["q1"].centre) == (alone.names, alone.centre) == (("1", "grade=low", "age", "q1"), 3.0)
    for mine, theirs in zip(together["q1"].sums, alone.sums, strict=True):
        assert mine == pytest.approx(theirs, rel=1e-12, abs=1e-9)
    assert (together["q2"].n == moments_of(table[table["weight"] > 0], "q2", unit="trust", wave="period").n).all()


def test_whole_numbers_give_the_same_bits_in_any_order_and_in_batches_of_any_size(
    table: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = table.assign(q3=table["q3"].round(), hours=table["hours"].round(), weight=table["weight"].round())
    bits = set()
    for cells in (640, 9_990, 327_680):
        monkeypatch.setattr(any_table, "CELLS_AT_ONCE", cells)
        for seed in (1, 2):
            found = summed(whole.sample(frac=1, random_state=seed))
            bits.add(b"".join(sums.tobytes() for moments in found.values() for sums in moments.sums))
    assert len(bits) == 1


def test_threads_change_no_bit(table: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(any_table, "CELLS_AT_ONCE", 1_000)
    bits = set()
    for threads in (1, 2, 4, 4):
        monkeypatch.setattr(by_cell, "THREADS", threads)
        bits.add(b"".join(sums.tobytes() for moments in summed(table).values() for sums in moments.sums))
    assert len(bits) == 1


BITS = """
import hashlib, numpy as np, pandas as pd
from evaluation.evidence.scan import many_moments
rng = np.random.default_rng(0)
table = pd.DataFrame(rng.normal(size=(60_000, 20))).add_prefix("q").mask(rng.random((60_000, 20)) < 0.05)
found = many_moments(table.assign(u=rng.integers(0, 2, 60_000), x=rng.normal(size=60_000)), list(table), ["x"], unit="u")
print(hashlib.sha256(b"".join(moments.products.tobytes() for moments in found.values())).hexdigest())
"""


def test_threads_of_the_linear_algebra_change_no_bit() -> None:
    runs = [
        subprocess.run([sys.executable, "-c", BITS], env=os.environ | {"OPENBLAS_NUM_THREADS": threads}, capture_output=True, text=True)
        for threads in ("1", "2")
    ]
    assert [run.returncode for run in runs] == [0, 0]
    assert runs[0].stdout == runs[1].stdout


def test_every_kind_of_table_gives_the_same_bits(table: pd.DataFrame, tmp_path: Path) -> None:
    table.to_parquet(tmp_path / "table.parquet")
    engine = duckdb.connect(config={"threads": 1})
    relation = engine.from_arrow(pa.Table.from_pandas(table))
    kinds = [tmp_path / "table.parquet", table, pl.from_pandas(table), pa.Table.from_pandas(table), relation]
    assert len({summed(kind)["q3"].products.tobytes() for kind in kinds}) == 1


def test_rows_of_weight_zero_are_left_out(table: pd.DataFrame) -> None:
    kept = table[table["weight"] > 0]
    assert summed(table)["q1"].n.tolist() == summed(kept)["q1"].n.tolist()


@pytest.mark.parametrize(("values", "code", "said"), [
    ({"weight": [-1.0, np.nan, np.inf]}, "weights", "'weight' is missing, negative or infinite in 3 rows"),
    ({"q1": [np.inf, -np.inf, 1.0]}, "infinite", "'q1' is infinite in 2 rows"),
    ({"hours": [np.inf, 1.0, 1.0], "q2": [-np.inf, 1.0, 1.0]}, "infinite", "(?s)'hours' is infinite in 1 row.*'q2' is infinite in 1 row"),
])
def test_infinite_numbers_and_wrong_weights_are_counted(table: pd.DataFrame, values: dict[str, list[float]], code: str, said: str) -> None:
    broken = table.copy()
    whole = table.dropna().index[table.dropna()["weight"] > 0][:3]
    for name, numbers in values.items():
        broken.loc[whole, name] = numbers
    with pytest.raises(DesignError, match=said) as refusal:
        summed(broken)
    assert {problem.code for problem in refusal.value.problems} == {code}


def test_huge_numbers_are_not_taken_for_infinite_ones() -> None:
    table = pd.DataFrame({"u": ["A", "A"], "x": [1e150, 1e150], "y": [1e150, -1e150]})
    assert moments_of(table, "y", ["x"], unit="u").n.tolist() == [2]
    with pytest.raises(DesignError, match="too large to be squared"):
        moments_of(table.assign(y=1e200, w=1.0), "y", ["x"], unit="u", weights="w")


@pytest.mark.parametrize("empty", [pd.Series([None] * N, dtype=object), pd.Series([np.nan] * N)])
def test_an_outcome_that_nobody_answered_is_refused_or_has_no_cells(table: pd.DataFrame, empty: pd.Series) -> None:
    frame = table.assign(q1=empty)
    if empty.dtype == object:
        with pytest.raises(DesignError, match="'q1' is missing in every row"):
            many_moments(frame, OUTCOMES, unit="trust")
        return
    found = many_moments(frame, OUTCOMES, unit="trust")
    assert (len(found["q1"].cells), len(found["q2"].cells)) == (0, 3)


@pytest.mark.parametrize("weights", [None, "weight"])
def test_an_empty_table_has_no_cells(table: pd.DataFrame, weights: str | None) -> None:
    assert [len(moments.cells) for moments in summed(table[:0], weights).values()] == [0, 0, 0]


def test_one_unit_is_one_cell(table: pd.DataFrame) -> None:
    assert len(moments_of(table.assign(trust="A"), "q1", unit="trust").cells) == 1


@pytest.mark.parametrize("size", [10_000, 3])
def test_ten_thousand_units_are_ten_thousand_cells(size: int) -> None:
    rng = np.random.default_rng(size)
    table = pd.DataFrame({"u": np.arange(60_000) % size, "x": rng.integers(0, 5, 60_000), "y": rng.integers(1, 6, 60_000)})
    moments = moments_of(table, "y", ["x"], unit="u")
    expected = table.assign(xy=table["x"] * table["y"], u=table["u"].astype(str)).groupby("u")[["y", "xy"]].sum()
    assert moments.cells["unit"].tolist() == expected.index.tolist()
    assert moments.products[:, [0, 1], 2].tolist() == expected.to_numpy(dtype=float).tolist()


def test_more_combinations_of_keys_than_whole_numbers_hold_are_told_apart() -> None:
    rng = np.random.default_rng(2)
    keys = {f"k{place}": rng.permutation(5000) for place in range(6)}
    found = row_sums(pd.DataFrame({**keys, "y": 1.0}), AsTheyAre(()), ["y"], by=dict(zip(keys, keys, strict=True)))["y"]
    assert len(found.cells) == 5000
    assert {tuple(map(int, row)) for row in found.cells.to_numpy()} == set(zip(*(values.tolist() for values in keys.values()), strict=True))
