"""What weights call for saying: by what answers are weighted, what that costs, and whether it changes what is told."""

from evaluation.evidence.evidence import Evidence
from evaluation.inference.estimate import Estimate
from evaluation.inference.flags import flag
from evaluation.inference.question import Question


def weight_cautions(question: Question, evidence: Evidence, weighted: Estimate, plain: Estimate) -> tuple[str, ...]:
    """The flags of an answer that is told weighted and unweighted.

    The two tell different things where their intervals leave different signs open, or where they are further apart than half the
    minimum important difference.
    """
    told = _by(question, evidence) if question.estimand.weights is not None and weighted.estimate is not None else ""
    rules = [("response_weights", told), ("weights_matter", _apart(question, weighted, plain))]
    return tuple(flag(name, detail) for name, detail in rules if detail)


def _by(question: Question, evidence: Evidence) -> str:
    declared, made = question.population.weights, evidence.weighting
    if declared is None:
        return ""
    own = made[(made["population"] == question.measure.population) & made["wave"].isin(question.needed)]
    people, effective = own["people"].sum(), own["effective"].sum()
    return f"{' and '.join(declared.margins)}; {people:,} answers tell as much as {effective:,.0f} equal ones"


def _apart(question: Question, weighted: Estimate, plain: Estimate) -> str:
    if weighted.estimate is None or plain.estimate is None:
        return ""
    far = abs(weighted.estimate - plain.estimate) > question.measure.minimum_important_difference.value / 2
    if not far and _signs(weighted) == _signs(plain):
        return ""
    return f"weighted {weighted.estimate:.2g}, unweighted {plain.estimate:.2g}"


def _signs(row: Estimate) -> tuple[bool, bool] | None:
    """Whether the interval reaches below zero, and above; None without an interval."""
    return None if row.conf_low is None or row.conf_high is None else (row.conf_low < 0, row.conf_high > 0)
