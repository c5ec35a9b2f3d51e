"""The register is read by its table schema; every fault is told with its line and column."""

from datetime import date
from pathlib import Path

import pytest

from evaluation.organisations.register import read_register
from evaluation.protocol.documents import read_documents
from tests.organisations.registers import TEAMS, register
from tests.protocol.changed import refused, study

TEAM = {"assignment: organisation": "assignment: team"}
BY_PERSON = {"assignment: organisation": "assignment: respondent", "estimator: unit change": "estimator: robust least squares"}
P1 = "P1,Organisation P1,develop,NHS Trust,North,3000,never had,2025-04-01"


def test_units_keep_the_order_of_the_file_and_carry_arm_and_role(tmp_path: Path) -> None:
    units = register(tmp_path).units
    assert list(units.index) == ["P1", "P2", "P3", "C1", "C2", "C3", "C4", "C5"] and units.index.name == "unit"
    assert list(units.columns) == ["organisation", "name", "arm", "role", "type", "region", "size", "values_history", "start", "implemented"]
    assert list(units["role"]) == ["pilot"] * 3 + ["comparison"] * 5
    assert units.loc["P1", "start"] == date(2025, 4, 1) and units.loc["C1", "start"] is None
    assert units["size"].dtype == "Int64" and units.loc["P1", "size"] == 3000


def test_a_name_that_looks_like_markup_or_a_formula_is_just_text(tmp_path: Path) -> None:
    names = ["<img src=x onerror=alert(1)>", "javascript:alert(1)", "'; DROP TABLE units; --", "=HYPERLINK(1)", "Ynys Môn 🏥"]
    rows = {f"Organisation {code}": name for code, name in zip(["P1", "P2", "P3", "C1", "C2"], names, strict=True)}
    assert list(register(tmp_path, rows).units["name"][:5]) == names


def test_the_nearest_code_is_found_whatever_the_case(tmp_path: Path) -> None:
    read = register(tmp_path, {"P1,Organisation P1": "RXX,Organisation P1"})
    assert (read.nearest("rxx"), read.nearest("RXY"), read.nearest("zzzz")) == ("RXX", "RXX", None)
    assert read.organisations[0] == "RXX" and len(read.organisations) == 8


def test_empty_cells_of_columns_that_may_be_empty_are_none(tmp_path: Path) -> None:
    text = "organisation,name,arm,type\nP1,One,develop,other\nC1,Two,comparison,other\n"
    units = register(tmp_path, text=text).units
    assert units.loc["P1", "region"] is None and units["size"].isna().all()


