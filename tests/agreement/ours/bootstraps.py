"""Wild cluster bootstraps over all sign vectors, by the analyst's formula interface."""

from typing import Any

import numpy as np

from evaluation.inference.fit.fit import fit
from tests.agreement.golden import Case
from tests.agreement.ours.regressions import fitted


def wild(case: Case, *, restricted: bool) -> dict[str, Any]:
    (term,) = case.terms
    found = fitted(case).wild_bootstrap(term, restricted=restricted)
    sizes = np.sort(found.curve.statistics(0.0))
    shares = {name: sizes[int(np.ceil(len(sizes) * float(name[:-1]) / 100)) - 1] for name in case.values["quantiles"]}
    return {"t": found.statistic, "p_value": found.p_value, "quantiles": shares}


def interval(case: Case) -> dict[str, Any]:
    (term,) = case.terms
    found = fitted(case).wild_bootstrap(term)
    return {"low": found.conf_low, "high": found.conf_high}


def together(case: Case) -> dict[str, Any]:
    (term,), names = case.terms, case.spec["outcomes"]
    fits = fit(f"{' + '.join(names)} {case.spec['formula']}", case.frame, cluster="organisation")
    found = fits.wild_bootstrap(term)
    estimates = [next(row.estimate for row in one.estimates() if row.term == term) for one in fits]
    signed = dict(zip(names, map(float, np.copysign(found.statistics, estimates)), strict=True))
    return {"t": signed, "p_value": dict(zip(names, found.adjusted, strict=True))}
