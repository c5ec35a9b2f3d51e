"""Wild cluster bootstraps over all sign vectors."""

from typing import Any

import numpy as np

from evaluation.inference.bootstrap import _curve, sign_vectors, wild_bootstrap, wild_bootstrap_together
from evaluation.inference.variance import LeastSquares, least_squares
from tests.agreement.golden import Case
from tests.agreement.ours.regressions import by_term, lifted


def fit_of(case: Case, outcome: str = "score") -> LeastSquares:
    (term,) = case.terms
    return by_term(least_squares(lifted(case, outcome)))[term]


def wild(case: Case, *, restricted: bool) -> dict[str, Any]:
    fit = fit_of(case)
    found = wild_bootstrap(fit, restricted=restricted)
    signs, _ = sign_vectors(len(fit.lifted.units), 0, 0)
    sizes = np.sort(_curve(fit, fit.contrast, signs, restricted=restricted).statistics(0.0))
    shares = {name: sizes[int(np.ceil(len(sizes) * float(name[:-1]) / 100)) - 1] for name in case.values["quantiles"]}
    return {"t": found.statistic, "p_value": found.p_value, "quantiles": shares}


def interval(case: Case) -> dict[str, Any]:
    found = wild_bootstrap(fit_of(case))
    return {"low": found.conf_low, "high": found.conf_high}


def together(case: Case) -> dict[str, Any]:
    names = case.spec["outcomes"]
    fits = [fit_of(case, name) for name in names]
    found = wild_bootstrap_together(fits, names)
    signed = {name: float(np.copysign(t, fit.estimate)) for name, t, fit in zip(names, found.statistics, fits, strict=True)}
    return {"t": signed, "p_value": dict(zip(names, found.adjusted, strict=True))}
