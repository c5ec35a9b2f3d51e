"""What a number means in people. Source of the arithmetic: a mean of k questions with s steps, rescaled to a length, moves
length / s / k for one person moving one step on one question."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from evaluation.findings.people import Answers, answers_of, in_people
from evaluation.findings.subject import Subject
from tests.findings.answers import documents_of, finding_of


@pytest.fixture(scope="module")
def subjects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Subject]:
    documents = documents_of(tmp_path_factory.mktemp("tiny"))
    return {name: finding_of(documents, name, 0.1, (-5, 5)).subject for name in documents.protocol.estimands}


def test_how_a_measure_is_answered_comes_from_its_instrument(tmp_path: Path) -> None:
    documents = documents_of(tmp_path)
    assert answers_of("lived_values", documents) == Answers(questions=3, steps=4, turned=True)
    assert answers_of("strain", documents) == Answers(questions=1, steps=4, turned=False)


def test_percentages_count_in_every_hundred(subjects: dict[str, Subject]) -> None:
    assert in_people(subjects["awareness_change"], 12.4, None) == "That is about 12 more in every 100 staff."
    assert in_people(subjects["awareness_change"], -3.6, None) == "That is about 4 fewer in every 100 staff."
    assert in_people(subjects["awareness_change"], 0.3, None) == "That is fewer than one in every 100 staff."


def test_half_a_point_out_of_ten_on_five_options_is_one_in_five_moving_one_answer(subjects: dict[str, Subject]) -> None:
    said = in_people(subjects["lived_values_change"], 0.5, Answers(12, 4, False))
    assert said == "It is as if about one in five staff moved up one answer on every question."


def test_the_sentence_is_true_of_simulated_people(subjects: dict[str, Subject]) -> None:
    people, questions, steps = 1000, 12, 4
    answers = np.random.default_rng(7).integers(1, 5, (people, questions))
    moved = answers.copy()
    moved[: people // 5] += 1
    change = (moved.mean() - answers.mean()) / steps * 10
    assert "one in five" in in_people(subjects["lived_values_change"], float(change), Answers(questions, steps, False))


def test_small_differences_are_told_on_one_question(subjects: dict[str, Subject]) -> None:
    said = in_people(subjects["lived_values_change"], 0.05, Answers(12, 4, False))
    assert said == "It is as if about one in four staff moved up one answer on one question of the 12."
    assert "fewer than one in twenty" in in_people(subjects["lived_values_change"], 0.001, Answers(3, 4, False))


def test_turned_questions_are_told_as_better_or_worse(subjects: dict[str, Subject]) -> None:
    for estimate, way in ((0.5, "for the better"), (-0.5, "for the worse")):
        assert way in in_people(subjects["lived_values_change"], estimate, Answers(3, 4, True))


def test_where_less_is_better_up_is_for_the_worse(subjects: dict[str, Subject]) -> None:
    said = in_people(subjects["strain_not_worse"], 0.5, Answers(1, 4, False))
    assert said.endswith("half of staff moved one answer for the worse on the question.")


def test_every_size_has_a_sentence(subjects: dict[str, Subject]) -> None:
    for size, questions in itertools.product(np.linspace(0.0, 10, 101), (1, 3, 12)):
        assert in_people(subjects["lived_values_change"], float(size), Answers(questions, 4, False)).endswith(".")
