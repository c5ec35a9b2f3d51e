"""Mixed models from sums."""

from typing import Any

import numpy as np

from evaluation.evidence.moments import Moments
from evaluation.inference.mixed.effects import effects
from evaluation.inference.mixed.grouped_sums import grouped_sums
from evaluation.inference.mixed.model import At
from evaluation.inference.mixed.reml import fit
from evaluation.inference.mixed.small_samples import small_sample
from tests.agreement.golden import Case
from tests.agreement.ours.columns import columns_of

CENTRE = 5.0


def fitted(case: Case) -> At:
    """The model of a case; every row is a cell of its own."""
    frame, groups = case.frame, case.spec["groups"]
    names, X = columns_of(case, frame)
    u = np.column_stack([np.ones(len(frame)), frame["score"] - CENTRE])
    moments = Moments(frame.assign(unit="all"), ("1", "score"), u[:, :, None] * u[:, None, :], CENTRE)
    return fit(grouped_sums(moments, X, names, [name.split(":") for name in ([groups] if isinstance(groups, str) else groups)]))


def model(case: Case) -> dict[str, Any]:
    found = fitted(case)
    sums, scale = found.sums, found.squares / found.df
    coefficients = dict(zip(sums.terms, found.coefficients, strict=True))
    coefficients["(Intercept)"] += CENTRE
    return {
        "coefficient": coefficients,
        "std_error": dict(zip(sums.terms, np.sqrt(np.diag(found.phi) * scale), strict=True)),
        "variance": {one.name: theta * scale for one, theta in zip(sums.groupings, found.theta, strict=True)} | {"Residual": scale},
        "criterion": found.criterion,
    }


def small_samples(case: Case, kind: str) -> dict[str, Any]:
    found = fitted(case)
    sample, terms = small_sample(found, kind), found.sums.terms
    rows = {term: sample.infer(one) for term, one in zip(terms, np.eye(len(terms)), strict=True)}
    both = {"std_error": {term: row.std_error for term, row in rows.items()}, "df": {term: row.df for term, row in rows.items()}}
    return {quantity: both[quantity] for quantity in case.values}


def organisations(case: Case) -> dict[str, Any]:
    table = effects(fitted(case))
    own = table[table["group"] == "organisation"].set_index("level")
    return {"effect": own["effect"].to_dict(), "std_error": own["conditional_sd"].to_dict()}
