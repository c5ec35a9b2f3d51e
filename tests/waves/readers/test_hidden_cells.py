"""Cells that a workbook's reader gives as blank though an answer may have stood there, in every kind of workbook."""

from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from evaluation.errors import Problem, WaveError
from evaluation.waves.readers import read_file
from evaluation.waves.readers.unseen import unseen_places
from tests.waves.sheets import Element, Failed, ods, xls, xlsb

HEAD, ANSWERS = ["a", "b", "c"], [1, 2, 3]
OLD = {"xls": xls, "xlsb": xlsb}


def problem(path: Path) -> Problem:
    with pytest.raises(WaveError) as caught:
        read_file(path)
    (found,) = caught.value.problems
    return found


@pytest.mark.parametrize(("ending", "write"), [("xls", xls), ("xlsb", xlsb), ("ods", ods)])
def test_errors_are_refused_by_address_in_every_kind_of_workbook(tmp_path: Path, ending: str, write: Callable[..., Path]) -> None:
    """Without errors the same sheet is read, so that nothing else is refused here."""
    path = tmp_path / f"a.{ending}"
    assert read_file(write(path, [HEAD, ANSWERS, [4, None, 6]])).frame.rows() == [("1", "2", "3"), ("4", None, "6")]
    found = problem(write(path, [HEAD, [1, Failed("#DIV/0!"), 3], [Failed("#N/A", by_formula=False), 5, 6]]))
    assert (found.code, found.count) == ("error-cells", 2)
    assert "2 cells hold errors instead of a value: B2 #DIV/0!, A3 #N/A." in str(found)


@pytest.mark.parametrize("ending", list(OLD))
@pytest.mark.parametrize(("merge", "shown"), [((1, 2, 1, 1), "B2:B3"), ((2, 2, 1, 2), "B3:C3"), ((2, 2, 0, 1), "A3:B3")])
def test_answers_under_a_merged_cell_are_refused_in_binary_workbooks(
    tmp_path: Path, ending: str, merge: tuple[int, int, int, int], shown: str
) -> None:
    rows = [HEAD, ANSWERS, [4, 5, None] if merge[2] else [4, None, 6]]
    found = problem(OLD[ending](tmp_path / f"a.{ending}", rows, [merge]))
    assert found.code == "merged-cells" and f"1 merged cell below the header: {shown}." in str(found)


def spanned(columns: int, rows: int) -> Element:
    spans = f'table:number-columns-spanned="{columns}" table:number-rows-spanned="{rows}"'
    return Element(f'<table:table-cell {spans} office:value-type="float" office:value="7"><text:p>7</text:p></table:table-cell>')


COVERED = Element("<table:covered-table-cell/>")


@pytest.mark.parametrize(("rows", "shown"), [
    ([[1, spanned(1, 2), 3], [4, COVERED, 6]], "B2:B3"), ([[1, spanned(2, 1), COVERED]], "B2:C2"), ([ANSWERS, [spanned(2, 1), COVERED, 6]], "A3:B3"),
])  # fmt: skip
def test_answers_under_a_merged_cell_are_refused_in_open_documents(tmp_path: Path, rows: list[list[object]], shown: str) -> None:
    found = problem(ods(tmp_path / "a.ods", [HEAD, *rows]))
    assert found.code == "merged-cells" and shown in str(found)


def test_formulas_that_were_never_worked_out_are_refused_in_open_documents(tmp_path: Path) -> None:
    """Also behind cells and rows that stand for several, by where they come to stand."""
    unsettled = Element('<table:table-cell table:formula="of:=[.A2]&gt;1"/>')
    repeated = Element(
        '<table:table-cell table:number-columns-repeated="2" office:value-type="float" office:value="2"><text:p>2</text:p></table:table-cell>'
    )
    written = Element(
        '<table:table-cell table:formula="of:=1/0" office:value-type="float" office:value="0"><text:p>Err:502</text:p></table:table-cell>'
    )
    found = problem(ods(tmp_path / "a.ods", [HEAD, [repeated, unsettled], [1, written, 3]]))
    assert found.code == "error-cells" and "C2 formula without a value, B3 Err:502." in str(found)


