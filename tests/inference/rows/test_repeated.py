"""Within people, yes/no or three waves: by scipy and plain numpy; incomplete people are left out and counted. R: tests/agreement."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evaluation.errors import DesignError
from evaluation.inference.rows.repeated import COCHRAN, MCNEMAR, REPEATED, cochran_q, mcnemar, repeated_measures

WAVES = ("w0", "w1", "w2")
NAMED = {"unit": "organisation", "person": "respondent", "wave": "wave"}
TESTS = [(mcnemar, "yes", WAVES[:2], MCNEMAR), (cochran_q, "yes", WAVES, COCHRAN), (repeated_measures, "score", WAVES, REPEATED)]
each_test = pytest.mark.parametrize(("test", "column", "waves", "columns"), TESTS, ids=lambda part: getattr(part, "__name__", ""))


def panel(n: int = 60, seed: int = 1, drift: float = 0.4) -> pd.DataFrame:
    """`n` people of two organisations in three waves; each wave more spread than the one before."""
    rng = np.random.default_rng(seed)
    level = rng.normal(5, 1, n)
    person = pd.DataFrame({"organisation": np.where(np.arange(n) % 2, "A", "B"), "respondent": [f"r{k // 2}" for k in range(n)]})
    person["arm"] = np.where(person["organisation"] == "A", "pilot", "comparison")
    waves = [person.assign(wave=name, score=level + drift * k + rng.normal(0, 0.3 + 0.4 * k, n)) for k, name in enumerate(WAVES)]
    return pd.concat(waves, ignore_index=True).assign(yes=lambda rows: (rows["score"] > 5.2).astype(int))


def wide(frame: pd.DataFrame, column: str) -> np.ndarray:
    return frame.pivot(index=["organisation", "respondent"], columns="wave", values=column).dropna().to_numpy(dtype=float)


def test_mcnemars_exact_p_is_the_binomial_of_those_who_changed() -> None:
    frame = panel()
    first, second = wide(frame, "yes")[:, :2].T
    to_yes, to_no = int(((first == 0) & (second == 1)).sum()), int(((first == 1) & (second == 0)).sum())
    found = mcnemar(frame, "yes", waves=WAVES[:2], **NAMED).iloc[0]
    assert (found["to_yes"], found["to_no"]) == (to_yes, to_no)
    assert found["p_value"] == pytest.approx(stats.binomtest(to_yes, to_yes + to_no).pvalue)
    assert found["chi2"] == pytest.approx((to_yes - to_no) ** 2 / (to_yes + to_no))
    assert (found["mean_from"], found["mean_to"]) == pytest.approx((first.mean(), second.mean()))


def test_a_percent_positive_of_0_and_100_gives_the_tests_of_no_and_yes() -> None:
    frame = panel()
    assert mcnemar(frame.assign(yes=100 * frame["yes"]), "yes", waves=WAVES[:2], **NAMED).equals(mcnemar(frame, "yes", waves=WAVES[:2], **NAMED))


def test_cochrans_q_is_the_formula_of_1950() -> None:
    """Q = k(k - 1) sum (column total - mean total)^2 / sum u(k - u), u the yes of a person (Cochran, 1950)."""
    frame = panel()
    table = wide(frame, "yes")
    totals, u, k = table.sum(axis=0), table.sum(axis=1), 3
    found = cochran_q(frame, "yes", waves=WAVES, **NAMED).iloc[0]
    assert found["q"] == pytest.approx(k * (k - 1) * ((totals - totals.mean()) ** 2).sum() / (u * (k - u)).sum())
    assert found["p_value"] == pytest.approx(stats.chi2.sf(found["q"], 2))
    assert found["changed"] == ((u > 0) & (u < 3)).sum()


def test_repeated_measures_corrected_by_greenhouse_and_geissers_epsilon() -> None:
    """F from sums of squares, epsilon from the covariance matrix with both margins taken out (Greenhouse & Geisser, 1959)."""
    frame = panel()
    table = wide(frame, "score")
    n, k = table.shape
    inner = table - table.mean(axis=1, keepdims=True) - table.mean(axis=0) + table.mean()
    f = n * ((table.mean(axis=0) - table.mean()) ** 2).sum() / (k - 1) / ((inner**2).sum() / ((k - 1) * (n - 1)))
    centre = np.eye(k) - 1 / k
    S = centre @ np.cov(table.T) @ centre
    epsilon = np.trace(S) ** 2 / ((k - 1) * (S**2).sum())
    found = repeated_measures(frame, "score", waves=WAVES, **NAMED).iloc[0]
    assert (found["f"], found["epsilon"]) == pytest.approx((f, epsilon))
    assert found["epsilon"] < 0.9  # the waves were drawn with unequal spread
    assert found["p_value"] == pytest.approx(stats.f.sf(f, (k - 1) * epsilon, (k - 1) * (n - 1) * epsilon))
    assert found["p_value"] > found["p_uncorrected"]


@each_test
def test_people_lacking_a_wave_are_left_out_and_counted_and_nothing_is_filled_in(test, column, waves, columns) -> None:
    whole = panel()
    people = [("A", "r3"), ("A", "r4"), ("B", "r0")]
    keys = pd.MultiIndex.from_frame(whole[["organisation", "respondent"]])
    holes = whole.copy().astype({"yes": float})
    for (organisation, name), wave in zip(people, ("w0", "w1", "w1"), strict=True):
        mine = (holes["organisation"] == organisation) & (holes["respondent"] == name) & (holes["wave"] == wave)
        holes.loc[mine, column] = np.nan
    found = test(holes.dropna(), column, waves=waves, **NAMED).iloc[0]
    assert (found["people"], found["left_out"]) == (57, 3)
    without = test(whole[~keys.isin(people)], column, waves=waves, **NAMED).iloc[0]
    assert found.drop("left_out").equals(without.drop("left_out"))
    assert test(holes, column, waves=waves, **NAMED).iloc[0].equals(found), "an empty answer and an absent row are the same"


@each_test
def test_each_arm_has_a_row_of_its_own_and_one_name_in_two_organisations_is_two_people(test, column, waves, columns) -> None:
    found = test(panel(), column, waves=waves, arm="arm", **NAMED)
    assert tuple(found.columns) == columns
    assert found["who"].tolist() == ["comparison", "pilot"]
    assert found["people"].tolist() == [30, 30]
    own = panel().loc[lambda rows: rows["arm"] == "pilot"]
    assert test(own, column, waves=waves, **NAMED).iloc[0].drop("who").equals(found.iloc[1].drop("who"))


@each_test
@pytest.mark.parametrize("same", [0, 1])
def test_constant_answers_give_means_without_tests(test, column, waves, columns, same) -> None:
    found = test(panel().assign(**{column: same}), column, waves=waves, **NAMED).iloc[0]
    assert (found["mean_from"], found["mean_to"]) == (same, same)
    assert np.isnan(found["p_value"])


def test_people_who_all_change_alike_give_no_test_of_means() -> None:
    frame = panel()
    steady = frame.groupby(["organisation", "respondent"])["score"].transform("first") + frame["wave"].map(dict(zip(WAVES, (0, 0.3, 0.4), strict=True)))
    found = repeated_measures(frame.assign(score=steady), "score", waves=WAVES, **NAMED).iloc[0]
    assert found["mean_to"] - found["mean_from"] == pytest.approx(0.4)
    assert np.isnan(found["f"])


def test_two_waves_alike_leave_a_test_with_the_smallest_epsilon() -> None:
    frame = panel()
    frame.loc[frame["wave"] == "w1", "score"] = frame.loc[frame["wave"] == "w0", "score"].to_numpy()
    found = repeated_measures(frame, "score", waves=WAVES, **NAMED).iloc[0]
    assert found["epsilon"] == pytest.approx(0.5)
    assert 0 < found["p_value"] < 1


@each_test
def test_one_person_is_counted_and_not_tested(test, column, waves, columns) -> None:
    found = test(panel(1), column, waves=waves, **NAMED).iloc[0]
    assert found["people"] == 1
    assert np.isnan(found["p_value"])


@each_test
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"value": np.nan}, "missing in every row"), ({"value": np.inf}, "is infinite in 1 rows"), ({"wave": "w9"}, "nobody answered in w1"),
        ({"respondent": "r1"}, "rows repeat a person and wave"), ({"value": "often"}, "is not a number"),
    ],
)
def test_what_cannot_be_tested_is_refused_in_words(test, column, waves, columns, change, words) -> None:
    frame = panel().astype({"yes": float})
    if "wave" in change:
        frame = frame.replace({"wave": {"w1": "w9"}})
    elif "respondent" in change:
        frame = frame.assign(respondent="r1")
    elif change["value"] is np.inf:
        frame.loc[0, column] = np.inf
    else:
        frame = frame.assign(**{column: change["value"]})
    with pytest.raises(DesignError, match=words) as refused:
        test(frame, column, waves=waves, **NAMED)
    assert refused.value.problems[0].code and refused.value.problems[0].fix


def test_a_third_answer_an_unsettled_arm_and_a_wrong_number_of_waves_are_refused() -> None:
    frame = panel()
    with pytest.raises(DesignError, match="3 different values"):
        mcnemar(frame.assign(yes=frame["yes"].where(frame.index > 0, 7)), "yes", waves=WAVES[:2], **NAMED)
    with pytest.raises(DesignError, match="1 people stand in two arms"):
        frame_moved = frame.assign(arm=frame["arm"].where(frame.index > 0, "elsewhere"))
        cochran_q(frame_moved, "yes", waves=WAVES, arm="arm", **NAMED)
    with pytest.raises(DesignError, match="compares 2"):
        mcnemar(frame, "yes", waves=WAVES, **NAMED)
    with pytest.raises(DesignError, match="compares 3 or more"):
        repeated_measures(frame, "score", waves=WAVES[:2], **NAMED)
    with pytest.raises(DesignError, match="there is no column 'yess'"):
        mcnemar(frame, "yess", waves=WAVES[:2], **NAMED)


def test_a_true_null_is_rejected_about_five_times_in_a_hundred() -> None:
    """125 panels without drift whose waves differ in spread: the corrected test of means."""
    p = [repeated_measures(panel(20, seed, drift=0.0), "score", waves=WAVES, **NAMED).iloc[0]["p_value"] for seed in range(125)]
    assert abs(np.mean(np.array(p) < 0.05) - 0.05) < 3 * np.sqrt(0.05 * 0.95 / 125)
