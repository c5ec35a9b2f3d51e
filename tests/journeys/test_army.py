"""Real waves: 495 soldiers in 16 battalions asked three times.

Source of the figures: reference numbers listed with the data (REML with statsmodels).
"""

import pytest

from evaluation.cli.main import main
from evaluation.evidence.scan import rows, summarise
from evaluation.inference.rows.mixed import random_intercept
from evaluation.organisations.register import read_register
from evaluation.protocol.documents import read_documents
from evaluation.study import Study
from evaluation.waves.store import responses
from tests.conftest import REAL_DATA, REPOSITORY
from tests.journeys.reading import register_function

MEANS = {"first": (3.2350, 468), "second": (3.2459, 465), "third": (3.3384, 463)}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    data = REAL_DATA / "army_univbct_three_waves" / "univbct.csv.gz"
    if not data.is_file():
        pytest.skip("real data 'army_univbct_three_waves' is not on this machine (set PILOT_SHARED_DATA)")
    root = tmp_path_factory.mktemp("army") / "army"
    patch = pytest.MonkeyPatch()
    patch.setenv("PILOT_KEY_FILE", str(root.parent / "key"))
    try:
        assert main(["new", str(root), "--template", "army-waves"]) == 0
        register_function(REPOSITORY / "protocols" / "army-waves" / "README.md")(data).to_csv(root / "organisations.csv", index=False)
        for wave in MEANS:
            assert main(["wave", "load", str(root), str(data), "--wave", wave, "--population", "soldiers",
                         "--mapping", str(root / "mappings" / "long-file.yaml")]) == 0
    finally:
        patch.undo()
    return Study.open(root)


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
