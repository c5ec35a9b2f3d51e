"""Parquet files: plain cells as text, and torn, flipped, lying, locked or strange files refused by name."""

import io
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from evaluation.errors import WaveError
from evaluation.waves.readers import read_file
from evaluation.waves.readers.limits import CELL_LIMIT

PLAIN = pa.table({
    "q": pa.array([1, 2, None], pa.int8()), "x": [1.0, 2.5, float("nan")], "t": ["007", " a ", ""], "d": [date(2025, 3, 14), None, None],
    "when": [datetime(2025, 3, 14, 9, 30), datetime(2025, 3, 15), None], "b": [True, False, None],
    "g": pa.array(["north", "south", "north"]).dictionary_encode(), "n": pa.nulls(3),
})  # fmt: skip


def written(path: Path, table: pa.Table = PLAIN, **how: object) -> Path:
    pq.write_table(table, path, **({"write_page_checksum": True} | how))
    return path


def code(path: Path) -> str:
    with pytest.raises(WaveError) as caught:
        read_file(path)
    problem = caught.value.problems[0]
    assert problem.where and problem.fix
    return problem.code


def test_numbers_days_flags_and_categories_come_as_a_person_would_write_them(tmp_path: Path) -> None:
    table = read_file(written(tmp_path / "a.parquet"))
    assert table.frame.rows() == [
        ("1", "1", "007", "2025-03-14", "2025-03-14 09:30:00", "TRUE", "north", None),
        ("2", "2.5", "a", None, "2025-03-15", "FALSE", "south", None),
        (None, None, None, None, None, None, "north", None),
    ]
    assert table.rows.to_list() == [2, 3, 4] and table.notes == ()


def test_a_file_without_page_checksums_is_read_with_a_note(tmp_path: Path) -> None:
    table = read_file(written(tmp_path / "a.parquet", write_page_checksum=False))
    assert "its pages carry no checksums" in table.notes[0]


@pytest.mark.parametrize("compression", ["none", "snappy", "zstd"])
def test_a_bit_flipped_in_any_byte_of_a_page_is_noticed(tmp_path: Path, compression: str) -> None:
    """Every byte before the file's own description is a page or its header."""
    path = written(tmp_path / "a.parquet", PLAIN.select(["q", "t"]), compression=compression)
    data, whole = path.read_bytes(), read_file(path).frame
    described = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    for place in range(4, described):
        path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        try:
            assert read_file(path).frame.equals(whole), f"byte {place} changed an answer unseen"
        except WaveError as error:
            assert error.problems[0].code in {"checksum", "parquet-damaged", "truncated", "not-this-format"}


@pytest.mark.parametrize(("change", "expected"), [
    (lambda data: data[:-20], "truncated"), (lambda data: data[: len(data) // 2], "truncated"), (lambda data: b"PAR2" + data[4:], "not-this-format"),
    (lambda data: data[:-4] + b"PARE", "truncated"), (lambda data: b"PARE" + data[4:], "not-this-format"),
    (lambda data: data[:-8] + (2**31 - 1).to_bytes(4, "little") + b"PAR1", "parquet-damaged"), (lambda data: b"a,b\n1,2\n", "not-this-format"),
])  # fmt: skip
def test_a_torn_locked_or_renamed_file_is_refused(tmp_path: Path, change: Callable[[bytes], bytes], expected: str) -> None:
    path = written(tmp_path / "a.parquet")
    path.write_bytes(change(path.read_bytes()))
    assert code(path) == expected


def test_a_lying_row_count_is_refused(tmp_path: Path) -> None:
    """The count stands in the file's description as a zigzag number: field 3 of FileMetaData, after its version and schema."""
    path = written(tmp_path / "a.parquet", pa.table({"q": list(range(50))}))
    data = path.read_bytes()
    assert data.count(b"\x16\x64\x19") == 1
    path.write_bytes(data.replace(b"\x16\x64\x19", b"\x16\x66\x19"))
    assert code(path) == "truncated"


@pytest.mark.parametrize("column", [
    pa.array([[1], [2]]), pa.array([{"a": 1}, {"a": 2}]), pa.array([b"\x80\x04", b"x"]), pa.array([b"0" * 16] * 2, pa.uuid()),
    pa.array(["{}", "[]"], pa.json_(pa.string())),
])  # fmt: skip
def test_columns_that_hold_more_than_one_value_or_an_extension_are_refused_by_name(tmp_path: Path, column: pa.Array) -> None:
    path = written(tmp_path / "a.parquet", pa.table({"fine": [1, 2], "odd": column}))
    with pytest.raises(WaveError, match="1 column holds") as caught:
        read_file(path)
    assert caught.value.problems[0].code == "not-plain-cells" and "'odd'" in str(caught.value)


def test_more_cells_than_are_read_are_refused_from_the_description(tmp_path: Path) -> None:
    rows = CELL_LIMIT // 100 + 1
    path = written(tmp_path / "a.parquet", pa.table({f"c{k}": pa.nulls(rows) for k in range(100)}))
    assert path.stat().st_size < 1_000_000
    assert code(path) == "file-too-large"


def test_a_table_without_rows_keeps_its_columns(tmp_path: Path) -> None:
    assert read_file(written(tmp_path / "a.parquet", PLAIN.slice(0, 0))).frame.shape == (0, 8)


def test_text_that_is_no_utf8_is_refused(tmp_path: Path) -> None:
    bad = pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"\xff\xfe")])
    assert code(written(tmp_path / "a.parquet", pa.table({"t": bad}))) == "parquet-damaged"


def test_what_pandas_writes_is_read_back(tmp_path: Path) -> None:
    frame = pd.DataFrame({"respondent": ["a", "b"], "lived_1": [4, 5]})
    stream = io.BytesIO()
    frame.to_parquet(stream)
    (tmp_path / "a.parquet").write_bytes(stream.getvalue())
    assert read_file(tmp_path / "a.parquet").frame.rows() == [("a", "4"), ("b", "5")]


def test_a_real_table_of_91244_scores_is_read(shared_data: Callable[[str], Path]) -> None:
    """Source of the shape: the data's own description."""
    table = read_file(shared_data("civil_service_people_survey_2009_2019") / "csps_organisation_scores_2009_2019_long.parquet")
    assert table.frame.shape == (91_244, 6)
