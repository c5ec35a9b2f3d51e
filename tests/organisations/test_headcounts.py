"""Headcounts are eligible people by unit and wave, and by group where answers are weighted."""

from pathlib import Path

import pandas as pd

from evaluation.organisations.headcounts import eligible_by_organisation, headcounts_by_group, more_than_eligible, read_headcounts
from evaluation.organisations.register import read_register
from evaluation.protocol.documents import read_documents
from tests.protocol.changed import refused, study
from tests.studies import tiny_study

HEADCOUNTS = "organisation,wave,eligible\nP1,,3000\nP1,month_12,2900\nC1,baseline,500\n"
NAMED = {"linkage: pseudonym, groups": "linkage: pseudonym, headcounts: headcounts/staff.csv, groups"}


def headcounts(folder: Path, text: str = HEADCOUNTS, replace: dict[str, str] | None = None) -> pd.DataFrame | None:
    root = study(folder, replace=NAMED if replace is None else replace)
    (root / "headcounts").mkdir()
    (root / "headcounts" / "staff.csv").write_text(text)
    documents = read_documents(root)
    return read_headcounts(documents, read_register(documents), "staff")


def test_a_number_without_a_wave_holds_for_every_wave_that_has_none_of_its_own(tmp_path: Path) -> None:
    table = headcounts(tmp_path)
    assert table is not None
    assert table.to_dict("list") == {
        "unit": ["P1", "P1", "P1", "C1"],
        "wave": ["baseline", "month_6", "month_12", "baseline"],
        "eligible": [3000, 3000, 2900, 500],
    }


def test_a_population_without_headcounts_has_none(tmp_path: Path) -> None:
    assert headcounts(tmp_path, replace={}) is None


def test_unknown_units_and_waves_doubles_and_no_people_are_told_at_once(tmp_path: Path) -> None:
    text = "organisation,wave,eligible\nP9,,3000\nP1,month_7,10\nC1,baseline,500\nC1,baseline,501\nC2,,0\n"
    found = refused(lambda: headcounts(tmp_path, text))
    assert {(one.what, one.where) for one in found} == {
        ("the register has no organisation 'P9'.", "tiny/headcounts/staff.csv, line 2, column organisation"),
        ("there is no wave 'month_7'.", "tiny/headcounts/staff.csv, line 3, column wave"),
        ("'C1' has two numbers for one wave.", "tiny/headcounts/staff.csv, line 5"),
        ("'eligible' is 0.", "tiny/headcounts/staff.csv, line 6, column eligible"),
    }


def test_a_table_that_does_not_say_which_team_is_told_so_once_and_an_empty_code_at_its_cell(tmp_path: Path) -> None:
    def teams(folder: str, text: str) -> Path:
        root = tiny_study(tmp_path / folder, replace={"assignment: organisation": "assignment: team", **NAMED})
        rows = [f"{place}1,{place}{team},Team,{arm},NHS Trust,North,40,never had,{start}" for team in range(2)
                for place, arm, start in (("A", "develop", "2025-04-01"), ("B", "comparison", ""))]  # fmt: skip
        header = "organisation,unit,name,arm,type,region,size,values_history,start\n"
        (root / "organisations.csv").write_text(header + "\n".join(rows) + "\n", encoding="utf-8")
        (root / "headcounts").mkdir(exist_ok=True)
        (root / "headcounts" / "staff.csv").write_text(text, encoding="utf-8")
        return root

    def found(folder: str, text: str) -> list[tuple[str, str]]:
        documents = read_documents(teams(folder, text))
        return [(one.what, one.where) for one in refused(lambda: read_headcounts(documents, read_register(documents), "staff"))]

    missing = "the table has no column 'unit', so its rows do not say which of the teams they are about."
    assert found("bare", "organisation,eligible\nA1,40\nB1,40\nA1,40\n") == [(missing, "bare/headcounts/staff.csv")]
    empty = ("the row names no unit.", "empty/headcounts/staff.csv, line 3, column unit")
    assert found("empty", "organisation,unit,eligible\nA1,A0,40\nA1,,40\n") == [empty]


def test_an_organisation_without_a_number_is_left_out_and_more_answers_than_people_is_a_problem(tmp_path: Path) -> None:
    headcounts(tmp_path)
    documents = read_documents(tmp_path / "tiny")
    eligible = eligible_by_organisation(documents, read_register(documents), "staff", "month_12")
    assert eligible == {"P1": 2900}
    (found,) = more_than_eligible({"P1": 2901, "C1": 9}, eligible, documents, "staff", "month_12")
    assert found.what == "P1: 2,901 people answered wave 'month_12', and only 2,900 could have."
    assert found.where == "tiny/headcounts/staff.csv"


BY_GROUP = "organisation,wave,staff_group,eligible\nP1,,Nursing,1000\nP1,,Other,2000\nP1,month_12,Nursing,900\nP1,month_12,Other,1900\n"


def test_people_counted_by_group_are_added_up_and_told_by_group(tmp_path: Path) -> None:
    table = headcounts(tmp_path, BY_GROUP)
    assert table is not None
    assert table.to_dict("list") == {
        "unit": ["P1"] * 3, "wave": ["baseline", "month_6", "month_12"], "eligible": [3000, 3000, 2800],
    }
    documents = read_documents(tmp_path / "tiny")
    counted = headcounts_by_group(documents, read_register(documents), "staff")
    assert counted is not None
    later = counted[counted["wave"] == "month_12"]
    assert later[["staff_group", "eligible"]].to_numpy().tolist() == [["Nursing", 900], ["Other", 1900]]


def test_a_row_without_a_group_is_the_whole_unit_and_must_agree_with_its_groups(tmp_path: Path) -> None:
    table = headcounts(tmp_path / "right", BY_GROUP + "P1,,,3000\nP1,month_12,,2800\n")
    assert table is not None and table["eligible"].tolist() == [3000, 3000, 2800]
    found = refused(lambda: headcounts(tmp_path / "wrong", BY_GROUP + "P1,,,3000\n"))
    assert [one.what for one in found] == [
        "'P1' has different numbers of people in wave 'month_12': 2,800 by staff_group, 3,000 in all."
    ]


def test_a_level_counted_twice_is_a_problem(tmp_path: Path) -> None:
    found = refused(lambda: headcounts(tmp_path, BY_GROUP + "P1,,Nursing,1001\n"))
    assert [(one.what, one.fix) for one in found] == [("'P1' has two numbers for one wave.", "keep one; the other is on line 2.")]


def test_a_column_that_is_no_group_of_the_population_is_refused(tmp_path: Path) -> None:
    found = refused(lambda: headcounts(tmp_path, "organisation,staff_grup,eligible\nP1,Nursing,3\n"))
    assert [one.what for one in found] == ["there is no column 'staff_grup' in this table."]
