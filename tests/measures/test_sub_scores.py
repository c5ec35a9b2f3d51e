"""Sub-score to score, as the NHS Staff Survey scores its elements: by hand (worked out in the comments) and by plain numpy.

The rule: items on 0 to 10, the mean of items a sub-score when enough were answered, the mean of sub-scores the score; questions that
a respondent was led past are no missing answers.
"""

from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest

from evaluation.measures.score import interval_of, items_of, scores
from evaluation.protocol.block import Interval
from evaluation.protocol.documents import Documents, read_documents, read_mapping
from tests.evidence.stored import opened
from tests.protocol.changed import refused
from tests.studies import INSTRUMENT, PROTOCOL, tiny_study
from tests.waves.intake_study import load, other_study

MISSING = np.nan
ITEMS = ("auto_1", "auto_2", "auto_3", "voice_1", "voice_2", "appraised", "review_1", "review_2")
OLD = "score: mean, items: [lived_1, lived_2, lived_3], at_least: 2 of 3, scale: 0 to 10"
PARTS = """score: mean of sub scores, at_least: 2 of 3, scale: 0 to 10, sub_scores: {
    autonomy: {items: [auto_1, auto_2, auto_3], at_least: 2 of 3}, voice: {items: [voice_1, voice_2]},
    review: {items: [review_1, review_2], at_least: 1 of 2}}"""
QUESTIONS = """\
  auto_1: {wording: I can decide how I do my work., scale: agree_5}
  auto_2: {wording: I am told what to do at every step., scale: agree_5, reverse: true}
  auto_3: {wording: I have a say in changes., scale: agree_5}
  voice_1: {wording: I feel safe to speak up., scale: agree_5}
  voice_2: {wording: My organisation acts on concerns., scale: extent}
  appraised: {wording: Did you have an appraisal?, scale: yes_no}
  review_1: {wording: It helped me to do my job., scale: agree_5, asked_if: {appraised: [1]}}
  review_2: {wording: It helped me to agree objectives., scale: agree_5, asked_if: {appraised: [1]}}
"""
SCALES = "  extent: {range: 0 to 10}\n  yes_no: {options: {1: Yes, 2: No}}\nitems:\n"


def documents_of(folder: Path, *, parts: str = PARTS, questions: str = QUESTIONS) -> Documents:
    return read_documents(tiny_study(folder, replace={OLD: parts}, instrument=INSTRUMENT.replace("items:\n", SCALES + questions)))


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Documents:
    return documents_of(tmp_path_factory.mktemp("parts"))


def scored(documents: Documents, *people: tuple[float, ...]) -> list[float]:
    frame = pd.DataFrame(people, columns=list(ITEMS)).astype(float).assign(wave="baseline")
    table = ibis.memtable(frame)
    found = table.select(score=scores(table, documents, "staff")["lived_values"]).execute()["score"]
    return [float(value) for value in found]


def test_every_sub_score_counts_alike_however_many_items_it_has(documents: Documents) -> None:
    # On 0 to 10: autonomy 5 -> 10, 2 turned to 4 -> 7.5, 3 -> 5: mean 7.5. Voice 4 -> 7.5 and 10: 8.75. Review 1 -> 0 and 3 -> 5: 2.5.
    # Mean of 7.5, 8.75 and 2.5 is 6.25; the mean of the seven items would be 45/7 = 6.43.
    assert scored(documents, (5, 2, 3, 4, 10, 1, 1, 3)) == pytest.approx([6.25], abs=1e-12)


