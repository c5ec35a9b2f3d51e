"""A supplier's export loads after one review of the drafted mapping, and gives the same rows as the canonical file."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from evaluation.organisations.register import Register
from evaluation.protocol.documents import Documents, read_mapping
from evaluation.protocol.instrument import Scale
from evaluation.protocol.mapping import FileForm
from evaluation.waves.checks.answer_codes import match_answers
from evaluation.waves.checks.likeness import likeness
from evaluation.waves.checks.mapping_text import scalar, text_scalar
from evaluation.waves.drafts.mapping import draft_from_table, draft_mapping, slug
from evaluation.waves.readers import read_file
from tests.studies import PROTOCOL, tiny_frame
from tests.waves.intake_study import ITEMS, codes, load, other_study, refusal, tiny, wave_frame
from tests.waves.suppliers import WITH_HOURS, canonical_csv, codes_csv, parquet_file, spss_file, words_workbook

Study = tuple[Documents, Register]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return other_study(tmp_path, instrument=WITH_HOURS)


def saved(study: Study, draft: str, reviewer: str = "") -> Path:
    folder = study[0].root / "mappings"
    folder.mkdir(exist_ok=True)
    path = folder / "draft.yaml"
    path.write_text(draft.replace("reviewed_by:", f"reviewed_by: {reviewer}"), encoding="utf-8")
    return path


SUPPLIERS = {
    "words in a workbook": (words_workbook, FileForm(format="excel", sheet="Responses")),
    "codes with legends": (codes_csv, None),
    "an SPSS file": (spss_file, None),
    "a Parquet file": (parquet_file, None),
}


@pytest.mark.parametrize("supplier", SUPPLIERS)
def test_a_draft_is_refused_until_reviewed_and_then_gives_the_canonical_rows(study: Study, tmp_path: Path, supplier: str) -> None:
    make, form = SUPPLIERS[supplier]
    file = make(tmp_path)
    draft = draft_mapping(file, *study, "staff", form=form)
    assert "DECIDE" not in draft.split("reviewed_by", 1)[1]
    assert codes(refusal(file, study=study, mapping=read_mapping(saved(study, draft), study[0]))) == ["mapping-not-reviewed"]
    mapping = read_mapping(saved(study, draft, "Ana Review"), study[0])
    found, wanted = load(file, study=study, mapping=mapping), load(canonical_csv(tmp_path), study=study)
    assert found.frame.drop("answered_on").equals(wanted.frame.drop("answered_on"))
    assert sum(found.receipt.missing.values()) == 2


def test_identifiers_are_dropped_free_text_is_ignored_and_neither_is_quoted(study: Study, tmp_path: Path) -> None:
    make, form = SUPPLIERS["words in a workbook"]
    draft = draft_mapping(make(tmp_path), *study, "staff", form=form)
    mapping = read_mapping(saved(study, draft), study[0])
    assert mapping.drop == ("Full name", "Email address")
    assert mapping.ignore == ("Anything else you would like to tell us?",)
    assert "son" not in draft.replace("person", "").replace("reason", "") and "trust.example" not in draft
    assert mapping.file.decimal == "," and mapping.file.dates == "day first"


def test_an_answer_rare_in_one_column_is_known_there_from_the_others(study: Study, tmp_path: Path) -> None:
    mapping = read_mapping(saved(study, draft_mapping(codes_csv(tmp_path), *study, "staff")), study[0])
    assert {len(source.codes) for column, source in mapping.items.items() if column.endswith("_score")} == {5}
    assert all(source.missing_codes == ("N/A",) for column, source in mapping.items.items() if column.endswith("_score"))


def test_what_the_file_does_not_say_is_marked_decide(tmp_path: Path) -> None:
    frame = wave_frame().rename(columns={"lived_3": "thing", "staff_group": "grp"}).replace({"lived_1": {"4": "Rather so"}})
    frame.loc[[0, 1], "organisation"] = ["Q7", "Quillhaven Foundation Trust"]
    file = tmp_path / "odd.csv"
    frame.to_csv(file, index=False)
    draft = draft_mapping(file, *tiny(), "staff")
    assert "# DECIDE: 'Rather so' in the column above" in draft
    assert "# DECIDE: no column looks like lived_3" in draft
    assert "# DECIDE: no column looks like the group 'staff_group'" in draft
    assert "# DECIDE: not in the register: 'Q7', 'Quillhaven Foundation Trust'." in draft


def test_items_that_no_header_names_are_taken_by_place_only_with_a_check(tmp_path: Path) -> None:
    words = {"1": "Strongly disagree", "2": "Disagree", "3": "Neither", "4": "Agree", "5": "Strongly agree"}
    frame = (
        wave_frame(people=12)
        .replace(dict.fromkeys(("know_values", "strain_1"), words))
        .rename(columns={"know_values": "Q4", "strain_1": "Q5"})
    )
    frame.to_csv(tmp_path / "q.csv", index=False)
    draft = draft_mapping(tmp_path / "q.csv", *tiny(), "staff")
    lines = {line.split(":")[0].strip(): line for line in draft.splitlines()}
    assert "item: know_values" in lines["Q4"] and "item: strain_1" in lines["Q5"]
    assert lines["Q4"].endswith("# CHECK: by its place and answers only")


@pytest.mark.parametrize(("headers", "turned"), [
    (("I could not name any of our values", "Q5"), "know_values"), (("Q4", "My workload never wears me down"), "strain_1"),
    (("My workload does not wear me down", "Q5"), "strain_1"), (("Q4", "I could not name our values"), "know_values"),
])  # fmt: skip
def test_a_column_that_says_the_opposite_is_never_drafted_by_its_place(headers: tuple[str, str], turned: str, tmp_path: Path) -> None:
    """Whether it stands where the question would or where another one would; the column beside it is drafted as before."""
    words = {"1": "Strongly disagree", "2": "Disagree", "3": "Neither", "4": "Agree", "5": "Strongly agree"}
    names = dict(zip(("know_values", "strain_1"), headers, strict=True))
    frame = wave_frame(people=12).replace(dict.fromkeys(names, words)).rename(columns=names)
    frame.to_csv(tmp_path / "q.csv", index=False)
    draft = draft_mapping(tmp_path / "q.csv", *tiny(), "staff")
    (opposite,) = (header for header in headers if len(header) > 2)
    drafted = [line for line in draft.splitlines() if "{item:" in line]
    assert not any(opposite in line for line in drafted) and sum("by its place" in line for line in drafted) == 1
    assert f"# CHECK: the words of column '{opposite}' say the opposite of '{turned}'" in draft
    assert "# DECIDE: no column looks like" in draft and f"  - {opposite}" in draft.split("ignore:")[1]


@pytest.mark.parametrize("header", ["lived_1 Colleagues do not act on our values.", "Q3 lived_1: Colleagues never act on our values"])
def test_a_column_that_carries_an_items_name_and_says_its_opposite_is_not_drafted(header: str, tmp_path: Path) -> None:
    wave_frame(people=12).rename(columns={"lived_1": header}).to_csv(tmp_path / "q.csv", index=False)
    draft = draft_mapping(tmp_path / "q.csv", *tiny(), "staff")
    assert "item: lived_1" not in draft and "item: lived_2" in draft
    assert "say the opposite of 'lived_1'" in draft and "# DECIDE: no column looks like lived_1" in draft


def test_an_items_name_within_a_header_is_certain_only_where_the_wording_agrees(tmp_path: Path) -> None:
    study = other_study(tmp_path, instrument=WITH_HOURS.replace("extra_hours", "hours"))
    frame = wave_frame(people=12)
    for header, said in (
        ("Q7 The sun shone for several hours at the seaside", ""),
        ("Q7 Hours of sun", "CHECK: the header holds a word"),
    ):
        frame.assign(**{header: "3"}).to_csv(tmp_path / "sun.csv", index=False)
        draft = draft_mapping(tmp_path / "sun.csv", *study, "staff")
        line = next(line for line in draft.splitlines() if header in line)
        assert said in line and ("item: hours" in line) == bool(said)
        assert bool(said) or "# DECIDE: no column looks like hours" in draft


def test_a_header_that_names_an_identifier_is_dropped_though_it_holds_an_items_name(study: Study, tmp_path: Path) -> None:
    frame = wave_frame(people=12).rename(columns={"lived_3": "Staff number (lived_3)"})
    frame["Staff number (lived_3)"] = [str(70000 + k) for k in range(len(frame))]
    frame.to_csv(tmp_path / "staff.csv", index=False)
    draft = draft_mapping(tmp_path / "staff.csv", *study, "staff")
    assert "- Staff number (lived_3)" in draft.split("drop:")[1] and "item: lived_3" not in draft


def test_a_file_of_assigned_people_gets_its_arm_and_one_organisation(tmp_path: Path) -> None:
    protocol = PROTOCOL.replace("assignment: organisation", "assignment: respondent").replace(", estimator: unit change", "")
    study = other_study(tmp_path, protocol=protocol, organisations="organisation,name,arm,type\nP1,One employer,,university\n")
    file = tmp_path / "people.csv"
    wave_frame().query("organisation == 'P1'").drop(columns="organisation").assign(treat=[0, 1, 0, 1]).to_csv(file, index=False)
    draft = draft_mapping(file, *study, "staff")
    assert "arm: {column: treat, codes: {1: develop, 0: comparison}}   # CHECK" in draft
    assert "organisation: {constant: P1}" in draft
    collected = load(file, study=study, mapping=read_mapping(saved(study, draft, "Ana"), study[0]))
    assert collected.frame["arm"].to_list() == ["comparison", "comparison", "develop", "develop"]


def test_value_labels_of_a_stata_file_say_what_its_codes_mean() -> None:
    scale = Scale.model_validate(
        {"options": {"1": "Never", "2": "Some of the time", "3": "Always"}, "missing_codes": {"9": "Not said"}}
    )
    labels = {"0": "Never", "1": "Some of the time", "2": "Always", "8": "Not said"}
    found = match_answers(["0", "1", "2", "8"], scale, labels)
    assert found.codes == {"0": "1", "1": "2", "2": "3"} and found.missing == ("8",) and found.unknown == ()


AGREE_5 = {"1": "Strongly disagree", "2": "Disagree", "3": "Neither", "4": "Agree", "5": "Strongly agree"}


@pytest.mark.parametrize(("labels", "read", "missing", "unknown", "at_face"), [
    (["Strongly disagree", "Disagree", "Agree", "Strongly agree", "Don't know"], {"1": "1", "2": "2", "3": "4", "4": "5"}, ("5",), (), ()),
    (["Strongly disagree", "Disagree", "Agree", "Strongly agree", "Cannot say"], {"1": "1", "2": "2", "3": "4", "4": "5"}, (), ("5",), ()),
    (["Strongly disagree", "Disagree", "Neither", "Agree", "Don\u2019t know"], {}, ("5",), (), ()),
    (["Strongly agree", None, None, None, "Strongly disagree"], {"1": "5", "5": "1"}, (), ("2", "3", "4"), ()),
    (["Gar nicht", "Kaum", "Teils", "Eher", "Voll"], {}, (), (), ("1", "2", "3", "4", "5")),
])  # fmt: skip
def test_a_number_is_taken_at_its_face_only_where_no_label_speaks_against_it(
    labels: list[str | None], read: dict[str, str], missing: tuple[str, ...], unknown: tuple[str, ...], at_face: tuple[str, ...]
) -> None:
    said = {str(code): label for code, label in enumerate(labels, start=1) if label is not None}
    found = match_answers(list("12345"), Scale.model_validate({"options": AGREE_5}), said)
    assert (found.codes, found.missing, found.unknown, found.at_face) == (read, missing, unknown, at_face)


def test_labels_in_other_words_are_shown_beside_the_numbers_they_are_taken_at(study: Study, tmp_path: Path) -> None:
    path = tmp_path / "wave.csv"
    wave_frame().to_csv(path, index=False)
    table = replace(read_file(path), value_labels={"lived_2": {**AGREE_5, "3": "Teils, teils"}})
    draft = draft_from_table(table, study[0], study[1].names, "staff")
    assert "# CHECK: in the column above the file says that 3 is 'Teils, teils'; taken at the number." in draft
    assert draft.count("taken at the number") == 1


def test_a_column_coded_the_other_way_round_keeps_codes_of_its_own(study: Study, tmp_path: Path) -> None:
    """lived_1 is 0 'Strongly agree' to 4 'Strongly disagree', the others run the other way, and lived_2 has 4 as no answer."""
    sent, came = tiny_frame("month_6", people=4), tiny_frame("month_6", people=4)
    rising = {int(code) - 1: label for code, label in AGREE_5.items()}
    labels = dict.fromkeys(ITEMS, rising) | {"lived_1": {4 - code: label for code, label in rising.items()}}
    labels["lived_2"] = {code: label for code, label in rising.items() if code < 4} | {4: "Don't know"}
    sent[ITEMS] -= 1
    sent["lived_1"] = 4 - sent["lived_1"]
    sent["extra_hours"] = came["extra_hours"] = 1
    path = tmp_path / "wave.sav"
    pyreadstat.write_sav(sent, str(path), variable_value_labels=labels)
    draft = draft_mapping(path, *study, "staff")
    assert "lived_1: {item: lived_1, codes: {4: 1, 3: 2, 2: 3, 1: 4, 0: 5}}" in draft
    assert 'lived_2: {item: lived_2, codes: {0: 1, 1: 2, 2: 3, 3: 4, Strongly agree: 5}, missing_codes: ["4"]}' in draft
    assert "strain_1: {item: strain_1, codes: {0: 1, 1: 2, 2: 3, 3: 4, 4: 5}}" in draft
    read = load(path, mapping=read_mapping(saved(study, draft, "R. Viewer"), study[0]), study=study).frame
    assert [read[item].sum() for item in ITEMS if item != "lived_2"] == [came[item].sum() for item in ITEMS if item != "lived_2"]
    assert read["lived_2"].sum() == came["lived_2"].where(came["lived_2"] < 5).sum()


@pytest.mark.parametrize(("answer", "code"), [
    ("Strongly agree", "5"), ("strongly  AGREE", "5"), ("Agree strongly", "5"), ("5 - Strongly agree", "5"), ("Strongly agree (5)", "5"),
    ("0 - Strongly disagree", "1"), ("4", "4"), ("4.0", "4"), ("Strongly agre", "5"), ("Agree-ish", None), ("Neither nor", None), ("6", None),
])  # fmt: skip
def test_an_answer_is_matched_to_an_option_only_when_it_names_it(answer: str, code: str | None) -> None:
    scale = tiny()[0].instruments["values"].scales["agree_5"]
    assert {**dict.fromkeys(match_answers([answer], scale).unknown), **match_answers([answer, "Neither"], scale).codes}.get(
        answer
    ) == code


def test_a_draft_reads_organisations_and_groups_by_the_labels_of_their_numbers(study: Study, tmp_path: Path) -> None:
    """An SPSS file numbers its trusts and staff groups and names them in labels: the draft has the codes, and nothing is to be decided."""
    sent = tiny_frame("month_6", people=4).assign(extra_hours=1)
    places, kinds = sorted(sent["organisation"].unique()), sorted(sent["staff_group"].unique())
    names = dict(zip(study[1].units.index, study[1].units["name"], strict=True))
    labels = {"organisation": {float(k): names[code] for k, code in enumerate(places)},
              "staff_group": {float(k): kind.capitalize() for k, kind in enumerate(kinds)}}
    came = sent.assign(organisation=sent["organisation"].map(places.index), staff_group=sent["staff_group"].map(kinds.index))
    path = tmp_path / "wave.sav"
    pyreadstat.write_sav(came, str(path), variable_value_labels=labels)
    draft = draft_mapping(path, *study, "staff")
    assert "organisation: {column: organisation, codes: {5: P1, 6: P2, 7: P3, 0: C1, 1: C2, 2: C3, 3: C4, 4: C5}}" in draft
    assert "staff_group: {column: staff_group, codes: {0: Nursing, 1: Other}}" in draft
    read = load(path, mapping=read_mapping(saved(study, draft, "R. Viewer"), study[0]), study=study).frame
    assert sorted(read["organisation"].to_list()) == sorted(sent["organisation"])


SATISFIED = {1: "Very dissatisfied", 2: "Dissatisfied", 3: "Neither satisfied nor dissatisfied", 4: "Satisfied", 5: "Very satisfied"}


@pytest.mark.parametrize(("options", "answers"), [
    (SATISFIED, ["Very unsatisfied", "Unsatisfied", "Not satisfied"]),
    ({1: "Not effective", 2: "Effective", 3: "Very effective"}, ["Ineffective", "Very ineffective"]),
    ({1: "Not important", 2: "Important", 3: "Very important"}, ["Unimportant", "Very unimportant"]),
    ({1: "Not confident", 2: "Confident", 3: "Very confident"}, ["Unconfident", "Very unconfident"]),
    ({1: "Never", 2: "1-2 times", 3: "3-5 times", 4: "More than 10 times"}, ["1 or 3 times", "3 or 4 times", "More than 100 times", "2 - 4 times"]),
    ({1: "None", 2: "Up to 5 hours", 3: "6-10 hours", 4: "Over 20 hours"}, ["Up to 15 hours", "1 or more hours", "5 hours", "Over 2 hours"]),
    ({1: "Under 30", 2: "31 to 50", 3: "Over 50"}, ["Under 50", "Over 30", "31 - 40"]),
    ({1: "1 day", 2: "2-5 days", 3: "6-10 days"}, ["1 to 5 days", "10 days", "5 days"]),
    ({1: "Less than once a week", 2: "More than once a week"}, ["Less than once a month", "More often than once a week"]),
    ({1: "Much worse", 2: "Worse", 3: "Better"}, ["A bit worse", "Not better"]),
])  # fmt: skip
def test_words_that_say_something_else_are_no_option_however_alike_their_letters_are(options: dict[int, str], answers: list[str]) -> None:
    scale = Scale.model_validate({"options": options})
    assert match_answers(answers, scale).unknown == tuple(answers)
    labelled = match_answers(["1"], scale, {"1": answers[0]})
    assert (labelled.codes, labelled.at_face) == ({}, ("1",))


@pytest.mark.parametrize(("answer", "code"), [
    ("Strongly agre", "5"), ("Stongly disagree", "1"), ("4 - Yes, mostly", "4"), ("Mostly (4)", "4"),
])  # fmt: skip
def test_a_slip_of_the_pen_is_taken_for_the_option_and_shown_to_the_reviewer(answer: str, code: str, study: Study, tmp_path: Path) -> None:
    frame = wave_frame()
    frame["lived_1"] = frame["lived_1"].astype(str)
    frame.loc[frame.index[0], "lived_1"] = answer
    path = tmp_path / "wave.csv"
    frame.to_csv(path, index=False)
    draft = draft_mapping(path, *study, "staff")
    assert f"# CHECK: in the column above no option has these words: '{answer}' is {code} " in draft


NEGATED = {
    "I do not look forward to going to work": "I look forward to going to work.",
    "I don't look forward to going to work": "I look forward to going to work.",
    "I am unenthusiastic about my job.": "I am enthusiastic about my job.",
    "I rarely think about leaving this organisation": "I often think about leaving this organisation.",
    "Colleagues at my place of work do not act on our values": "Colleagues at my place of work act on our values.",
    "There is less support than a year ago": "There is more support than a year ago",
}


@pytest.mark.parametrize("header", NEGATED)
def test_a_header_that_says_the_opposite_is_not_the_question(header: str) -> None:
    assert likeness(header, NEGATED[header]) == 0.0
    assert likeness(f"Q7. {header}", header) >= 0.9


def test_a_word_that_only_begins_like_a_negation_turns_nothing_round() -> None:
    assert likeness("New staff are brought into the team with care", "New staff are brought to the team with care") >= 0.9


def test_a_header_that_breaks_off_is_still_the_question() -> None:
    assert likeness("When I raise a concern here I am", "When I raise a concern here I am not heard.") >= 0.9


@pytest.mark.parametrize(("text", "yaml"), [
    ("Agree", "Agree"), ("no", '"no"'), ("a: b", '"a: b"'), ("# x", '"# x"'), ("4", "4"), ("007", '"007"'), ("1.5", '"1.5"'), ("=1+1", '"=1+1"'),
    ("- x", '"- x"'), ("", '""'), ('say "x"', '"say \\"x\\""'), ("Was it good?", "Was it good?"), ("a, b", '"a, b"'), ("é", '"é"'), ("N/A", "N/A"),
])  # fmt: skip
def test_yaml_is_quoted_wherever_it_could_be_misread(text: str, yaml: str) -> None:
    assert scalar(text) == yaml
    assert text_scalar("4") == '"4"'


def test_a_mapping_is_named_after_its_file() -> None:
    assert slug("Harbour Light export 2025.xlsx") == "harbour-light-export-2025"
    assert slug("2025.csv.gz") == "file-2025"


def test_every_text_survives_the_way_through_yaml(tmp_path: Path, study: Study) -> None:
    odd = [
        "on",
        "1e5",
        "a # b",
        "[x]",
        "{y}",
        "*z",
        "&w",
        "!t",
        "'q'",
        "%p",
        "@at",
        "`b",
        "x:",
        "-",
        "null",
        "~",
        "0x1f",
        "tab\there",
    ]
    file = tmp_path / "odd headers.csv"
    pd.concat([wave_frame(), pd.DataFrame(dict.fromkeys(odd, ["1"] * 32))], axis=1).assign(extra_hours="1").to_csv(
        file, index=False
    )
    mapping = read_mapping(saved(study, draft_mapping(file, *study, "staff"), "Ana"), study[0])
    assert sorted(mapping.ignore) == sorted(odd)
    assert load(file, study=study, mapping=mapping).receipt.kept == 32


@pytest.mark.parametrize("written", ["%Y-%m-%d", "%d/%m/%Y"])
def test_a_column_under_the_programs_own_name_is_what_it_says(tmp_path: Path, written: str) -> None:
    plain = other_study(tmp_path)
    days = pd.to_datetime(pd.Series(["2025-10-07", "2025-10-20"] * 16)).dt.strftime(written)
    file = tmp_path / "own.csv"
    wave_frame().assign(answered_on=days, submitted="2026-01-01").to_csv(file, index=False)
    draft = draft_mapping(file, *plain, "staff")
    assert "answered_on: {column: answered_on}" in draft
    assert "respondent: {column: respondent}" in draft
    mapping = read_mapping(saved(plain, draft, "Ana Review"), plain[0])
    found = load(file, study=plain, mapping=mapping)
    assert found.frame["answered_on"].unique().sort().dt.to_string("%Y-%m-%d").to_list() == ["2025-10-07", "2025-10-20"]


def draft_of(folder: Path, **columns: list[str]) -> str:
    """The draft of the tiny study's wave with other columns beside or in place of its own."""
    wave_frame().assign(**columns).to_csv(folder / "wave.csv", index=False)
    return draft_mapping(folder / "wave.csv", *tiny(), "staff")


