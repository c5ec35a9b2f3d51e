"""Event studies on a table: every wave is the headline of that wave, and the waves before are judged honestly."""

import numpy as np
import pandas as pd
import pytest

from evaluation.errors import DesignError
from evaluation.inference.analyst import unit_change
from evaluation.inference.over_time.event_study import JOINT, EventStudy, event_study
from evaluation.inference.over_time.pre_trend import pre_trend
from evaluation.terms import RESULT_COLUMNS
from tests.inference.over_time.tables import block, means, people

KEYS = {"unit": "unit", "wave": "wave", "arm": "arm"}
TABLE = people(block(4, 6, 3), 5)


def studied(table: pd.DataFrame = TABLE, reference: object = 2, **more: object) -> EventStudy:
    return event_study(table, "score", reference=reference, **KEYS, **more)  # type: ignore[arg-type]


def test_every_wave_is_the_headline_and_least_squares_of_that_pair_of_waves() -> None:
    found = studied().tidy()
    assert tuple(found.columns) == RESULT_COLUMNS
    for wave in ("0", "1", "3", "4"):
        rows = found[found["wave_to"].eq(wave) & found["estimator"].ne(JOINT)]
        alone = unit_change(TABLE, "score", baseline="2", follow_up=wave, **KEYS).tidy()
        alone = alone[alone["variance"].isin(["REML-HK", "pooled t", "CR2"]) & alone["term"].eq("pilot:follow_up")]
        numbers = ["estimate", "std_error", "df", "p_value", "conf_low"]
        assert list(rows["variance"]) == ["REML-HK", "pooled t", "CR2"] == list(alone["variance"])
        np.testing.assert_allclose(rows[numbers].to_numpy(float), alone[numbers].to_numpy(float), rtol=1e-10)


def test_differences_of_published_means_are_the_coefficients_of_the_event_regression_with_unit_and_wave_levels() -> None:
    """Plain least squares of 50 means on 10 units, 5 waves and 4 interactions."""
    wide = means(TABLE)
    long = wide.stack().rename("score").reset_index().merge(TABLE[["unit", "arm"]].drop_duplicates(), on="unit")
    found = studied(long).tidy()
    pooled = found[found["variance"] == "pooled t"].set_index("wave_to")["estimate"]
    dummies = [pd.get_dummies(long[name]).to_numpy(float) for name in ("unit", "wave")]
    events = np.column_stack([(long["wave"].eq(w) & long["arm"].eq("pilot")).astype(float) for w in (0, 1, 3, 4)])
    coefficients = np.linalg.lstsq(np.column_stack([events, *dummies]), long["score"].to_numpy(), rcond=None)[0]
    np.testing.assert_allclose(pooled[["0", "1", "3", "4"]].to_numpy(float), coefficients[:4], rtol=1e-9)
    assert found.loc[found["estimator"] != JOINT, "variance"].iloc[0] == "pooled t", "only means are known"


def test_the_joint_row_is_the_test_of_the_waves_before() -> None:
    found = studied()
    joint = found.tidy().iloc[-1]
    wide = means(TABLE).to_numpy()
    arm = np.array([unit.startswith("P") for unit in means(TABLE).index], dtype=float)
    expected = pre_trend(wide[:, :3], found.figures.sampling[:, :3], np.arange(3.0), np.column_stack([np.ones(10), arm]), 1)
    assert expected is not None
    assert (joint["estimator"], joint["statistic"], joint["p_value"]) == (JOINT, pytest.approx(expected.statistic), pytest.approx(expected.p_value))
    glance = found.glance().iloc[0]
    assert glance["power"] == pytest.approx(expected.power(found.harmful))
    assert glance["noticed_80"] > glance["noticed_50"] > 0


def test_a_test_that_passes_with_little_power_says_that_it_proves_nothing() -> None:
    found = studied(minimum_important_difference=0.2)
    assert found.before is not None and found.before.p_value > 0.05
    assert found.harmful == pytest.approx(0.1), "0.2 points in two waves"
    assert "is no proof that pilots did not drift" in found.summary()
    sure = studied(people(block(4, 6, 3), 5, sizes=(4000,), between=0.001), minimum_important_difference=2.0)
    assert "no proof" not in sure.summary()
    assert "100 times in 100" in sure.summary()