def test_percentages_of_an_open_document_are_known_by_their_type(tmp_path: Path) -> None:
    share = Element(
        '<table:table-cell office:value-type="percentage" office:value="0.67"><text:p>67%</text:p></table:table-cell>'
    )
    table = read_file(ods(tmp_path / "a.ods", [HEAD, [1, share, 3]]))
    assert table.percents == {"b"} and table.frame["b"].to_list() == ["0.67"]


@pytest.mark.parametrize(
    ("place", "refused"), [("B3:C3", True), ("A3:B3", True), ("C3:D3", False), ("A4:C4", False), ("A4:C5", False)]
)
def test_a_cell_merged_over_two_items_is_refused_and_a_note_or_a_wide_cell_of_one_item_is_not(
    tmp_path: Path, place: str, refused: bool
) -> None:
    """Column D has no header; the rows from the fourth on hold a note and nothing else."""
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as workbook:
        sheet = workbook.add_worksheet()
        for row, cells in enumerate([HEAD, ANSWERS, ANSWERS]):
            sheet.write_row(row, 0, cells)
        sheet.merge_range(place, 5)
    if refused:
        assert problem(tmp_path / "a.xlsx").code == "merged-cells"
    else:
        assert read_file(tmp_path / "a.xlsx").frame.columns == HEAD


def veiled(path: Path, rows: tuple[int, ...] = (), columns: tuple[int, ...] = (), last: int = 2) -> Path:
    """Titles, a header and three rows of answers, with rows and columns (counted from 0) that are not shown."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate([HEAD, ANSWERS, [4, 5, 6], [7, 8, 9]]):
            sheet.write_row(place, 0, row)
        for row in rows:
            sheet.set_row(row, None, None, {"hidden": True})
        for column in columns:
            sheet.set_column(column, max(column, last), None, None, {"hidden": True})
    return path


@pytest.mark.parametrize(("rows", "columns", "notes"), [
    ((2, 3), (), ("2 of 3 rows are hidden in the sheet, by a filter or by hand; they were read like the others",)),
    ((1,), (), ("1 of 3 rows is hidden in the sheet, by a filter or by hand; it was read like the others",)),
    ((), (1,), ("2 columns are hidden in the sheet (B, C); they were read like the others",)),
    ((0, 40), (5,), ()), ((), (), ()),
])  # fmt: skip
def test_what_a_sheet_does_not_show_is_read_and_noted(tmp_path: Path, rows: tuple[int, ...], columns: tuple[int, ...], notes: tuple[str, ...]) -> None:
    """The header's row and places without a cell are nobody's answers."""
    table = read_file(veiled(tmp_path / "a.xlsx", rows, columns))
    assert table.frame.rows() == [("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9")]
    assert table.notes == notes


def test_columns_hidden_as_far_as_a_sheet_reaches_are_counted_where_they_hold_cells(tmp_path: Path) -> None:
    assert read_file(veiled(tmp_path / "a.xlsx", columns=(2,), last=16_383)).notes == (
        "1 column is hidden in the sheet (C); it was read like the others",
    )


@pytest.mark.parametrize(("xml", "rows", "columns"), [
    (b'<x:cols><x:col min="2" max="3" hidden="true"/></x:cols><x:sheetData><x:row hidden="1"/><x:row/><x:row hidden="1"/></x:sheetData>', {0, 2}, {1, 2}),
    (b"<sheetData><row r='7' ht='0' customHeight='1'/><row hidden='1'/><row r='9' hidden='0'/></sheetData>", {6, 7}, set()),
    (b'<cols><col min="1" max="1" width="0" customWidth="1"/><col min="3" max="3" width="0.5"/></cols><sheetData/>', set(), {0}),
    (b"<cols/><sheetData><row r='1' hidden='false'/></sheetData>", set(), set()),
])  # fmt: skip
def test_rows_and_columns_are_hidden_by_mark_and_by_size(xml: bytes, rows: set[int], columns: set[int]) -> None:
    assert tuple(map(set, unseen_places(xml))) == (rows, columns)
