"""A difference of scores carries a caution where the items do not mean the same in the groups it compares, and only there."""

import pandas as pd
import pytest

from evaluation.findings.flags import cautions
from evaluation.findings.questions import answers_of
from evaluation.inference.estimate import Answer
from evaluation.inference.flags import sentence
from tests.evidence.stored import Setting, setting
from tests.quality.questionnaires import study_answers


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Setting:
    return setting(tmp_path_factory.mktemp("meaning"))


def asked(study: Setting, frame: pd.DataFrame) -> dict[str, Answer]:
    decided, _ = answers_of(study.documents, study.summarise(study.write(frame)), study.register)
    return {answer.estimand: answer for answer in decided}


def meaning(answer: Answer) -> list[str]:
    return [text for text in answer.flags if text.startswith("other_meaning")]


def test_an_item_that_pilots_answer_otherwise_is_told_with_what_it_does_to_the_estimate(study: Setting) -> None:
    answers = asked(study, study_answers(moved=0.9))
    (said,) = meaning(answers["lived_values_change"])
    assert said.startswith("other_meaning:lived_2, which moves the estimate by +0.")
    size = float(said.rpartition("by ")[2].removesuffix(" points"))
    assert size == pytest.approx(0.9 * 2.5 / 3, abs=0.15), "a third of the score, on 0 to 10"
    assert "answered its items differently" in sentence(said)
    assert "may lie in the questions" in cautions([said])[0].sentence
    assert "lived_2" not in cautions([said])[0].sentence


def test_measures_that_mean_the_same_and_single_items_carry_no_such_caution(study: Setting) -> None:
    answers = asked(study, study_answers(effect=0.6))
    assert {name: meaning(answer) for name, answer in answers.items()} == {name: [] for name in study.documents.protocol.estimands}


def test_a_change_without_comparison_looks_at_pilots_alone(tmp_path: pytest.TempPathFactory) -> None:
    """What only the comparison answers otherwise is not in the number, and not in its caution."""
    alone = setting(tmp_path, replace={"design: difference in differences, estimator: unit change": "design: before and after"})  # type: ignore[arg-type]
    frame = study_answers()
    elsewhere = (frame["wave"] == "month_12") & frame["unit"].str.startswith("C")
    frame.loc[elsewhere, "lived_2"] = frame.loc[elsewhere, "lived_2"].sub(2).clip(1, 5)
    assert meaning(asked(alone, frame)["lived_values_change"]) == []
    assert meaning(asked(alone, study_answers(moved=0.9))["lived_values_change"]) != []


def test_groups_too_small_to_compare_carry_no_such_caution(study: Setting) -> None:
    assert meaning(asked(study, study_answers(people=10, moved=0.9))["lived_values_change"]) == []


def test_a_measure_that_cannot_be_compared_says_so(study: Setting) -> None:
    answers = asked(study, study_answers(people=10, moved=0.9))
    (said,) = [text for text in answers["lived_values_change"].flags if text.startswith("meaning_not_checked")]
    assert "needs 50 people" in said
    assert cautions([said])[0].sentence == "Whether the questions mean the same to everybody compared could not be checked."
