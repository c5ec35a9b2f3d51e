"""The coefficient plot: every coefficient with its interval, valid for plotly, told in words too."""

import pytest

from evaluation.figures.coefficients import Coefficient, coefficients, describe
from evaluation.figures.looks import LOOKS, Look
from evaluation.figures.plotting import as_figure

ROWS = [
    Coefficient("pilot:follow_up", 0.5, 0.1, 0.9), Coefficient("<b>age</b>", -0.02, None, None),
    Coefficient("role=a very long level that needs more than one line", 1.0, -1.0, 3.0),
]  # fmt: skip


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_every_coefficient_stands_at_its_place_with_its_interval(look: Look) -> None:
    figure = as_figure(coefficients(ROWS, look))
    (trace,) = figure.data
    assert list(trace.x) == [0.5, -0.02, 1.0]
    assert list(trace.error_x.array) == pytest.approx([0.4, 0.0, 2.0])
    assert list(trace.error_x.arrayminus) == pytest.approx([0.4, 0.0, 2.0])
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1], "the first coefficient is at the top"


def test_a_term_is_only_text_and_every_number_is_told_in_words() -> None:
    figure = coefficients(ROWS, LOOKS[0])
    assert "&lt;b&gt;age&lt;/b&gt;" in figure["layout"]["yaxis"]["ticktext"][1]
    assert describe(ROWS).startswith("3 coefficients: pilot:follow_up 0.5, interval 0.1 to 0.9; <b>age</b> -0.02, without an interval")
    assert figure["layout"]["meta"]["description"] == describe(ROWS)


def test_no_coefficient_is_an_empty_figure() -> None:
    assert list(as_figure(coefficients([], LOOKS[0])).data[0].x) == []
