"""Wild cluster bootstraps over all sign vectors."""

from dataclasses import replace
from typing import Any

import numpy as np

from evaluation.inference.bootstrap import _curve, sign_vectors, wild_bootstrap, wild_bootstrap_together
from evaluation.inference.variance import LeastSquares
from tests.agreement.golden import Case
from tests.agreement.ours.regressions import fitted


def fit_of(case: Case, outcome: str = "score") -> LeastSquares:
    """The fit with the case's term as its contrast."""
    (term,) = case.terms
    found = fitted(case, outcome).fit
    return replace(found, lifted=replace(found.lifted, target=found.lifted.terms.index(term)))


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
