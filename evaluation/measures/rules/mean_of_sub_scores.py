"""The mean of sub-scores, each the mean of its items: every sub-score counts alike, however many items it has.

So the NHS Staff Survey makes the scores of its elements: items are put on 0 to 10 and averaged to sub-scores, and these to the
score.
"""

from collections.abc import Sequence
from functools import reduce
from operator import and_

import ibis.expr.types as ir

from evaluation.measures.rule import (
    SCORE_INTERVALS,
    SCORING_RULES,
    Answer,
    common_interval,
    mean_of_answered,
    mean_of_items,
    minimum_answered,
)
from evaluation.protocol.model import Measure

SCORE_INTERVALS.register("mean of sub scores")(common_interval)


@SCORING_RULES.register("mean of sub scores")
def mean_of_sub_scores(answers: Sequence[Answer], measure: Measure) -> ir.NumericValue:
    """The mean of the sub-scores that a respondent has, in points of `scale` where the measure states one.

    A sub-score needs its `at_least` of items, the score its `at_least` of sub-scores; without one, all. What a respondent was not
    asked because of another answer counts towards neither as missing: a sub-score of which nothing was asked is left out.
    """
    parts = [[answer for answer in answers if answer.item in part.items] for part in measure.sub_scores.values()]
    scores = [
        mean_of_items(own, measure, minimum_answered(part, len(own)))
        for own, part in zip(parts, measure.sub_scores.values(), strict=True)
    ]
    return mean_of_answered(scores, minimum_answered(measure, len(scores)), [_not_asked(own) for own in parts])


def _not_asked(answers: Sequence[Answer]) -> ir.BooleanValue | None:
    """Who was asked none of the items; None where everybody was asked one."""
    routed = [answer.routed for answer in answers if answer.routed is not None]
    return reduce(and_, routed) if len(routed) == len(answers) else None
