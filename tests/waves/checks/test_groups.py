"""Groups are categories: names of people and sentences among them are found though they repeat, and categories are left alone."""

from collections import Counter
from pathlib import Path

import polars as pl
import pyreadstat
import pytest

from evaluation.errors import WaveError
from evaluation.protocol.mapping import Mapping
from evaluation.waves.checks.groups import holds_sentences, names_people
from evaluation.waves.collect import Collected
from evaluation.waves.drafts.mapping import draft_from_table
from evaluation.waves.readers import read_file
from tests.studies import PROTOCOL, tiny_frame
from tests.waves.intake_study import ITEMS, codes, load, other_study, refusal, tiny, wave_frame


@pytest.mark.parametrize(("header", "values"), [
    ("staff_group", ["Zebedee Wintersmouth", "Barnaby Tolpuddling"]), ("group", ["Dr Jo Bloggs", "Bloggs, Jo"]),
    ("Line manager", ["Zebedee", "Barnaby"]), ("seen_by", ["Jo Bloggs", "other"]), ("supervisor", ["Barnaby", "Agency"]),
    ("Ward manager", ["Zebedee", "Barnaby"]), ("Team leader", ["Zoë Ångström", "Agency"]), ("Depot", ["Dr Jo Bloggs", "Mrs Ann Roe"]),
    ("Ward sister", ["Jo Bloggs", "Ann Roe"]), ("Job coach", ["Jo Bloggs", "Ann Roe"]), ("Team", ["Zebedee Wintersmouth", "Barnaby Tolpuddling"]), ("Where", ["Bloggs, Jo", "Étienne O’Shea"]),
])  # fmt: skip
def test_people_are_found_by_two_capitals_or_by_the_header(header: str, values: list[str]) -> None:
    assert names_people(pl.Series(values * 20), header)


@pytest.mark.parametrize(("header", "values"), [
    ("staff_group", ["Registered Nurse", "Allied Health Professional", "Medical"]), ("ethnic_group", ["White British", "Black Caribbean"]),
    ("setting", ["Overnight stay", "Day Surgery", "Outpatients"]), ("region", ["North West", "Greater London"]), ("age_band", ["Under 30", "30 to 50"]),
    ("manager", ["Yes", "No"]), ("staff_group", ["Nursing", "Other"]), ("ward_name", ["Poppy", "Rose"]), ("staff_group", []),
    ("Job title", ["Fork Lifter", "Kitchen Porter", "Pot Washer"]), ("Ward", ["Ash Lane", "Oak Tree", "Elm Close"]),
    ("depot_name", ["Ashcombe Depot", "Gorse Hill", "Dunmore"]), ("Where", ["North Depot", "South Depot"]),
    ("Lead organisation", ["Ashcombe", "Birkfield"]), ("My manager listens", ["Never", "Rarely", "Very Often", "Always"]),
])  # fmt: skip
def test_categories_in_capitals_are_left_alone(header: str, values: list[str]) -> None:
    assert not names_people(pl.Series(values * 20, dtype=pl.String), header)


@pytest.mark.parametrize("header", ["Depot", "Job title", "Line manager", "Where", "Staff group"])
@pytest.mark.parametrize("values", [["Fork Lifter", "Pot Washer"], ["North Depot", "South Depot"], ["Jo Bloggs", "Ann Roe"], ["Ann", "Bob"]])
def test_a_draft_takes_for_people_what_a_load_refuses_as_people_and_nothing_else(
    header: str, values: list[str], tmp_path: Path
) -> None:
    cells = pl.Series(header, values * 20)
    pl.DataFrame({"organisation": ["P1"] * len(cells), header: cells}).write_csv(tmp_path / "wave.csv")
    documents, register = tiny()
    draft = draft_from_table(read_file(tmp_path / "wave.csv"), documents, register.names, "staff")
    assert ("looks like names of people" in draft) == names_people(cells, header)


def test_one_sentence_is_enough_and_a_long_label_is_none() -> None:
    labels = ["Nursing, midwifery and health visiting staff (registered)", "I prefer not to say", "Prefer not to say.", "Other"]
    assert not holds_sentences(pl.Series(labels))
    assert holds_sentences(pl.Series([*labels, "The night staff never listened to my mother"]))
    assert holds_sentences(pl.Series([*labels, "They shouted at her for asking for some water."]))


def with_groups(folder: Path, *values: str) -> Path:
    frame = wave_frame()
    frame.loc[range(len(values)), "staff_group"] = list(values)
    frame.to_csv(folder / "wave.csv", index=False)
    return folder / "wave.csv"


def test_words_for_no_answer_are_not_stated_and_counted_and_categories_that_sound_alike_stay(tmp_path: Path) -> None:
    found = load(with_groups(tmp_path, "N/A", "-", "nan", "None", "Prefer not to say"))
    assert found.frame["staff_group"].null_count() == 3
    assert {"None", "Prefer not to say"} < set(found.frame["staff_group"])
    assert found.receipt.notes == ("group 'staff_group': 3 cells such as 'N/A', '-' or 'nan' read as not stated",)


def test_spellings_of_one_category_are_told_and_not_merged(tmp_path: Path) -> None:
    found = load(with_groups(tmp_path, "nursing", "Bank staff", "bank  Staff"))
    (note,) = found.receipt.notes
    assert "group 'staff_group': 2 categories are written in several ways" in note and "bank" not in note.lower()
    assert {"nursing", "Nursing", "Bank staff"} < set(found.frame["staff_group"])


