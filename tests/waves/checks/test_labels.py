"""Labels that a file carries for its codes are held to the instrument's: contradictions are refused, other words are not."""

import re
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from evaluation.organisations.register import Register
from evaluation.protocol.documents import Documents
from evaluation.protocol.instrument import Scale
from evaluation.protocol.mapping import Mapping
from evaluation.waves.checks.answer_faults import says_doubt, says_no_answer
from evaluation.waves.checks.turned_labels import turned_labels
from evaluation.waves.drafts.mapping import draft_mapping
from tests.studies import INSTRUMENT, UNITS, tiny_frame
from tests.waves.intake_study import ITEMS, codes, load, other_study, refusal, tiny

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


def with_options(folder: Path, *labels: str) -> tuple[Documents, Register]:
    """The tiny study whose agree_5 has these labels for 1 to 5."""
    options = ", ".join(f'{code}: "{label}"' for code, label in enumerate(labels, start=1))
    return other_study(folder, instrument=re.sub(r"options: \{1: Strongly disagree.*\}", f"options: {{{options}}}", INSTRUMENT))


@pytest.mark.parametrize(("ends", "kind"), [(("< 5 years", "> 5 years"), "sav"), (("1.5 hours", "15 hours"), "sav"), (("≤ 37.5 hours", "> 37.5 hours"), "dta")])
def test_labels_that_changed_places_and_differ_in_a_sign_only_are_refused(tmp_path: Path, ends: tuple[str, str], kind: str) -> None:
    study = with_options(tmp_path, ends[0], "b", "c", "d", ends[1])
    path = written(tmp_path, {"lived_1": {1: ends[1], 5: ends[0]}}, kind)
    (problem,) = refusal(path, study=study).problems
    assert problem.code == "label-contradicts" and "'codes: {1: 5, 5: 1}'" in problem.fix


def test_a_refusal_advises_no_code_for_a_label_that_several_options_have(tmp_path: Path) -> None:
    """And none that reads two answers as one: 12 years is not 1-2 years."""
    study = with_options(tmp_path, "Less than 1 year", "1-2 years", "12 years", "Other", "Other")
    path = written(tmp_path, {"lived_1": {1: "12 years", 2: "1-2 years", 3: "Less than 1 year"}, "lived_2": {1: "Other"}})
    first, second = refusal(path, study=study).problems
    assert "1 is labelled '12 years', which the instrument has for 3, and" in first.what and "'codes: {1: 3, 2: 2, 3: 1}'" in first.fix
    assert "1 is labelled 'Other', which the instrument has for 4, 5, and is read as 1" in second.what
    assert "say what the file's codes mean; where the labels" in second.fix


def test_items_labelled_in_different_ways_have_a_line_each(tmp_path: Path) -> None:
    four = {1: "Strongly disagree", 2: "Disagree", 3: "Agree", 4: "Strongly agree"}
    error = refusal(written(tmp_path, {"lived_1": TURNED, "lived_2": four, "lived_3": AGREE}))
    assert codes(error) == ["label-contradicts", "label-contradicts"]
    assert "labels of lived_2 contradict the instrument: 3 is labelled 'Agree', which the instrument has for 4" in str(error)


