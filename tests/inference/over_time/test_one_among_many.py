"""One pilot among many: ranks, the synthetic comparison against brute force and truth, and refusals with the numbers."""

from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from scipy import optimize

from evaluation.errors import DesignError
from evaluation.inference.over_time.one_among_many import SyntheticDifference, placebo_rank, synthetic_difference
from evaluation.inference.over_time.simplex import simplex_weights
from evaluation.inference.over_time.synthetic import placebos, synthetic
from evaluation.terms import RESULT_COLUMNS
from tests.inference.over_time.tables import block, means, people

KEYS = {"unit": "unit", "wave": "wave", "arm": "arm"}
Array = npt.NDArray[np.float64]


def panel(pilots: int, others: int, waves: int, before: int, effect: float, seed: int = 1) -> pd.DataFrame:
    """Published means with two hidden trends; pilots lean on the first, so that plain comparison units mislead."""
    rng = np.random.default_rng(seed)
    loads = rng.uniform(0, 1, (pilots + others, 2))
    loads[:pilots] = [0.8, 0.2]
    trends = np.stack([np.linspace(0, 2, waves), rng.normal(0, 0.3, waves)])
    values = rng.normal(5, 0.5, (pilots + others, 1)) + loads @ trends + rng.normal(0, 0.05, (pilots + others, waves))
    values[:pilots, before:] += effect
    names = [f"P{k}" for k in range(pilots)] + [f"C{k:02d}" for k in range(others)]
    table = pd.DataFrame(values, index=names).stack().rename_axis(["unit", "wave"]).rename("score").reset_index()
    return table.assign(arm=np.where(table["unit"].str[0] == "P", "pilot", "comparison"))


def by_scipy(columns: Array, aim: Array, ridge: float) -> Array:
    """The same program with an explicit intercept, by SLSQP from the even weights."""
    k = columns.shape[1]
    found = optimize.minimize(
        lambda v: ((v[0] + columns @ v[1:] - aim) ** 2).sum() + ridge * (v[1:] ** 2).sum(), np.r_[0.0, np.full(k, 1 / k)],
        jac=lambda v: 2 * np.r_[
            (v[0] + columns @ v[1:] - aim).sum(), columns.T @ (v[0] + columns @ v[1:] - aim) + ridge * v[1:]
        ],
        bounds=[(None, None), *[(0, 1)] * k], constraints={"type": "eq", "fun": lambda v: v[1:].sum() - 1},
        method="SLSQP", options={"ftol": 1e-15, "maxiter": 2000},
    )  # fmt: skip
    return np.asarray(found.x[1:])


@pytest.mark.parametrize("seed", range(6))
def test_weights_on_the_simplex_are_those_of_a_general_solver_and_never_worse(seed: int) -> None:
    rng = np.random.default_rng(seed)
    columns, aim, ridge = rng.normal(size=(6, 12)), rng.normal(size=6), 10.0 ** -(seed % 4)
    found = simplex_weights(columns, aim, ridge)
    assert found.min() >= 0 and found.sum() == pytest.approx(1.0, abs=1e-12)
    centred = simplex_weights(columns - columns.mean(axis=0), aim - aim.mean(), ridge)
    np.testing.assert_allclose(centred, by_scipy(columns, aim, ridge), atol=2e-5)
    slope = columns.T @ (columns @ found - aim) + ridge * found
    assert slope.min() == pytest.approx(slope[found > 0].max(), abs=1e-8), "no unit could take weight to advantage"


def test_the_estimate_is_algorithm_1_of_its_paper_by_a_general_solver() -> None:
    """Arkhangelsky et al. (2021): zeta = (pilots x waves after)^(1/4) x the spread of first differences before."""
    values = means(panel(2, 9, 8, 5, 0.7)).to_numpy()
    others, pilots = values[:9], values[9:]
    found = synthetic(pilots, others, 5)
    zeta = (2 * 3) ** 0.25 * np.diff(others[:, :5], axis=1).std(ddof=1)
    units = by_scipy(others[:, :5].T, pilots[:, :5].mean(axis=0), 5 * zeta**2)
    waves = by_scipy(others[:, :5], others[:, 5:].mean(axis=1), 0.0)
    gap = pilots.mean(axis=0) - units @ others
    np.testing.assert_allclose(found.units, units, atol=1e-4)
    assert found.estimate == pytest.approx(gap[5:].mean() - waves @ gap[:5], abs=1e-3)


def test_a_known_effect_is_found_where_plain_comparison_is_misled() -> None:
    """60 simulated studies with hidden trends and an effect of 0.7."""
    found, plain = [], []
    for seed in range(60):
        values = means(panel(1, 20, 10, 7, 0.7, seed)).to_numpy()
        found.append(synthetic(values[20:], values[:20], 7).estimate)
        change = values[:, 7:].mean(axis=1) - values[:, :7].mean(axis=1)
        plain.append(change[20] - change[:20].mean())
    off, misled = abs(np.mean(found) - 0.7), abs(np.mean(plain) - 0.7)
    assert off < 0.1
    assert misled > 3 * off


