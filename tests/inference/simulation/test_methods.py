"""Every method on drawn studies gives what the analyst's functions give on the rows of that study."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import evaluation as ev
from evaluation.inference.bayes import posterior
from evaluation.inference.power import Noise
from evaluation.inference.simulation.layout import Layout, Sums, draw
from evaluation.inference.simulation.methods import METHODS, figures, methods_for
from evaluation.terms import Design
from tests.inference.simulation.test_layout import rows_of, sums_of

DID = Design.DIFFERENCE_IN_DIFFERENCES
LAYOUT = Layout(DID, np.array([[30.0, 20.0], [12.0, 18.0], [25.0, 25.0], [40.0, 16.0], [22.0, 10.0], [14.0, 33.0]]), 2, Noise(0, 0, 1))


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return rows_of(LAYOUT, seed=9)


@pytest.fixture(scope="module")
def sums(frame: pd.DataFrame) -> Sums:
    return sums_of(frame, frame.assign(baseline=0.0))


@pytest.mark.parametrize(("method", "row"), [("headline", "REML-HK"), ("pooled t", "pooled t"), ("CR2", "CR2"), ("CR1", "CR1")])
def test_a_method_on_sums_equals_the_analysts_row_of_the_same_study(method: str, row: str, frame: pd.DataFrame, sums: Sums) -> None:
    told = ev.unit_change(frame, "score", unit="unit", wave="wave", baseline="baseline", follow_up="month_12", arm="arm", pilot="develop")
    (real,) = told.tidy().query("variance == @row and term == 'pilot:follow_up'").to_dict("records")
    drawn = METHODS[method](Sums(sums.means, sums.within, np.zeros(1)), LAYOUT, 0.95)
    assert drawn.estimate[0] == pytest.approx(real["estimate"], rel=1e-9)
    assert drawn.p_value[0] == pytest.approx(real["p_value"], rel=1e-8)
    assert [drawn.low[0], drawn.high[0]] == pytest.approx([real["conf_low"], real["conf_high"]], rel=1e-8)


def people_of(layout: Layout, waves: np.ndarray, seed: int) -> pd.DataFrame:
    """One study's people, others in every wave; levels of units and of their waves differ."""
    rng, (G, W) = np.random.default_rng(seed), layout.people.shape
    level = 5 + rng.normal(0, 0.5, (G, 1)) + rng.normal(0, 0.3, (G, W))
    frames = [
        pd.DataFrame({"unit": f"U{g}", "wave": waves[w], "arm": "develop" if g < layout.pilots else "comparison",
                      "score": rng.normal(level[g, w], 1, int(layout.people[g, w]))})
        for g, w in np.ndindex(G, W)
    ]
    return pd.concat(frames, ignore_index=True)


@pytest.mark.parametrize("before", [1, 2])
def test_the_mixed_model_on_sums_equals_the_analysts_on_rows(before: int) -> None:
    """Study 0 and study 5 of six are judged, and are what `ev.random_effects` says of their rows; with two waves before as with one."""
    people = np.column_stack([LAYOUT.people[:, 0]] * (before - 1) + [LAYOUT.people])
    layout = replace(LAYOUT, people=people, before=before)
    waves = np.array(["baseline", "between", "month_12"])[[0, 2] if before == 1 else [0, 1, 2]]
    frames = [people_of(layout, waves, seed) for seed in range(6)]
    cells = [frame.groupby(["unit", "wave"])["score"] for frame in frames]
    means = np.stack([one.mean().unstack().to_numpy() for one in cells])
    squares = [(one.var() * (one.size() - 1)).unstack().sum().to_numpy() for one in cells]
    stacked = Sums(means, np.stack(squares) / (people.sum(axis=0) - 6), np.zeros(6))
    found = METHODS["mixed model"](stacked, layout, 0.9)
    assert len(found.estimate) == 2
    for place, frame in enumerate((frames[0], frames[5])):
        columns = {"later": (frame["wave"] == "month_12").astype(int), "pilot": (frame["arm"] == "develop").astype(int)}
        model = ev.random_effects("score ~ pilot * later", frame.assign(**columns), ["unit", "unit:wave"])
        (real,) = model.tidy(df="kenward-roger", confidence=0.9).query("term == 'pilot:later'").to_dict("records")
        assert found.estimate[place] == pytest.approx(real["estimate"], rel=1e-6)
        assert [found.low[place], found.high[place]] == pytest.approx([real["conf_low"], real["conf_high"]], rel=1e-5)
        assert found.p_value[place] == pytest.approx(real["p_value"], rel=1e-4)


