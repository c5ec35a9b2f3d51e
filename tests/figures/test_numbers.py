"""Number words: docs/verdicts.md, section 5, gives every form that is tested here."""

import math
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from evaluation.figures import numbers

finite = st.floats(-1e6, 1e6, allow_nan=False)


def test_a_score_has_one_decimal_and_a_change_its_sign() -> None:
    assert (numbers.plain(6.53), numbers.signed(0.42), numbers.signed(-0.2)) == ("6.5", "+0.4", "−0.2")


def test_a_minus_is_the_true_sign_and_never_a_hyphen() -> None:
    assert "-" not in numbers.signed(-1.25) + numbers.between(-1.2, -0.4) + numbers.percent(-3)


def test_ties_round_away_from_zero_on_the_number_as_written() -> None:
    assert [numbers.plain(x) for x in (0.25, 0.35, 2.675, -0.25)] == ["0.3", "0.4", "2.7", "−0.3"]
    assert numbers.plain(2.675, 2) == "2.68"


def test_what_rounds_to_nothing_carries_no_sign() -> None:
    assert [numbers.signed(x) for x in (0.04, -0.04, 0.0, -0.0)] == ["0.0"] * 4
    assert math.copysign(1, numbers.rounded(-0.01)) == 1


def test_an_interval_is_written_with_to() -> None:
    assert numbers.between(-0.1, 0.7) == "−0.1 to 0.7"


def test_counts_have_commas_percentages_no_decimals_dates_are_long() -> None:
    assert numbers.count(14120) == "14,120"
    assert numbers.percent(52.4) == "52%"
    assert numbers.day(date(2026, 3, 3)) == "3 March 2026"


def test_p_values_are_written_as_the_board_pages_ask() -> None:
    written = {0.04: "p = 0.04", 0.0004: "p < 0.001", 0.004: "p = 0.004", 0.0496: "p = 0.050", 0.3: "p = 0.30", 1.0: "p = 1.00"}
    assert {p: numbers.p_value(p) for p in written} == written


def test_amounts_agree_with_their_number() -> None:
    assert numbers.amount(0.5, "points out of 10") == "0.5 points out of 10"
    assert numbers.amount(1, "percentage points", 0) == "1 percentage point"
    assert numbers.amount(-1.0, "points", 1) == "−1.0 points"
    assert numbers.several(1, "pilot") == "1 pilot"
    assert numbers.several(2, "person", "people") == "2 people"


def test_lists_read_as_english() -> None:
    assert [numbers.listed(list(x)) for x in ("", "a", "ab", "abc")] == ["", "a", "a and b", "a, b and c"]


def test_decimals_show_the_change_that_matters() -> None:
    assert numbers.decimals_for(0.3, False) == 1
    assert numbers.decimals_for(0.05, False) == 2
    assert numbers.decimals_for(10, True) == 0
    assert numbers.decimals_for(2.5, True) == 1
    assert numbers.decimals_for(20, False) == 1


def test_a_release_holds_three_significant_digits() -> None:
    assert [numbers.significant(x) for x in (0.123456, 1234.5, -0.0009996, 0.0)] == [0.123, 1230.0, -0.001, 0.0]


@given(finite, st.integers(0, 3))
def test_rounding_is_symmetric_and_never_off_by_more_than_half_a_unit(value: float, decimals: int) -> None:
    shown = numbers.rounded(value, decimals)
    assert shown == -numbers.rounded(-value, decimals)
    assert abs(shown - value) <= 0.5 * 10**-decimals * (1 + 1e-9) + 1e-9


@given(finite, finite)
def test_rounding_keeps_order(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert numbers.rounded(low) <= numbers.rounded(high)
    assert numbers.significant(low) <= numbers.significant(high)
