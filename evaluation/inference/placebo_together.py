"""Placebo reassignment of several outcomes at once: every outcome sees the same placements, so that their dependence is kept.

An outcome's p-value is its own; the adjusted one sets it beside the largest statistic that a placement gives to any outcome not
yet rejected (step-down). Sources: `placebo`; Romano & Wolf (2005), Econometrica 73, 1237.
"""

from collections.abc import Mapping

import numpy as np

from evaluation.errors import DesignError
from evaluation.inference.analyst import UnitChanges
from evaluation.inference.bootstrap import Together
from evaluation.inference.multiplicity import TIE, step_down


def placebo_together(outcomes: Mapping[str, UnitChanges], *, seed: int = 0) -> Together:
    """Placebo p-values of several outcomes, each by itself and adjusted for all.

    Args:
        outcomes: by name, what `unit_change` found of each, on the same units in the same arms.
        seed: of the sample, where there are too many placements to go through all.

    Raises:
        DesignError: no outcome is given, outcomes do not have the same units in the same arms, units are too few for a p-value,
            or there is nothing to exchange.
    """
    if not outcomes:
        raise DesignError("no outcome is given.", fix="give what unit_change found, by name.", code="outcomes")
    levels = [one.level for one in outcomes.values()]
    first = levels[0]
    if any(one.units != first.units or not np.array_equal(one.columns[:, one.target], first.columns[:, first.target])
           for one in levels):
        raise DesignError("outcomes tested together need the same units.", fix="leave out units that lack one.", code="units")
    tests = [one.placebo(seed=seed) for one in outcomes.values()]
    drawn = np.column_stack([np.abs(test.reference) for test in tests])
    p = (drawn >= drawn[0] * (1 - TIE)).mean(axis=0)
    adjusted = step_down(drawn[0], drawn, enumerated=True)  # the real placement is always among them
    return Together(tuple(outcomes), drawn[0], p, adjusted, len(drawn), tests[0].enumerated)
