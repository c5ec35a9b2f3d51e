"""A file that is regular in another way than its mapping declares: the mapping's line is named, and not marks or fields of the file."""

from pathlib import Path

import pytest

from evaluation.errors import Problem, WaveError
from evaluation.protocol.mapping import FileForm
from evaluation.waves.readers import read_file
from evaluation.waves.readers.header import shown_header
from evaluation.waves.readers.recognise import recognised

ROWS = ["organisation;respondent;q1;words", 'P1;a;4;"no, ""not"" always"', "P1;b;5;yes", "P2;c;3;", 'P2;d;2;"often, I think"']


def problems(folder: Path, lines: list[str], name: str = "f.csv", **form: object) -> tuple[Problem, ...]:
    file = folder / name
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(WaveError) as caught:
        read_file(file, FileForm.model_validate({"format": "csv", **form}))
    return tuple(caught.value.problems)


@pytest.mark.parametrize("rows", [ROWS, [line.rsplit(";", 1)[0] for line in ROWS], [line.replace('"', "") for line in ROWS]])
def test_a_wrong_delimiter_is_told_as_such_and_alone(rows: list[str], tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, rows, delimiter=",")
    assert problem.code == "delimiter-differs" and "declares that commas part" in problem.what and "parted by semicolons" in problem.what
    assert "change 'delimiter'" in problem.fix and '";"' in problem.fix
    read = read_file(tmp_path / "f.csv", FileForm(format="csv", delimiter=";"))
    assert (read.frame.width, read.frame.height) == (rows[0].count(";") + 1, 4)


@pytest.mark.parametrize("delimiter", [";", None])
def test_a_header_under_titles_is_named_by_its_row(delimiter: str | None, tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, ["Rota survey, autumn", "", *ROWS], delimiter=delimiter)
    assert problem.code == "header-elsewhere" and "in row 3" in problem.what and "header_row: 3" in problem.fix
    assert read_file(tmp_path / "f.csv", FileForm(format="csv", delimiter=delimiter, header_row=3)).frame.height == 4


def test_a_header_row_declared_too_high_is_corrected(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, ["Survey", "Autumn", *ROWS], delimiter=";", header_row=2)
    assert problem.code == "header-elsewhere" and "header_row: 3" in problem.fix and "mapping says otherwise" in problem.what


@pytest.mark.parametrize("rows", [
    [*ROWS, "P2;e;4"], ["organisation;respondent;q1", *ROWS[1:]], [ROWS[0], *(f"{line};" for line in ROWS[1:])], ["a;b", "1;2;3", "4;5;6"],
])  # fmt: skip
def test_rows_that_are_longer_or_shorter_than_a_header_are_told_as_before(rows: list[str], tmp_path: Path) -> None:
    assert [problem.code for problem in problems(tmp_path, rows, delimiter=";")] == ["ragged-rows"]


def test_a_mark_that_is_never_closed_is_no_matter_of_the_delimiter(tmp_path: Path) -> None:
    assert [problem.code for problem in problems(tmp_path, [*ROWS, 'P2;e;4;"open', "P2;f;4;x"], delimiter=";")] == ["unclosed-quote"]


def test_a_file_that_is_what_its_name_says_is_held_against_the_mapping(tmp_path: Path) -> None:
    file = tmp_path / "wave.xlsx"
    file.write_bytes(b"PK\x03\x04" + b"\0" * 60)
    with pytest.raises(WaveError) as caught:
        read_file(file, FileForm(format="csv"))
    (problem,) = caught.value.problems
    assert "as its name says; the mapping declares 'format: csv'" in problem.what and "'format'" in problem.fix


def test_a_name_that_has_to_be_typed_is_never_cut(tmp_path: Path) -> None:
    name = "14. Which of these have you used in the past month at work or at home? Tick all that apply"
    boxes = {name: {"parted_by": ";", "options": ["App"]}}
    (problem,) = problems(tmp_path, [f"id,{name}", "1,App;Web"], boxes=boxes)
    assert problem.code == "undeclared-option" and name in problem.what
    (problem,) = problems(tmp_path, ["id,q1", "1,App"], boxes=boxes)
    assert problem.code == "missing-column" and name in problem.what


def test_a_name_nearly_right_is_shown_to_its_last_sign() -> None:
    name = "14. Which of these have you used in the past month? Tick all that apply [Shift swap app]"
    assert shown_header(name) == f"'{name}'" and shown_header("jo@example.org") == "(name not shown)"


@pytest.mark.parametrize(("above", "row"), [(["Rota survey, autumn", ""], 3), (["sep=;", "Rota survey"], 3), ([], None), (["sep=;"], None)])
def test_the_row_of_a_header_under_titles_is_proposed_for_a_draft(above: list[str], row: int | None, tmp_path: Path) -> None:
    file = tmp_path / "f.csv"
    file.write_text("\n".join([*above, *ROWS]) + "\n", encoding="utf-8")
    seen = recognised(file, FileForm(format="csv", delimiter=";"))
    assert seen.form.header_row == row and (row is None or f"stand in row {row}" in seen.saw)
    assert read_file(file, seen.form).frame.shape == (4, 4)


def test_no_row_is_named_to_a_format_whose_header_has_its_place(tmp_path: Path) -> None:
    rows = ["submitdate;lastpage", "id;submitdate;lastpage;q1;q2", "1;2026-03-02;3;4;5", "2;2026-03-02;3;4;5"]
    found = problems(tmp_path, rows, format="limesurvey", delimiter=";")
    assert [problem.code for problem in found] == ["ragged-rows"]
