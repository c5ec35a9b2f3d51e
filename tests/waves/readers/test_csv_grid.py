"""A text without quotation marks and with records of one width is read in one pass; what comes of it is what the other way gives."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from evaluation.errors import Problem, WaveError
from evaluation.protocol.mapping import FileForm
from evaluation.waves.readers import Table, read_file
from evaluation.waves.readers.csv_grid import find_grid
from evaluation.waves.readers.csv_records import find_records

FUZZ = settings(max_examples=200, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
NUMBERS = ["", "0", "5", "10", "77", "100", "999", "-1", "-9", "-99", "-999"]
WORDS = ["05", "00", "-0", "-05", "+5", "5.0", "1000", "-1000", "- 5", "5-", "--5", "1-1", "-", " 5", "5 ", "\u00a05", "٣", "a", "é", "a b"]
CELLS = st.sampled_from(NUMBERS * 4 + WORDS)


def read(path: Path, form: FileForm | None) -> Table | tuple[Problem, ...]:
    try:
        return read_file(path, form)
    except WaveError as refusal:
        return refusal.problems


def in_both_ways(folder: Path, content: str, form: FileForm | None = None) -> tuple[Table, Table] | None:
    """What is read with and without the grid; None where both refuse the file, in the same words."""
    path = folder / "f.csv"
    path.write_bytes(content.encode())
    with pytest.MonkeyPatch.context() as patch:
        one = read(path, form)
        patch.setattr("evaluation.waves.readers.csv.find_grid", lambda *_: None)
        other = read(path, form)
    if isinstance(one, Table) and isinstance(other, Table):
        return one, other
    assert one == other
    return None


def assert_alike(tables: tuple[Table, Table] | None) -> None:
    if tables is not None:
        one, other = tables
        assert one.frame.equals(other.cells) and one.frame.columns == other.cells.columns
        assert all(one.text(name).equals(other.text(name)) for name in one.cells.columns)
        assert one.rows.equals(other.rows) and (one.notes, one.form) == (other.notes, other.form)


@FUZZ
@given(
    rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=8),
    ends=st.sampled_from(["\n", "\r\n"]),
    is_ended=st.booleans(),
    mark=st.sampled_from(",;\t|"),
)
@example(rows=[["", "", ""]], ends="\n", is_ended=True, mark=",")
@example(rows=[["1", "", ""]], ends="\n", is_ended=False, mark=",")
def test_tidy_text_reads_alike_in_both_ways(tmp_path: Path, rows: list[list[str]], ends: str, is_ended: bool, mark: str) -> None:
    text = ends.join(mark.join(row) for row in [["a", "b", "c"], *rows]) + ends * is_ended
    assert_alike(in_both_ways(tmp_path, text, FileForm(format="csv", delimiter=mark)))


@FUZZ
@given(text=st.text(st.sampled_from('a15-,,,;"\n\n \r'), max_size=60), row=st.sampled_from([None, 1, 2, 3]), rows=st.sampled_from([None, 2]))
@example(text="t\n\na,b\n1,2\n", row=3, rows=None)
@example(text="a,b\n1,2\n3\n", row=None, rows=None)
@example(text="a,b\n1,2\n\n3,4\n", row=None, rows=None)
@example(text="a,b\n1,2,\n3\n", row=None, rows=None)
@example(text="a,b,c\n1,2\n3,4\n", row=None, rows=None)
@example(text="a,b\n", row=None, rows=None)
def test_any_text_reads_alike_in_both_ways(tmp_path: Path, text: str, row: int | None, rows: int | None) -> None:
    assert_alike(in_both_ways(tmp_path, text, FileForm(format="csv", delimiter=",", header_row=row, header_rows=rows)))


@pytest.mark.parametrize("piece", [1, 7, 12, 64])
def test_pieces_of_any_length_give_one_grid(monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    data = b"id,q\n" + b"".join(b"p%d,%d\n" % (k, k) for k in range(120))
    monkeypatch.setattr("evaluation.waves.readers.csv_grid.PIECE", piece)
    grid, records = find_grid(data, ",", 1), find_records(data, ",")
    assert grid is not None
    assert all((getattr(grid.records, part) == getattr(records, part)).all() for part in ("starts", "ends", "fields"))
    assert list(grid.codes) == [1] and grid.codes[1].to_list() == list(range(120))


@pytest.mark.parametrize("word", WORDS)
def test_a_cell_that_is_no_plain_code_makes_its_column_text(tmp_path: Path, word: str) -> None:
    path = tmp_path / "f.csv"
    path.write_text("a,b\n" + "3,4\n" * 3 + f"{word},4\n", encoding="utf-8")
    cells = read_file(path).cells
    assert cells.dtypes == [pl.String, pl.Int16] and cells["a"][3] == word.strip(" \u00a0")


def test_numbers_up_to_three_digits_and_blanks_are_codes(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("a,b,c\n" + "".join(f"{cell},1,\n" for cell in NUMBERS), encoding="utf-8")
    table = read_file(path)
    assert table.cells.dtypes == [pl.Int16, pl.Int16, pl.Int16]
    assert table.text("a").to_list() == [cell or None for cell in NUMBERS]
    assert table.frame["c"].to_list() == [None] * len(NUMBERS)


@pytest.mark.parametrize("text", ['a,b\n"1",2\n', "a,b\n1,2\n\n3,4\n", "a,b\n1,2\n3\n", "a,b\n1,2\n3,4,5\n", "a\n1\n", "\na,b\n1,2\n"])
def test_text_of_another_form_has_no_grid(text: str) -> None:
    assert find_grid(text.encode(), ",", 1) is None
