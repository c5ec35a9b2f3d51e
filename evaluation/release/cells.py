"""Cells: for every measure and wave, how many people answered in each unit, arm and role, their mean and its 95% interval.

Exact numbers: nothing here may leave the study before `protect` and `display` have been over it. A unit whose organisation
took part in a wave without anybody answering is a cell of nobody; a wave in which its organisation did not take part is none.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from evaluation.evidence.evidence import Evidence
from evaluation.evidence.moments import Moments
from evaluation.measures.score import interval_of, waves_scored
from evaluation.organisations.register import Register
from evaluation.protocol.documents import Documents
from evaluation.terms import Assignment, Level

CONFIDENCE = 0.95
COLUMNS = ("measure", "wave", "level", "unit", "arm", "role", "people", "mean", "low", "high", "lowest", "highest")
LEVELS = ("all", "role", "arm", "unit")
"""From the whole to the finest; each but the last is the sum of the next. "all" is never published as a cell, but its count
is known to readers from the findings."""


def cells_of(evidence: Evidence, documents: Documents, register: Register) -> pd.DataFrame:
    """Every cell of every measure: columns `COLUMNS`, one row a measure, wave and member of a level.

    `people` are those who answered the measure (for published tables the stated base), `mean` in the measure's own units,
    `low` to `high` the 95% interval: between people in a unit, between units in an arm or role; NaN where it has none;
    `lowest` to `highest` the measure's scale.
    """
    parts = [part for measure in documents.protocol.measures for part in _measure(measure, evidence, documents, register)]
    return pd.DataFrame([row for part in parts for row in part], columns=list(COLUMNS))


def _measure(measure: str, evidence: Evidence, documents: Documents, register: Register) -> Iterator[list[dict[str, object]]]:
    population = documents.protocol.measures[measure].population
    published = documents.protocol.populations[population].level is Level.ORGANISATION
    people_assigned = documents.protocol.assignment is Assignment.RESPONDENT
    scale = interval_of(measure, documents)
    for wave in waves_scored(measure, documents):
        there = evidence.types[(evidence.types["population"] == population) & (evidence.types["wave"] == wave)]
        if there.empty:
            continue
        units = _units(evidence.moments[measure], wave, there, register, documents)
        if published:
            base = there.set_index(["unit", "arm"])["people"]
            keys = zip(units["unit"], units["arm"], units["n"] > 0, strict=True)
            units["people"] = [int(base.get((unit, arm), 0)) if has_mean else 0 for unit, arm, has_mean in keys]
        for level in LEVELS:
            found = _level(units, level, spread=not published, nested=not people_assigned)
            yield [{"measure": measure, "wave": wave, **row, "lowest": scale.low, "highest": scale.high} for row in found]


def _units(moments: Moments, wave: str, there: pd.DataFrame, register: Register, documents: Documents) -> pd.DataFrame:
    """One row a unit and arm of the wave: n rows, sum and sum of squares around the centre, people; nobody is 0."""
    kept = moments.select(moments.cells["wave"] == wave)
    sums = kept.cells[["unit", "arm"]].assign(n=kept.n, total=kept.products[:, 0, -1], squares=kept.products[:, -1, -1])
    took_part = there[["unit", "arm"]].drop_duplicates()
    if documents.protocol.assignment is not Assignment.RESPONDENT:
        listed = register.units[register.units["organisation"].isin(there["organisation"])]
        known = pd.DataFrame({"unit": listed.index.astype(str), "arm": listed["arm"].astype(str)})
        took_part = pd.concat([took_part.astype(str), known]).drop_duplicates()
    units = took_part.merge(sums, on=["unit", "arm"], how="left").fillna({"n": 0.0, "total": 0.0, "squares": 0.0})
    roles = {name: arm.role.value for name, arm in documents.protocol.arms.items()}
    units = units.assign(role=units["arm"].map(roles), people=units["n"].astype(int), centre=moments.centre)
    return units.sort_values(["role", "arm", "unit"]).reset_index(drop=True)


def _level(units: pd.DataFrame, level: str, *, spread: bool, nested: bool) -> Iterator[dict[str, object]]:
    """The cells of one level, as records."""
    keys = {"unit": ["role", "arm", "unit"], "arm": ["role", "arm"], "role": ["role"], "all": []}[level]
    groups = units.groupby(keys, sort=True) if keys else [((), units)]
    for key, members in groups:
        names = dict(zip(keys, key, strict=True)) if keys else {}
        n, total, squares = members["n"].to_numpy(), members["total"].to_numpy(), members["squares"].to_numpy()
        by_people = level == "unit" or not nested
        low, high = (np.nan, np.nan) if level == "all" else interval(n, total, squares, by_people=by_people, spread=spread)
        centre = float(members["centre"].iloc[0])
        mean = total.sum() / n.sum() + centre if n.sum() else np.nan
        yield {
            "level": level, "unit": names.get("unit"), "arm": names.get("arm"), "role": names.get("role"),
            "people": int(members["people"].sum()), "mean": mean, "low": low + centre, "high": high + centre,
        }


def interval(
    n: Sequence[float] | np.ndarray, total: Sequence[float] | np.ndarray, squares: Sequence[float] | np.ndarray, *,
    by_people: bool, spread: bool = True, confidence: float = CONFIDENCE,
) -> tuple[float, float]:
    """The interval of a mean over units, around the centre of their sums; (NaN, NaN) where nothing varies or too few.

    Args:
        n, total, squares: each unit's rows, their sum and sum of squares.
        by_people: people are independent (inside one unit, or when people were assigned); otherwise units are, and the
            error is that of a ratio of sums over units (Cochran 1977, Sampling Techniques, section 6.3).
        spread: whether rows are people; a published mean has no spread of its own.
        confidence: two-sided.
    """
    n, total, squares = (np.asarray(part, dtype=float)[np.asarray(n) > 0] for part in (n, total, squares))
    rows, units = n.sum(), len(n)
    if by_people:
        df = rows - 1
        variance = max(squares.sum() - total.sum() ** 2 / rows, 0.0) / df / rows if spread and df > 0 else np.nan
    else:
        df = units - 1
        residual = total - n * (total.sum() / rows) if units else total
        variance = units / df * (residual**2).sum() / rows**2 if df > 0 else np.nan
    if not variance > 0:
        return np.nan, np.nan
    reach = float(stats.t.ppf((1 + confidence) / 2, df)) * float(np.sqrt(variance))
    mean = total.sum() / rows
    return float(mean - reach), float(mean + reach)
