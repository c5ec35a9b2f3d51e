"""Second opinions on rows: ordered answers with covariates, people over waves, completed sets, a link between units."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from evaluation.inference.rows.imputation import rubin
from evaluation.inference.rows.mediation import PATHS, mediation
from evaluation.inference.rows.ordered import ordered_logit
from evaluation.inference.rows.repeated import cochran_q, mcnemar, repeated_measures
from tests.agreement.golden import Case

PEOPLE = {"unit": "organisation", "person": "person", "wave": "wave"}


def ordered(case: Case) -> dict[str, Any]:
    found = ordered_logit(case.frame, "answer", list(case.values["coefficient"]), unit="organisation")
    return {
        "coefficient": dict(zip(found.terms, found.slopes, strict=True)),
        "threshold": dict(zip(case.values["threshold"], found.thresholds, strict=True)),
        "deviance": -2 * found.log_likelihood,
        "jackknife": {term: found.infer(term).std_error for term in found.terms},
    }


def changed(case: Case) -> dict[str, Any]:
    return _over_waves(mcnemar, "yes", case)


def alike(case: Case) -> dict[str, Any]:
    return _over_waves(cochran_q, "yes", case)


def repeated(case: Case) -> dict[str, Any]:
    return _over_waves(repeated_measures, "score", case)


def _over_waves(test: Callable[..., pd.DataFrame], column: str, case: Case) -> dict[str, Any]:
    """One test of people over waves; `yes` is a score above what R was told."""
    frame = case.frame.assign(yes=(case.frame["score"] > case.spec["above"]).astype(int))
    rows = frame if case.spec["who"] == "everybody" else frame[frame["pilot"] == 1]
    (found,) = test(rows, column, waves=case.spec["waves"], **PEOPLE).to_dict("records")
    return {name: found[name] for name in case.values}


def combined(case: Case) -> dict[str, Any]:
    pooled = rubin(case.spec["estimates"], case.spec["errors"], case.spec["df"])
    found = {name: getattr(pooled.found, name) for name in ("estimate", "std_error", "df", "p_value")}
    return found | {"relative_increase": pooled.relative_increase, "fraction_missing": pooled.fraction_missing}


def linked(case: Case) -> dict[str, Any]:
    asked = {key: case.spec[key] for key in ("exposure", "mediator", "outcome")}
    found = mediation(case.frame, **asked, unit="organisation", wave="follow_up", baseline=0, follow_up=1)
    errors = {path: found.infer(path).std_error for path in PATHS}
    return {"path": dict(zip(PATHS, found.paths, strict=True)), "std_error": errors, "rho_at_zero": found.rho_at_zero}
