"""The Bayesian reading against brute-force integration in two dimensions and against simulated truth."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from evaluation.errors import DesignError
from evaluation.inference.bayes import Posterior, posterior, prior_sensitivity
from evaluation.inference.unit_change import unit_change
from evaluation.inference.unit_level import UnitLevel


def study(seed: int, units: int, pilots: int, tau: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    s2 = rng.uniform(0.01, 0.2, units)
    X = np.column_stack([np.ones(units), np.arange(units) < pilots]).astype(float)
    return X @ [0.1, 0.4] + rng.normal(0, np.sqrt(tau**2 + s2)), s2, X


def brute_force(D: np.ndarray, s2: np.ndarray, X: np.ndarray, scale: float, mark: float) -> tuple[float, float, float, float]:
    """Mean, standard deviation, chance above the mark and posterior mean of tau, by a fine grid over (effect, tau).

    The constant is integrated out of the joint normal density by hand: for two columns only.
    """
    tau = np.linspace(0, 7 * scale, 700)[:, None, None]
    effect = np.linspace(-8, 8, 2001)[None, :, None]
    w = 1 / (tau**2 + s2)
    rest = D - X[:, 1] * effect
    total = w.sum(axis=2)
    best = (w * rest).sum(axis=2) / total
    log_density = 0.5 * np.log(w).sum(axis=2) - 0.5 * np.log(total)
    log_density = log_density - 0.5 * ((w * rest**2).sum(axis=2) - total * best**2) - 0.5 * (tau[:, :, 0] / scale) ** 2
    density = np.exp(log_density - log_density.max())
    density[0] /= 2  # trapezoid at the edge that has weight
    density /= density.sum()
    by_effect, points = density.sum(axis=0), effect[0, :, 0]
    mean = by_effect @ points
    above = 1 - np.interp(mark, points + (points[1] - points[0]) / 2, np.cumsum(by_effect))
    return float(mean), float(np.sqrt(by_effect @ points**2 - mean**2)), float(above), float(density.sum(axis=1) @ tau[:, 0, 0])


@pytest.mark.parametrize(("units", "pilots", "tau", "scale"), [(4, 2, 0.3, 0.5), (6, 1, 0.1, 0.2), (8, 3, 0.8, 0.3)])
def test_the_posterior_equals_brute_force_integration_over_effect_and_spread(units: int, pilots: int, tau: float, scale: float) -> None:
    D, s2, X = study(units, units, pilots, tau)
    found = posterior(D, s2, X, 1, scale)
    mean, sd, above, between = brute_force(D, s2, X, scale, 0.3)
    assert found.mean[0] == pytest.approx(mean, abs=2e-4)
    assert found.sd[0] == pytest.approx(sd, rel=1e-3)
    assert found.chance_above(0.3)[0] == pytest.approx(above, abs=1e-4)
    assert found.between[0] == pytest.approx(between, rel=1e-3)


def test_the_mixture_over_tau_is_exact_to_many_digits_whatever_the_scales() -> None:
    """Against adaptive quadrature of scipy on the restricted likelihood, for spreads from far below to far above sampling."""
    from scipy.integrate import quad

    for seed, (tau, scale) in enumerate([(0.0, 0.01), (3.0, 0.2), (0.2, 0.2), (1.0, 50.0)]):
        D, s2, X = study(seed, 9, 3, tau)

        def parts(t: float, D: np.ndarray = D, s2: np.ndarray = s2, X: np.ndarray = X) -> tuple[float, float, float]:
            w = 1 / (t**2 + s2)
            A = np.linalg.inv(X.T * w @ X)
            b = A @ (X.T * w @ D)
            log = 0.5 * np.log(w).sum() + 0.5 * np.linalg.slogdet(A)[1] - 0.5 * (w * (D - X @ b) ** 2).sum()
            return float(log), float(b[1]), float(A[1, 1])

        peak = max(parts(t)[0] - 0.5 * (t / scale) ** 2 for t in np.geomspace(1e-4, 8 * scale + 8, 400))

        def density(t: float, scale: float = scale, peak: float = peak) -> float:
            return float(np.exp(parts(t)[0] - 0.5 * (t / scale) ** 2 - peak))

        top = 9 * scale + 6
        cuts = sorted({min(c, top) for c in (0.01, 0.05, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0)})
        edges = [0.0, *cuts, top]

        def integral(of, edges: list[float] = edges) -> float:  # type: ignore[no-untyped-def]
            return sum(quad(of, a, b, epsabs=0, epsrel=1e-10, limit=200)[0] for a, b in pairwise(edges) if b > a)

        mass = integral(density)
        mean = integral(lambda t: density(t) * parts(t)[1]) / mass
        below = integral(lambda t: density(t) * stats.norm.cdf((0.5 - parts(t)[1]) / np.sqrt(parts(t)[2]))) / mass
        found = posterior(D, s2, X, 1, scale)
        assert found.mean[0] == pytest.approx(mean, rel=1e-7, abs=1e-9)
        assert 1 - found.chance_above(0.5)[0] == pytest.approx(below, abs=1e-8)


def test_intervals_leave_out_the_same_chance_on_either_side() -> None:
    D, s2, X = study(3, 7, 3, 0.5)
    found = posterior(D, s2, X, 1, 0.4)
    low, high = found.interval(0.9)
    assert found.chance_above(float(high[0]))[0] == pytest.approx(0.05, abs=1e-9)
    assert found.chance_above(float(low[0]))[0] == pytest.approx(0.95, abs=1e-9)


def test_studies_in_a_batch_are_read_as_each_alone() -> None:
    alone = [study(seed, 6, 2, 0.3) for seed in range(5)]
    D, s2 = np.stack([one[0] for one in alone]), np.stack([one[1] for one in alone])
    together = posterior(D, s2, alone[0][2], 1, 0.5)
    for number, (own, sampling, X) in enumerate(alone):
        single = posterior(own, sampling, X, 1, 0.5)
        assert together.mean[number] == pytest.approx(single.mean[0], rel=1e-12)
        assert together.interval()[1][number] == pytest.approx(single.interval()[1][0], rel=1e-9)


def test_a_wide_prior_and_many_units_give_the_headline() -> None:
    """Sixty units decide for themselves: the posterior is close to REML's estimate and error."""
    D, s2, X = study(2, 60, 25, 0.4)
    found, headline = posterior(D, s2, X, 1, 10.0), unit_change(D, s2, X, 1)
    assert found.mean[0] == pytest.approx(headline.estimate[0], abs=0.02 * headline.std_error[0])
    assert found.sd[0] == pytest.approx(headline.std_error[0], rel=0.06)


