"""The trend of a measure over the waves of a study: against plain pandas on the files that were loaded, and what it refuses."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import evaluation as ev
from evaluation.errors import DesignError, UsageError
from evaluation.figures.trend import TrendPoint, describe, trend_picture
from tests.journeys.line import pilot
from tests.studies import tiny_frame, tiny_study

WAVES = ("baseline", "month_6", "month_12")
ADJUSTED = {"lived_values, design: difference in differences": "lived_values, covariates: [staff_group], design: difference in differences"}


@pytest.fixture(scope="module")
def frames() -> dict[str, pd.DataFrame]:
    """Three waves of eight organisations, of which one misses the second wave and one has few people."""
    found = {wave: tiny_frame(wave, people=20) for wave in WAVES}
    found["month_6"] = found["month_6"][found["month_6"]["organisation"] != "C5"]
    found["baseline"] = found["baseline"][(found["baseline"]["organisation"] != "C4") | (found["baseline"].index % 4 == 0)]
    return found


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory, frames: dict[str, pd.DataFrame]) -> Path:
    root = tiny_study(tmp_path_factory.mktemp("trend") / "study", replace=ADJUSTED)
    for wave, frame in frames.items():
        frame.to_csv(root.parent / f"{wave}.csv", index=False)
        said = pilot("wave", "load", root, root.parent / f"{wave}.csv", "--wave", wave, "--population", "staff")
        assert said.code == 0, said.err
    return root


def by_hand(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Mean workload strain by organisation and wave: nothing adjusted for who answered."""
    return pd.DataFrame({wave: frame.groupby("organisation")["strain_1"].mean() for wave, frame in frames.items()})


def test_every_organisation_with_all_waves_counts_the_same_whatever_its_size(study: Path, frames: dict[str, pd.DataFrame]) -> None:
    told, means = ev.trend(study, "strain"), by_hand(frames)
    whole = means.dropna()
    assert told.units == tuple(sorted(whole.index)) and "C5" not in told.units and "C4" in told.units
    table = told.tidy()
    np.testing.assert_allclose(table["mean"], whole.mean(), rtol=1e-12)
    np.testing.assert_allclose(table[["low", "high"]], whole.quantile([0.25, 0.75]).T, rtol=1e-12)
    np.testing.assert_allclose(table["mean_of_all"], means.mean(), rtol=1e-12)
    assert list(table["all_units"]) == [8, 7, 8] and set(table["units"]) == {7}
    assert told.change == pytest.approx((whole["month_12"] - whole["baseline"]).mean(), rel=1e-12)


def test_a_trend_is_not_adjusted_for_who_answered(study: Path, frames: dict[str, pd.DataFrame]) -> None:
    """An estimand of lived values adjusts for the staff group; the line is of the scores as they were given."""
    scores = {}
    for wave, frame in frames.items():
        items = frame[["lived_1", "lived_2"]].assign(lived_3=6 - frame["lived_3"])
        scores[wave] = ((items.mean(axis=1) - 1) / 4 * 10).groupby(frame["organisation"]).mean()
    whole = pd.DataFrame(scores).dropna()
    np.testing.assert_allclose(ev.trend(study, "lived_values").tidy()["mean"], whole.mean(), rtol=1e-12)


def test_the_summary_says_that_it_is_a_change_and_not_an_effect(study: Path) -> None:
    said = ev.trend(study, "strain").summary()
    assert "From Start to 12 months the mean of 7 organisations changed by" in said and said.endswith("This is a change, not an effect.\n")


def test_the_picture_is_svg_that_says_in_words_what_it_shows(study: Path) -> None:
    told = ev.trend(study, "strain")
    root = ElementTree.fromstring(told.picture())
    assert root.tag.endswith("svg") and root[0].text is not None
    assert root[0].text.startswith("Workload strain: the mean of 7 organisations with all 3 waves was") and told._repr_html_() == told.picture()


def test_names_are_never_markup_and_long_labels_are_thinned_out() -> None:
    points = [TrendPoint(f"<b>Wave number {k} of a long study</b>", 50.0 + k, 45.0, 60.0, 50.0, 9) for k in range(12)]
    picture = trend_picture("A & <script>", points, 8, (0.0, 100.0))
    root = ElementTree.fromstring(picture)
    texts = [text.text or "" for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "A & <script>" in texts and "<script>" not in picture
    assert 2 <= sum("Wave number" in text for text in texts) < 12
    assert "8 organisations with all 12 waves was 50.0 in" in describe("A", points, 8)


@pytest.mark.parametrize("measure", ["strains", "nothing"])
def test_a_measure_that_is_not_there_is_refused_with_the_nearest(study: Path, measure: str) -> None:
    with pytest.raises(UsageError, match=f"nobody is asked for a measure '{measure}'") as caught:
        ev.trend(study, measure)
    assert "Measures: lived_values, awareness, strain." in caught.value.problems[0].fix


def test_one_wave_is_no_trend(tmp_path: Path) -> None:
    root = tiny_study(tmp_path / "study")
    with pytest.raises(DesignError, match="no wave has been loaded"):
        ev.trend(root, "strain")
    tiny_frame("baseline", people=3).to_csv(tmp_path / "b.csv", index=False)
    assert pilot("wave", "load", root, tmp_path / "b.csv", "--wave", "baseline", "--population", "staff").code == 0
    with pytest.raises(DesignError, match="a trend takes at least two waves, and 'strain' has 1"):
        ev.trend(root, "strain")
