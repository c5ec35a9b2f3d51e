"""Which columns hold organisation, wave, day, id, group and base: where two fit, the draft names the other."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from evaluation.waves.drafts.guesses import (
    Guess,
    guess_base,
    guess_day,
    guess_group,
    guess_organisation,
    guess_respondent,
    guess_wave,
)
from evaluation.waves.drafts.number_forms import number_form
from evaluation.waves.drafts.profile import profile
from evaluation.waves.readers import Table, read_file

NAMES = {"P1": "First Trust", "P2": "Second Trust", "C1": "Third Trust"}
WAVES = {"baseline": ("Start", 2025), "month_12": ("12 months", 2026)}
DAYS = [f"2025-02-{day:02}" for day in range(10, 34 - 8)]


def table(folder: Path, columns: dict[str, list[str]]) -> Table:
    """A file with these columns, each repeated over sixteen rows."""
    path = folder / "wave.csv"
    pl.DataFrame({name: [values[k % len(values)] for k in range(16)] for name, values in columns.items()}).write_csv(path)
    return read_file(path)


def meant_too(guess: Guess | None) -> list[str]:
    assert guess is not None and guess.sure == ("could be meant too" not in guess.reason)
    return [] if guess.sure else guess.reason.split("; ")[-1].removesuffix(" could be meant too").replace("'", "").split(", ")


def test_of_two_columns_of_organisations_the_draft_names_the_other(tmp_path: Path) -> None:
    codes = ["P1", "P2", "C1"]
    both = table(tmp_path, {"Previous trust": [*codes[1:], codes[0]], "Current trust": codes})
    found = guess_organisation(both, NAMES, [])
    assert found is not None and found.column == "Current trust" and meant_too(found) == ["Previous trust"]
    named = table(tmp_path, {"Trust code": codes, "Trust name": [NAMES[code] for code in codes]})
    found = guess_organisation(named, NAMES, [])
    assert meant_too(found) == [] and found is not None and found.column == "Trust code"
    own = table(tmp_path, {"Previous trust": [*codes[1:], codes[0]], "organisation": codes})
    assert guess_organisation(own, NAMES, []) == Guess("organisation", "same name")


def test_of_two_columns_of_days_the_draft_names_the_other(tmp_path: Path) -> None:
    both = table(tmp_path, {"Date training completed": DAYS[::-1], "Completed": DAYS})
    (guess, order) = guess_day(both, []) or (None, "")
    assert guess is not None and (guess.column, order) == ("Completed", "iso") and meant_too(guess) == ["Date training completed"]
    export = table(tmp_path, {"StartDate": DAYS[1:], "EndDate": DAYS, "RecordedDate": DAYS})
    (guess, _) = guess_day(export, []) or (None, "")
    assert guess is not None and guess.column == "EndDate" and guess.sure


@pytest.mark.parametrize(("header", "sure"), [
    ("Date training completed", False), ("Date of joining", False), ("Completion time", True), ("Timestamp", True), ("survey_date", True),
    ("EndDate", True), ("Submission date", True),
])  # fmt: skip
def test_a_day_of_something_else_than_the_answers_is_a_check(header: str, sure: bool, tmp_path: Path) -> None:
    found = guess_day(table(tmp_path, {header: DAYS}), [])
    assert found is not None and found[0].sure == sure


IDS, CODES = [f"113{k}" for k in range(16)], [f"AB{k}" for k in range(16)]


@pytest.mark.parametrize(("columns", "chosen", "others"), [
    ({"Respondent ID": IDS, "Your personal code": CODES}, "Your personal code", ["Respondent ID"]),
    ({"ResponseId": IDS, "ExternalReference": CODES}, "ExternalReference", []),
    ({"Unique Response Number": IDS, "Survey code": CODES}, "Survey code", []),
    ({"Survey code": CODES, "Token": IDS}, "Token", ["Survey code"]),
])  # fmt: skip
def test_the_number_of_a_response_is_no_id_where_there_is_a_code(columns: dict[str, list[str]], chosen: str, others: list[str], tmp_path: Path) -> None:
    found = guess_respondent(table(tmp_path, columns), [])
    assert found is not None and found.column == chosen and meant_too(found) == others


@pytest.mark.parametrize("header", ["ResponseId", "Unique Response Number", "ID", "Respondent ID"])
def test_a_number_of_a_response_alone_is_a_check_that_says_it_links_nothing(header: str, tmp_path: Path) -> None:
    found = guess_respondent(table(tmp_path, {header: IDS}), [])
    assert found is not None and not found.sure and found.reason.endswith("a survey tool's own number of a response links no waves")


@pytest.mark.parametrize(("header", "values", "codes"), [
    ("Year", ["2024", "2025"], {"2025": "baseline"}), ("Year", ["2025", "2026"], {"2025": "baseline", "2026": "month_12"}),
    ("Year joined", ["2025", "2026"], None), ("Time in post", ["1", "2"], None), ("Survey round", ["1", "2"], {"1": "baseline", "2": "month_12"}),
    ("Time point", ["0", "1"], {"0": "baseline", "1": "month_12"}), ("Asked", ["Start", "12 months"], {"Start": "baseline", "12 months": "month_12"}),
])  # fmt: skip
def test_a_column_is_a_wave_by_its_words_or_where_its_header_speaks_of_nothing_else(
    header: str, values: list[str], codes: dict[str, str] | None, tmp_path: Path
) -> None:
    found = guess_wave(table(tmp_path, {header: values}), WAVES, [])
    assert (None if found is None else found[1]) == codes
    if header == "Year" and "2024" in values:
        assert found is not None and not found[0].sure and found[0].reason.endswith("opens in 2024")


def test_of_two_columns_of_waves_the_draft_names_the_other(tmp_path: Path) -> None:
    both = table(tmp_path, {"first_wave": ["baseline", "baseline"], "this_wave": ["baseline", "month_12"]})
    found = guess_wave(both, WAVES, [])
    assert found is not None and meant_too(found[0]) == ["this_wave"]


def test_of_two_columns_like_a_group_the_first_is_drafted_and_the_other_named(tmp_path: Path) -> None:
    columns = {"What is your staff group?": ["Nurse"], "Which staff group do you work with most?": ["Doctor"]}
    found = guess_group(table(tmp_path, columns), "staff_group", [])
    assert found is not None and found.column == "What is your staff group?"
    assert found.reason.endswith("'Which staff group do you work with most?' could be meant too")
    assert guess_group(table(tmp_path, columns | {"Staff group": ["Nurse"]}), "staff_group", []) == Guess("Staff group", "same name")


@pytest.mark.parametrize(("base", "items", "form"), [
    (["1,200", "900"], ["3.7", "3.6"], (".", ",")), (["1,000", "2,000"], ["61", "62"], (".", ",")), (["1.000", "2.000"], ["61,5", "62,5"], (",", ".")),
    (["1200", "900"], ["3.7", "3.6"], (".", None)), (["1200", "900"], ["3,7", "3,6"], (",", None)),
])  # fmt: skip
def test_thousands_of_people_are_told_from_decimals(base: list[str], items: list[str], form: tuple[str, str | None], tmp_path: Path) -> None:
    given = table(tmp_path, {"Responses": base, "score": items})
    assert meant_too(guess_base(given, [])) == []
    assert number_form([given.frame["score"]], [given.frame["Responses"]]) == form


def test_two_columns_of_people_are_both_named(tmp_path: Path) -> None:
    given = table(tmp_path, {"Responses (2024)": ["900", "1,100"], "Responses (2025)": ["950", "1,050"], "Base rate": ["0.5", "0.6"]})
    assert meant_too(guess_base(given, [])) == ["Responses (2025)"]


@pytest.mark.parametrize("header", ["Previous trust", "Former organisation", "First employer"])
def test_a_lone_column_of_where_somebody_was_before_is_never_sure(header: str, tmp_path: Path) -> None:
    found = guess_organisation(table(tmp_path, {header: ["P1", "P2", "C1"]}), NAMES, [])
    assert found is not None and not found.sure and "another time" in found.reason


@pytest.mark.parametrize("header", [
    "Seconded to", "Ex-employer", "Past trust", "Earlier trust", "Trust 2 years ago", "Nearest hospital trust", "Trust you would recommend",
    "Where did you train?", "Benchmark trust", "To trust", "Second employer", "V3",
])  # fmt: skip
def test_a_lone_column_of_organisations_is_sure_only_where_its_header_says_where_somebody_is(header: str, tmp_path: Path) -> None:
    found = guess_organisation(table(tmp_path, {header: ["P1", "P2", "C1"]}), NAMES, [])
    assert found is not None and (found.column, found.sure) == (header, False)
    assert found.reason.endswith("its header does not say, or not only, that the answers come from there")


@pytest.mark.parametrize("header", [
    "Trust", "trust_code", "ODS code", "Employer", "OrgName", "Site ID", "Q1 Which trust do you work for?", "Your current organisation",
])  # fmt: skip
def test_a_header_of_where_somebody_is_now_is_sure(header: str, tmp_path: Path) -> None:
    assert (found := guess_organisation(table(tmp_path, {header: ["P1", "P2", "C1"]}), NAMES, [])) is not None and found.sure


def test_a_label_says_what_a_numbered_column_holds(tmp_path: Path) -> None:
    read = table(tmp_path, {"V3": ["P1", "P2", "C1"]})
    said = {label: guess_organisation(replace(read, labels={"V3": label}), NAMES, []) for label in ("Your trust", "Trust before the merger")}
    assert [guess is not None and guess.sure for guess in said.values()] == [True, False]


def test_a_plainer_header_counts_only_where_its_values_are_organisations(tmp_path: Path) -> None:
    both = table(tmp_path, {"Site": ["P1", *"abcdefghijklmno"], "Place of the answers": ["P1", "P2", "C1"]})
    assert (found := guess_organisation(both, NAMES, [])) is not None and found.column == "Place of the answers" and not found.sure


@pytest.mark.parametrize("header", ["Payroll ref", "payroll_ref", "Staff no", "Employee reference", "Pseudonym", "Participant", "My staff code"])
@pytest.mark.parametrize("tool", ["Response ID", "ResponseId", "Submission ID", "ID"])
def test_a_number_that_stays_with_a_person_comes_before_a_survey_tools_own(header: str, tool: str, tmp_path: Path) -> None:
    """As in a file of two waves: every person comes twice, every response once."""
    found = guess_respondent(table(tmp_path, {tool: [f"R_{k}" for k in range(16)], header: [f"x{k}" for k in range(8)]}), [])
    assert found is not None and found.column == header and found.sure and "its values repeat" in found.reason


@pytest.mark.parametrize("header", ["Staff group code", "Staff survey no of hours"])
def test_a_code_of_staff_groups_is_no_persons_number(header: str, tmp_path: Path) -> None:
    found = guess_respondent(table(tmp_path, {"Response ID": [f"R_{k}" for k in range(16)], header: [f"x{k}" for k in range(8)]}), [])
    assert found is not None and found.column == "Response ID" and not found.sure


def test_a_new_study_takes_present_organisations_before_former_ones_and_no_clock_for_an_answer(tmp_path: Path) -> None:
    columns = {"Previous trust": ["X", "Y", "Z"], "Trust": ["P1", "P2"], "q1": ["1", "2", "3", "4", "5"], "q1Time": ["3", "4", "9"]}
    found = profile(table(tmp_path, columns))
    assert found.organisations == ("P1", "P2") and [item.column for item in found.items] == ["q1"]
