"""One item, as it was answered."""

from collections.abc import Sequence

import ibis.expr.types as ir

from evaluation.errors import ProtocolError
from evaluation.measures.rule import SCORE_INTERVALS, SCORING_RULES, Answer, common_interval, rescaled
from evaluation.protocol.model import Measure

SCORE_INTERVALS.register("single item")(common_interval)


@SCORING_RULES.register("single item")
def single_item(answers: Sequence[Answer], measure: Measure) -> ir.NumericValue:
    """The answer itself, moved to `scale` where the measure states one.

    Raises:
        ProtocolError: the measure names several items.
    """
    if len(answers) != 1:
        raise ProtocolError(
            f"measure '{measure.label}' scores a single item but names {len(answers)}.",
            fix="name one item, or write 'score: mean'.",
            code="single-item",
        )
    return rescaled(answers[0].value, answers[0].scale.interval, measure.scale)
