"""Decimal and thousands signs are those of text: a cell that the file holds as a number is that number in every format."""

from pathlib import Path

import polars as pl
import pyreadstat
import pytest
import xlsxwriter

from evaluation.protocol.mapping import FileForm
from evaluation.waves.checks.answer_numbers import as_numbers
from evaluation.waves.readers import read_file

CONTINENTAL = {"decimal": ",", "thousands": "."}
NUMBERS = [1.125, 1.5, -2.125, 1e-5, 1200.0, 3.0]


def workbook(path: Path, *columns: list[object]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for place, column in enumerate(columns):
            sheet.write_string(0, place, f"q{place}")
            for row, cell in enumerate(column, start=1):
                sheet.write(row, place, cell)
    return path


def test_a_number_cell_beside_text_with_a_decimal_comma_is_not_a_thousand_times_itself(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["0,5", "1.200,5", 1.125, 1e-5, 4, "4"])
    table = read_file(path, FileForm.model_validate({"format": "excel", **CONTINENTAL}))
    assert as_numbers(table.frame["q0"], table.form).to_list() == [0.5, 1200.5, 1.125, 1e-5, 4.0, 4.0]


@pytest.mark.parametrize("name", ["parquet", "spss", "stata"])
def test_numbers_of_a_typed_file_are_themselves_whatever_its_text_declares(tmp_path: Path, name: str) -> None:
    frame = pl.DataFrame({"q1": NUMBERS, "q2": ["0,5", "1.200,5", "3", "4", "5", "6"]})
    path = tmp_path / {"parquet": "a.parquet", "spss": "a.sav", "stata": "a.dta"}[name]
    labels = {"variable_value_labels": {"q1": {1.5: "Half", 3: "Three"}}}
    if name == "parquet":
        frame.write_parquet(path)
    elif name == "spss":
        pyreadstat.write_sav(frame.to_pandas(), path, missing_ranges={"q1": [1.125]}, **labels)
    else:
        pyreadstat.write_dta(frame.to_pandas(), path)
    table = read_file(path, FileForm.model_validate({"format": name, **CONTINENTAL}))
    assert as_numbers(table.frame["q1"], table.form).to_list() == NUMBERS
    assert as_numbers(table.frame["q2"], table.form).to_list() == [0.5, 1200.5, 3.0, 4.0, 5.0, 6.0]
    if name == "spss":
        assert table.value_labels["q1"] == {"1,5": "Half", "3": "Three"} and table.missing["q1"] == ("1,125",)


def test_percentages_and_means_that_are_worked_out_keep_to_the_declared_notation(tmp_path: Path) -> None:
    """0,67 is 67 and 0,6725 is 67,25; a mean of 1.125 must not come back as 1125."""
    (tmp_path / "a.csv").write_text("share;yes;no\n0,67;12,5;87,5\n0,6725;50;50\n1;0;100\n", encoding="utf-8")
    form = {"format": "csv", "fractions": ["share"], "means": {"mean": {"options": {"yes": 2, "no": 1}}}, **CONTINENTAL}
    table = read_file(tmp_path / "a.csv", FileForm.model_validate(form))
    assert as_numbers(table.frame["share"], table.form).to_list() == [67.0, 67.25, 100.0]
    assert as_numbers(table.frame["mean"], table.form).to_list() == [1.125, 1.5, 1.0]


def test_counts_of_options_keep_to_the_declared_notation(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("yes;no;n\n12,5;87,5;1.600\n", encoding="utf-8")
    form = {"format": "csv", "means": {"q": {"options": {"yes": 1.125, "no": 1}, "base": "n"}}, **CONTINENTAL}
    table = read_file(tmp_path / "a.csv", FileForm.model_validate(form))
    assert as_numbers(table.frame["q"], table.form).to_list() == [1.125, 1.0]
    assert table.frame["people"].to_list() == ["200", "1400"]


def test_ids_that_are_numbers_are_written_alike_whatever_signs_are_declared(tmp_path: Path) -> None:
    """Up to 2^53 a double holds every whole number; a decimal of two places is one id with it."""
    ids = [1234567890123456.0, 2.0**53, 1000.0]
    pl.DataFrame({"double": ids, "decimal": pl.Series(ids).cast(pl.Decimal(20, 2))}).write_parquet(tmp_path / "a.parquet")
    pyreadstat.write_sav(pl.DataFrame({"double": ids}).to_pandas(), tmp_path / "a.sav")
    workbook(tmp_path / "a.xlsx", ids)
    wanted = ["1234567890123456", "9007199254740992", "1000"]
    for name, column in (("a.parquet", "double"), ("a.parquet", "decimal"), ("a.sav", "double"), ("a.xlsx", "q0")):
        kind = {"parquet": "parquet", "sav": "spss", "xlsx": "excel"}[name.partition(".")[2]]
        assert (
            read_file(tmp_path / name, FileForm.model_validate({"format": kind, **CONTINENTAL})).frame[column].to_list() == wanted
        )
        if column != "decimal":
            assert read_file(tmp_path / name, FileForm.model_validate({"format": kind})).frame[column].to_list() == wanted
