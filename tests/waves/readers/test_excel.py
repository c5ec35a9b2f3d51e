"""Workbooks: cells as a person typed them, one named sheet, and nothing that is not a plain workbook."""

import io
import struct
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter

from evaluation.errors import WaveError
from evaluation.protocol.mapping import FileForm
from evaluation.waves.readers import excel, hidden_cells, read_file
from evaluation.waves.readers.header import stacked
from evaluation.waves.readers.old_workbook import refuse_untrue
from evaluation.waves.readers.recognise import recognised
from evaluation.waves.readers.workbook_extent import refuse_sprawling


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


def test_line_ends_inside_a_cell_are_those_of_a_text_file(tmp_path: Path) -> None:
    """A header broken over two lines has one name, whatever system wrote it, which a mapping can hold."""
    with xlsxwriter.Workbook(tmp_path / "breaks.xlsx") as workbook:
        sheet = workbook.add_worksheet()
        for place, text in enumerate(["Q1\r\nHow is it?", "Q2\rAnd now?", "Q3\nAnd then?"]):
            sheet.write_string(0, place, text)
            sheet.write_string(1, place, text.replace("?", "!"))
    frame = read_file(tmp_path / "breaks.xlsx").frame
    assert frame.columns == ["Q1\nHow is it?", "Q2\nAnd now?", "Q3\nAnd then?"]
    assert frame.row(0) == ("Q1\nHow is it!", "Q2\nAnd now!", "Q3\nAnd then!")


def test_rows_keep_their_numbers_when_rows_above_and_between_are_blank(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {"Data": [[], [], ["a", "b"], ["1", "2"], [], ["3", "4"]]})
    assert read_file(path).rows.to_list() == [4, 6]


def test_a_title_above_the_header_is_refused_not_guessed(tmp_path: Path) -> None:
    assert code(book(tmp_path / "a.xlsx", {"Data": [["Our survey"], ["a", "b"], ["1", "2"]]})) == "unnamed-column"


def test_a_header_under_titles_and_over_several_rows_is_read_as_declared(tmp_path: Path) -> None:
    rows = [["Our survey"], [], ["Who", None, "Scores", None, None, "Base"], [None, None, "work", "team", None, None], [],
            ["P1", None, 4, 3.5, None, 40], ["P2", None, 3, 2.5, None, 50]]  # fmt: skip
    path = book(tmp_path / "a.xlsx", {"Data": rows})
    table = read_file(path, FileForm(format="excel", header_row=3, header_rows=2))
    assert table.frame.columns == ["Who", "Scores - work", "Scores - team", "Base"]
    assert table.frame.rows() == [("P1", "4", "3.5", "40"), ("P2", "3", "2.5", "50")]
    assert table.rows.to_list() == [6, 7]
    assert table.notes == ("2 columns without a name or a cell were passed over",)


def test_a_draft_finds_the_header_under_titles_whether_answers_are_numbers_or_words(tmp_path: Path) -> None:
    head = ["Respondent ID", "Trust", "Q1", "Q2"]
    for answers in (["A1", "Alpha", 4, 3], ["A1", "Alpha", "Agree", "Agree"]):
        path = book(tmp_path / "a.xlsx", {"Data": [["Staff survey"], ["Base: all"], [], head, answers, answers]})
        seen = recognised(path, None)
        assert (seen.form.header_row, seen.saw) == (4, "names of columns stand in row 4")
        assert read_file(path, seen.form).frame.columns == head


def test_a_draft_does_not_take_answers_for_a_header(tmp_path: Path) -> None:
    rows = [["Staff survey"], ["Alpha", "Agree", "Agree"], ["Beta", "Agree", "Disagree"]]
    path = book(tmp_path / "a.xlsx", {"Data": rows})
    assert recognised(path, None).form.header_row is None


def test_a_column_of_cells_without_a_name_is_refused_or_lettered_as_declared(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {"Data": [["Title"], ["Who", None, "n"], ["P1", "x", 4]]})
    assert code(path, FileForm(format="excel", header_row=2)) == "unnamed-column"
    table = read_file(path, FileForm(format="excel", header_row=2, unnamed="by letter"))
    assert table.frame.columns == ["Who", "column B", "n"]


