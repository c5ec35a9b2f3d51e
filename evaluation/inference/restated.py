"""The headline's own number told another way: in standard deviations of people, and against the margin of the plan.

No new evidence: estimate, error and degrees of freedom are the headline's, and what is withheld there is withheld here.
A one-sided test is made at half of 1 - confidence, so that "no worse than the margin" and the verdict "safe" are one claim: the
interval at the plan's confidence does not reach the margin. Sources: docs/methods.md, section 17; the modules named below.
"""

from collections.abc import Iterator
from dataclasses import replace
from math import log1p

from evaluation.errors import DesignError
from evaluation.evidence.moments import Moments
from evaluation.inference.effect_size import effect_size
from evaluation.inference.equivalence import equivalence
from evaluation.inference.estimate import Estimate
from evaluation.inference.flags import flag
from evaluation.inference.question import Question
from evaluation.inference.variance import Inference
from evaluation.protocol.block import Amount
from evaluation.terms import Beside, Better, EstimateStatus, Status


def restated(question: Question, moments: Moments, headline: Estimate) -> tuple[Estimate, ...]:
    """Rows that restate the headline; none where it has no number.

    Args:
        question: the estimand.
        moments: the cells behind the answer, of the waves and arms compared.
        headline: after refusals.
    """
    if headline.estimate is None:
        return ()
    row = replace(headline, flags=(), statistic=None, p_value=None, adjusted_p=None)
    return (_standardised(row, headline.estimate, moments), *against_margin(question, row, headline))


def not_worked_out(row: Estimate, fault: DesignError) -> Estimate:
    """The row without a number, and with the reason."""
    said = flag("not_worked_out", fault.problems[0].what.rstrip("."))
    return replace(row.without_number(), status=EstimateStatus.NOT_ESTIMABLE.value, flags=(*row.flags, said))


def _standardised(row: Estimate, estimate: float, moments: Moments) -> Estimate:
    """In standard deviations of people within a unit and wave; the interval is the headline's in the same units."""
    row = replace(row, estimator=Beside.STANDARDISED.value, minimum_important_difference=None)
    try:
        found = effect_size(estimate, (row.conf_low, row.conf_high), moments)
    except DesignError as fault:
        return not_worked_out(row, fault)
    return replace(row, estimate=found.size, conf_low=found.conf_low, conf_high=found.conf_high, std_error=None, df=None)


def as_estimated(stated: Amount) -> tuple[float, float]:
    """How far below and above zero an amount of the plan lies on the scale of estimates: percent of a rate lie on logs."""
    if stated.unit == "percent":
        return -log1p(-stated.value / 100), log1p(stated.value / 100)
    return stated.value, stated.value


def against_margin(question: Question, row: Estimate, headline: Estimate) -> Iterator[Estimate]:
    """Equivalence within the margin, or within the change that matters where none is stated; of a guardrail also no worse.

    Args:
        question: the estimand.
        row: the headline without its test.
        headline: after refusals; without a p-value the rows have none.
    """
    stated = question.estimand.margin or question.measure.minimum_important_difference
    guarded = question.estimand.status is Status.GUARDRAIL
    within = replace(row, estimator=Beside.EQUIVALENCE.value, term=f"{row.term} within {stated}")
    no_worse = replace(row, estimator=Beside.NO_WORSE.value, term=f"{row.term} no worse than {stated}")
    rows = (within, no_worse) if guarded else (within,)
    if headline.estimate is None or headline.std_error is None or headline.df is None or headline.p_value is None:
        yield from rows
        return
    found, alpha = Inference(headline.estimate, headline.std_error, headline.df), (1 - question.protocol.look_confidence) / 2
    below, above = (equivalence(found, margin, alpha) for margin in as_estimated(stated))
    bad_side = below.p_above_lower if question.measure.better is Better.HIGHER else above.p_below_upper
    for one, p_value in zip(rows, (max(below.p_above_lower, above.p_below_upper), bad_side), strict=False):
        yield replace(one, p_value=p_value, flags=()).beside_floor()
