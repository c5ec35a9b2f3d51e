"""The random-intercept check fit: the reference figures of the army data's README."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evaluation.errors import DesignError
from evaluation.inference.rows.mixed import random_intercept


@pytest.fixture
def soldiers(shared_data: Callable[[str], Path]) -> pd.DataFrame:
    return pd.read_csv(shared_data("army_univbct_three_waves") / "univbct.csv.gz")


def test_half_of_the_variance_of_soldiers_job_satisfaction_lies_between_soldiers(soldiers: pd.DataFrame) -> None:
    fit = random_intercept(soldiers, "JSAT", "SUBNUM")
    assert (round(fit.coefficients["1"], 4), round(fit.between, 4), round(fit.residual, 4)) == (3.2703, 0.4338, 0.4319)  # README
    assert round(fit.intraclass_correlation, 3) == 0.501


def test_the_slope_on_time_and_its_error_are_those_of_the_readme(soldiers: pd.DataFrame) -> None:
    fit = random_intercept(soldiers, "JSAT", "SUBNUM", ["TIME"])
    assert (round(fit.coefficients["TIME"], 4), round(fit.std_errors["TIME"], 4), fit.rows) == (0.0518, 0.0217, 1396)


def test_known_variances_of_balanced_groups_equal_the_analysis_of_variance() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"g": np.repeat(np.arange(40), 10)})
    frame["y"] = np.repeat(rng.normal(0, 0.7, 40), 10) + rng.normal(0, 1, 400)
    means = frame.groupby("g")["y"].mean()
    within = ((frame["y"] - frame["g"].map(means)) ** 2).sum() / 360
    fit = random_intercept(frame, "y", "g")
    assert fit.residual == pytest.approx(within, rel=1e-4)
    assert fit.between == pytest.approx(means.var() - within / 10, rel=1e-3)


def test_groups_of_one_are_refused_because_the_variances_cannot_be_told_apart() -> None:
    with pytest.raises(DesignError, match="too few for a random intercept"):
        random_intercept(pd.DataFrame({"g": [1, 2, 3], "y": [1.0, 2.0, 3.0]}), "y", "g")


def test_groups_that_do_not_differ_have_a_variance_of_zero_between_them() -> None:
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({"g": np.repeat(np.arange(30), 5), "y": rng.normal(0, 1, 150)})
    frame["y"] -= frame.groupby("g")["y"].transform("mean")
    fit = random_intercept(frame, "y", "g")
    assert fit.intraclass_correlation == pytest.approx(0.0, abs=1e-6)
