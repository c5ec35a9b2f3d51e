"""The mean of a scale's items."""

from collections.abc import Sequence

import ibis.expr.types as ir

from evaluation.measures.rule import SCORE_INTERVALS, SCORING_RULES, Answer, common_interval, mean_of_items, minimum_answered
from evaluation.protocol.model import Measure

SCORE_INTERVALS.register("mean")(common_interval)


@SCORING_RULES.register("mean")
def mean(answers: Sequence[Answer], measure: Measure) -> ir.NumericValue:
    """The mean of the answered items, in points of `scale` where the measure states one.

    Each item is moved to `scale` before averaging, so items with different numbers of options count alike. Null where
    fewer than `at_least` items were answered; without `at_least`, where any is missing.
    """
    return mean_of_items(answers, measure, minimum_answered(measure, len(answers)))
