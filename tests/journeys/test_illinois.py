"""Real people: the Illinois Workplace Wellness Study, loaded as an evaluator would, against its published first-year table.

Source of the figures: Jones, Molitor and Reif (2019), Appendix Table A.4d, 'No controls', as listed with the data.
"""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from evaluation.run import run
from evaluation.study import Study
from tests import results
from tests.conftest import REAL_DATA
from tests.journeys.recipes import ILLINOIS, illinois, missing

PUBLISHED = {
    "sick_days_effect": (0.576, 0.005, 0.018, 3565),
    "long_hours_effect": (0.150, -0.004, 0.013, 3566),
    "very_satisfied_effect": (0.387, -0.025, 0.017, 3564),
    "satisfaction_effect": (0.835, -0.004, 0.013, 3564),
    "safety_effect": (0.790, 0.057, 0.015, 3566),
    "happier_effect": (0.542, 0.009, 0.018, 3562),
    "presenteeism_effect": (23.900, -0.023, 0.261, 3567),
    "productive_effect": (0.449, -0.018, 0.018, 3567),
    "promoted_effect": (0.472, 0.008, 0.018, 3562),
    "leaving_soon_effect": (0.139, 0.031, 0.012, 3561),
    "may_leave_effect": (0.337, 0.019, 0.017, 3561),
}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The study folder with the three real waves, made by what its README says."""
    if missing(ILLINOIS):
        pytest.skip(missing(ILLINOIS))
    return illinois(tmp_path_factory.mktemp("illinois"))


@pytest.fixture(scope="module")
def table(study: Study) -> pd.DataFrame:
    return run(study).tidy()


@pytest.fixture(scope="module")
def headlines(table: pd.DataFrame) -> pd.DataFrame:
    return table[(table["estimator"] == "robust least squares") & (table["variance"] == "HC1")].set_index("estimand")


@pytest.mark.parametrize("estimand", PUBLISHED)
def test_first_year_effects_equal_the_published_table_to_the_printed_digits(headlines: pd.DataFrame, estimand: str) -> None:
    _, effect, error, people = PUBLISHED[estimand]
    row = headlines.loc[estimand]
    per_point = 1 if estimand == "presenteeism_effect" else 100  # we report percentage points, the table shares
    assert round(row["estimate"] / per_point, 3) == effect
    assert round(row["std_error"] / per_point, 3) == error
    assert row["n_respondents"] == people


@pytest.mark.parametrize("year", [2016, 2017, 2018])
def test_the_readme_cuts_the_public_file_into_the_waves_as_they_were_cut_by_hand(study: Study, year: int) -> None:
    """By hand: the wave files listed with the data, cut from the same wide file before this program existed."""
    ours = pd.read_csv(study.root.parent / f"wave_{year}.csv", dtype=str)
    pd.testing.assert_frame_equal(ours, pd.read_csv(REAL_DATA / ILLINOIS / f"wave_{year}.csv.gz", dtype=str))


def test_the_page_of_results_shows_this_run(table: pd.DataFrame) -> None:
    assert results.section("People drawn by lot: the Illinois table") == results.illinois(table)


def test_a_stata_file_of_the_same_survey_loads(tmp_path: Path, shared_data: Callable[[str], Path], study: Study) -> None:
    from evaluation.waves.readers import read_file

    source = shared_data("illinois_workplace_wellness_survey") / "online_surveys.dta"
    assert read_file(source).frame.shape == (4834, 93)
