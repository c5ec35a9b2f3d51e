"""Every rule of refusal can apply, says why in one sentence, and says what to do."""

from dataclasses import replace
from itertools import combinations

import pytest

from evaluation.inference.flags import FLAGS, counted, flag, sentence
from evaluation.inference.refusals import RULES, Facts, Keeps, refusals, standing
from evaluation.terms import Design, EstimateStatus

DID, BEFORE_AFTER = Design.DIFFERENCE_IN_DIFFERENCES, Design.BEFORE_AFTER

CASES = {
    "wave_missing": Facts(DID, 0, 0, 2, missing=("'12 months'",)),
    "not_weighted": Facts(DID, 3, 5, 2, unweighted="Answers cannot be weighted."),
    "not_asked": Facts(DID, 0, 0, 2, unasked=("'Start'",)),
    "no_comparison_arm": Facts(DID, 3, 0, 2, one_sided=True),
    "estimator_unfit": Facts(DID, 3, 5, 2, estimator_unfit="It does not fit."),
    "nobody_linked": Facts(Design.ANCOVA, 0, 0, 3, needs_links=True),
    "empty_arm": Facts(DID, 0, 5, 2),
    "one_unit": Facts(BEFORE_AFTER, 1, 0, 1),
    "dose_unknown": Facts(DID, 3, 5, 2, dose_unknown=("P1",)),
    "no_benchmark": Facts(Design.BENCHMARK, 6, 0, 1, no_benchmark=("NHS Trust",)),
    "too_many_columns": Facts(Design.ANCOVA, 1, 2, 3),
    "contrast_lost": Facts(DID, 3, 5, 2, contrast_lost=True),
    "no_spread": Facts(DID, 3, 5, 2, no_spread=True),
    "one_on_a_side": Facts(DID, 1, 11, 2),
    "four_units": Facts(DID, 2, 2, 2),
    "leverage_one": Facts(DID, 3, 5, 2, leverage_one=True),
    "few_before_after": Facts(BEFORE_AFTER, 5, 0, 1),
}


def test_every_rule_has_a_case_here() -> None:
    assert set(CASES) == {rule.name for rule in RULES}


@pytest.mark.parametrize("name", CASES)
def test_the_rule_applies_and_leaves_no_gap_in_its_sentence(name: str) -> None:
    found = refusals(CASES[name])
    assert name in [refusal.rule for refusal in found]
    for refusal in found:
        assert "{" not in refusal.sentence + refusal.remedy
        assert refusal.sentence.endswith(".")
        assert refusal.remedy.endswith(".")


def test_two_against_three_and_six_before_and_after_are_allowed() -> None:
    assert refusals(Facts(DID, 2, 3, 2)) == ()
    assert refusals(Facts(BEFORE_AFTER, 6, 0, 1)) == ()


@pytest.mark.parametrize(("confidence", "enough", "level"), [(0.9, 5, "10"), (0.95, 6, "5"), (0.99, 8, "1")])
def test_before_and_after_has_a_p_as_soon_as_a_sign_test_could_reach_it(confidence: float, enough: int, level: str) -> None:
    """The floor of m signs is 2 / 2^m: 1/16 with 5, 1/32 with 6, 1/64 with 7, 1/128 with 8."""
    assert refusals(Facts(BEFORE_AFTER, enough, 0, 1, confidence=confidence)) == ()
    (refused,) = refusals(Facts(BEFORE_AFTER, enough - 1, 0, 1, confidence=confidence))
    assert f"could not reach {level} in 100" in refused.sentence
    assert f"{enough} or more organisations" in refused.remedy


def test_figures_that_do_not_vary_may_still_differ_between_the_sides() -> None:
    two_sides, one_side = (refusals(replace(facts, no_spread=True))[-1] for facts in (Facts(DID, 3, 5, 2), Facts(BEFORE_AFTER, 6, 0, 1)))
    assert two_sides.sentence.startswith("On each side every organisation gave exactly the same figure,")
    assert one_side.sentence.startswith("Every organisation gave exactly the same figure,")


def test_one_against_one_keeps_its_estimate() -> None:
    assert standing(refusals(Facts(DID, 1, 1, 2))) == (EstimateStatus.WITHHELD, Keeps.ESTIMATE)


@pytest.mark.parametrize(("pilots", "comparisons", "odds"), [
    (1, 1, "every time"), (1, 2, "one time in three"), (2, 2, "one time in three"), (1, 3, "one time in four"), (3, 1, "one time in four"),
])  # fmt: skip
def test_four_units_or_fewer_are_told_how_often_chance_alone_gives_their_clearest_result(pilots: int, comparisons: int, odds: str) -> None:
    """All ways to name the pilots, listed one by one; a difference and its mirror image are equally extreme."""
    changes = [float(2**unit) for unit in range(pilots + comparisons)]
    if pilots == comparisons == 2:
        changes = [0.0, 1.0, 10.0, 11.0]
    means = []
    for chosen in combinations(range(len(changes)), pilots):
        rest = [changes[unit] for unit in range(len(changes)) if unit not in chosen]
        means.append(abs(sum(changes[unit] for unit in chosen) / pilots - sum(rest) / comparisons))
    extreme = sum(mean >= max(means) - 1e-9 for mean in means) / len(means)
    sentence = next(one for one in refusals(Facts(DID, pilots, comparisons, 2)) if one.rule == "four_units").sentence
    assert sentence.endswith(f"would happen by chance {odds}.")
    assert {"every time": 1, "one time in three": 1 / 3, "one time in four": 1 / 4}[odds] == pytest.approx(extreme)


def test_four_teams_in_two_organisations_are_reassigned_within_each() -> None:
    """One of two in each: 2 x 2 ways, each with its mirror image."""
    (refused,) = refusals(Facts(DID, 2, 2, 2, floor=2 / 4))
    assert "by chance one time in two." in refused.sentence


def test_the_strictest_reason_decides_the_standing() -> None:
    assert standing(refusals(Facts(DID, 1, 3, 2, no_spread=True)))[0] is EstimateStatus.NOT_ESTIMABLE
    assert standing(()) == (EstimateStatus.ESTIMATED, None)


def test_flags_are_written_with_their_detail_and_read_back_as_sentences() -> None:
    text = flag("unbalanced_waves", counted([f"T{k}" for k in range(10)], most=3))
    assert text == "unbalanced_waves:10: T0, T1, T2 and 7 more"
    assert sentence(text) == "Left out because they did not answer in every wave compared: 10: T0, T1, T2 and 7 more."
    assert all(sentence(name).endswith(".") for name in FLAGS)


def test_a_flag_outside_the_list_is_a_mistake_of_the_program() -> None:
    with pytest.raises(KeyError):
        flag("unheard_of")
