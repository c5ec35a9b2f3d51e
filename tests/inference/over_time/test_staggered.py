"""Staggered starts: the published figures, brute force on units, and plain refusals."""

from collections.abc import Callable
from functools import cache
from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evaluation.errors import DesignError
from evaluation.inference.analyst import unit_change
from evaluation.inference.over_time.by_start import contributions, floor_of_starts, jackknife
from evaluation.inference.over_time.dealt_starts import dealt
from evaluation.inference.over_time.group_time import NEVER, NOT_YET, group_time, mean_of
from evaluation.inference.over_time.staggered import EVENTS, OVERALL, SIMPLE, Staggered, staggered
from evaluation.inference.panel import change_estimate
from evaluation.terms import RESULT_COLUMNS
from tests.inference.over_time.tables import means, people

KEYS = {"unit": "unit", "wave": "wave", "start": "start"}
STARTS: dict[str, int | None] = {"A1": 2, "A2": 2, "A3": 2, "B1": 3, "B2": 3, "N1": None, "N2": None, "N3": None, "N4": None}
TABLE = people(STARTS, 5)
WIDE = means(TABLE)
PLACES = np.array([5 if STARTS[unit] is None else STARTS[unit] for unit in WIDE.index])

EFFECTS = {
    (2004, 2004): -0.0105, (2004, 2005): -0.0704, (2004, 2006): -0.1373, (2004, 2007): -0.1008, (2006, 2004): 0.0065,
    (2006, 2005): -0.0028, (2006, 2006): -0.0046, (2006, 2007): -0.0412, (2007, 2004): 0.0305, (2007, 2005): -0.0027,
    (2007, 2006): -0.0311, (2007, 2007): -0.0261,
}  # fmt: skip
MEANS = {
    "wave -3": 0.0305, "wave -2": -0.0006, "wave -1": -0.0245, "wave +0": -0.0199, "wave +1": -0.0510, "wave +2": -0.1373,
    "wave +3": -0.1008, EVENTS: -0.0772, "start 2004": -0.0797, "start 2006": -0.0229, "start 2007": -0.0261, OVERALL: -0.0310,
    SIMPLE: -0.0400,
}  # fmt: skip
PRINTED_ERRORS = {"start 2004 in 2004": 0.0246, "start 2007 in 2007": 0.0170, OVERALL: 0.0126}


def told(found: Staggered, variance: str) -> pd.DataFrame:
    table = found.tidy()
    return table[table["variance"] == variance].set_index("term")


@cache
def counties(folder: Path, units_alike_in: tuple[str, ...] = ()) -> Staggered:
    table, keys = pd.read_csv(folder / "mpdta.csv.gz"), {"unit": "countyreal", "wave": "year", "start": "first.treat"}
    return staggered(table, "lemp", never=0, units_alike_in=units_alike_in, **keys)


def test_callaway_and_sant_annas_published_figures_are_reproduced_to_four_decimals(shared_data: Callable[[str], Path]) -> None:
    """README of the data: every effect, event study, group and simple mean."""
    found = told(counties(shared_data("replication_callaway_santanna_mpdta")), "pooled t")["estimate"]
    expected = {f"start {g} in {t}": value for (g, t), value in EFFECTS.items()} | MEANS
    assert set(found.index) == set(expected)
    assert {term: round(value, 4) for term, value in found.items()} == pytest.approx(expected, abs=1e-9)


def test_printed_errors_lie_within_five_per_cent_of_the_jackknife(shared_data: Callable[[str], Path]) -> None:
    """Theirs are bootstrapped, divide by n instead of n - 1, and let the shares of starts vary; ours take shares as the design's."""
    found = told(counties(shared_data("replication_callaway_santanna_mpdta")), "jackknife")["std_error"]
    for term, printed in PRINTED_ERRORS.items():
        assert found[term] == pytest.approx(printed, rel=0.05)


def brute(wide: pd.DataFrame, g: int, t: int, comparison: str) -> float:
    base = g - 1 if t >= g else t - 1
    change = wide[t] - wide[base]
    when = {unit: 99 if STARTS[unit] is None else STARTS[unit] for unit in wide.index}
    own = [unit for unit in wide.index if when[unit] == g]
    others = [u for u in wide.index if when[u] != g and (when[u] == 99 if comparison == NEVER else when[u] > t)]
    return float(change[own].mean() - change[others].mean())


@pytest.mark.parametrize("comparison", [NEVER, NOT_YET])
def test_every_effect_is_a_difference_of_mean_changes_against_units_still_without_the_pilot(comparison: str) -> None:
    for effect in group_time(PLACES, 5, comparison):
        value = float(effect.weights @ effect.changes(WIDE.to_numpy()))
        assert value == pytest.approx(brute(WIDE, effect.start, effect.at, comparison), rel=1e-10)


