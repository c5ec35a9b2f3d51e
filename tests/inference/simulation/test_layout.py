"""Drawn sums against people drawn one by one, and figures of units against those that real studies get."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evaluation.errors import DesignError
from evaluation.inference.design import Contrast
from evaluation.inference.power import Noise
from evaluation.inference.simulation.layout import Layout, Normal, Options, Percent, Sums, draw
from evaluation.inference.simulation.methods import figures
from evaluation.inference.unit_level import adjusted_for_baseline, changes
from evaluation.terms import Design
from tests.inference.studies_in_memory import moments_of_rows

DID = Design.DIFFERENCE_IN_DIFFERENCES
NOISE = Noise(0.3, 0.1, 2.0, linked=0.6)
PEOPLE = np.array([[30.0, 40.0], [12.0, 20.0], [25.0, 25.0]])


def test_normal_sums_have_the_moments_of_people_drawn_one_by_one() -> None:
    """Half of the smaller wave answers twice; pairs are bivariate normal with correlation .6, plain numpy, 20,000 studies."""
    layout = Layout(DID, PEOPLE, 1, NOISE, kept=0.5)
    drawn = draw(layout, 0.7, 20_000, np.random.default_rng(1))
    rng = np.random.default_rng(2)
    first, last, cross, pooled = [], [], np.zeros(20_000), np.zeros((20_000, 2))
    for a, b in PEOPLE.astype(int):
        pairs = int(0.5 * min(a, b))
        person = rng.normal(0, np.sqrt(2 * 0.6), (20_000, pairs))
        scores = [np.concatenate([person, np.zeros((20_000, n - pairs))], axis=1) for n in (a, b)]
        spread = [np.concatenate([np.full(pairs, np.sqrt(2 * 0.4)), np.full(n - pairs, np.sqrt(2.0))]) for n in (a, b)]
        scores = [part + rng.normal(0, 1, part.shape) * sd for part, sd in zip(scores, spread, strict=True)]
        first.append(scores[0].mean(axis=1))
        last.append(scores[1].mean(axis=1))
        pooled += np.column_stack([part.var(axis=1) * part.shape[1] for part in scores])
        own = [part[:, :pairs] - part[:, :pairs].mean(axis=1, keepdims=True) for part in scores]
        cross += (own[0] * own[1]).sum(axis=1)
    people = np.stack([np.stack(first, 1), np.stack(last, 1)], axis=2)
    between = drawn.means - np.array([[0.0, 0.7], [0.0, 0.0], [0.0, 0.0]])
    for g in range(3):
        expected = np.cov(people[:, g].T) + 0.3 + 0.1 * np.eye(2)
        np.testing.assert_allclose(np.cov(between[:, g].T), expected, atol=0.012)
    df = PEOPLE.sum(axis=0) - 3
    np.testing.assert_allclose(drawn.within.mean(axis=0), (pooled / df).mean(axis=0), rtol=0.01)
    np.testing.assert_allclose(drawn.within.std(axis=0), (pooled / df).std(axis=0), rtol=0.03)
    pairs = sum(int(0.5 * min(a, b)) for a, b in PEOPLE.astype(int)) - 3
    assert drawn.shared.mean() == pytest.approx((cross / pairs).mean(), rel=0.02)
    assert drawn.shared.std() == pytest.approx((cross / pairs).std(), rel=0.05)


@pytest.mark.parametrize("kind", ["options", "percent"])
def test_counts_have_the_moments_of_answers_drawn_one_by_one(kind: str) -> None:
    people = np.array([[20.0, 30.0], [15.0, 15.0]])
    noise = Noise(0.0, 0.0, 4.0)
    scores, start = (Options(0, 10, 11), 8.5) if kind == "options" else (Percent(), 95.0)
    drawn = draw(Layout(DID, people, 1, noise, scores=scores, start=start), 0.0, 20_000, np.random.default_rng(3))
    rng = np.random.default_rng(4)
    answers = np.clip(np.rint(rng.normal(8.5, 2, 400_000)), 0, 10) if kind == "options" else 100.0 * (rng.random(400_000) < 0.95)
    assert drawn.means.mean() == pytest.approx(answers.mean(), rel=0.003)
    np.testing.assert_allclose(drawn.means.var(axis=0), answers.var() / people, rtol=0.04)
    np.testing.assert_allclose(drawn.within.mean(axis=0), answers.var(ddof=1), rtol=0.02)


def test_effects_of_units_may_have_the_tails_of_students_t() -> None:
    noise = Noise(0.0, 1.0, 1e-12)
    heavy = draw(Layout(DID, PEOPLE, 1, noise, tails=5.0), 0.0, 40_000, np.random.default_rng(5)).means
    assert heavy.std() == pytest.approx(1.0, rel=0.02)
    assert np.mean(np.abs(heavy) > 3) == pytest.approx(2 * stats.t.sf(3 * np.sqrt(5 / 3), 5), rel=0.1)


def rows_of(layout: Layout, seed: int) -> pd.DataFrame:
    """One study's people, who answer in both waves where they are recognised."""
    rng = np.random.default_rng(seed)
    frames = []
    for g, (a, b) in enumerate(layout.people.astype(int)):
        same = rng.normal(0, 1, max(a, b))
        arm = "develop" if g < layout.pilots else "comparison"
        keys = {"unit": f"U{g:02d}", "organisation": f"U{g:02d}", "arm": arm, "role": "pilot" if g < layout.pilots else "comparison"}
        level = rng.normal(0, 0.5)
        for wave, n in (("baseline", a), ("month_12", b)):
            score = 5 + level + rng.normal(0, 0.2) + same[:n] + rng.normal(0, 1, n)
            frames.append(pd.DataFrame({**keys, "wave": wave, "respondent": np.arange(n), "score": score}))
    return pd.concat(frames, ignore_index=True)