def test_a_sub_score_needs_its_own_minimum_and_the_score_its_minimum_of_sub_scores(documents: Documents) -> None:
    # Autonomy with two of three: 10 and 7.5, 8.75; with one of three: none. Voice needs both. Two sub-scores are enough, one is not.
    people = [
        (5, 2, MISSING, 4, 10, 1, 1, 3),  # (8.75 + 8.75 + 2.5) / 3 = 20/3
        (5, MISSING, MISSING, 4, 10, 1, 1, 3),  # no autonomy: (8.75 + 2.5) / 2 = 5.625
        (5, MISSING, MISSING, 4, MISSING, 1, 1, 3),  # review alone: no score
        (5, 2, 3, 4, MISSING, 1, MISSING, 3),  # no voice, review from one item, 5: (7.5 + 5) / 2 = 6.25
    ]
    assert scored(documents, *people) == pytest.approx([20 / 3, 5.625, MISSING, 6.25], abs=1e-12, nan_ok=True)


def test_who_was_led_past_a_question_misses_nothing(documents: Documents) -> None:
    # Nobody without an appraisal is asked about it: the sub-score is left out and not held missing, so one other is enough ...
    people = [
        (5, 2, 3, 4, 10, 2, MISSING, MISSING),  # (7.5 + 8.75) / 2 = 8.125
        (5, 2, 3, MISSING, MISSING, 2, MISSING, MISSING),  # autonomy, and review that was not asked: 2 of 3, score 7.5
        (5, 2, 3, MISSING, MISSING, 1, MISSING, MISSING),  # ... but was asked and silent: 1 of 3, none
        (5, 2, 3, MISSING, MISSING, MISSING, MISSING, MISSING),  # who does not say whether may have been asked: none
        (MISSING, MISSING, MISSING, MISSING, MISSING, 2, MISSING, MISSING),  # nothing to score
    ]
    assert scored(documents, *people) == pytest.approx([8.125, 7.5, MISSING, MISSING, MISSING], abs=1e-12, nan_ok=True)


def test_an_item_that_was_not_asked_counts_towards_the_minimum_inside_a_sub_score(tmp_path: Path) -> None:
    # auto_3 is asked of the appraised only; 3 of 3 is needed. Not asked: the two others are all there is, (10 + 7.5) / 2.
    questions = QUESTIONS.replace("I have a say in changes., scale: agree_5", "I have a say in changes., scale: agree_5, asked_if: {appraised: [1]}")
    documents = documents_of(tmp_path, parts=PARTS.replace("auto_3], at_least: 2 of 3", "auto_3]"), questions=questions)
    led_past, silent = (5, 2, MISSING, 4, 10, 2, MISSING, MISSING), (5, 2, MISSING, 4, 10, 1, 1, 3)
    assert scored(documents, led_past, silent) == pytest.approx([(8.75 + 8.75) / 2, (8.75 + 2.5) / 2], abs=1e-12)


def test_the_same_holds_for_a_plain_mean(tmp_path: Path) -> None:
    # review_1 alone beside auto_1 and auto_3, all needed: not asked, the mean is of the two others, 10 and 5.
    documents = documents_of(tmp_path, parts="score: mean, items: [auto_1, auto_3, review_1], scale: 0 to 10")
    people = (5, 1, 3, 1, 1, 2, MISSING, MISSING), (5, 1, 3, 1, 1, 1, MISSING, MISSING)
    assert scored(documents, *people) == pytest.approx([7.5, MISSING], nan_ok=True)


def test_many_respondents_are_scored_as_plain_numpy_scores_them(documents: Documents) -> None:
    """2,000 drawn respondents with missing answers; the other side loops over sub-scores and knows nothing of expressions."""
    rng = np.random.default_rng(2022)
    answers = rng.integers(1, 6, (2000, len(ITEMS))).astype(float)
    answers[:, 4], answers[:, 5] = rng.integers(0, 11, 2000), rng.integers(1, 3, 2000)
    answers[rng.random(answers.shape) < 0.4] = MISSING
    answers[answers[:, 5] == 2, 6:] = MISSING
    points = (answers - 1) / 4 * 10
    points[:, 1], points[:, 4] = 10 - points[:, 1], answers[:, 4]
    out = answers[:, 5] == 2
    sums, ready, gone = np.zeros(2000), np.zeros(2000), np.zeros(2000)
    for places, least, routed in (([0, 1, 2], 2, False), ([3, 4], 2, False), ([6, 7], 1, True)):
        own = points[:, places]
        there = (~np.isnan(own)).sum(axis=1)
        fine = there >= least
        sums[fine] += np.nansum(own, axis=1)[fine] / there[fine]
        ready += fine
        gone += out & routed
    wanted = np.where((ready >= 1) & (ready + gone >= 2), sums / np.maximum(ready, 1), MISSING)
    found = np.asarray(scored(documents, *map(tuple, answers)))
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-12)
    assert 0.1 < np.isnan(wanted).mean() < 0.9


