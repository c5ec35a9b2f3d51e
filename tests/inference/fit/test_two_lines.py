"""Everything that a study estimates of assigned units can be reproduced in two lines on a plain table."""

from pathlib import Path

import pytest

from evaluation.inference.analyst import unit_change
from evaluation.inference.estimate import Estimate
from evaluation.inference.fit.clustered import Fit
from evaluation.inference.fit.fit import fit
from evaluation.inference.fit_estimand import answer
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
    for row in found.estimates:
        if row.estimator == "unit change":
            same = next(other for other in headline if other.variance == row.variance)
        else:
            same = of_term(absorbed if "| unit" in str(row.term) else plain, str(row.variance))
        assert numbers(same) == pytest.approx(numbers(row), rel=1e-8)
        assert same.resolution_floor == row.resolution_floor


def of_term(regression: object, variance: str) -> Estimate:
    assert isinstance(regression, Fit)
    return next(row for row in regression.estimates(variance) if row.term == "pilot:follow_up")