def sums_of(frame: pd.DataFrame, linked: pd.DataFrame) -> Sums:
    """What the simulation would have drawn, from the rows."""
    cells = frame.groupby(["unit", "wave"])["score"]
    G = frame["unit"].nunique()
    squares = ((frame["score"] - cells.transform("mean")) ** 2).groupby(frame["wave"]).sum()
    within = squares / (frame.groupby("wave").size() - G)
    inner = linked[["baseline", "score"]] - linked.groupby("unit")[["baseline", "score"]].transform("mean")
    shared = (inner["baseline"] * inner["score"]).sum() / (len(linked) - G)
    return Sums(cells.mean().unstack().to_numpy()[None], within.to_numpy()[None], np.array([shared]))


def pairs_of(frame: pd.DataFrame) -> pd.DataFrame:
    earlier = frame[frame["wave"] == "baseline"].set_index(["unit", "respondent"])["score"].rename("baseline")
    return frame[frame["wave"] == "month_12"].join(earlier, on=["unit", "respondent"], how="inner")


CONTRAST = Contrast("pilot - comparison", ("develop",), ("comparison",))


def test_figures_of_units_are_those_of_a_real_study_with_recognised_people() -> None:
    layout = Layout(DID, np.array([[30.0, 20.0], [12.0, 18.0], [25.0, 25.0], [40.0, 16.0], [22.0, 10.0]]), 2, NOISE, kept=1.0)
    frame = rows_of(layout, seed=6)
    pairs = pairs_of(frame)
    real = changes(moments_of_rows(frame, "score"), CONTRAST, DID, "month_12", moments_of_rows(pairs, "score"))
    drawn = figures(sums_of(frame, pairs), layout)
    np.testing.assert_allclose(drawn.outcome[0], real.outcome, rtol=1e-10)
    assert real.sampling is not None
    np.testing.assert_allclose(drawn.sampling[0], real.sampling, rtol=1e-10)
    np.testing.assert_array_equal(drawn.columns[:, drawn.target], real.columns[:, real.target])


def test_figures_beside_a_baseline_are_those_of_a_real_study_of_the_same_people() -> None:
    layout = Layout(Design.ANCOVA, np.repeat([[30.0], [12.0], [25.0], [40.0], [22.0]], 2, axis=1), 2, NOISE, kept=1.0)
    frame = rows_of(layout, seed=7)
    pairs = pairs_of(frame)
    real, drawn = adjusted_for_baseline(moments_of_rows(pairs, "score"), CONTRAST), figures(sums_of(frame, pairs), layout)
    np.testing.assert_allclose(drawn.outcome[0] - drawn.outcome[0].mean(), real.outcome - real.outcome.mean(), rtol=1e-9)
    assert real.sampling is not None
    np.testing.assert_allclose(drawn.sampling[0], real.sampling, rtol=1e-10)
    assert sorted(np.round(drawn.columns[0, :, 2], 9)) == sorted(np.round(real.columns[:, 2], 9))


def test_several_waves_before_the_start_count_by_their_mean() -> None:
    layout = Layout(DID, np.full((4, 3), 20.0), 2, Noise(1.0, 0.5, 4.0), before=2)
    np.testing.assert_allclose(layout.weights, [-0.5, -0.5, 1.0])
    of = figures(draw(layout, 0.0, 20_000, np.random.default_rng(8)), layout)
    assert of.outcome.var() == pytest.approx(1.5 * (0.5 + 4 / 20), rel=0.03)
    assert of.sampling.mean() == pytest.approx(1.5 * 4 / 20, rel=0.02)


def test_a_study_with_fewer_than_two_people_somewhere_or_no_pilot_is_refused() -> None:
    with pytest.raises(DesignError, match="two people"):
        Layout(DID, np.array([[1.0, 5.0], [5.0, 5.0]]), 1, NOISE)
    with pytest.raises(DesignError, match="0 pilots among 2"):
        Layout(DID, np.full((2, 2), 5.0), 0, NOISE)
    assert isinstance(Layout(DID, PEOPLE, 1, NOISE).scores, Normal)