CASES = {
    "unknown arm": (
        {"P1,Organisation P1,develop,": "P1,Organisation P1,devlop,"},
        "there is no arm 'devlop' in the protocol.",
        "line 2, column arm",
        "did you mean 'develop'?",
    ),
    "no arm": (
        {"P1,Organisation P1,develop,": "P1,Organisation P1,,"},
        "a unit has no arm.",
        "line 2, column arm",
        "develop, comparison",
    ),
    "unknown type": (
        {P1: P1.replace("NHS Trust", "NHS trust")},
        "'type' is 'NHS trust', which is none of its words.",
        "line 2, column type",
        "did you mean 'NHS Trust'?",
    ),
    "no type": ({P1: P1.replace("NHS Trust", "")}, "'type' is empty.", "line 2, column type", "What kind of body"),
    "size in words": (
        {P1: P1.replace("3000", "many")},
        "'size' is 'many', which is not a whole number.",
        "line 2, column size",
        "digits only",
    ),
    "size with a comma": (
        {P1: P1.replace("3000", '"3,000"')},
        "'size' is '3,000', which is not a whole number.",
        "line 2, column size",
        "digits only",
    ),
    "no size at all": ({P1: P1.replace("3000", "0")}, "'size' is 0.", "line 2, column size", "1 or more"),
    "another date": (
        {P1: P1.replace("2025-04-01", "01/04/2025")},
        "'start' is '01/04/2025', which is not a date written year-month-day.",
        "line 2, column start",
        "2025-04-01",
    ),
    "no day": (
        {P1: P1.replace("2025-04-01", "2025-02-30")},
        "'start' is '2025-02-30', which is not a day of the calendar.",
        "line 2, column start",
        "",
    ),
    "history": (
        {P1: P1.replace("never had", "never")},
        "'values_history' is 'never', which is none of its words.",
        "line 2, column values_history",
        "never had",
    ),
    "a code with spaces": (
        {"P1,Organisation": "P 1,Organisation"},
        "'organisation' is 'P 1', which cannot be a code.",
        "line 2, column organisation",
        "letters, digits",
    ),
    "twice": (
        {"P2,Organisation": "p1,Organisation"},
        "the organisation 'p1' stands twice.",
        "line 3, column organisation",
        "line 2",
    ),
    "a comparison that starts": (
        {
            "C1,Organisation C1,comparison,NHS Trust,North,3000,never had,": "C1,Organisation C1,comparison,NHS Trust,North,3000,never had,2025-04-01"
        },
        "a comparison unit has a start date, but nothing starts there.",
        "line 5, column start",
        "leave it empty",
    ),
    "started before the baseline": (
        {P1: P1.replace("2025-04-01", "2025-03-01")},
        "a pilot started on 2025-03-01, but wave 'baseline', which closed on 2025-03-14, is marked 'before: start'.",
        "line 2, column start",
        "correct the date",
    ),
    "a long name": ({"Organisation P1": "x" * 121}, "'name' is longer than 120 characters.", "line 2, column name", "shorten"),
    "a line break in a name": (
        {"Organisation P1": '"Organisation\nP1"'},
        "'name' holds a character that cannot be printed, or a line break.",
        "line 2, column name",
        "delete",
    ),
    "too many cells": ({P1: P1 + ",more"}, "the row has 9 cells, the header 8.", "line 2", "quote cells"),
    "too few cells": ({P1: "P1,Organisation P1,develop"}, "the row has 3 cells, the header 8.", "line 2", "quote cells"),
    "an unclosed quote": (
        {"Organisation P2": '"Organisation P2'},
        "the table cannot be read from here on: unexpected end of data.",
        "line 3",
        "close the quotation mark",
    ),
    "unknown column": (
        {"region,size": "region,sise"},
        "there is no column 'sise' in this table.",
        "line 1",
        "did you mean 'size'?",
    ),
    "misspelt needed column": (
        {"organisation,name": "organisation,Name"},
        "there is no column 'Name' in this table.",
        "line 1",
        "did you mean 'name'?",
    ),
    "a column twice": ({"region,size": "region,region"}, "the column 'region' stands 2 times.", "line 1", "keep one"),
}


@pytest.mark.parametrize("name", CASES)
def test_each_fault_is_one_sentence_with_line_and_column(tmp_path: Path, name: str) -> None:
    rows, what, where, fix = CASES[name]
    found = refused(lambda: register(tmp_path, rows))
    assert (what, f"tiny/organisations.csv, {where}") in [(one.what, one.where) for one in found]
    assert fix in next(one.fix for one in found if one.what == what)


def test_all_faults_are_told_at_once_equal_ones_with_their_count(tmp_path: Path) -> None:
    found = refused(
        lambda: register(
            tmp_path, {"comparison,NHS Trust": "comparison,NHS", "develop,NHS Trust,North,3000": "devlop,NHS Trust,North,x"}
        )
    )
    told = {one.what: one.count for one in found}
    assert told["'type' is 'NHS', which is none of its words."] == 5
    assert told["there is no arm 'devlop' in the protocol."] == 3 and told["'size' is 'x', which is not a whole number."] == 3


