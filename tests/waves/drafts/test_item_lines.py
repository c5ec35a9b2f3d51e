"""What a draft says of answers that it cannot know: which way numbers run of which only the ends have words, and 'None'."""

from pathlib import Path

import pyreadstat
import pytest

from evaluation.protocol.documents import read_mapping
from evaluation.protocol.instrument import Scale
from evaluation.waves.checks.answer_codes import match_answers
from evaluation.waves.drafts.answerings import answerings
from evaluation.waves.drafts.mapping import draft_mapping
from evaluation.waves.readers import read_file
from tests.waves.intake_study import codes, other_study, refusal, tiny, wave_frame

AGREE = Scale.model_validate({"options": {1: "Strongly disagree", 2: "Disagree", 3: "Neither", 4: "Agree", 5: "Strongly agree"}})


def drafted(folder: Path, **columns: list[str]) -> str:
    """The draft of the tiny wave in which some items are answered by these, in turn."""
    frame = wave_frame()
    for item, answers in columns.items():
        frame[item] = [answers[place % len(answers)] for place in range(len(frame))]
    frame.to_csv(folder / "wave.csv", index=False)
    return draft_mapping(folder / "wave.csv", *tiny(), "staff")


def below(draft: str, item: str) -> str:
    """The line of an item's column and the remarks under it."""
    after = draft.split("items:")[1].split(f"\n  {item}: ")[1].splitlines()
    return "\n".join([after[0], *(line for k, line in enumerate(after[1:], start=1) if all("#" in one[:4] for one in after[1 : k + 1]))])


@pytest.mark.parametrize(("answers", "unknown"), [
    (["1 (Strongly agree)", "2", "3", "4", "5 (Strongly disagree)"], ("2", "3", "4")),
    (["1 (Strongly disagree)", "2", "3", "4 (Strongly agree)"], ("2", "3")),
    (["1 - Strongly disagree", "2", "3", "4", "5", "7 - Strongly agree"], ("2", "3", "4", "5")),
    (["1 (Strongly disagree)", "2", "3", "4", "5 (Strongly agree)"], ()),
    (["5 - Strongly disagree", "4 - Disagree", "1 - Strongly agree"], ()),
])  # fmt: skip
def test_numbers_between_labelled_ends_are_read_only_where_the_ends_stand_at_the_instruments_codes(answers: list[str], unknown: tuple[str, ...]) -> None:
    assert match_answers(answers, AGREE).unknown == unknown


def test_an_option_that_begins_with_a_number_moves_no_number() -> None:
    scale = Scale.model_validate({"options": {0: "Never", 1: "1 to 2 times", 2: "3 to 9 times", 3: "10 times or more"}})
    found = match_answers(["1 to 2 times", "3 to 9 times", "10 times or more", "0"], scale)
    assert found.moved == {} and found.unknown == ()


def test_a_column_with_turned_ends_is_for_a_person_to_decide_whatever_another_column_says(tmp_path: Path) -> None:
    ends = ["1 (Strongly agree)", "2", "3", "4", "5 (Strongly disagree)"]
    draft = drafted(tmp_path, lived_1=ends, lived_2=["1", "2", "Agree", "5"])
    assert "# DECIDE: 2, 3, 4 in the column above: no answers on" in below(draft, "lived_1")
    assert not any(f" {code}: {code}" in below(draft, "lived_1") for code in "234")
    study = other_study(tmp_path)
    path = study[0].root / "draft.yaml"
    path.write_text(draft.replace("reviewed_by:", "reviewed_by: Ana"), encoding="utf-8")
    assert "unmapped-answer" in codes(refusal(tmp_path / "wave.csv", study=study, mapping=read_mapping(path, study[0])))


def test_what_a_draft_leaves_to_decide_is_not_decided_in_the_line_above_it(tmp_path: Path) -> None:
    """One column labels 2 as 4, as the other, of which only the ends are labelled, may or may not mean it."""
    sent = wave_frame()[["organisation", "staff_group", "lived_1", "lived_2"]].copy()
    sent[["lived_1", "lived_2"]] = [[float(k % 5 + 1), float(k * 2 % 5 + 1)] for k in range(len(sent))]
    whole = {float(6 - int(code)): label for code, label in AGREE.options.items()}
    pyreadstat.write_sav(sent, str(tmp_path / "x.sav"), variable_value_labels={"lived_1": whole, "lived_2": {k: whole[k] for k in (1.0, 5.0)}})
    draft = draft_mapping(tmp_path / "x.sav", *tiny(), "staff")
    assert "lived_1: {item: lived_1, codes: {5: 1, 4: 2, 3: 3, 2: 4, 1: 5}}" in draft
    assert "lived_2: {item: lived_2, codes: {5: 1, Disagree: 2, Neither: 3, Agree: 4, 1: 5}}" in draft
    assert "# DECIDE:" in below(draft, "lived_2")


def test_plain_numbers_beside_a_column_coded_the_other_way_round_are_a_check(tmp_path: Path) -> None:
    turned = [f"{6 - int(code)} - {label}" for code, label in AGREE.options.items()]
    draft = drafted(tmp_path, lived_1=turned)
    for item in ("lived_2", "strain_1"):
        assert "taken at their face value, but in column 'lived_1' 5 is '1 Strongly disagree'" in below(draft, item)
    assert "face value, but" not in below(draft, "lived_1")
    assert "face value, but" not in drafted(tmp_path, lived_1=[f"{code} - {label}" for code, label in AGREE.options.items()])


def test_numbers_beside_answers_in_words_are_a_check(tmp_path: Path) -> None:
    draft = drafted(tmp_path, lived_1=["Strongly agree", "2", "3", "4", "Strongly disagree"])
    assert "# CHECK: in the column above 2, 3, 4 stand beside answers in words; do they run from the same end?" in below(draft, "lived_1")
    assert "beside answers in words" not in drafted(tmp_path, lived_1=["5 - Strongly agree", "2", "3", "4", "1 - Strongly disagree"])


@pytest.mark.parametrize(("options", "answers", "unknown"), [
    ({0: "Not at all", 1: "Once", 2: "Twice or more"}, ["None", "Nil", "Once", "-"], ("None", "Nil")),
    ({1: "None of them", 2: "One or two", 3: "Most of them"}, ["None", "One or two"], ("None",)),
    ({0: "No", 1: "Yes"}, ["x"], ("x",)), ({0: "None", 1: "Some"}, ["None", "Some"], ()),
])  # fmt: skip
def test_none_nil_and_a_tick_are_left_to_a_person_who_may_know_them_for_answers(
    options: dict[int, str], answers: list[str], unknown: tuple[str, ...]
) -> None:
    found = match_answers(answers, Scale.model_validate({"options": options}))
    assert found.unknown == unknown and not {"None", "Nil", "x"} & {*found.missing}
    declared = match_answers(answers, Scale.model_validate({"options": options, "missing_codes": {"9": "None", "x": "Left out"}}))
    assert "x" not in declared.unknown and ("None" in declared.missing) == ("None" in unknown)


def test_a_drafted_instrument_declares_nil_beside_numbers_as_no_missing_code(tmp_path: Path) -> None:
    path = tmp_path / "wave.csv"
    path.write_text("trust,hours\n" + "".join(f"T{k % 3},{'nil' if k == 7 else 'n/a' if k == 8 else k}\n" for k in range(60)), encoding="utf-8")
    (found,) = answerings(read_file(path), ["trust"])
    assert found.missing == ("n/a",)
