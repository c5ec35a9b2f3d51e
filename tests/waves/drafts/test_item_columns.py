"""Which column is drafted for which item: an exact wording before all others, and nothing sure where two columns could be meant."""

from dataclasses import replace
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from evaluation.waves.checks.likeness import apart, likeness, same_wording
from evaluation.waves.drafts.mapping import draft_from_table
from evaluation.waves.readers import read_file
from tests.waves.intake_study import tiny

ASKED = {
    "manager": "My manager supports me.",
    "senior": "Senior managers support me.",
    "energy": "Most days I start work with energy for it.",
    "training": "Have you had training in the last 12 months?",
    "lead_1": "My leader listens to what I say about my work.",
}
STEM = "Thinking about the last six months, how far do you trust your local health services to"


def drafted(folder: Path, headers: list[str], labels: dict[str, str] | None = None, asked: dict[str, str] | None = None) -> str:
    """The draft of a file of six people whose answers, all of them on the scale, stand under `headers`."""
    items = "".join(f'  {item}: {{wording: "{wording}", scale: agree_5}}\n' for item, wording in (asked or ASKED).items())
    scale = "{1: Strongly disagree, 2: Disagree, 3: Neither, 4: Agree, 5: Strongly agree}"
    documents, register = tiny()
    own = f"instrument: values\nversion: 1\npopulation: staff\nsource: own\nscales:\n  agree_5: {{options: {scale}, positive: [4, 5]}}\nitems:\n{items}"
    instrument = type(documents.instruments["values"]).model_validate(YAML(typ="safe", pure=True).load(own))
    documents = replace(documents, instruments={"values": instrument})
    folder.mkdir(exist_ok=True)
    file = folder / "wave.csv"
    head = ",".join(f'"{name}"' for name in ("organisation", "staff_group", *headers))
    rows = "".join(f"P1,nursing,{','.join(str((place + k) % 5 + 1) for k in range(len(headers)))}\n" for place in range(6))
    file.write_text(f"{head}\n{rows}", encoding="utf-8")
    return draft_from_table(replace(read_file(file), labels=labels or {}), documents, register.names, "staff")


def line(draft: str, header: str) -> str:
    return next((one.strip() for one in draft.split("items:")[1].splitlines() if one.strip().startswith(header)), "")


@pytest.mark.parametrize("others", [
    ["My manager supports me in my training"], ["My senior manager supports me"], ["My manager supports me - benchmark average"],
    ["My manager undermines me"],
])  # fmt: skip
@pytest.mark.parametrize("last", [True, False])
def test_the_exact_wording_is_drafted_wherever_its_neighbours_stand(others: list[str], last: bool, tmp_path: Path) -> None:
    headers = [*others, "My manager supports me"] if last else ["My manager supports me", *others]
    draft = drafted(tmp_path, headers)
    assert line(draft, "My manager supports me:") == "My manager supports me: {item: manager}   # the item's wording"
    assert "item: manager" not in line(draft, others[0])


@pytest.mark.parametrize("pair", [
    ("Importance: My manager supports me.", "Agreement: My manager supports me."),
    ("My manager supports me - % disagree", "My manager supports me - % agree"),
    ("My manager supports me (2024)", "My manager supports me (2025)"),
    ("My manager supports me (before the pilot)", "My manager supports me (after the pilot)"),
    ("My manager supports me", "my manager supports me!"),
    ("My manager supports me.", "My manager supports me..1"), ("manager", "manager.1"), ("lead_1_T0", "lead_1_T1"),
])  # fmt: skip
def test_of_two_columns_that_fit_an_item_alike_neither_is_drafted_unseen(pair: tuple[str, str], tmp_path: Path) -> None:
    draft = drafted(tmp_path, list(pair))
    item = "lead_1" if "lead" in pair[0] else "manager"
    assert f"# DECIDE: '{pair[0]}', '{pair[1]}' could be {item} alike." in draft
    assert f"item: {item}" not in draft
    assert all(name in draft.split("ignore:")[1] for name in pair)


def test_a_column_named_as_the_item_and_another_in_its_wording_are_both_named(tmp_path: Path) -> None:
    draft = drafted(tmp_path, ["manager", "My manager supports me."])
    assert line(draft, "manager:").endswith("# CHECK: same name; 'My manager supports me.' could be meant too")


def test_the_likelier_of_two_columns_is_drafted_with_a_check_that_names_the_other(tmp_path: Path) -> None:
    draft = drafted(tmp_path, ["My line manager always supports me", "My line manager supports me"])
    assert line(draft, "My line manager supports me:").endswith(
        "# CHECK: wording 90% alike: 'line' added; 'My line manager always supports me' could be meant too"
    )


