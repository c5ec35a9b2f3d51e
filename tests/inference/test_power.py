"""Detectable effects: docs/methods.md, formula 6, and simulation with the headline method."""

import numpy as np
import pytest
from scipy import stats

from evaluation.inference.power import (
    Noise,
    chance_to_detect,
    contrast_error,
    minimum_detectable_effect,
    people_error,
    unit_variance,
)
from evaluation.inference.unit_change import unit_change
from evaluation.protocol.model import Expectation
from evaluation.terms import Design

DID = Design.DIFFERENCE_IN_DIFFERENCES
NOISE = Noise(between_units=0.16, between_waves=0.04, between_people=3.8)


def test_the_closed_form_of_the_methods_page_is_what_is_computed() -> None:
    m, G, n = 3, 8, 60
    v = 2 * (0.04 + 3.8 / n)
    expected = (stats.t.ppf(0.975, G - 2) + stats.t.ppf(0.8, G - 2)) * np.sqrt(v * (1 / m + 1 / (G - m)))
    assert minimum_detectable_effect(DID, NOISE, [n] * m, [n] * (G - m)) == pytest.approx(expected)


def test_recognised_people_take_out_what_a_persons_two_answers_have_in_common() -> None:
    linked = Noise(0.16, 0.04, 3.8, linked=0.6)
    assert unit_variance(DID, linked, 60) == pytest.approx(2 * 0.04 + 2 * 3.8 * 0.4 / 60)


def test_the_detectable_effect_is_found_four_times_in_five_by_the_headline_method() -> None:
    pilots, comparisons, n = 6, 6, 60
    effect = minimum_detectable_effect(DID, NOISE, [n] * pilots, [n] * comparisons)
    rng = np.random.default_rng(20250120)
    X = np.column_stack([np.ones(12), np.arange(12) < pilots]).astype(float)
    s2 = np.full((3000, 12), 2 * 3.8 / n)
    D = rng.normal(0, np.sqrt(2 * 0.04 + s2)) + effect * X[:, 1]
    found = float(np.mean(unit_change(D, s2, X, 1).p_value < 0.05))
    assert 0.75 <= found <= 0.90  # docs/methods.md, section 8


@pytest.mark.parametrize(("pilots", "comparisons"), [(3, 5), (8, 24)])
def test_the_detectable_effect_of_ancova_pays_for_the_slope_between_units(pilots: int, comparisons: int) -> None:
    """Units drawn from the model one by one; without the slope's price 3 against 5 gave .71 instead of .80."""
    noise, n, units = Noise(0.16, 0.04, 3.8, linked=0.6), 60, pilots + comparisons
    effect = minimum_detectable_effect(Design.ANCOVA, noise, [n] * pilots, [n] * comparisons)
    rng, shape = np.random.default_rng(11), (3000, pilots + comparisons)
    lasting = rng.normal(0, np.sqrt(0.16 + 0.6 * 3.8 / n), shape)
    start, end = (lasting + rng.normal(0, np.sqrt(0.04 + 0.4 * 3.8 / n), shape) for _ in range(2))
    side = np.broadcast_to(np.arange(units) < pilots, shape).astype(float)
    X = np.stack([np.ones(shape), side, start - start.mean(axis=1, keepdims=True)], axis=2)
    found = unit_change(end + effect * side, np.full(shape, (1 - 0.6**2) * 3.8 / n), X, 1).p_value < 0.05
    assert 0.76 <= np.mean(found) <= 0.84


def test_the_chance_at_zero_is_the_level_and_at_the_detectable_effect_near_the_power() -> None:
    sides = ([60.0] * 5, [60.0] * 7)
    assert chance_to_detect(0.0, DID, NOISE, *sides) == pytest.approx(0.05)
    assert chance_to_detect(minimum_detectable_effect(DID, NOISE, *sides), DID, NOISE, *sides) == pytest.approx(0.8, abs=0.02)


def test_degrees_of_freedom_are_those_of_the_design() -> None:
    assert contrast_error(Design.BEFORE_AFTER, NOISE, [60] * 6)[1] == 5
    assert contrast_error(DID, NOISE, [60] * 4, [60] * 4)[1] == 6
    assert contrast_error(Design.ANCOVA, NOISE, [60] * 4, [60] * 4)[1] == 5


def test_without_a_degree_of_freedom_nothing_can_be_detected() -> None:
    assert minimum_detectable_effect(DID, NOISE, [60], [60]) == float("inf")
    assert chance_to_detect(1.0, DID, NOISE, [60], [60]) == 0.0


def test_unequal_sizes_cost_precision_and_more_people_or_units_bring_it() -> None:
    equal = minimum_detectable_effect(DID, NOISE, [60] * 4, [60] * 4)
    assert minimum_detectable_effect(DID, NOISE, [10, 10, 110, 110], [60] * 4) > equal
    assert minimum_detectable_effect(DID, NOISE, [120] * 4, [120] * 4) < equal
    assert minimum_detectable_effect(DID, NOISE, [60] * 4, [60] * 8) < equal


def test_ancova_is_at_least_as_sure_as_a_change_or_a_comparison_of_the_same_people() -> None:
    noise = Noise(0.16, 0.04, 3.8, linked=0.5)
    ancova = unit_variance(Design.ANCOVA, noise, 60)
    assert ancova <= unit_variance(DID, noise, 60)
    assert ancova <= unit_variance(Design.COMPARISON, noise, 60)


def test_a_protocols_expectations_are_shares_of_the_total_variance() -> None:
    plan = Expectation(respondents_per_unit=50, unit_variance_share=0.05, wave_variance_share=0.01, standard_deviation=0.2)
    noise = Noise.expected(plan, 10.0, linked=True)
    assert (noise.between_units, noise.between_waves, noise.between_people) == pytest.approx((0.2, 0.04, 3.76))
    assert noise.linked == 0.5
    assert Noise.expected(plan, 10.0, linked=False).linked is None


def test_people_assigned_are_limited_by_people_only() -> None:
    noise = Noise(1.0, 1.0, 4.0, linked=0.5)
    assert people_error(noise, Design.COMPARISON, 100, 100) == pytest.approx(np.sqrt(4 * 2 / 100))
    assert people_error(noise, DID, 100, 100) == pytest.approx(np.sqrt(4 * 2 / 100))
    assert people_error(noise, Design.ANCOVA, 100, 100) == pytest.approx(np.sqrt(4 * 0.75 * 2 / 100))
