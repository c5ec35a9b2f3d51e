"""Published trust scores around special measures: the figures of the data's README, with the errors it does not give."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from evaluation.inference.fit_estimand import answer
from evaluation.inference.flags import name_of
from tests.inference.studies_in_memory import Study, study

FOLDER = "nhs_staff_survey_special_measures_2012_2015"
README = {  # difference in differences 2012 to 2014, error, programme trusts, comparison trusts
    "Engagement.Index": (0.0294, 0.0191, 11, 121),
    "RecommendWork.Index": (0.0197, 0.0333, 11, 121),
    "RecommendCare.Index": (-0.0011, 0.0393, 11, 121),
    "WorkStress.Index": (-0.0224, 0.0084, 11, 121),
    "SHMI.Index": (-0.0483, 0.0233, 11, 122),
}
PLAN = {"linkage: pseudonym, groups: [staff_group]": "level: organisation", "selection: purposive": "selection: poor baseline"}


def trusts(data: Path, column: str, folder: Path) -> Study:
    """The study of one score: reviewed trusts that were not put into special measures are left out, as the README says."""
    review = pd.read_csv(data / "keogh_review_trusts.csv")
    special = set(review.loc[review["special_measures_july_2013"] == 1, "Code"])
    waves = {"baseline": "2012", "month_12": "2014"}
    years = [pd.read_csv(data / f"nhs_staff_survey_acute_{year}.csv.gz").assign(wave=wave) for wave, year in waves.items()]
    frame = pd.concat(years)[["Code", "wave", column]].set_axis(["unit", "wave", "score"], axis=1).dropna()
    frame = frame[~frame["unit"].isin(set(review["Code"]) - special)]
    frame["organisation"] = frame["unit"]
    frame["arm"] = frame["unit"].isin(special).map({True: "develop", False: "comparison"})
    frame["role"] = frame["arm"].map({"develop": "pilot", "comparison": "comparison"})
    register = [(unit, unit, arm) for unit, arm in sorted(set(zip(frame["unit"], frame["arm"], strict=True)))]
    return study(folder, frame, replace=PLAN, base=300, register=register)


@pytest.mark.parametrize("column", README)
def test_the_readme_figures_are_least_squares_with_the_correction_called_cr1s_here(
    shared_data: Callable[[str], Path], tmp_path: Path, column: str
) -> None:
    estimate, error, pilots, comparisons = README[column]
    (found,) = answer("lived_values_change", *trusts(shared_data(FOLDER), column, tmp_path).asked)
    rows = {row.variance: row for row in found.beside if row.term == "pilot:follow_up"}
    assert round(found.headline.estimate, 4) == estimate
    assert (found.headline.n_pilot, found.headline.n_comparison) == (pilots, comparisons)
    assert round(rows["CR1S"].std_error, 4) == error
    assert rows["CR1"].std_error < rows["CR1S"].std_error < rows["CR2"].std_error * 1.05
    assert rows["CR2"].df < rows["CR1S"].df


def test_the_finding_warns_of_regression_to_the_mean_and_counts_trusts_left_out(
    shared_data: Callable[[str], Path], tmp_path: Path
) -> None:
    (found,) = answer("lived_values_change", *trusts(shared_data(FOLDER), "Engagement.Index", tmp_path).asked)
    assert "regression_to_the_mean" in map(name_of, found.flags)
    assert any(text.startswith("unbalanced_waves:") for text in found.flags)
    assert found.headline.variance == "pooled t"
    assert found.headline.df == 130
