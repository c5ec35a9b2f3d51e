"""Restricted maximum likelihood: the variances at which a mixed model explains its sums best.

The best point of a coarse grid, zeros among it, then Newton's method held at or above zero. Source: Searle, Casella & McCulloch
(1992), Variance Components, chapter 6.
"""

from itertools import product

import numpy as np

from evaluation.errors import DesignError
from evaluation.inference.algebra import Array
from evaluation.inference.mixed.derivatives import derivatives
from evaluation.inference.mixed.grouped_sums import GroupedSums
from evaluation.inference.mixed.identified import refuse_unidentified
from evaluation.inference.mixed.model import At, at

GRID = 4
STEPS = 200
PROMISE = 1e-11
ROUNDING = 1e-13


def fit(sums: GroupedSums) -> At:
    """The model at the relative variances that maximise the restricted likelihood.

    Raises:
        DesignError: the sums cannot settle the variances (`identified`).
    """
    refuse_unidentified(sums)
    small = [len(grouping.levels) / sums.n for grouping in sums.groupings]
    axes = [[0.0, *np.geomspace(0.1 * size, 10.0, GRID)] for size in small]
    best = min((at(sums, np.array(point)) for point in product(*axes)), key=lambda model: model.criterion)
    return _climbed(best)


def _climbed(model: At) -> At:
    for _ in range(STEPS):
        step, promised = _step(model)
        model, moved = _shortened(model, step)
        if promised < PROMISE or not moved:
            return model
    raise DesignError(
        f"the variances of {', '.join(one.name for one in model.sums.groupings)} were not found in {STEPS} steps.",
        fix="leave out the finest grouping, or compare units' changes.",
        code="variances",
    )


def _step(model: At) -> tuple[Array, float]:
    """Newton's step, and twice what it promises to gain; a variance at 0 that wants to fall stays there."""
    found = derivatives(model)
    slope = (found.projected - found.explained)[1:]
    outside = (found.explained[:, None] * found.explained / model.df)[1:, 1:]
    hessian = (2 * found.curvature - found.information)[1:, 1:] - outside
    free = (model.theta > 0) | (slope < 0)
    if not free.any():
        return np.zeros_like(slope), 0.0
    inner = np.ix_(free, free)
    chosen = hessian[inner]
    if np.linalg.eigvalsh(chosen)[0] <= 0:
        expected = found.information - found.projected[:, None] * found.projected / model.df
        chosen = expected[1:, 1:][inner]
    step = np.zeros_like(slope)
    step[free] = -np.linalg.solve(chosen, slope[free])
    return step, float(-slope @ step)


def _shortened(model: At, step: Array) -> tuple[At, bool]:
    """The model after the longest of step, step/2, ... that does not make the likelihood worse."""
    before = model.criterion * (1 + ROUNDING * np.sign(model.criterion))
    for halving in range(40):
        further = at(model.sums, np.maximum(model.theta + step / 2**halving, 0.0))
        if further.criterion <= before:
            return further, True
    return model, False