def test_a_measure_of_sub_scores_names_all_their_items_and_lies_on_its_scale(documents: Documents) -> None:
    assert items_of("lived_values", documents) == ("auto_1", "auto_2", "auto_3", "voice_1", "voice_2", "review_1", "review_2")
    assert interval_of("lived_values", documents) == Interval(low=0, high=10)


CASES = {
    "items beside": (PARTS + ", items: [auto_1]", QUESTIONS, "items stand under 'sub_scores' with 'score: mean of sub scores', and only with it"),
    "another rule": (PARTS.replace("mean of sub scores", "mean"), QUESTIONS, "items stand under 'sub_scores'"),
    "too many sub-scores": (PARTS.replace("at_least: 2 of 3, scale", "at_least: 2 of 4, scale"), QUESTIONS,
                            "measure 'lived_values' says 'at_least: 2 of 4', but has 3 sub-scores."),
    "too many items": (PARTS.replace("auto_3], at_least: 2 of 3", "auto_3], at_least: 2 of 4"), QUESTIONS,
                       "sub-score 'autonomy' says 'at_least: 2 of 4', but has 3 items."),
    "more than there are": (PARTS.replace("at_least: 1 of 2", "at_least: 3 of 2"), QUESTIONS, "sub-score 'review' asks for more items than there are: 3 of 2."),
    "twice": (PARTS.replace("[voice_1, voice_2]", "[voice_1, auto_1]"), QUESTIONS, "measure 'lived_values' lists auto_1 twice."),
    "no such item": (PARTS.replace("voice_2", "voice_9"), QUESTIONS, "measure 'lived_values' uses item 'voice_9', which is not there."),
    "nothing left": (PARTS, QUESTIONS.replace("speak up., scale: agree_5", "speak up., scale: agree_5, changed_in: month_6").replace(
        "concerns., scale: extent", "concerns., scale: extent, changed_in: month_6"), "nothing is left of sub-score 'voice'"),
    "routed by nobody": (PARTS, QUESTIONS.replace("{appraised: [1]}", "{appraisal: [1]}"), "item 'review_1' is asked because of item 'appraisal', which is not there."),
    "routed by no code": (PARTS, QUESTIONS.replace("{appraised: [1]}", "{appraised: [7]}"),
                          "item 'review_1' is asked of those who answer 7 to 'appraised', which nobody can."),
    "routed by itself": (PARTS, QUESTIONS.replace("an appraisal?, scale: yes_no", "an appraisal?, scale: yes_no, asked_if: {review_1: [1]}"),
                         "item 'appraised' is asked because of itself in the end."),
    "routed by an item of another wave": (PARTS, QUESTIONS.replace("an appraisal?, scale: yes_no", "an appraisal?, scale: yes_no, asked_in: month_6"),
                                          "item 'review_1' is asked because of 'appraised', which is not asked in baseline, month_12."),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_sub_scores_and_routing_that_contradict_themselves_are_refused(tmp_path: Path, case: str) -> None:
    parts, questions, said = CASES[case]
    assert any(said in problem.what for problem in refused(lambda: documents_of(tmp_path, parts=parts, questions=questions)))


# what is stored and counted

ROWS = "organisation,respondent,staff_group,lived_1,lived_2,lived_3,know_values,strain_1," + ",".join(ITEMS) + "\n"


def test_answers_of_people_who_were_not_asked_are_set_aside_and_counted(tmp_path: Path) -> None:
    study = other_study(tmp_path, protocol=PROTOCOL.replace(OLD, PARTS), instrument=INSTRUMENT.replace("items:\n", SCALES + QUESTIONS))
    file = tmp_path / "wave.csv"
    people = ["5,2,3,4,10,2,4,", "5,2,3,4,10,2,,", "5,2,3,4,10,1,4,", "5,2,3,4,10,,4,4"]
    file.write_text(ROWS + "".join(f"P1,p{k},Nursing,3,3,3,3,3,{one}\n" for k, one in enumerate(people)), encoding="utf-8")
    found = load(file, study=study)
    assert found.frame.sort("respondent")["review_1"].to_list() == [None, None, 4.0, 4.0]
    assert "answers of people who were not asked because of another answer, set aside: review_1 (1)" in found.receipt.notes
    assert "not asked because of another answer, neither missing nor silent: review_1 (2), review_2 (2)" in found.receipt.notes


def test_a_code_that_says_not_asked_is_read_twice(tmp_path: Path) -> None:
    """An export without the question before it writes -1 for who was led past: that makes the other item, and a blank stays a blank."""
    documents, _ = study = other_study(
        tmp_path, protocol=PROTOCOL.replace(OLD, PARTS), instrument=INSTRUMENT.replace("items:\n", SCALES + QUESTIONS))
    file, mapping = tmp_path / "wave.csv", documents.root / "export.yaml"
    file.write_text("org,id,group,q1,q2,q3\nP1,p1,Nursing,5,4,-1\nP1,p2,Nursing,5,4,3\nP1,p3,Nursing,5,4,\n", encoding="utf-8")
    others = ("lived_2", "lived_3", "know_values", "strain_1", *ITEMS[1:5], "review_2")
    mapping.write_text(
        "mapping: export\nversion: 1\nreviewed_by: Ana\npopulation: staff\n"
        f"file: {{format: csv, copies: {{q3 asked: q3, {', '.join(f'{name}: q2' for name in others)}}}}}\n"
        "organisation: {column: org}\nrespondent: {column: id}\ngroups: {staff_group: {column: group}}\n"
        f"items: {{q1: {{item: lived_1}}, q2: {{item: auto_1}}, {', '.join(f'{name}: {{item: {name}}}' for name in others)}, "
        "q3: {item: review_1, missing_codes: [-1]}, q3 asked: {item: appraised, codes: {-1: 2, 1: 1, 2: 1, 3: 1, 4: 1, 5: 1}}}\n", encoding="utf-8")
    frame = load(file, study=study, mapping=read_mapping(mapping, documents)).frame.sort("respondent")
    assert frame["review_1"].to_list() == [None, 3.0, None] and frame["appraised"].to_list() == [2.0, 1.0, None]


def test_a_question_that_was_not_asked_is_no_silence_in_the_counts(tmp_path: Path) -> None:
    """Counts of an item add up to the people who were asked: 3 of 5 here, of whom one said nothing."""
    past = opened(documents_of(tmp_path / "study").root)
    frame = pd.DataFrame({"appraised": [1.0, 1.0, 2.0, 2.0, MISSING], "review_1": [4.0, MISSING, MISSING, MISSING, 3.0]})
    frame = frame.assign(wave="baseline", organisation="P1", unit="P1", staff_group="Nursing")
    tallies = past.summarise(past.write(frame)).tallies
    own = tallies[tallies["item"] == "review_1"].set_index("answer")["n"]
    assert own.loc[[3.0, 4.0]].tolist() == [1, 1] and own[own.index.isna()].tolist() == [1] and own.sum() == 3