def coded(folder: Path, kind: str, *values: object, **how: object) -> Path:
    """A statistics file in which groups are codes, the first ones `values` and all others 1."""
    frame = tiny_frame("month_6", people=4)
    frame["staff_group"] = [*values, *[1.0] * (len(frame) - len(values))]
    {"sav": pyreadstat.write_sav, "dta": pyreadstat.write_dta}[kind](frame, str(folder / f"wave.{kind}"), **how)
    return folder / f"wave.{kind}"


@pytest.mark.parametrize(("kind", "none", "how"), [
    ("sav", 9.0, {"missing_ranges": {"staff_group": [9]}}), ("dta", "a", {"missing_user_values": {"staff_group": ["a"]}}),
])  # fmt: skip
def test_a_code_that_the_file_declares_as_missing_is_no_group_and_counted(
    tmp_path: Path, kind: str, none: object, how: dict[str, object]
) -> None:
    found = load(coded(tmp_path, kind, none, none, 2.0, **how))
    assert found.frame["staff_group"].null_count() == 2 and set(found.frame["staff_group"].drop_nulls()) == {"1", "2"}
    note = "group 'staff_group': 2 cells that file or mapping declare to be no answer, read as not stated"
    assert found.receipt.notes == (note,)


def mapped(file: Path, missing_codes: list[str], codes: dict[str, str] | None = None) -> Collected:
    """`file` read by a mapping with missing codes for all columns, its groups by `codes`."""
    document = {
        "mapping": "m", "version": 1, "reviewed_by": "R. Viewer", "population": "staff", "file": {"format": "csv"},
        "organisation": {"column": "organisation"}, "respondent": {"column": "respondent"}, "missing_codes": missing_codes,
        "groups": {"staff_group": {"column": "staff_group", "codes": codes or {}}}, "items": {item: {"item": item} for item in ITEMS},
    }  # fmt: skip
    return load(file, mapping=Mapping.model_validate(document))


@pytest.mark.parametrize(("listed", "refused"), [(True, False), (False, True)])
def test_a_listed_vocabulary_is_no_free_text_though_its_header_asks_for_some(listed: bool, refused: bool, tmp_path: Path) -> None:
    ways = ["Given in a meeting with the team", "Given in writing by my own manager", "None was given to me at all so far"]
    frame = wave_frame().rename(columns={"staff_group": "Feedback"})
    frame["Feedback"] = [ways[k % 3] for k in range(len(frame))]
    frame.to_csv(tmp_path / "wave.csv", index=False)
    document = {
        "mapping": "m", "version": 1, "reviewed_by": "R. Viewer", "population": "staff", "file": {"format": "csv"},
        "organisation": {"column": "organisation"}, "respondent": {"column": "respondent"},
        "groups": {"staff_group": {"column": "Feedback", "codes": {way: way for way in ways} if listed else {}}}, "items": {item: {"item": item} for item in ITEMS},
    }  # fmt: skip
    if not refused:
        assert set(load(tmp_path / "wave.csv", mapping=Mapping.model_validate(document)).frame["staff_group"]) == set(ways)
        return
    (problem,) = refusal(tmp_path / "wave.csv", mapping=Mapping.model_validate(document)).problems
    assert problem.code == "free-text-column" and "list every one under 'codes'" in problem.fix


def test_free_text_of_which_a_part_is_listed_is_free_text_all_the_same(tmp_path: Path) -> None:
    frame = wave_frame().assign(staff_group=[f"They told me so on day {k} of the long, long winter of our work" for k in range(32)])
    frame.to_csv(tmp_path / "wave.csv", index=False)
    with pytest.raises(WaveError) as caught:
        mapped(tmp_path / "wave.csv", [], {frame["staff_group"][0]: "Nursing"})
    assert "free-text-column" in codes(caught.value)


def test_a_missing_code_that_is_a_number_is_said_of_answers_and_a_word_of_every_column(tmp_path: Path) -> None:
    found = mapped(with_groups(tmp_path, "9", "9", "Not stated"), ["9", "Not stated"])
    assert Counter(found.frame["staff_group"])["9"] == 2 and found.frame["staff_group"].null_count() == 1
    note = "group 'staff_group': 1 cell that file or mapping declares to be no answer, read as not stated"
    assert found.receipt.notes == (note,)


def test_a_mapping_says_of_a_group_that_a_code_stands_for_nothing(tmp_path: Path) -> None:
    file = with_groups(tmp_path, "9", "9.0", "Other")
    found = mapped(file, [], {"9": "", "Nursing": "Nursing", "Other": "Other"})
    assert found.frame["staff_group"].null_count() == 2 and set(found.frame["staff_group"].drop_nulls()) == {"Nursing", "Other"}


def test_a_missing_code_of_answers_is_a_number_of_people_all_the_same(tmp_path: Path) -> None:
    published = PROTOCOL.replace("linkage: pseudonym, groups: [staff_group]", "linkage: none, level: organisation")
    frame = tiny_frame("month_6", people=1).drop(columns=["respondent", "staff_group"]).assign(base=99)
    frame["base"] = ["*", *[99] * (len(frame) - 1)]
    frame.to_csv(tmp_path / "wave.csv", index=False)
    document = {
        "mapping": "m", "version": 1, "reviewed_by": "R. Viewer", "population": "staff", "file": {"format": "csv"},
        "organisation": {"column": "organisation"}, "base": {"column": "base"}, "missing_codes": ["99", "*"],
        "items": {item: {"item": item} for item in ITEMS},
    }  # fmt: skip
    study = other_study(tmp_path, protocol=published)
    found = load(tmp_path / "wave.csv", mapping=Mapping.model_validate(document), study=study)
    assert Counter(found.frame["base"]) == {99: 7, None: 1}
