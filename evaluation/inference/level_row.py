"""The headline method on any unit-level figures of an estimand, as one row with the refusals that their own units call for."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from evaluation.inference.estimate import Estimate
from evaluation.inference.panel import change_estimates, filled, withheld
from evaluation.inference.refusals import Facts, Keeps, refusals, standing
from evaluation.inference.resolution import floor
from evaluation.inference.unit_level import UnitLevel
from evaluation.inference.variance import Inference
from evaluation.terms import Design, EstimateStatus, Estimator


def level_row(
    blank: Estimate, level: UnitLevel | None, people: int | None, found: Inference | None, confidence: float
) -> Estimate:
    """What was `found` on `level` (of so many people, where that is told), after the refusals that its own units call for."""
    if level is None:
        return replace(blank.without_number(), status=EstimateStatus.NOT_ESTIMABLE.value, n_units=0, n_pilot=0, n_comparison=0)
    blank = _counted(replace(blank, estimator=Estimator.UNIT_CHANGE.value, n_respondents=people), level)
    design, pilots, others = Design(str(blank.design)), blank.n_pilot or 0, blank.n_comparison or 0
    facts = Facts(
        design, pilots, others, level.columns.shape[1], contrast_lost=not is_told(level), no_spread=not level.varies,
        confidence=confidence,
    )
    status, keeps = standing(refusals(facts))
    if keeps is Keeps.NOTHING:
        return replace(blank.without_number(), status=status.value)
    if found is None:
        return replace(blank.without_number(), status=EstimateStatus.NOT_ESTIMABLE.value)
    row = replace(blank, resolution_floor=floor(pilots, pilots + others, design))
    return withheld([filled(row, found, _variance(level), confidence)], status, keeps)[0]


def estimated(level: UnitLevel | None) -> Inference | None:
    """The headline method, where the contrast can be told."""
    return None if level is None else estimated_each([level])[0]


def estimated_each(levels: Sequence[UnitLevel]) -> list[Inference | None]:
    """The headline method on each of many, None where the contrast cannot be told."""
    told = [is_told(level) for level in levels]
    found = iter(change_estimates([level for level, one in zip(levels, told, strict=True) if one]))
    return [next(found) if one else None for one in told]


def is_told(level: UnitLevel) -> bool:
    """Whether the contrast is something that the other columns do not already say."""
    return bool(np.linalg.matrix_rank(level.columns) == level.columns.shape[1])


def _counted(blank: Estimate, level: UnitLevel) -> Estimate:
    pilots = len(level.units) if blank.alone else int((level.columns[:, level.target] > 0).sum())
    return replace(blank, n_units=len(level.units), n_pilot=pilots, n_comparison=len(level.units) - pilots)


def _variance(level: UnitLevel) -> str:
    plain = "one-sample t" if level.columns.shape[1] == 1 else "pooled t"
    return plain if level.sampling is None else "REML-HK"
