"""What is counted in records, not asked: sickness days, leavers, complaints, as events over exposure.

The headline takes one figure a unit, the change of its log rate, and goes on as every headline (docs/methods.md, formula 4):
sampling variance 1/events in each wave; events that come in clusters add to the spread between units, which is estimated. Beside
it stands a quasi-Poisson regression with log exposure by statsmodels, whose error takes unit-waves as independent. A wave of a
unit without any event counts as half an event. Sources: McCullagh & Nelder (1989), chapter 9; docs/methods.md, section 17.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
from statsmodels.genmod.families import Poisson
from statsmodels.genmod.generalized_linear_model import GLM

from evaluation.errors import DesignError
from evaluation.inference.estimate import Estimate, Estimates
from evaluation.inference.panel import filled, unit_rows, withheld
from evaluation.inference.refusals import Facts, refusals, standing
from evaluation.inference.resolution import floor
from evaluation.inference.unit_level import UnitLevel
from evaluation.inference.variance import Inference
from evaluation.terms import Design

HALF = 0.5


def event_rates(
    data: pd.DataFrame, *, unit: str, wave: str, arm: str, events: str, exposure: str, baseline: object, follow_up: object,
    pilot: object = "pilot", confidence: float = 0.95,
) -> Estimates:
    """Compare how rates of events changed in pilots and elsewhere.

    Args:
        data: one row a unit and wave (or more, which are added up).
        unit, wave, arm: columns that name what was assigned, the wave, and the arm.
        events: the column of counts, whole and not below zero.
        exposure: the column of what they could have come from (days, people), above zero.
        baseline, follow_up: the two waves.
        pilot: the value of `arm` that means pilot.
        confidence: of the intervals.

    Returns:
        The log rate ratio of pilots beyond comparison: the headline on units' changes first, then quasi-Poisson. `exp` of an
        estimate and of its interval's ends are rate ratios.

    Raises:
        DesignError: counts that are no counts, exposure that is not above zero, or nothing to compare.
    """
    table = _table(data, unit, wave, arm, events, exposure, (baseline, follow_up))
    pilots = (table["arm"] == pilot).to_numpy(dtype=float)
    m, others = int(pilots.sum()), int((1 - pilots).sum())
    if not m or not others:
        raise DesignError(f"{m} pilot and {others} comparison units have both waves.", fix="check arms and waves.", code="arm")
    facts = Facts(Design.DIFFERENCE_IN_DIFFERENCES, m, others, 2, "unit", "units", confidence=confidence)
    found = refusals(facts)
    blank = Estimate(
        measure=events, design=Design.DIFFERENCE_IN_DIFFERENCES.value, term="log rate ratio", contrast=f"{pilot} - others",
        wave_from=str(baseline), wave_to=str(follow_up), confidence=confidence, n_units=m + others, n_pilot=m,
        n_comparison=others, resolution_floor=floor(m, m + others),
    )  # fmt: skip
    level = _level(table, pilots)
    row = filled(replace(blank, estimator="quasi-Poisson"), _regression(table, pilots), "unit-waves independent", confidence)
    return Estimates(withheld((*unit_rows(blank, level, confidence), row), *standing(found)))


def _table(
    data: pd.DataFrame, unit: str, wave: str, arm: str, events: str, exposure: str, waves: tuple[object, object]
) -> pd.DataFrame:
    """One row a unit with events and exposure in both waves."""
    own = data[data[wave].isin(waves)]
    counts, bases = own[events].to_numpy(dtype=float), own[exposure].to_numpy(dtype=float)
    wrong = ~np.isfinite(counts) | (counts < 0) | (counts != np.round(counts))
    if wrong.any():
        raise DesignError(f"{wrong.sum()} rows of '{events}' are no counts.", fix="give whole numbers from 0.", code="events")
    if not np.all(np.isfinite(bases) & (bases > 0)):
        raise DesignError(f"'{exposure}' is not above zero everywhere.", fix="leave out rows without exposure.", code="exposure")
    if own.groupby(unit)[arm].nunique().max() > 1:
        raise DesignError("a unit stands in two arms.", fix="give every unit one arm.", code="arm")
    sides = [own[own[wave] == value].groupby(unit)[[events, exposure]].sum() for value in waves]
    table = sides[0].set_axis(["x_0", "e_0"], axis=1).join(sides[1].set_axis(["x_1", "e_1"], axis=1), how="inner")
    if table.empty:
        raise DesignError("no unit has both waves.", fix="check the waves' names.", code="empty")
    return table.assign(arm=own.groupby(unit)[arm].first().reindex(table.index))


def _level(table: pd.DataFrame, pilots: np.ndarray) -> UnitLevel:
    x0, x1 = (np.maximum(table[name].to_numpy(dtype=float), HALF) for name in ("x_0", "x_1"))
    change = np.log(x1 / table["e_1"].to_numpy()) - np.log(x0 / table["e_0"].to_numpy())
    columns = np.column_stack([np.ones(len(pilots)), pilots])
    return UnitLevel(tuple(map(str, table.index)), change, 1 / x0 + 1 / x1, columns, ("1", "pilot"), 1)


def _regression(table: pd.DataFrame, pilots: np.ndarray) -> Inference:
    """Quasi-Poisson with a level for every unit: the log rate ratio of pilots at follow-up beyond the change elsewhere."""
    G = len(table)
    events = np.concatenate([table["x_0"], table["x_1"]]).astype(float)
    offset = np.log(np.concatenate([table["e_0"], table["e_1"]]))
    later = np.repeat([0.0, 1.0], G)
    units = np.vstack([np.eye(G), np.eye(G)])
    columns = np.column_stack([np.tile(pilots, 2) * later, later, units])
    alive = np.repeat((events[:G] + events[G:] > 0)[None], 2, axis=0).ravel()  # a unit without any event tells nothing
    kept = np.any(columns[alive] != 0, axis=0)
    fit = GLM(events[alive], columns[alive][:, kept], family=Poisson(), offset=offset[alive]).fit(scale="X2")
    return Inference(float(fit.params[0]), float(fit.bse[0]), float(fit.df_resid))
