"""Real waves: 495 soldiers in 16 battalions asked three times.

Source of the figures: reference numbers listed with the data (REML with statsmodels, on rows; ours is from sums).
"""

import pytest

from evaluation.evidence.scan import rows, summarise
from evaluation.inference.random_effects import random_effects
from evaluation.organisations.register import read_register
from evaluation.protocol.documents import read_documents
from evaluation.study import Study
from evaluation.waves.store import responses
from tests import results
from tests.journeys.reading import blocks
from tests.journeys.recipes import ARMY, PROTOCOLS, army, missing

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
    null, sloped = (random_effects(f"score ~ {term}", people, ["respondent"]) for term in ("1", "time"))
    slope = sloped.tidy(df="satterthwaite").set_index("term").loc["time"]
    assert slope["n_respondents"] == 1396
    return {
        "intercept": float(null.tidy()["estimate"][0]), "variance between people": null.variances["respondent"],
        "residual variance": null.variances["residual"], "intraclass correlation": null.shares["respondent"],
        "slope over time": float(slope["estimate"]), "standard error of the slope": float(slope["std_error"]),
    }


def test_wave_means_from_moments_equal_the_reference(study: Study) -> None:
    assert {wave: (round(mean, 4), people) for wave, (mean, people) in means_of(study).items()} == MEANS


def test_share_between_people_and_slope_over_time_equal_the_reference(study: Study) -> None:
    found = fits_of(study)
    assert {name: round(value, 3 if name == "intraclass correlation" else 4) for name, value in found.items()} == FITS


def test_the_page_of_results_shows_this_run(study: Study) -> None:
    assert results.section("Three waves: the army study") == results.army(means_of(study), fits_of(study))


def test_the_readmes_model_of_people_over_time_runs_and_gives_the_slope(
    study: Study, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(study.root.parent)
    *_, (kind, block) = blocks(PROTOCOLS / "army-waves" / "README.md")
    assert kind == "python"
    exec(compile(block, "README.md", "exec"), {})
    slope = next(line for line in capsys.readouterr().out.splitlines() if line.strip().startswith("TIME"))
    assert [round(float(number), 4) for number in slope.split()[1:3]] == [0.0518, 0.0217]
