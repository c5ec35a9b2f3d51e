"""The quality of measures: reliability, one factor in several groups, and how alike people of one place are."""

from typing import Any

from evaluation.evidence.scan import moments_of
from evaluation.quality.fit_indices import fit_indices
from evaluation.quality.intraclass import intraclass_correlation
from evaluation.quality.item_set import ItemSet, Sums
from evaluation.quality.of_study import item_sets
from evaluation.quality.one_factor import Factor, fit_factor
from evaluation.quality.pattern import pattern
from evaluation.quality.reliability import cronbach_alpha, omega_total, reliability
from tests.agreement.golden import Case

SCALES = {"questions": (1, 6), "questionnaire": (1, 5)}


def sets(case: Case) -> tuple[ItemSet, ...]:
    frame = case.frame.assign(everybody="all")
    by = case.spec.get("group", "everybody")
    return item_sets(frame.astype({by: str}), case.spec["items"], by=by, scale=SCALES[case.spec["frame"]])


def alpha(case: Case) -> dict[str, Any]:
    found = reliability(sets(case)[0])
    each = found.items.set_index("item")
    return {"alpha": found.alpha.estimate, "item_rest": dict(each["item_rest"]), "alpha_without": dict(each["alpha_without"])}


def ends(found: Any) -> dict[str, Any]:
    return {"low": found.conf_low, "high": found.conf_high}


def feldt(case: Case) -> dict[str, Any]:
    return ends(cronbach_alpha(sets(case)[0].complete))


def omega(case: Case) -> dict[str, Any]:
    found = omega_total(sets(case)[0].complete, tuple(case.spec["items"]))
    return {"omega": found.estimate, **ends(found)}


def omega_of_correlations(case: Case) -> dict[str, Any]:
    own = sets(case)[0].complete
    return {"omega": omega_total(Sums(own.n, own.means, own.correlation), tuple(case.spec["items"])).estimate}


def fitted(case: Case, level: str) -> Factor:
    held, items = sets(case), case.spec["items"]
    every = range(len(items))
    shared = {"configural": {}, "metric": {"loadings": every}, "scalar": {"loadings": every, "intercepts": every}}[level]
    return fit_factor([one.complete for one in held], pattern(len(held), len(items), **shared), items)


def one_factor(case: Case) -> dict[str, Any]:
    fit, items = fitted(case, case.spec["level"]), case.spec["items"]
    parts = {"loading": fit.loadings, "uniqueness": fit.uniquenesses, "intercept": fit.intercepts}
    last = {name: dict(zip(items, part[-1], strict=True)) for name, part in parts.items()}
    return {**vars(fit_indices(fit)), **last, "variance": fit.variances[-1], "mean": fit.means[-1]}


def moves(case: Case) -> dict[str, Any]:
    fit, items, groups = fitted(case, "scalar"), case.spec["items"], len(sets(case))
    every = range(len(items))
    freed = [pattern(groups, len(items), loadings=every, intercepts=[k for k in every if k != let_go]) for let_go in every]
    return {"statistic": dict(zip(items, (fit.score(one) for one in freed), strict=True))}


def icc(case: Case) -> dict[str, Any]:
    frame = case.frame[case.frame["wave"] == "w0"]
    own = frame.groupby("organisation").head(case.spec["people"]) if "people" in case.spec else frame
    found = intraclass_correlation(moments_of(own, "score", unit="organisation"), "score")
    return {"icc": found.estimate, **ends(found), "of_a_place": found.of_a_place}
