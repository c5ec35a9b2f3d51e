"""Figures of designs over time: valid for plotly in every look, only text in their labels, told in words."""

import pytest

from evaluation.figures.control_chart import Limits, Point, control_chart
from evaluation.figures.event_study import Moment, event_study
from evaluation.figures.looks import LOOKS, Look
from evaluation.figures.paths import Path, paths
from evaluation.figures.plotting import as_figure

MOMENTS = [Moment("<b>one</b>", 0, 0.1, -0.2, 0.4), Moment("two", 1, 0.0, None, None), Moment("three", 2, None, None, None)]
POINTS = [Point("<i>Jan</i>", 5.0), Point("Feb", 9.0, ("outside the limits",))]
LIMITS = Limits(5.5, 3.0, 8.0, 1)
PATHS = [Path("pilots", (0.0, 1.0), (5.0, 6.0)), Path("<b>others</b>", (0.0, 1.0), (5.0, 5.5), expected=True)]


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_plotly_takes_every_key_of_them(look: Look) -> None:
    study, chart = as_figure(event_study(MOMENTS, 1.5, look)), as_figure(control_chart(POINTS, LIMITS, look))
    lines = as_figure(paths(PATHS, [(0.0, "a"), (1.0, "b")], 0.5, look))
    assert list(study.data[0].error_y.arrayminus) == pytest.approx([0.3, 0.0])
    assert list(chart.data[0].marker.symbol) == ["circle", "diamond"]
    assert [trace.mode for trace in lines.data] == ["lines+markers", "lines"]


def test_a_wave_without_an_estimate_keeps_its_place_on_the_axis() -> None:
    figure = event_study(MOMENTS, 1.5, LOOKS[0])
    assert figure["data"][0]["x"] == [0, 1]
    assert len(figure["layout"]["xaxis"]["ticktext"]) == 3


def test_the_band_of_a_chart_ends_with_its_baseline() -> None:
    shape = control_chart(POINTS, LIMITS, LOOKS[0])["layout"]["shapes"][0]
    assert (shape["x0"], shape["x1"], shape["y0"], shape["y1"]) == (-0.5, 0.5, 3.0, 8.0)


def test_names_are_only_text_and_every_figure_is_told_in_words() -> None:
    study, chart = event_study(MOMENTS, 1.5, LOOKS[0]), control_chart(POINTS, LIMITS, LOOKS[0])
    lines = paths(PATHS, [(0.0, "<i>a</i>")], 0.5, LOOKS[0])
    assert study["layout"]["xaxis"]["ticktext"][0] == "&lt;b&gt;one&lt;/b&gt;"
    assert chart["layout"]["xaxis"]["ticktext"][0] == "&lt;i&gt;Jan&lt;/i&gt;"
    assert (lines["data"][1]["name"], lines["layout"]["xaxis"]["ticktext"]) == ("&lt;b&gt;others&lt;/b&gt;", ["&lt;i&gt;a&lt;/i&gt;"])
    words = [figure["layout"]["meta"]["description"] for figure in (study, chart, lines)]
    assert "after the start: three not known" in words[0]
    assert "before the start: <b>one</b> 0.1, interval -0.2 to 0.4" in words[0]
    assert "Marked: Feb (outside the limits)" in words[1]
    assert "pilots from 5 to 6" in words[2]
