"""The headline told in standard deviations and against the margin: the analyst's functions give the rows of a study."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evaluation.inference.effect_size import effect_size
from evaluation.inference.equivalence import equivalence
from evaluation.inference.estimate import Answer, Estimate
from evaluation.inference.fit_estimand import answer
from evaluation.inference.flags import sentence
from evaluation.inference.question import ask
from evaluation.inference.restated import restated
from evaluation.inference.variance import Inference
from evaluation.terms import Better
from tests.inference.studies_in_memory import Study, arms, moments_of_rows, study, survey
from tests.inference.test_fit_people import asked_of, people

GUARDRAIL = {
    "lived_values_change: {status: primary, measure: lived_values, design: difference in differences, estimator: unit change}":
    "lived_values_change: {status: guardrail, margin: 0.4 points, measure: lived_values, design: difference in differences}\n"
    "  other: {status: primary, measure: lived_values, design: difference in differences}",
    "  - {when: lived_values_change is above zero and every guardrail is safe, then: extend the pilot}\n": "",
}
LOWER = {"minimum_important_difference: 0.3 points, says": "better: lower, minimum_important_difference: 0.3 points, says"}


def one(made: Study) -> Answer:
    (found,) = answer("lived_values_change", *made.asked)
    return found


def named(found: Answer) -> dict[str, Estimate]:
    return {str(row.estimator): row for row in found.further if row.estimator in ("standardised effect", "equivalence", "non-inferiority")}


def test_the_standardised_effect_is_the_difference_in_deviations_of_people_with_the_headlines_interval(tmp_path: Path) -> None:
    frame = survey(arms(3, 5))
    found = one(study(tmp_path, frame))
    head, row = found.headline, named(found)["standardised effect"]
    same = effect_size(head.estimate, (head.conf_low, head.conf_high), moments_of_rows(frame, "score", centre=5.0))
    assert (row.estimate, row.conf_low, row.conf_high) == pytest.approx((same.size, same.conf_low, same.conf_high), rel=1e-10)
    assert row.estimate / head.estimate == pytest.approx(1 / np.sqrt(frame.groupby(["unit", "wave"])["score"].var().mean()), rel=2e-3)
    assert row.p_value is None and row.minimum_important_difference is None


def test_published_means_have_no_standardised_effect_and_say_so(tmp_path: Path) -> None:
    frame = survey(arms(3, 5)).groupby(["unit", "organisation", "arm", "role", "wave"])["score"].mean().reset_index()
    swap = {"linkage: pseudonym, groups: [staff_group]": "level: organisation"}
    row = named(one(study(tmp_path, frame, replace=swap, base=30)))["standardised effect"]
    assert (row.status, row.estimate) == ("not estimable", None)
    assert sentence(row.flags[0]) == "This could not be worked out: how much people differ is not known."


@pytest.mark.parametrize("swap", [{}, LOWER])
def test_a_guardrail_is_set_against_its_margin_from_the_side_that_is_bad(tmp_path: Path, swap: dict[str, str]) -> None:
    found = one(study(tmp_path, survey(arms(3, 5), effect=0.1), replace=GUARDRAIL | swap))
    head, rows = found.headline, named(found)
    same = equivalence(Inference(head.estimate, head.std_error, head.df), 0.4, 0.025)
    assert rows["equivalence"].p_value == same.p_value
    assert rows["non-inferiority"].p_value == (same.p_below_upper if swap else same.p_above_lower)
    assert rows["non-inferiority"].term == "pilot:follow_up no worse than 0.4 points"
    assert {rows[name].resolution_floor for name in rows} == {head.resolution_floor}
    assert (rows["equivalence"].conf_low, rows["equivalence"].conf_high) == (same.conf_low, same.conf_high) == pytest.approx(
        (head.conf_low, head.conf_high))


def test_the_one_sided_p_and_the_verdict_safe_are_one_claim(tmp_path: Path) -> None:
    """L > -margin, docs/verdicts.md, is p below half of 1 - confidence, whatever the estimate and the direction."""
    made = study(tmp_path, survey(arms(3, 5)), replace=GUARDRAIL)
    question = ask("lived_values_change", made.documents)
    higher = question.measure.better is Better.HIGHER
    for estimate in np.linspace(-0.8, 0.8, 33):
        low, high = Inference(float(estimate), 0.15, 6.0).interval(0.95)
        head = replace(one(made).headline, estimate=float(estimate), std_error=0.15, df=6.0, p_value=0.5, conf_low=low, conf_high=high)
        (p_value,) = [row.p_value for row in restated(question, made.evidence.moments["lived_values"], head) if row.estimator == "non-inferiority"]
        assert higher and (p_value < 0.025) == (low > -0.4)


def test_another_question_is_set_against_the_change_that_matters_and_has_no_bad_side(tmp_path: Path) -> None:
    rows = named(one(study(tmp_path, survey(arms(3, 5)))))
    assert set(rows) == {"standardised effect", "equivalence"}
    assert rows["equivalence"].term == "pilot:follow_up within 0.3 points"


@pytest.mark.parametrize(("pilots", "comparisons"), [(2, 2), (1, 5)])
def test_what_the_headline_may_not_say_is_not_said_another_way(tmp_path: Path, pilots: int, comparisons: int) -> None:
    units = arms(pilots, comparisons)
    found = one(study(tmp_path, survey(units), replace=GUARDRAIL, register=[(u, u, a) for u, a in units.items()]))
    assert len(named(found)) == 3
    for row in named(found).values():
        assert (row.status, row.p_value, row.conf_low, row.std_error) == ("p-value withheld", None, None, None)
        assert row.estimate is not None


def test_a_p_below_the_floor_is_marked(tmp_path: Path) -> None:
    row = named(one(study(tmp_path, survey(arms(2, 3), 300, effect=0.0, between=0.01, waves=0.01), replace=GUARDRAIL,
                          register=[(u, u, a) for u, a in arms(2, 3).items()])))["non-inferiority"]
    assert row.p_value < row.resolution_floor == 0.1
    assert row.flags == ("below_floor:0.1",)


def test_people_who_were_assigned_have_the_same_rows(tmp_path: Path) -> None:
    made = asked_of(tmp_path, people())
    (found,) = answer("lived_values_change", *made.asked, made.rows)
    head, rows = found.headline, named(found)
    assert set(rows) == {"standardised effect", "equivalence"}
    assert rows["equivalence"].p_value == equivalence(Inference(head.estimate, head.std_error, head.df), 0.3, 0.025).p_value
    deviation = np.sqrt(made.frame.groupby(["wave", "arm"])["score"].var().mean())
    assert rows["standardised effect"].estimate == pytest.approx(head.estimate / deviation, rel=5e-3)
