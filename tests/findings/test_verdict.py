"""The verdict grammar.

Source of every rule: the board's page standard, "Verdict grammar (one function, the same words everywhere)".
"""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.findings.verdict import Kind, Manner, Reading, kind_of, verdict
from evaluation.terms import Better, EstimateStatus, Tone

READING = Reading(estimate=0.5, low=0.2, high=0.8, low80=0.3, high80=0.7, minimum=0.3, confidence=0.95, floor=0.018)


def reading(low: float, high: float, low80: float | None = None, high80: float | None = None, **more: object) -> Reading:
    middle = (low + high) / 2
    ends = low if low80 is None else low80, high if high80 is None else high80
    return replace(READING, estimate=middle, low=low, high=high, low80=ends[0], high80=ends[1], **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("given_reading", "kind"), [
    (READING, Kind.IMPROVED),
    (reading(-0.8, -0.2), Kind.WORSE),
    (reading(-0.1, 0.2), Kind.NO_DIFFERENCE),
    (reading(0.05, 0.2), Kind.IMPROVED),
    (reading(-0.05, 0.75, 0.1, 0.6), Kind.PROBABLY_IMPROVED),
    (reading(-0.75, 0.05, -0.6, -0.1), Kind.PROBABLY_WORSE),
    (reading(-0.3, 0.5), Kind.CANNOT_TELL),
    (reading(-0.05, 0.75, -0.01, 0.7), Kind.CANNOT_TELL),
    (reading(0.2, 0.8, floor=0.1), Kind.PROBABLY_IMPROVED),
    (reading(-0.8, -0.2, floor=0.1), Kind.PROBABLY_WORSE),
    (reading(0.05, 0.2, floor=0.1), Kind.NO_DIFFERENCE),
    (reading(0.2, 0.8, status=EstimateStatus.WITHHELD), Kind.PROBABLY_IMPROVED),
    (reading(0.2, 0.8, adjusted_p=0.08), Kind.PROBABLY_IMPROVED),
    (reading(-0.8, -0.2, adjusted_p=0.08), Kind.PROBABLY_WORSE),
    (reading(0.2, 0.8, adjusted_p=0.05), Kind.IMPROVED),
    (replace(READING, status=EstimateStatus.NOT_YET), Kind.NOT_YET),
    (replace(READING, watched_only=True), Kind.SO_FAR),
    (replace(READING, low=None, high=None), Kind.CANNOT_TELL),
])
def test_the_first_rule_that_holds_decides(given_reading: Reading, kind: Kind) -> None:
    assert kind_of(given_reading) is kind


@pytest.mark.parametrize(("low", "high", "kind"), [
    (0.0, 0.6, Kind.CANNOT_TELL), (-0.6, 0.0, Kind.CANNOT_TELL), (-0.3, 0.2, Kind.CANNOT_TELL), (-0.2, 0.3, Kind.CANNOT_TELL),
])
def test_an_interval_that_only_touches_a_boundary_has_not_crossed_it(low: float, high: float, kind: Kind) -> None:
    assert kind_of(reading(low, high, -1, 1)) is kind


def test_an_estimate_exactly_at_the_minimum_is_at_least_the_minimum() -> None:
    assert kind_of(reading(-0.1, 0.7, 0.05, 0.55)) is Kind.PROBABLY_IMPROVED
    assert kind_of(replace(reading(-0.1, 0.7, 0.05, 0.55), estimate=0.2999)) is Kind.CANNOT_TELL


def test_a_floor_exactly_at_the_level_lets_a_verdict_be_firm() -> None:
    assert kind_of(replace(READING, floor=0.05)) is Kind.IMPROVED
    assert kind_of(replace(READING, floor=0.0501)) is Kind.PROBABLY_IMPROVED


