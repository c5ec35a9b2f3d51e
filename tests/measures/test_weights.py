"""Weights to known totals. R's survey is the reference in tests/agreement; here are the rules that hold for any weights.

Sums by hand are said where they stand; the raking by hand is Deming and Stephan's procedure written out on a table.
"""

import numpy as np
import pytest

from evaluation.errors import DesignError
from evaluation.measures.weighted_mean import weighted_mean
from evaluation.measures.weights import Margin, post_stratify, rake, response_weights, trim_weights
from evaluation.terms import WeightKind

STAFF = Margin("staff_group", ("nursing",) * 3 + ("medical",), {"nursing": 60, "medical": 40})


def random_margins(seed: int, people: int = 400) -> list[Margin]:
    rng = np.random.default_rng(seed)
    levels = {"a": rng.choice(list("xyz"), people, p=[0.6, 0.3, 0.1]), "b": rng.choice(list("pq"), people, p=[0.7, 0.3])}
    totals = {"a": {"x": 500.0, "y": 300.0, "z": 200.0}, "b": {"p": 350.0, "q": 650.0}}
    return [Margin(name, tuple(map(str, levels[name])), totals[name]) for name in totals]


def refused(*margins: Margin, **given: list[float]) -> list[str]:
    with pytest.raises(DesignError) as found:
        rake(margins, **given)
    return [problem.what for problem in found.value.problems]


def test_each_answer_counts_for_as_many_as_could_have_answered_in_its_stratum() -> None:
    """60 nurses, 3 answers: 20 each; 40 doctors, 1 answer: 40. Effective: 100^2 / (3 x 400 + 1600) = 3.571."""
    found = post_stratify(STAFF)
    assert found.weights.tolist() == [20, 20, 20, 40]
    assert (found.total, found.rounds) == (100, 1)
    assert found.effective == pytest.approx(10000 / 2800)
    assert found.design_effect == pytest.approx(4 * 2800 / 10000)


def test_a_line_may_stand_for_many_people() -> None:
    rows = rake(random_margins(1))
    lines = {(a, b): 0 for a in "xyz" for b in "pq"}
    for pair in zip(*(margin.levels for margin in random_margins(1)), strict=True):
        lines[pair] += 1
    margins = [Margin(margin.name, tuple(pair[k] for pair in lines), margin.totals) for k, margin in enumerate(random_margins(1))]
    found = rake(margins, people=list(lines.values()))
    by_pair = dict(zip(lines, found.weights, strict=True))
    pairs = zip(*(margin.levels for margin in random_margins(1)), strict=True)
    assert rows.weights == pytest.approx([by_pair[pair] for pair in pairs], rel=1e-12)
    assert (rows.effective, rows.design_effect) == pytest.approx((found.effective, found.design_effect))


def test_raking_is_the_procedure_of_deming_and_stephan_on_the_table_of_counts() -> None:
    margins = random_margins(2)
    table = np.zeros((3, 2))
    for a, b in zip(margins[0].levels, margins[1].levels, strict=True):
        table["xyz".index(a), "pq".index(b)] += 1
    fitted = table.copy()
    for _ in range(200):
        fitted *= (np.array([500, 300, 200]) / fitted.sum(axis=1))[:, None]
        fitted *= np.array([350, 650]) / fitted.sum(axis=0)
    ratio = fitted / table
    expected = [ratio["xyz".index(a), "pq".index(b)] for a, b in zip(margins[0].levels, margins[1].levels, strict=True)]
    found = rake(margins)
    assert found.weights == pytest.approx(expected, rel=1e-9)
    assert found.off <= 1e-10 and found.rounds > 1


def test_raked_weights_keep_the_odds_ratios_of_design_weights() -> None:
    """Raking moves margins and nothing else: within a row and column, odds ratios stay those of the start."""
    margins, rng = random_margins(3), np.random.default_rng(3)
    start = rng.uniform(1, 5, 400)
    ratio = np.log(rake(margins, design_weights=start).weights / start)
    cells = {
        pair: ratio[next(k for k in range(400) if (margins[0].levels[k], margins[1].levels[k]) == pair)]
        for pair in [(a, b) for a in "xyz" for b in "pq"]
    }
    for a in "yz":
        assert cells[a, "p"] - cells["x", "p"] == pytest.approx(cells[a, "q"] - cells["x", "q"], abs=1e-9)


def test_trimmed_weights_lie_between_the_bounds_keep_their_sum_and_say_how_far_they_left_the_totals() -> None:
    margins = random_margins(4)
    found = rake(margins)
    low, high = np.quantile(found.weights, [0.1, 0.9])
    trimmed = trim_weights(found, float(low), float(high), margins)
    assert low * (1 - 1e-9) <= trimmed.weights.min() and trimmed.weights.max() <= high * (1 + 1e-9)
    assert trimmed.total == pytest.approx(found.total)
    assert trimmed.trimmed == np.count_nonzero((found.weights < low) | (found.weights > high)) > 0
    sums = {level: trimmed.weights[np.array(margins[1].levels) == level].sum() for level in "pq"}
    assert trimmed.off >= max(abs(sums["p"] / 350 - 1), abs(sums["q"] / 650 - 1)) > 1e-3
    assert trimmed.design_effect < found.design_effect


def test_bounds_that_no_weight_passes_change_nothing() -> None:
    found = rake(random_margins(5))
    assert trim_weights(found, 0.0, 1e9).weights.tolist() == found.weights.tolist()


