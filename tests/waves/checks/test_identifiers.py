"""Columns that identify people are found by name and by form, and columns that do not are left alone."""

import polars as pl
import pytest

from evaluation.waves.checks.faults import shown_answer, shown_day
from evaluation.waves.checks.identifiers import identifying_values, is_free_text, named_identifier


@pytest.mark.parametrize(("header", "kind"), [
    ("E-mail", "e-mail addresses"), ("RecipientEmail", "e-mail addresses"), ("Your email address", "e-mail addresses"),
    ("Mobile no.", "phone numbers"), ("NHS Number", "NHS numbers"), ("nhs_no", "NHS numbers"), ("NI number", "National Insurance numbers"),
    ("Employee ID", "staff numbers"), ("ESR number", "staff numbers"), ("Hospital Number", "patient numbers"), ("DOB", "dates of birth"),
    ("Date of birth", "dates of birth"), ("Postcode", "addresses"), ("IPAddress", "addresses"), ("LocationLatitude", "addresses"),
    ("Name", "names"), ("RecipientLastName", "names"), ("Full name", "names"), ("Patient name", "names"), ("username", "names"),
])  # fmt: skip
def test_a_header_gives_an_identifier_away(header: str, kind: str) -> None:
    assert named_identifier(header) == kind


@pytest.mark.parametrize("header", [
    "Organisation name", "Trust name", "Staff group", "Where seen", "Q1 Listened to", "renamed_value", "Team", "Completed", "hours per week",
    "My manager listens", "know_values", "Response ID", "telling",
])  # fmt: skip
def test_other_headers_do_not(header: str) -> None:
    assert named_identifier(header) is None


@pytest.mark.parametrize(("values", "kind"), [
    (["9434765919", "9434765870"], "NHS numbers"), (["943 476 5919"], "NHS numbers"), (["943-476-5919", "a1"], "NHS numbers"),
    (["QQ123456C"], None), (["AB123456C"], "National Insurance numbers"), (["ab 12 34 56 c"], "National Insurance numbers"),
    (["+44 20 7946 0018"], "phone numbers"), (["020 7946 0018"], "phone numbers"), (["07700900123", "07700900456"], "phone numbers"),
    (["x@y.org", "17"], "e-mail addresses"), (["Jo Bloggs"], "names"), (["Bloggs, Jo"], "names"), (["Mary", "Peter", "Anna"], "names"),
    (["jo.bloggs", "an.other"], "names"), (["20481234-2"], "staff numbers"), (["21234567", "29876543", "24444321"], "staff numbers"),
    (["10000001", "10000002", "10000003"], None), (["P1-0001", "P1-0002"], None), (["9434765918"], None), (["a8f3", "b771"], None),
    (["1", "2", "3"], None), ([], None),
])  # fmt: skip
def test_ids_of_respondents_are_judged_by_their_form(values: list[str], kind: str | None) -> None:
    """The valid NHS numbers are the published example 943 476 5919 and another made with the same check digit rule."""
    assert identifying_values(pl.Series(values, dtype=pl.String), is_key=True) == kind


def test_ten_digit_study_ids_are_not_taken_for_nhs_numbers_because_one_in_eleven_passes_by_chance() -> None:
    ids = pl.Series([f"{4_000_000_000 + 7 * k}" for k in range(500)])
    assert identifying_values(ids, is_key=True) is None


def test_groups_in_capitals_are_not_names_but_a_column_of_people_is() -> None:
    groups = pl.Series(["Registered Nurse", "Allied Health Professional", "Medical"] * 20)
    people = pl.Series([f"Jo Bloggs{chr(97 + k % 26)}{chr(97 + k // 26)}" for k in range(60)])
    assert identifying_values(groups, is_key=False) is None
    assert identifying_values(people, is_key=False) == "names"


def test_sentences_are_free_text_and_long_labels_are_not() -> None:
    labels = pl.Series(["Neither agree nor disagree with the statement", "Strongly agree with the statement"] * 30)
    said = pl.Series([f"I think that on ward {k} much has got better" for k in range(30)])
    short = ["Ask the night staff.", "Parking is awful."] * 20
    assert not is_free_text(labels)
    assert is_free_text(said)
    assert is_free_text(pl.Series("remarks", short)) and not is_free_text(pl.Series("shift", short))


@pytest.mark.parametrize(("value", "words"), [
    ("7", "7"), ("-1", "-1"), ("3,5", "3,5"), ("Agree", "'Agree'"), ("Strongly agree", "'Strongly agree'"),
    ("jo@x.org", "(text not shown)"), ("Jo Bloggs", "(text not shown)"), ("9434765919", "(text not shown)"),
    ("AB123456C", "(text not shown)"), ("It is all much better on our ward since then", "(text not shown)"), ("a\x1b[2J", "'a\\x1b[2J'"),
])  # fmt: skip
def test_a_message_shows_answers_and_never_what_may_identify(value: str, words: str) -> None:
    assert shown_answer(value) == words


@pytest.mark.parametrize(("value", "words"), [
    ("2025-02-20", "'2025-02-20'"), ("13/02/2025", "'13/02/2025'"), ("2025-02-31 09:30:00", "'2025-02-31 09:30:00'"), ("45934", "'45934'"),
    ("jo@x.org", "(text not shown)"), ("Jo Bloggs", "(text not shown)"), ("07700900123", "(text not shown)"),
])  # fmt: skip
def test_a_day_is_shown_as_written_and_nothing_else_that_may_identify(value: str, words: str) -> None:
    assert shown_day(value) == words
