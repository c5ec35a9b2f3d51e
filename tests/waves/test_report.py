"""The workbook that goes back to a supplier: every problem once, faulty cells marked, nobody to be recognised, nothing that runs.

Read back with another library (calamine) and from the file's own XML, never with the one that wrote it.
"""

import re
from pathlib import Path

import pandas as pd
import pytest

from evaluation.errors import UsageError
from evaluation.protocol.mapping import Mapping
from evaluation.waves.checks.expected import expect
from evaluation.waves.checks.layout import layout_from_header, layout_from_mapping
from evaluation.waves.collect import read_arrived
from evaluation.waves.marked import WHOLE, Marked, marked
from evaluation.waves.report import report_place
from evaluation.waves.report_book import COMMENTS, workbook
from tests.waves.intake_study import ITEMS, refusal, tiny, wave_frame
from tests.waves.report_picture import PICTURE, draw
from tests.waves.workbooks import Book


def report_of(frame: pd.DataFrame, folder: Path, mapping: Mapping | None = None) -> tuple[Book, Marked]:
    """The workbook of a refused file, and what it was made of."""
    file = folder / "month-6.csv"
    frame.to_csv(file, index=False)
    problems = refusal(file, mapping=mapping).problems
    table = read_arrived(file, mapping)
    documents, _ = tiny()
    layout = layout_from_header(table.frame.columns, expect(documents, "staff", "month_6"), None)
    shown = marked(table, layout_from_mapping(mapping) if mapping else layout, problems)
    return Book(workbook("month-6.csv: REFUSED.", problems, (), shown)), shown


def test_every_problem_stands_once_with_place_fix_and_count_and_its_cells_are_red(tmp_path: Path) -> None:
    frame = wave_frame()
    frame.loc[[0, 4], "lived_1"] = "9"
    frame.loc[2, "organisation"] = "Q9"
    book, _ = report_of(frame, tmp_path)
    table = book.sheets["Problems"]
    heading = next(number for number, row in enumerate(table) if row[0] == "no.")
    assert table[heading][1:] == ["what is wrong", "where", "how to put it right", "times"]
    assert [row[0] for row in table[heading + 1 :]] == ["1", "2"]
    assert table[heading + 1][1].startswith("1 of 32 rows in wave 'month_6' belongs to 1 organisation unknown to the register: 'Q9'")
    assert table[heading + 1][2] == "month-6.csv, column 'organisation', row 4"
    assert table[heading + 2][1:] == [
        "2 of 32 rows in wave 'month_6' answer lived_1 outside its scale (1 to 5).",
        "month-6.csv, rows 2, 6; values 9",
        "correct the export; a code that its maker says means no answer is listed in the scale in instruments/values.yaml: "
        "missing_codes: {CODE: what it means}.",
        "2",
    ]
    answers = book.sheets["Answers"]
    assert answers[0] == ["row in the file", "problems", *frame.columns]
    assert [row[0] for row in answers[1:]] == list(range(2, 34))
    assert [row[1] for row in answers[1:6]] == ["2", "", "1", "", "2"]
    place = chr(ord("C") + list(frame.columns).index("lived_1"))
    assert book.coloured() == {"C4", f"{place}2", f"{place}6"}
    assert set(book.comments()) == book.coloured()
    assert book.comments()["C4"].startswith("1. 1 of 32 rows") and "Fix: correct the code" in book.comments()["C4"]


def test_the_rows_are_the_suppliers_own_where_nobody_can_be_recognised_by_them(tmp_path: Path) -> None:
    frame = wave_frame()
    frame.loc[0, "lived_1"] = "9"
    book, _ = report_of(frame, tmp_path)
    shown = pd.DataFrame(book.sheets["Answers"][1:], columns=book.sheets["Answers"][0])
    same = [name for name in frame.columns if name != "respondent"]
    assert shown[same].to_numpy().tolist() == frame[same].to_numpy().tolist()
    assert set(shown["respondent"]) == {"withheld"}


def test_identifiers_free_text_and_rare_words_of_undeclared_columns_are_in_no_cell(tmp_path: Path) -> None:
    frame = wave_frame()
    frame["E-mail"] = [f"zebedee{k}@nhs.example" for k in range(32)]
    frame["Participant"] = [f"R-{k}X" for k in range(32)]
    frame["comments"] = "I would say that on my ward things have got better since Winifred came"
    frame["line manager"] = ["Quintilla Arkleberry", "Zebedee Wintersmouth"] * 16
    frame["shift"] = ["late"] * 28 + ["Tuesdays"] * 4
    frame.loc[3, "lived_2"] = "Ask Euphemia Blackwater"
    book, shown = report_of(frame, tmp_path)
    for secret in ("zebedee", "R-7X", "Winifred", "Arkleberry", "Wintersmouth", "Euphemia", "P1-0000", "Tuesdays"):
        assert secret not in book.text
    assert shown.withheld == ("respondent", "E-mail", "comments", "line manager")
    assert "late" in book.text
    assert "Not shown, because they may identify people or hold what they wrote: respondent, E-mail, comments" in book.text


