"""Delimited text: what is read is what was written, or the file is refused; never a third thing."""

import csv
import gzip
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluation.errors import WaveError
from evaluation.protocol.mapping import FileForm
from evaluation.waves.readers import read_file
from evaluation.waves.readers.csv_records import find_records

FUZZ = settings(max_examples=150, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r", exclude_categories=("Cs",)), max_size=12)


def file_of(folder: Path, content: str | bytes, name: str = "f.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def written(rows: list[list[str]], **dialect: object) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n", **dialect).writerows(rows)  # type: ignore[arg-type]
    return stream.getvalue()


def code(path: Path) -> str:
    with pytest.raises(WaveError) as caught:
        read_file(path)
    return caught.value.problems[0].code


def test_quoted_fields_may_hold_delimiters_marks_and_line_ends(tmp_path: Path) -> None:
    table = read_file(file_of(tmp_path, 'a,b\n"x,1","he said ""no"""\n"two\nlines",4\n5,6\n'))
    assert table.frame.rows() == [("x,1", 'he said "no"'), ("two\nlines", "4"), ("5", "6")]
    assert table.rows.to_list() == [2, 3, 4]


def test_row_numbers_are_those_of_a_spreadsheet_though_blank_lines_are_passed_over(tmp_path: Path) -> None:
    table = read_file(file_of(tmp_path, "a,b\n1,2\n\n3,4\n\n\n5,6\n"))
    assert table.rows.to_list() == [2, 4, 7]
    assert "3 blank lines were passed over" in table.notes


def test_blank_cells_and_spaces_around_cells_mean_nothing_else_is_changed(tmp_path: Path) -> None:
    table = read_file(file_of(tmp_path, 'a,b,c\n, x ,"\t=1"\n"","  ",\u00a0y\u00a0\n'))
    assert table.frame.rows() == [(None, "x", "\t=1"), (None, None, "y")]


def test_a_header_over_two_lines_is_one_header(tmp_path: Path) -> None:
    assert read_file(file_of(tmp_path, '"a\nb",c\n1,2\n')).frame.columns == ["a\nb", "c"]


@pytest.mark.parametrize(("content", "delimiter"), [
    ("a;b\n1,5;2\n2,5;3\n", ";"),
    ("a\tI agree, mostly\n1\t2\n", "\t"),
    ("a|b\n1|2\n", "|"),
    ('"a;b",c\n1,2\n3,4\n', ","),
    ("a\n1\n2\n", ","),
])  # fmt: skip
def test_the_delimiter_that_fits_the_records_is_found(tmp_path: Path, content: str, delimiter: str) -> None:
    table = read_file(file_of(tmp_path, content))
    assert table.form.delimiter == delimiter


def test_a_declared_delimiter_settles_an_ambiguous_file(tmp_path: Path) -> None:
    path = file_of(tmp_path, "a;b,c\n1;2,3\n")
    assert code(path) == "delimiter-ambiguous"
    assert read_file(path, FileForm(format="csv", delimiter=";")).frame.columns == ["a", "b,c"]


def test_packed_text_reads_as_plain_text_and_a_cut_archive_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(b"a,b\n1,2\n" * 1)
    assert read_file(file_of(tmp_path, packed, "f.csv.gz")).frame.rows() == [("1", "2")]
    assert code(file_of(tmp_path, packed[:-6], "g.csv.gz")) == "truncated"


def test_an_ending_that_nobody_knows_is_refused_naming_those_known(tmp_path: Path) -> None:
    path = file_of(tmp_path, "a\n1\n", "f.xyz")
    assert code(path) == "unknown-format"


def test_records_are_found_across_block_borders(monkeypatch: pytest.MonkeyPatch) -> None:
    data = written([["a", "b"], *[[f"x{k}", 'q"u,o\nte'] for k in range(40)]]).encode()
    whole = find_records(data, ",")
    for size in (1, 2, 3, 7, 64):
        monkeypatch.setattr("evaluation.waves.readers.csv_records.BLOCK", size)
        parts = find_records(data, ",")
        assert np.array_equal(parts.starts, whole.starts) and np.array_equal(parts.fields, whole.fields)
        assert (parts.opened, parts.stray) == (whole.opened, whole.stray) == (-1, -1)
    assert len(whole.starts) == 41


@FUZZ
@given(rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=8))
def test_whatever_a_csv_writer_writes_is_read_back(tmp_path: Path, rows: list[list[str]]) -> None:
    path = file_of(tmp_path, written([["a", "b", "c"], *rows], quoting=csv.QUOTE_ALL))
    table = read_file(path, FileForm(format="csv", delimiter=","))
    expected = [tuple(cell.strip(" \u00a0") or None for cell in row) for row in rows]
    assert table.frame.rows() == expected


@FUZZ
@given(content=st.one_of(st.binary(max_size=200), st.text(st.sampled_from('ab1,;\t|"\n\r\u00e9\ufeff '), max_size=80).map(str.encode)))
def test_any_bytes_are_read_or_refused_with_a_reason(tmp_path: Path, content: bytes) -> None:
    try:
        table = read_file(file_of(tmp_path, content))
    except WaveError as error:
        assert all(problem.code and problem.where and problem.fix for problem in error.problems)
    else:
        assert len(table.rows) == table.frame.height


@FUZZ
@given(cut=st.integers(1, 200))
def test_a_file_cut_anywhere_is_refused_or_gives_the_rows_before_the_cut(tmp_path: Path, cut: int) -> None:
    whole = "code,group,note\n" + "".join(f'{k},north,"a, {k}"\n' for k in range(10, 20))
    full = read_file(file_of(tmp_path, whole)).frame.rows()
    try:
        rows = read_file(file_of(tmp_path, whole[:cut], "cut.csv")).frame.rows()
    except WaveError:
        return
    assert rows == full[: len(rows)]
    assert whole[:cut].count("\n") - 1 <= len(rows) <= whole[:cut].count("\n")
