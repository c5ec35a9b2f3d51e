"""Placebo reassignment against scipy's permutation test, brute force, and the design's own floor."""

from itertools import combinations, product

import numpy as np
import pytest
from scipy import optimize, stats

from evaluation.errors import DesignError
from evaluation.inference.placebo import placebo, placebo_batch, placements, places_of, sign_flips, weights_under_the_null
from evaluation.inference.resolution import floor, floor_within
from evaluation.inference.unit_level import UnitLevel
from evaluation.terms import Design


def figures(pilots: int, others: int, seed: int = 1, *, known: bool = True, effect: float = 0.4) -> UnitLevel:
    rng = np.random.default_rng(seed)
    units = pilots + others
    pilot = (np.arange(units) < pilots).astype(float)
    s2 = rng.uniform(0.01, 0.2, units)
    D = 0.1 + effect * pilot + rng.normal(0, 0.2, units) + rng.normal(0, np.sqrt(s2))
    names = tuple(f"U{k}" for k in range(units))
    return UnitLevel(names, D, s2 if known else None, np.column_stack([np.ones(units), pilot]), ("1", "pilot"), 1)


def test_equal_weights_give_scipys_exact_permutation_test_of_means() -> None:
    level = figures(3, 7, known=False)
    D, pilot = level.outcome, level.columns[:, 1] == 1
    expected = stats.permutation_test(
        (D[pilot], D[~pilot]), lambda x, y, axis: x.mean(axis) - y.mean(axis), vectorized=True, n_resamples=np.inf)
    found = placebo(level)
    assert (found.enumerated, found.placements, found.smallest) == (True, 120, 1 / 120)
    assert found.estimate == pytest.approx(float(expected.statistic))
    null = np.abs(expected.null_distribution)
    assert found.p_value == (null >= abs(expected.statistic) * (1 - 1e-9)).mean()


def restricted_variance(D: np.ndarray, s2: np.ndarray) -> float:
    """tau2 that minimises -2 log restricted likelihood around a constant mean, by golden section."""

    def criterion(tau2: float) -> float:
        w = 1 / (s2 + tau2)
        return float(-np.log(w).sum() + np.log(w.sum()) + (w * (D - (w * D).sum() / w.sum()) ** 2).sum())

    found = optimize.minimize_scalar(criterion, bounds=(0, 10), method="bounded", options={"xatol": 1e-12})
    return 0.0 if criterion(0.0) <= found.fun else float(found.x)


def brute(level: UnitLevel, shift: float = 0.0) -> tuple[float, float]:
    """A difference of weighted means and p, placement by placement: the statistic is the difference over its error."""
    real = level.columns[:, level.target] == 1
    D = level.outcome - shift * real
    w = 1 / (level.sampling + restricted_variance(D, level.sampling))

    def means(pilots: np.ndarray) -> tuple[float, float]:
        difference = np.average(D[pilots], weights=w[pilots]) - np.average(D[~pilots], weights=w[~pilots])
        return float(difference), float(np.sqrt(1 / w[pilots].sum() + 1 / w[~pilots].sum()))

    placed = [np.isin(np.arange(len(D)), chosen) for chosen in combinations(range(len(D)), int(real.sum()))]
    drawn = np.abs([difference / error for difference, error in map(means, placed)])
    observed, error = means(real)
    return observed, float((drawn >= abs(observed) / error * (1 - 1e-7)).mean())


@pytest.mark.parametrize("seed", range(4))
def test_weighted_placements_equal_weighted_means_taken_for_each(seed: int) -> None:
    level = figures(3, 6, seed=seed, effect=0.2)
    assert placebo(level).p_value == pytest.approx(brute(level)[1], rel=1e-12)


