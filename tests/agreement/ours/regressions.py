"""Least squares with people nested in organisations, from sums by organisation."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from formulaic import model_matrix

from evaluation.inference.design import Lifted, WeightedSums
from evaluation.inference.variance import LeastSquares, infer, least_squares
from tests.agreement.golden import Case


def columns_of(case: Case, frame: pd.DataFrame) -> tuple[list[str], np.ndarray]:
    """R's names of the regressors, and their values; a level of its own for an organisation last."""
    matrix = model_matrix(case.spec["formula"].split("~")[1], frame)
    names = [str(name).replace("Intercept", "(Intercept)").replace("[T.", "").replace("]", "") for name in matrix.columns]
    order = sorted(range(len(names)), key=lambda k: names[k].startswith("organisation"))
    return [names[k] for k in order], np.asarray(matrix, dtype=float)[:, order]


def lifted(case: Case, outcome: str = "score") -> Lifted:
    """The sums by organisation of a regression of rows."""
    frame = case.frame
    names, X = columns_of(case, frame)
    y, weights = frame[outcome].to_numpy(float), case.spec.get("weights")
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


def linearisation(case: Case) -> dict[str, Any]:
    """Taylor linearisation of clusters drawn with replacement is CR1 of weighted rows."""
    return coefficients(case) | sandwich("CR1", case)
