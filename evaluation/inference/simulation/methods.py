"""Every method of the panel on B studies at once.

The methods are the ones that estimate real studies; what is here only hands them the sums of drawn ones.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy import stats

from evaluation.inference.algebra import Array
from evaluation.inference.bayes import posterior
from evaluation.inference.bootstrap import sign_vectors, wild_p_batch
from evaluation.inference.design import Lifted
from evaluation.inference.placebo import placebo_batch, placements
from evaluation.inference.simulation.layout import Layout, Sums
from evaluation.inference.simulation.mixed_model import fitted
from evaluation.inference.unit_change import UnitChange, unit_change
from evaluation.inference.variance import LeastSquares, infer_batch, least_squares
from evaluation.terms import Design

HEADLINE, MIXED, BAYESIAN = "headline", "mixed model", "Bayesian"
BOOTSTRAP_DRAWS, BOOTSTRAP_SEED = 999, 1
PLACEMENTS, PLACEBO_SEED = 2000, 1


@dataclass(frozen=True)
class Outcomes:
    """What one method says of B studies: estimate, two-sided p-value, and both ends of its interval, (B,).

    The ends are not numbers where the method has no interval. A Bayesian reading has no p-value: twice the posterior's share
    beyond 0, on the side where less of it lies, stands in its place, which is below .05 where the 95% interval leaves out 0.
    """

    estimate: Array
    p_value: Array
    low: Array
    high: Array


def around(estimate: Array, p_value: Array, reach: Array | float) -> Outcomes:
    """Outcomes whose interval reaches equally far to either side."""
    return Outcomes(estimate, p_value, estimate - reach, estimate + reach)


@dataclass(frozen=True)
class Figures:
    """One figure a unit, as the second stage reads it: `outcome` and `sampling` (B, G), `columns` (G, p) or (B, G, p)."""

    outcome: Array
    sampling: Array
    columns: Array
    target: int


def figures(sums: Sums, layout: Layout) -> Figures:
    """Units' changes, levels or (ANCOVA) follow-up scores beside their baseline, with their sampling variances."""
    columns = layout.columns
    if layout.design is Design.ANCOVA:
        return _beside_baseline(sums, layout, columns)
    weights, people = layout.weights, layout.people
    sampling = (weights**2 * sums.within) @ (1 / people).T
    gained = -2 * weights[0] * layout.recognised / (people[:, 0] * people[:, -1]) if len(weights) > 1 else 0.0
    sampling = np.maximum(sampling - sums.shared[:, None] * gained, 0.0)
    return Figures(sums.means @ weights, sampling, columns, columns.shape[1] - 1)


def _beside_baseline(sums: Sums, layout: Layout, columns: Array) -> Figures:
    start = sums.means[:, :, 0] - sums.means[:, :, 0].mean(axis=1, keepdims=True)
    df = layout.recognised.sum() - layout.units
    rest = (sums.within[:, -1] - sums.shared**2 / sums.within[:, 0]) * df / (df - 1)
    whole = np.concatenate([np.broadcast_to(columns, (len(start), *columns.shape)), start[:, :, None]], axis=2)
    return Figures(sums.means[:, :, -1], rest[:, None] / layout.recognised, whole, columns.shape[1] - 1)


def headline(sums: Sums, layout: Layout, confidence: float) -> Outcomes:
    """The headline of the design: precision-weighted unit change, or the one-sample t of changes before and after."""
    if layout.design.alone:
        return pooled_t(sums, layout, confidence)
    of = figures(sums, layout)
    return _of_changes(unit_change(of.outcome, of.sampling, of.columns, of.target), confidence)


def pooled_t(sums: Sums, layout: Layout, confidence: float) -> Outcomes:
    """Units' figures at equal weights."""
    of = figures(sums, layout)
    return _of_changes(unit_change(of.outcome, None, of.columns, of.target), confidence)


def _of_changes(found: UnitChange, confidence: float) -> Outcomes:
    reach = float(stats.t.ppf((1 + confidence) / 2, found.df)) * found.std_error
    return around(found.estimate, found.p_value, reach)


def regression(layout: Layout) -> LeastSquares:
    """The regression on everybody's answers with the layout's columns; its outcome is zero and stands for nothing."""
    x, people = layout.cell_columns, layout.people
    grams = np.einsum("gw,gwk,gwl->gkl", people, x, x)
    names = tuple(str(k) for k in range(x.shape[2]))
    units = tuple(str(g) for g in range(layout.units))
    zeros = np.zeros(grams.shape[:2])
    return least_squares(Lifted(units, names, len(names) - 1, grams, zeros, zeros[:, 0], people.sum(axis=1)))


