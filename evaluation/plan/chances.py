"""How likely each verdict is when the truth is nothing, half, once and twice the change that matters.

Studies of the plan's exact shape are drawn: each unit's change is normal with the variance the plan assumes, the headline
method estimates, and the one verdict function judges. Estimates move one for one with the truth and their errors do not move
at all, so one draw serves every truth.
"""

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import stats

from evaluation.findings.verdict import Kind, Reading, kind_of
from evaluation.inference.algebra import Array
from evaluation.inference.power import people_error, unit_variance
from evaluation.inference.unit_change import unit_change
from evaluation.plan.shape import RECOGNISED, Shape
from evaluation.terms import Design, EstimateStatus

TIMES = (0.0, 0.5, 1.0, 2.0)
DRAWS = 3000


@dataclass(frozen=True)
class Chances:
    """Shares of simulated studies by verdict where the truth is `truth` (`times` the minimum important difference).

    `truth` is turned so that more is better; a guardrail is looked at where things get worse.
    """

    times: float
    truth: float
    shares: dict[Kind, float]

    @property
    def found(self) -> float:
        """Chance of an improvement that is found, without 'probably'; for a guardrail, of being shown safe."""
        return self.shares.get(Kind.IMPROVED, 0.0) + self.shares.get(Kind.SAFE, 0.0)


def chances_of(shape: Shape, seed: int, draws: int = DRAWS) -> tuple[Chances, ...]:
    """Chances of every verdict at each truth of `TIMES`; the same seed gives the same shares.

    Args:
        shape: the contrast, its units and assumed variances.
        seed: the protocol's.
        draws: simulated studies.
    """
    truths = [(times, (-times if shape.subject.margin is not None else times) * shape.subject.minimum) for times in TIMES]
    if shape.withheld:
        kind = kind_of(_reading(shape, None, 0.0, 0.0))
        return tuple(Chances(times, truth, {kind: 1.0}) for times, truth in truths)
    estimate, wide, narrow = _drawn(shape, seed, draws)
    return tuple(_judged(shape, times, truth, estimate, wide, narrow) for times, truth in truths)


def _judged(shape: Shape, times: float, truth: float, estimate: Array, wide: Array, narrow: Array) -> Chances:
    studies = zip((estimate + truth).tolist(), wide.tolist(), narrow.tolist(), strict=True)
    found = Counter(kind_of(_reading(shape, *study)) for study in studies)
    return Chances(times, truth, {kind: found[kind] / len(estimate) for kind in Kind if found[kind]})


def _reading(shape: Shape, d: float | None, wide: float, narrow: float) -> Reading:
    """One study's numbers, turned so that more is better; `wide` and `narrow` are the reaches of its two intervals."""
    plan = (shape.subject.minimum, shape.subject.confidence, shape.floor, shape.subject.margin)
    if d is None:
        return Reading(None, None, None, None, None, *plan, status=EstimateStatus.WITHHELD)
    return Reading(d, d - wide, d + wide, d - narrow, d + narrow, *plan)


def _drawn(shape: Shape, seed: int, draws: int) -> tuple[Array, Array, Array]:
    """Estimates around a true difference of zero, and the reaches of their intervals at the plan's confidence and at 80%."""
    levels = (shape.subject.confidence, 0.8)
    design = shape.subject.design
    if shape.people_assigned:
        scale = people_error(shape.noise, design, shape.pilots, shape.comparisons)
        estimate = np.random.default_rng(seed).normal(0.0, scale, draws)
        wide, narrow = (np.full(draws, stats.norm.ppf((1 + level) / 2) * scale) for level in levels)
        return estimate, wide, narrow
    people = shape.people * (RECOGNISED if design is Design.ANCOVA else 1.0)
    variance = float(unit_variance(design, shape.noise, people))
    known = _sampling(shape, people) / variance
    estimate, error, df = _standard(design, shape.pilots, shape.comparisons, round(known, 6), seed, draws)
    wide, narrow = (float(stats.t.ppf((1 + level) / 2, df)) * np.sqrt(variance) * error for level in levels)
    return np.sqrt(variance) * estimate, wide, narrow


def _sampling(shape: Shape, people: float) -> float:
    """The part of a unit's variance that comes from asking only some people, which the headline method knows."""
    factor = {Design.COMPARISON: 1.0, Design.ANCOVA: 1 - (shape.noise.linked or 0.0) ** 2}.get(shape.subject.design, 2.0)
    return factor * shape.noise.between_people / people


@lru_cache(maxsize=64)
def _standard(design: Design, pilots: int, comparisons: int, known: float, seed: int, draws: int) -> tuple[Array, Array, int]:
    """Estimates and standard errors where a unit's variance is 1, of which the share `known` is known to the method.

    Every study starts from baseline scores of its own: where they fall by chance between the arms decides how sure ANCOVA is.
    """
    rng = np.random.default_rng(seed)
    units = pilots + comparisons
    columns = [np.ones((draws, units))]
    if not design.alone:
        columns.append(np.broadcast_to(np.arange(units) < pilots, (draws, units)).astype(float))
    changes, sampling = rng.standard_normal((draws, units)), np.full(units, min(known, 1.0))
    if design is Design.ANCOVA:
        columns.append(rng.standard_normal((draws, units)))
    fit = unit_change(changes, sampling, np.stack(columns, axis=2), min(1, len(columns) - 1))
    return fit.estimate, fit.std_error, fit.df
