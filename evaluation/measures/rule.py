"""What every scoring rule is given, and where rules announce themselves.

A rule is two functions under one name: how answers become a score, and between which numbers the score lies. Both
registries are keyed by the word that protocols write (`score: mean`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from evaluation.protocol.block import Interval
from evaluation.protocol.instrument import Scale
from evaluation.protocol.model import Measure, SubScore
from evaluation.registry import Registry


@dataclass(frozen=True)
class Answer:
    """One item's answers as a column, already turned where the item is reverse-scored; null where there is none.

    `routed` says who was not asked because of another answer (`asked_if`); None where everybody was. Nobody is held to have left
    unanswered what they were not asked.
    """

    value: ir.NumericValue
    scale: Scale
    item: str = ""
    routed: ir.BooleanValue | None = None


Rule = Callable[[Sequence[Answer], Measure], ir.NumericValue]
Range = Callable[[Sequence[Scale], Measure], Interval]

SCORING_RULES: Registry[Rule] = Registry("scoring rule")
SCORE_INTERVALS: Registry[Range] = Registry("scoring rule")


def minimum_answered(plan: Measure | SubScore, items: int) -> int:
    """How many items (or sub-scores) a respondent must have: `at_least`, else all of them."""
    return plan.at_least.least if plan.at_least else items


def total(values: Sequence[ir.NumericValue]) -> ir.NumericValue:
    """The sum of columns, added in pairs so that long questionnaires stay shallow expressions."""
    if len(values) == 1:
        return values[0]
    half = len(values) // 2
    return total(values[:half]) + total(values[half:])


def mean_of_answered(
    values: Sequence[ir.NumericValue], least: int, routed: Sequence[ir.BooleanValue | None] = ()
) -> ir.NumericValue:
    """The mean over the values that are present; null where none is, or fewer than `least` are present or `routed` out."""
    answered = total([value.notnull().cast("int64") for value in values])
    mean = total([ibis.coalesce(value, 0.0) for value in values]) / answered
    exempt = [out.cast("int64") for out in routed if out is not None]
    enough = (answered >= 1) & (answered + total(exempt) >= least) if exempt else answered >= max(least, 1)
    return ibis.ifelse(enough, mean, ibis.null("float64"))


def rescaled(value: ir.NumericValue, origin: Interval, target: Interval | None) -> ir.NumericValue:
    """`value` moved linearly from `origin` to `target`; unchanged where no target is given."""
    if target is None or target == origin:
        return value
    return (value - origin.low) * (target.high - target.low) / (origin.high - origin.low) + target.low


def mean_of_items(answers: Sequence[Answer], measure: Measure, least: int) -> ir.NumericValue:
    """The mean of the items that are answered, each moved to the measure's `scale`; null where fewer than `least` are."""
    moved = [rescaled(answer.value, answer.scale.interval, measure.scale) for answer in answers]
    return mean_of_answered(moved, least, [answer.routed for answer in answers])


def common_interval(scales: Sequence[Scale], measure: Measure) -> Interval:
    """The measure's own `scale`, else the range that its items share (the widest, where they differ)."""
    if measure.scale is not None:
        return measure.scale
    intervals = [scale.interval for scale in scales]
    return Interval(low=min(interval.low for interval in intervals), high=max(interval.high for interval in intervals))
