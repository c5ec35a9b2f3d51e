"""Display precision: a published cell holds no more digits than a page shows.

Counts go to the policy's nearest, means of scores to one decimal, percentages to whole numbers; interval ends are rounded
outwards, so that a rounded interval never promises more than the exact one. Few people who nearly all agree are told as a
bound. Published tables are public already and keep the decimals that their smallest important change needs.
"""

import math
from collections.abc import Hashable, Mapping
from typing import Any, Literal

import pandas as pd

from evaluation.figures.numbers import decimals_for, rounded
from evaluation.measures.score import interval_of
from evaluation.protocol.block import Interval
from evaluation.protocol.documents import Documents
from evaluation.protocol.policy import DisclosurePolicy
from evaluation.release.cards import CellCard
from evaluation.terms import ScoreRule, Suppression

Row = Mapping[Hashable, Any]

EXTREME_SHARE = 5.0
"""Percentages below this, or this far from 100, are told as a bound where few answered."""


def display(cells: pd.DataFrame, documents: Documents) -> tuple[CellCard, ...]:
    """Protected cells as a release holds them; the level "all" is left out."""
    published = cells[cells["level"] != "all"]
    forms = {measure: Form.of(measure, documents) for measure in published["measure"].unique()}
    return tuple(forms[row["measure"]].card(row) for row in published.to_dict("records"))


def nearest(count: int, policy: DisclosurePolicy) -> int:
    """A count as shown: rounded to the policy's nearest, halves up."""
    step = policy.round_counts_to
    return int((2 * count + step) // (2 * step) * step)


class Form:
    """How cells of one measure are written."""

    def __init__(self, decimals: int, percentages: bool, scale: Interval, policy: DisclosurePolicy) -> None:
        self.decimals = decimals
        self.percentages = percentages
        self.scale = scale
        self.policy = policy

    @classmethod
    def of(cls, measure: str, documents: Documents) -> "Form":
        """The form that the plan and the policy give a measure."""
        plan = documents.protocol.measures[measure]
        percentages = plan.score is ScoreRule.PERCENT_POSITIVE
        public = documents.protocol.populations[plan.population].level.is_published
        fine = decimals_for(plan.minimum_important_difference.value, percentages)
        return cls(fine if public else int(not percentages), percentages, interval_of(measure, documents), documents.policy)

    def card(self, row: Row) -> CellCard:
        """One cell; nothing but its place where it is hidden.

        A hidden arm or role never says whether it is small itself: where headcounts are low, that it is not would be telling.
        """
        place = {key: None if pd.isna(row[key]) else row[key] for key in ("measure", "wave", "level", "unit", "arm", "role")}
        if row["suppressed"] is not None:
            return CellCard(**place, suppressed=row["suppressed"] if row["level"] == "unit" else Suppression.REMAINDER)
        return CellCard(**place, n=nearest(row["people"], self.policy), **self._numbers(row))

    def _numbers(self, row: Row) -> dict[str, Any]:
        mean, low, high = row["mean"], row["low"], row["high"]
        extreme, bound = self._extreme(row["people"], mean)
        if extreme:
            return {"mean": bound, "extreme": extreme}
        if math.isnan(low):
            return {"mean": rounded(mean, self.decimals)}
        return {"mean": rounded(mean, self.decimals), "conf_low": self._outwards(low, -1), "conf_high": self._outwards(high, 1)}

    def _extreme(self, people: int, mean: float) -> tuple[Literal["below", "above"] | None, float]:
        """Whether few people nearly all gave the answer at one end, and the bound that is told instead."""
        width = EXTREME_SHARE if self.percentages else 10.0**-self.decimals
        reach = width if self.percentages else width / 2
        if people < self.policy.extremes_until:
            if mean < self.scale.low + reach:
                return "below", rounded(self.scale.low + width, self.decimals)
            if mean > self.scale.high - reach:
                return "above", rounded(self.scale.high - width, self.decimals)
        return None, mean

    def _outwards(self, end: float, side: int) -> float:
        """An end of an interval moved away from the mean to the next shown digit, but not off the scale."""
        step = 10**self.decimals
        whole = round(end * step, 9)
        moved = (math.ceil(whole) if side > 0 else math.floor(whole)) / step
        return float(min(max(moved, self.scale.low), self.scale.high))