def test_a_merged_cell_never_covers_a_column_of_another_merged_cell() -> None:
    rows = [["A", "", "B", ""], ["x", "", "", "y"], ["1", "2", "3", "4"]]
    assert stacked(rows) == ("A - x - 1", "A - x - 2", "B - 3", "B - y - 4")


def test_a_header_row_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {"Data": [["a"], ["1"]]})
    assert code(path, FileForm(format="excel", header_row=9)) == "no-header"


@pytest.mark.parametrize("ending", ["xls", "ods"])
def test_old_and_open_workbooks_are_read(shared_data: Callable[[str], Path], ending: str) -> None:
    """The shapes were counted in the published files."""
    if ending == "xls":
        path = shared_data("messy_excel_nhs") / "nhs_staff_survey_2018_job1_sheet.xls"
        table = read_file(path, FileForm(format="excel", sheet="job1_sheet1_mean", header_rows=5))
        assert table.frame.shape == (10, 101) and table.frame.columns[1].endswith("part of your job? - Yes, frequently - %")
    else:
        path = shared_data("civil_service_people_survey_2009_2019") / "Civil_Service_People_Survey_2009_2021_Benchmarks_v2.ods"
        assert read_file(path, FileForm(format="excel", sheet="Table_3", header_row=5)).frame.width == 130


@pytest.mark.parametrize(("row", "column"), [(1_048_575, 16_383), (200_000, 200)])
def test_cells_too_far_apart_are_refused_before_room_is_made_for_them(tmp_path: Path, row: int, column: int) -> None:
    """Read at all, the first of these five kilobytes asks for half a terabyte and ends the program."""
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as workbook:
        sheet = workbook.add_worksheet()
        sheet.write(0, 0, "a")
        sheet.write(row, column, "b")
    assert code(tmp_path / "a.xlsx") == "workbook-bomb"


@pytest.mark.parametrize(("part", "content"), [
    ("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row>" + b"<c/>" * 5000 + b"</row>" + b"<row/>" * 5000 + b"</sheetData></worksheet>"),
    ("xl/worksheets/sheet1.xml", b"<x:row r='1048576'><x:c r = 'XFD1'><x:v>1</x:v></x:c></x:row>"),
    ("xl/worksheets/sheet1.bin", b"\x00\x19" + (1_048_575).to_bytes(4, "little") + b"\0" * 21 + b"\x02\x0c" + (16_383).to_bytes(4, "little") + b"\0" * 8),
    ("content.xml", b'<table:table><table:table-row table:number-rows-repeated="1000000">'
     b'<table:table-cell table:number-columns-repeated="16000" office:value-type="float" office:value="1"/></table:table-row></table:table>'),
])  # fmt: skip
def test_cells_that_are_repeated_or_lack_an_address_are_counted_too(tmp_path: Path, part: str, content: bytes) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<x/>")
        archive.writestr(part, content)
    assert code(tmp_path / "a.xlsx") == "workbook-bomb"


def test_cells_without_an_address_are_counted_though_the_first_of_their_row_has_one(tmp_path: Path) -> None:
    """What stands beside them with an address of its own does not hide them."""
    row = b"<row r='1'><c r='A1'/>" + b"<c/>" * 5000 + b"</row><f r='A2'/>" + b"<f r='A3'/>" * 5000
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<x/>")
        archive.writestr("xl/worksheets/sheet1.xml", row + b"<row/>" * 5000)
    assert code(tmp_path / "a.xlsx") == "workbook-bomb"


def test_the_only_sheet_is_worked_out_once_and_its_text_unpacked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = book(tmp_path / "a.xlsx", {"Data": [["a"], [1], [2]]})
    taken: list[str] = []
    whole, text_of = excel.CalamineWorkbook, hidden_cells.sheet_text

    class Book:
        def __init__(self, stream: io.BytesIO) -> None:
            self.real = whole.from_filelike(stream)
            self.sheet_names, self.sheets_metadata = self.real.sheet_names, self.real.sheets_metadata

        from_filelike = classmethod(lambda kind, stream: kind(stream))

        def get_sheet_by_name(self, name: str) -> object:
            taken.append(name)
            return self.real.get_sheet_by_name(name)

    monkeypatch.setattr(excel, "CalamineWorkbook", Book)
    monkeypatch.setattr(hidden_cells, "sheet_text", lambda data, name: taken.append("text") or text_of(data, name))
    assert read_file(path).frame.rows() == [("1",), ("2",)]
    assert taken == ["Data", "text"]


