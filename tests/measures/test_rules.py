"""Scores by hand: every expected number is worked out in the comment beside it, from the rule's own definition."""

from dataclasses import replace
from pathlib import Path

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pytest

from evaluation.errors import ProtocolError
from evaluation.measures.rule import SCORE_INTERVALS, SCORING_RULES, Answer
from evaluation.measures.score import interval_of, items_of, scores, waves_scored
from evaluation.protocol.block import Interval
from evaluation.protocol.documents import Documents, read_documents
from evaluation.protocol.instrument import Scale
from evaluation.protocol.model import Measure
from evaluation.terms import ScoreRule
from tests.studies import INSTRUMENT, tiny_study

MISSING = np.nan


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Documents:
    return read_documents(tiny_study(tmp_path_factory.mktemp("tiny")))


def scored(documents: Documents, **answers: list[float]) -> pd.DataFrame:
    length = len(next(iter(answers.values())))
    items = {"lived_1": [3.0], "lived_2": [3.0], "lived_3": [3.0], "know_values": [3.0], "strain_1": [3.0]}
    columns = {name: answers.get(name, values * length) for name, values in items.items()}
    frame = pd.DataFrame({"wave": answers.get("wave", ["baseline"] * length), **columns})
    return executed(ibis.memtable(frame), documents)


def executed(table: ir.Table, documents: Documents) -> pd.DataFrame:
    return table.select(**scores(table, documents, "staff")).execute()


def test_mean_turns_reverse_items_and_moves_to_the_stated_scale(documents: Documents) -> None:
    # lived_3 is reversed on 1 to 5: an answer of 2 counts as 6 - 2 = 4. Mean (5 + 4 + 4) / 3 = 13/3 on 1 to 5,
    # which is (13/3 - 1) / 4 * 10 = 25/3 on 0 to 10. All at the unfavourable end: 1, 1 and 6 - 5 = 1 give 0.
    frame = scored(documents, lived_1=[5.0, 1.0, 5.0], lived_2=[4.0, 1.0, 5.0], lived_3=[2.0, 5.0, 1.0])
    assert frame["lived_values"].tolist() == pytest.approx([25 / 3, 0.0, 10.0], abs=1e-12)


def test_mean_needs_its_minimum_of_answered_items(documents: Documents) -> None:
    # At least 2 of 3: (5 and 6 - 3 = 3) -> mean 4 -> 7.5 on 0 to 10; one answer alone gives no score; none gives none.
    frame = scored(documents, lived_1=[5.0, 5.0, MISSING], lived_2=[MISSING] * 3, lived_3=[3.0, MISSING, MISSING])
    assert frame["lived_values"].tolist() == pytest.approx([7.5, MISSING, MISSING], nan_ok=True)


def test_mean_without_a_stated_minimum_needs_every_item(tmp_path: Path) -> None:
    documents = read_documents(tiny_study(tmp_path, replace={"at_least: 2 of 3, ": ""}))
    frame = scored(documents, lived_1=[5.0, 5.0], lived_2=[5.0, MISSING], lived_3=[1.0, 1.0])
    assert frame["lived_values"].tolist() == pytest.approx([10.0, MISSING], nan_ok=True)


def test_items_on_different_scales_count_alike() -> None:
    # 3 on 1 to 5 is the middle, 10 on 0 to 10 the top: (5 + 10) / 2 = 7.5 on 0 to 10.
    table = ibis.memtable(pd.DataFrame({"a": [3.0], "b": [10.0]}))
    scales = [Scale(options={str(k): str(k) for k in range(1, 6)}), Scale(range="0 to 10")]
    measure = _measure(score="mean", items=["a", "b"], scale="0 to 10")
    score = SCORING_RULES["mean"]([Answer(table["a"], scales[0]), Answer(table["b"], scales[1])], measure)
    assert table.mutate(score=score).execute()["score"].tolist() == [7.5]


def test_percent_positive_of_one_item_is_a_hundred_or_nothing(documents: Documents) -> None:
    # agree_5 counts 4 and 5 as favourable.
    frame = scored(documents, know_values=[5.0, 4.0, 3.0, 1.0, MISSING])
    assert frame["awareness"].tolist() == pytest.approx([100.0, 100.0, 0.0, 0.0, MISSING], nan_ok=True)


def test_percent_positive_of_several_items_is_the_share_of_answered_items_answered_favourably(tmp_path: Path) -> None:
    # lived_3 is reversed: 1 counts as 5, favourable. Two of three favourable: 200/3; one of two answered: 50; one answered: none.
    change = {"score: mean, items: [lived_1": "score: percent positive, items: [lived_1", "scale: 0 to 10, ": "",
              "difference: 0.3 points": "difference: 3 percentage points"}
    documents = read_documents(tiny_study(tmp_path, replace=change))
    frame = scored(documents, lived_1=[4.0, 4.0, 4.0], lived_2=[2.0, 3.0, MISSING], lived_3=[1.0, MISSING, MISSING])
    assert frame["lived_values"].tolist() == pytest.approx([200 / 3, 50.0, MISSING], nan_ok=True)


