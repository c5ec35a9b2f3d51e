"""What a draft makes of headers and answers that no program wrote for it: organisations, ticked options, item numbers, scales."""

from pathlib import Path

import pandas as pd
import pytest

from evaluation.draft_study import DraftReceipt
from evaluation.organisations.register import read_register
from evaluation.protocol.documents import read_documents, read_mapping
from evaluation.waves.collect import collect
from tests.test_draft_study import drafted, reviewed, with_arms

DEPOTS = ["Ashcombe Depot", "Birkfield Depot", "Gorse Hill Depot", "Dunmore Depot"]
AGREE = ["Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree"]
PEOPLE = 120


def survey(folder: Path, **columns: list[str]) -> DraftReceipt:
    """A draft from a file of 120 people with an id, a day, two questions and `columns`, each given by values that come round."""
    shared = {"Person": [f"p{k:04d}" for k in range(PEOPLE)], "Completed on": [f"2026-03-{k % 20 + 1:02d}" for k in range(PEOPLE)]}
    asked = {"1. I can swap a shift without saying why": AGREE, "2. I get enough rest between my shifts": AGREE[::-1]}
    rows = {name: [values[k % len(values)] for k in range(PEOPLE)] for name, values in (asked | columns).items()}
    pd.DataFrame(shared | rows).to_csv(folder / "survey.csv", index=False)
    return drafted(folder / "survey.csv", folder)


def draft_of(receipt: DraftReceipt) -> str:
    return next((receipt.root / "mappings").iterdir()).read_text(encoding="utf-8")


@pytest.mark.parametrize("header", ["Depot", "Depot name", "depot_name", "4. Which depot do you work at?"])
def test_a_column_headed_as_a_kind_of_place_is_drafted_as_organisations_to_check(header: str, tmp_path: Path) -> None:
    receipt = survey(tmp_path, **{header: DEPOTS, "Job family": ["Driver", "Mechanic", "Office"]})
    assert receipt.organisations == 4 and f"organisation: {{column: {header}" in draft_of(receipt).replace('"', "")
    assert receipt.decisions[0] == f"organisations.csv: CHECK that column '{header}' says whose row it is; each of its texts became an organisation."
    documents = read_documents(receipt.root)
    assert documents.protocol.populations["respondents"].groups == ("job_family",)
    with_arms(receipt, "a")
    found = collect(documents, read_register(documents), tmp_path / "survey.csv", wave="baseline", population="respondents",
                    mapping=read_mapping(reviewed(receipt), documents))  # fmt: skip
    assert found.receipt.kept == PEOPLE and found.frame["organisation"].n_unique() == 4


@pytest.mark.parametrize(("columns", "named"), [
    ({"Kennel": ["Upper", "Lower", "Outer"], "Status": ["Complete", "Partial"]}, "'Kennel', 'Status'"),
    ({"Depot": DEPOTS, "Branch": ["B1", "B2", "B3"], "Job": ["Driver", "Office"]}, "'Depot', 'Branch'"),
    ({"School type": ["Primary", "Secondary"], "Office mood": ["Calm", "Busy"]}, "'School type', 'Office mood'"),
])  # fmt: skip
def test_where_no_column_can_be_told_that_is_said_first_with_what_to_do(columns: dict[str, list[str]], named: str, tmp_path: Path) -> None:
    receipt = survey(tmp_path, **columns)
    first = receipt.decisions[0]
    assert "no column was found that says whose row it is" in first and f"(it may be {named})" in first
    assert "call that column 'Organisation'" in first and "'organisation: {column: ...}'" in first
    assert "organisation: {constant: DECIDE}" in draft_of(receipt)


def test_a_question_with_several_answers_in_a_cell_becomes_a_column_for_each_option(tmp_path: Path) -> None:
    question = "14. Which of these have you used? Tick all that apply"
    receipt = survey(tmp_path, Organisation=DEPOTS, **{question: ["App", "Clinic", "App;Clinic", "Neither of them", "", "App;Pattern", "Pattern"]})
    documents = read_documents(receipt.root)
    assert documents.protocol.populations["respondents"].groups == ()
    text = draft_of(receipt)
    assert 'parted_by: ";", options: [' in text and f'"{question} [App]": {{item: q14' in text
    assert any("'question [option]'" in decision and question in decision for decision in receipt.decisions)
    with_arms(receipt, "a")
    found = collect(documents, read_register(documents), tmp_path / "survey.csv", wave="baseline", population="respondents",
                    mapping=read_mapping(reviewed(receipt), documents))  # fmt: skip
    assert found.receipt.kept == PEOPLE


@pytest.mark.parametrize("values", [
    ["Nursing, midwifery", "Medical", "Other"], ["Ward 1, Leeds", "Ward 2, Leeds", "Ward 1, York", "Ward 2, York"], ["Driver", "Office"],
])  # fmt: skip
def test_a_comma_within_categories_makes_no_question_of_them(values: list[str], tmp_path: Path) -> None:
    receipt = survey(tmp_path, Organisation=DEPOTS, Kind=values)
    assert read_documents(receipt.root).protocol.populations["respondents"].groups == ("kind",) and "boxes" not in draft_of(receipt)


