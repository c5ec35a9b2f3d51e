"""One number a unit: the headline and what is made of the same numbers."""

from typing import Any

import numpy as np
import pandas as pd

from evaluation.inference.bayes import prior_sensitivity
from evaluation.inference.equivalence import equivalence
from evaluation.inference.estimate import Estimate
from evaluation.inference.panel import sign_rows
from evaluation.inference.placebo import placebo
from evaluation.inference.pooling import partially_pooled
from evaluation.inference.power import Noise, chance_to_detect, minimum_detectable_effect
from evaluation.inference.unit_change import Profile, UnitChange, restricted_likelihood_variance, unit_change
from evaluation.inference.unit_level import UnitLevel
from evaluation.inference.variance import Inference
from evaluation.terms import Design
from tests.agreement.golden import Case
from tests.agreement.ours.columns import columns_of


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


def decisive(case: Case) -> dict[str, Any]:
    found = headline(case)
    return change_row(found) | {"tau2": found.tau2[0], "ratio": found.ratio[0]}


def between(case: Case) -> dict[str, Any]:
    level = level_of(case)
    assert level.sampling is not None
    profile = Profile(level.outcome[None], level.sampling[None], level.columns[None])
    return {"tau2": restricted_likelihood_variance(profile, level.columns.shape[0] - level.columns.shape[1])[0]}


def pooled_t(case: Case) -> dict[str, Any]:
    return change_row(headline(case, weighted=False))


def level_of(case: Case) -> UnitLevel:
    frame, X = second_stage(case)
    return UnitLevel(tuple(frame["unit"]), frame["change"].to_numpy(), frame["sampling"].to_numpy(), X, ("1", "pilot"), 1)


def pooled(case: Case) -> dict[str, Any]:
    found = partially_pooled(level_of(case)).set_index("unit")
    return {name: found[name].to_dict() for name in ("pooled", "std_error")}


def bayes(case: Case) -> dict[str, Any]:
    (row,) = prior_sensitivity(level_of(case), [case.spec["scale"]], case.spec["important"]).to_dict("records")
    return {name: row[name] for name in case.values}


def reassigned(case: Case) -> dict[str, Any]:
    found = placebo(level_of(case))
    ends = {"low": found.conf_low, "high": found.conf_high}
    return {"estimate": found.estimate, "p_value": found.p_value, "placements": found.placements} | ends


def one_sample(case: Case) -> dict[str, Any]:
    change = case.frame["change"]
    return change_row(unit_change(change, None, np.ones((len(change), 1)), 0))


def signs(case: Case) -> dict[str, Any]:
    ranks, sides = sign_rows(Estimate(), case.frame["change"].to_numpy())
    return {"signed_ranks": ranks.p_value, "signs": sides.p_value}


def detectable(case: Case) -> dict[str, Any]:
    spec = case.spec
    noise = Noise(0.0, spec["between_waves"], spec["between_people"])
    sides = [[spec["respondents"]] * count for count in spec["units"]]
    design = Design.DIFFERENCE_IN_DIFFERENCES
    if "effect" in spec:
        return {"chance": chance_to_detect(spec["effect"], design, noise, *sides)}
    effect = minimum_detectable_effect(design, noise, *sides)
    return {"detectable": effect, "chance": chance_to_detect(effect, design, noise, *sides)}


def within_margin(case: Case) -> dict[str, Any]:
    found = headline(case)
    row = Inference(float(found.estimate[0]), float(found.std_error[0]), float(found.df))
    test = equivalence(row, case.spec["margin"])
    return {"p_lower": test.p_above_lower, "p_upper": test.p_below_upper, "low": test.conf_low, "high": test.conf_high}