def test_placebos_put_every_choice_of_comparison_units_in_the_pilots_place() -> None:
    others = means(panel(2, 6, 7, 5, 0.0)).to_numpy()[:6]
    expected = [
        synthetic(others[list(pair)], others[[k for k in range(6) if k not in pair]], 5).estimate for pair in combinations(range(6), 2)
    ]
    assert placebos(others, 2, 5, seed=1) == pytest.approx(expected)
    many = np.random.default_rng(1).normal(size=(12, 5))
    assert list(placebos(many, 5, 4, seed=1)) == list(placebos(many, 5, 4, seed=1)), "a sample of the 792 choices repeats"


def told(pilots: int, others: int = 12) -> SyntheticDifference:
    return synthetic_difference(panel(pilots, others, 8, 5, 0.7), "score", start=5, **KEYS)


def test_one_pilot_has_an_interval_and_a_share_of_placebos_but_no_p() -> None:
    found = told(1)
    row = found.tidy().iloc[0]
    assert tuple(found.tidy().columns) == RESULT_COLUMNS
    assert pd.isna(row["p_value"]) and row["status"] == "p-value withheld"
    assert row["std_error"] == pytest.approx(np.std(found.placebos)) and row["conf_low"] < row["estimate"] < row["conf_high"]
    assert found.glance().iloc[0]["placebo_share"] == pytest.approx(1 / 13)
    assert found.unit_weights()["weight"].sum() == pytest.approx(1.0)
    assert found.wave_weights()["weight"].sum() == pytest.approx(1.0)
    assert "8 in 100 placebos" in found.summary()


def test_several_pilots_in_a_block_have_a_p_from_placebos() -> None:
    row = told(2).tidy().iloc[0]
    assert row["p_value"] == pytest.approx(1 / 67), "the observed one and 66 pairs of twelve, none of them as far from zero"
    assert row["n_pilot"] == 2


def test_the_picture_shows_pilots_and_the_comparison_moved_to_their_level() -> None:
    figure = told(1).plot()
    own, beside = (np.asarray(trace.y) for trace in figure.data)
    found = told(1)
    assert own[5:].mean() - beside[5:].mean() == pytest.approx(found.estimates.rows[0].estimate)


def test_organ_donations_are_refused_with_the_numbers_because_three_quarters_before_are_too_few(
    shared_data: Callable[[str], Path],
) -> None:
    table = pd.read_csv(shared_data("replication_organ_donations") / "organ_donations.csv")
    table["arm"] = np.where(table["State"] == "California", "pilot", "comparison")
    keys = {"unit": "State", "wave": "Quarter_Num", "arm": "arm"}
    with pytest.raises(DesignError, match="26 comparison units and 3 waves before the start; a synthetic comparison needs 8 and 4"):
        synthetic_difference(table, "Rate", start=4, **keys)
    (row,) = placebo_rank(table, "Rate", baseline=3, follow_up=4, **keys)
    change = table.pivot(index="State", columns="Quarter_Num", values="Rate")
    change = change[4] - change[3]
    rank = int(change.rank(ascending=False, method="min")["California"])
    assert f"pilot_rank:{rank} of 27" in row.flags
    assert row.p_value is not None and row.p_value >= row.resolution_floor == pytest.approx(1 / 27)


@pytest.mark.parametrize(("others", "given"), [(19, True), (18, False)])
def test_a_rank_carries_a_p_from_one_against_nineteen(others: int, *, given: bool) -> None:
    table = panel(1, others, 2, 1, 30.0)
    (row,) = placebo_rank(table, "score", baseline=0, follow_up=1, **KEYS)
    assert row.p_value == (pytest.approx(1 / 20) if given else None)
    assert f"pilot_rank:1 of {others + 1}" in row.flags
    assert (row.status == "estimated") == given


def test_the_share_of_a_rank_counts_units_at_least_as_far_from_the_others() -> None:
    """Brute force over units."""
    table = people(block(1, 24, 1), 2, effect=0.2)
    change = means(table).diff(axis=1)[1]
    far = {unit: abs(change[unit] - change.drop(unit).mean()) for unit in change.index}
    (row,) = placebo_rank(table, "score", baseline=0, follow_up=1, **KEYS)
    assert row.p_value == pytest.approx(np.mean([value >= far["P0"] - 1e-12 for value in far.values()]))


@pytest.mark.parametrize(
    ("pilots", "others", "said"),
    [(1, 7, "7 comparison units and 5 waves"), (9, 9, "needs 10 and 4"), (1, 501, "among 500 at most")],
)
def test_too_few_or_too_many_to_choose_from_are_refused(pilots: int, others: int, said: str) -> None:
    with pytest.raises(DesignError, match=said):
        told(pilots, others)


def test_a_rank_of_several_pilots_is_refused() -> None:
    with pytest.raises(DesignError, match="there are 2 and 6"):
        placebo_rank(panel(2, 6, 2, 1, 0.0), "score", baseline=0, follow_up=1, **KEYS)
