"""Whether a measure means the same in every group: what was drawn is found, in size too, and what was not is seldom found."""

import numpy as np
import pandas as pd
import pytest

from evaluation.errors import DesignError
from evaluation.quality.compare import told
from evaluation.quality.invariance import invariance
from evaluation.quality.item_set import ItemSet
from evaluation.quality.limits import LIMITS, limit, sentence
from evaluation.quality.of_study import item_sets
from evaluation.quality.rules import RULE, Level, Outcome, Rule
from tests.quality.questionnaires import LOADINGS, answers, chosen, in_groups

OTHER_LOADINGS = (0.6, 0.9, 0.7, 0.1, 0.75, 0.65)


def two(seed: int, n: int = 600, **second: object) -> tuple[ItemSet, ...]:
    """The same factor twice; `second` says what is otherwise in the later group."""
    return in_groups(w0=answers(n, seed=seed), w1=answers(n, seed=seed + 1, **second))  # type: ignore[arg-type]


def test_groups_that_differ_only_in_what_is_measured_differ_in_nothing_else() -> None:
    found = invariance(two(1, mean=0.5))
    assert (found.level, found.holds, found.let_go) == (Level.SCALAR, True, ())
    assert [step.level for step in found.steps] == list(Level)
    assert found.score_shifts == pytest.approx([0, 0], abs=1e-12)
    assert "differences in the score can be read" in told(found)


def test_an_item_answered_higher_is_found_with_its_size_and_what_it_does_to_the_score() -> None:
    found = invariance(two(3, n=2000, shifts={4: 0.5}, mean=0.3))
    assert (found.level, found.let_go, found.partial, found.holds) == (Level.METRIC, ("q5",), True, False)
    assert found.shifts[1, 4] == pytest.approx(0.5, abs=0.06)
    assert found.score_shifts[1] == pytest.approx(0.5 / 6, abs=0.01)
    assert "people who are alike on the measure answer q5 0." in told(found)


def test_an_item_tied_otherwise_to_the_measure_is_found_at_the_level_of_loadings() -> None:
    found = invariance(two(5, n=1500, loadings=OTHER_LOADINGS))
    assert (found.level, found.let_go[0]) == (Level.CONFIGURAL, "q4")
    assert [step.level for step in found.steps][:3] == [Level.CONFIGURAL, Level.METRIC, Level.METRIC]
    assert found.partial
    assert found.steps[-1].fit.loadings[:, 3] == pytest.approx([0.8, 0.1], abs=0.08)


def test_items_are_let_go_one_after_the_other_until_too_few_are_left() -> None:
    found = invariance(two(7, n=1500, shifts={0: 1.2, 1: -1.1, 2: 0.9, 3: -0.6}))
    assert 2 <= len(found.let_go) <= 4
    if not found.partial:
        assert len(found.names) - len(found.let_go) == RULE.anchors
        assert np.isnan(found.shifts).all()
        assert "Report the items one by one" in told(found)


def test_no_item_is_let_go_below_the_anchors() -> None:
    """Three items moved apart: whichever is let go, the other two disagree."""
    moved = in_groups(
        w0=answers(800, seed=1, loadings=LOADINGS[:3]), w1=answers(800, seed=2, loadings=LOADINGS[:3], shifts={0: 1.0, 1: -1.0}))
    found = invariance(moved)
    assert len(found.let_go) == 1
    assert not found.partial
    assert np.isnan(found.score_shifts).all()


def test_the_rule_seldom_fails_groups_that_do_not_differ_and_nearly_always_finds_an_item_that_moved() -> None:
    """Six items on five options, two groups of 400; the moved item by half a standard deviation. Seeded: 40 draws each."""
    false, hit = [], []
    for seed in range(40):
        same = in_groups(w0=chosen(answers(400, seed=seed)), w1=chosen(answers(400, seed=seed + 500, mean=0.3)))
        other = in_groups(w0=chosen(answers(400, seed=seed)), w1=chosen(answers(400, seed=seed + 500, shifts={4: 0.45})))
        false.append(not invariance(same).holds)
        hit.append(invariance(other).let_go[:1] == ("q5",))
    assert np.mean(false) <= 0.05
    assert np.mean(hit) >= 0.95


def test_rmsea_alone_makes_a_level_doubtful_and_only_cfi_makes_it_fail() -> None:
    rule = Rule()
    assert rule.outcome(0.010, 0.015) is Outcome.HOLDS
    assert rule.outcome(0.011, -0.01) is Outcome.FAILS
    assert rule.outcome(0.001, 0.016) is Outcome.DOUBTFUL
    assert rule.outcome(0.001, None) is Outcome.HOLDS


def test_every_result_says_what_it_does_not_allow_for() -> None:
    small = in_groups(w0=answers(100, seed=1, loadings=LOADINGS[:3]), w1=answers(100, seed=2, loadings=LOADINGS[:3]))
    named = {text.partition(":")[0] for text in invariance(small).limits}
    assert named == {"nested_people", "not_normal", "just_identified", "few_people"}
    holed = in_groups(w0=answers(400, seed=1), w1=answers(400, seed=2).mask(np.random.default_rng(1).random((400, 6)) < 0.02))
    left = 400 - holed[1].complete.n
    assert f"people_left_out:{left} people" in invariance(holed).limits
    assert sentence(f"people_left_out:{left} people").startswith(f"{left} people answered some")
    with pytest.raises(KeyError):
        limit("unheard_of")
    assert all(text.endswith(".") for text in LIMITS.values())


def test_items_that_are_not_one_measure_are_told_so() -> None:
    rng = np.random.default_rng(1)
    frames = [
        pd.concat([answers(500, seed=seed).iloc[:, :3], answers(500, seed=seed + 9).iloc[:, 3:]], axis=1) + rng.normal(0, 0.1, (500, 6))
        for seed in (1, 3)
    ]
    assert any(text.startswith("poor_fit") for text in invariance(in_groups(w0=frames[0], w1=frames[1])).limits)


def test_four_options_are_told_as_a_limit() -> None:
    frame = pd.concat([answers(300, seed=k).round().clip(1, 4).assign(wave=f"w{k}") for k in (1, 2)])
    found = invariance(item_sets(frame, [f"q{k + 1}" for k in range(6)], by="wave", scale=(1, 4)))
    assert "few_options:q1, q2, q3, q4, q5, q6" in found.limits


def test_groups_that_cannot_be_compared_are_refused_by_name() -> None:
    few, flat = answers(300, seed=1), answers(300, seed=2)
    cases = {
        "few-people": in_groups(w0=few, w1=flat[:40]), "no-spread": in_groups(w0=few, w1=flat.assign(q2=3.0)),
        "few-items": in_groups(w0=few[["q1", "q2"]], w1=flat[["q1", "q2"]]), "groups": in_groups(w0=few),
        "not-positive-definite": in_groups(w0=few, w1=flat.assign(q2=flat["q1"] * 2)),
    }
    for code, sets in cases.items():
        with pytest.raises(DesignError) as refused:
            invariance(sets)
        assert refused.value.problems[0].code == code
        assert refused.value.problems[0].fix


def test_the_table_has_a_row_a_model() -> None:
    table = invariance(two(3, n=2000, shifts={4: 0.5})).tidy()
    assert table["level"].tolist() == ["configural", "metric", "scalar", "scalar"]
    assert table["let_go"].tolist() == ["", "", "", "q5"]
    assert table["outcome"].tolist() == ["holds", "holds", "fails", "holds"]
    assert {"chi2", "df", "p_value", "cfi", "tli", "rmsea", "rmsea_low", "rmsea_high", "srmr", "cfi_drop"} <= set(table)