def scores(sums: Sums, layout: Layout) -> Array:
    """Sums of x y by study and unit, (B, G, k)."""
    return np.asarray(np.einsum("bgw,gw,gwk->bgk", sums.means, layout.people, layout.cell_columns, optimize=True))


def clustered(kind: str, sums: Sums, layout: Layout, confidence: float) -> Outcomes:
    """Least squares on everybody's answers with the cluster-robust error `kind`."""
    found = infer_batch(regression(layout), scores(sums, layout), kind)
    p = 2 * stats.t.sf(np.abs(found.estimate / found.std_error), found.df)
    return around(found.estimate, p, stats.t.ppf((1 + confidence) / 2, found.df) * found.std_error)


def wild_bootstrap(sums: Sums, layout: Layout, confidence: float) -> Outcomes:
    """The restricted wild cluster bootstrap: all sign vectors up to 14 units, else 999 draws of Webb's weights."""
    fit, own = regression(layout), scores(sums, layout)
    signs, enumerated = sign_vectors(layout.units, BOOTSTRAP_DRAWS, BOOTSTRAP_SEED)
    estimate = infer_batch(fit, own, "CR1").estimate
    return around(estimate, wild_p_batch(fit, own, signs, enumerated=enumerated), np.nan)


def reassigned(sums: Sums, layout: Layout, confidence: float) -> Outcomes:
    """Precision-weighted placebo reassignment: every placement of the arms up to 2,000, else 2,000 with the real one."""
    of = figures(sums, layout)
    inside = np.array(layout.places or (0,) * layout.units)
    found = placements(layout.pilot, inside, PLACEBO_SEED, PLACEMENTS)
    p = placebo_batch(of.outcome, of.sampling, of.columns, of.target, found)
    return around(pooled_t(sums, layout, confidence).estimate, p, np.nan)


def random_effects(sums: Sums, layout: Layout, confidence: float) -> Outcomes:
    """The mixed model with Kenward and Roger's degrees of freedom, in one study of five (`mixed_model`)."""
    found = fitted(sums, layout)
    ends = np.asarray([one.interval(confidence) for one in found]).reshape(-1, 2)
    estimates, p_values = ([getattr(one, name) for one in found] for name in ("estimate", "p_value"))
    return Outcomes(np.asarray(estimates, dtype=float), np.asarray(p_values, dtype=float), *ends.T)


def bayesian(sums: Sums, layout: Layout, confidence: float) -> Outcomes:
    """The Bayesian reading under the panel's prior, whose scale is the change that matters."""
    if layout.matters is None:
        raise ValueError("the prior's scale is the change that matters, which the layout does not say")
    of = figures(sums, layout)
    told = (of.sampling > 0).all(axis=1)
    columns = of.columns[told] if of.columns.ndim == 3 else of.columns
    found = posterior(of.outcome[told], of.sampling[told], columns, of.target, layout.matters)
    above = found.chance_above(0.0)
    return Outcomes(found.mean, 2 * np.minimum(above, 1 - above), *found.interval(confidence))


Method = Callable[[Sums, Layout, float], Outcomes]
"""(sums, layout, confidence) to what the method says of the studies that it can judge."""

METHODS: dict[str, Method] = {
    HEADLINE: headline, "pooled t": pooled_t, "CR2": partial(clustered, "CR2"), "CR1": partial(clustered, "CR1"),
    "CR3": partial(clustered, "CR3"), "wild bootstrap": wild_bootstrap, "placebo": reassigned, MIXED: random_effects,
    BAYESIAN: bayesian,
}
"""Every method of the panel; CR1 is there as a warning."""


def methods_for(layout: Layout) -> dict[str, Method]:
    """The methods that apply to a design, the headline first.

    ANCOVA's regression on people and its mixed model need more than sums of cells; before and after the headline is the t test
    itself, and no arms can be placed otherwise; a mixed model of units inside organisations is on no panel; and the prior of a
    Bayesian reading needs to know which change matters.
    """
    left_out = set() if layout.matters is not None else {BAYESIAN}
    if layout.design is Design.ANCOVA:
        left_out |= set(METHODS) - {HEADLINE, "pooled t", BAYESIAN}
    if layout.design.alone:
        left_out |= {"pooled t", "placebo"}
    if layout.places:
        left_out.add(MIXED)
    return {name: method for name, method in METHODS.items() if name not in left_out}
