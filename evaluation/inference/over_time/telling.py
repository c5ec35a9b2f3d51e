"""How all designs over time print their answers."""

from evaluation.inference.estimate import Estimates

NUMBERS = ("estimate", "std_error", "df", "p_value", "conf_low", "conf_high", "status")


def table_of(estimates: Estimates, *names: str) -> str:
    """A plain table for a terminal: the columns `names`, how each number was made, and the numbers."""
    table = estimates.tidy()[[*names, "estimator", "variance", *NUMBERS]]
    return str(table.to_string(index=False, na_rep="", float_format=lambda value: f"{value:.4g}"))
