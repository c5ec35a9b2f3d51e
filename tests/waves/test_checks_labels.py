"""Labels that a file carries for its codes are held to the instrument's: contradictions are refused, other words are not."""

from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from evaluation.protocol.mapping import Mapping
from tests.studies import tiny_frame
from tests.waves.intake_study import ITEMS, codes, load, refusal

AGREE = {1: "Strongly disagree", 2: "Disagree", 3: "Neither", 4: "Agree", 5: "Strongly agree"}
TURNED = {6 - code: label for code, label in AGREE.items()}


def answers() -> pd.DataFrame:
    return tiny_frame("month_6", people=4)


def written(
    folder: Path, labels: dict[str, dict[int, str]], kind: str = "sav", frame: pd.DataFrame | None = None, **how: object
) -> Path:
    path = folder / f"wave.{kind}"
    write = {"sav": pyreadstat.write_sav, "dta": pyreadstat.write_dta}[kind]
    write(answers() if frame is None else frame, str(path), variable_value_labels=labels, **how)
    return path


def mapping(kind: str = "spss", **said: object) -> Mapping:
    """A reviewed mapping by which every item is read with the keys `said`."""
    items = {item: {"item": item, **said} for item in ITEMS}
    document = {
        "mapping": "m", "version": 1, "reviewed_by": "R. Viewer", "population": "staff", "file": {"format": kind},
        "organisation": {"column": "organisation"}, "respondent": {"column": "respondent"},
        "groups": {"staff_group": {"column": "staff_group"}}, "items": items,
    }  # fmt: skip
    return Mapping.model_validate(document)


@pytest.mark.parametrize("kind", ["sav", "dta"])
def test_codes_labelled_the_other_way_round_are_refused_with_the_codes_that_put_them_right(tmp_path: Path, kind: str) -> None:
    (problem,) = refusal(written(tmp_path, dict.fromkeys(ITEMS, TURNED), kind)).problems
    assert problem.code == "label-contradicts" and problem.count == 5
    assert problem.what.startswith(
        "the file's labels of lived_1, lived_2, lived_3, know_values, strain_1 contradict the instrument: 1 is labelled "
        "'Strongly agree', which the instrument has for 5, and is read as 1 'Strongly disagree'; 2 is labelled 'Agree', "
    )
    assert problem.where == f"wave.{kind}, columns 'lived_1', 'lived_2', 'lived_3', 'know_values', 'strain_1'"
    assert "'codes: {1: 5, 2: 4, 3: 3, 4: 2, 5: 1}'" in problem.fix


def test_with_the_codes_of_the_refusal_the_answers_come_in_turned(tmp_path: Path) -> None:
    path = written(tmp_path, dict.fromkeys(ITEMS, TURNED))
    turned = load(path, mapping=mapping(codes={str(code): str(6 - code) for code in AGREE}))
    assert turned.frame["lived_1"].sum() == (6 - answers()["lived_1"]).sum()


def test_a_mapping_whose_codes_the_labels_contradict_is_refused_too(tmp_path: Path) -> None:
    path = written(tmp_path, dict.fromkeys(ITEMS, AGREE))
    (problem,) = refusal(path, mapping=mapping(codes={str(code): str(6 - code) for code in AGREE})).problems
    assert "1 is labelled 'Strongly disagree', which the instrument has for 1, and is read as 5 'Strongly agree'" in problem.what
    assert problem.fix.startswith("correct in the mapping what the file's codes mean: 'codes: {1: 1, 2: 2, 3: 3, 4: 4, 5: 5}'")


def test_items_labelled_in_different_ways_have_a_line_each(tmp_path: Path) -> None:
    four = {1: "Strongly disagree", 2: "Disagree", 3: "Agree", 4: "Strongly agree"}
    error = refusal(written(tmp_path, {"lived_1": TURNED, "lived_2": four, "lived_3": AGREE}))
    assert codes(error) == ["label-contradicts", "label-contradicts"]
    assert "labels of lived_2 contradict the instrument: 3 is labelled 'Agree', which the instrument has for 4" in str(error)


