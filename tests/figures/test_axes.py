"""Axes and labels: the cases are drawn by hand or by hypothesis; nothing here comes from data."""

from hypothesis import given
from hypothesis import strategies as st

from evaluation.figures.axes import decimals_of, lines_of, literal, round_below, shown_range, step, ticks


def test_a_name_is_never_markup() -> None:
    assert literal('<img src=x onerror="x()"> & <b>Co</b>') == '&lt;img src=x onerror="x()"&gt; &amp; &lt;b&gt;Co&lt;/b&gt;'


def test_a_long_name_takes_two_lines_and_says_that_it_goes_on() -> None:
    shown = lines_of("Northern Moor and Dales Mental Health and Community Care NHS Foundation Trust", 28)
    assert shown == "Northern Moor and Dales<br>Mental Health and …"
    assert lines_of("", 20) == ""


def test_steps_are_round() -> None:
    assert [step(span, 5) for span in (0.8, 1.0, 7, 23, 100)] == [0.2, 0.2, 2.0, 5.0, 20.0]


def test_a_round_number_below_is_the_nearest_one() -> None:
    assert [round_below(value) for value in (0.84, 0.5, 16.0, 1.0, 24.9)] == [0.8, 0.5, 15.0, 1.0, 20.0]


def test_ticks_do_not_leave_the_axis() -> None:
    assert ticks(6.0, 6.8, 5) == [6.0, 6.2, 6.4, 6.6, 6.8]
    assert decimals_of([6.0, 6.2]) == 1
    assert decimals_of([0.0, 0.25]) == 2
    assert decimals_of([0.0, 20.0]) == 0


@given(st.lists(st.floats(0, 10), min_size=1, max_size=6))
def test_the_shown_part_holds_every_value_and_stays_on_the_scale(values: list[float]) -> None:
    low, high = shown_range(values, 0, 10)
    assert 0 <= low <= min(values) and max(values) <= high <= 10
    assert high - low >= 0.6 - 1e-6 or low == 0 or high == 10


def test_nothing_known_shows_the_whole_scale() -> None:
    assert shown_range([], 0, 10) == (0, 10)
