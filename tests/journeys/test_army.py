"""Real waves: 495 soldiers in 16 battalions asked three times.

Source of the figures: reference numbers listed with the data (REML with statsmodels).
"""

import pytest

from evaluation.evidence.scan import rows, summarise
from evaluation.inference.rows.mixed import random_intercept
from evaluation.organisations.register import read_register
from evaluation.protocol.documents import read_documents
from evaluation.study import Study
from evaluation.waves.store import responses
from tests import results
from tests.journeys.recipes import ARMY, army, missing

MEANS = {"first": (3.2350, 468), "second": (3.2459, 465), "third": (3.3384, 463)}

FITS = {
    "intercept": 3.2703, "variance between people": 0.4338, "residual variance": 0.4319, "intraclass correlation": 0.501,
    "slope over time": 0.0518, "standard error of the slope": 0.0217,
}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    if missing(ARMY):
        pytest.skip(missing(ARMY))
    return army(tmp_path_factory.mktemp("army"))


def means_of(study: Study) -> dict[str, tuple[float, int]]:
    """Mean and people of every wave, from sums."""
    documents = read_documents(study.root)
    evidence = summarise({"soldiers": responses(study, "soldiers")}, documents, read_register(documents))
    moments = evidence.moments["job_satisfaction"]
    totals = {wave: moments.select((moments.cells["wave"] == wave).to_numpy()).products.sum(axis=0) for wave in MEANS}
    return {wave: (total[0, -1] / total[0, 0] + moments.centre, int(total[0, 0])) for wave, total in totals.items()}


def fits_of(study: Study) -> dict[str, float]:
    """The mixed model of people over waves, on rows."""
    documents = read_documents(study.root)
    people = rows({"soldiers": responses(study, "soldiers")}, documents, read_register(documents), "job_satisfaction", tuple(MEANS))
    people["time"] = people["wave"].map({wave: number for number, wave in enumerate(MEANS)}).astype(float)
    null, sloped = random_intercept(people, "score", "respondent"), random_intercept(people, "score", "respondent", ["time"])
    assert sloped.rows == 1396
    return {
        "intercept": null.coefficients["1"], "variance between people": null.between, "residual variance": null.residual,
        "intraclass correlation": null.intraclass_correlation, "slope over time": sloped.coefficients["time"],
        "standard error of the slope": sloped.std_errors["time"],
    }


def test_wave_means_from_moments_equal_the_reference(study: Study) -> None:
    assert {wave: (round(mean, 4), people) for wave, (mean, people) in means_of(study).items()} == MEANS


def test_share_between_people_and_slope_over_time_equal_the_reference(study: Study) -> None:
    found = fits_of(study)
    assert {name: round(value, 3 if name == "intraclass correlation" else 4) for name, value in found.items()} == FITS


def test_the_page_of_results_shows_this_run(study: Study) -> None:
    assert results.section("Three waves: the army study") == results.army(means_of(study), fits_of(study))