def test_a_group_whose_values_look_like_names_is_drafted_under_check_and_loads_once_they_are_listed(tmp_path: Path) -> None:
    """Wings called after people: refused as names until the reviewed mapping lists them, as draft and refusal both say."""
    wings = ["Florence Nightingale", "Mary Seacole"]
    draft = draft_of(tmp_path, staff_group=[wings[k % 2] for k in range(32)])
    line = next(line for line in draft.splitlines() if line.startswith("  staff_group:"))
    assert "CHECK" in line and "looks like names of people" in line and "list every one under 'codes'" in line and "drop:" not in draft
    study = other_study(tmp_path)
    (problem,) = refusal(tmp_path / "wave.csv", study=study, mapping=read_mapping(saved(study, draft, "Ana"), study[0])).problems
    assert problem.code == "identifying-values" and "list every one under 'codes'" in problem.fix
    listed = draft.replace("{column: staff_group}", "{column: staff_group, codes: {Florence Nightingale: North, Mary Seacole: South}}")
    found = load(tmp_path / "wave.csv", study=study, mapping=read_mapping(saved(study, listed, "Ana"), study[0]))
    assert set(found.frame["staff_group"]) == {"North", "South"}


def test_a_group_takes_a_column_that_names_nobody_before_one_that_may(tmp_path: Path) -> None:
    draft = draft_of(tmp_path, **{"Staff group lead": ["Ann Roe", "Jo Bloggs"] * 16})
    assert "  staff_group: {column: staff_group}" in draft and "Staff group lead: looks like" not in draft
    dropped = draft.split("drop:")[1].split("ignore:")[0]
    assert "Staff group lead" in dropped and "looks like names of people" in dropped


