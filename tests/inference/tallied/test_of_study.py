"""Counts of answers in a study's results: the rows that one ordered question brings, against rows one by one and simulated truth."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evaluation.inference.analyst import unit_change
from evaluation.inference.estimate import Answer, Estimate
from evaluation.inference.fit_estimand import answer
from evaluation.inference.flags import name_of, sentence
from evaluation.inference.tallied.on_table import ordered_change
from evaluation.inference.tallied.ordinal import cumulative_logit
from evaluation.inference.tallied.proportions import logits
from tests.inference.studies_in_memory import Study, arms, moments_of_rows, study

READINGS = ("probability of superiority", "cumulative logit", "percent positive as logit")
TABLE = {"unit": "unit", "wave": "wave", "arm": "role", "baseline": "baseline", "follow_up": "month_12"}


def answers(units: Mapping[str, str], people: int = 40, *, effect: float = 0.6, seed: int = 1, spread: float = 0.3) -> pd.DataFrame:
    """Five ordered options from a latent logistic answer; `effect` moves pilots' answers at follow-up."""
    rng, rows, codes = np.random.default_rng(seed), [], []
    for unit, arm in units.items():
        level = rng.normal(0, spread)
        for wave in ("baseline", "month_12"):
            moved = effect * (arm == "develop") * (wave == "month_12")
            latent = level + moved + rng.normal(0, spread / 2) + rng.logistic(0, 1, people)
            rows += [(unit, unit, arm, "pilot" if arm == "develop" else "comparison", wave)] * people
            codes.append(1.0 + np.digitize(latent, [-1.5, -0.3, 0.6, 1.8]))
    return pd.DataFrame(rows, columns=["unit", "organisation", "arm", "role", "wave"]).assign(code=np.concatenate(codes))


def asked(folder: Path, frame: pd.DataFrame, measure: str, item: str, **options: object) -> Study:
    """The tiny study with these rows as the answers to one of its items."""
    made = study(folder, frame.assign(score=frame["code"]), **options)
    outcome = (frame["code"] >= 4) * 100.0 if measure == "awareness" else frame["code"]
    moments = moments_of_rows(frame.assign(outcome=outcome), "outcome", centre=50.0 if measure == "awareness" else 3.0)
    counted = frame.dropna(subset=["code"]).groupby(["unit", "arm", "wave", "code"]).size().rename("n").reset_index()
    tallies = counted.rename(columns={"code": "answer"}).assign(population="staff", item=item)
    return replace(made, evidence=replace(made.evidence, moments={**made.evidence.moments, measure: moments}, tallies=tallies))


def aware(folder: Path, frame: pd.DataFrame, **options: object) -> Answer:
    (one,) = answer("awareness_change", *asked(folder, frame, "awareness", "know_values", **options).asked)
    return one


def readings(one: Answer) -> dict[str, Estimate]:
    return {str(row.estimator): row for row in one.further if row.estimator in READINGS}


def test_one_ordered_question_brings_its_three_readings_and_two_lines_on_a_plain_table_give_the_same(tmp_path: Path) -> None:
    frame = answers(arms(3, 5))
    rows = readings(aware(tmp_path, frame))
    same = {row.estimator: row for row in ordered_change(frame, "code", positive=[4, 5], **TABLE)}
    assert tuple(rows) == READINGS == tuple(same)
    for name, row in rows.items():
        other = same[name]
        assert [row.estimate, row.std_error, row.df, row.p_value, row.conf_low, row.conf_high] == pytest.approx(
            [other.estimate, other.std_error, other.df, other.p_value, other.conf_low, other.conf_high], rel=1e-9)
        sizes = "few_units:3 pilot and 5 comparison units"  # a study says it of the headline, which a table does not have
        assert ((sizes, *row.flags), row.status, row.n_respondents, row.resolution_floor) == (
            other.flags, other.status, other.n_respondents, other.resolution_floor)


