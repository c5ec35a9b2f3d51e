"""Published tables: percentages with their sign, and an item's mean from the percentages of its options, against published figures."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from evaluation.errors import Problem, WaveError
from evaluation.protocol.documents import read_mapping
from evaluation.protocol.mapping import FileForm
from evaluation.waves.readers import read_file
from evaluation.waves.readers.recognise import recognised
from evaluation.waves.readers.table import Table
from tests.studies import INSTRUMENT, PROTOCOL
from tests.waves.intake_study import ITEMS, load, other_study

OPTIONS = {"Strongly Agree": 5, "Agree": 4, "Neither Agree\nnor Disagree": 3, "Disagree": 2, "Strongly Disagree": 1}
TABLE = "organisation,yes,no,n\nP1,67%,33 %,40\nP2,n<10,,4\nP3,100%,0%,\"1,200\"\n"


def read(folder: Path, content: str, **form: object) -> Table:
    (folder / "published.csv").write_text(content, encoding="utf-8")
    return read_file(folder / "published.csv", FileForm.model_validate({"format": "csv", "delimiter": ",", **form}))


def test_a_percentage_is_read_without_its_sign_where_that_is_declared(tmp_path: Path) -> None:
    assert read(tmp_path, TABLE).frame["yes"].to_list() == ["67%", "n<10", "100%"]
    assert read(tmp_path, TABLE, percent="sign").frame["yes"].to_list() == ["67", "n<10", "100"]
    assert recognised(tmp_path / "published.csv", None).saw == "cells end in %"


def test_fractions_of_a_spreadsheet_are_read_as_percentages_where_they_are_declared(tmp_path: Path) -> None:
    """Every whole percentage comes out whole, whatever 0.57 times 100 is in binary; what is no number stays."""
    cells = "".join(f"{k / 100:g},{k}\n" for k in range(101))
    table = read(tmp_path, f"share,percent\n{cells}n<10,n<10\n,\n0.123456,12.3456\n", fractions=["share"])
    assert [float(cell) for cell in table.frame["share"][:101]] == [float(k) for k in range(101)]
    assert table.frame["share"][101:].to_list() == ["n<10", None, "12.3456"]
    assert table.frame["percent"][:3].to_list() == ["0", "1", "2"]


def test_a_column_can_be_read_twice_and_a_name_that_is_there_cannot(tmp_path: Path) -> None:
    table = read(tmp_path, TABLE, copies={"again": "n"})
    assert table.frame["again"].to_list() == table.frame["n"].to_list()
    for copies, code in (({"yes": "n"}, "duplicate-columns"), ({"again": "m"}, "missing-column")):
        with pytest.raises(WaveError) as caught:
            read(tmp_path, TABLE, copies=copies)
        assert [problem.code for problem in caught.value.problems] == [code]


def test_an_items_mean_is_worked_out_from_the_percentages_of_its_options(tmp_path: Path) -> None:
    table = read(tmp_path, TABLE, percent="sign", means={"mean": {"options": {"yes": 1, "no": 0}}})
    assert table.frame["mean"].to_list() == ["0.67", None, "1.0"]
    assert table.notes[-1] == "worked out from percentages of options: 'mean'"


@pytest.mark.parametrize(("content", "means", "code"), [
    (TABLE.replace("33 %", "23%"), {"mean": {"yes": 1, "no": 0}}, "percentages-wrong"), (TABLE.replace("33 %", "many"), {"mean": {"yes": 1, "no": 0}}, "percentages-wrong"),
    (TABLE, {"n": {"yes": 1, "no": 0}}, "duplicate-columns"), (TABLE, {"mean": {"yes": 1, "perhaps": 0}}, "missing-column"),
])  # fmt: skip
def test_percentages_that_do_not_add_up_or_are_not_there_are_refused(tmp_path: Path, content: str, means: dict[str, object], code: str) -> None:
    with pytest.raises(WaveError) as caught:
        read(tmp_path, content, percent="sign", means={name: {"options": options} for name, options in means.items()})
    assert [problem.code for problem in caught.value.problems] == [code]


def test_means_of_a_real_workbook_are_those_of_its_percentages(shared_data: Callable[[str], Path]) -> None:
    """The workbook gives the percentages of item 1 over all responses in 2020 as 26.2, 43.7, 15.2, 10.2 and 4.6 of 619,947 people."""
    form = FileForm.model_validate({
        "format": "excel", "sheet": "Q1", "header_row": 4, "percent": "sign", "thousands": ",", "means": {"Q1": {"options": OPTIONS}},
    })  # fmt: skip
    table = read_file(shared_data("fevs_agency_2020_2022") / "2020_fevs_report_by_agency.xlsx", form).frame.to_pandas().set_index("Agency")
    shares = pd.Series([26.2, 43.7, 15.2, 10.2, 4.6], index=list(OPTIONS))
    assert float(table.loc["All Responses", "Q1"]) == pytest.approx((shares * pd.Series(OPTIONS)).sum() / shares.sum(), abs=1e-6)
    assert table.loc["All Responses", "Item Response Total**"] == "619,947"


def test_a_published_table_loads_as_a_population_of_organisations(tmp_path: Path) -> None:
    """One row an organisation with the people behind it; one whose percentages are suppressed has no mean."""
    protocol = PROTOCOL.replace("linkage: pseudonym, groups: [staff_group]", "level: organisation")
    instrument = INSTRUMENT.replace("  agree_5:\n", "  share: {range: 0 to 1, whole: false}\n  agree_5:\n")
    instrument = instrument.replace("scale: agree_5", "scale: share").replace("name our values., scale: share", "name our values., scale: agree_5")
    documents, register = other_study(tmp_path, protocol=protocol, instrument=instrument)
    file, mapping = tmp_path / "published.csv", tmp_path / "published.yaml"
    file.write_text("organisation,yes,no,n,named\nP1,67%,33 %,40,4\nP2,,,4,\nP3,100%,0%,\"1,200\",5\n", encoding="utf-8")
    shared = [item for item in ITEMS if item != "know_values"]
    means = ", ".join(f"m_{item}: {{options: {{'yes': 1, 'no': 0}}}}" for item in shared)
    items = ", ".join([*(f"m_{item}: {{item: {item}}}" for item in shared), "named: {item: know_values}"])
    mapping.write_text(
        "mapping: published\nversion: 1\nreviewed_by: Ana\npopulation: staff\n"
        f"file: {{format: csv, percent: sign, thousands: ',', means: {{{means}}}}}\n"
        f"organisation: {{column: organisation}}\nbase: {{column: n}}\nitems: {{{items}}}\nignore: ['yes', 'no']\n",
        encoding="utf-8",
    )
    collected = load(file, study=(documents, register), mapping=read_mapping(mapping, documents))
    assert collected.frame.select("organisation", "base", "lived_1").rows() == [("P1", 40, 0.67), ("P3", 1200, 1.0)]
    assert collected.receipt.set_aside == {"no mean published": 1}


def refusal(file: Path, form: FileForm) -> Problem:
    with pytest.raises(WaveError) as caught:
        read_file(file, form)
    (problem,) = caught.value.problems
    return problem


def test_a_suppressed_percentage_is_none_and_fractions_are_told_from_percentages(tmp_path: Path) -> None:
    """'*' stands for what is not published: the row has no mean; without 'suppressed' it is refused, as are fractions by name."""
    file = tmp_path / "published.csv"
    file.write_text("organisation,yes,no\nP1,67,33\nP2,*,*\nP3,*,40\nP4,100,0\n", encoding="utf-8")
    form = FileForm.model_validate({"format": "csv", "means": {"asked": {"options": {"yes": 1, "no": 0}, "suppressed": ["*"]}}})
    assert read_file(file, form).frame["asked"].to_list() == ["0.67", None, None, "1.0"]
    plain = FileForm.model_validate({"format": "csv", "means": {"asked": {"options": {"yes": 1, "no": 0}}}})
    problem = refusal(file, plain)
    assert problem.what == "2 rows have percentages for 'asked' that do not add up to 100." and "under 'suppressed'" in problem.fix
    file.write_text("organisation,yes,no\nP1,0.67,0.33\nP2,0.2,0.8\n", encoding="utf-8")
    problem = refusal(file, plain)
    assert problem.what == "2 rows have percentages for 'asked' that add up to 1."
    assert problem.fix.startswith("list the columns under 'fractions'")


@pytest.mark.parametrize("bare", ["0.64", "0.9"])
def test_percentages_with_their_sign_and_fractions_in_one_column_are_refused(bare: str, tmp_path: Path) -> None:
    """0.64 beside 67% may be 64% or 0.64%; 64, 0 and 1 beside it can only be percentages."""
    file, form = tmp_path / "published.csv", FileForm.model_validate({"format": "csv", "percent": "sign"})
    file.write_text(f"organisation,share\nP1,67%\nP2,{bare}\nP3,66 %\n", encoding="utf-8")
    problem = refusal(file, form)
    assert problem.what == "column 'share' has percentages with their sign, and 1 fraction of 1." and "row 3" in problem.where
    file.write_text("organisation,share\nP1,67%\nP2,64\nP3,0\nP4,1\n", encoding="utf-8")
    assert read_file(file, form).frame["share"].to_list() == ["67", "64", "0", "1"]
