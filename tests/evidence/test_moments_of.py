"""Moments of any table, against numpy on its rows."""

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from evaluation.errors import DesignError, MachineError, UsageError
from evaluation.evidence import any_table
from evaluation.evidence.moments import Moments
from evaluation.evidence.scan import moments_of

N = 3000


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    return pd.DataFrame({
        "trust": rng.choice(["A", "B", "C"], N), "period": rng.choice(["before", "after"], N), "treated": rng.integers(0, 2, N),
        "score": np.where(rng.random(N) < 0.05, np.nan, rng.normal(6, 2, N)), "age": rng.integers(18, 70, N).astype("int8"),
        "hours": np.where(rng.random(N) < 0.05, np.nan, rng.normal(37, 5, N)), "manager": rng.random(N) < 0.2,
        "grade": rng.choice(np.array(["high", "low", None], dtype=object), N),
    })


def summed(source: object) -> Moments:
    return moments_of(source, "score", ["age", "grade", "hours", "manager"], unit="trust", wave="period", arm="treated", centre=5.0)  # type: ignore[arg-type]


def test_sums_equal_those_of_complete_rows(table: pd.DataFrame) -> None:
    moments = summed(table)
    assert moments.names == ("1", "grade=low", "grade=not stated", "age", "hours", "manager", "score")
    data = table.dropna(subset=["score", "hours"])
    grade = data["grade"].fillna("not stated")
    u = np.column_stack([np.ones(len(data)), grade == "low", grade == "not stated", data["age"], data["hours"], data["manager"], data["score"] - 5.0])
    for (_, cell), products in zip(moments.cells.iterrows(), moments.products, strict=True):
        own = ((data["trust"] == cell["unit"]) & (data["period"] == cell["wave"]) & (data["treated"].astype(str) == cell["arm"])).to_numpy()
        assert products == pytest.approx((u[own].T @ u[own]).astype(float), rel=1e-12)
    assert moments.n.sum() == len(data)


def test_every_kind_of_table_gives_the_same_bytes(table: pd.DataFrame, tmp_path: Path) -> None:
    table.to_parquet(tmp_path / "table.parquet")
    kinds = [tmp_path / "table.parquet", str(tmp_path / "table.parquet"), table, pl.from_pandas(table), pa.Table.from_pandas(table)]
    assert len({summed(kind).products.tobytes() for kind in kinds}) == 1


def test_without_wave_and_arm_a_cell_is_a_unit(table: pd.DataFrame) -> None:
    moments = moments_of(table, "score", unit="trust")
    assert moments.cells["unit"].tolist() == ["A", "B", "C"]
    assert moments.means() == pytest.approx(table.groupby("trust")["score"].mean().to_numpy(), rel=1e-12)


def test_whole_numbers_are_summed_exactly() -> None:
    table = pd.DataFrame({"u": ["A"] * 3, "y": np.asarray([100, 101, 127], dtype="int8")})
    assert moments_of(table, "y", unit="u").products[0].tolist() == [[3, 328], [328, 100**2 + 101**2 + 127**2]]


def test_a_missing_column_is_named_with_the_nearest(table: pd.DataFrame) -> None:
    with pytest.raises(DesignError, match="did you mean 'hours'"):
        moments_of(table, "score", ["hour"], unit="trust")


def test_a_text_outcome_is_refused(table: pd.DataFrame) -> None:
    with pytest.raises(DesignError, match="'grade' is not a number"):
        moments_of(table, "grade", unit="trust")


def test_a_text_covariate_cannot_have_the_name_of_a_key(table: pd.DataFrame) -> None:
    with pytest.raises(DesignError, match="cannot be called role"):
        moments_of(table.rename(columns={"grade": "role"}), "score", ["role"], unit="trust")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no file"):
        moments_of(tmp_path / "none.parquet", "score", unit="trust")


def test_a_file_that_is_not_parquet_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "letter.parquet").write_text("Dear colleague, this is not a table.", encoding="utf-8")
    with pytest.raises(MachineError, match="could not be read"):
        moments_of(tmp_path / "letter.parquet", "score", unit="trust")


@pytest.mark.parametrize("units", [5, 30_000])
def test_long_tables_are_summed_in_batches_whatever_the_number_of_units(
    tmp_path: Path, units: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(any_table, "CELLS_AT_ONCE", 150_000)
    rng = np.random.default_rng(units)
    rows = 100_100
    names = pd.Series([None, *(f"u{k}" for k in range(units))], dtype="str")
    frame = pd.DataFrame({"u": pd.Categorical(names[rng.integers(0, units + 1, rows)]), "x": rng.integers(0, 9, rows), "y": rng.normal(0, 1, rows)})
    frame.to_parquet(tmp_path / "long.parquet", row_group_size=50_000)
    by_unit = frame.assign(xy=frame["x"] * frame["y"], yy=frame["y"] ** 2).groupby("u", observed=True)
    expected = by_unit[["y", "xy", "yy"]].sum()
    for source in (frame, tmp_path / "long.parquet"):
        moments = moments_of(source, "y", ["x"], unit="u")
        assert moments.cells["unit"].tolist() == sorted(expected.index)
        mine = pd.DataFrame(moments.products[:, :, 2], columns=["y", "xy", "yy"], index=moments.cells["unit"])
        assert np.abs(mine.to_numpy() - expected.loc[mine.index].to_numpy()).max() < 1e-9
        assert moments.n.sum() == frame["u"].notna().sum()


def test_whole_number_units_are_named_as_they_are_written() -> None:
    table = pd.DataFrame({"u": [12, 7, 12], "y": [1.0, 2.0, 3.0], "w": [True, False, True]})
    cells = moments_of(table, "y", unit="u", wave="w").cells
    assert cells[["unit", "wave"]].to_numpy().tolist() == [["12", "true"], ["7", "false"]]


def test_a_table_without_complete_rows_has_no_cells() -> None:
    assert len(moments_of(pd.DataFrame({"u": ["A"], "y": [np.nan]}), "y", unit="u").cells) == 0
    assert len(moments_of(pd.DataFrame({"u": pd.Series([], dtype="str"), "y": pd.Series([], dtype="float64")}), "y", unit="u").cells) == 0