def test_the_chance_of_a_higher_answer_is_mann_whitneys_in_every_unit_and_units_are_compared_as_changes_are(tmp_path: Path) -> None:
    """Units' chances by scipy, their variances by pooled placements, and the second stage by `unit_change` on made-up people."""
    frame = answers(arms(3, 5), 40)
    row = readings(aware(tmp_path, frame))["probability of superiority"]
    chances, within = {}, []
    for unit, people in frame.groupby("unit"):
        x, y = (people.loc[people["wave"] == wave, "code"].to_numpy() for wave in ("baseline", "month_12"))
        chances[unit] = stats.mannwhitneyu(y, x).statistic / (len(x) * len(y))
        higher = (y[:, None] > x[None]) + 0.5 * (y[:, None] == x[None])
        within.append([higher.mean(axis=0).var(ddof=1), higher.mean(axis=1).var(ddof=1)])
    sampling = np.mean(within, axis=0).sum() / 40  # all units have 40 answers in each wave
    pilot = np.array([unit.startswith("P") for unit in chances])
    level = np.array(list(chances.values()))
    assert row.estimate == pytest.approx(level[pilot].mean() - level[~pilot].mean(), rel=1e-10)  # equal errors, equal weights
    spread = np.r_[level[pilot] - level[pilot].mean(), level[~pilot] - level[~pilot].mean()]
    assert row.std_error**2 >= 0.1 * sampling * (1 / 3 + 1 / 5)
    assert row.std_error == pytest.approx(np.sqrt((spread**2).sum() / 6 * (1 / 3 + 1 / 5)), rel=1e-6)
    assert row.df == 6


def test_the_share_as_a_logit_is_compared_as_changes_are(tmp_path: Path) -> None:
    frame = answers(arms(3, 5))
    row = readings(aware(tmp_path, frame))["percent positive as logit"]
    found = frame.assign(yes=frame["code"] >= 4).groupby(["wave", "unit"])["yes"].agg(["sum", "size"])
    change = logits(*found.loc["month_12"].T.to_numpy())[0] - logits(*found.loc["baseline"].T.to_numpy())[0]
    pilot = np.array([unit.startswith("P") for unit in found.loc["baseline"].index])
    assert min(change[pilot].mean() - change[~pilot].mean(), 0) <= row.estimate <= max(change[pilot]) - min(change[~pilot])
    assert abs(row.estimate - (change[pilot].mean() - change[~pilot].mean())) < row.std_error


def test_the_odds_ratio_has_the_columns_of_least_squares_and_leaves_units_out(tmp_path: Path) -> None:
    frame = answers(arms(3, 5))
    row = readings(aware(tmp_path, frame))["cumulative logit"]
    wide = frame.groupby(["unit", "role", "wave", "code"]).size().unstack(fill_value=0).reset_index()
    pilot, later = (wide["role"] == "pilot").to_numpy(float), (wide["wave"] == "month_12").to_numpy(float)
    columns = np.column_stack([pilot, later, pilot * later])
    found = cumulative_logit(wide[[1.0, 2.0, 3.0, 4.0, 5.0]].to_numpy(), columns, wide["unit"], ("p", "l", "pl")).infer("pl")
    assert (row.estimate, row.std_error, row.df) == pytest.approx((found.estimate, found.std_error, 6.0), rel=1e-8)
    assert row.variance == "jackknife over units"


def test_a_measure_in_points_has_no_percentage_and_a_mean_of_items_has_no_counts(tmp_path: Path) -> None:
    frame = answers(arms(3, 5))
    made = asked(tmp_path, frame, "strain", "strain_1")
    (strain,) = answer("strain_not_worse", *made.asked)
    assert tuple(readings(strain)) == READINGS[:2]
    (lived,) = answer("lived_values_change", *made.asked)
    assert not readings(lived)


def test_a_reverse_scored_item_is_turned_before_its_order_is_read(tmp_path: Path) -> None:
    frame = answers(arms(3, 5))
    made = asked(tmp_path, frame, "strain", "strain_1")
    instrument = made.documents.instruments["values"]
    turned = instrument.model_copy(
        update={"items": {**instrument.items, "strain_1": instrument.items["strain_1"].model_copy(update={"reverse": True})}})
    other = replace(made, documents=replace(made.documents, instruments={"values": turned}))
    (plain,), (reverse,) = (answer("strain_not_worse", *one.asked) for one in (made, other))
    for name, row in readings(plain).items():
        assert readings(reverse)[name].estimate == pytest.approx(-row.estimate, abs=1e-9)


@pytest.mark.parametrize(("pilots", "comparisons", "keeps_interval"), [(2, 2, False), (1, 5, False)])
def test_what_the_answer_may_not_say_its_readings_do_not_say(
    tmp_path: Path, pilots: int, comparisons: int, keeps_interval: bool
) -> None:
    one = aware(tmp_path, answers(arms(pilots, comparisons)), register=[(u, u, a) for u, a in arms(pilots, comparisons).items()])
    assert one.headline.status == "p-value withheld"
    for row in readings(one).values():
        assert row.status in ("p-value withheld", "not estimable")
        assert row.p_value is None and row.std_error is None and (row.conf_low is not None) == keeps_interval


