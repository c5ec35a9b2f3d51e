"""People assigned one by one, answers on few options, records and series; several questions at once."""

from typing import Any

import pandas as pd

from evaluation.inference.fit.fit import fit
from evaluation.inference.multiplicity import adjusted
from evaluation.inference.rows.paired import within_people
from evaluation.terms import Multiplicity
from tests.agreement.golden import Case


def heteroskedastic(kind: str, case: Case) -> dict[str, Any]:
    rows = fit(case.spec["formula"], case.frame).tidy(variance=kind).set_index("term")
    found = {"coefficient": rows["estimate"]["pilot"], "std_error": rows["std_error"]["pilot"], "df": rows["df"]["pilot"]}
    return {quantity: found[quantity] for quantity in case.values}


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
