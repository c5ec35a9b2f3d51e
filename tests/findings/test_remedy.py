"""What would tell. Source of the arithmetic: docs/methods.md, formula 6 (detectable difference with Student's t, power 0.80)."""

from math import comb, sqrt

import numpy as np
import pytest
from scipy import stats

from evaluation.findings.remedy import More, Precision, fewest_more, more_units, more_waves, times_the_people

PRECISION = Precision(pilots=4, comparisons=4, std_error=0.2, confidence=0.95)


def test_the_detectable_difference_is_both_reaches_of_t_times_the_error() -> None:
    expected = (stats.t.ppf(0.975, 6) + stats.t.ppf(0.8, 6)) * 0.2
    assert PRECISION.detectable(4, 4, PRECISION.spread) == pytest.approx(expected)


def test_that_many_more_units_are_enough_and_one_fewer_is_not() -> None:
    more = more_units(PRECISION, 0.3)
    assert more is not None and more > 0
    assert PRECISION.detectable(4 + more, 4 + more, PRECISION.spread) <= 0.3 < PRECISION.detectable(3 + more, 3 + more, PRECISION.spread)


def test_simulated_studies_of_that_size_show_the_difference_four_times_in_five() -> None:
    more = more_units(PRECISION, 0.3) or 0
    rng, side = np.random.default_rng(3), 4 + more
    draws = rng.normal(0, PRECISION.spread, (4000, 2 * side))
    draws[:, :side] += 0.3
    shown = stats.ttest_ind(draws[:, :side], draws[:, side:], axis=1).pvalue < 0.05
    assert 0.78 < shown.mean() < 0.87


def test_more_people_help_only_as_far_as_asking_people_was_the_problem() -> None:
    assert times_the_people(PRECISION, sampling=0.0, target=0.3) is None
    times = times_the_people(PRECISION, sampling=PRECISION.spread**2, target=0.3)
    assert times is not None
    assert PRECISION.detectable(4, 4, PRECISION.spread / sqrt(times)) <= 0.3


def test_waves_at_best_halve_the_variance() -> None:
    assert more_waves(PRECISION, PRECISION.detectable(4, 4, PRECISION.spread) * 0.87) == 1
    assert more_waves(PRECISION, PRECISION.detectable(4, 4, PRECISION.spread) * 0.7) is None
    assert more_units(PRECISION, 0.001) is None


@pytest.mark.parametrize(("pilots", "comparisons", "expected"), [
    (3, 3, [More(1, 0), More(0, 1)]), (4, 2, [More(1, 0), More(0, 1)]), (2, 3, [More(2, 0), More(0, 2)]), (2, 2, [More(3, 0), More(0, 3)]),
])  # fmt: skip
def test_the_fewest_more_units_on_either_side_lift_the_floor_and_one_fewer_does_not(
    pilots: int, comparisons: int, expected: list[More]
) -> None:
    """Ways to name the pilots, halved where both sides are alike: 3 of 6 in 10, 4 of 7 in 35, 2 of 6 in 15, 2 of 7 in 21."""
    def tells(more: More) -> bool:
        m, c = pilots + more.pilots, comparisons + more.comparisons
        return (2 if m == c else 1) / comb(m + c, m) <= 0.05

    assert list(fewest_more(tells, alone=False)) == expected
    assert fewest_more(tells, alone=True) == (expected[0],)
    for more in expected:
        assert tells(more) and not tells(More(max(0, more.pilots - 1), max(0, more.comparisons - 1)))


def test_where_neither_side_alone_can_be_enough_both_are_added_with_the_fewest_pilots() -> None:
    assert fewest_more(lambda more: min(more.pilots, more.comparisons) >= 1 and more.pilots + more.comparisons >= 3, alone=False) == (More(1, 2),)
    assert fewest_more(lambda more: False, alone=False, most=20) == ()