def test_columns_that_must_be_there_are_named_with_what_they_say(tmp_path: Path) -> None:
    found = refused(lambda: register(tmp_path, text="name,arm\nOne,develop\n"))
    assert [one.what for one in found] == ["the column 'organisation' is missing.", "the column 'type' is missing."]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "the table is empty."),
        ("organisation,name,arm,type\n", "the table has no rows."),
        ("organisation;name;arm;type\nP1;One;develop;other\n", "the table is not separated by commas."),
    ],
)
def test_an_empty_table_and_other_separators_are_named(tmp_path: Path, text: str, what: str) -> None:
    assert refused(lambda: register(tmp_path, text=text))[0].what == what


def test_blank_lines_spaces_and_windows_line_ends_make_no_difference(tmp_path: Path) -> None:
    text = "\ufefforganisation,name,arm,type\r\n P1 , One ,develop,other\r\n\r\n,,,\r\nC1,Two,comparison,other\r\n"
    units = register(tmp_path, text=text).units
    assert list(units.index) == ["P1", "C1"] and units.loc["P1", "name"] == "One"


def test_an_arm_in_which_nobody_is_is_told(tmp_path: Path) -> None:
    found = refused(lambda: register(tmp_path, text="organisation,name,arm,type\nP1,One,develop,other\n"))
    assert [one.what for one in found] == ["nobody is in arm comparison."]


def test_a_protocol_adds_types_of_its_own(tmp_path: Path) -> None:
    rows = {P1: P1.replace("NHS Trust", "hospice")}
    assert refused(lambda: register(tmp_path / "a", rows))
    assert (
        register(tmp_path / "b", rows, protocol={"seed: 20250120": "seed: 1\norganisation_types: hospice"}).units.loc[
            "P1", "type"
        ]
        == "hospice"
    )


# teams and people


def test_teams_are_the_units_and_keep_their_organisation(tmp_path: Path) -> None:
    read = register(tmp_path, text=TEAMS, protocol=TEAM)
    assert list(read.units.index) == ["T1", "T2", "T3"] and list(read.units["organisation"]) == ["P1", "P1", "P2"]
    assert read.organisations == ["P1", "P2"] and read.nearest_unit("t33") == "T3"


def test_teams_need_their_column_and_their_codes_once(tmp_path: Path) -> None:
    assert (
        refused(lambda: register(tmp_path / "a", protocol=TEAM))[0].what
        == "teams were assigned, but the table has no column 'unit'."
    )
    found = refused(lambda: register(tmp_path / "b", {"P1,T2": "P1,", "P2,T3": "P2,T1"}, text=TEAMS, protocol=TEAM))
    assert {one.what for one in found} == {"a row names no team.", "the unit 'T1' stands twice."}


def test_a_unit_inside_an_organisation_contradicts_assigning_organisations(tmp_path: Path) -> None:
    found = refused(lambda: register(tmp_path, {"P1,T2": "P3,T2"}, text=TEAMS))
    assert found[0].what == "a row names a unit inside an organisation, but organisations were assigned." and found[0].count == 3


def test_people_assigned_one_by_one_leave_the_arm_to_their_answers(tmp_path: Path) -> None:
    text = "organisation,name,arm,type\nemployer,The employer,,university\n"
    units = register(tmp_path / "a", text=text, protocol=BY_PERSON).units
    assert units.loc["employer", "arm"] is None and units.loc["employer", "role"] is None
    found = refused(lambda: register(tmp_path / "b", {"employer,,": "employer,develop,"}, text=text, protocol=BY_PERSON))
    assert found[0].what == "an organisation has an arm, but people were assigned one by one."


def test_a_register_of_another_name_is_read(tmp_path: Path) -> None:
    root = study(tmp_path, replace={"seed: 20250120": "seed: 1\norganisations: trusts.csv"})
    (root / "organisations.csv").rename(root / "trusts.csv")
    assert len(read_register(read_documents(root)).units) == 8
