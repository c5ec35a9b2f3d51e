"""Real organisations: acute trusts put into special measures in 2013, from published means.

Source of the figures: computed by least squares on the same balanced pairs of waves, as listed with the data (not published).
"""

import math

import pandas as pd
import pytest

from evaluation.cli.main import main
from evaluation.release.publish import read_release
from evaluation.run import run
from evaluation.study import Study
from tests.conftest import REAL_DATA, REPOSITORY
from tests.journeys.reading import register_function

REFERENCE = {
    "engagement_change": (0.0294, 0.0191, 11, 121),
    "recommend_work_change": (0.0197, 0.0333, 11, 121),
    "recommend_care_change": (-0.0011, 0.0393, 11, 121),
    "work_stress_change": (-0.0224, 0.0084, 11, 121),
    "mortality_change": (-0.0483, 0.0233, 11, 122),
}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    data = REAL_DATA / "nhs_staff_survey_special_measures_2012_2015"
    if not data.is_dir():
        pytest.skip("real data 'nhs_staff_survey_special_measures_2012_2015' is not on this machine (set PILOT_SHARED_DATA)")
    folder = tmp_path_factory.mktemp("special")
    root = folder / "measures"
    assert main(["new", str(root), "--template", "special-measures"]) == 0
    register = register_function(REPOSITORY / "protocols" / "special-measures" / "README.md")
    years = {year: data / f"nhs_staff_survey_acute_{year}.csv.gz" for year in range(2012, 2016)}
    trusts = register(years.values(), data / "keogh_review_trusts.csv")
    trusts.to_csv(root / "organisations.csv", index=False)
    for year, path in years.items():
        rows = pd.read_csv(path, dtype=str, keep_default_na=False)
        wave = folder / f"{year}.csv"
        rows[rows["Code"].isin(trusts["organisation"])].to_csv(wave, index=False)
        assert main(["wave", "load", str(root), str(wave), "--wave", f"y{year}", "--population", "staff",
                     "--mapping", str(root / "mappings" / "published-means.yaml")]) == 0
    return Study.open(root)


@pytest.fixture(scope="module")
def table(study: Study) -> pd.DataFrame:
    return run(study).tidy()


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
