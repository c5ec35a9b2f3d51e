"""One figure a unit: adjusted as least squares on rows would, and as sure as the people behind it make it."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.linear_model import OLS

from evaluation.inference.design import Contrast
from evaluation.inference.unit_change import unit_change
from evaluation.inference.unit_level import adjusted_for_baseline, balanced, changes
from evaluation.terms import Design
from tests.inference.studies_in_memory import arms, moments_of_rows, pairs_of, survey

BOTH = Contrast("pilot - comparison", ("develop",), ("comparison",))
DID, COMPARISON = Design.DIFFERENCE_IN_DIFFERENCES, Design.COMPARISON
SIZES = [8, 15, 30, 6, 12, 25, 40, 9]
COVARIATES = ("nursing", "older")


def cell_regression(frame: pd.DataFrame) -> tuple[pd.Series, np.ndarray, pd.DataFrame]:
    """Row-level least squares with a dummy for every unit and wave: cell effects, residuals, and the rows used."""
    cells = pd.get_dummies(frame["unit"] + "|" + frame["wave"], dtype=float)
    fit = OLS(frame["score"].to_numpy(), np.column_stack([cells, frame[list(COVARIATES)]])).fit()
    return pd.Series(fit.params[: cells.shape[1]], cells.columns), fit.resid, frame


def test_adjusted_changes_equal_row_level_least_squares_with_a_level_for_every_cell() -> None:
    frame = survey(arms(3, 5), SIZES)
    level = changes(moments_of_rows(frame, "score", COVARIATES, centre=5.0), BOTH, DID, "month_12")
    effects, _, _ = cell_regression(frame)
    expected = [effects[f"{unit}|month_12"] - effects[f"{unit}|baseline"] for unit in level.units]
    assert level.outcome == pytest.approx(expected, rel=1e-10)


def test_sampling_variances_are_those_of_the_rows_pooled_by_wave() -> None:
    frame = survey(arms(3, 5), SIZES)
    level = changes(moments_of_rows(frame, "score", COVARIATES, centre=5.0), BOTH, DID, "month_12")
    _, residuals, _ = cell_regression(frame)
    n = frame[frame["wave"] == "baseline"].groupby("unit").size()
    pooled = sum((residuals[frame["wave"] == wave] ** 2).sum() / (n.sum() - 8 - 1) for wave in ("baseline", "month_12"))
    assert level.sampling == pytest.approx(pooled / n.loc[list(level.units)].to_numpy(), rel=1e-10)


def test_when_everybody_is_recognised_the_variance_is_that_of_peoples_own_changes() -> None:
    frame = survey(arms(3, 5), SIZES, linked=0.6)
    linked = moments_of_rows(pairs_of(frame), "score", centre=5.0)
    level = changes(moments_of_rows(frame, "score", centre=5.0), BOTH, DID, "month_12", linked)
    people = pairs_of(frame).assign(change=lambda rows: rows["score"] - rows["baseline"])
    within = people["change"] - people.groupby("unit")["change"].transform("mean")
    expected = (within**2).sum() / (len(people) - 8) / people.groupby("unit").size()
    assert level.sampling == pytest.approx(expected.loc[list(level.units)].to_numpy(), rel=1e-10)


def test_people_who_are_not_recognised_leave_the_variance_of_two_samples() -> None:
    frame = survey(arms(3, 5), SIZES, linked=0.6)
    alone = changes(moments_of_rows(frame, "score", centre=5.0), BOTH, DID, "month_12")
    linked = moments_of_rows(pairs_of(frame), "score", centre=5.0)
    known = changes(moments_of_rows(frame, "score", centre=5.0), BOTH, DID, "month_12", linked)
    assert np.all(known.sampling < alone.sampling)


def test_published_means_have_no_sampling_variance() -> None:
    frame = survey(arms(3, 5), 1)
    assert changes(moments_of_rows(frame, "score"), BOTH, DID, "month_12").sampling is None


def test_a_unit_in_which_all_agree_is_not_given_endless_weight() -> None:
    frame = survey(arms(3, 5), 10)
    frame.loc[frame["unit"] == "C1", "score"] = 5.0
    level = changes(moments_of_rows(frame, "score"), BOTH, DID, "month_12")
    assert level.sampling.min() == pytest.approx(level.sampling.max())


def test_a_comparison_at_follow_up_uses_levels_of_that_wave_only() -> None:
    frame = survey(arms(3, 5), SIZES)
    moments, left_out = balanced(moments_of_rows(frame, "score", centre=5.0), ["month_12"])
    level = changes(moments, BOTH, COMPARISON, "month_12")
    means = frame[frame["wave"] == "month_12"].groupby("unit")["score"].mean()
    assert level.outcome + 5.0 == pytest.approx(means.loc[list(level.units)].to_numpy(), rel=1e-12)
    assert left_out == ()


def test_units_that_miss_a_wave_are_left_out_and_named() -> None:
    frame = survey(arms(3, 5), 10)
    frame = frame[~((frame["unit"] == "C2") & (frame["wave"] == "month_12"))]
    usable, left_out = balanced(moments_of_rows(frame, "score"), ["baseline", "month_12"])
    assert left_out == ("C2",)
    assert "C2" not in set(usable.cells["unit"])


def test_ancova_gives_the_baseline_a_slope_between_units_and_uses_the_residual_spread_of_people() -> None:
    frame = survey(arms(3, 5), 200, linked=0.6)
    pairs = pairs_of(frame)
    level = adjusted_for_baseline(moments_of_rows(pairs, "score", centre=5.0), BOTH)
    means = pairs.groupby("unit")[["score", "baseline"]].mean().loc[list(level.units)]
    assert level.terms == ("1", "pilot", "baseline")
    assert level.outcome + 5.0 == pytest.approx(means["score"].to_numpy(), rel=1e-12)
    assert level.columns[:, 2] == pytest.approx((means["baseline"] - means["baseline"].mean()).to_numpy(), abs=1e-10)
    dummies = pd.get_dummies(pairs["unit"], dtype=float)
    fit = OLS(pairs["score"].to_numpy(), np.column_stack([dummies, pairs["baseline"]])).fit()
    assert level.sampling == pytest.approx(np.full(8, fit.ssr / fit.df_resid / 200), rel=1e-10)


def test_organisations_that_hold_both_arms_get_a_level_each() -> None:
    frame = survey(
        {"A1": "develop", "A2": "comparison", "B1": "develop", "B2": "comparison", "B3": "comparison", "C1": "comparison"}, 10
    )
    frame["organisation"] = frame["unit"].str[0]
    level = changes(moments_of_rows(frame, "score"), BOTH, DID, "month_12")
    assert level.shared == ("A", "B")
    assert level.terms == ("pilot:follow_up", "A", "B", "C")
    assert level.columns.shape == (6, 4)


def test_teams_of_organisations_that_hold_one_arm_only_are_gathered_into_organisations() -> None:
    """By hand: weights 1/s2 within an organisation, variance 1/sum(1/s2); teams of 10, 30 and 20 people in organisation A."""
    units = {"A1": "develop", "A2": "develop", "A3": "develop", "B1": "comparison", "B2": "comparison", "C1": "comparison"}
    frame = survey(units, [10, 30, 20, 15, 15, 40])
    frame["organisation"] = frame["unit"].str[0]
    level = changes(moments_of_rows(frame, "score"), BOTH, DID, "month_12")
    teams = level.of_units
    assert teams is not None and teams.units == tuple(sorted(units)) and level.units == ("A", "B", "C")
    assert level.outcome[0] == pytest.approx(np.average(teams.outcome[:3], weights=1 / teams.sampling[:3]), rel=1e-12)
    assert level.sampling[0] == pytest.approx(1 / (1 / teams.sampling[:3]).sum(), rel=1e-12)
    assert level.columns.tolist() == [[1, 1], [1, 0], [1, 0]]
    assert level.shared == ()


def test_an_organisations_luck_is_not_taken_for_the_programme() -> None:
    """Null, one shock a wave for each of 2 + 3 organisations of 6 teams: rejected at most about 5 in 100 (teams: 20 and more)."""
    rng = np.random.default_rng(4)
    rejected = []
    for _ in range(200):
        frame = survey({f"{place}{k}": "develop" if place in "AB" else "comparison" for place in "ABCDE" for k in range(6)}, 12,
                       effect=0.0, waves=0.05, seed=int(rng.integers(1 << 30)))  # fmt: skip
        frame["organisation"] = frame["unit"].str[0]
        frame["score"] += frame["organisation"].map(dict(zip("ABCDE", rng.normal(0, 0.4, 5), strict=True))) * (frame["wave"] == "month_12")
        level = changes(moments_of_rows(frame, "score"), BOTH, DID, "month_12")
        rejected.append(unit_change(level.outcome, level.sampling, level.columns, level.target).p_value[0] < 0.05)
    assert np.mean(rejected) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)
