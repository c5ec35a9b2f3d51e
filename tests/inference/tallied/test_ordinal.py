"""The cumulative logit from counts against statsmodels on the answers one by one."""

from time import process_time

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.miscmodels.ordinal_model import OrderedModel

from evaluation.errors import DesignError
from evaluation.inference.tallied import scoring
from evaluation.inference.tallied.ordinal import ProportionalOdds, by_threshold, cumulative_logit, proportional_odds

TERMS = ("pilot", "follow_up", "pilot:follow_up")


def counts(units: int = 9, pilots: int = 4, *, effect: float = 0.6, seed: int = 1, spread: float = 0.3) -> pd.DataFrame:
    """One row a unit and wave: unit, columns of TERMS and the counts of five options."""
    rng, rows = np.random.default_rng(seed), []
    for unit in range(units):
        level = rng.normal(0, spread)
        for later in (0, 1):
            pilot = float(unit < pilots)
            latent = level + rng.normal(0, spread / 2) + effect * pilot * later + rng.logistic(0, 1, rng.integers(20, 60))
            answer = np.digitize(latent, [-1.5, -0.3, 0.6, 1.8])
            rows.append([unit, pilot, later, pilot * later, *np.bincount(answer, minlength=5)])
    return pd.DataFrame(rows, columns=["unit", *TERMS, *range(5)])


def fitted(frame: pd.DataFrame):
    return cumulative_logit(frame[list(range(5))].to_numpy(), frame[list(TERMS)].to_numpy(), frame["unit"], TERMS)


def by_rows(frame: pd.DataFrame):
    """statsmodels on one row an answer; it takes P(y <= k) = logistic(threshold - x'b) too."""
    long = frame.melt(["unit", *TERMS], var_name="answer", value_name="n").loc[lambda rows: rows.index.repeat(rows["n"])]
    return OrderedModel(long["answer"].to_numpy(dtype=int), long[list(TERMS)].to_numpy(dtype=float), distr="logit").fit(
        method="bfgs", disp=False, gtol=1e-7, maxiter=500)


def test_slopes_errors_and_likelihood_equal_statsmodels_on_rows() -> None:
    frame = counts()
    ours, theirs = fitted(frame), by_rows(frame)
    assert ours.slopes == pytest.approx(theirs.params[:3], abs=1e-5)
    assert ours.log_likelihood == pytest.approx(theirs.llf, rel=1e-10)
    assert ours.model_errors == pytest.approx(theirs.bse[:3], rel=0.02)  # expected against observed information


def test_leaving_a_unit_out_equals_statsmodels_without_its_rows() -> None:
    frame = counts()
    assert fitted(frame).without[0] == pytest.approx(by_rows(frame[frame["unit"] != 0]).params[:3], abs=1e-5)


def test_the_jackknife_rejects_a_true_null_about_five_times_in_a_hundred_where_the_model_does_so_far_too_often() -> None:
    p, naive = [], []
    for seed in range(250):
        fit = fitted(counts(effect=0.0, seed=seed, spread=0.5))
        p.append(fit.infer("pilot:follow_up").p_value)
        naive.append(abs(fit.slopes[2] / fit.model_errors[2]) > 1.96)
    assert np.mean(np.array(p) < 0.05) < 0.05 + 3 * 0.0138
    assert np.mean(naive) > 0.1


def test_a_true_odds_ratio_is_found_in_a_large_study() -> None:
    found = fitted(counts(60, 30, seed=3, spread=0.1)).infer("pilot:follow_up")
    assert abs(found.estimate - 0.6) < 3 * found.std_error
    assert found.p_value < 0.001


def test_proportional_odds_show_in_slopes_alike_at_every_threshold() -> None:
    frame = counts(60, 30, seed=4, spread=0.1)
    slopes = by_threshold(frame[list(range(5))].to_numpy(), frame[list(TERMS)].to_numpy(), frame["unit"], TERMS)
    assert np.ptp(slopes["pilot:follow_up"]) < 0.5
    assert list(slopes["above_option"]) == [1, 2, 3, 4]


def test_options_that_nobody_chose_change_nothing() -> None:
    frame = counts()
    more = np.insert(frame[list(range(5))].to_numpy(), 2, 0, axis=1)
    other = cumulative_logit(more, frame[list(TERMS)].to_numpy(), frame["unit"], TERMS)
    assert other.slopes == pytest.approx(fitted(frame).slopes, rel=1e-9)