def test_what_a_survey_tool_measured_is_drafted_as_no_item(tmp_path: Path) -> None:
    clocks = {"interviewtime": "301.5", "groupTime12": "88.2", "lived_1Time": "4", "know_valuesTime": "3"}
    draft = draft_of(tmp_path, **{name: [seconds] * 32 for name, seconds in clocks.items()})
    items, ignored = draft.split("ignore:")
    assert not [name for name in clocks if name in items]
    assert all(f"- {name}   # how long somebody took, as a survey tool measured it" in ignored for name in clocks)


def test_a_survey_tools_number_is_drafted_beside_the_persons_own_that_is_dropped(tmp_path: Path) -> None:
    frame = wave_frame().drop(columns="respondent").assign(**{"Response ID": range(32), "Payroll number": range(7000, 7032)})
    frame.to_csv(tmp_path / "wave.csv", index=False)
    draft = draft_mapping(tmp_path / "wave.csv", *tiny(), "staff")
    line = next(line for line in draft.splitlines() if line.startswith("respondent:"))
    assert "{column: Response ID}   # CHECK" in line and "'Payroll number', dropped as identifying, would as 'respondent'" in line


def test_days_with_months_of_another_language_are_told_where_they_are_ignored_and_english_ones_are_drafted(tmp_path: Path) -> None:
    said = "days whose month is a word, and no English one: written as numbers (2025-01-05) they can be read"
    assert f"  - Date   # {said}" in draft_of(tmp_path, Date=["5 octobre 2025"] * 32)
    assert "answered_on: {column: answered_on}   # same name" in draft_of(tmp_path, answered_on=["5 October 2025"] * 32)


@pytest.mark.parametrize(("cells", "drafted"), [(["12,5", "8", "0,25"], True), (["1,200", "800"], False), (["12.5", "8,5"], False), (["8", "9"], False)])
def test_decimal_commas_of_columns_that_answer_no_item_are_drafted_where_items_are_whole(
    tmp_path: Path, cells: list[str], drafted: bool
) -> None:
    draft = draft_of(tmp_path, **{"Hours of leave": [cells[k % len(cells)] for k in range(32)]})
    assert ('decimal: ","' in draft) == drafted and "  - Hours of leave" in draft


def test_the_items_own_decimal_point_comes_before_other_columns(tmp_path: Path) -> None:
    study = other_study(tmp_path, instrument=WITH_HOURS)
    frame = wave_frame().assign(extra_hours="1.5", **{"Hours of leave": "12,5"})
    frame.to_csv(tmp_path / "w.csv", index=False)
    assert "decimal" not in draft_mapping(tmp_path / "w.csv", *study, "staff")