@pytest.mark.parametrize("kind", ["baseline", "organisations", "dose"])
def test_beside_other_columns_the_statistic_is_that_of_weighted_least_squares(kind: str) -> None:
    """Each placement's coefficient over its error with known variances, by `lstsq` and the inverse of X'WX."""
    rng = np.random.default_rng(7)
    place = (np.arange(10) >= 5).astype(float)
    target = np.where(np.isin(np.arange(10), (0, 3, 6, 7)), 1.0 if kind != "dose" else rng.uniform(0.3, 1, 10), 0.0)
    others = [1 - place, place] if kind == "organisations" else [np.ones(10), rng.normal(0, 1, 10)]
    s2 = rng.uniform(0.01, 0.3, 10)
    columns = np.column_stack([*others, target])
    level = UnitLevel(tuple("abcdefghij"), rng.normal(0.3, 0.4, 10) + target, s2, columns, ("x", "y", "pilot"), 2)
    found = placebo(level, most=300)
    w = weights_under_the_null(level.outcome[None], s2[None], columns[None, :, :2])[0]
    drawn = placements(target, places_of(level), 0, 300).columns
    for placed, statistic in zip(drawn, found.reference, strict=True):
        X = np.column_stack([columns[:, :2], placed])
        b = np.linalg.lstsq(X * np.sqrt(w)[:, None], level.outcome * np.sqrt(w), rcond=None)[0]
        assert statistic == pytest.approx(b[2] / np.sqrt(np.linalg.inv((X.T * w) @ X)[2, 2]), rel=1e-9, abs=1e-12)
    assert len(drawn) == {"organisations": 10 * 10, "baseline": 210, "dose": 300}[kind]


def test_at_the_estimate_the_real_placement_shows_nothing() -> None:
    level = figures(3, 6, effect=2.0)
    assert brute(level, placebo(level).estimate)[0] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("name", ["estimate", "conf_low", "conf_high"])
def test_an_effect_moves_estimate_and_interval_by_its_own_size(name: str) -> None:
    """Weights are found with the shift taken off, so that a large effect is not taken for spread between units."""
    small, large = (placebo(figures(3, 9, seed=5, effect=effect)) for effect in (0.0, 7.0))
    assert getattr(large, name) - getattr(small, name) == pytest.approx(7.0, abs=1e-6)


def test_a_true_null_is_rejected_no_more_often_where_the_smallest_units_are_pilots() -> None:
    """1,500 studies, sizes 10 to 1: 0.05 with a Monte Carlo error of 0.006; the difference alone rejects 0.19."""
    rng, pilots = np.random.default_rng(1), np.arange(12) < 3
    s2 = np.tile(2 / np.geomspace(19, 190, 12), (1500, 1))
    found = placements(pilots.astype(float), np.zeros(12, dtype=int))
    D, columns = rng.normal(0, np.sqrt(s2 + 0.004)), np.column_stack([np.ones(12), pilots])
    assert (placebo_batch(D, s2, columns, 1, found) <= 0.05).mean() == pytest.approx(0.05, abs=0.018)


def test_weights_under_the_null_maximise_the_restricted_likelihood_without_the_contrast() -> None:
    """Brute force over a fine grid of variances, constant mean."""
    level = figures(4, 6, seed=3)
    D, s2 = level.outcome, level.sampling

    def criterion(tau2: float) -> float:
        w = 1 / (s2 + tau2)
        return -np.log(w).sum() + np.log(w.sum()) + (w * (D - (w * D).sum() / w.sum()) ** 2).sum()

    grid = np.linspace(0, 0.5, 20001)
    best = grid[np.argmin([criterion(value) for value in grid])]
    assert restricted_variance(D, s2) == pytest.approx(best, abs=1e-4)
    w = weights_under_the_null(D[None], s2[None], np.ones((1, 10, 1)))[0]
    assert 1 / w - s2 == pytest.approx(np.full(10, best), abs=1e-4)


def test_the_interval_holds_the_shifts_that_brute_force_does_not_reject() -> None:
    level = figures(4, 6, seed=2)
    found = placebo(level, confidence=0.9)
    for end, outwards in ((found.conf_low, -1), (found.conf_high, 1)):
        for step, kept in ((-1e-5, True), (1e-5, False)):
            assert (brute(level, end + outwards * step)[1] > 0.1) is kept


@pytest.mark.parametrize(("pilots", "others"), [(3, 3), (3, 9), (4, 4)])
def test_no_result_is_smaller_than_the_floor_of_the_design(pilots: int, others: int) -> None:
    found = placebo(figures(pilots, others, effect=50.0, known=False))
    assert found.p_value == found.smallest == floor(pilots, pilots + others)
    assert found.rank == 1


def test_three_against_three_never_rejects_at_five_in_a_hundred_so_that_its_interval_is_endless() -> None:
    found = placebo(figures(3, 3))
    assert (found.conf_low, found.conf_high) == (-np.inf, np.inf)


