"""Variants of the truth grid that a layout cannot say: what happens to the sums of drawn studies before the headline reads them."""

from collections.abc import Callable

import numpy as np
from scipy import stats

from evaluation.inference.over_time.by_start import contributions
from evaluation.inference.over_time.group_time import NEVER, group_time, mean_of
from evaluation.inference.simulation.layout import Layout, Sums, draw
from evaluation.inference.simulation.methods import Figures, Outcomes, around, figures, headline
from evaluation.inference.simulation.rates import joined
from evaluation.inference.unit_change import Profile, restricted_likelihood_variance, unit_change
from tests.truth.cells import Cell

CONFIDENCE = 0.95
SLOPE = 0.5
MISSING = 0.05


def outcomes(cell: Cell, studies: int, rng: np.random.Generator) -> Outcomes:
    """The headline on `studies` studies without an effect, without those in which the design is refused."""
    layout = cell.layout
    return SPECIAL.get(cell.variant, plain)(layout, studies, rng)


def plain(layout: Layout, studies: int, rng: np.random.Generator) -> Outcomes:
    return headline(draw(layout, 0.0, studies, rng), layout, CONFIDENCE)


def judged(of: Figures) -> Outcomes:
    found = unit_change(of.outcome, of.sampling, of.columns, of.target)
    return around(found.estimate, found.p_value, stats.t.ppf((1 + CONFIDENCE) / 2, found.df) * found.std_error)


def plain_reml(sums: Sums, layout: Layout, confidence: float) -> Outcomes:
    """The rule that the headline had before: tau2 by REML without a prior, Hartung and Knapp's factor held at 1."""
    of = figures(sums, layout)
    profile, df = Profile(of.outcome, of.sampling, of.columns[None]), layout.units - of.columns.shape[1]
    fit = profile.at(restricted_likelihood_variance(profile, df)[:, None])
    error = np.sqrt(fit.inverse[:, 0, of.target, of.target] * np.maximum(1.0, fit.squares[:, 0] / df))
    estimate = fit.coefficients[:, 0, of.target]
    return around(estimate, 2 * stats.t.sf(np.abs(estimate / error), df), stats.t.ppf((1 + confidence) / 2, df) * error)


def poor_baseline(layout: Layout, studies: int, rng: np.random.Generator) -> Outcomes:
    """Pilots are the units with the lowest baseline means of the study."""
    sums = draw(layout, 0.0, studies, rng)
    of = figures(sums, layout)
    worst = sums.means[:, :, 0].argsort(axis=1).argsort(axis=1) < layout.pilots
    return judged(Figures(of.outcome, of.sampling, np.stack([np.ones_like(of.outcome), worst.astype(float)], axis=2), 1))


def missing_waves(layout: Layout, studies: int, rng: np.random.Generator) -> Outcomes:
    """Each unit misses each wave once in twenty; units with both are compared, if two on either side and five in all are left."""
    of = figures(draw(layout, 0.0, studies, rng), layout)
    there = (rng.random((studies, layout.units, 2)) >= MISSING).all(axis=2)
    pilots, others = there[:, : layout.pilots].sum(axis=1), there[:, layout.pilots :].sum(axis=1)
    parts = []
    for m, c in sorted(set(zip(pilots.tolist(), others.tolist(), strict=True))):
        if min(m, c) < 2 or m + c < 5:
            continue
        rows = np.flatnonzero((pilots == m) & (others == c))
        kept = np.argsort(~there[rows], axis=1, kind="stable")[:, : m + c]
        columns = np.column_stack([np.ones(m + c), np.arange(m + c) < m]).astype(float)
        outcome, sampling = (np.take_along_axis(figure[rows], kept, 1) for figure in (of.outcome, of.sampling))
        parts.append(judged(Figures(outcome, sampling, columns, 1)))
    return joined(parts)


def covariates(layout: Layout, studies: int, rng: np.random.Generator) -> Outcomes:
    """A covariate that moves scores and whose mean differs by cell, adjusted for by the slope inside cells."""
    sums = draw(layout, 0.0, studies, rng)
    people, G, W = layout.people, layout.units, layout.people.shape[1]
    mean = rng.normal(0, 0.3, (studies, G, W)) + rng.standard_normal((studies, G, W)) / np.sqrt(people)
    df = people.sum(axis=0) - G
    scale = np.sqrt(layout.noise.between_people)
    root, turn, rest = np.sqrt(rng.chisquare(df, (studies, W))), rng.standard_normal((studies, W)), rng.chisquare(df - 1, (studies, W))
    szz, szy = root**2, SLOPE * root**2 + scale * root * turn
    syy = (SLOPE * root + scale * turn) ** 2 + scale**2 * rest
    slope = szy.sum(axis=1, keepdims=True) / szz.sum(axis=1, keepdims=True)
    within = (syy - 2 * slope * szy + slope**2 * szz) / (df - 1 / W)
    adjusted = sums.means + (SLOPE - slope[:, :, None]) * mean
    return headline(Sums(adjusted, within, sums.shared), layout, CONFIDENCE)


def staggered_starts(layout: Layout, studies: int, rng: np.random.Generator) -> Outcomes:
    """Every other pilot begins a wave later: the mean of all effects by start and wave, against units that never began."""
    sums, waves = draw(layout, 0.0, studies, rng), layout.people.shape[1]
    starts = np.where(layout.pilot > 0, 1 + np.arange(layout.units) % 2, waves)
    effects = group_time(starts, waves, NEVER)
    a = mean_of("all", effects, [effect.event >= 0 for effect in effects]).weights(waves)
    length, nothing = np.linalg.norm(a, axis=1), np.zeros_like(a)
    second = contributions(a, nothing, nothing, starts, tuple(map(str, range(layout.units))))
    outcome = (sums.means * a).sum(axis=2) / length
    sampling = sums.within @ (a**2 / layout.people / length[:, None] ** 2).T
    return judged(Figures(outcome, sampling, second.columns, second.target))


def weights(layout: Layout, studies: int, rng: np.random.Generator) -> Outcomes:
    """Lognormal weights (a third of the answers' weight is lost, Kish): people are drawn one by one."""
    G, W = layout.people.shape
    n = layout.whole_people
    lasting = rng.normal(0, np.sqrt(layout.noise.between_units), (studies, G, 1))
    cells = lasting + rng.normal(0, np.sqrt(layout.noise.between_waves), (studies, G, W))
    means, squares, effective = np.empty((studies, G, W)), np.zeros((studies, W)), np.empty((G, W))
    for g, w in np.ndindex(G, W):
        each = rng.lognormal(0, 0.6, n[g, w])
        each /= each.mean()
        people = rng.normal(0, np.sqrt(layout.noise.between_people), (studies, n[g, w]))
        mean = people @ each / n[g, w]
        means[:, g, w] = cells[:, g, w] + mean
        squares[:, w] += (people - mean[:, None]) ** 2 @ each
        effective[g, w] = n[g, w] ** 2 / (each**2).sum()
    within = squares / (n.sum(axis=0) - G)
    return headline(Sums(means, within, np.zeros(studies)), layout.with_people(effective, layout.pilots), CONFIDENCE)


SPECIAL: dict[str, Callable[[Layout, int, np.random.Generator], Outcomes]] = {
    "poor baseline": poor_baseline, "5% missing waves": missing_waves, "covariates": covariates, "weights": weights,
    "staggered starts": staggered_starts,
}
