"""Headers among the answers are told in one line that says which row it is, and what else is wrong is told beside it."""

from pathlib import Path

import pytest

from evaluation.protocol.mapping import Mapping
from tests.studies import INSTRUMENT
from tests.waves.intake_study import ITEMS, codes, load, other_study, refusal, wave_frame

TEXT = wave_frame().to_csv(index=False, lineterminator="\n")
HEAD, *ROWS = TEXT.splitlines()
WORDED = "Organisation,Person,Staff group," + ",".join(
    line.split("wording: ")[1].split(", scale")[0] for line in INSTRUMENT.splitlines() if "wording" in line
)


def written(folder: Path, *lines: str) -> Path:
    (folder / "w.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    return folder / "w.csv"


def test_a_header_pasted_in_with_a_second_file_is_one_line_that_names_its_row(tmp_path: Path) -> None:
    (problem,) = refusal(written(tmp_path, HEAD, *ROWS[:10], HEAD, *ROWS[10:])).problems
    assert problem.code == "header-repeated" and problem.where == "w.csv, row 12" and problem.fix.startswith("delete it")
    assert load(written(tmp_path, HEAD, *ROWS)).receipt.kept == len(ROWS)


def test_the_wordings_of_the_questions_below_the_header_are_a_second_header(tmp_path: Path) -> None:
    (problem,) = refusal(written(tmp_path, HEAD, WORDED, *ROWS)).problems
    assert problem.code == "header-repeated" and problem.where == "w.csv, row 2"


def test_what_is_wrong_beside_repeated_headers_is_told_too_and_counted_without_them(tmp_path: Path) -> None:
    first, *rest = ROWS
    error = refusal(written(tmp_path, HEAD, first.rsplit(",", 1)[0] + ",7", HEAD, *rest, HEAD.upper()))
    repeated, outside = error.problems
    assert repeated.count == 2 and repeated.where == "w.csv, rows 3, 35" and repeated.fix.startswith("delete them")
    assert outside.code == "outside-scale" and outside.what.startswith("1 of 32 rows") and "row 2" in outside.where


@pytest.mark.parametrize("row", [2, 3])
def test_the_true_header_below_other_rows_is_named_and_nothing_else_is_told(tmp_path: Path, row: int) -> None:
    above = ["Trust,Who,Group,Q1,Q2,Q3,Q4,Q5"] * (row - 1)
    (problem,) = refusal(written(tmp_path, *above, HEAD, *ROWS)).problems
    assert problem.code == "header-below" and f"'header_row: {row}'" in problem.fix and f"row {row}" in problem.where
    mapping = Mapping.model_validate({
        "mapping": "m", "version": 1, "reviewed_by": "Ana", "population": "staff", "file": {"format": "csv", "header_row": row},
        "organisation": {"column": "organisation"}, "respondent": {"column": "respondent"}, "groups": {"staff_group": {"column": "staff_group"}},
        "items": {item: {"item": item} for item in ITEMS},
    })  # fmt: skip
    assert load(written(tmp_path, *above, HEAD, *ROWS), mapping=mapping).receipt.kept == len(ROWS)


def test_an_option_that_is_called_as_its_column_is_an_answer(tmp_path: Path) -> None:
    """Survey tools write a ticked box as the option itself, under a header that is the option."""
    study = other_study(tmp_path, instrument=INSTRUMENT.replace("My workload wears me down.", "Email"))
    frame = wave_frame().rename(columns={"strain_1": "Email"}).assign(Email="Email")
    frame.loc[0, "organisation"] = "Nowhere"
    frame.to_csv(tmp_path / "boxes.csv", index=False)
    mapping = Mapping.model_validate({
        "mapping": "m", "version": 1, "reviewed_by": "Ana", "population": "staff", "file": {"format": "csv"},
        "organisation": {"column": "organisation"}, "respondent": {"column": "respondent"}, "groups": {"staff_group": {"column": "staff_group"}},
        "items": {item: {"item": item} for item in ITEMS[:-1]} | {"Email": {"item": "strain_1", "codes": {"Email": 1}}},
    })  # fmt: skip
    assert codes(refusal(tmp_path / "boxes.csv", study=study, mapping=mapping)) == ["unknown-organisation"]