def test_single_item_is_the_answer_itself(documents: Documents) -> None:
    assert scored(documents, strain_1=[1.0, 5.0, MISSING])["strain"].tolist() == pytest.approx([1.0, 5.0, MISSING], nan_ok=True)


def test_single_item_moves_to_the_stated_scale(tmp_path: Path) -> None:
    # 4 on 1 to 5 is three quarters of the way: 75 on 0 to 100.
    documents = read_documents(tiny_study(tmp_path, replace={"items: [strain_1], ": "items: [strain_1], scale: 0 to 100, "}))
    assert scored(documents, strain_1=[4.0])["strain"].tolist() == [75.0]
    assert interval_of("strain", documents) == Interval(low=0, high=100)


def test_single_item_refuses_several() -> None:
    answer = Answer(ibis.literal(1.0), Scale(range="0 to 10"))
    measure = _measure(score="single item", items=["a", "b"])
    with pytest.raises(ProtocolError, match="names 2"):
        SCORING_RULES["single item"]([answer, answer], measure)


def test_a_wave_that_did_not_ask_every_item_has_no_score(tmp_path: Path) -> None:
    # lived_2 is not asked at 6 months, so a mean over the two others there would not be comparable with the other waves.
    wording = "Leaders act on our values., scale: agree_5"
    text = INSTRUMENT.replace(wording, wording + ", asked_in: [baseline, month_12]")
    documents = read_documents(tiny_study(tmp_path, instrument=text))
    frame = scored(documents, wave=["month_6", "month_12"], lived_1=[3.0, 3.0], lived_2=[MISSING, 3.0])
    assert frame["lived_values"].tolist() == pytest.approx([MISSING, 5.0], nan_ok=True)
    assert frame["strain"].tolist() == [3.0, 3.0]
    assert waves_scored("lived_values", documents) == ("baseline", "month_12")


def test_an_item_without_a_column_counts_as_unanswered(documents: Documents) -> None:
    table = ibis.memtable(pd.DataFrame({"wave": ["baseline"], "lived_1": [5.0], "lived_2": [5.0]}))
    frame = executed(table, documents)
    assert frame["lived_values"].tolist() == [10.0]
    assert frame[["awareness", "strain"]].isna().all(axis=None)


def test_every_score_is_a_double_whatever_its_answers_are(documents: Documents) -> None:
    found = scores(ibis.table({"wave": "string", "lived_1": "int64", "strain_1": "int64"}), documents, "staff")
    assert {name: str(score.type()) for name, score in found.items()} == dict.fromkeys(found, "float64")
    assert {"lived_values", "awareness", "strain"} <= set(found)


def test_long_questionnaires_stay_shallow_expressions() -> None:
    # 200 items answered 4 on 1 to 5: mean 4.
    table = ibis.memtable(pd.DataFrame({f"q{k}": [4.0] for k in range(200)}))
    scale = Scale(options={str(k): str(k) for k in range(1, 6)})
    measure = _measure(score="mean", items=list(table.columns))
    score = SCORING_RULES["mean"]([Answer(table[name], scale) for name in table.columns], measure)
    assert table.select(score=score).execute()["score"].tolist() == [4.0]


def test_intervals_are_the_stated_scale_or_the_items_own_or_a_percentage(documents: Documents) -> None:
    assert interval_of("lived_values", documents) == Interval(low=0, high=10)
    assert interval_of("strain", documents) == Interval(low=1, high=5)
    assert interval_of("awareness", documents) == Interval(low=0, high=100)


def test_by_value_takes_every_item_that_belongs_to_a_value(documents: Documents) -> None:
    values = documents.instruments["values"]
    belongs = {"lived_1": "respect", "know_values": "care"}
    items = {name: item.model_copy(update={"value": belongs.get(name)}) for name, item in values.items.items()}
    measure = documents.protocol.measures["lived_values"].model_copy(update={"items": "by value"})
    protocol = documents.protocol.model_copy(update={"measures": {"lived_values": measure}})
    changed = replace(documents, protocol=protocol, instruments={"values": values.model_copy(update={"items": items})})
    assert items_of("lived_values", changed) == ("lived_1", "know_values")


def test_every_rule_that_a_protocol_may_name_is_registered_with_its_interval() -> None:
    assert set(SCORING_RULES) == set(SCORE_INTERVALS) == {rule.value for rule in ScoreRule}


def _measure(**block: object) -> Measure:
    plain = {"label": "M", "instrument": "i", "population": "staff", "minimum_important_difference": "1 points", "says": "see it"}
    return Measure.model_validate({**plain, **block})