def test_labels_that_are_only_worded_otherwise_are_read_as_before(tmp_path: Path) -> None:
    otherwise = [
        {1: "strongly DISAGREE", 2: "2 - Disagree", 5: "Agree strongly"}, {1: "Stimme gar nicht zu", 5: "Stimme voll zu"},
        {1: "Tend to agree", 2: "1", 3: "Neither agree nor disagree"}, {99: "Prefer not to say"}, {8: "Not applicable"},
    ]  # fmt: skip
    frame = load(written(tmp_path, dict(zip(ITEMS, otherwise, strict=True)))).frame
    assert [frame[item].sum() for item in ITEMS] == [answers()[item].sum() for item in ITEMS]


def test_a_code_on_the_scale_that_the_file_calls_no_answer_is_refused_until_it_is_declared(tmp_path: Path) -> None:
    path = written(tmp_path, {"lived_1": {**AGREE, 5: "5. Don\u2019t know"}, "lived_2": {98: "Prefer not to say"}})
    (problem,) = refusal(path).problems
    assert problem.what == (
        "the file's labels of lived_1 contradict the instrument: 5 is labelled '5. Don\u2019t know' and is read as 5 'Strongly agree'."
    )
    assert "'codes: {1: 1, 2: 2, 3: 3, 4: 4}, missing_codes: [\"5\"]'" in problem.fix
    came = load(path, mapping=mapping(missing_codes=["5"]))
    assert came.frame["lived_1"].sum() == answers()["lived_1"].where(answers()["lived_1"] < 5).sum()
    counted = load(path, mapping=mapping(codes={"1": "1", "2": "2", "3": "3", "4": "4", "5": "3"}))
    assert counted.frame["lived_1"].sum() == answers()["lived_1"].replace(5, 3).sum()


def test_a_code_that_the_mapping_declares_as_missing_may_have_any_label(tmp_path: Path) -> None:
    path = written(tmp_path, {"lived_1": {**AGREE, 8: "Agree"}})
    assert codes(refusal(path)) == ["label-contradicts"]
    assert load(path, mapping=mapping(missing_codes=["8"])).frame.height == 32


DECLARED = {"lived_1": [5], "lived_2": [{"lo": 90, "hi": 98}], "lived_3": [99, 7]}


def with_missing() -> pd.DataFrame:
    """Answers of which two to lived_2 and three to lived_3 are codes that only the file explains."""
    frame = answers()
    frame.loc[:1, "lived_2"], frame.loc[:2, "lived_3"] = [91, 92], [7, 7, 99]
    return frame


@pytest.mark.parametrize("said", [None, {}, {"codes": {str(code): str(code) for code in AGREE}}])
def test_what_the_file_declares_as_missing_is_no_answer_whatever_a_mapping_says(
    tmp_path: Path, said: dict[str, object] | None
) -> None:
    sent, reviewed = with_missing(), None if said is None else mapping(**said)
    came = load(written(tmp_path, {}, frame=sent, missing_ranges=DECLARED), mapping=reviewed)
    fives = int((sent["lived_1"] == 5).sum())
    assert came.receipt.missing == {
        "5, declared by the file": fives, "91, declared by the file": 1, "92, declared by the file": 1,
        "7, declared by the file": 2, "99": 1,
    }  # fmt: skip
    assert came.frame["lived_1"].sum() == sent["lived_1"].where(sent["lived_1"] < 5).sum()
    assert came.frame["lived_2"].null_count() == 2 and came.frame["lived_3"].null_count() == 3
    note = f"the file declares codes to be no answers that lie on the scale, and they are read as none: 5 of lived_1 ({fives})"
    assert came.receipt.notes == (note,)


def test_extended_missing_values_of_stata_are_no_answers_and_counted(tmp_path: Path) -> None:
    sent = answers()
    sent["lived_1"] = sent["lived_1"].astype(object)
    sent.loc[:2, "lived_1"] = ["a", "a", "b"]
    came = load(written(tmp_path, {}, "dta", sent, missing_user_values={"lived_1": ["a", "b"]}))
    assert came.receipt.missing == {".a, declared by the file": 2, ".b, declared by the file": 1}
    assert came.frame["lived_1"].null_count() == 3 and came.receipt.verdict == "READY"
