"""An attacker with a linear program: what can be known of hidden cells from the published ones of one measure and wave.

She knows which units exist and how many people each has (a column `most` of the exact cells), how the policy rounds, hides and chooses what to hide, the scale, and (for means) everybody's exact number of answers.
Source: docs/disclosure.md, sections 1 and 4 (criteria a and b; linprog over published rows with their rounding).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from evaluation.protocol.policy import DisclosurePolicy
from evaluation.release.cards import CellCard
from evaluation.terms import Suppression

Bounds = tuple[float, float]
SLACK = 1e-6
ANY = 1e6


@dataclass(frozen=True)
class Leak:
    """A hidden cell about few people of which too much is known."""

    cell: str
    what: str
    bounds: Bounds


def leaks(cards: Iterable[CellCard], exact: pd.DataFrame, policy: DisclosurePolicy, *, low: float, high: float,
          precision: float = 0.05, knows_totals: bool = True) -> list[Leak]:
    """Counts of 1 to threshold - 1 known to within fewer than 5, and means of hidden groups known to within less than 2 on 0 to 10.

    Args:
        cards: what was published of one measure and wave.
        exact: the true cells, as `cells_of` gives them, of the same measure and wave.
        policy: what the attacker knows about hiding and rounding.
        low, high: the scale.
        precision: half the last digit of a published mean.
        knows_totals: whether the number of all who answered is known, to the policy's rounding.
    """
    units = exact[exact["level"] == "unit"].reset_index(drop=True)
    published = list(cards)
    n = units["people"].to_numpy(dtype=float)
    found = []
    for card in (card for card in published if card.suppressed):
        target = _members(card, units)
        people = float(target @ n)
        if not 0 < people < policy.threshold:
            continue
        count = _range(target, _count_rows(published, units, exact, policy, knows_totals), (0.0, None))
        sums = _range(target, _sum_rows(published, units, precision, low, high), (None, None))
        name, mean = card.unit or card.arm or str(card.role), (sums[0] / people, sums[1] / people)
        known_before = float(target @ _headcounts(units))
        found += [Leak(name, "count", count)] if count[1] - count[0] < min(5, known_before) - SLACK else []
        found += [Leak(name, "mean", mean)] if mean[1] - mean[0] < 0.2 * (high - low) - SLACK else []
    return found


def _headcounts(units: pd.DataFrame) -> np.ndarray:
    """The most people that each unit can hold; any number where headcounts are not known."""
    unknown = pd.Series(ANY, index=units.index)
    return units.get("most", unknown).fillna(ANY).to_numpy(dtype=float)


Rows = list[tuple[np.ndarray, float, float]]


def _members(card: CellCard, units: pd.DataFrame) -> np.ndarray:
    column = {"unit": "unit", "arm": "arm", "role": "role"}[card.level]
    return (units[column] == getattr(card, card.level)).to_numpy(dtype=float)


def _count_rows(cards: Sequence[CellCard], units: pd.DataFrame, exact: pd.DataFrame, policy: DisclosurePolicy, totals: bool) -> Rows:
    """lowest <= A x <= highest for every published count, and for what hiding itself tells."""
    half = (policy.round_counts_to - 1) / 2
    rows: Rows = []
    for card in cards:
        if card.n is not None:
            rows.append((_members(card, units), max(card.n - half, policy.threshold), card.n + half))
        elif card.suppressed is Suppression.SMALL:
            rows.append((_members(card, units), 0.0, policy.threshold - 1.0))
        elif card.level == "unit":
            rows.append((_members(card, units), float(policy.threshold), np.inf))
    rows += [(np.eye(len(units))[k], 0.0, most) for k, most in enumerate(_headcounts(units))]
    for hidden in (card for card in cards if card.suppressed and card.level == "unit"):
        siblings = [card for card in cards if card.suppressed is None and card.level == "unit" and card.arm == hidden.arm]
        rows += [(_members(card, units) - _members(hidden, units), 0.0, np.inf) for card in siblings]
    if totals:
        step, everybody = policy.round_counts_to, float(exact.loc[exact["level"] == "all", "people"].iloc[0])
        shown = round(everybody / step) * step
        rows.append((np.ones(len(units)), shown - half, shown + half))
    return rows


def _sum_rows(cards: Sequence[CellCard], units: pd.DataFrame, precision: float, low: float, high: float) -> Rows:
    """The same for sums of scores, every n known exactly; each unit's mean lies on the scale."""
    n = units["people"].to_numpy(dtype=float)
    rows: Rows = [(np.eye(len(units))[k], low * n[k], high * n[k]) for k in range(len(units))]
    for card in cards:
        members = _members(card, units)
        people = float(members @ n)
        if card.mean is not None and card.extreme is None:
            rows.append((members, (card.mean - precision) * people, (card.mean + precision) * people))
        elif card.mean is not None:
            ends = (low, card.mean) if card.extreme == "below" else (card.mean, high)
            rows.append((members, ends[0] * people, ends[1] * people))
    return rows


def _range(aim: np.ndarray, rows: Rows, bound: tuple[float | None, float | None]) -> Bounds:
    """Smallest and largest value of one sum of unknowns under all rows."""
    upper = [(part, high) for part, _, high in rows if np.isfinite(high)] + [(-part, -low) for part, low, _ in rows]
    matrix, limits = np.vstack([part for part, _ in upper]), np.array([limit for _, limit in upper])
    ends = [linprog(side * aim, A_ub=matrix, b_ub=limits, bounds=[bound] * len(aim), method="highs") for side in (1, -1)]
    assert all(end.status in (0, 3) for end in ends), [end.message for end in ends]
    low, high = (end.fun * side if end.status == 0 else -side * np.inf for side, end in zip((1, -1), ends, strict=True))
    return float(low), float(high)
