"""Weights of people to known totals, and means of weighted people."""

from typing import Any

import pandas as pd

from evaluation.measures.weighted_mean import weighted_mean
from evaluation.measures.weights import Margin, Weighting, post_stratify, rake, trim_weights
from tests.agreement.golden import Case


def weights(case: Case) -> dict[str, Any]:
    """Weights of some people by their place, with what sums up all of them."""
    found = made(case)
    w = found.weights
    some = {place: w[int(place)] for place in case.values if place.isdigit()}
    return some | {
        "total": found.total,
        "squares": (w**2).sum(),
        "lowest": w.min(),
        "highest": w.max(),
        "effective": found.effective,
    }


def mean(case: Case) -> dict[str, Any]:
    """The mean score and its linearised error."""
    found = weighted_mean(case.frame["score"], made(case), margins(case), start(case))
    return {"mean": found.mean, "std_error": found.std_error}


def made(case: Case) -> Weighting:
    """The weights that the case asks for."""
    told = margins(case)
    found = post_stratify(*told, design_weights=start(case)) if len(told) == 1 else rake(told, design_weights=start(case))
    return trim_weights(found, *case.spec["trim"]) if "trim" in case.spec else found


def margins(case: Case) -> list[Margin]:
    """Margins named by a column, or by several joined by commas."""
    frame = case.frame
    levels = {name: frame[name.split(", ")].agg(", ".join, axis=1) for name in case.spec["margins"]}
    return [Margin(name, tuple(levels[name]), totals) for name, totals in case.spec["margins"].items()]


def start(case: Case) -> pd.Series:
    """Design weights."""
    return case.frame["design"] if case.spec["design"] == "design" else case.frame["design"] * 0 + 1