def test_perfect_separation_one_option_and_columns_that_repeat_are_refused_by_name() -> None:
    frame = counts()
    table, columns = frame[list(range(5))].to_numpy(), frame[list(TERMS)].to_numpy()
    apart = np.where(columns[:, [0]] == 1, [0, 0, 0, 0, 30], [30, 0, 0, 0, 0])
    alike = np.tile([0, 0, 30, 0, 0], (len(frame), 1))
    twice = np.column_stack([columns[:, 0], columns[:, 0]])
    for bad, x, word in ((apart, columns[:, :1], "separation"), (alike, columns, "no-spread"), (table, twice, "collinear")):
        with pytest.raises(DesignError) as refused:
            cumulative_logit(bad, x, frame["unit"], TERMS[: x.shape[1]])
        assert refused.value.problems[0].code == word
    with pytest.raises(DesignError, match="2 units"):
        two = frame["unit"] < 2
        cumulative_logit(table[two], columns[two][:, 1:2], frame["unit"][two], TERMS[1:2])


def odds_test(frame: pd.DataFrame) -> ProportionalOdds:
    return proportional_odds(frame[list(range(5))].to_numpy(), frame[list(TERMS)].to_numpy(), frame["unit"], TERMS, TERMS[2])


def test_the_test_of_proportional_odds_is_walds_on_logistic_regressions_without_each_unit() -> None:
    """statsmodels on each threshold, with all units and without each; Wald's statistic as Hotelling's T squared on G - 2."""
    frame = counts(12, 6, seed=7)

    def slopes(part: pd.DataFrame) -> np.ndarray:
        X = np.column_stack([np.ones(len(part)), part[list(TERMS)].to_numpy(dtype=float)])
        sides = [np.column_stack([part[list(range(k, 5))].sum(axis=1), part[list(range(k))].sum(axis=1)]) for k in range(1, 5)]
        return np.array([GLM(side, X, family=Binomial()).fit().params[3] for side in sides])

    whole = slopes(frame)
    gaps = np.array([slopes(frame[frame["unit"] != unit]) - whole for unit in range(12)])
    contrast = np.array([[-1, 1, 0, 0], [-1, 0, 1, 0], [-1, 0, 0, 1]])
    covariance = contrast @ (gaps.T @ gaps) @ contrast.T
    wald = contrast @ whole @ np.linalg.inv(covariance) @ (contrast @ whole)
    found = odds_test(frame)
    assert found.slopes == pytest.approx(whole, abs=1e-6)
    assert (found.df_between, found.df) == (3, 8.0)
    assert found.p_value == pytest.approx(stats.f.sf(wald * 8 / (3 * 10), 3, 8), rel=1e-4)


def test_proportional_odds_are_doubted_at_most_five_times_in_a_hundred_where_they_hold() -> None:
    """Of 120 simulated studies: three standard errors of 0.05 are 0.06."""
    assert np.mean([odds_test(counts(12, 6, seed=seed)).p_value < 0.05 for seed in range(120)]) < 0.05 + 0.06


def test_answers_that_move_only_at_the_low_end_are_found_out() -> None:
    frame = counts(24, 12, effect=0.0, seed=5, spread=0.1)
    lowest, middle = frame[0].copy(), (frame["pilot:follow_up"] == 1)
    frame[2] = frame[2] + np.where(middle, lowest - lowest // 4, 0)
    frame[0] = np.where(middle, lowest // 4, lowest)
    found = odds_test(frame)
    assert found.p_value < 0.01 and found.slopes[0] > found.slopes[3] + 0.3


def test_two_options_or_fewer_units_than_thresholds_bear_no_test() -> None:
    frame = counts(5, 2)
    with pytest.raises(DesignError, match="leave no test"):
        odds_test(frame[frame["unit"] < 4])
    two = np.column_stack([frame[[0, 1, 2]].sum(axis=1), frame[[3, 4]].sum(axis=1)])
    with pytest.raises(DesignError, match="1 thresholds"):
        proportional_odds(two, frame[list(TERMS)].to_numpy(), frame["unit"], TERMS, TERMS[2])


def test_four_thousand_units_take_seconds_and_leaving_one_out_is_still_a_whole_fit_of_the_others() -> None:
    """Fits without each unit read all cells, so that time grew with the square of units: 800 took 52 s."""
    rng = np.random.default_rng(4)
    pilot, later = np.repeat(np.arange(4000) < 1500, 2), np.tile([0.0, 1.0], 4000)
    columns = np.column_stack([pilot, later, pilot * later])
    cells = rng.multinomial(8, [0.1, 0.2, 0.3, 0.25, 0.15], size=8000).astype(float)
    units = np.repeat(np.arange(4000), 2)
    began = process_time()
    found = cumulative_logit(cells, columns, units, TERMS)
    assert process_time() - began < 10
    rows, start = np.unique(columns, axis=0), np.array([[-2.0, -1.0, 0.0, 1.0, 0.0, 0.0, 0.0]])
    for unit in (0, 2345):
        kept = cells * (units != unit)[:, None]
        totals = np.array([kept[np.all(columns == row, axis=1)].sum(axis=0) for row in rows])
        others, _, _ = scoring.fitted(totals[None], rows, start)
        assert found.without[unit] == pytest.approx(others[0, 4:], abs=1e-9)
