"""The benchmark of many outcomes fits what it says: statsmodels on the rows is the reference."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from benchmarks.difference_in_differences import COVARIATES, regressors
from benchmarks.many_outcomes import MODELS, fits, in_own_process, names, regression, sums, without, write_answers
from evaluation.inference.variance import infer, least_squares


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bench") / "answers.parquet"
    write_answers(path, 6000, 3, seed=1)
    return path


@pytest.mark.parametrize("left_out", [None, "RX3"])
def test_effects_and_errors_are_those_of_complete_rows(file: Path, left_out: str | None) -> None:
    moments = sums(file, names(3))["q2"]
    lifted = regression(moments, COVARIATES)
    mine = infer(least_squares(lifted if left_out is None else without(lifted, lifted.units.index(left_out))), "CR1S")
    rows = regressors(pd.read_parquet(file)).dropna(subset="q2")
    rows = rows[rows["organisation"] != left_out]
    columns = np.column_stack([np.ones(len(rows)), rows[["pilot", "follow_up", "effect", *COVARIATES]].to_numpy(dtype=float)])
    theirs = sm.OLS(rows["q2"].to_numpy(dtype=float), columns).fit(cov_type="cluster", cov_kwds={"groups": rows["cluster"].to_numpy()})
    assert mine.estimate == pytest.approx(theirs.params[3], rel=1e-9)
    assert mine.std_error == pytest.approx(theirs.bse[3], rel=1e-9)


def test_every_outcome_model_and_sample_is_fitted(file: Path) -> None:
    found = fits(sums(file, names(3)))
    assert len(found) == 3 * len(MODELS) * 13
    assert np.isfinite(found).all()


def test_memory_and_time_are_those_of_a_process_of_its_own(file: Path) -> None:
    run = in_own_process(file, 3)
    assert run.count == 117
    assert run.scan > 0
    assert 50 < run.peak < 2000
