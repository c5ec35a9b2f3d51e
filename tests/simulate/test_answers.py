"""Opinions become answers as the normal distribution says; means and spreads are what was asked for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from evaluation.simulate.answers import Answering, Mixture, Scoring, chances, opinions_to_codes, shares_of

FIVE = Answering("q", np.arange(1.0, 6.0), np.linspace(0, 1, 5), 0.0)
ONE = Mixture(np.zeros(1), np.ones(1))
TWO = Mixture(np.array([-0.4, 0.6]), np.array([0.6, 0.4]))


def scoring(items: int = 1, mixture: Mixture = ONE) -> Scoring:
    return Scoring((FIVE,) * items, (10 * FIVE.positions,) * items, mixture)


def test_chances_of_options_are_differences_of_the_normal_distribution() -> None:
    """By hand: opinions N(0.5, 0.25), cuts at 0.125, 0.375, 0.625, 0.875."""
    by_hand = np.diff(norm.cdf([-np.inf, -1.5, -0.5, 0.5, 1.5, np.inf]))
    np.testing.assert_allclose(chances(FIVE, 0.5, 0.25, ONE), by_hand, atol=1e-15)


def test_simulated_answers_have_those_chances() -> None:
    """A million draws: no share further than 0.002 (4 standard errors) from its probability."""
    rng = np.random.default_rng(1)
    group = rng.choice(TWO.offsets, 1_000_000, p=TWO.shares)
    codes = opinions_to_codes(FIVE, 0.62 + 0.22 * (group + rng.standard_normal(1_000_000)))
    shares = np.bincount(codes.astype(int), minlength=6)[1:] / 1_000_000
    np.testing.assert_allclose(shares, chances(FIVE, 0.62, 0.22, TWO), atol=0.002)


@given(st.floats(0.5, 9.5), st.floats(0.08, 0.5))
def test_an_expected_score_is_found_again_from_its_location(score: float, spread: float) -> None:
    asked = scoring(mixture=TWO)
    assert asked.expected(asked.location_for(score, spread), spread) == pytest.approx(score, abs=1e-9)


def test_a_score_beyond_the_scale_is_refused() -> None:
    with pytest.raises(ValueError, match="outside the scale"):
        scoring().location_for(10.5, 0.2)


def test_an_effect_is_the_same_on_the_score_whatever_the_ceiling_takes_from_the_opinion() -> None:
    """Near the top of a scale opinions must move further for the same change of the expected score."""
    asked = scoring()
    low, high = (asked.location_for(start + 0.5, 0.25) - asked.location_for(start, 0.25) for start in (5.0, 8.8))
    assert high > 1.5 * low


@pytest.mark.parametrize(
    ("items", "unit", "wave", "linked"), [(1, 0.04, 0.01, 0.5), (12, 0.03, 0.006, 0.5), (3, 0.05, 0.02, 0.8)]
)
def test_parts_of_an_opinion_give_the_score_the_planned_shares(items: int, unit: float, wave: float, linked: float) -> None:
    """Algebra: a mean of k items has variance common + noise / k; shares are of that."""
    parts = shares_of(items, unit, wave, linked)
    common = parts.unit**2 + parts.wave**2 + parts.person**2 + parts.occasion**2
    score = common + parts.noise**2 / items
    assert common + parts.noise**2 == pytest.approx(1)
    assert parts.unit**2 / score == pytest.approx(unit)
    assert parts.wave**2 / score == pytest.approx(wave)
    assert parts.person**2 / (score - parts.unit**2 - parts.wave**2) == pytest.approx(linked)


def test_a_reachable_spread_of_answers_is_reached() -> None:
    asked = scoring()
    spread = asked.spread_for(6.0, 2.4)
    assert asked.item_deviation(asked.location_for(6.0, spread), spread) == pytest.approx(2.4, abs=0.03)
