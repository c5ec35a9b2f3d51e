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
from tests.journeys.recipes import ARMY, army, missing

MEANS = {"first": (3.2350, 468), "second": (3.2459, 465), "third": (3.3384, 463)}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    if missing(ARMY):
        pytest.skip(missing(ARMY))
    return army(tmp_path_factory.mktemp("army"))


@pytest.mark.parametrize("wave", MEANS)
def test_wave_means_from_moments_equal_the_reference(study: Study, wave: str) -> None:
    documents = read_documents(study.root)
    evidence = summarise({"soldiers": responses(study, "soldiers")}, documents, read_register(documents))
    moments = evidence.moments["job_satisfaction"]
    of_wave = moments.select((moments.cells["wave"] == wave).to_numpy())
    mean, people = MEANS[wave]
    total = of_wave.products.sum(axis=0)
    assert total[0, 0] == people
    assert round(total[0, -1] / total[0, 0] + of_wave.centre, 4) == mean


def test_share_between_people_and_slope_over_time_equal_the_reference(study: Study) -> None:
    documents = read_documents(study.root)
    people = rows({"soldiers": responses(study, "soldiers")}, documents, read_register(documents), "job_satisfaction", tuple(MEANS))
    people["time"] = people["wave"].map({wave: number for number, wave in enumerate(MEANS)}).astype(float)
    null = random_intercept(people, "score", "respondent")
    assert round(null.coefficients["1"], 4) == 3.2703
    assert round(null.between, 4) == 0.4338
    assert round(null.residual, 4) == 0.4319
    assert round(null.intraclass_correlation, 3) == 0.501
    sloped = random_intercept(people, "score", "respondent", ["time"])
    assert round(sloped.coefficients["time"], 4) == 0.0518
    assert round(sloped.std_errors["time"], 4) == 0.0217
    assert sloped.rows == 1396
