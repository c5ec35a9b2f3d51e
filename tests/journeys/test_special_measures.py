"""Real organisations: acute trusts put into special measures in 2013, from published means.

Source of the figures: computed by least squares on the same balanced pairs of waves, as listed with the data (not published).
"""

import math
import re

import pandas as pd
import pytest

from evaluation.release.publish import read_release
from evaluation.run import run
from evaluation.study import Study
from evaluation.waves import store
from tests import results
from tests.conftest import REAL_DATA
from tests.journeys.recipes import PROTOCOLS, SPECIAL_MEASURES, missing, special_measures

REFERENCE = {
    "engagement_change": (0.0294, 0.0191, 11, 121),
    "recommend_work_change": (0.0197, 0.0333, 11, 121),
    "recommend_care_change": (-0.0011, 0.0393, 11, 121),
    "work_stress_change": (-0.0224, 0.0084, 11, 121),
    "mortality_change": (-0.0483, 0.0233, 11, 122),
}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    if missing(SPECIAL_MEASURES):
        pytest.skip(missing(SPECIAL_MEASURES))
    return special_measures(tmp_path_factory.mktemp("special"))


@pytest.fixture(scope="module")
def table(study: Study) -> pd.DataFrame:
    return run(study).tidy()


@pytest.mark.parametrize("year", [2012, 2013, 2014, 2015])
def test_the_readme_cuts_the_public_file_into_years_without_the_reviewed_trusts(study: Study, year: int) -> None:
    cut = pd.read_csv(study.root.parent / f"{year}.csv", dtype=str).sort_values("Code", ignore_index=True)
    by_hand = pd.read_csv(REAL_DATA / SPECIAL_MEASURES / f"nhs_staff_survey_acute_{year}.csv.gz", dtype=str)
    kept = by_hand[~by_hand["Code"].isin(["RXL", "RDE", "RNA"])].sort_values("Code", ignore_index=True)
    pd.testing.assert_frame_equal(cut, kept)


def test_the_readme_names_the_fourteen_reviewed_trusts_and_the_eleven_in_the_programme(study: Study) -> None:
    """Source: the list of 16 July 2013 that stands with the data."""
    listed = re.findall(r"^\| (R\w\w) \| (.+) \| (yes|no) \|$", (PROTOCOLS / "special-measures" / "README.md").read_text("utf-8"), re.MULTILINE)
    review = pd.read_csv(REAL_DATA / SPECIAL_MEASURES / "keogh_review_trusts.csv")
    wanted = zip(review["Code"], review["Name"], review["special_measures_july_2013"].map({1: "yes", 0: "no"}), strict=True)
    assert listed == list(wanted)
    register = pd.read_csv(study.root / "organisations.csv").set_index("organisation")["arm"]
    assert set(register.index[register == "programme"]) == {code for code, _, chosen in listed if chosen == "yes"}
    assert not set(register.index) & {code for code, _, chosen in listed if chosen == "no"}


def test_all_four_waves_are_loaded(study: Study) -> None:
    assert set(store.loads(study)["wave"]) == {"y2012", "y2013", "y2014", "y2015"}


def rows(table: pd.DataFrame, estimand: str, variance: str) -> pd.Series:
    found = table[(table["estimand"] == estimand) & (table["estimator"] == "least squares") & (table["variance"] == variance)]
    found = found[~found["term"].str.contains("| unit", regex=False)]
    assert len(found) == 1
    return found.iloc[0]


@pytest.mark.parametrize("estimand", REFERENCE)
def test_differences_and_their_clustered_errors_equal_the_reference(table: pd.DataFrame, estimand: str) -> None:
    effect, error, pilots, comparisons = REFERENCE[estimand]
    row = rows(table, estimand, "CR1S")
    assert round(row["estimate"], 4) == effect
    assert round(row["std_error"], 4) == error
    assert (row["n_pilot"], row["n_comparison"]) == (pilots, comparisons)


@pytest.mark.parametrize("estimand", REFERENCE)
def test_the_bias_reduced_error_stands_beside_with_its_degrees_of_freedom(table: pd.DataFrame, estimand: str) -> None:
    row = rows(table, estimand, "CR2")
    assert math.isfinite(row["std_error"])
    assert 5 < row["df"] < 30


def test_findings_warn_of_regression_to_the_mean(study: Study, table: pd.DataFrame) -> None:
    assert not table.empty
    release = read_release(study.releases / "preview" / "release.json")
    for finding in release.findings:
        assert "regression_to_the_mean" in {flag.id for flag in finding.flags}, finding.estimand


def test_published_cells_count_people_answering_not_rows(study: Study, table: pd.DataFrame) -> None:
    assert not table.empty
    release = read_release(study.releases / "preview" / "release.json")
    counts = [cell.n for cell in release.cells if cell.level == "unit" and cell.measure == "engagement" and cell.n is not None]
    assert min(counts) > 11


def test_the_page_of_results_shows_this_run(table: pd.DataFrame) -> None:
    assert results.section("Organisations: special measures") == results.special_measures(table)