def test_a_group_that_names_people_is_withheld_and_its_heading_marked(tmp_path: Path) -> None:
    frame = wave_frame().assign(staff_group=["Zebedee Wintersmouth", "Quintilla Jane Arkleberry"] * 16)
    book, shown = report_of(frame, tmp_path)
    assert "staff_group" in shown.withheld and "Wintersmouth" not in book.text
    assert book.coloured() == {chr(ord("C") + list(frame.columns).index("staff_group")) + "1"}


def test_a_mapped_file_is_shown_under_its_own_names_and_what_the_mapping_drops_is_withheld(tmp_path: Path) -> None:
    frame = wave_frame().rename(columns={"lived_1": "Q1", "respondent": "Ref"}).assign(Name="Zebedee Wintersmouth", shift="late")
    frame.loc[4, "Q1"] = "7"
    stated = Mapping.model_validate({
        "mapping": "m", "version": 1, "reviewed_by": "Ana", "population": "staff", "file": {"format": "csv"},
        "organisation": {"column": "organisation"}, "respondent": {"column": "Ref"}, "groups": {"staff_group": {"column": "staff_group"}},
        "items": {item: {"item": item} for item in ITEMS[1:]} | {"Q1": {"item": "lived_1"}}, "drop": ["Name"], "ignore": ["shift"],
    })  # fmt: skip
    book, shown = report_of(frame, tmp_path, stated)
    assert shown.withheld == ("Ref", "Name") and "Wintersmouth" not in book.text
    assert "Q1" in book.sheets["Answers"][0]
    assert book.coloured() == {chr(ord("C") + list(frame.columns).index("Q1")) + "6"}


@pytest.mark.parametrize("cell", ['=HYPERLINK("http://x")', "+cmd|' /C calc'!A0", "@SUM(A1:A9)", "-1+1", "\t=1+1"])
def test_no_cell_of_the_file_becomes_a_formula_of_the_workbook(cell: str, tmp_path: Path) -> None:
    """Row 39 of the table of bad inputs; OWASP, CSV injection."""
    frame = wave_frame()
    frame["staff_group"] = cell
    frame.loc[0, "organisation"] = cell
    frame.loc[1, "lived_1"] = "9"
    book, _ = report_of(frame, tmp_path)
    assert book.formulas == []
    texts = [text for rows in book.sheets.values() for row in rows for text in row if isinstance(text, str)]
    assert not [text for text in texts if re.match(r"[=+@\t\r\n\0]|-[^-\d]|-\d+\D", text)]


def test_of_a_long_file_only_faulty_rows_are_shown_and_some_of_every_problem(tmp_path: Path) -> None:
    frame = wave_frame(people=300)
    frame.loc[:1999, "lived_1"] = "9"
    frame.loc[2100, "lived_2"] = "8"
    book, shown = report_of(frame, tmp_path)
    assert len(frame) == shown.total == 2400
    assert len(shown.numbers) <= WHOLE and shown.numbers[-1] == 2102
    assert {row[1] for row in book.sheets["Answers"][1:]} == {"1", "2"}
    assert f"shows {len(shown.numbers)} of the file's 2,400 rows (only rows with a fault)" in book.text
    assert len(book.comments()) == COMMENTS + 1


def test_a_file_that_is_no_table_is_reported_without_rows() -> None:
    book = Book(workbook("x.csv: REFUSED.", (), (), None))
    assert list(book.sheets) == ["Problems"] and "could not be read as a table" in book.text


def test_a_report_is_a_new_workbook_in_a_folder_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "old.xlsx").write_bytes(b"kept")
    for name, says in (("report.csv", "does not end in .xlsx"), ("old.xlsx", "already"), ("no/where.xlsx", "no such folder")):
        with pytest.raises(UsageError, match=says):
            report_place(str(tmp_path / name))
    assert report_place(str(tmp_path / "new.xlsx")) == tmp_path / "new.xlsx"
    assert (tmp_path / "old.xlsx").read_bytes() == b"kept"


def test_the_picture_in_the_documents_is_of_todays_workbook() -> None:
    assert PICTURE.read_text(encoding="utf-8") == draw(), "draw it again: python -m tests.waves.report_picture"
