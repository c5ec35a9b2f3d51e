"""Standardised differences against rows and pingouin's Hedges g."""

import numpy as np
import pandas as pd
import pingouin
import pytest

from evaluation.errors import DesignError
from evaluation.inference.effect_size import effect_size, hedges
from tests.inference.studies_in_memory import arms, moments_of_rows, survey


def test_the_deviation_is_that_of_people_within_units_and_waves() -> None:
    frame = survey(arms(3, 5), [8, 15, 30, 6, 12, 25, 40, 9])
    within = frame["score"] - frame.groupby(["unit", "wave"])["score"].transform("mean")
    deviation = np.sqrt((within**2).sum() / (len(frame) - 16))
    found = effect_size(0.5, (0.1, 0.9), moments_of_rows(frame, "score", centre=5.0))
    assert found.deviation == pytest.approx(deviation, rel=1e-10)
    assert (found.size, found.conf_low, found.conf_high) == pytest.approx(
        tuple(hedges(len(frame) - 16) * value / deviation for value in (0.5, 0.1, 0.9)), rel=1e-10)


def test_two_cells_give_pingouins_hedges_g() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(0.5, 1, 20), rng.normal(0, 1, 15)
    frame = pd.DataFrame({"unit": ["A"] * 20 + ["B"] * 15, "score": np.concatenate([x, y])})
    frame = frame.assign(organisation=frame["unit"], arm="a", role="r", wave="w")
    found = effect_size(x.mean() - y.mean(), (None, None), moments_of_rows(frame, "score"))
    assert found.size == pytest.approx(pingouin.compute_effsize(x, y, eftype="hedges"), rel=1e-3)  # its factor is approximate
    assert found.conf_low is None


def test_common_language_is_the_share_of_pairs_in_which_the_higher_mean_wins() -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"unit": np.repeat(["A", "B"], 4000), "score": np.concatenate([rng.normal(0.8, 1, 4000), rng.normal(0, 1, 4000)])})
    frame = frame.assign(organisation=frame["unit"], arm="a", role="r", wave="w")
    found = effect_size(0.8, (None, None), moments_of_rows(frame, "score"))
    wins = (frame["score"][:4000].to_numpy()[:, None] > frame["score"][4000:].to_numpy()[None]).mean()
    assert found.common_language == pytest.approx(wins, abs=0.02)


def test_means_without_people_and_identical_answers_are_refused() -> None:
    frame = survey(arms(2, 2), 3)
    for rows in (frame.drop_duplicates(["unit", "wave"]), frame.assign(score=5.0)):
        with pytest.raises(DesignError):
            effect_size(0.5, (None, None), moments_of_rows(rows, "score"))