def test_the_bayesian_reading_on_sums_is_that_of_a_study_on_its_figures() -> None:
    """Two studies at once as one by one; a study without people's spread is not read; a reading needs to know what matters."""
    layout = replace(LAYOUT, matters=0.5)
    drawn = draw(replace(layout, noise=Noise(0.3, 0.1, 1)), 0.0, 2, np.random.default_rng(3))
    found = METHODS["Bayesian"](drawn, layout, 0.95)
    for place in range(2):
        of = figures(Sums(drawn.means[[place]], drawn.within[[place]], drawn.shared[[place]]), layout)
        alone = posterior(of.outcome, of.sampling, of.columns, of.target, 0.5)
        low, high = alone.interval(0.95)
        assert [found.estimate[place], found.low[place], found.high[place]] == pytest.approx([alone.mean[0], low[0], high[0]])
        above = float(alone.chance_above(0.0)[0])
        assert found.p_value[place] == pytest.approx(2 * min(above, 1 - above))
        assert (found.p_value[place] < 0.05) == (low[0] > 0 or high[0] < 0)
    flat = Sums(drawn.means, drawn.within * np.array([[0.0], [1.0]]), drawn.shared)
    assert METHODS["Bayesian"](flat, layout, 0.95).estimate == pytest.approx(found.estimate[1:])
    with pytest.raises(ValueError, match="the change that matters"):
        METHODS["Bayesian"](drawn, LAYOUT, 0.95)


def test_the_wild_bootstrap_on_sums_equals_brute_force_on_rows(frame: pd.DataFrame, sums: Sums) -> None:
    """All 64 sign vectors on the rows' restricted residuals, in plain numpy; Cameron, Gelbach & Miller (2008)."""
    later, pilot = (frame["wave"] == "month_12").to_numpy(float), (frame["arm"] == "develop").to_numpy(float)
    X, y = np.column_stack([np.ones(len(frame)), pilot, later, pilot * later]), frame["score"].to_numpy()
    clusters = pd.factorize(frame["unit"], sort=True)[0]

    def statistic(outcome: np.ndarray) -> float:
        inverse = np.linalg.inv(X.T @ X)
        residual = outcome - X @ (inverse @ X.T @ outcome)
        scores = np.stack([X[clusters == g].T @ residual[clusters == g] for g in range(6)])
        return float((inverse @ X.T @ outcome)[3] / np.sqrt((inverse @ scores.T @ scores @ inverse)[3, 3]))

    fitted = X[:, :3] @ np.linalg.lstsq(X[:, :3], y, rcond=None)[0]
    signs = np.array(np.meshgrid(*[[1.0, -1.0]] * 6)).reshape(6, -1).T
    drawn = np.array([statistic(fitted + (y - fitted) * one[clusters]) for one in signs])
    expected = np.mean(np.abs(drawn) >= abs(statistic(y)) * (1 - 1e-9))
    assert METHODS["wild bootstrap"](sums, LAYOUT, 0.95).p_value[0] == pytest.approx(expected)


def test_arms_inside_organisations_are_compared_there() -> None:
    """Two places with both arms: equal weights give the coefficient of a regression with a level for each place."""
    layout = Layout(DID, np.full((6, 2), 20.0), 2, Noise(0, 0, 1), places=(0, 1, 0, 0, 1, 1))
    means = np.random.default_rng(10).normal(0, 1, (1, 6, 2))
    found = METHODS["pooled t"](Sums(means, np.ones((1, 2)), np.zeros(1)), layout, 0.95)
    X = np.column_stack([np.eye(2)[list(layout.places)], layout.pilot])
    assert found.estimate[0] == pytest.approx(np.linalg.lstsq(X, means[0, :, 1] - means[0, :, 0], rcond=None)[0][2])
    assert METHODS["CR1"](Sums(means, np.ones((1, 2)), np.zeros(1)), layout, 0.95).estimate[0] == pytest.approx(found.estimate[0])


def test_designs_are_judged_by_the_methods_that_apply_to_them() -> None:
    before_after = Layout(Design.BEFORE_AFTER, np.full((7, 2), 20.0), 7, Noise(0, 0, 1))
    assert methods_for(replace(LAYOUT, matters=0.5)) == METHODS
    assert set(METHODS) - set(methods_for(LAYOUT)) == {"Bayesian"}
    assert set(METHODS) - set(methods_for(replace(LAYOUT, matters=0.5, places=(0, 1, 0, 0, 1, 1)))) == {"mixed model"}
    assert next(iter(methods_for(before_after))) == "headline" and "pooled t" not in methods_for(before_after)
    means = np.random.default_rng(11).normal(0, 1, (1, 7, 2))
    found = METHODS["headline"](Sums(means, np.ones((1, 2)), np.zeros(1)), before_after, 0.95)
    change = means[0, :, 1] - means[0, :, 0]
    assert found.estimate[0] == pytest.approx(change.mean())
    reach = 2.446912 * change.std(ddof=1) / np.sqrt(7)
    assert found.high[0] - found.low[0] == pytest.approx(2 * reach, rel=1e-6)
