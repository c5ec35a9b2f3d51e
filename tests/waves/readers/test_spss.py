"""SPSS files: codes as text, labels and user-missing values kept, and whatever is damaged, lying or renamed refused by name."""

import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from evaluation.errors import WaveError
from evaluation.protocol.mapping import FileForm
from evaluation.waves.readers import read_file

FRAME = pd.DataFrame({"q": [1.0, 2.0, None, 9.0, 7.0], "x": [0.5, 1.0, 2.0, None, 97.0], "t": ["007", "", "b", "c", "d"]})


def written(path: Path, frame: pd.DataFrame = FRAME, **how: object) -> Path:
    pyreadstat.write_sav(frame, str(path), **how)
    return path


def code(path: Path, form: FileForm | None = None) -> str:
    with pytest.raises(WaveError) as caught:
        read_file(path, form)
    problem = caught.value.problems[0]
    assert problem.where and problem.fix
    return problem.code


@pytest.mark.parametrize("compressed", [False, True])
def test_codes_labels_and_user_missing_values_are_kept(tmp_path: Path, compressed: bool) -> None:
    path = written(
        tmp_path / ("a.zsav" if compressed else "a.sav"), compress=compressed, column_labels={"q": "Colleagues act on our values"},
        variable_value_labels={"q": {1: "Disagree", 2: "Agree", 9: "Refused"}}, missing_ranges={"q": [9, 7], "x": [{"lo": 90, "hi": 99}]},
    )  # fmt: skip
    table = read_file(path)
    assert table.frame.rows() == [("1", "0.5", "007"), ("2", "1", None), (None, "2", "b"), ("9", None, "c"), ("7", "97", "d")]
    assert table.rows.to_list() == [2, 3, 4, 5, 6]
    assert table.labels == {"q": "Colleagues act on our values"}
    assert table.value_labels["q"] == {"1": "Disagree", "2": "Agree", "9": "Refused"}
    assert {name: set(codes) for name, codes in table.missing.items()} == {"q": {"9", "7"}, "x": {"97"}}


def test_days_and_times_are_written_iso_and_a_quarter_by_its_first_day(shared_data: Callable[[str], Path]) -> None:
    """Source of the values: the same file's test in its own project reads 1960-01-01 and 10:10:10."""
    table = read_file(shared_data("format_spss") / "sample.sav")
    assert table.frame["mydate"].to_list() == ["2018-05-06", "1880-05-06", "1960-01-01", "1583-01-01", None]
    assert table.frame["dtime"].to_list()[:3] == ["2018-05-06 10:10:10", "1880-05-06 10:10:10", "1960-01-01"]
    assert table.frame["mytime"].to_list()[0] == "10:10:10"
    assert read_file(shared_data("format_spss") / "simple_alltypes.sav").frame["quarter"].unique().sort().to_list() == [
        "2014-10-01",
        "2015-01-01",
    ]


def test_a_portable_file_and_its_conversion_hold_the_same_answers(shared_data: Callable[[str], Path]) -> None:
    """The conversion was made by another program run; 662 people and 67 variables are the data's own description."""
    folder = shared_data("format_spss")
    portable, system = read_file(folder / "nes1948.por"), read_file(folder / "nes1948.sav")
    assert portable.frame.shape == (662, 67) and len(portable.value_labels) == 63
    assert portable.frame.equals(system.frame) and portable.value_labels == system.value_labels
    assert "which codes mean no answer is not read" in portable.notes[0]


def test_boxes_of_one_question_are_named_together(shared_data: Callable[[str], Path]) -> None:
    notes = read_file(shared_data("format_spss") / "simple_alltypes.sav").notes
    assert "bool1, bool2, bool3 are the boxes of one question, mymrset (My multiple response set)" in notes


def test_text_in_another_encoding_than_stated_is_refused_and_read_when_declared(tmp_path: Path) -> None:
    path = written(tmp_path / "a.sav", pd.DataFrame({"t": ["Sant\u00e9 X"]}))
    data = path.read_bytes()
    path.write_bytes(data.replace("\u00e9 X".encode(), b"\xe9 X "))
    assert code(path) == "encoding"
    assert read_file(path, FileForm(format="spss", encoding="cp1252")).frame["t"].to_list() == ["Sant\u00e9 X"]
    assert code(path, FileForm(format="spss", encoding="klingon")) == "encoding"


def test_a_file_cut_anywhere_is_refused_by_name(tmp_path: Path) -> None:
    frame = pd.DataFrame({"q": [float(k % 5) for k in range(200)], "t": [f"text {k}" for k in range(200)]})
    for ending in ("sav", "zsav"):
        data = written(tmp_path / f"whole.{ending}", frame, compress=ending == "zsav").read_bytes()
        for share in (0.1, 0.5, 0.9, 0.99):
            (tmp_path / f"cut.{ending}").write_bytes(data[: int(len(data) * share)])
            assert code(tmp_path / f"cut.{ending}") in {"spss-damaged", "truncated", "encoding"}, (ending, share)


def test_a_lying_number_of_rows_is_refused_before_the_cells_are_read(tmp_path: Path) -> None:
    """The number of cases stands at byte 80 of a system file."""
    path = written(tmp_path / "a.sav")
    data = bytearray(path.read_bytes())
    struct.pack_into("<i", data, 80, 2**31 - 1)
    path.write_bytes(data)
    assert code(path) == "file-too-large"
    for rows in (4, 6):
        struct.pack_into("<i", data, 80, rows)
        path.write_bytes(data)
        with pytest.raises(WaveError, match=f"says it holds {rows} rows and holds 5"):
            read_file(path)
    struct.pack_into("<i", data, 80, -1)
    path.write_bytes(data)
    assert read_file(path).frame.height == 5


def test_labels_of_a_variable_that_is_not_there_are_refused_and_do_not_end_the_program(tmp_path: Path) -> None:
    """Record 4 lists the numbers of variables to which the labels before it belong; the library that reads cells trusts them."""
    path = written(tmp_path / "a.sav", variable_value_labels={"q": {1: "Disagree"}})
    data = path.read_bytes()
    belongs = struct.pack("<iii", 4, 1, 1)
    assert data.count(belongs) == 1
    path.write_bytes(data.replace(belongs, struct.pack("<iii", 4, 1, 65_537)))
    assert code(path) == "spss-damaged"


def test_a_compressed_file_that_would_unpack_to_gigabytes_is_refused_unread(tmp_path: Path) -> None:
    """A trailer's blocks state the bytes to which they unpack at byte 16 of each 24."""
    path = written(tmp_path / "a.zsav", compress=True)
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, len(data) - 8, 2**32 - 1)
    path.write_bytes(data)
    assert code(path) == "file-too-large"


@pytest.mark.parametrize(("name", "data"), [
    ("a.sav", b"a,b\n1,2\n"), ("a.por", b"a,b\n1,2\n"), ("a.por", b"x" * 600), ("a.sav", b"PK\x03\x04zip"), ("a.csv", b"$FL2@(#) SPSS"),
])  # fmt: skip
def test_a_renamed_file_is_refused_naming_what_it_is(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    assert code(tmp_path / name) == "not-this-format"


def test_the_library_that_damaged_files_end_is_not_in_the_program_that_reads_waves() -> None:
    says = "import sys, evaluation.waves.readers; print('pyreadstat' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", says], capture_output=True, text=True, check=True).stdout.strip() == "False"