def test_arms_that_drifted_apart_before_the_start_are_called_so() -> None:
    drifting = TABLE.assign(score=TABLE["score"] + TABLE["wave"] * TABLE["arm"].eq("pilot"))
    assert "did not move alike before the start" in studied(drifting).summary()


def test_one_wave_before_says_that_nothing_can_be_seen() -> None:
    found = studied(TABLE[TABLE["wave"] >= 2])
    assert found.before is None
    assert "there is one wave before the start" in found.summary()
    assert set(found.tidy()["wave_to"]) == {"3", "4"}


def test_a_unit_that_misses_a_wave_is_left_out_and_named() -> None:
    found = studied(TABLE[~(TABLE["unit"].eq("C0") & TABLE["wave"].eq(4))])
    assert set(found.tidy()["n_units"]) == {9}
    assert found.tidy()["flags"].str.contains("unbalanced_waves:1: C0").all()


def test_with_one_pilot_the_estimates_stand_without_p_and_nothing_is_tested() -> None:
    found = studied(people(block(1, 6, 3), 5))
    assert found.before is None
    assert found.tidy()["p_value"].isna().all() and found.tidy()["estimate"].notna().all()
    assert set(found.tidy()["status"]) == {"p-value withheld"}


@pytest.mark.parametrize(
    ("table", "more", "said"),
    [
        (TABLE, {"reference": 9}, "the reference '9' is not among the waves"),
        (TABLE, {"reference": 4}, "one after the reference"),
        (TABLE.assign(wave="wave " + TABLE["wave"].astype(str)), {"reference": "wave 2"}, "the order of the waves cannot be told"),
        (TABLE, {"waves": [0, 1, 2, 7]}, "nobody answered in 1: 7"),
        (TABLE, {"waves": [0, 1, 2, 2]}, "named twice"),
        (TABLE[TABLE["arm"] == "pilot"], {}, "nobody to compare with"),
        (TABLE.assign(arm=np.where(TABLE["wave"] > 2, "pilot", TABLE["arm"])), {}, "two arms"),
        (TABLE.assign(score=1.0), {}, "exactly the same figure"),
        (TABLE[(TABLE["wave"] == 0) | TABLE["unit"].ne("x") & TABLE["unit"].str[-1].astype(int).mod(2).eq(TABLE["wave"] % 2)], {}, "no unit answered in all"),
    ],
)  # fmt: skip
def test_what_cannot_be_studied_is_refused_with_a_remedy(table: pd.DataFrame, more: dict[str, object], said: str) -> None:
    with pytest.raises(DesignError, match=said) as refused:
        studied(table, **more)
    assert all(problem.fix for problem in refused.value.problems)


def test_waves_with_names_are_taken_in_the_order_given_and_dates_are_years_apart() -> None:
    names = {0: "early", 1: "before", 2: "start", 3: "after", 4: "later"}
    named = studied(TABLE.assign(wave=TABLE["wave"].map(names)), "start", waves=list(names.values()))
    np.testing.assert_allclose(named.tidy()["estimate"].dropna().to_numpy(float), studied().tidy()["estimate"].dropna().to_numpy(float))
    dated = studied(TABLE.assign(wave=(2020 + TABLE["wave"]).astype(str) + "-03-01"), "2022-03-01")
    assert dated.figures.waves.step == "year"
    assert np.diff(dated.figures.waves.times) == pytest.approx([1.0] * 4, abs=0.01)


def test_covariates_and_weights_enter_the_figures() -> None:
    rng = np.random.default_rng(2)
    table = TABLE.assign(z=rng.normal(size=len(TABLE)), w=rng.uniform(0.5, 2, len(TABLE)))
    table["score"] += table["z"]
    plain, adjusted = studied(table), studied(table, adjust_for=["z"])
    assert adjusted.estimates.rows[0].std_error < plain.estimates.rows[0].std_error
    weighted = studied(table, weights="w").estimates.rows[0]
    assert weighted.weighted
    pair = unit_change(table, "score", baseline="2", follow_up="0", weights="w", **KEYS).rows[0]
    assert weighted.estimate == pytest.approx(pair.estimate, rel=1e-10)


def test_the_picture_shows_every_wave_with_the_reference_at_zero() -> None:
    figure = studied().plot()
    assert list(figure.data[0].x) == [0, 1, 2, 3, 4]
    assert figure.data[0].y[2] == 0
    assert figure.layout.shapes[1].x0 == 2.5
