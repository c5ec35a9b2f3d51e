"""Figures are dictionaries that plotly accepts whole, and that draw what they say; the rows are invented here."""

from dataclasses import replace
from datetime import date

import pytest

from evaluation.figures.change_lines import ChangeLines, Gap, Side, change_lines, note
from evaluation.figures.change_lines import describe as describe_lines
from evaluation.figures.change_lines import headline as headline_lines
from evaluation.figures.dumbbell import Pair, Pairs, dumbbell
from evaluation.figures.dumbbell import describe as describe_pairs
from evaluation.figures.dumbbell import headline as headline_pairs
from evaluation.figures.forest import ForestRow, describe, forest
from evaluation.figures.looks import DARK, LIGHT, LOOKS, Look, template
from evaluation.figures.plotting import as_figure
from evaluation.figures.readings import Reading
from evaluation.terms import Better, Role, Tone

WAVES = (("Start", date(2025, 3, 1)), ("6 months", date(2025, 9, 1)), ("12 months", date(2026, 3, 1)))


def row(label: str = "Values lived", better: Better = Better.HIGHER, unit: str = "points out of 10", main: bool = False) -> ForestRow:
    return ForestRow(label, "", 0.5, 0.2, 0.8, 0.3, better, unit, 1, "Improved more", Tone.BETTER, "32 organisations", main, "lived")


GAP = Gap(0.53, 0.2, 0.8)


def lines(gap: Gap | None = GAP, others: bool = True) -> ChangeLines:
    pilots = Side("Pilots", {"Start": Reading(6.1, 6.0, 6.2, 800), "6 months": Reading(6.4), "12 months": Reading(6.7, 6.6, 6.8, 790)})
    rest = Side("Others", {"Start": Reading(6.2), "6 months": Reading(6.3), "12 months": Reading(6.3)}) if others else None
    return ChangeLines(WAVES, pilots, rest, "Start", "12 months", gap, 0, 10, "points out of 10", 1, 1)


def pairs(*more: Pair) -> Pairs:
    hidden = Reading(None, why="[c] hidden to protect people (fewer than 11)")
    rows = (
        Pair("R1", "Ashdown", Role.PILOT, Reading(6.0, 5.8, 6.2, 400), Reading(6.6, 6.4, 6.8, 390)),
        Pair("R2", "Brackwater", Role.PILOT, Reading(6.4), Reading(6.3)),
        Pair("R3", "Calder", Role.COMPARISON, Reading(6.2), hidden),
    )
    return Pairs((*rows, *more), "Start", "12 months", 0, 10, 1)


@pytest.mark.parametrize("width", [250, 370, 560, 880])
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_every_figure_is_one_that_plotly_accepts(look: Look, width: int) -> None:
    drawn = [
        forest([row(main=True), row(unit="percentage points", better=Better.LOWER)], look, width),
        change_lines(lines(), look, width), change_lines(lines(None), look, width),
        change_lines(lines(others=False), look, width), dumbbell(pairs(), look, width),
    ]
    for figure in drawn:
        assert as_figure(figure).data


