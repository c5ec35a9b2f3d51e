"""Rates of drawn studies: what they count, and that they do not depend on how many processes share the work."""

import numpy as np
import pytest

from evaluation.inference.power import Noise
from evaluation.inference.power import minimum_detectable_effect as of_equal_units
from evaluation.inference.simulation.closed_form import chance_to_detect, contrast_error, minimum_detectable_effect
from evaluation.inference.simulation.layout import Layout
from evaluation.inference.simulation.methods import HEADLINE, METHODS, Method, around
from evaluation.inference.simulation.rates import rates, simulate
from evaluation.terms import Design

DID = Design.DIFFERENCE_IN_DIFFERENCES
NOISE = Noise(0.16, 0.04, 3.8)
LAYOUT = Layout(DID, np.full((9, 2), 60.0), 3, NOISE)


def some(*names: str) -> dict[str, Method]:
    return {name: METHODS[name] for name in names}


def test_equal_seeds_give_equal_numbers_on_one_process_or_two() -> None:
    one = simulate(LAYOUT, 0.3, some(HEADLINE, "CR2"), studies=1200, seed=5)
    two = simulate(LAYOUT, 0.3, some(HEADLINE, "CR2"), studies=1200, seed=5, processes=2)
    other = simulate(LAYOUT, 0.3, some(HEADLINE), studies=1200, seed=6)
    for name, found in one.items():
        for part in ("estimate", "p_value", "low", "high"):
            np.testing.assert_array_equal(getattr(found, part), getattr(two[name], part))
    assert not np.array_equal(one[HEADLINE].estimate, other[HEADLINE].estimate)


def test_more_studies_begin_with_the_fewer() -> None:
    few, many = (simulate(LAYOUT, 0.0, some(HEADLINE), studies=number, seed=1)[HEADLINE].estimate for number in (500, 1500))
    np.testing.assert_array_equal(many[:500], few)


def test_progress_is_told_after_every_block() -> None:
    told: list[tuple[int, int]] = []
    simulate(LAYOUT, 0.0, some("pooled t"), studies=1200, seed=1, told=lambda done, of: told.append((done, of)))
    assert told == [(500, 1200), (1000, 1200), (1200, 1200)]


def test_rates_count_what_they_say() -> None:
    """By hand: three of five reject, one of them with the wrong sign; findings are (2 + 3 + 1) / 3 times the truth."""
    estimates, p_values = np.array([2.0, 3.0, -1.0, 0.2, 1.0]), np.array([0.01, 0.02, 0.04, 0.9, 0.3])
    found = around(estimates, p_values, np.array([0.5, 2.5, 0.5, 1.0, 1.0]))
    told = rates(found, 1.0)
    assert told.rejected == pytest.approx((0.6, np.sqrt(0.6 * 0.4 / 5)))
    assert told.covered is not None and told.covered[0] == pytest.approx(3 / 5)
    assert told.wrong_sign is not None and told.wrong_sign[0] == pytest.approx(1 / 3)
    assert told.exaggeration is not None and told.exaggeration[0] == pytest.approx(2.0)
    assert told.width is not None and told.width[0] == pytest.approx(2.2)


def test_without_interval_or_effect_there_is_nothing_to_say_of_them() -> None:
    found = around(np.ones(4), np.full(4, 0.01), np.nan)
    told = rates(found, 0.0)
    assert told.rejected[0] == 1.0
    assert told.covered is told.width is told.wrong_sign is told.exaggeration is None


@pytest.mark.parametrize("design", [DID, Design.COMPARISON, Design.BEFORE_AFTER])
def test_the_closed_form_of_a_layout_is_that_of_the_methods_page_for_units_of_given_size(design: Design) -> None:
    sizes = np.array([20.0, 90.0, 60.0, 60.0, 30.0, 100.0, 60.0])
    waves, pilots = (1, 3) if design is Design.COMPARISON else (2, 7 if design.alone else 3)
    layout = Layout(design, np.repeat(sizes[:, None], waves, axis=1), pilots, NOISE)
    expected = of_equal_units(design, NOISE, list(sizes[:pilots]), list(sizes[pilots:]))
    assert minimum_detectable_effect(layout) == pytest.approx(expected)
    assert chance_to_detect(layout, 0.0) == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("says", "layout"),
    [
        ("one more wave before", Layout(DID, np.full((12, 3), 60.0), 5, NOISE, before=2)),
        ("recognised, and a fifth lost", Layout(DID, np.tile([60.0, 48.0], (12, 1)), 5, Noise(0.16, 0.04, 3.8, linked=0.6), kept=0.8)),
        ("unequal", Layout(DID, np.repeat(np.geomspace(20, 200, 12)[:, None], 2, axis=1), 5, NOISE)),
        ("ancova", Layout(Design.ANCOVA, np.full((12, 2), 60.0), 5, Noise(0.16, 0.04, 3.8, linked=0.6), kept=1.0)),
        ("two places", Layout(DID, np.full((12, 2), 60.0), 4, NOISE, places=(0, 0, 1, 1, *(0,) * 4, *(1,) * 4))),
    ],
)
def test_what_the_closed_form_declares_is_found_four_times_in_five(says: str, layout: Layout) -> None:
    effect = minimum_detectable_effect(layout)
    found = rates(simulate(layout, effect, some(HEADLINE), studies=3000, seed=20250120)[HEADLINE], effect)
    assert 0.75 <= found.rejected[0] <= 0.85, says
    assert np.std(simulate(layout, 0.0, some("pooled t"), studies=2000, seed=2)["pooled t"].estimate) >= 0.97 * contrast_error(layout)[0]


def test_a_layout_without_a_degree_of_freedom_detects_nothing() -> None:
    layout = Layout(DID, np.full((2, 2), 60.0), 1, NOISE)
    assert minimum_detectable_effect(layout) == float("inf")
    assert chance_to_detect(layout, 5.0) == 0.0
