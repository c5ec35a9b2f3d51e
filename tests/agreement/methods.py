"""Our side of every method that R was asked for: what stands in golden.json is computed here by the product's own functions."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from formulaic import model_matrix

from evaluation.inference.design import Lifted, WeightedSums
from evaluation.inference.estimate import Estimate
from evaluation.inference.multiplicity import adjusted
from evaluation.inference.panel import sign_rows
from evaluation.inference.power import Noise, chance_to_detect, minimum_detectable_effect
from evaluation.inference.rows.paired import within_people
from evaluation.inference.rows.respondents import People, Robust, robust
from evaluation.inference.unit_change import UnitChange, unit_change
from evaluation.inference.variance import LeastSquares, infer, least_squares
from evaluation.terms import Design, Multiplicity
from tests.agreement.golden import Case

CLOSED, ITERATED = 1e-8, 1e-4


@dataclass(frozen=True)
class Method:
    """`against`: what R computed it with; `ours`: the same numbers by our code, with the names that the golden values have."""

    against: str
    tolerance: float
    ours: Callable[[Case], dict[str, Any]]


def columns_of(case: Case, frame: pd.DataFrame) -> tuple[list[str], np.ndarray]:
    """R's names of the regressors, and their values; a level of its own for an organisation last."""
    matrix = model_matrix(case.spec["formula"].split("~")[1], frame)
    names = [str(name).replace("Intercept", "(Intercept)").replace("[T.", "").replace("]", "") for name in matrix.columns]
    order = sorted(range(len(names)), key=lambda k: names[k].startswith("organisation"))
    return [names[k] for k in order], np.asarray(matrix, dtype=float)[:, order]


def lifted(case: Case) -> Lifted:
    """The sums by organisation of a regression of rows."""
    frame = case.frame
    names, X = columns_of(case, frame)
    y, weights = frame["score"].to_numpy(float), case.spec.get("weights")
    w = np.ones(len(y)) if weights is None else frame[weights].to_numpy(float)
    codes, units = pd.factorize(frame["organisation"], sort=True)

    def by_unit(parts: np.ndarray) -> np.ndarray:
        total = np.zeros((len(units), *parts.shape[1:]))
        np.add.at(total, codes, parts)
        return total

    outer = X[:, :, None] * X[:, None, :]
    further = WeightedSums(by_unit(outer), by_unit(X * y[:, None]), by_unit(w[:, None, None] ** 2 * outer))
    sums = (by_unit(w[:, None, None] * outer), by_unit(w[:, None] * X * y[:, None]), by_unit(w * y**2), by_unit(np.ones(len(y))))
    return Lifted(tuple(units), tuple(names), 0, *sums, weighted=None if weights is None else further)


def by_term(fit: LeastSquares) -> dict[str, LeastSquares]:
    """The same fit with every coefficient in turn as the contrast, without an organisation's own level."""
    return {
        name: least_squares(replace(fit.lifted, target=k))
        for k, name in enumerate(fit.lifted.terms)
        if not name.startswith("organisation")
    }


def coefficients(case: Case) -> dict[str, Any]:
    return {"coefficient": {name: fit.estimate for name, fit in by_term(least_squares(lifted(case))).items()}}


def sandwich(kind: str, case: Case) -> dict[str, Any]:
    """Errors of every coefficient, with degrees of freedom where R gives those that we use."""
    found = {name: infer(fit, kind) for name, fit in by_term(least_squares(lifted(case))).items()}
    both = {"std_error": {name: one.std_error for name, one in found.items()}, "df": {name: one.df for name, one in found.items()}}
    return {quantity: both[quantity] for quantity in both if quantity in case.values or quantity == "std_error"}


def sandwich_of(kind: str) -> Method:
    return Method("clubSandwich::coef_test", CLOSED, lambda case: sandwich(kind, case))


def second_stage(case: Case) -> tuple[pd.DataFrame, np.ndarray]:
    frame = case.frame
    return frame, columns_of(case, frame)[1]


def headline(case: Case, *, weighted: bool = True) -> UnitChange:
    frame, X = second_stage(case)
    return unit_change(frame["change"], frame["sampling"] if weighted else None, X, 1)


