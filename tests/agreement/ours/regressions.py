"""Least squares with people nested in organisations, by the analyst's formula interface."""

from functools import cache
from typing import Any

import numpy as np

from evaluation.inference.algebra import Array
from evaluation.inference.fit.clustered import Fit
from evaluation.inference.fit.fit import fit
from evaluation.inference.joint import joint_test
from evaluation.inference.leave_one_out import leave_one_out
from evaluation.inference.satterthwaite import satterthwaite
from evaluation.inference.variance import standard_error
from tests.agreement.golden import Case, table


def fitted(case: Case, outcome: str = "score") -> Fit:
    """The regression of a case; R's formula is ours."""
    spec = case.spec
    return _fitted(spec["frame"], f"{outcome} ~ {spec['formula'].split('~')[1]}", spec.get("weights"), spec.get("absorb"))


@cache
def _fitted(frame: str, formula: str, weights: str | None, absorb: str | None) -> Fit:
    found = fit(formula, table(frame), cluster="organisation", weights=weights, absorb=[absorb] if absorb else [])
    assert isinstance(found, Fit)
    return found


def contrasts(found: Fit) -> dict[str, Array]:
    """What picks each coefficient out, under the name that R gives it; an organisation's own level is not asked for."""
    named = {{"1": "(Intercept)"}.get(one.term, one.term.replace("=", "")): one.contrast for one in found.told}
    return {name: along for name, along in named.items() if along is not None and not name.startswith("organisation")}


def coefficients(case: Case) -> dict[str, Any]:
    found = fitted(case)
    rows = {row.term: row.estimate for row in found.estimates()}
    return {"coefficient": {name: rows[{"(Intercept)": "1"}.get(name, name)] for name in contrasts(found)}}


def sandwich(kind: str, case: Case) -> dict[str, Any]:
    """Errors of every coefficient, before any is withheld, and Satterthwaite's degrees of freedom where R was asked for them."""
    found = fitted(case)
    named = contrasts(found)
    told = {"std_error": {name: standard_error(found.fit, kind, along) for name, along in named.items()}}
    if "df" in case.values:
        told["df"] = {name: satterthwaite(found.fit, kind, along) for name, along in named.items()}
    return told


def linearisation(case: Case) -> dict[str, Any]:
    """Taylor linearisation of clusters drawn with replacement is CR1 of weighted rows."""
    return coefficients(case) | sandwich("CR1", case)


def together(case: Case) -> dict[str, Any]:
    found = fitted(case)
    along = contrasts(found)
    test = joint_test(found.fit, np.array([along[name] for name in case.terms]))
    return {"statistic": test.statistic, "df_num": test.contrasts, "df": test.df, "p_value": test.p_value}


def without_each(case: Case) -> dict[str, Any]:
    (term,) = case.terms
    return {"estimate": leave_one_out(fitted(case).fit).of(term).set_index("unit")["estimate"].to_dict()}
