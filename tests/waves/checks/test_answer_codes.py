"""Options that differ only in a sign are different options, and what several options say alike is none of them."""

import pytest

from evaluation.protocol.instrument import Scale
from evaluation.waves.checks.answer_codes import codes_named, match_answers, number_and_label
from evaluation.waves.checks.likeness import fold, slips_apart, spelt

APART = [
    ("< 5 years", "> 5 years"), ("≤ 37.5 hours", "> 37.5 hours"), ("< 5", "<= 5"), ("1-2 times", "12 times"), ("1.5 hours", "15 hours"),
    ("Stufe 1,5", "Stufe 15"), ("-2 to 0", "2 to 0"), ("+1", "-1"), ("10+", "10"), ("£50", "50"), ("50%", "50"), (".5 days", "5 days"),
    ("A+", "A-"), ("A-", "A"), ("½ day", "12 day"), ("1-2", "1.2"), ("-", "+"), ("★★", "★★★"),
]  # fmt: skip
ALIKE = [
    ("< 5 years", "<5 Years"), ("<= 37.5 hours", "≤37.5 hours"), ("=> 5", ">= 5"), ("1 – 2 times", "1-2 times"), ("−2 to 0", "-2 to 0"),
    ("50 %", "50%"), ("5-year plan", "5 year plan"), ("full-time", "Full time"), ("10 +", "10+"),
]  # fmt: skip


@pytest.mark.parametrize("pair", APART)
def test_a_sign_that_changes_what_a_number_says_parts_two_labels(pair: tuple[str, str]) -> None:
    assert spelt(pair[0]) != spelt(pair[1]) and not slips_apart(*pair)


@pytest.mark.parametrize("pair", ALIKE)
def test_ways_of_writing_one_sign_spaces_and_other_signs_part_nothing(pair: tuple[str, str]) -> None:
    assert fold(pair[0]) == fold(pair[1]) != ""


@pytest.mark.parametrize("name", ["q1.2", "q1-2", "q1_2", "Q1 2"])
def test_signs_behind_a_letter_are_part_of_a_name_however_it_is_written(name: str) -> None:
    assert fold(name) == "q12"


def scale(*labels: str) -> Scale:
    return Scale.model_validate({"options": dict(enumerate(labels, start=1))})


@pytest.mark.parametrize(("options", "answers"), [
    (("< 5 years", "> 5 years"), ("<5 years", ">5 years")), (("≤ 37.5 hours", "> 37.5 hours"), ("<=37.5 hours", ">37.5 hours")),
    (("Less than 1 year", "1-2 years", "12 years"), ("less than 1 year", "1 - 2 years", "12 Years")),
    (("Stufe 1,5", "Stufe 15"), ("stufe 1,5", "stufe 15")), (("-2 to 0", "2 to 0"), ("−2 to 0", "2 to 0")), (("+", "++", "-"), ("+", "++", "-")),
])  # fmt: skip
def test_every_answer_is_read_as_the_option_that_has_its_signs_in_words_and_as_a_label(options: tuple[str, ...], answers: tuple[str, ...]) -> None:
    assert match_answers(list(answers), scale(*options)).read == {answer: str(code) for code, answer in enumerate(answers, start=1)}
    turned = {str(code): label for code, label in enumerate(answers[::-1], start=1)}
    assert match_answers(list(turned), scale(*options), turned).read == {code: str(len(answers) + 1 - int(code)) for code in turned}


def test_an_answer_with_another_sign_than_every_option_is_none_of_them() -> None:
    assert match_answers(["> 5 years", "15 times"], scale("< 5 years", "5 years or more", "1-5 times")).unknown == ("> 5 years", "15 times")


def test_what_several_options_say_alike_is_for_a_person_to_decide_unless_a_number_tells_which() -> None:
    labels = scale("Agree", "agree!", "Disagree")
    found = match_answers(["AGREE", "2 - Agree", "disagree"], labels)
    assert found.unknown == ("AGREE",) and found.read == {"2 - Agree": "2", "disagree": "3"}
    by_label = match_answers(["1", "2", "3"], labels, {"1": "Disagree", "2": "AGREE", "3": "AGREE"})
    assert by_label.unknown == ("3",) and by_label.read == {"1": "3", "2": "2"}


def test_the_exact_words_of_one_option_are_that_option_whatever_else_folds_alike() -> None:
    assert codes_named("agree!", {"1": "Agree", "2": "agree!"}) == ("2",)


def test_the_words_of_a_label_stand_in_any_order_but_not_its_numbers() -> None:
    assert codes_named("agree strongly", {"5": "Strongly agree"}) == ("5",)
    assert codes_named("10 to 5 years", {"1": "5 to 10 years"}) == ()


def test_a_range_is_no_number_beside_a_label_unless_it_is_the_code_of_that_label() -> None:
    assert number_and_label("1 - 2 times") is None and number_and_label("1 - Twice") == ("1", "Twice")
    assert codes_named("1 - 2 times", {"1": "1 to 2 times", "2": "2 times"}) == ()
    assert codes_named("1 - 2 times", {"1": "2 times", "2": "More"}) == ("1",)
