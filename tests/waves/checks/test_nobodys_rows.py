"""Rows in which nobody answered, as platforms write them: set aside and counted by reason, whatever the mapping leaves out."""

import csv
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from evaluation.protocol.documents import read_mapping
from evaluation.protocol.mapping import FileForm, Mapping
from evaluation.waves.collect import Collected
from evaluation.waves.drafts.mapping import draft_mapping
from evaluation.waves.readers import read_file
from evaluation.waves.readers.qualtrics import marks, status_column
from evaluation.waves.readers.redcap import blank_repeats
from tests.studies import PROTOCOL
from tests.waves.intake_study import load, other_study, refusal, wave_frame
from tests.waves.platform_files import PEOPLE, qualtrics, redcap
from tests.waves.suppliers import WITH_HOURS

PREVIEW, TEST, SPAM = (f"{kind}, by Qualtrics' Status" for kind in ("a preview", "a test", "possible spam"))
BLANK = "REDCap's blank row of a repeated instrument"


def changed(file: Path, column: str, values: dict[int, str]) -> Path:
    """The same file with other cells in one column, by the number of the row of answers; Qualtrics' header has three rows."""
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    place = rows[0].index(column)
    for number, value in values.items():
        rows[number + 3][place] = value
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return file


def loaded(folder: Path, file: Path, draft: str = "", **changes: object) -> Collected:
    """The file by the mapping that is drafted for it, or for another one, with changes, as if somebody had reviewed it."""
    study = other_study(folder, instrument=WITH_HOURS)
    path = study[0].root / "draft.yaml"
    text = draft or draft_mapping(file, *study, "staff")
    path.write_text(text.replace("reviewed_by:", "reviewed_by: Ana Review"), encoding="utf-8")
    mapping = read_mapping(path, study[0])
    return load(file, study=study, mapping=Mapping.model_validate(mapping.model_dump() | changes))


@pytest.mark.parametrize(("status", "reason"), [
    ("Survey Preview", PREVIEW), ("1", PREVIEW), ("17", PREVIEW), ("9", PREVIEW), ("Survey Preview Spam", PREVIEW), ("Offline Survey Preview", PREVIEW),
    ("Survey Test", TEST), ("2", TEST), ("2.0", TEST), ("Spam", SPAM), ("8", SPAM), ("12", SPAM), ("Imported Spam", SPAM), ("EX Spam", SPAM), ("40", SPAM),
    ("IP Address", ""), ("0", ""), ("Imported", ""), ("4", ""), ("16", ""), ("Offline", ""), ("32", ""), ("EX", ""), ("36", ""), (None, ""), ("1001", ""), ("Testing", ""),
])  # fmt: skip
def test_a_status_marks_previews_tests_and_spam_and_no_other_response(status: str | None, reason: str) -> None:
    """Qualtrics' numbers are sums: 1 preview, 2 test, 4 imported, 8 spam, 16 offline, 32 employee survey."""
    found = marks(pl.Series([status], dtype=pl.String))
    assert [name for name, rows in found.items() if rows.all()] == ([reason] if reason else [])


def test_rows_that_qualtrics_marks_are_set_aside_and_counted_by_reason(tmp_path: Path) -> None:
    """The export's own two previews, and of 64 people one row each that is a preview, spam by word and spam by number."""
    file = changed(qualtrics(tmp_path), "Status", {0: "1", 1: "Spam", 2: "8", 3: "Survey Test"})
    receipt = loaded(tmp_path, file).receipt
    assert receipt.set_aside == {PREVIEW: 3, TEST: 1, SPAM: 2}
    assert (receipt.read, receipt.kept, receipt.verdict) == (len(PEOPLE) + 2, len(PEOPLE) - 4, "READY WITH NOTES")


def test_a_mapping_drafted_before_there_was_spam_sets_it_aside_all_the_same(tmp_path: Path) -> None:
    file = changed(qualtrics(tmp_path), "Status", {len(PEOPLE): "IP Address", len(PEOPLE) + 1: "IP Address"})
    study = other_study(tmp_path / "drafted", instrument=WITH_HOURS)
    draft = draft_mapping(file, *study, "staff")
    later = changed(qualtrics(tmp_path), "Status", {5: "8"})
    assert "leave_out" not in draft and loaded(tmp_path, later, draft).receipt.set_aside == {PREVIEW: 2, SPAM: 1}


def test_what_is_nobodys_row_is_not_judged(tmp_path: Path) -> None:
    """A preview answers for an organisation that is not there, off the scale, under no id."""
    file = changed(qualtrics(tmp_path), "Organisation", {len(PEOPLE): "Test trust"})
    assert loaded(tmp_path, changed(file, "Q1_1", {len(PEOPLE): "Banana"})).receipt.kept == len(PEOPLE)


