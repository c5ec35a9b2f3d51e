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


def test_rows_are_left_out_by_a_number_however_it_is_written(tmp_path: Path) -> None:
    """As codes match: a column that pandas has written holds 1.0 where the survey wrote 1."""
    content = "id,w\n1,1.0\n2,1\n3,\n4,2.0\n"
    assert read(tmp_path, content, leave_out={"w": ["1"]}).rows.to_list() == [4, 5]
    assert read(tmp_path, content, leave_out={"w": ["1", ""]}).rows.to_list() == [5]
