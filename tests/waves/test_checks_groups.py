"""Groups are categories: names of people and sentences among them are found though they repeat, and categories are left alone."""

import polars as pl
import pytest

from evaluation.waves.checks_groups import holds_sentences, names_people


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
