"""Response weights inside the scan: how much each answer counts, from the counts that the scan makes anyway.

Weights depend on nothing but the unit, the wave and the groups that headcounts are stated by, so that they are constant in every
line of the scan: weighted sums are the line's sums times its weight, and no row is read twice. In each unit and wave weights have
a mean of 1: weighting puts right who answered inside a unit, and never how much the unit counts.

Who did not state a group keeps the share that he or she has among those who answered; the headcounts are shared out among the
rest. Source: docs/weights.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from evaluation.errors import DesignError
from evaluation.evidence.moments import KEYS, NOT_STATED, Array, Moments
from evaluation.evidence.sums import Ask, moments_from
from evaluation.measures.weights import Margin, Weighting, response_weights
from evaluation.organisations.headcounts import headcounts_by_group, stated_by
from evaluation.organisations.register import Register
from evaluation.protocol.documents import Documents
from evaluation.protocol.model import ResponseWeights
from evaluation.terms import WeightKind

REPORT_COLUMNS: Mapping[str, str] = {
    "population": "str", "unit": "str", "wave": "str", "people": "int64", "effective": "float64", "design_effect": "float64",
    "lowest": "float64", "highest": "float64", "trimmed": "int64", "rounds": "int64", "off": "float64", "problem": "str",
}


@dataclass(frozen=True, eq=False)
class LineWeights:
    """The weight of a person of each line of the scan, (lines,), NaN where none could be made, and the report on them.

    `report` has one row a unit and wave: population, unit, wave, people, effective (Kish), design_effect, lowest and highest
    weight, trimmed (people), rounds (of raking), off (largest relative distance from a headcount) and problem, which is empty
    where weights were made.
    """

    weights: Array
    report: pd.DataFrame


def margins_of(population: str, documents: Documents) -> tuple[str, ...]:
    """The groups that the answers of `population` are weighted by; none where the protocol declares no weights."""
    declared = documents.protocol.populations[population].weights
    return () if declared is None else declared.margins


def line_weights(grouped: pd.DataFrame, population: str, documents: Documents, register: Register) -> LineWeights:
    """Weights for the lines of one population's scan.

    Args:
        grouped: lines with columns unit, wave, every margin, and `_rows`, the people of each.
        population: a population that declares weights.
        documents: the plan and the headcounts.
        register: the units.

    Raises:
        ProtocolError: the headcounts are wrong (`headcounts_by_group`). What they cannot weight is no error: the unit and wave
            carry the problem in the report.
    """
    declared, counted = documents.protocol.populations[population].weights, headcounts_by_group(documents, register, population)
    if declared is None or counted is None:
        raise ValueError(f"population '{population}' declares no weights or no headcounts")
    weights, records = np.full(len(grouped), np.nan), []
    places = grouped.reset_index(drop=True)
    for (unit, wave), lines in places.groupby(["unit", "wave"], sort=True):
        own = counted[(counted["unit"] == str(unit)) & (counted["wave"] == str(wave))]
        found, problem = _weighted(lines, own, declared)
        if found is not None:
            weights[lines.index] = found.weights
        records.append({"population": population, "unit": unit, "wave": wave, **_record(found, lines), "problem": problem})
    return LineWeights(weights, report_of(records))


def weighted_moments(grouped: pd.DataFrame, asks: Mapping[str, Ask], weights: Array) -> dict[str, Moments]:
    """Moments of each measure with these weights of the lines, which have a mean of 1 among a cell's people with a score."""
    return {name: _even(moments_from(grouped, ask, KEYS, weights)) for name, ask in asks.items()}


def _even(moments: Moments) -> Moments:
    if moments.doubled is None:
        return moments
    factor = (moments.n / moments.total)[:, None, None]
    return replace(moments, products=moments.products * factor, doubled=moments.doubled * factor**2)


def report_of(records: Sequence[Mapping[str, object]] = ()) -> pd.DataFrame:
    """The report's table, also of no records."""
    return pd.DataFrame(list(records), columns=list(REPORT_COLUMNS)).astype(dict(REPORT_COLUMNS))


def _weighted(lines: pd.DataFrame, counted: pd.DataFrame, declared: ResponseWeights) -> tuple[Weighting | None, str]:
    """The weights of one unit and wave, or why there are none."""
    joint = declared.kind is WeightKind.POST_STRATIFICATION
    wanted = [declared.margins] if joint else [(name,) for name in declared.margins]
    totals = [_totals(counted, groups) for groups in wanted]
    if absent := [" and ".join(groups) for groups, each in zip(wanted, totals, strict=True) if not each]:
        return None, f"there are no headcounts by {', '.join(absent)}"
    people = lines["_rows"].to_numpy(dtype=float)
    margins = [_margin(lines, groups, each, people) for groups, each in zip(wanted, totals, strict=True)]
    bounds = None if declared.trim is None else (declared.trim.low, declared.trim.high)
    try:
        return response_weights(declared.kind, margins, bounds, people=people), ""
    except DesignError as refused:
        return None, "; ".join(problem.what.rstrip(".") for problem in refused.problems)


def _totals(counted: pd.DataFrame, groups: Sequence[str]) -> dict[str, float]:
    """People of a unit and wave by the levels of `groups` jointly."""
    chosen = stated_by(counted, groups)
    if chosen.empty:
        return {}
    sums = chosen.assign(level=_joined(chosen, groups)).groupby("level")["eligible"].sum()
    return {str(level): float(number) for level, number in sums.items()}


def _margin(lines: pd.DataFrame, groups: Sequence[str], totals: Mapping[str, float], people: Array) -> Margin:
    """The margin of one unit and wave, with a level for those who did not state it."""
    levels = _joined(lines, groups)
    silent = float(people[(levels == NOT_STATED).to_numpy()].sum()) / people.sum()
    if silent and NOT_STATED not in totals:
        whole = sum(totals.values())
        known = {} if silent == 1 else {level: total * (1 - silent) for level, total in totals.items()}
        totals = {**known, NOT_STATED: whole * silent}
    return Margin(" and ".join(groups), tuple(levels), totals)


def _joined(rows: pd.DataFrame, groups: Sequence[str]) -> pd.Series:
    """The levels of several groups as one; not stated where any is not."""
    together = rows[list(groups)].astype(str).agg(", ".join, axis=1)
    return together.mask((rows[list(groups)] == NOT_STATED).any(axis=1), NOT_STATED)


def _record(found: Weighting | None, lines: pd.DataFrame) -> Mapping[str, float | int]:
    if found is None:
        nothing = dict.fromkeys(("effective", "design_effect", "lowest", "highest", "off"), np.nan)
        return {"people": int(lines["_rows"].sum()), "trimmed": 0, "rounds": 0, **nothing}
    return {
        "people": int(found.people.sum()), "effective": found.effective, "design_effect": found.design_effect,
        "lowest": float(found.weights.min()), "highest": float(found.weights.max()), "trimmed": found.trimmed,
        "rounds": found.rounds, "off": found.off,
    }  # fmt: skip
