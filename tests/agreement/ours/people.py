"""People assigned one by one, answers on few options, records and series; several questions at once."""

from typing import Any

import numpy as np
import pandas as pd

from evaluation.evidence.scan import moments_of
from evaluation.inference.effect_size import effect_size
from evaluation.inference.fit.fit import fit
from evaluation.inference.multiplicity import adjusted
from evaluation.inference.rows.paired import within_people
from evaluation.inference.rows.records import event_rates
from evaluation.inference.tallied.ordinal import cumulative_logit
from evaluation.inference.tallied.superiority import superiority
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


def ordinal(case: Case) -> dict[str, Any]:
    """The cumulative logit from counts by organisation and wave."""
    frame = case.frame
    counts = pd.crosstab([frame["organisation"], frame["pilot"], frame["follow_up"]], frame["answer"])
    cells = counts.index.to_frame(index=False)
    terms = list(case.values["coefficient"])
    columns = np.column_stack([cells[term.split(":")].prod(axis=1) for term in terms])
    found = cumulative_logit(counts.to_numpy(), columns, cells["organisation"].tolist(), terms)
    return {
        "coefficient": dict(zip(terms, found.slopes, strict=True)),
        "threshold": dict(zip(case.values["threshold"], found.thresholds, strict=True)),
        "deviance": -2 * found.log_likelihood,
        "jackknife": {term: found.infer(term).std_error for term in terms},
    }


def ranked(case: Case) -> dict[str, Any]:
    """Of pilots over the others; a score is an answer on as many options as it has values."""
    frame = case.frame
    rows, column = (frame[frame["follow_up"] == 1], "answer") if case.name == "answers" else (frame, "after")
    others, pilots = pd.crosstab(rows["pilot"], rows[column]).to_numpy()
    found = superiority(others, pilots).against_even
    return {"superiority": found.estimate + 0.5, "std_error": found.std_error, "df": found.df, "p_value": found.p_value}


def recorded(case: Case) -> dict[str, Any]:
    keys = {"unit": "organisation", "wave": "follow_up", "arm": "pilot"}
    found = event_rates(case.frame, **keys, events="events", exposure="exposure", baseline=0, follow_up=1, pilot=1)
    row = found.rows[-1 if case.name == "quasi-Poisson" else 0]
    return {"estimate": row.estimate, "std_error": row.std_error, "df": row.df}


def sized(case: Case) -> dict[str, Any]:
    moments = moments_of(case.frame, "score", unit="organisation", wave="wave")
    found = effect_size(case.spec["estimate"], (None, None), moments)
    return {"deviation": found.deviation, "size": found.size}


def multiplicity(case: Case) -> dict[str, Any]:
    rule = {"holm": Multiplicity.HOLM, "BH": Multiplicity.BENJAMINI_HOCHBERG}[case.name]
    return {"p_value": {str(k + 1): p for k, p in enumerate(adjusted(case.spec["p"], rule))}}
