"""What of a header is the question: markup, marks and numbers are not, numbers that are words of it are."""

import pytest

from evaluation.waves.checks.likeness import same_wording
from evaluation.waves.checks.question_text import bare, endings, only_says_how, without_number

HEARD = "I am heard at work"


@pytest.mark.parametrize("header", [
    "Q3_1 I am heard at work", "Q3-1 I am heard at work", "Q3.1: I am heard at work", "12. I am heard at work",
    "A1. I am heard at work", "B1) I am heard at work", "A1 - I am heard at work", "<p style='color: red'>I am <b>heard</b>&nbsp;at work</p>",
    "I am heard at work (required)", "I am heard at work [Required]", "* I am heard at work", "I am heard at work *", "I am heard at work * Required",
    "I  am heard\n at work", "Q7. <br/>I am heard at work*", "&lt;b&gt;I am heard at work&lt;/b&gt;",
])  # fmt: skip
def test_numbers_markup_and_marks_around_a_question_are_no_part_of_it(header: str) -> None:
    assert bare(header) == HEARD and same_wording(header, HEARD)


@pytest.mark.parametrize("header", [
    "3 or more colleagues listen", "5.5 hours a day are enough", "9:30 meetings start on time", "1-2-1 meetings help me", "360-degree talks help me",
    "24 Hours notice is what I get", "5 Days a week I am heard", "1.5 Hours a day are enough", "Is training (required) useful", "Scores a < b and b > c", "What is 5 * 3", "A1 receptors",
])  # fmt: skip
def test_numbers_and_words_of_a_question_stay(header: str) -> None:
    assert bare(header) == header == without_number(header)


@pytest.mark.parametrize("header", ["How far do you agree? [I am heard at work]", "Q3_1 Please rate [<b>I am heard at work</b>] *"])
def test_a_wording_in_brackets_behind_a_stem_is_the_wording(header: str) -> None:
    assert same_wording(header, HEARD)


@pytest.mark.parametrize(("header", "wording"), [
    ("Do you disagree that you do not: [I am heard at work]", HEARD), ("Which of these is never so? [I am heard at work]", HEARD),
    ("How far do you agree? [I am seen at work]", HEARD), ("Importance: I am heard at work", HEARD), ("Who listens: Team", "Team"), ("It takes 1.5 hours a day", "5 hours a day"),
])  # fmt: skip
def test_a_stem_that_turns_a_question_round_and_other_endings_are_not(header: str, wording: str) -> None:
    assert not same_wording(header, wording)


@pytest.mark.parametrize(("stem", "is_how"), [
    ("How far do you agree? [", True), ("To what extent do you agree or disagree with each of the following statements? -", True), ("agree [", True),
    ("Please rate the following: ", True), ("", True), ("SQ001 [", True), ("B_2: ", True),
    ("How far do you disagree? [", False), ("How important is this to you? [", False), ("Before the pilot: ", False), ("Importance: ", False),
    ("Please tick if this is NOT true. ", False), ("In my last job -", False), ("How often is this false for you? [", False),
    ("Rate from 1 = agree to 5 = disagree: ", False), ("What would you say of your last manager? [", False),
])  # fmt: skip
def test_a_stem_asks_nothing_where_it_only_says_how_to_answer(stem: str, is_how: bool) -> None:
    assert only_says_how(stem) == is_how


def test_endings_are_what_follows_each_stem() -> None:
    assert [end.strip(" ]") for end in endings("Q1 Your work - how often? [I am heard]")][-1] == "I am heard"