@pytest.mark.parametrize(("low", "high", "kind"), [
    (-0.1, 0.4, Kind.SAFE), (-0.2, 0.4, Kind.NOT_SHOWN_SAFE), (-0.5, -0.2, Kind.NOT_SHOWN_SAFE), (-0.5, -0.21, Kind.BREACHED),
])
def test_what_must_not_get_worse_is_safe_breached_or_not_shown_safe(low: float, high: float, kind: Kind) -> None:
    assert kind_of(reading(low, high, margin=0.2)) is kind


def test_without_an_interval_nothing_is_shown_safe() -> None:
    assert kind_of(replace(READING, low=None, high=None, margin=0.2)) is Kind.NOT_SHOWN_SAFE


def test_by_more_than_the_change_that_matters_only_when_the_whole_interval_lies_beyond_it() -> None:
    said = [verdict(reading(low, 0.9), Manner.MORE_THAN_OTHERS, Better.HIGHER).words for low in (0.3, 0.31)]
    assert said == ["Improved more than comparison", "Improved more than comparison, by more than the change that matters"]


def test_without_a_comparison_the_words_are_of_change() -> None:
    def words(one: Reading, better: Better = Better.HIGHER) -> str:
        return verdict(one, Manner.CHANGE_ONLY, better).words

    assert words(READING) == "Rose in pilots"
    assert words(reading(-0.29, -0.1)) == "Fell in pilots"
    assert words(reading(-0.1, 0.1)) == "No change that matters in pilots"
    assert words(READING, Better.LOWER) == "Fell in pilots"


def test_where_less_is_better_a_fall_is_an_improvement() -> None:
    found = replace(READING, estimate=-0.5, low=-0.8, high=-0.2, low80=-0.7, high80=-0.3).turned(Better.LOWER)
    assert (found.estimate, found.low, found.high, found.low80, found.high80) == (0.5, 0.2, 0.8, 0.3, 0.7)
    assert kind_of(found) is Kind.IMPROVED


ends = st.floats(-2, 2).map(lambda x: round(x, 3))


@st.composite
def readings(draw: st.DrawFn) -> Reading:
    low, high = sorted((draw(ends), draw(ends)))
    shrink = (high - low) * draw(st.sampled_from([0.0, 0.15, 0.2]))
    return Reading(
        (low + high) / 2, low, high, low + shrink, high - shrink, draw(st.sampled_from([0.1, 0.3, 0.5])), 0.95,
        draw(st.sampled_from([None, 0.01, 0.05, 0.1])), draw(st.sampled_from([None, 0.2])),
    )


MIRROR = {Kind.IMPROVED: Kind.WORSE, Kind.PROBABLY_IMPROVED: Kind.PROBABLY_WORSE}
MIRROR |= {worse: better for better, worse in MIRROR.items()}


@given(readings())
def test_turning_the_numbers_round_turns_the_verdict_round(one: Reading) -> None:
    if one.margin is None:
        assert kind_of(one.turned(Better.LOWER)) is MIRROR.get(kind_of(one), kind_of(one))
        assert one.turned(Better.LOWER).turned(Better.LOWER) == one


@given(readings(), st.sampled_from(Manner), st.sampled_from(Better))
def test_word_tone_and_kind_never_disagree(one: Reading, manner: Manner, better: Better) -> None:
    found = verdict(one, manner, better)
    expected = {
        Kind.IMPROVED: Tone.BETTER, Kind.PROBABLY_IMPROVED: Tone.BETTER,
        Kind.WORSE: Tone.WORSE, Kind.PROBABLY_WORSE: Tone.WORSE, Kind.BREACHED: Tone.WORSE,
    }
    assert found.tone is expected.get(found.kind, Tone.UNCLEAR)
    assert found.words.startswith(found.short.split(" that matters")[0].split(" more")[0])
    if found.kind in (Kind.IMPROVED, Kind.WORSE):
        assert one.firm and "robably" not in found.words


@given(readings())
def test_a_firm_word_needs_an_interval_without_zero_and_a_design_that_can_tell(one: Reading) -> None:
    if kind_of(one) is Kind.IMPROVED:
        assert one.low is not None and one.low > 0 and (one.floor is None or one.floor <= 0.05 + 1e-9)