@pytest.mark.parametrize(("header", "says"), [
    ("My manager undermines me.", "'undermines' for 'supports'"), ("Most days I end work with energy", "'end' for 'start', 'for it' left out"),
    ("Have you had training in the last 3 months?", "'3' for '12'"), ("Agreement: My manager supports me.", "'agreement' added"),
    ("My line manager supports me", "'line' added"), ("My leader listens to what I say", "'about my work' left out"),
])  # fmt: skip
def test_a_wording_that_is_not_exact_is_a_check_that_says_in_what_it_differs(header: str, says: str, tmp_path: Path) -> None:
    found = line(drafted(tmp_path, [header]).replace('"', ""), header)
    assert "{item: " in found and "# CHECK: wording" in found and found.endswith(f"alike: {says}")


@pytest.mark.parametrize("header", ["Q3. My manager supports me", "4.1. My manager supports me.", "Q3 manager: My manager supports me", "manager"])
def test_numbers_and_names_in_front_of_an_exact_wording_leave_no_doubt(header: str, tmp_path: Path) -> None:
    assert "CHECK" not in line(drafted(tmp_path, [header]).replace('"', ""), header)


def test_a_column_under_an_items_name_whose_label_asks_something_else_is_a_check(tmp_path: Path) -> None:
    swapped = {"manager": ASKED["senior"], "senior": ASKED["manager"]}
    draft = drafted(tmp_path, ["manager", "senior"], swapped)
    assert "# CHECK: same name; its label differs from the wording: 'senior managers support' for 'my manager supports'" in draft
    assert "CHECK" in line(draft, "senior:") and "CHECK" not in line(drafted(tmp_path, ["manager"], {"manager": "My manager supp"}), "manager:")


@pytest.mark.parametrize(("header", "label", "says"), [
    ("Q3 lead_1", "", "# the header holds the item's name"), ("Q3 lead_1", "My leader listens to what I say", "# the header holds the item's name"),
    ("Q3 lead_1", "My leader ignores what I say", "# CHECK: the header holds the item's name; its label differs from the wording: 'ignores' for"),
    ("lead_1_T0", "", "# CHECK: the header holds the item's name and more"),
])  # fmt: skip
def test_an_items_name_behind_a_number_is_sure_unless_the_label_or_more_of_the_header_speaks_against_it(
    header: str, label: str, says: str, tmp_path: Path
) -> None:
    found = line(drafted(tmp_path, [header], {header: label}), header)
    assert "{item: lead_1}" in found and (found.endswith(says) if says.startswith("# the") else says in found)


def test_a_label_that_breaks_off_where_several_items_begin_alike_decides_nothing(tmp_path: Path) -> None:
    """Stata cuts labels at 80 characters."""
    asked = {"respect": f"{STEM} treat you with respect?", "fair": f"{STEM} treat everyone fairly?", "open": f"{STEM} be open about errors?"}
    turned = {"v1": asked["open"], "v2": asked["respect"], "v3": asked["fair"]}
    cut = drafted(tmp_path / "cut", list(turned), {name: label[:80] for name, label in turned.items()}, asked)
    assert "{item:" not in cut and "# DECIDE: 'v1', 'v2', 'v3' could be respect, fair, open alike." in cut
    whole = drafted(tmp_path / "whole", list(turned), turned, asked)
    assert all(line(whole, f"{name}:") == f"{name}: {{item: {item}}}   # the item's wording" for name, item in zip(turned, ("open", "respect", "fair"), strict=True))


OPPOSITES = {
    "The training was useless for my work": "The training was useful for my work",
    "My manager's feedback is mostly negative": "My manager's feedback is mostly positive",
    "I feel afraid to speak up in this organisation": "I feel safe to speak up in this organisation",
    "Care of patients is our lowest priority": "Care of patients is our top priority",
    "My workload has gone down in the last year": "My workload has gone up in the last year",
    "How often did a colleague act against our values": "How often did a colleague act on our values",
}


@pytest.mark.parametrize("header", OPPOSITES)
def test_more_words_that_turn_a_question_round(header: str) -> None:
    assert likeness(header, OPPOSITES[header]) == 0.0


def test_what_is_left_over_beside_a_wording_makes_it_less_alike() -> None:
    wording = "My manager supports me"
    assert likeness(f"{wording} in my training", wording) < likeness(f"Agreement: {wording}", wording) < 0.95
    assert same_wording(f"Q7 {wording.upper()}!", wording) and not same_wording(f"{wording} now", wording)
    assert apart("A wholly other text", wording) != "" and apart(wording, f"{wording}.") == "in its signs"


