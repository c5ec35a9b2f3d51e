"""Multiple imputation: Rubin's rules by hand, what the draws know, a known truth under gaps at random, and what is refused."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evaluation.errors import DesignError
from evaluation.inference.analyst import unit_change
from evaluation.inference.rows.imputation import imputed_change, rubin

ASKED = {"unit": "unit", "wave": "wave", "baseline": "w0", "follow_up": "w1", "arm": "arm"}
EFFECT = 0.5


def survey(seed: int = 1, units: int = 8, people: int = 25, gone: float = 2.0) -> pd.DataFrame:
    """`x` goes with the score; in pilots at follow-up people of low x answer less often (`gone`), elsewhere one in ten does not."""
    rng, parts = np.random.default_rng(seed), []
    for g in range(units):
        level, pilot = rng.normal(0, 0.4), g < units // 2
        for later in (0, 1):
            x = rng.normal(level, 1, people)
            score = 5 + level + rng.normal(0, 0.2) + 0.3 * later + EFFECT * pilot * later + 0.8 * (x - level) + rng.normal(0, 0.6, people)
            lost = 1 / (1 + np.exp(gone * (x - level) + 0.5)) if pilot and later else 0.1
            parts.append(pd.DataFrame({"unit": f"U{g}", "wave": f"w{later}", "arm": "pilot" if pilot else "comparison", "x": x, "truth": score,
                                       "group": np.where(rng.random(people) < 0.4, "nurses", "others"), "lost": rng.random(people) < lost}))
    frame = pd.concat(parts, ignore_index=True)
    return frame.assign(score=frame["truth"].where(~frame["lost"]))


def test_rubins_rules_by_hand() -> None:
    """Three sets 1, 2, 3 with errors 2: W = 4, B = 1, T = 4 + 4/3; df of 10 by Barnard and Rubin (1999), formula 3."""
    found = rubin([1.0, 2.0, 3.0], [2.0, 2.0, 2.0], 10.0)
    assert found.found.estimate == 2
    assert found.found.std_error == pytest.approx(np.sqrt(16 / 3))
    assert found.relative_increase == pytest.approx(1 / 3)
    assert found.found.df == pytest.approx(1 / (1 / 32 + 1 / (11 / 13 * 10 * 0.75)))  # (3 - 1) / 0.25^2 = 32 between sets
    assert found.fraction_missing == pytest.approx((1 / 3 + 2 / 35) / (4 / 3))


def test_sets_that_do_not_differ_are_one_table() -> None:
    found = rubin([0.1] * 20, [0.3] * 20, 6.0)
    assert (found.found.estimate, found.found.std_error, found.found.df) == (0.1, 0.3, 6.0)
    assert (found.fraction_missing, found.relative_increase) == (0, 0)


def test_rubins_rules_hold_the_truth_about_95_times_in_100_with_seven_degrees_of_freedom() -> None:
    """Eight numbers of unit variance, two gaps drawn from the posterior of a normal sample: no survey, only the rules."""
    rng, held = np.random.default_rng(5), []
    for _ in range(1500):
        seen = rng.normal(0, 1, 6)
        q, u = [], []
        for _ in range(20):
            sigma = np.sqrt(5 * seen.var(ddof=1) / rng.chisquare(5))
            whole = np.append(seen, rng.normal(rng.normal(seen.mean(), sigma / np.sqrt(6)), sigma, 2))
            q.append(whole.mean())
            u.append(whole.std(ddof=1) / np.sqrt(8))
        low, high = rubin(q, u, 7.0).found.interval(0.95)
        held.append(low < 0 < high)
    assert 0.93 < np.mean(held) < 0.99


def test_gaps_at_random_bias_complete_cases_and_the_imputed_change_is_free_of_it() -> None:
    """12 studies with a true effect of 0.5: against the answers that were lost, whose headline is the mark."""
    rows = []
    for seed in range(12):
        frame = survey(seed)
        combined, complete = imputed_change(frame, "score", use=["x"], sets=5, **ASKED)
        mark = unit_change(frame, "truth", **ASKED).rows[0]
        rows.append((combined.estimate - mark.estimate, complete.estimate - mark.estimate, combined.conf_low < EFFECT < combined.conf_high))
    gained, biased, held = np.array(rows, dtype=float).T
    assert biased.mean() > 0.3
    assert abs(gained.mean()) < 3 * gained.std(ddof=1) / np.sqrt(12)
    assert 0.95 - 3 * np.sqrt(0.05 * 0.95 / 12) < held.mean()


def test_an_effect_is_not_watered_down_where_half_of_all_answers_are_missing_for_no_reason() -> None:
    """Without a further column organisation and wave alone must keep a large effect: 10 studies, half of the answers away."""
    found = []
    for seed in range(10):
        frame = survey(seed, gone=0.0)
        away = np.random.default_rng(seed).random(len(frame)) < 0.5
        combined = imputed_change(frame.assign(score=(frame["truth"] + 4 * (frame["arm"] == "pilot") * (frame["wave"] == "w1")).where(~away)), "score", sets=3, **ASKED)
        found.append(combined.rows[0].estimate)
    assert np.mean(found) == pytest.approx(4 + EFFECT, abs=3 * np.std(found, ddof=1) / np.sqrt(10))


def test_without_gaps_it_is_the_headline_exactly() -> None:
    frame = survey()
    found = imputed_change(frame, "truth", use=["x"], **ASKED)
    headline = unit_change(frame, "truth", **ASKED).rows[0]
    assert found.rows == (replace(headline, estimator="multiple imputation", variance="Rubin"), headline)
    assert (found.pooled.fraction_missing, found.filled_in) == (0, 0)


def test_gaps_in_a_column_that_the_headline_does_not_read_change_nothing() -> None:
    frame = survey()
    found = imputed_change(frame.assign(x=frame["x"].where(frame.index % 7 > 0)), "truth", use=["x"], **ASKED)
    assert found.rows[0].p_value == unit_change(frame, "truth", **ASKED).rows[0].p_value


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others() -> None:
    first, again, other = (imputed_change(survey(), "score", use=["x"], sets=4, seed=seed, **ASKED) for seed in (1, 1, 2))
    assert first.rows == again.rows
    assert first.rows[0].estimate != other.rows[0].estimate
    assert first.sets["estimate"].nunique() == 4


def test_the_row_is_rubins_of_the_sets_with_the_headlines_degrees_of_freedom_and_complete_cases_beside() -> None:
    found = imputed_change(survey(), "score", use=["x"], sets=5, **ASKED)
    q, u = found.sets["estimate"], found.sets["std_error"] ** 2
    total = u.mean() + 1.2 * q.var()
    share = 1.2 * q.var() / total
    df = 1 / (share**2 / 4 + 1 / (7 / 9 * 6 * (1 - share)))  # the headline's df of 8 units and 2 columns is 6
    row = found.rows[0]
    assert (row.estimate, row.std_error, row.df) == pytest.approx((q.mean(), np.sqrt(total), df))
    assert row.p_value == pytest.approx(2 * stats.t.sf(abs(row.statistic), df))
    assert found.rows[1] == unit_change(survey(), "score", **ASKED).rows[0]
    assert found.filled_in == survey()["score"].isna().sum()
    assert "missing at random given the organisation, the wave, x, which the data cannot show" in found.sentence


def test_draws_use_what_a_column_says_and_vary_as_answers_do() -> None:
    """Against a regression by hand: drawn answers have its residual spread, and go with x as answers do."""
    frame = survey(people=300)
    found = imputed_change(frame, "score", use=["x"], sets=2, **ASKED)
    blind = imputed_change(frame, "score", sets=2, **ASKED)
    mark = unit_change(frame, "truth", **ASKED).rows[0].estimate
    assert abs(found.rows[0].estimate - mark) < 0.1 < 0.3 < abs(blind.rows[0].estimate - mark)
    assert np.sqrt((found.sets["std_error"] ** 2).mean()) == pytest.approx(unit_change(frame, "truth", **ASKED).rows[0].std_error, rel=0.15)


def test_columns_with_gaps_of_their_own_groups_and_covariates_are_used() -> None:
    frame = survey()
    rng = np.random.default_rng(9)
    holes = frame.assign(x=frame["x"].where(rng.random(len(frame)) > 0.2), group=frame["group"].where(rng.random(len(frame)) > 0.1))
    found = imputed_change(holes, "score", use=["group"], adjust_for=["x"], **ASKED)
    complete = unit_change(holes, "score", adjust_for=["x"], **ASKED).rows[0]
    assert found.rows[1] == complete
    assert found.rows[0].n_respondents == len(frame) > complete.n_respondents
    assert np.isfinite(found.rows[0].std_error)


def test_a_score_before_is_used_in_the_later_wave_where_it_is_empty_in_the_earlier() -> None:
    frame = survey()
    found = imputed_change(frame.assign(before=frame["x"].where(frame["wave"] == "w1")), "score", use=["before"], **ASKED)
    assert abs(found.rows[0].estimate - unit_change(frame, "truth", **ASKED).rows[0].estimate) < 0.2


def test_where_few_units_bear_no_p_value_none_is_given() -> None:
    found = imputed_change(survey(units=4), "score", use=["x"], sets=3, **ASKED)
    assert found.pooled is None
    assert {(row.p_value, row.std_error, row.status) for row in found.rows} == {(None, None, "p-value withheld")}
    assert found.rows[0].estimate == pytest.approx(found.sets["estimate"].mean())
    before_after = imputed_change(survey(units=8).query("arm == 'pilot'"), "score", use=["x"], sets=3, **ASKED | {"arm": None})
    assert before_after.rows[0].p_value is None
    assert before_after.rows[0].conf_low < before_after.rows[0].conf_high


def _at(column: str, value: object, *places: int):
    def change(rows: pd.DataFrame) -> pd.DataFrame:
        return rows.assign(**{column: rows[column].where(~rows.index.isin(places), value)})

    return change


def _one_answer_each(rows: pd.DataFrame) -> pd.DataFrame:
    """One answer a unit and wave, and one person more who did not answer."""
    first = rows.dropna(subset=["score"]).groupby(["unit", "wave"]).head(1)
    return pd.concat([first, first.iloc[:1].assign(score=np.nan)], ignore_index=True)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda rows: rows.assign(score=np.nan), "empty"),
        (lambda rows: rows.assign(x=np.nan), "empty"),
        (_at("score", np.inf, 3), "infinite"),
        (_at("x", -np.inf, 3, 9), "infinite"),
        (lambda rows: rows.assign(score=rows["score"].where((rows["unit"] != "U2") | (rows["wave"] == "w0"))), "silent"),
        (lambda rows: rows.assign(x=rows["x"].where((rows["unit"] != "U2") | (rows["wave"] == "w0"))), "silent"),
        (lambda rows: rows.assign(x=rows["score"]), "copy"),
        (lambda rows: _one_answer_each(rows), "few"),
        (lambda rows: rows.assign(score="good"), "outcome"),
        (lambda rows: rows.drop(columns="x"), "column"),
        (lambda rows: rows[rows["wave"] == "w0"], "empty"),
        (lambda rows: rows[rows["unit"] == "U1"].iloc[:1].assign(score=3.0), "empty"),
        (_at("arm", None, 3), "arm"),
        (_at("arm", "comparison", 3), "arm"),
        (lambda rows: rows.assign(arm="pilot"), "arm"),
    ],
)
def test_what_cannot_be_imputed_is_refused_by_name(change, code) -> None:
    with pytest.raises(DesignError) as refused:
        imputed_change(change(survey()), "score", use=["x"], sets=2, **ASKED)
    assert refused.value.problems[0].code == code
    assert refused.value.problems[0].fix


def test_the_unit_and_wave_without_any_answer_are_named() -> None:
    frame = survey()
    frame = frame.assign(score=frame["score"].where((frame["unit"] != "U2") | (frame["wave"] == "w0")))
    with pytest.raises(DesignError, match=r"nobody answered 'score' in wave 'w1' in units \(1: U2\)"):
        imputed_change(frame, "score", use=["x"], **ASKED)


def test_constant_answers_are_refused_as_the_headline_refuses_them() -> None:
    frame = survey()
    with pytest.raises(DesignError, match="nothing to measure uncertainty with"):
        imputed_change(frame.assign(score=frame["score"].where(frame["score"].isna(), 4.0)), "score", use=["x"], **ASKED)


def test_one_set_or_sets_that_cannot_be_combined_are_refused() -> None:
    with pytest.raises(DesignError, match="1 completed sets"):
        imputed_change(survey(), "score", sets=1, **ASKED)
    for estimates, errors in (([1.0], [1.0]), ([1.0, 2.0], [1.0]), ([1.0, 2.0], [1.0, 0.0]), ([1.0, np.nan], [1.0, 1.0])):
        with pytest.raises(DesignError, match="no sets to combine"):
            rubin(estimates, errors, 6.0)
