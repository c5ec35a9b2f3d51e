"""Within people: equal to scipy where scipy has it; only complete pairs enter and the others are counted."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evaluation.inference.rows.paired import COLUMNS, within_people

WAVES = ("baseline", "month_12")


def answers(n: int = 40, seed: int = 2) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    level = rng.normal(6, 1, n)
    person = pd.DataFrame({"organisation": "A", "respondent": [f"r{k}" for k in range(n)]})
    return pd.concat(
        [
            person.assign(wave=wave, score=level + shift + rng.normal(0, 0.5, n))
            for wave, shift in zip(WAVES, (0, 0.3), strict=True)
        ],
        ignore_index=True,
    )


def side(frame: pd.DataFrame) -> pd.Series:
    return pd.Series(1.0, index=frame.index)


def test_the_paired_t_its_interval_and_wilcoxon_equal_scipy() -> None:
    frame = answers()
    wide = frame.pivot(index="respondent", columns="wave", values="score")
    found = within_people(frame, WAVES, side(frame)).iloc[0]
    expected = stats.ttest_rel(wide["month_12"], wide["baseline"])
    assert (found["t"], found["p_value"]) == pytest.approx((expected.statistic, expected.pvalue))
    assert (found["conf_low"], found["conf_high"]) == pytest.approx(tuple(expected.confidence_interval(0.95)))
    assert found["wilcoxon_p"] == pytest.approx(stats.wilcoxon(wide["month_12"], wide["baseline"]).pvalue)
    assert found["bf10"] > 1


def test_hedges_g_uses_the_average_spread_of_both_waves() -> None:
    frame = answers()
    wide = frame.pivot(index="respondent", columns="wave", values="score")
    d = (wide["month_12"].mean() - wide["baseline"].mean()) / np.sqrt(wide.var().mean())  # Cumming (2012), d average
    assert within_people(frame, WAVES, side(frame)).iloc[0]["hedges_g"] == pytest.approx(
        d * (1 - 3 / (4 * (2 * 40 - 2) - 1)), rel=1e-3
    )


def test_people_with_one_answer_are_left_out_and_counted() -> None:
    frame = answers().drop(index=[0, 1, 45])
    found = within_people(frame, WAVES, side(frame)).iloc[0]
    assert (found["pairs"], found["left_out"]) == (37, 3)


def test_the_same_name_in_two_organisations_is_two_people() -> None:
    frame = pd.concat([answers(), answers(seed=5).assign(organisation="B")], ignore_index=True)
    assert within_people(frame, WAVES, side(frame)).iloc[0]["pairs"] == 80


def test_pilots_and_comparisons_are_described_apart_and_other_arms_not_at_all() -> None:
    frame = answers()
    sides = frame["respondent"].map({"r0": np.nan, **{f"r{k}": float(k % 2) for k in range(1, 40)}})
    table = within_people(frame, WAVES, sides)
    assert tuple(table.columns) == COLUMNS
    assert table["who"].tolist() == ["pilot", "comparison"]
    assert table["pairs"].sum() == 39


def test_nobody_changing_gives_means_without_tests() -> None:
    frame = answers().assign(score=5.0)
    found = within_people(frame, WAVES, side(frame)).iloc[0]
    assert found["change"] == 0
    assert np.isnan(found["p_value"])


def test_large_populations_take_time_that_grows_with_people_not_with_their_square() -> None:
    frame = answers(40_000)
    assert within_people(frame, WAVES, side(frame)).iloc[0]["pairs"] == 40_000