def test_a_number_that_a_header_carries_is_the_items_number(tmp_path: Path) -> None:
    receipt = survey(tmp_path, Organisation=DEPOTS, **{
        "Minutes taken": ["8.5", "9.1", "12"], "3b) I worry that I will be called in": AGREE, "I would rather work here than elsewhere": AGREE,
    })  # fmt: skip
    items = read_documents(receipt.root).instruments["survey"].items
    assert {name: one.wording[:10] for name, one in items.items()} == {
        "q1": "I can swap", "q2": "I get enou", "minutes_taken": "Minutes ta", "q3b": "I worry th", "item1": "I would ra",
    }  # fmt: skip


def test_items_share_a_scale_only_where_they_share_its_range(tmp_path: Path) -> None:
    codes = {"v1": "12345", "v2": "54321", "v3": "2345", "family": "1234", "state": "12", "overall": "0 1 2 3 4 5 6 7 8 9 10"}
    receipt = survey(tmp_path, Organisation=DEPOTS, **{name: said.split() if " " in said else [*said] for name, said in codes.items()})
    items = read_documents(receipt.root).instruments["survey"].items
    scales = {name: items[name].scale for name in codes}
    assert scales == {"v1": "codes_1_to_5", "v2": "codes_1_to_5", "v3": "codes_1_to_5", "family": "codes_1_to_4", "state": "codes_1_to_2",
                      "overall": "codes_0_to_10"}  # fmt: skip


@pytest.mark.parametrize("word", ["Don't know", "Don’t know", "Don't know / refused", "Not applicable (9)", "98 = Prefer not to say"])
def test_a_word_for_no_answer_is_none_however_it_is_written(word: str, tmp_path: Path) -> None:
    receipt = survey(tmp_path, Organisation=DEPOTS, **{"3. My rota is published early": [*AGREE, word], "4. Minutes that it took": ["8", "13", word]})
    documents = read_documents(receipt.root)
    instrument = documents.instruments["survey"]
    assert documents.protocol.populations["respondents"].groups == ()
    assert [word in instrument.scale_of(item).missing_codes for item in ("q3", "q4")] == [True, True]


@pytest.mark.parametrize(("numbers", "span", "missing"), [
    (range(31, 71), "0 to 100", []), ([*range(200, 230), 66], "66 to 229", []), ([*range(60, 98), 98], "0 to 100", []),
    ([*range(10, 45), 66, 99], "10 to 44", ["66", "99"]), ([*range(120, 150), 998, 999], "120 to 149", ["998", "999"]),
    ([*range(31, 61), -9], "0 to 100", ["-9"]), ([*range(-20, 20), -9], "-20 to 19", []), ([11, 13, 99, 98, 17], "11 to 17", ["98", "99"]),
])  # fmt: skip
def test_a_number_such_as_66_or_99_is_an_answer_among_others_and_missing_beyond_them(numbers: list[int], span: str, missing: list[str], tmp_path: Path) -> None:
    """A draft that held one of them as both was refused by the program that made it."""
    receipt = survey(tmp_path, Organisation=DEPOTS, **{"Years in post": [str(number) for number in numbers]})
    scale = read_documents(receipt.root).instruments["survey"].scale_of("years_in_post")
    assert (str(scale.range), sorted(scale.missing_codes)) == (span, missing)


def test_a_slip_far_from_all_others_makes_no_answer_of_a_missing_code(tmp_path: Path) -> None:
    """One of 120 people typed 111 for 1; the 99 of many others stays a missing code."""
    values = [*"12345123459" * 11][:119]
    values = [one.replace("9", "99") for one in values] + ["111"]
    receipt = survey(tmp_path, Organisation=DEPOTS, v1=values)
    scale = read_documents(receipt.root).instruments["survey"].scale_of("v1")
    assert list(scale.options) == ["1", "2", "3", "4", "5"] and [*scale.missing_codes] == ["99"]


def test_an_option_called_email_or_phone_is_an_answer_and_no_address(tmp_path: Path) -> None:
    receipt = survey(tmp_path, Organisation=DEPOTS, **{"Which ones?": ["Email;Phone", "Phone", "Email"], "Work email": ["a@b.org", "c@d.org"]})
    draft = draft_of(receipt)
    assert '"Which ones? [Email]": {item: which_ones_email}' in draft and '"Which ones? [Phone]": {item: which_ones_phone}' in draft
    assert [line.strip() for line in draft.split("drop:")[1].splitlines()[1:2]] == ["- Work email   # e-mail addresses"]


def test_days_and_former_organisations_are_no_groups(tmp_path: Path) -> None:
    receipt = survey(tmp_path, Trust=DEPOTS, **{"Start time": ["2026-03-01", "2026-03-02"], "Former trust": ["Elm Depot", "Oak Depot"], "Grade": ["A", "B"]})
    assert read_documents(receipt.root).protocol.populations["respondents"].groups == ("grade",)