def test_arms_are_exchanged_only_inside_organisations_that_hold_both() -> None:
    place = np.repeat([0, 1], 4)
    pilot = np.array([1, 0, 0, 1, 1, 0, 0, 0.0])
    D = np.random.default_rng(1).normal(0, 1, 8)
    columns = np.column_stack([pilot, place == 0, place == 1]).astype(float)
    level = UnitLevel(tuple("abcdefgh"), D, None, columns, ("pilot", "A", "B"), 0)
    found = placebo(level)
    assert found.placements == 6 * 4
    assert found.smallest == floor_within([(2, 4), (1, 4)])
    assert places_of(level).tolist() == place.tolist()


def test_many_placements_are_sampled_with_the_real_one_among_them_and_the_seed_decides() -> None:
    level = figures(10, 14, effect=0.05)
    one, same, other = (placebo(level, seed=seed, most=2000) for seed in (1, 1, 2))
    assert not one.enumerated and one.placements == 2000 and one.smallest == 1 / 2000
    assert np.array_equal(one.reference, same.reference) and not np.array_equal(one.reference, other.reference)
    assert one == same and one.reference[0] == other.reference[0]
    assert one.p_value == pytest.approx(other.p_value, abs=0.05)


def test_a_dose_is_exchanged_as_it_stands() -> None:
    dose = np.array([1.0, 0.6, 0.3, 0, 0, 0, 0, 0])
    found = placements(dose, np.zeros(8, dtype=int), most=500)
    assert not found.enumerated
    assert (np.sort(found.columns, axis=1) == np.sort(dose)).all() and (found.columns[0] == dose).all()


def test_before_and_after_turns_signs_as_scipy_does() -> None:
    D = np.random.default_rng(4).normal(0.3, 0.5, 7)
    level = UnitLevel(tuple("abcdefg"), D, None, np.ones((7, 1)), ("follow_up",), 0)
    expected = stats.permutation_test((D,), lambda x, axis: x.mean(axis), permutation_type="samples", vectorized=True, n_resamples=np.inf)
    found = placebo(level)
    assert found.p_value == pytest.approx(float(expected.pvalue))
    assert (found.placements, found.smallest) == (128, floor(7, 7, Design.BEFORE_AFTER))
    assert sign_flips(20, most=100).columns.shape == (100, 20)


def test_one_pilot_is_ranked_among_all_units() -> None:
    level = figures(1, 19, known=False, effect=5.0)
    found = placebo(level)
    assert (found.rank, found.placements, found.p_value) == (1, 20, 0.05)


def test_many_studies_at_once_get_the_p_of_each_alone() -> None:
    levels = [figures(3, 6, seed=seed) for seed in range(4)]
    same = [UnitLevel(one.units, one.outcome, levels[0].sampling, one.columns, one.terms, 1) for one in levels]
    found = placements(levels[0].columns[:, 1], np.zeros(9, dtype=int))
    D, s2 = np.stack([one.outcome for one in same]), np.stack([one.sampling for one in same])
    assert placebo_batch(D, s2, levels[0].columns, 1, found).tolist() == [placebo(one).p_value for one in same]


def test_without_two_arms_there_is_nothing_to_exchange() -> None:
    with pytest.raises(DesignError, match="nothing to exchange"):
        placebo(UnitLevel(("a", "b", "c"), np.arange(3.0), None, np.ones((3, 2)), ("1", "pilot"), 1))


def test_a_change_s_interval_holds_the_shifts_whose_signs_are_not_rejected() -> None:
    """Before and after, weights 1 / (s2 + mean square beyond sampling): every sign vector for shifts beside both ends."""
    rng = np.random.default_rng(6)
    s2 = rng.uniform(0.01, 0.2, 8)
    level = UnitLevel(tuple("abcdefgh"), rng.normal(0.4, 0.3, 8), s2, np.ones((8, 1)), ("follow_up",), 0)
    found = placebo(level)

    def kept(shift: float) -> bool:
        D = level.outcome - shift
        w = 1 / (s2 + max(float((D**2 - s2).mean()), 0.0))
        drawn = np.abs([(np.array(signs) * w * D).sum() for signs in product((1, -1), repeat=8)])
        return bool((drawn >= drawn[0] * (1 - 1e-9)).mean() > 0.05)

    for end, outwards in ((found.conf_low, -1), (found.conf_high, 1)):
        assert kept(end - outwards * 1e-5) and not kept(end + outwards * 1e-5)


def test_thousands_of_units_are_placed_fewer_times() -> None:
    assert placements(np.arange(4000.0), np.zeros(4000, dtype=int)).columns.shape == (5000, 4000)
