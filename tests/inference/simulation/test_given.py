"""Answers drawn for known people: their sums against rows drawn one by one, and the methods against the analyst's on those rows."""

import numpy as np
import pandas as pd
import pytest

import evaluation as ev
from evaluation.evidence.scan import moments_of
from evaluation.inference.design import Contrast
from evaluation.inference.power import Noise
from evaluation.inference.simulation import given as module
from evaluation.inference.simulation.given import Given, drawn_sums, simulate_given
from evaluation.inference.simulation.rates import rates

NOISE = Noise(0.3, 0.05, 2.0)
CONTRAST = Contrast("pilot - comparison", ("pilot",), ("comparison",))


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    """Eight units of 14 to 63 people a wave, two covariates that differ between cells."""
    rng = np.random.default_rng(1)
    rows = [
        (f"U{g}", "pilot" if g < 3 else "comparison", wave, float(rng.random() < 0.2 + 0.08 * g), float(rng.normal(0.1 * g, 1)))
        for g in range(8) for wave in ("b", "f") for _ in range(14 + 7 * g)
    ]
    return pd.DataFrame(rows, columns=["unit", "arm", "wave", "nurse", "age"]).assign(score=0.0)


@pytest.fixture(scope="module")
def given(people: pd.DataFrame) -> Given:
    return Given(moments_of(people, "score", ("nurse", "age"), unit="unit", wave="wave", arm="arm"), CONTRAST, "f", NOISE)


def test_sums_have_the_covariance_that_rows_would_have(people: pd.DataFrame, given: Given) -> None:
    """Cov(U'y) = (units + waves) U e1 e1' U + people U, from the rows of two cells in plain numpy."""
    sums = drawn_sums(given, 0.0, 40_000, np.random.default_rng(2))
    for cell in (0, 5):
        keys = given.moments.cells.iloc[cell]
        own = people[(people["unit"] == keys["unit"]) & (people["wave"] == keys["wave"])]
        u = np.column_stack([np.ones(len(own)), own[["nurse", "age"]]])
        gram = u.T @ u
        expected = (0.3 + 0.05) * np.outer(gram[0], gram[0]) + 2.0 * gram
        np.testing.assert_allclose(np.cov(sums[:, cell].T), expected, rtol=0.05, atol=0.02 * expected.max())


def test_the_methods_on_drawn_sums_are_those_of_rows_with_the_same_sums(
    people: pd.DataFrame, given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sums of real rows handed in place of drawn ones: estimates and CR2 equal `ev.unit_change` with adjust_for to 1e-8."""
    rng = np.random.default_rng(3)
    rows = people.assign(score=people["age"] * 0.4 + rng.normal(0, 1.4, len(people)) + 0.5 * (people["arm"] == "pilot") * (people["wave"] == "f"))
    whole = moments_of(rows, "score", ("nurse", "age"), unit="unit", wave="wave", arm="arm")
    monkeypatch.setattr(module, "drawn_sums", lambda *_: whole.products[None, :, :-1, -1])
    found = simulate_given(given, 0.0, studies=1, seed=1)
    told = ev.unit_change(rows, "score", unit="unit", wave="wave", baseline="b", follow_up="f", arm="arm", adjust_for=("nurse", "age")).tidy()
    robust = told[(told["variance"] == "CR2") & (told["term"] == "pilot:follow_up")].iloc[0]
    assert found["CR2"].estimate[0] == pytest.approx(robust["estimate"] - 0.0, rel=1e-8)
    assert found["CR2"].p_value[0] == pytest.approx(robust["p_value"], rel=1e-7)
    assert found["headline"].estimate[0] == pytest.approx(told.iloc[0]["estimate"], rel=0.02)  # weights hold a drawn spread


def test_a_true_null_is_rejected_at_the_level_and_the_truth_is_covered(given: Given) -> None:
    found = simulate_given(given, 0.4, studies=3000, seed=4)
    for told in (rates(one, 0.4) for one in found.values()):
        assert told.covered is not None and 0.935 <= told.covered[0] <= 0.985
    assert found["headline"].estimate.mean() == pytest.approx(0.4, abs=0.03)