def luminance(colour: str) -> float:
    parts = [int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted([luminance(one), luminance(other)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_colours_reach_the_contrast_of_wcag_on_their_card(look: Look) -> None:
    """WCAG 2.2, criteria 1.4.3 (4.5 for text) and 1.4.11 (3 for graphics)."""
    assert min(contrast(colour, look.card) for colour in (look.text, look.soft, look.better, look.worse, look.unclear)) >= 4.5
    assert min(contrast(colour, look.card) for colour in (look.pilot, look.comparison, look.expected)) >= 3
    assert min(contrast(colour, look.band) for colour in (look.text, look.soft, look.pilot)) >= 4.5


def test_a_template_is_small_enough_to_travel_with_every_figure() -> None:
    """Plotly's own template is 6.6 kB; figures here go over the wire with theirs."""
    assert len(str(template(LIGHT))) < 1500


def test_right_of_the_forest_is_better_even_where_less_is_better() -> None:
    figure = forest([row(better=Better.LOWER)], LIGHT)
    assert figure["data"][0]["x"] == [-0.5]
    assert figure["data"][0]["error_x"]["arrayminus"] == [pytest.approx(0.3)]
    assert "+0.5" in [note["text"] for note in figure["layout"]["annotations"]]


def test_each_row_of_the_forest_has_its_own_band_and_each_unit_its_own_axis() -> None:
    figure = forest([row(), row(unit="percentage points")], LIGHT)
    bands = [shape for shape in figure["layout"]["shapes"] if shape["type"] == "rect"]
    assert [(band["x0"], band["x1"], band["xref"]) for band in bands] == [(-0.3, 0.3, "x"), (-0.3, 0.3, "x2")]


def test_a_measure_without_an_estimate_keeps_its_row_and_draws_no_point() -> None:
    waiting = ForestRow("Trust", "", None, None, None, 0.3, Better.HIGHER, "points", 1, "Not yet", Tone.UNCLEAR, "")
    figure = forest([waiting], LIGHT)
    assert figure["data"][0]["x"] == []
    assert {"[x]", "● Not yet"} <= {note["text"] for note in figure["layout"]["annotations"]}


def test_the_forest_is_also_a_sentence() -> None:
    assert describe([row(main=True)]) == (
        "Of 1 answer: 1 improved more. Values lived: +0.5 points out of 10, interval 0.2 to 0.8. The same numbers are in the table."
    )


def test_the_dashes_are_the_pilots_start_moved_as_the_others_are_shown_to_move() -> None:
    expected = lines().expected()
    assert [day.year for day, _ in expected] == [2025, 2025, 2026]
    assert [mean for _, mean in expected] == pytest.approx([6.1, 6.2, 6.2])
    flat = replace(lines(), others=Side("Others", {wave: Reading(6.2) for wave, _ in WAVES}))
    assert [mean for _, mean in flat.expected()] == pytest.approx([6.1, 6.1, 6.1])


def test_names_of_waves_never_touch() -> None:
    def shown(width: int) -> list[str]:
        return change_lines(lines(), LIGHT, width)["layout"]["xaxis"]["ticktext"]

    assert shown(560) == ["Start", "6 months", "12 months"]
    assert shown(370) == ["Start", "6<br>months", "12<br>months"]
    many = replace(lines(), waves=(*WAVES[:2], ("Autumn 2025", date(2025, 10, 1)), WAVES[2]))
    assert change_lines(many, LIGHT, 250)["layout"]["xaxis"]["ticktext"] == ["Start", "", "", "12<br>months"]


def test_pilots_alone_are_compared_with_their_own_start() -> None:
    alone = lines(Gap(0.6, None, None), others=False)
    assert [mean for _, mean in alone.expected()] == pytest.approx([6.1, 6.1, 6.1])
    assert headline_lines(alone) == "Pilots rose 0.6"


def test_pilots_alone_are_never_told_against_an_expectation() -> None:
    hidden = Side("Pilots", {"Start": Reading(6.1), "12 months": Reading(6.6)})
    alone = replace(lines(Gap(0.6, 0.3, 0.9), others=False), pilots=hidden, waves=(WAVES[0], WAVES[2]))
    assert headline_lines(alone) == "Pilots rose 0.5"


def test_where_the_means_as_shown_do_not_give_the_estimate_the_bracket_says_whose_number_it_is() -> None:
    other = lines(Gap(0.42, 0.2, 0.6))
    assert headline_lines(other) == "Pilots rose 0.6, others rose 0.1"
    for width in (250, 370, 560):
        drawn = [each["text"] for each in change_lines(other, LIGHT, width)["layout"]["annotations"]]
        assert any(text.startswith("<b>0.4</b>") and "plan's" in text for text in drawn)
    assert "the gap is 0.4 points out of 10 by the plan's method" in describe_lines(other)
    assert not any("plan's" in each["text"] for each in change_lines(lines(), LIGHT)["layout"]["annotations"])
    assert note(other) == "The gap is the estimate by the plan's method, 0.4; the means as shown would give 0.5."
    assert note(lines()) == ""


def test_a_comparison_at_one_wave_is_bracketed_from_the_others() -> None:
    level = replace(lines(Gap(0.4, 0.1, 0.7)), anchored=False)
    assert [mean for _, mean in level.expected()] == pytest.approx([6.3])
    assert headline_lines(replace(level, gap=Gap(0.25, 0.1, 0.4))) == "Pilots 0.4 higher than the others"


def test_headlines_have_at_most_twelve_words_and_agree_with_the_numbers_shown() -> None:
    assert headline_lines(lines()) == "Pilots rose 0.6, others rose 0.1"
    assert headline_pairs(pairs(), "organisations", Better.HIGHER) == "1 of 2 pilot organisations rose"
    assert headline_pairs(pairs(), "teams", Better.LOWER) == "1 of 2 pilot teams fell (lower is better)"
    up = Pair("R9", "Zeal", Role.PILOT, Reading(6.0), Reading(6.5))
    assert headline_pairs(pairs(up, up), "teams", Better.LOWER) == "3 of 4 pilot teams rose (lower is better)", "as most moved"
    assert headline_pairs(pairs(), "teams", Better.HIGHER, (7, 8)) == "7 of 8 pilot teams rose"


def test_the_axis_is_cropped_to_what_is_shown() -> None:
    assert lines().shown() == (6.0, 6.8)
    assert pairs().shown() == (5.8, 6.8)


def test_a_hidden_organisation_keeps_its_row_and_says_why() -> None:
    texts = [note["text"] for note in dumbbell(pairs(), DARK)["layout"]["annotations"]]
    assert "[c] hidden to protect people (fewer than 11)" in texts
    assert "Calder [c] hidden to protect people (fewer than 11)" in describe_pairs(pairs())


def test_a_long_name_wraps_on_a_narrow_screen_and_is_not_cut() -> None:
    long = Pair("R9", "Zeal Monachorum Mental Health NHS Trust", Role.PILOT, Reading(6.0), Reading(6.5))
    drawn = [each["text"] for each in dumbbell(pairs(long), LIGHT, 250)["layout"]["annotations"]]
    assert "Zeal Monachorum Mental<br>Health NHS Trust" in drawn


def test_lines_are_also_sentences() -> None:
    assert describe_lines(lines()).startswith("Pilots: Start 6.1 (6.0 to 6.2), 800 answers; 6 months 6.4; 12 months 6.7")
    assert "pilots would be at 6.2; the gap is 0.5 points out of 10" in describe_lines(lines())


def test_names_are_drawn_as_text_wherever_they_stand() -> None:
    sly = Pair("R9", '<a href="javascript:x()">Trust</a>', Role.PILOT, Reading(6.0), Reading(6.5))
    for figure in (dumbbell(pairs(sly), LIGHT), forest([row("<b>Values</b>")], LIGHT)):
        assert "<a" not in str(figure)
        assert "<b>Values" not in str(figure)