def change_row(found: UnitChange) -> dict[str, Any]:
    low, high = found.interval(0.95)
    row = {"estimate": found.estimate, "std_error": found.std_error, "df": found.df, "p_value": found.p_value, "low": low, "high": high}
    return {name: float(np.squeeze(value)) for name, value in row.items()}


def reml_hk(case: Case) -> dict[str, Any]:
    found = headline(case)
    return change_row(found) | {"tau2": found.tau2[0], "ratio": found.ratio[0]}


def one_sample(case: Case) -> dict[str, Any]:
    change = case.frame["change"]
    return change_row(unit_change(change, None, np.ones((len(change), 1)), 0))


def signs(case: Case) -> dict[str, Any]:
    ranks, sides = sign_rows(Estimate(), case.frame["change"].to_numpy())
    return {"signed_ranks": ranks.p_value, "signs": sides.p_value}


def assigned(case: Case) -> Robust:
    """People assigned one by one: the arm's column stands first in `People`."""
    frame = case.frame
    names, X = columns_of(case, frame)
    order = sorted(range(len(names)), key=lambda k: names[k] != "pilot")
    outcome = frame[case.spec["formula"].split(" ~ ")[0]].to_numpy(float)
    return robust(People(outcome, X[:, order], tuple(names[k] for k in order), 0, 0))


def heteroskedastic(kind: str) -> Callable[[Case], dict[str, Any]]:
    def ours(case: Case) -> dict[str, Any]:
        found = assigned(case)
        return {"coefficient": found.estimate, "std_error": found.errors[kind]}

    return ours


def paired(case: Case) -> dict[str, Any]:
    """The same people twice, by the adapter of pingouin."""
    wide = case.frame
    both = pd.concat([wide.assign(wave=wave, score=wide[wave]) for wave in ("before", "after")], ignore_index=True)
    (row,) = within_people(both, ("before", "after"), pd.Series(1.0, both.index)).to_dict("records")
    kept = {"estimate": "change", "statistic": "t", "df": "df", "p_value": "p_value", "low": "conf_low", "high": "conf_high"}
    return {name: row[column] for name, column in kept.items()}


def multiplicity(case: Case) -> dict[str, Any]:
    rule = {"holm": Multiplicity.HOLM, "BH": Multiplicity.BENJAMINI_HOCHBERG}[case.name]
    return {"p_value": {str(k + 1): p for k, p in enumerate(adjusted(case.spec["p"], rule))}}


def detectable(case: Case) -> dict[str, Any]:
    spec = case.spec
    noise = Noise(0.0, spec["between_waves"], spec["between_people"])
    sides = [[spec["respondents"]] * count for count in spec["units"]]
    design = Design.DIFFERENCE_IN_DIFFERENCES
    if "effect" in spec:
        return {"chance": chance_to_detect(spec["effect"], design, noise, *sides)}
    effect = minimum_detectable_effect(design, noise, *sides)
    return {"detectable": effect, "chance": chance_to_detect(effect, design, noise, *sides)}


METHODS: dict[str, Method] = {
    "least squares": Method("lm", CLOSED, coefficients),
    **{kind + rows: sandwich_of(kind) for rows in ("", " of weighted rows") for kind in ("CR0", "CR1", "CR1S")},
    "CR2": sandwich_of("CR2"),
    "linearisation": Method("survey::svyglm", CLOSED, lambda case: coefficients(case) | sandwich("CR1", case)),
    "unit change, REML-HK": Method("plain R", ITERATED, reml_hk),
    "unit change, pooled t": Method("t.test", CLOSED, lambda case: change_row(headline(case, weighted=False))),
    "one-sample t": Method("t.test", CLOSED, one_sample),
    "signs and signed ranks": Method("wilcox.test, binom.test", CLOSED, signs),
    "HC1": Method("sandwich::vcovHC", CLOSED, heteroskedastic("HC1")),
    "HC2": Method("sandwich::vcovHC", CLOSED, heteroskedastic("HC2")),
    "Bell-McCaffrey df": Method("clubSandwich::coef_test", CLOSED, lambda case: {"df": assigned(case).df["HC2"]}),
    "paired t": Method("t.test", CLOSED, paired),
    "adjusted p": Method("p.adjust", CLOSED, multiplicity),
    "detectable change": Method("pt with ncp, power.t.test", CLOSED, detectable),
}
