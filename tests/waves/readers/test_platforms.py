"""Exports of Qualtrics, LimeSurvey and REDCap: codes as names, questions as labels, boxes as answers of their own."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from evaluation.errors import WaveError
from evaluation.protocol.mapping import FileForm
from evaluation.waves.readers import read_file
from evaluation.waves.readers.limesurvey import timings
from evaluation.waves.readers.recognise import recognised
from evaluation.waves.readers.table import Table

QUALTRICS = (
    "StartDate,Status,ResponseId,Q1,Q1\n"
    'Start Date,Response Type,Response ID,"How are you?\nToday",How are you? - Text\n'
    '"{""ImportId"":""startDate""}","{""ImportId"":""status""}","{""ImportId"":""_recordId""}","{""ImportId"":""QID1""}","{""ImportId"":""QID1_TEXT""}"\n'
    "2025-10-07 09:00:00,0,R_1,Agree,fine\n2025-10-07 09:10:00,1,R_2,Disagree,\n"
)
LIMESURVEY = '"id. Response ID","submitdate. Date submitted","lastpage. Last page","B1[SQ001]. Paid by? [Contract]","B1[SQ002]. Paid by? [Stipend]","B2. Are you well?"\n'
LIME_ROWS = (
    '"1","2025-10-07 09:00:00","3","Y","","A1"\n"2","","1","","",""\n"3","","3","N/A","N/A","A2"\n"4","","3","Y","Y","N/A"\n'
)
REDCAP = (
    "record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,q1,help___1,help___2,wellbeing_complete,dose,visit_complete\n"
    "1,baseline_arm_1,,,4,1,0,2,,0\n1,baseline_arm_1,visit,1,,0,0,,5,2\n1,month_6_arm_1,,,5,0,0,2,,\n2,baseline_arm_1,,,,0,0,0,,\n"
)


def read(folder: Path, content: str, **form: object) -> Table:
    path = folder / "export.csv"
    path.write_text(content, encoding="utf-8")
    return read_file(path, FileForm.model_validate(form))


def code(folder: Path, content: str, **form: object) -> str:
    with pytest.raises(WaveError) as caught:
        read(folder, content, **form)
    problem = caught.value.problems[0]
    assert problem.where and problem.fix
    return problem.code


def test_a_qualtrics_file_gives_names_questions_and_rows_below_three_header_rows(tmp_path: Path) -> None:
    table = read(tmp_path, QUALTRICS, format="qualtrics")
    assert table.frame.columns == ["StartDate", "Status", "ResponseId", "Q1: How are you? Today", "Q1: How are you? - Text"]
    assert table.labels["Q1: How are you? Today"] == "How are you? Today"
    assert table.rows.to_list() == [4, 5]
    assert "1 of 2 rows are previews, tests or spam by their Status; a load sets them aside unless its mapping reads that column" in table.notes


def test_a_qualtrics_workbook_reads_as_its_text_file(tmp_path: Path) -> None:
    text = read(tmp_path, QUALTRICS, format="qualtrics")
    with xlsxwriter.Workbook(tmp_path / "export.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["StartDate", "Status", "ResponseId", "Q1", "Q1"])
        sheet.write_row(1, 0, ["Start Date", "Response Type", "Response ID", "How are you?\nToday", "How are you? - Text"])
        sheet.write_row(2, 0, ['{"ImportId":"x"}'] * 5)
        sheet.write_row(3, 0, ["2025-10-07 09:00:00", 0, "R_1", "Agree", "fine"])
        sheet.write_row(4, 0, ["2025-10-07 09:10:00", 1, "R_2", "Disagree", ""])
    book = read_file(tmp_path / "export.xlsx", FileForm(format="qualtrics"))
    assert book.frame.equals(text.frame) and book.labels == text.labels


def test_a_qualtrics_header_of_another_depth_than_declared_is_refused(tmp_path: Path) -> None:
    legacy = QUALTRICS.replace(QUALTRICS.splitlines(keepends=True)[3], "")
    assert code(tmp_path, legacy, format="qualtrics") == "no-header"
    assert code(tmp_path, QUALTRICS, format="qualtrics", header_rows=2) == "no-header"
    assert read(tmp_path, legacy, format="qualtrics", header_rows=2).frame.height == 2


def test_answers_as_choice_texts_and_as_recode_values_are_told_apart(tmp_path: Path) -> None:
    assert "answers are choice texts" in read(tmp_path, QUALTRICS.replace("fine", ""), format="qualtrics").notes
    recoded = QUALTRICS.replace("Agree,fine", "4,").replace("Disagree", "2")
    assert any(note.startswith("answers are recode values") for note in read(tmp_path, recoded, format="qualtrics").notes)


def test_rows_that_are_nobodys_answers_are_left_out_as_declared_and_counted(tmp_path: Path) -> None:
    table = read(tmp_path, QUALTRICS, format="qualtrics", leave_out={"Status": ["1"]})
    assert table.frame["ResponseId"].to_list() == ["R_1"] and table.rows.to_list() == [4]
    assert "rows left out by what column 'Status' holds, as declared: 1" in table.notes
    assert code(tmp_path, QUALTRICS, format="qualtrics", leave_out={"Stat": ["1"]}) == "missing-column"


def test_both_limesurvey_headers_give_the_same_columns_and_one_gives_questions(shared_data: Callable[[str], Path]) -> None:
    """Two exports of one survey by its own authors; 559 columns and 12 people as counted in the files."""
    folder = shared_data("format_limesurvey")
    codes = read_file(folder / "dummy_data_codeonly.csv", FileForm(format="limesurvey"))
    texts = read_file(folder / "dummy_data_codeandtext.csv", FileForm(format="limesurvey", headers="code and text"))
    assert codes.frame.columns == texts.frame.columns and codes.frame.shape == (12, 559)
    assert not codes.labels and texts.labels["A4"] == "What is your year of birth?"


def test_a_box_left_blank_beside_a_ticked_one_reads_no_and_others_stay_as_they_are(tmp_path: Path) -> None:
    table = read(tmp_path, LIMESURVEY + LIME_ROWS, format="limesurvey", headers="code and text")
    assert table.frame["B1[SQ001]"].to_list() == ["Y", None, "N/A", "Y"]
    assert table.frame["B1[SQ002]"].to_list() == ["N", None, "N/A", "Y"]
    assert table.labels["B1[SQ002]"] == "Paid by? [Stipend]"


def test_a_limesurvey_header_that_is_not_what_is_declared_is_refused(tmp_path: Path) -> None:
    plain = LIMESURVEY.replace('"B2. Are you well?"', '"Are you well?"')
    assert code(tmp_path, plain + LIME_ROWS, format="limesurvey", headers="code and text") == "no-header"


def test_boxes_of_a_form_that_nobody_began_are_blank_and_others_keep_their_noughts(tmp_path: Path) -> None:
    table = read(tmp_path, REDCAP, format="redcap")
    assert table.frame["help___1"].to_list() == ["1", None, "0", None]
    assert table.frame["help___2"].to_list() == ["0", None, "0", None]
    assert "boxes of help: one column each; no box ticked may mean none, or no answer" in table.notes
    assert any(note.startswith("1 row repeats an instrument") for note in table.notes)


def test_rows_of_a_repeated_instrument_can_be_left_out(tmp_path: Path) -> None:
    table = read(tmp_path, REDCAP, format="redcap", leave_out={"redcap_repeat_instrument": ["visit"]})
    assert table.frame["q1"].to_list() == ["4", "5", None]


def test_a_survey_not_completed_has_no_time_of_completion(shared_data: Callable[[str], Path]) -> None:
    """The makers' own project holds '[not completed]' once, in the first record's third survey."""
    table = read_file(shared_data("format_redcap") / "survey_data.csv", FileForm(format="redcap"))
    assert table.frame["participant_morale_questionnaire_timestamp"].to_list() == [None, None]
    assert table.frame["prescreening_survey_timestamp"].to_list() == ["2018-03-06 15:52:43", "2018-03-06 15:53:15"]


def test_boxes_of_a_real_project_are_blank_where_its_makers_say_so(shared_data: Callable[[str], Path]) -> None:
    """Record 4 holds nothing; its makers write what each of the others should hold into `desired_result`."""
    table = read_file(shared_data("format_redcap") / "checkboxes-1_data.csv", FileForm(format="redcap"))
    boxes = table.frame.select(pl.col("^check_.*$"))
    assert boxes.row(3) == (None,) * 9
    assert boxes.row(0) == ("1", "0", "0", "0", "1", "0", "1", "0", "0")


def test_cells_with_several_answers_become_a_column_for_each_declared_option(tmp_path: Path) -> None:
    content = "id,How?\n1,Email;Phone;\n2,Phone;\n3,\n"
    form = {"format": "csv", "delimiter": ",", "boxes": {"How?": {"parted_by": ";", "options": ["Email", "Phone", "Post"]}}}
    table = read(tmp_path, content, **form)
    assert table.frame.columns == ["id", "How? [Email]", "How? [Phone]", "How? [Post]"]
    assert table.frame.rows() == [("1", "1", "1", "0"), ("2", "0", "1", "0"), ("3", None, None, None)]
    fax = content.replace("2,Phone;", "2,Fax;Phone;")
    assert code(tmp_path, fax, **form) == "undeclared-option"
    form["boxes"]["How?"]["others"] = "pass over"  # type: ignore[index]
    assert read(tmp_path, fax, **form).frame.equals(table.frame)
    assert code(tmp_path, "How?,How? [Post]\nEmail,1\n", **form) == "duplicate-columns"


@pytest.mark.parametrize(("content", "expected"), [
    (QUALTRICS, {"format": "qualtrics"}), (LIMESURVEY + LIME_ROWS, {"format": "limesurvey", "headers": "code and text"}),
    ("id,submitdate,lastpage\n1,2,3\n", {"format": "limesurvey"}), (REDCAP, {"format": "redcap"}),
    ("V1,V2\nResponseID,Set\nR_1,x\n", {"format": "qualtrics", "header_rows": 2}),
    ("Respondent ID,Collector ID,Rate,\n,,A,B\n1,2,3,4\n", {"format": "csv", "header_rows": 2}), ("organisation,lived_1\nP1,4\n", {"format": "csv"}),
])  # fmt: skip
def test_a_platform_is_recognised_by_its_mark_and_the_draft_says_by_which(
    tmp_path: Path, content: str, expected: dict[str, object]
) -> None:
    path = tmp_path / "export.csv"
    path.write_text(content, encoding="utf-8")
    seen = recognised(path, None)
    assert seen.form.model_dump(exclude_defaults=True) == expected
    assert bool(seen.saw) == (expected != {"format": "csv"})


@pytest.mark.parametrize(("content", "form", "expected"), [
    (b"\xef\xbb\xbf", None, ""), (b"a,b\n1,2\n", FileForm(format="csv", encoding="klingon"), "encoding"),
    (b"a,b\n1,2\n", FileForm(format="csv", encoding="hex"), "encoding"),
])  # fmt: skip
def test_what_cannot_be_recognised_is_left_to_the_reader_or_refused(
    tmp_path: Path, content: bytes, form: FileForm | None, expected: str
) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(content)
    if not expected:
        assert recognised(path, form).form == FileForm(format="csv")
        return
    with pytest.raises(WaveError) as caught:
        recognised(path, form)
    assert caught.value.problems[0].code == expected


def test_a_header_declared_below_the_end_of_the_file_is_refused(tmp_path: Path) -> None:
    assert code(tmp_path, "a,b\n1,2\n", format="csv", header_row=3) == "no-header"


def test_what_a_mapping_declares_is_not_guessed_over(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(QUALTRICS, encoding="utf-8")
    assert recognised(path, FileForm(format="csv", header_rows=2)).form == FileForm(format="csv", header_rows=2)


@pytest.mark.parametrize("form", [
    {"format": "spss", "header_row": 2}, {"format": "csv", "headers": "text"}, {"format": "redcap", "unnamed": "by letter"},
    {"format": "qualtrics", "header_rows": 4}, {"format": "csv", "header_rows": 0},
])  # fmt: skip
def test_a_key_that_means_nothing_for_a_format_is_refused(form: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"header|unnamed"):
        FileForm.model_validate(form)


LIME_HEAD = (
    '"id","submitdate","lastpage","B1[SQ001]","B1[SQ001comment]","B1[SQ002]","B1[SQ002comment]","B1[other]","B1[othercomment]"\n'
)


@pytest.mark.parametrize("comment", ["", "because"])
def test_comments_on_boxes_are_no_boxes_and_hide_none(tmp_path: Path, comment: str) -> None:
    """With a comment anywhere unticked boxes stayed blank; without one the comments read N."""
    table = read(
        tmp_path, f'{LIME_HEAD}"1","","","Y","{comment}","","","",""\n"2","","","","","","","",""\n', format="limesurvey"
    )
    assert table.frame.select("B1[SQ001]", "B1[SQ002]").rows() == [("Y", "N"), (None, None)]
    assert table.frame.select("B1[SQ001comment]", "B1[SQ002comment]", "B1[other]").rows()[0] == (comment or None, None, None)


def test_an_answer_under_other_says_that_the_boxes_beside_it_were_not_ticked(tmp_path: Path) -> None:
    rows = '"1","","","","","","","gym",""\n"2","","","","","","","",""\n"3","","","N/A","","N/A","","N/A",""\n'
    table = read(tmp_path, LIME_HEAD + rows, format="limesurvey")
    assert table.frame.select("B1[SQ001]", "B1[SQ002]", "B1[other]").rows() == [
        ("N", "N", "gym"),
        (None, None, None),
        ("N/A", "N/A", "N/A"),
    ]


@pytest.mark.parametrize(("head", "rows"), [
    ("record_id,tasks___1,tasks___2,work_complete,survey_complete", ["1,0,0,0,2", "2,0,0,1,2"]),
    ("record_id,tasks___1,tasks___2,work_complete,survey_complete", ["1,0,0,0,2", "2,0,0,0,2"]),
    ("record_id,tasks___1,tasks___2,work_complete,q9,survey_complete", ["1,0,0,0,,2", "2,0,0,1,4,2"]),
    ("record_id,tasks___1,tasks___2,work_complete,q9,survey_complete", ["1,0,0,No,,Complete", "2,0,0,Yes,4,Complete"]),
])  # fmt: skip
def test_a_question_that_is_called_like_the_state_of_a_form_ends_none(tmp_path: Path, head: str, rows: list[str]) -> None:
    """The form was completed by both people, so no box ticked stays 0."""
    table = read(tmp_path, "\n".join([head, *rows, ""]), format="redcap")
    assert table.frame["tasks___1"].to_list() == ["0", "0"]
    assert "work_complete is read as a question's answers, not as the state of a form" in table.notes


def test_a_form_without_a_field_does_not_hide_the_state_of_the_form_before_it(tmp_path: Path) -> None:
    table = read(tmp_path, "record_id,tasks___1,work_complete,notice_complete\n1,0,2,2\n2,0,0,0\n", format="redcap")
    assert table.frame["tasks___1"].to_list() == ["0", None]


def test_the_clocks_of_limesurvey_are_told_from_questions() -> None:
    names = ["Q1", "Q1Time", "B1[SQ001]", "B1Time", "groupTime7", "interviewtime", "workTime", "Total time", "Question time: Q1", "Time"]
    assert timings(names, "limesurvey") == ["Q1Time", "B1Time", "groupTime7", "interviewtime", "Total time", "Question time: Q1"]
    assert timings(names, "csv") == ["Q1Time", "B1Time", "groupTime7", "interviewtime"]