def test_a_file_of_previews_holds_no_responses_and_says_why(tmp_path: Path) -> None:
    file = changed(qualtrics(tmp_path), "Status", dict.fromkeys(range(len(PEOPLE)), "Survey Preview"))
    study = other_study(tmp_path, instrument=WITH_HOURS)
    path = study[0].root / "draft.yaml"
    path.write_text(draft_mapping(file, *study, "staff").replace("reviewed_by:", "reviewed_by: Ana"), encoding="utf-8")
    error = refusal(file, study=study, mapping=read_mapping(path, study[0]))
    assert f"{len(PEOPLE) + 2} rows set aside: {PREVIEW}" in str(error)


def test_a_status_that_a_mapping_reads_is_the_studys_own(tmp_path: Path) -> None:
    file = changed(qualtrics(tmp_path), "Status", {len(PEOPLE): "IP Address", len(PEOPLE) + 1: "IP Address", 0: "Spam"})
    changed(file, "ExternalReference", {len(PEOPLE): "new-1", len(PEOPLE) + 1: "new-2"})
    found = loaded(tmp_path, file, groups={"staff_group": {"column": "Status"}}, ignore=["StartDate", "ResponseId", "Staff group"])
    assert found.receipt.set_aside == {} and found.receipt.kept == len(PEOPLE) + 2


@pytest.mark.parametrize(("columns", "name"), [
    (["StartDate", "Status", "Q1"], "Status"), ([f"V{k}" for k in range(1, 11)], "V7"), (["V7", "Q1"], None), (["Q1"], None),
])  # fmt: skip
def test_the_status_is_found_under_its_name_and_under_the_one_of_legacy_exports(columns: list[str], name: str | None) -> None:
    assert status_column(columns) == name


REDCAP = (
    "record_id,redcap_repeat_instrument,redcap_repeat_instance,q1,well_complete,visit_timestamp,dose,why___1,visit_complete\n"
    "1,,,4,2,,,,\n1,visit,1,,,2025-10-07 09:00:00,5,1,2\n1,visit,2,,,[not completed],,0,0\n2,visit,1,,,2025-10-07 09:00:00,,,2\n2,visit,2,,,,,0,2\n"
)


def test_a_repeated_instrument_is_blank_where_no_field_of_it_holds_anything(tmp_path: Path) -> None:
    """Its state and its time are no fields; a box of a form that was completed says no, and is an answer."""
    file = tmp_path / "export.csv"
    file.write_text(REDCAP, encoding="utf-8")
    table = read_file(file, FileForm(format="redcap"))
    assert any(note.startswith("2 rows repeat an instrument") for note in table.notes)
    assert blank_repeats(table.frame).to_list() == [False, False, True, True, False]


def test_blank_repeats_are_set_aside_and_nobody_answers_twice_because_of_them(tmp_path: Path) -> None:
    """One repeat in each of two events, made blank; without them set aside its person would stand twice in the wave."""
    file = redcap(tmp_path)
    file.write_text(file.read_text(encoding="utf-8-sig").replace(",seen,2", ",,0"), encoding="utf-8")
    study = other_study(tmp_path / "drafted", instrument=WITH_HOURS)
    draft = draft_mapping(file, *study, "staff").replace(", leave_out: {redcap_repeat_instrument: [visit]}", "")
    assert "leave_out" not in draft
    receipt = loaded(tmp_path, file, draft).receipt
    assert receipt.set_aside == {BLANK: 2, "another wave": len(PEOPLE)} and receipt.kept == len(PEOPLE)


def with_a_last_row(folder: Path, group: str, day: str = "", *, elsewhere: str = "Nursing") -> Path:
    """32 people without ids who have a day and a group, and a row that has a word where the group stands."""
    frame = wave_frame().drop(columns="respondent").assign(answered_on="2025-10-10", staff_group="Other")
    frame.loc[0, "staff_group"] = elsewhere
    last = frame.tail(1).assign(staff_group=group, answered_on=day)
    pd.concat([frame, last]).to_csv(folder / "wave.csv", index=False)
    return folder / "wave.csv"


@pytest.mark.parametrize("word", ["Mean", "Total", "Average score", "Standard deviation", "SD", "n", "All staff"])
def test_a_row_without_an_id_that_a_group_calls_a_total_is_nobodys(word: str, tmp_path: Path) -> None:
    study = other_study(tmp_path, protocol=PROTOCOL.replace("linkage: pseudonym", "linkage: none"))
    (problem,) = refusal(with_a_last_row(tmp_path, word), study=study).problems
    assert (problem.code, problem.count) == ("summary-row", 1) and "row 34" in problem.where and "leave_out" in problem.fix
    assert problem.what.endswith("is called a total, a mean or the like in a group, without a day, another group or an id as others have.")


def test_a_group_of_such_a_name_that_people_have_is_a_category(tmp_path: Path) -> None:
    """Somebody with a day is in it; and so is who gave no day, where another one did."""
    study = other_study(tmp_path, protocol=PROTOCOL.replace("linkage: pseudonym", "linkage: none"))
    assert load(with_a_last_row(tmp_path, "Average", "2025-10-11"), study=study).receipt.kept == 33
    assert load(with_a_last_row(tmp_path, "Average", elsewhere="Average"), study=study).receipt.kept == 33
    assert load(with_a_last_row(tmp_path, "Nursing"), study=study).receipt.kept == 33
