"""Workbooks: cells as a person typed them, one named sheet, and nothing that is not a plain workbook."""

import io
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter

from evaluation.errors import WaveError
from evaluation.protocol.mapping import FileForm
from evaluation.waves.readers import read_file


def book(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    with xlsxwriter.Workbook(path) as workbook:
        day = workbook.add_format({"num_format": "dd/mm/yyyy"})
        for name, rows in sheets.items():
            sheet = workbook.add_worksheet(name)
            for row, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    if isinstance(cell, (date, datetime)):
                        sheet.write_datetime(row, column, datetime.combine(cell, datetime.min.time()), day)
                    elif isinstance(cell, str):
                        sheet.write_string(row, column, cell)
                    elif cell is not None:
                        sheet.write(row, column, cell)
    return path


def code(path: Path, form: FileForm | None = None) -> str:
    with pytest.raises(WaveError) as caught:
        read_file(path, form)
    return caught.value.problems[0].code


def test_numbers_dates_and_codes_come_as_typed(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {"Data": [["id", "n", "x", "day", "flag"], ["007", 4, 3.5, date(2025, 3, 14), True], [None, 5, None, None, None]]})
    table = read_file(path)
    assert table.frame.rows() == [("007", "4", "3.5", "2025-03-14", "TRUE"), (None, "5", None, None, None)]
    assert table.rows.to_list() == [2, 3]


def test_rows_keep_their_numbers_when_rows_above_and_between_are_blank(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {"Data": [[], [], ["a", "b"], ["1", "2"], [], ["3", "4"]]})
    assert read_file(path).rows.to_list() == [4, 6]


def test_a_title_above_the_header_is_refused_not_guessed(tmp_path: Path) -> None:
    assert code(book(tmp_path / "a.xlsx", {"Data": [["Our survey"], ["a", "b"], ["1", "2"]]})) == "unnamed-column"


def test_of_two_sheets_with_cells_one_must_be_named(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {"Notes": [["read me"]], "Data": [["a"], ["1"]], "Empty": []})
    assert code(path) == "sheet-not-named"
    assert read_file(path, FileForm(format="excel", sheet="Data")).frame.rows() == [("1",)]
    assert code(path, FileForm(format="excel", sheet="Dota")) == "sheet-unknown"


def test_an_empty_sheet_beside_the_data_does_not_matter(tmp_path: Path) -> None:
    assert read_file(book(tmp_path / "a.xlsx", {"Data": [["a"], ["1"]], "Sheet2": []})).frame.rows() == [("1",)]


@pytest.mark.parametrize(("entries", "expected"), [
    ({"xl/workbook.xml": b"<x/>", "xl/vbaProject.bin": b"x"}, "not-this-format"),
    ({"xl/workbook.xml": b"\0" * 40_000_000}, "workbook-bomb"),
    ({"answers.csv": b"a,b"}, "not-this-format"),
    ({"xl/workbook.xml": b"<x/>"}, "workbook-damaged"),
])  # fmt: skip
def test_what_only_looks_like_a_workbook_is_refused_unopened(tmp_path: Path, entries: dict[str, bytes], expected: str) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    (tmp_path / "a.xlsx").write_bytes(stream.getvalue())
    assert code(tmp_path / "a.xlsx") == expected


def test_a_workbook_cut_off_is_refused(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {"Data": [["a"], ["1"]]})
    path.write_bytes(path.read_bytes()[:-200])
    assert code(path) == "truncated"


def test_a_workbook_without_cells_is_empty(tmp_path: Path) -> None:
    assert code(book(tmp_path / "a.xlsx", {"Data": []})) == "file-empty"


def test_a_cell_whose_formula_failed_is_refused_with_its_address_and_not_read_as_blank(tmp_path: Path) -> None:
    """A cell of type "e" (ECMA-376 part 1, 18.18.11)."""
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as workbook:
        workbook.add_worksheet("Notes")
        sheet = workbook.add_worksheet("Data & more")
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write_row(1, 0, [1, 2])
        sheet.write_formula(2, 1, "=1/0", None, "#DIV/0!")
        sheet.write_formula(3, 0, "=Gone!A1", None, "#REF!")
        sheet.write_formula(4, 0, "=1+1", None, 2)
    with pytest.raises(WaveError) as caught:
        read_file(tmp_path / "a.xlsx")
    (problem,) = caught.value.problems
    assert (problem.code, problem.count) == ("error-cells", 2)
    assert "2 cells hold errors instead of a value: B3 #DIV/0!, A4 #REF!." in str(problem)
