"""What all designs over time do with their answers: refuse what cannot be borne, and print."""

from evaluation.errors import DesignError, Problem
from evaluation.inference.estimate import Estimates
from evaluation.inference.refusals import Facts, Keeps, refusals, standing
from evaluation.terms import EstimateStatus

NUMBERS = ("estimate", "std_error", "df", "p_value", "conf_low", "conf_high", "status")


def borne(facts: Facts) -> tuple[EstimateStatus, Keeps | None]:
    """The standing of an answer by the rules of `refusals`.

    Raises:
        DesignError: nothing is left standing, with every reason.
    """
    found = refusals(facts)
    status, keeps = standing(found)
    if keeps is Keeps.NOTHING:
        raise DesignError([Problem(refusal.sentence, fix=refusal.remedy, code=refusal.rule) for refusal in found])
    return status, keeps


def table_of(estimates: Estimates, *names: str) -> str:
    """A plain table for a terminal: the columns `names`, how each number was made, and the numbers."""
    table = estimates.tidy()[[*names, "estimator", "variance", *NUMBERS]]
    return str(table.to_string(index=False, na_rep="", float_format=lambda value: f"{value:.4g}"))
