"""A mapping is checked against the study it belongs to: names that must be there, columns used once."""

from pathlib import Path

import pytest

from evaluation.errors import WaveError
from evaluation.protocol.documents import read_mapping
from evaluation.protocol.mapping import Mapping
from tests.protocol.changed import documents, refused

MAPPING = """\
mapping: supplier
version: 1
population: staff
waves: [baseline]
file: {format: csv}
organisation: {column: trust}
respondent: {column: id}
wave: {column: when, codes: {1: baseline, 2: month_6}}
groups:
  staff_group: {column: job}
items:
  Q1: {item: lived_1, codes: {no: 1, yes: 5}, missing_codes: [99, NA, '']}
  Q2: {item: lived_2}
drop: [email]
ignore: [comment]
"""


def mapped(folder: Path, replace: dict[str, str] | None = None, protocol: dict[str, str] | None = None) -> Mapping:
    read = documents(folder, replace=protocol)
    path = read.root / "mappings" / "supplier.yaml"
    path.parent.mkdir(exist_ok=True)
    text = MAPPING
    for old, new in (replace or {}).items():
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    return read_mapping(path, read)


def test_codes_stay_as_the_file_writes_them(tmp_path: Path) -> None:
    """`no` and `NA` are words, 99 the text '99'."""
    mapping = mapped(tmp_path)
    assert mapping.items["Q1"].codes == {"no": "1", "yes": "5"}
    assert mapping.items["Q1"].missing_codes == ("99", "NA", "")


CASES = {
    "population": ({"population: staff": "population: staf"}, "the mapping is for population 'staf', which is not there.", 3),
    "wave": ({"waves: [baseline]": "waves: [base]"}, "the mapping is for wave 'base', which is not there.", 4),
    "wave code": ({"2: month_6": "2: month_7"}, "the mapping turns '2' into wave 'month_7', which is not there.", 8),
    "item": ({"item: lived_2": "item: lived_9"}, "column 'Q2' answers item 'lived_9', which is not there.", 13),
    "item twice": ({"item: lived_2": "item: lived_1"}, "2 columns answer item 'lived_1'.", 11),
    "group": ({"staff_group: {": "staff_groups: {"}, "the mapping reads group 'staff_groups', which is not there.", 10),
    "arm": ({"drop:": "arm: {column: arm}\ndrop:"}, "the mapping reads arms from the file, but organisations were assigned.", 14),
    "read and dropped": ({"drop: [email]": "drop: [id]"}, "column 'id' is both read and under 'drop'.", 14),
    "read and ignored": ({"ignore: [comment]": "ignore: [Q1]"}, "column 'Q1' is both read and under 'ignore'.", 15),
    "dropped and ignored": ({"ignore: [comment]": "ignore: [email]"}, "column 'email' is under both 'drop' and 'ignore'.", 14),
    "no source": (
        {"respondent: {column: id}": "respondent: {codes: {a: b}}"},
        "'respondent' names both a column and a constant, or neither.",
        7,
    ),
    "two sources": (
        {"organisation: {column: trust}": "organisation: {column: trust, constant: P1}"},
        "'organisation' names both a column and a constant, or neither.",
        6,
    ),
    "unknown key": ({"drop:": "dropp:"}, "a mapping has no key 'dropp'.", 14),
}


@pytest.mark.parametrize("name", CASES)
def test_each_contradiction_with_the_study_is_told_at_its_line(tmp_path: Path, name: str) -> None:
    replace, what, line = CASES[name]
    found = refused(lambda: mapped(tmp_path, replace), WaveError)
    assert (what, f"tiny/mappings/supplier.yaml, line {line}") in [(one.what, one.where.split(", column")[0]) for one in found]


def test_people_assigned_one_by_one_bring_their_arm(tmp_path: Path) -> None:
    by_person = {
        "assignment: organisation": "assignment: respondent",
        "estimator: unit change": "estimator: robust least squares",
    }
    (problem,) = refused(lambda: mapped(tmp_path, protocol=by_person), WaveError)
    assert problem.what == "people were assigned one by one, but no column says to which arm."


def test_an_arm_code_leads_to_an_arm(tmp_path: Path) -> None:
    by_person = {
        "assignment: organisation": "assignment: respondent",
        "estimator: unit change": "estimator: robust least squares",
    }
    arm = {"drop:": "arm: {column: treat, codes: {0: comparison, 1: developed}}\ndrop:"}
    (problem,) = refused(lambda: mapped(tmp_path, arm, by_person), WaveError)
    assert problem.what == "the mapping turns '1' into arm 'developed', which is not there." and "'develop'" in problem.fix


def test_teams_come_with_a_column_that_names_them(tmp_path: Path) -> None:
    (problem,) = refused(lambda: mapped(tmp_path, protocol={"assignment: organisation": "assignment: team"}), WaveError)
    assert problem.what == "teams were assigned, but no column says which."


def test_a_mapping_that_is_not_there_is_refused_as_a_wave_is(tmp_path: Path) -> None:
    read = documents(tmp_path)
    (problem,) = refused(lambda: read_mapping(read.root / "mappings" / "none.yaml", read), WaveError)
    assert problem.where == "tiny/mappings/none.yaml" and WaveError.exit_code == 3


def test_codes_off_the_scale_and_organisations_not_in_the_register_are_told_at_their_line(tmp_path: Path) -> None:
    """lived_1 is answered from 1 to 5, with 99 for no answer."""
    wrong = {"codes: {no: 1, yes: 5}": "codes: {no: 1, yes: 7, unsure: 99, never: maybe}", "{column: trust}": "{column: trust, codes: {A: P1, B: P9}}"}
    with pytest.raises(WaveError) as caught:
        mapped(tmp_path, wrong)
    text = str(caught.value)
    assert len(caught.value.problems) == 3, text
    assert "turns 'yes' into '7', which is not on the scale of 'lived_1'" in text and "supplier.yaml, line 12" in text
    assert "turns 'never' into 'maybe'" in text and "turns 'B' into organisation 'P9'" in text and "supplier.yaml, line 6" in text
    with pytest.raises(WaveError, match="says organisation 'P77'"):
        mapped(tmp_path / "other", {"{column: trust}": "{constant: P77}"})


def test_a_list_of_rows_to_leave_out_is_answered_by_the_block_to_write(tmp_path: Path) -> None:
    (problem,) = refused(lambda: mapped(tmp_path, {"{format: csv}": "{format: csv, leave_out: [Total, Mean]}"}), WaveError)
    assert "'leave_out' must be a block of keys, not a list." in problem.what
    assert problem.fix == "name the column that holds these values: 'leave_out: {column: [Total, Mean]}'."
