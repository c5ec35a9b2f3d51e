"""Percent positive: the share choosing a favourable option."""

from collections.abc import Sequence

import ibis.expr.types as ir

from evaluation.measures.rule import SCORE_INTERVALS, SCORING_RULES, Answer, mean_of_answered, minimum_answered
from evaluation.protocol.block import Interval
from evaluation.protocol.instrument import Scale
from evaluation.protocol.model import Measure


@SCORE_INTERVALS.register("percent positive")
def whole_percentage(scales: Sequence[Scale], measure: Measure) -> Interval:
    """Percentages lie between 0 and 100, whatever the items' codes."""
    return Interval(low=0, high=100)


@SCORING_RULES.register("percent positive")
def percent_positive(answers: Sequence[Answer], measure: Measure) -> ir.NumericValue:
    """100 for a favourable answer and 0 for any other, so means are percentages and differences percentage points.

    Over several items a respondent's score is the share of the items they answered that they answered favourably. Null
    where fewer than `at_least` items were answered; without `at_least`, where any is missing.
    """
    favourable, routed = [_favourable(answer) for answer in answers], [answer.routed for answer in answers]
    return mean_of_answered(favourable, minimum_answered(measure, len(answers)), routed)


def _favourable(answer: Answer) -> ir.NumericValue:
    codes = [float(code) for code in answer.scale.positive]
    return answer.value.isin(codes).cast("float64") * 100.0