def test_bounds_on_one_side_of_the_mean_are_refused() -> None:
    with pytest.raises(DesignError, match="mean of 25 and cannot all lie from 26 to 30"):
        trim_weights(post_stratify(STAFF), 26, 30)


def test_response_weights_have_a_mean_of_one() -> None:
    found = response_weights(WeightKind.RAKING, random_margins(6), (0.5, 2.0))
    assert found.weights.mean() == pytest.approx(1)
    assert found.weights.min() >= 0.5 - 1e-9 and found.weights.max() <= 2 + 1e-9
    assert response_weights(WeightKind.POST_STRATIFICATION, [STAFF]).weights.tolist() == [0.8, 0.8, 0.8, 1.6]


def test_post_stratification_is_raking_to_one_margin_and_takes_no_second() -> None:
    with pytest.raises(ValueError, match="one margin"):
        response_weights(WeightKind.POST_STRATIFICATION, random_margins(7))


def test_a_level_in_which_nobody_answered_and_one_without_headcount_are_named_together() -> None:
    staff = Margin("staff_group", ("nursing", "porter"), {"nursing": 60, "medical": 40})
    assert refused(staff) == [
        "nobody of staff_group 'medical' answered, and 40 could have.",
        "people of staff_group 'porter' answered, and the headcounts do not know the level.",
    ]


def test_people_of_a_level_that_only_lines_of_nobody_have_count_as_absent() -> None:
    assert refused(STAFF, people=[1, 1, 1, 0]) == ["nobody of staff_group 'medical' answered, and 40 could have."]


@pytest.mark.parametrize("total", [0.0, -3.0, float("inf"), float("nan")])
def test_a_headcount_of_nobody_or_of_no_number_is_refused(total: float) -> None:
    (said,) = refused(Margin("staff_group", STAFF.levels, {"nursing": 60, "medical": total}))
    assert said == f"the headcount of staff_group 'medical' is {total:g}."


@pytest.mark.parametrize("weight", [0.0, -1.0, float("inf"), float("nan")])
def test_design_weights_of_no_size_are_refused(weight: float) -> None:
    assert refused(STAFF, design_weights=[1, 1, 1, weight]) == ["design weights are zero, negative or infinite."]


def test_margins_of_different_numbers_of_people_are_refused_with_both() -> None:
    age = Margin("age_band", ("a", "b", "a", "b"), {"a": 50, "b": 51})
    assert refused(STAFF, age) == ["headcounts add up to 100 people by staff_group and to 101 by age_band."]


def test_margins_that_nobody_connects_do_not_converge_and_the_level_is_named() -> None:
    """All nurses are young and all doctors old: 60 and 40 cannot be 50 and 50."""
    age = Margin("age_band", ("young",) * 3 + ("old",), {"young": 50, "old": 50})
    (said,) = refused(STAFF, age)
    assert said == "raking does not converge: after 1,000 rounds staff_group 'medical' has 50 of 40 people."


def test_weights_undo_non_response_that_the_margins_explain_and_their_error_covers() -> None:
    """Simulated: nurses score 7 and answer half as often as others, who score 5; half of the people are nurses: 6 in truth."""
    estimates, errors = [], []
    for seed in range(400):
        rng = np.random.default_rng(seed)
        nurse = rng.random(600) < 0.5
        answered = rng.random(600) < np.where(nurse, 0.3, 0.6)
        score = np.where(nurse, 7, 5) + rng.normal(0, 1, 600)
        margin = Margin("staff", tuple(np.where(nurse, "nurse", "other")[answered]), {"nurse": 300.0, "other": 300.0})
        found = weighted_mean(score[answered], post_stratify(margin), [margin])
        estimates.append(found.mean)
        errors.append(found.std_error)
        assert found.simple_error > found.std_error
    assert np.mean(estimates) == pytest.approx(6, abs=4 * np.std(estimates) / 20)
    assert np.mean(errors) == pytest.approx(np.std(estimates), rel=0.1)


def test_a_weighted_mean_takes_one_person_a_line() -> None:
    with pytest.raises(ValueError, match="one person a line"):
        weighted_mean([1.0, 2.0], post_stratify(Margin("g", ("a", "b"), {"a": 1, "b": 1}), people=[1, 2]))


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
def test_trimmed_weights_keep_their_sum_and_lie_between_the_bounds_though_nobody_lay_there(share: float) -> None:
    """80 and 20 eligible, very many or few of the first answered: every weight is beyond a bound."""
    people = [100 * share, 100 * (1 - share)]
    margin = Margin("g", ("a", "b"), {"a": 80.0, "b": 20.0})
    found = response_weights(WeightKind.RAKING, [margin], (0.9, 1.1), people=people)
    assert found.total / found.people.sum() == pytest.approx(1, rel=1e-12)
    assert found.weights.min() >= 0.9 * (1 - 1e-9)
    assert found.weights.max() <= 1.1 * (1 + 1e-9)


def test_a_level_that_the_headcounts_do_not_know_is_refused_though_nobody_of_it_answered() -> None:
    margin = Margin("g", ("a", "b", "c"), {"a": 80.0, "b": 20.0})
    (said,) = refused(margin, people=[3, 4, 0])
    assert "'c' answered, and the headcounts do not know the level" in said


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_weighted_mean_of_what_is_not_known_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="needs every value"):
        weighted_mean([1.0, value], post_stratify(Margin("g", ("a", "b"), {"a": 1, "b": 1})))