def test_intervals_and_chances_are_right_when_effects_come_from_the_prior() -> None:
    """Simulated truth: 1,000 studies with tau from its prior; flat effects are drawn very widely. Binomial error 1.3 per cent."""
    rng = np.random.default_rng(12)
    count, units = 1000, 6
    X = np.column_stack([np.ones(units), np.arange(units) < 2]).astype(float)
    s2, tau, effect = rng.uniform(0.01, 0.1, (count, units)), np.abs(rng.normal(0, 0.3, count)), rng.uniform(-50, 50, count)
    D = X[:, 1] * effect[:, None] + rng.normal(0, np.sqrt(tau[:, None] ** 2 + s2))
    found = posterior(D, s2, X, 1, 0.3)
    low, high = found.interval(0.8)
    assert np.mean((low <= effect) & (effect <= high)) == pytest.approx(0.8, abs=0.038)
    share = stats.norm.sf((effect[:, None] - found.centres) / found.spreads)
    position = (found.weights * share).sum(axis=1)  # where the truth lies in its own posterior: uniform when calibrated
    assert stats.kstest(position, "uniform").pvalue > 0.001


def test_the_table_of_priors_shows_how_far_they_decide() -> None:
    D, s2, X = study(5, 5, 2, 0.3)
    level = UnitLevel(tuple("ABCDE"), D, s2, X, ("1", "pilot"), 1)
    table = prior_sensitivity(level, [0.1, 0.3, 1.0], important=0.25)
    assert list(table["prior_scale"]) == [0.1, 0.3, 1.0]
    width = (table["conf_high"] - table["conf_low"]).to_numpy()
    assert (np.diff(width) > 0).all()
    assert (table["chance_important"] < table["chance_above_zero"]).all()
    one: Posterior = posterior(D, s2, X, 1, 0.3)
    assert table.loc[1, "chance_important"] == pytest.approx(one.chance_above(0.25)[0])


def test_a_reading_without_sampling_variances_or_with_a_scale_of_zero_is_refused() -> None:
    D, s2, X = study(5, 5, 2, 0.3)
    with pytest.raises(DesignError, match="only means are known"):
        prior_sensitivity(UnitLevel(tuple("ABCDE"), D, None, X, ("1", "pilot"), 1), [0.3], 0.2)
    with pytest.raises(DesignError, match="the prior's scale is 0 points"):
        posterior(D, s2, X, 1, 0.0)