def test_with_one_start_it_is_the_headline() -> None:
    """Formula 4 on the same units and waves, with people known and as published means."""
    one = people({unit: start if start != 3 else None for unit, start in STARTS.items()}, 3)
    alone = unit_change(one, "score", unit="unit", wave="wave", baseline="1", follow_up="2", arm="arm").tidy().set_index("variance")
    found = staggered(one, "score", **KEYS)
    for variance in ("REML-HK", "pooled t"):
        row = told(found, variance).loc["start 2 in 2"]
        numbers = ["estimate", "std_error", "df", "p_value", "conf_low", "conf_high"]
        np.testing.assert_allclose(row[numbers].to_numpy(float), alone.loc[variance, numbers].to_numpy(float), rtol=1e-9)
        assert row["resolution_floor"] == alone.loc[variance, "resolution_floor"]


def test_the_jackknife_of_one_effect_is_welchs_test_of_changes() -> None:
    """scipy's t test without equal variances."""
    row = told(staggered(TABLE, "score", **KEYS), "jackknife").loc["start 2 in 4"]
    change = (WIDE[4] - WIDE[1]).to_numpy()
    welch = stats.ttest_ind(change[PLACES == 2], change[PLACES == 5], equal_var=False)
    assert row["p_value"] == pytest.approx(welch.pvalue, rel=1e-9)
    assert row["df"] == pytest.approx(welch.df, rel=1e-9)


@pytest.mark.parametrize("adjusted", [False, True])
@pytest.mark.parametrize("comparison", [NEVER, NOT_YET])
def test_leaving_a_unit_out_changes_a_mean_as_estimating_without_it_does(comparison: str, adjusted: bool) -> None:
    """Brute force: every effect estimated anew without each unit, shares held."""
    size = np.random.default_rng(1).normal(size=(9, 1)) if adjusted else None
    values = WIDE.to_numpy()
    effects = group_time(PLACES, 5, comparison, size)
    after = mean_of("all", effects, [effect.event >= 0 for effect in effects])
    whole, deleted = after.estimate(values), after.deleted(values)
    for out in range(9):
        rest = np.arange(9) != out
        fewer = group_time(PLACES[rest], 5, comparison, None if size is None else size[rest])
        again = {(e.start, e.at): float(e.weights @ e.changes(values[rest])) for e in fewer}
        brute_force = sum(share * again[e.start, e.at] for share, e in zip(after.shares, effects, strict=True) if share)
        assert deleted[out] == pytest.approx(brute_force - whole, abs=1e-12)


def test_regression_among_comparison_units_says_what_pilots_would_have_done(shared_data: Callable[[str], Path]) -> None:
    """numpy's least squares on counties, effect of 2006 in 2007 with log population."""
    folder = shared_data("replication_callaway_santanna_mpdta")
    row = told(counties(folder, units_alike_in=("lpop",)), "jackknife").loc["start 2006 in 2007"]
    table = pd.read_csv(folder / "mpdta.csv.gz").pivot(index="countyreal", columns="year", values=["lemp", "lpop", "first.treat"])
    change, size, first = table["lemp"][2007] - table["lemp"][2005], table["lpop"][2003], table["first.treat"][2003]
    slope, level = np.polyfit(size[first == 0], change[first == 0], 1)
    assert row["estimate"] == pytest.approx((change - level - slope * size)[first == 2006].mean(), rel=1e-9)


def test_an_effect_that_is_there_is_found_and_a_null_is_rejected_five_times_in_a_hundred() -> None:
    """250 simulated studies of 12 units, three starts of 2, 2 and 2, errors three to one (standard error .014)."""
    rng = np.random.default_rng(9)
    places, noise = np.repeat([2, 3, 4, 5], [2, 2, 2, 6]), np.geomspace(0.3, 0.09, 12)[rng.permutation(12), None] * np.ones(5)
    effects = group_time(places, 5, NEVER)
    after = mean_of("all", effects, [effect.event >= 0 for effect in effects])
    weights = after.weights(5)
    rejected, found = [], []
    for _ in range(250):
        values = rng.normal(0, 1, (12, 1)) + rng.normal(0, 0.1, (12, 5)) + noise * rng.normal(size=(12, 5))
        for effect, into in ((0.0, rejected), (0.8, found)):
            level = contributions(weights, values + effect * (np.arange(5) >= places[:, None]), noise**2, places, tuple("abcdefghijkl"))
            answer = change_estimate(level, weighted=True)
            assert answer is not None
            into.append(answer.p_value < 0.05 if effect == 0 else answer.estimate)
    assert 0.015 <= np.mean(rejected) <= 0.09
    assert np.mean(found) == pytest.approx(0.8, abs=0.03)


