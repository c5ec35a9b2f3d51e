"""Groups are categories: names of people and sentences among them are found though they repeat, and categories are left alone."""

from pathlib import Path

import polars as pl
import pytest

from evaluation.waves.checks_groups import holds_sentences, names_people
from tests.waves.intake_study import load, wave_frame


@pytest.mark.parametrize(("header", "values"), [
    ("staff_group", ["Zebedee Wintersmouth", "Barnaby Tolpuddling"]), ("group", ["Dr Jo Bloggs", "Bloggs, Jo"]),
    ("Line manager", ["Zebedee", "Barnaby"]), ("seen_by", ["Jo Bloggs", "other"]), ("supervisor", ["Barnaby", "Agency"]),
])  # fmt: skip
def test_people_are_found_by_two_capitals_or_by_the_header(header: str, values: list[str]) -> None:
    assert names_people(pl.Series(values * 20), header)


@pytest.mark.parametrize(("header", "values"), [
    ("staff_group", ["Registered Nurse", "Allied Health Professional", "Medical"]), ("ethnic_group", ["White British", "Black Caribbean"]),
    ("setting", ["Overnight stay", "Day Surgery", "Outpatients"]), ("region", ["North West", "Greater London"]), ("age_band", ["Under 30", "30 to 50"]),
    ("manager", ["Yes", "No"]), ("staff_group", ["Nursing", "Other"]), ("ward_name", ["Poppy", "Rose"]), ("staff_group", []),
])  # fmt: skip
def test_categories_in_capitals_are_left_alone(header: str, values: list[str]) -> None:
    assert not names_people(pl.Series(values * 20, dtype=pl.String), header)


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
