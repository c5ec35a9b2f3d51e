"""People assigned one by one, answers on few options, records and series; several questions at once."""

from typing import Any

import pandas as pd

from evaluation.inference.multiplicity import adjusted
from evaluation.inference.rows.paired import within_people
from evaluation.inference.rows.respondents import People, Robust, robust
from evaluation.terms import Multiplicity
from tests.agreement.golden import Case
from tests.agreement.ours.regressions import columns_of


def assigned(case: Case) -> Robust:
    """People assigned one by one: the arm's column stands first in `People`."""
    frame = case.frame
    names, X = columns_of(case, frame)
    order = sorted(range(len(names)), key=lambda k: names[k] != "pilot")
    outcome = frame[case.spec["formula"].split(" ~ ")[0]].to_numpy(float)
    return robust(People(outcome, X[:, order], tuple(names[k] for k in order), 0, 0))


def heteroskedastic(kind: str, case: Case) -> dict[str, Any]:
    found = assigned(case)
    return {"coefficient": found.estimate, "std_error": found.errors[kind]}


def satterthwaite(case: Case) -> dict[str, Any]:
    return {"df": assigned(case).df["HC2"]}


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
