"""Boxes and rows left out, as a mapping declares them: options that hold the mark between answers, and what is passed over."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from evaluation.errors import WaveError
from evaluation.protocol.mapping import FileForm
from evaluation.waves.readers import read_file
from evaluation.waves.readers.table import Table

OFTEN = {"parted_by": ",", "options": ["Yes, often", "Yes, often, at home", "Phone"]}


def read(folder: Path, content: str, **form: object) -> Table:
    (folder / "a.csv").write_text(content, encoding="utf-8")
    return read_file(folder / "a.csv", FileForm.model_validate({"format": "csv", "delimiter": ",", **form}))


def test_an_option_that_holds_the_mark_between_answers_is_one_answer(tmp_path: Path) -> None:
    table = read(
        tmp_path, 'id,w\n1,"Yes, often, Phone"\n2,Phone\n3,"Phone,Yes,  often, at home"\n4,\n5,"Yes,often"\n', boxes={"w": OFTEN}
    )
    assert table.frame["w [Yes, often]"].to_list() == ["1", "0", "0", None, "1"]
    assert table.frame["w [Yes, often, at home]"].to_list() == ["0", "0", "1", None, "0"]
    assert table.frame["w [Phone]"].to_list() == ["1", "1", "1", None, "0"]
    assert table.notes == ()


def test_a_part_of_an_option_is_no_option(tmp_path: Path) -> None:
    with pytest.raises(WaveError) as caught:
        read(tmp_path, 'id,w\n1,"Yes, Phone"\n', boxes={"w": OFTEN})
    assert [problem.code for problem in caught.value.problems] == ["undeclared-option"]


def test_options_that_cannot_be_told_apart_are_refused_where_they_are_declared() -> None:
    boxes = {"w": {"parted_by": ",", "options": ["Yes, often", "often", "Yes"]}}
    with pytest.raises(ValidationError, match="'Yes, often' is one option, and also several others"):
        FileForm.model_validate({"format": "csv", "boxes": boxes})


def test_answers_that_are_passed_over_are_counted(tmp_path: Path) -> None:
    boxes = {"w": {"parted_by": ";", "options": ["Email"], "others": "pass over"}}
    table = read(tmp_path, "id,w\n1,Email;Fax;Post\n2,Fax\n3,Email\n4,\n", boxes=boxes)
    assert table.notes == ("3 answers of column 'w' in 2 rows, not among its options, passed over as declared",)


TRUST = {"options": ["Email", "trust", "respect, care"], "others": "pass over"}


@pytest.mark.parametrize(("cell", "mark"), [
    ("I never feel, trust, in anybody", ","), ("Email, none of it, trust", ","), ("Email, no, respect, care", ","), ("I never; trust", ";"),
    ("I never feel, trust", ", "), ("none, trust", ","),
])  # fmt: skip
def test_a_word_of_somebodys_own_text_ticks_no_box(cell: str, mark: str, tmp_path: Path) -> None:
    """Behind other words and a space, as people write: it may be ticked, or be a word of theirs, so nobody guesses."""
    with pytest.raises(WaveError) as caught:
        read(tmp_path, f'id,w\n1,Email\n2,"{cell}"\n', boxes={"w": TRUST | {"parted_by": mark}})
    (problem,) = caught.value.problems
    assert (problem.code, problem.count) == ("option-in-text", 1) and "row 3" in problem.where and "'others: come last'" in problem.fix
    assert "never" not in str(problem) and "none of it" not in str(problem)


@pytest.mark.parametrize(("cell", "mark"), [
    ("Email, trust, I never feel it", ","), ("trust,Email", ","), ("Fax;trust;Email", ";"), ("Email, respect, care, and more", ","), ("I never trust anybody", ","),
    ("I trust no one, not one bit", ","), (", Email, trust", ","),
])  # fmt: skip
def test_options_that_only_a_tool_can_have_written_are_ticked_and_words_within_words_are_not(cell: str, mark: str, tmp_path: Path) -> None:
    table = read(tmp_path, f'id,w\n1,"{cell}"\n', boxes={"w": TRUST | {"parted_by": mark}})
    ticked = [name for name in ("Email", "trust", "respect, care") if table.frame[f"w [{name}]"][0] == "1"]
    assert ticked == {"Email, trust, I never feel it": ["Email", "trust"], "trust,Email": ["Email", "trust"], "Fax;trust;Email": ["Email", "trust"],
                      "Email, respect, care, and more": ["Email", "respect, care"], ", Email, trust": ["Email", "trust"]}.get(cell, [])  # fmt: skip


def test_where_peoples_own_text_comes_last_no_option_is_read_out_of_it(tmp_path: Path) -> None:
    boxes = {"w": TRUST | {"parted_by": ",", "others": "come last"}}
    table = read(tmp_path, 'id,w\n1,"I never feel, trust, in anybody"\n2,"Email, no, respect, care"\n3,"Email, trust"\n4,\n', boxes=boxes)
    assert table.frame["w [trust]"].to_list() == ["0", "0", "1", None] and table.frame["w [Email]"].to_list() == ["0", "1", "1", None]
    assert table.frame["w [respect, care]"].to_list() == ["0", "0", "0", None]
    assert table.notes == ("what column 'w' holds behind its options in 2 rows was passed over as declared",)


def test_rows_are_left_out_by_a_number_however_it_is_written(tmp_path: Path) -> None:
    """As codes match: a column that pandas has written holds 1.0 where the survey wrote 1."""
    content = "id,w\n1,1.0\n2,1\n3,\n4,2.0\n"
    assert read(tmp_path, content, leave_out={"w": ["1"]}).rows.to_list() == [4, 5]
    assert read(tmp_path, content, leave_out={"w": ["1", ""]}).rows.to_list() == [5]


def test_what_is_asked_once_holds_for_all_rows_of_a_record_where_these_agree(tmp_path: Path) -> None:
    """Record 2 says two things, record 3 nothing; rows without a record's id are nobody's, and the rest of a row stays."""
    content = "id,event,trust\n1,a,P1\n1,b,\n2,a,P1\n2,b,P2\n2,c,\n3,a,\n,b,\n,a,P3\n1,c,P1\n"
    table = read(tmp_path, content, same_for={"id": ["trust"]})
    assert table.frame["trust"].to_list() == ["P1", "P1", "P1", "P2", None, None, None, "P3", "P1"]
    assert table.notes[-1] == "blank cells of 'trust' read as in other rows of the same 'id': 1; 1 stay blank, for these rows differ"
    assert table.frame["event"].to_list() == list("ababcabac")
    left = read(tmp_path, content, same_for={"id": ["trust"]}, leave_out={"event": ["a"]})
    assert left.frame["trust"].to_list() == ["P1", "P2", None, None, "P1"]


def test_a_record_or_column_under_same_for_that_the_file_lacks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WaveError, match="the file lacks: 'record', 'trust'"):
        read(tmp_path, "id\n1\n", same_for={"record": ["id", "trust"]})