def test_long_wordings_that_differ_in_one_word_are_drafted_each_for_its_own(tmp_path: Path) -> None:
    long = "When you think of all the meetings that you went to in this organisation since the programme began, how often did you"
    asked = {f"q{hours}": f"{long} spend {hours} hours or more in the same room with those who lead it?" for hours in (1, 2)}
    headers = [asked["q2"], asked["q1"]]
    draft = drafted(tmp_path, headers, asked=asked)
    for item, wording in asked.items():
        assert line(draft, f'"{wording}"').startswith(f'"{wording}": {{item: {item}}}') or f"{{item: {item}}}" in line(draft, wording)
    assert "DECIDE" not in draft.split("items:")[1].split("ignore:")[0]


@pytest.mark.parametrize("header", [
    "Q3_1 My manager supports me.", "Q3-1 My manager supports me", "How far do you agree? [My manager supports me]", "A1. My manager supports me *",
    "<p>My manager supports me.</p> (required)",
])  # fmt: skip
def test_numbers_grids_marks_and_markup_leave_an_exact_wording_sure(header: str, tmp_path: Path) -> None:
    assert "{item: manager}   # the item's wording" in drafted(tmp_path, [header])


@pytest.mark.parametrize("stem", [
    "How far do you agree or disagree?", "To what extent do you agree with the following statements?", "Please rate each statement",
    "Thinking about your current job, how much do you agree?", "Q4. Please indicate your level of agreement:",
])  # fmt: skip
def test_a_stem_that_tells_how_to_answer_leaves_an_exact_wording_sure(stem: str, tmp_path: Path) -> None:
    assert "{item: manager}   # the item's wording" in drafted(tmp_path, [f"{stem} [My manager supports me.]"])


@pytest.mark.parametrize("stem", [
    "How important are these to you?", "Thinking about your previous employer:", "How often is this false for you?", "Colleagues:",
    "What did you expect three years ago?", "How far do you disagree?", "Before the pilot", "How far does your team agree?",
])  # fmt: skip
def test_a_stem_that_may_ask_something_else_of_a_wording_is_a_check_that_names_what_could_be_meant_too(stem: str, tmp_path: Path) -> None:
    header, other = f"{stem} [My manager supports me.]", "My line manager supports me at work."
    draft = drafted(tmp_path, [header, other])
    why = "# CHECK: the item's wording, behind words that may ask something else of it"
    assert f"{{item: manager}}   {why}; '{other}' could be meant too" in draft
    assert line(drafted(tmp_path, [header, "My manager supports me"]), "My manager supports me:").endswith("# the item's wording")


def test_a_stem_that_the_instrument_has_as_well_leaves_no_doubt(tmp_path: Path) -> None:
    wording = "How important are these to you? [My manager supports me.]"
    assert "CHECK" not in line(drafted(tmp_path, [wording], asked={"manager": wording}), '"How important')


@pytest.mark.parametrize("header", ["Importance: My manager supports me.", "Never true [My manager supports me]"])
def test_a_stem_that_may_turn_a_wording_leaves_it_unsure(header: str, tmp_path: Path) -> None:
    assert "{item: manager}   # the item's wording" not in drafted(tmp_path, [header])


@pytest.mark.parametrize(("items", "headers", "sure"), [
    ("q1 q2 q3", "q1 q2 q3", True), ("q1 q2 q3", "Q3 Q_1 Q2 manager", True), ("q2 q3 q4", "q1 q2 q3", False), ("q1 q2", "q1 q2 q3", False),
    ("q1 q2 q3", "q1 q2", False), ("item1 item2", "item2 item3", False), ("question_4 question_5", "question_3 question_4", False),
    ("v1_1 v1_2", "v1.1 v1.2", True), ("v1_1 v1_2", "v1_1 v11", False), ("kind_1 kind_2", "kind_1", True),
])  # fmt: skip
def test_names_that_are_only_numbers_are_sure_only_where_file_and_instrument_count_alike(
    items: str, headers: str, sure: bool, tmp_path: Path
) -> None:
    asked = dict(zip(items.split(), ASKED.values(), strict=False))
    for header in headers.split():
        found = line(drafted(tmp_path, headers.split(), asked=asked), f"{header}:")
        assert ("CHECK" not in found) == sure or "item:" not in found
        assert sure or "item:" not in found or found.endswith("# CHECK: same name; names that are only numbers, and file and instrument do not hold the same ones: compare the questions")


def test_a_label_that_is_the_items_wording_makes_its_number_sure(tmp_path: Path) -> None:
    asked = {"q2": ASKED["manager"], "q3": ASKED["senior"]}
    draft = drafted(tmp_path, ["q1", "q2", "q3"], {"q2": "Q2. My manager supports me.", "q3": "Senior managers sup"}, asked)
    assert line(draft, "q2:") == "q2: {item: q2}   # same name" and line(draft, "q3:") == "q3: {item: q3}   # same name"
