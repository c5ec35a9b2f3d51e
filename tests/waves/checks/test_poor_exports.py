"""Faults of form that many exports have: read where nothing is in doubt, and told in one line that names the column otherwise."""

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from evaluation.errors import WaveError
from evaluation.waves.readers import read_file
from evaluation.waves.readers.recognise import recognised
from tests.waves.intake_study import codes, load, refusal, wave_frame


def written(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize("first", ["sep=;\n", "SEP=;\r\n", '"sep=;"\n'])
def test_the_delimiter_that_a_first_line_states_is_used_and_the_line_is_no_header(tmp_path: Path, first: str) -> None:
    """As Excel reads it; rows keep the numbers that they have in the file, and commas do not count."""
    table = read_file(written(tmp_path / "a.csv", first + "a;b,c\n1;2\n\n3;4\n"))
    assert table.frame.columns == ["a", "b,c"] and table.frame.rows() == [("1", "2"), ("3", "4")]
    assert table.rows.to_list() == [3, 5] and table.form.delimiter == ";"
    assert table.notes[-2:] == ("its first line says that cells are separated by semicolon", "1 blank line was passed over")


def test_a_stated_delimiter_does_not_hide_from_a_draft_what_wrote_the_file(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "sep=;\nid;submitdate;lastpage\n1;2;3\n")
    assert recognised(path, None).form.format == "limesurvey"


@pytest.mark.parametrize("end", ["1,2\n\x1a", "1,2\x1a", "1,2\r\n\x1a\r\n"])
def test_a_file_that_ends_with_ctrl_z_is_whole(tmp_path: Path, end: str) -> None:
    table = read_file(written(tmp_path / "a.csv", "a,b\n" + end))
    assert table.frame.rows() == [("1", "2")]
    assert "ends with Ctrl-Z, which was left out" in table.notes


@pytest.mark.parametrize(
    "array", [pa.array([1], pa.duration("s")), pa.array([Decimal("1.5")], pa.decimal256(50, 2))], ids=["duration", "long decimal"]
)
def test_a_parquet_column_that_cannot_be_read_is_named(tmp_path: Path, array: pa.Array) -> None:
    pq.write_table(pa.table({"a": [1], "how long": array}), tmp_path / "a.parquet")
    with pytest.raises(WaveError) as caught:
        read_file(tmp_path / "a.parquet")
    (problem,) = caught.value.problems
    assert problem.code == "not-plain-cells" and problem.where == "a.parquet: 'how long'"


def test_spaces_after_commas_are_one_fault(tmp_path: Path) -> None:
    error = refusal(written(tmp_path / "a.csv", wave_frame().to_csv(index=False).replace(",", ", ")))
    assert codes(error) == ["near-miss-column"] and "columns have a space before or after their names" in str(error)


def test_a_column_beside_one_of_its_name_is_not_told_to_take_that_name(tmp_path: Path) -> None:
    frame = wave_frame().assign(Lived_1="1")
    (problem,) = refusal(written(tmp_path / "a.csv", frame.to_csv(index=False))).problems
    assert "'Lived_1' stands beside 'lived_1' and differs by letter case: only one can be meant" in problem.what
    assert "rename" not in problem.fix
    assert load(written(tmp_path / "b.csv", frame.drop(columns="Lived_1").to_csv(index=False))).receipt.kept == len(frame)
