"""Everything that a study estimates of assigned units can be reproduced in two lines on a plain table."""

from pathlib import Path

import pytest

from evaluation.evidence.scan import moments_of
from evaluation.inference.analyst import unit_change
from evaluation.inference.effect_size import effect_size
from evaluation.inference.equivalence import equivalence
from evaluation.inference.estimate import Estimate
from evaluation.inference.fit.clustered import Fit
from evaluation.inference.fit.fit import fit
from evaluation.inference.fit_estimand import answer
from evaluation.inference.random_effects import random_effects
from evaluation.inference.variance import Inference
from tests.inference.studies_in_memory import arms, study, survey

WAVES = {"unit": "unit", "wave": "wave", "baseline": "baseline", "follow_up": "month_12", "arm": "role"}


def numbers(row: Estimate) -> list[float | None]:
    return [row.estimate, row.std_error, row.df, row.p_value, row.conf_low, row.conf_high]


def test_every_row_of_a_study_comes_from_unit_change_or_from_a_formula(tmp_path: Path) -> None:
    frame = survey(arms(3, 5), [8, 15, 30, 6, 12, 25, 40, 9])
    frame["respondent"] = frame["respondent"] + frame["wave"]  # nobody is recognised in a plain table
    (found,) = answer("lived_values_change", *study(tmp_path, frame).asked)
    table = frame.assign(pilot=frame["role"] == "pilot", follow_up=frame["wave"] == "month_12")
    headline = unit_change(table, "score", **WAVES)
    plain = fit("score ~ pilot * follow_up", table, cluster="unit")
    absorbed = fit("score ~ pilot * follow_up", table, cluster="unit", absorb=("unit",))
    of_its_own = [row for row in found.estimates if row.estimator not in ("unit change", "least squares") or "wild" in row.variance]
    assert [row.estimator for row in of_its_own] == ["least squares", "placebo reassignment", "random effects", "Bayesian"]
    for row in set(found.estimates) - set(of_its_own):
        if row.estimator == "unit change":
            same = next(other for other in headline if other.variance == row.variance)
        else:
            same = of_term(absorbed if "| unit" in str(row.term) else plain, str(row.variance))
        assert numbers(same) == pytest.approx(numbers(row), rel=1e-8)
        assert same.resolution_floor == row.resolution_floor


def test_every_row_of_another_kind_and_every_row_without_a_unit_takes_one_more_line(tmp_path: Path) -> None:
    frame = survey(arms(3, 5), [8, 15, 30, 6, 12, 25, 40, 9])
    frame["respondent"] = frame["respondent"] + frame["wave"]
    asked = study(tmp_path, frame)
    (found,) = answer("lived_values_change", *asked.asked)
    rows, seed = {str(row.estimator): row for row in found.beside}, asked.documents.protocol.seed
    wild = next(row for row in found.beside if "wild" in str(row.variance))
    table = frame.assign(pilot=frame["role"] == "pilot", follow_up=frame["wave"] == "month_12")
    headline = unit_change(table, "score", **WAVES)

    bootstrap = fit("score ~ pilot * follow_up", table, cluster="unit").wild_bootstrap("pilot:follow_up", seed=seed)
    assert (bootstrap.p_value, bootstrap.conf_low) == (wild.p_value, pytest.approx(wild.conf_low, rel=1e-6))

    placebo, same = headline.placebo(seed=seed), rows["placebo reassignment"]
    assert (placebo.p_value, placebo.estimate) == (same.p_value, pytest.approx(same.estimate, rel=1e-8))
    assert same.conf_low is None and placebo.conf_low < placebo.estimate

    mixed = random_effects("score ~ pilot * follow_up", table.drop(columns="unit"), ["organisation", "organisation:wave"]).tidy(df="kenward-roger")
    kenward = mixed.set_index("term").loc["pilot:follow_up"]
    same = rows["random effects"]
    assert (kenward["estimate"], kenward["std_error"], kenward["df"]) == pytest.approx((same.estimate, same.std_error, same.df), rel=1e-5)

    reading, same = headline.bayesian([0.3], important=0.3).iloc[0], rows["Bayesian"]
    assert (reading["estimate"], reading["conf_low"]) == pytest.approx((same.estimate, same.conf_low), rel=1e-8)

    without = headline.without_each_unit()
    kept = [row.estimate for row in found.further if " without " in str(row.term)]
    assert without["estimate"].tolist() == pytest.approx(kept, rel=1e-8)

    pooled = [(row.term, row.estimate, row.conf_low) for row in found.further if row.estimator == "partial pooling"]
    units = headline.units()
    assert [name for name, _, _ in pooled] == units["unit"].tolist()
    assert [(value, low) for _, value, low in pooled] == [pytest.approx(pair, rel=1e-8) for pair in units[["pooled", "conf_low"]].to_numpy().tolist()]


def test_what_tells_the_headline_another_way_takes_one_more_line_and_other_outcomes_have_calls_of_their_own(tmp_path: Path) -> None:
    """`ordered_change` and `event_rates` are held to a study's rows in tallied/test_of_study.py and tests/journeys/test_records.py."""
    frame = survey(arms(3, 5), [8, 15, 30, 6, 12, 25, 40, 9])
    frame["respondent"] = frame["respondent"] + frame["wave"]
    (found,) = answer("lived_values_change", *study(tmp_path, frame).asked)
    rows = {str(row.estimator): row for row in found.further}
    head = next(iter(unit_change(frame, "score", **WAVES)))

    size, same = effect_size(head.estimate, (head.conf_low, head.conf_high), moments_of(frame, "score", unit="unit", wave="wave")), rows["standardised effect"]
    assert (size.size, size.conf_low, size.conf_high) == pytest.approx((same.estimate, same.conf_low, same.conf_high), rel=1e-8)

    within = equivalence(Inference(head.estimate, head.std_error, head.df), margin=0.3, alpha=0.025)
    assert within.p_value == pytest.approx(rows["equivalence"].p_value, rel=1e-7)


def of_term(regression: object, variance: str) -> Estimate:
    assert isinstance(regression, Fit)
    return next(row for row in regression.estimates(variance) if row.term == "pilot:follow_up")
