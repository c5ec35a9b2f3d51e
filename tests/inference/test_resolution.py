"""Resolution floors, against counting by hand and the examples of docs/methods.md, formula 5."""

from itertools import combinations

import numpy as np
import pytest

from evaluation.inference.resolution import floor, floor_within
from evaluation.terms import Design


def by_counting(pilots: int, units: int) -> float:
    """The smallest share of allocations whose absolute difference is as large as that of the most extreme one."""
    values = 2.0 ** np.arange(units)
    best = []
    for sign in (1, -1):
        ranked = sorted(range(units), key=lambda k: sign * values[k])[:pilots]
        differences = [
            abs(values[list(c)].mean() - np.delete(values, list(c)).mean()) for c in combinations(range(units), pilots)
        ]
        own = abs(values[ranked].mean() - np.delete(values, ranked).mean())
        best.append(np.mean([d >= own - 1e-9 for d in differences]))
    return min(best)


@pytest.mark.parametrize(("pilots", "units"), [(2, 4), (3, 6), (2, 6), (3, 8), (4, 8), (2, 5)])
def test_the_floor_of_a_comparison_equals_enumeration_of_all_allocations(pilots: int, units: int) -> None:
    assert floor(pilots, units) == pytest.approx(by_counting(pilots, units))


def test_three_against_three_is_a_tenth_and_four_against_four_a_thirty_fifth() -> None:
    assert floor(3, 6) == pytest.approx(0.10)  # docs/methods.md, formula 5
    assert floor(4, 8) == pytest.approx(2 / 70)


def test_before_and_after_needs_six_pilots_to_pass_one_in_twenty() -> None:
    assert floor(5, 5, Design.BEFORE_AFTER) == 0.0625
    assert floor(6, 6, Design.BEFORE_AFTER) == 0.03125


def test_nothing_to_reassign_leaves_a_floor_of_one() -> None:
    assert floor(0, 5) == floor(5, 5) == floor(1, 2) == 1.0
    assert floor(0, 0, Design.BEFORE_AFTER) == 1.0


def test_arms_reassigned_inside_organisations_multiply_their_ways() -> None:
    assert floor_within([(2, 4), (1, 2)]) == pytest.approx(2 / 12)
    assert floor_within([(2, 4), (1, 3)]) == pytest.approx(1 / 18)
    assert floor_within([(2, 4), (0, 3)]) == pytest.approx(2 / 6)


def test_thousands_of_people_give_a_floor_near_zero_without_overflow() -> None:
    assert 0.0 <= floor(3300, 4834) < 1e-300
