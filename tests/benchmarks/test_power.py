"""The benchmark of power draws the same studies on both sides: known people, answers with the same variances."""

import numpy as np
import pytest

from benchmarks.power import COVARIATES, NOISE, PILOTS, known, ours, people
from evaluation.inference.simulation.given import drawn_sums


def test_people_are_of_unequal_sizes_with_covariates_and_400_on_average() -> None:
    frame = people(1)
    sizes = frame.groupby(["organisation", "wave"]).size()
    assert len(frame) / 24 == pytest.approx(400, rel=0.01)
    assert sizes.max() / sizes.min() == pytest.approx(4, rel=0.02)
    assert frame.loc[frame["arm"] == "pilot", "organisation"].nunique() == PILOTS
    assert frame[list(COVARIATES)].nunique().min() == 2


def test_ours_draws_the_spread_of_cell_means_that_the_loop_draws() -> None:
    given = known(people(2, mean=60))
    n = given.people[:, 0, 0]
    means = drawn_sums(given, 0.0, 20_000, np.random.default_rng(3))[:, :, 0] / n
    np.testing.assert_allclose(means.var(axis=0), NOISE.between_units + NOISE.between_waves + NOISE.between_people / n, rtol=0.05)


def test_ours_ends_with_the_power_of_both_methods() -> None:
    found = ours(people(4, mean=60), studies=500, seed=5)
    assert set(found) == {"headline", "CR2"}
    assert all(0.1 < share < 0.95 for share in found.values())
