"""Mixed models, by the analyst's interface."""

from typing import Any

from evaluation.inference.random_effects import RandomEffects, random_effects
from tests.agreement.golden import Case


def fitted(case: Case) -> RandomEffects:
    groups = case.spec["groups"]
    return random_effects(case.spec["formula"], case.frame, [groups] if isinstance(groups, str) else groups)


def rows(case: Case, df: str) -> dict[str, Any]:
    """The coefficients' estimates, errors and degrees of freedom under R's names."""
    found = {{"1": "(Intercept)"}.get(row.term, row.term.replace("=", "")): row for row in fitted(case).estimates(df)}
    quantities = {"coefficient": "estimate", "std_error": "std_error", "df": "df"}
    return {quantity: {name: getattr(row, field) for name, row in found.items()} for quantity, field in quantities.items()}


def model(case: Case) -> dict[str, Any]:
    found, told = fitted(case), rows(case, "satterthwaite")
    variances = {{"residual": "Residual"}.get(name, name): value for name, value in found.variances.items()}
    criterion = -2 * found.glance()["log_likelihood"][0]
    return {"coefficient": told["coefficient"], "std_error": told["std_error"], "variance": variances, "criterion": criterion}


def small_samples(case: Case, df: str) -> dict[str, Any]:
    told = rows(case, df)
    return {quantity: told[quantity] for quantity in case.values}


def organisations(case: Case) -> dict[str, Any]:
    table = fitted(case).units()
    own = table[table["group"] == "organisation"].set_index("level")
    return {"effect": own["effect"].to_dict(), "std_error": own["conditional_sd"].to_dict()}