def test_dealing_starts_anew_is_brute_force_over_all_deals() -> None:
    """All 210 deals of 2, 3 and 2 starts, at equal weights."""
    rng = np.random.default_rng(4)
    places, values = np.array([2, 2, 3, 3, 3, 5, 5]), rng.normal(size=(7, 5)) + np.arange(7)[:, None] / 10
    effects = group_time(places, 5, NEVER)
    after = mean_of("all", effects, [effect.event >= 0 for effect in effects])
    observed = after.estimate(values)
    deals = {tuple(deal) for deal in permutations(places.tolist())}
    weights = after.weights(5)
    row = {int(place): weights[np.flatnonzero(places == place)[0]] for place in places}
    extreme = [abs(sum(row[place] @ values[k] for k, place in enumerate(deal))) >= abs(observed) - 1e-12 for deal in deals]
    assert dealt(weights, values, None, places, seed=1) == pytest.approx(np.mean(extreme), abs=0.02)
    assert len(deals) == round(1 / floor_of_starts(places))


def test_jackknife_and_p_are_withheld_where_a_start_has_one_unit_but_starts_together_can_be_judged() -> None:
    table = people({"A1": 2, "B1": 3, "C1": 4, "N1": None, "N2": None, "N3": None, "N4": None}, 5)
    found = staggered(table, "score", **KEYS)
    alone = found.tidy().set_index("term").loc["start 2 in 2"]
    assert alone["p_value"].isna().all() and alone["estimate"].notna().all()
    assert set(alone["status"]) == {"p-value withheld"}
    overall = told(found, "REML-HK").loc[OVERALL]
    assert overall["p_value"] > 0 and overall["n_pilot"] == 3
    assert OVERALL not in told(found, "jackknife").index
    assert jackknife(0.0, np.array([0.1, 0.2, np.nan]), np.array([1, 2, 2]), np.ones(3, dtype=bool)) is None


def test_units_piloted_from_the_first_wave_and_units_that_miss_one_are_left_out_and_named() -> None:
    early = people({"E1": 0, **STARTS}, 5)
    early = early[~(early["unit"].eq("N4") & early["wave"].eq(1))]
    found = staggered(early, "score", **KEYS)
    assert found.always == ("E1",)
    assert "had the pilot from the first wave (1: E1)" in found.summary()
    assert "miss a wave (1: N4)" in found.summary()
    assert found.glance().iloc[0]["left_out_unbalanced"] == 1


def test_a_start_between_waves_counts_from_the_next_and_one_after_the_last_is_never() -> None:
    moved = TABLE.assign(start=TABLE["start"].sub(0.5).fillna(30.0))
    assert told(staggered(moved, "score", **KEYS), "pooled t")["estimate"].to_numpy(float) == pytest.approx(
        told(staggered(TABLE, "score", **KEYS), "pooled t")["estimate"].to_numpy(float)
    )


@pytest.mark.parametrize(
    ("table", "more", "said"),
    [
        (TABLE[TABLE["start"].notna()], {}, "nobody to compare with: no unit was never piloted"),
        (TABLE[TABLE["start"] == 2], {"comparison": NOT_YET}, "no unit was not yet piloted"),
        (TABLE[TABLE["start"].isna()].assign(start=99), {}, "no unit began while it was observed"),
        (TABLE.assign(start=0), {}, "every unit had the pilot from the first wave"),
        (TABLE.assign(start="spring"), {}, "holds what is no wave"),
        (TABLE.assign(start=TABLE["wave"]), {}, "not the same in all rows of a unit"),
        (TABLE, {"comparison": "controls"}, "is no comparison"),
        (TABLE.assign(z=1.0), {"units_alike_in": ["z"]}, "say the same"),
    ],
)
def test_what_cannot_be_told_is_refused_with_a_remedy(table: pd.DataFrame, more: dict[str, object], said: str) -> None:
    with pytest.raises(DesignError, match=said) as refused:
        staggered(table, "score", **KEYS, **more)  # type: ignore[arg-type]
    assert all(problem.fix for problem in refused.value.problems)


def test_without_units_that_never_began_those_not_yet_begun_are_compared_with() -> None:
    found = told(staggered(TABLE[TABLE["start"].notna()], "score", comparison=NOT_YET, **KEYS), "pooled t")
    assert found.loc["start 2 in 2", "estimate"] == pytest.approx(
        brute(WIDE[WIDE.index.str[0] != "N"], 2, 2, NOT_YET), rel=1e-9
    )
    assert "start 3 in 3" not in found.index


def test_the_result_has_the_fixed_columns_a_diagnostic_and_a_picture() -> None:
    found = staggered(TABLE, "score", **KEYS)
    assert tuple(found.tidy().columns) == RESULT_COLUMNS
    assert found.estimates.rows[0].term == OVERALL
    assert found.glance().iloc[0]["two_way"] == pytest.approx(found.two_way().coefficient)
    figure = found.plot()
    assert list(figure.data[0].x) == [-2, -1, 0, 1, 2]
    assert figure.data[0].y[2] == pytest.approx(told(found, "REML-HK").loc["wave +0", "estimate"])