def test_blank_cells_repeated_to_the_end_of_an_open_sheet_are_nothing(shared_data: Callable[[str], Path]) -> None:
    path = shared_data("civil_service_people_survey_2009_2019") / "Civil_Service_People_Survey_2009_2021_Benchmarks_v2.ods"
    with zipfile.ZipFile(path) as archive:
        assert b'number-columns-repeated="16' in archive.read("content.xml")
        refuse_sprawling(archive, path.name)


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


def old_book(cells: bytes, *, circle: bool = False, strings: int = 1) -> bytes:
    """An old workbook of four sectors: the table of chains, the directory, and 4,096 bytes of records (MS-CFB 2, MS-XLS 2.4)."""
    records = b"\x09\x08\x10\x00" + bytes(16) + b"\xfc\x00\x08\x00" + strings.to_bytes(4, "little") * 2 + cells
    stream = records.ljust(4096, b"\0")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 62, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<5I", 0, 1, 1, 0, 4096) + struct.pack("<4I", 0xFFFFFFFE, 0, 0xFFFFFFFE, 0) + struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    chain = [*range(3, 10), 2 if circle else 0xFFFFFFFE]
    fat = struct.pack("<128I", 0xFFFFFFFD, 0xFFFFFFFE, *chain, *[0xFFFFFFFF] * 118)
    entries = b"".join(
        name.encode("utf-16-le").ljust(64, b"\0") + struct.pack("<HBB3I", 2 * len(name) + 2, kind, 1, *[0xFFFFFFFF] * 2, child) + bytes(36)
        + struct.pack("<IQ", start, size)
        for name, kind, child, start, size in (("Root Entry", 5, 1, 0xFFFFFFFE, 0), ("Workbook", 2, 0xFFFFFFFF, 2, 4096))
    )  # fmt: skip
    return header + fat + entries.ljust(512, b"\0") + stream


NEAR = b"\x03\x02\x0e\x00" + struct.pack("<HHHd", 0, 0, 0, 1.0)
FAR = b"\x03\x02\x0e\x00" + struct.pack("<HHHd", 65_535, 65_535, 0, 1.0)
CLAIM = b"\x00\x02\x0e\x00" + struct.pack("<IIHHH", 0, 2**31, 0, 256, 0)


def test_an_old_workbook_whose_description_can_be_true_passes() -> None:
    assert refuse_untrue(old_book(NEAR), "a.xls") is None


def test_a_directory_cut_in_two_is_refused_though_the_reader_panics_over_it(tmp_path: Path) -> None:
    """The last sector is the directory, and only half of an entry of it is there."""
    data = bytearray(old_book(NEAR))
    directory = data[1024:1536]
    struct.pack_into("<I", data, 48, 10)
    struct.pack_into("<I", data, 512 + 40, 0xFFFFFFFE)
    (tmp_path / "a.xls").write_bytes(bytes(data) + directory[:77])
    assert code(tmp_path / "a.xls") == "workbook-damaged"


@pytest.mark.parametrize(("data", "expected"), [
    (old_book(FAR), "workbook-bomb"), (old_book(CLAIM), "workbook-bomb"), (old_book(NEAR, circle=True), "workbook-damaged"),
    (old_book(NEAR, strings=2**31 - 1), "workbook-damaged"), (old_book(NEAR)[:600], "workbook-damaged"),
])  # fmt: skip
def test_an_old_workbook_that_would_ask_for_all_memory_is_refused_unread(tmp_path: Path, data: bytes, expected: str) -> None:
    """Chains of sectors in a circle, cells far apart, sizes and counts of strings beyond the file."""
    (tmp_path / "a.xls").write_bytes(data)
    assert code(tmp_path / "a.xls") == expected
