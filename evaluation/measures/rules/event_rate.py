"""A rate of events counted in records: nobody is asked, so there is no score, and changes are told in percent of the rate."""

from collections.abc import Sequence

import ibis.expr.types as ir

from evaluation.errors import ProtocolError
from evaluation.measures.rule import SCORE_INTERVALS, SCORING_RULES, Answer
from evaluation.protocol.block import Interval
from evaluation.protocol.instrument import Scale
from evaluation.protocol.model import Measure


@SCORE_INTERVALS.register("event rate")
def change_in_percent(scales: Sequence[Scale], measure: Measure) -> Interval:
    """From no event left to twice as many; a rate can rise further, but no plan would call that unimportant."""
    return Interval(low=-100, high=100)


@SCORING_RULES.register("event rate")
def event_rate(answers: Sequence[Answer], measure: Measure) -> ir.NumericValue:
    """No answers are scored.

    Raises:
        ProtocolError: always.
    """
    fix = "read its table under 'records'."
    raise ProtocolError(f"measure '{measure.label}' is counted in records and has no score.", fix=fix, code="counted")