def test_four_pilots_alone_keep_an_interval_and_no_p_value(tmp_path: Path) -> None:
    swap = {"measure: awareness, design: difference in differences": "measure: awareness, design: before and after"}
    frame = answers(arms(4, 0))
    rows = readings(aware(tmp_path, frame, replace=swap, register=[(u, u, a) for u, a in arms(4, 0).items()]))
    assert tuple(rows) == READINGS
    for row in rows.values():
        assert row.p_value is None and row.conf_low is not None and row.status == "p-value withheld"
    same = {row.estimator: row for row in ordered_change(frame, "code", positive=[4, 5], **{**TABLE, "arm": None})}
    assert {name: row.estimate for name, row in rows.items()} == pytest.approx({name: row.estimate for name, row in same.items()})


def test_at_follow_up_alone_there_is_an_odds_ratio_and_no_chance_of_a_change(tmp_path: Path) -> None:
    swap = {"measure: awareness, design: difference in differences": "measure: awareness, design: comparison at follow-up"}
    assert tuple(readings(aware(tmp_path, answers(arms(3, 5)), replace=swap))) == READINGS[1:]


def test_what_cannot_be_worked_out_is_a_row_that_says_why(tmp_path: Path) -> None:
    frame = answers(arms(3, 5))
    frame["code"] = np.where((frame["arm"] == "develop") & (frame["wave"] == "month_12"), 5.0, 2 + 2.0 * (frame["code"] > 2))
    row = readings(aware(tmp_path, frame))["cumulative logit"]
    assert (row.status, row.estimate) == ("not estimable", None)
    assert "tell apart who chose which option" in sentence(row.flags[0])


def test_a_unit_with_one_answer_in_a_wave_is_left_out_by_name(tmp_path: Path) -> None:
    frame = answers(arms(3, 5))
    few = frame[~((frame["unit"] == "C2") & (frame["wave"] == "baseline") & frame.duplicated(["unit", "wave"]))]
    row = readings(aware(tmp_path, few))["probability of superiority"]
    assert row.flags == ("too_few_answers:1: C2",) and (row.n_units, row.n_comparison) == (7, 4)


def test_covariates_that_counts_do_not_hold_are_named(tmp_path: Path) -> None:
    frame = answers(arms(3, 5))
    swap = {"measure: awareness, design": "measure: awareness, covariates: [staff_group], design"}
    assert all("not_adjusted:staff_group" in row.flags for row in readings(aware(tmp_path, frame, replace=swap)).values())


def test_answers_that_move_at_one_end_only_say_that_one_odds_ratio_does_not_sum_them_up(tmp_path: Path) -> None:
    frame = answers(arms(10, 10), 200, effect=0.0, spread=0.1)
    ends = (frame["arm"] == "develop") & (frame["wave"] == "month_12") & (frame["code"] <= 2)
    moved = frame.assign(code=frame["code"].where(~ends | (np.arange(len(frame)) % 4 == 0), 3.0))
    listed = [(u, u, a) for u, a in arms(10, 10).items()]
    row = readings(aware(tmp_path, moved, register=listed))["cumulative logit"]
    assert list(map(name_of, row.flags)) == ["odds_not_proportional"]
    assert not readings(aware(tmp_path, frame, register=listed))["cumulative logit"].flags


def test_a_true_null_is_rejected_about_five_times_in_a_hundred_and_a_true_odds_ratio_lies_in_its_interval() -> None:
    """Of 50 simulated studies: 0.05 and 0.95 with three standard errors, 0.093, by every reading."""
    rejected, held, many = dict.fromkeys(READINGS, 0), 0, 50
    for seed in range(many):
        for row in ordered_change(answers(arms(4, 6), 25, effect=0.0, seed=seed), "code", positive=[4, 5], **TABLE):
            rejected[str(row.estimator)] += row.p_value < 0.05
        (_, odds) = ordered_change(answers(arms(4, 6), 25, seed=seed), "code", **TABLE)
        held += odds.conf_low < 0.6 < odds.conf_high
    assert all(count / many < 0.05 + 0.093 for count in rejected.values()), rejected
    assert held / many > 0.95 - 0.093


def test_a_measured_number_is_no_ordered_question() -> None:
    frame = answers(arms(3, 5)).assign(code=np.arange(640) / 7)
    with pytest.raises(Exception, match="640 different numbers"):
        ordered_change(frame, "code", **TABLE)
    assert len(unit_change(frame, "code", **TABLE))