def test_labels_that_are_only_worded_otherwise_are_read_as_before(tmp_path: Path) -> None:
    otherwise = [
        {1: "strongly DISAGREE", 2: "2 - Disagree", 5: "Agree strongly"}, {1: "Stimme gar nicht zu", 5: "Stimme voll zu"},
        {4: "Tend to agree", 2: "1", 3: "Neither agree nor disagree"}, {99: "Prefer not to say"}, {8: "Not applicable"},
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


NOTHING = [
    "Not applicable", "Does not apply", "Does not apply to me", "Not sure", "Unsure", "Can't say", "Cannot say", "No response",
    "Did not answer", "Not answered", "Skipped", "Missing", "Don't know", "Don\u2019t know", "Dont know", "DK/NA", "Not stated",
    "Prefer not to answer", "Prefer not to say", "Rather not say", "No opinion", "Not relevant", "System missing",
    "Question not asked", "Not asked", "Blank", "Refusal", "Invalid", "Don't know / can't say", "9. Refused or don't know",
]  # fmt: skip


def test_phrases_for_no_answer_are_known_in_their_usual_forms() -> None:
    assert [label for label in NOTHING if not says_no_answer(label) and not says_doubt(label)] == []


@pytest.mark.parametrize("label", [NOTHING[0], NOTHING[-1]])
def test_a_phrase_for_no_answer_as_the_label_of_an_option_is_refused(tmp_path: Path, label: str) -> None:
    (problem,) = refusal(written(tmp_path, {"lived_1": {**AGREE, 5: label}})).problems
    assert problem.code == "label-contradicts" and "and is read as 5 'Strongly agree'" in problem.what


def test_who_could_not_decide_stands_in_the_middle_of_a_scale_and_nowhere_else(tmp_path: Path) -> None:
    assert load(written(tmp_path, {"lived_1": {**AGREE, 3: "Not sure"}})).receipt.notes == ()
    assert codes(refusal(written(tmp_path, {"lived_1": {**AGREE, 4: "Not sure"}}))) == ["label-contradicts"]
    assert codes(refusal(written(tmp_path, {"lived_1": {**AGREE, 3: "Don't know"}}))) == ["label-contradicts"]


@pytest.mark.parametrize("words", [["SA", "A", "Neither", "D", "SD"], ["Always", "Often", "Sometimes", "Rarely", "Never"]])
def test_labels_in_which_no_option_of_the_instrument_is_found_are_noted(tmp_path: Path, words: list[str]) -> None:
    labels = dict(zip(AGREE, words, strict=True))
    came = load(written(tmp_path, {"lived_1": labels, "strain_1": labels, "lived_2": {**labels, 5: "strongly agree"}}))
    (note,) = came.receipt.notes
    assert note.startswith(
        "the file labels the codes of lived_1, strain_1 in other words than the instrument, and they are read as they stand: "
        f"1 is '{words[0]}' (here 'Strongly disagree'), 2 is '{words[1]}' (here 'Disagree'), "
    )
    assert load(written(tmp_path, {"lived_1": labels}), mapping=mapping(codes={str(code): str(code) for code in AGREE})).receipt.notes == ()


COMPLETELY = ("Completely agree", "Mostly agree", "Unsure", "Mostly disagree", "Completely disagree")


def test_labels_in_other_words_that_say_the_other_end_are_refused_with_both_ways_to_mean_them(tmp_path: Path) -> None:
    turned = dict(zip(AGREE, COMPLETELY, strict=True))
    path = written(tmp_path, dict.fromkeys(ITEMS[:2], turned))
    (problem,) = refusal(path).problems
    assert problem.code == "label-contradicts" and problem.count == 2
    assert "1 is labelled 'Completely agree', which says rather 4 'Agree' or 5 'Strongly agree', and is read as 1 'Strongly" in problem.what
    assert "'codes: {1: 5, 2: 4, 3: 3, 4: 2, 5: 1}' where the labels are right, 'codes: {1: 1, 2: 2, 3: 3," in problem.fix
    for codes_ in ({str(code): str(6 - code) for code in AGREE}, {str(code): str(code) for code in AGREE}):
        assert load(path, mapping=mapping(codes=codes_)).frame.height == 32
    assert codes(refusal(path, mapping=mapping())) == ["label-contradicts"]


@pytest.mark.parametrize(("options", "words", "turned"), [
    (("Every day", "Every week", "Every month"), ("Monthly", "Weekly", "Daily"), "13"),
    (("Every day", "Every week", "Every month"), ("Daily", "Weekly", "Monthly"), ""),
    (tuple(AGREE.values()), COMPLETELY[::-1], ""), (tuple(AGREE.values()), COMPLETELY, "1245"),
    (tuple(AGREE.values()), ("Not agreed", "2", "3", "4", "Love it"), ""), (tuple(AGREE.values()), ("Little agreement", "2", "3", "4", "High agreement"), ""),
    (("Never", "Rarely", "Sometimes", "Often", "Always"), ("Never", "Less often", "At times", "Frequently", "All the time"), ""),
    (("1 day", "2-5 days", "6-10 days"), ("1 to 5 days", "b", "c"), ""), (("No", "Yes"), ("Yes, always", "Not ever"), "1"), (("1-2 times", "3-9 times"), ("3 or fewer", "4 or more"), ""),
])  # fmt: skip
def test_only_words_that_one_side_of_a_scale_has_alone_turn_labels(options: tuple[str, ...], words: tuple[str, ...], turned: str) -> None:
    scale = Scale.model_validate({"options": dict(enumerate(options, start=1))})
    assert "".join(turned_labels({str(code): label for code, label in enumerate(words, start=1)}, scale)) == turned


def test_turned_labels_in_other_words_are_left_to_decide_in_a_draft(tmp_path: Path) -> None:
    draft = draft_mapping(written(tmp_path, {"lived_1": dict(zip(AGREE, COMPLETELY, strict=True))}), *tiny(), "staff")
    decide = next(line for line in draft.splitlines() if "DECIDE" in line and "labelled" in line)
    assert all(f"{code} labelled '{COMPLETELY[code - 1]}'" in decide for code in set(answers()["lived_1"]))
    assert "taken at the number" not in draft


def test_a_label_in_other_words_that_may_identify_somebody_is_not_shown(tmp_path: Path) -> None:
    (note,) = load(written(tmp_path, {"lived_1": {1: "ana.berg@example.org", 5: "Top"}})).receipt.notes
    assert "1 is (text not shown) (here 'Strongly disagree'), 5 is 'Top'" in note and "ana" not in note


PLACES = {number: code for number, (code, _) in enumerate(UNITS, start=1)}
NAMED = {number: f"Organisation {code}" for number, code in PLACES.items()}
STAFF = {1: "Nursing", 2: "Other"}


def by_number(folder: Path, labels: dict[str, dict[int, str]], **columns: float | list[float]) -> Path:
    """A file in which organisations and groups are numbers that `labels` explain; `columns` stand beside them."""
    frame = answers().replace({"organisation": {code: number for number, code in PLACES.items()}, "staff_group": {"Nursing": 1, "Other": 2}})
    frame = frame.assign(organisation=frame["organisation"].astype(float), staff_group=frame["staff_group"].astype(float), **columns)
    return written(folder, labels, frame=frame)


def numbered(**more: object) -> Mapping:
    """A mapping that says what the numbers mean."""
    said = mapping().model_dump(mode="json", exclude_none=True)
    said["organisation"]["codes"] = {str(number): code for number, code in PLACES.items()}
    said["groups"]["staff_group"]["codes"] = {str(number): name for number, name in STAFF.items()}
    return Mapping.model_validate({**said, **more})


def test_labels_of_organisations_and_groups_that_agree_are_read(tmp_path: Path) -> None:
    labels = {"organisation": {**NAMED, 8: "The eighth of them"}, "staff_group": {1: "1. nursing", 2: "All others"}}
    came = load(by_number(tmp_path, labels), mapping=numbered())
    assert came.organisations == tuple(sorted(PLACES.values())) and set(came.frame["staff_group"]) == set(STAFF.values())
    assert came.receipt.notes == ()


def test_codes_of_organisations_that_the_file_numbers_anew_are_refused(tmp_path: Path) -> None:
    anew = {**NAMED, 1: NAMED[2], 2: NAMED[1]}
    (problem,) = refusal(by_number(tmp_path, {"organisation": anew}), mapping=numbered()).problems
    assert problem.code == "label-contradicts" and problem.where == "wave.sav, column 'organisation'"
    assert problem.what == (
        "the file's labels of organisation contradict the register: 1 is labelled 'Organisation P2', which the register has for P2, "
        "and is read as 'P1'; 2 is labelled 'Organisation P1', which the register has for P1, and is read as 'P2'."
    )
    assert "under 'organisation': 'codes: {1: P2, 2: P1, 3: P3, 4: C1," in problem.fix
    swapped = mapping().organisation.model_copy(update={"codes": {**numbered().organisation.codes, "1": "P2", "2": "P1"}})
    assert load(by_number(tmp_path, {"organisation": anew}), mapping=numbered(organisation=swapped)).frame.height == 32


def test_codes_of_groups_that_changed_places_are_refused(tmp_path: Path) -> None:
    (problem,) = refusal(by_number(tmp_path, {"staff_group": {1: "other", 2: "Nursing"}}), mapping=numbered()).problems
    assert problem.what == (
        "the file's labels of staff_group contradict the mapping: 1 is labelled 'other' and is read as 'Nursing'; "
        "2 is labelled 'Nursing' and is read as 'Other'."
    )
    assert "under 'staff_group': 'codes: {1: Other, 2: Nursing}'" in problem.fix


def test_a_group_by_codes_that_only_the_file_explains_is_noted_without_its_labels(tmp_path: Path) -> None:
    (note,) = load(by_number(tmp_path, {"staff_group": STAFF}), mapping=numbered(groups=mapping().groups)).receipt.notes
    assert note == "group 'staff_group' is stored by its codes, without the file's labels: a mapping may give them under 'codes'"


def test_codes_of_waves_that_the_file_labels_as_another_wave_are_refused(tmp_path: Path) -> None:
    waves = {"column": "time", "codes": {"1": "baseline", "2": "month_6"}}
    file = by_number(tmp_path, {"time": {1: "Start", 2: "12 months"}}, time=2.0)
    (problem,) = refusal(file, mapping=numbered(wave=waves)).problems
    assert problem.what == (
        "the file's labels of wave contradict the protocol: 2 is labelled '12 months', which the protocol has for month_12, and is "
        "read as 'month_6'."
    )
    agreeing = by_number(tmp_path, {"time": {1: "Start", 2: "2. 6 Months", 3: "Later"}}, time=2.0)
    assert load(agreeing, mapping=numbered(wave=waves)).frame.height == 32


def test_a_missing_code_of_answers_leaves_the_same_number_of_waves_and_organisations_alone(tmp_path: Path) -> None:
    waves = {"column": "time", "codes": {"1": "baseline", "2": "month_6"}}
    came = load(by_number(tmp_path, {}, time=2.0), mapping=numbered(wave=waves, missing_codes=["2"])).frame
    assert came.height == 32 and set(came["organisation"]) == set(PLACES.values()) and set(came["staff_group"]) == set(STAFF.values())
    assert came["lived_1"].null_count() == (answers()["lived_1"] == 2).sum() > 0


def test_codes_of_arms_that_the_file_labels_as_another_arm_are_refused(tmp_path: Path) -> None:
    arms = {"column": "arm", "codes": {"1": "develop", "2": "comparison"}}
    held = [1.0 if code.startswith("P") else 2.0 for code in answers()["organisation"]]
    labels = {1: "No values work", 2: "Develop own values"}
    (problem,) = refusal(by_number(tmp_path, {"arm": labels}, arm=held), mapping=numbered(arm=arms)).problems
    assert "1 is labelled 'No values work', which the protocol has for comparison, and is read as 'develop'" in problem.what


FORMER = "organisation,name,arm,type,region,size,values_history,start,became,became_on\n"


def test_the_name_of_what_an_organisation_was_is_no_contradiction(tmp_path: Path) -> None:
    """A register in which P1 was called P0 until after the wave; the mapping says either code."""
    rows = [f"{code},Organisation {code},{arm},NHS Trust,North,3000,never had,{'2025-04-01' if arm == 'develop' else ''},," for code, arm in UNITS]
    study = other_study(tmp_path, organisations=FORMER + "\n".join([*rows, "P0,Old Trust,,NHS Trust,North,,,,P1,2025-12-01"]) + "\n")
    for code in ("P0", "P1"):
        read = mapping().organisation.model_copy(update={"codes": {**numbered().organisation.codes, "1": code}})
        file = by_number(tmp_path, {"organisation": {**NAMED, 1: "Old Trust"}})
        assert load(file, mapping=numbered(organisation=read), study=study).frame.height == 32
