"""Series and waves before the start."""

from typing import Any

import numpy as np

from evaluation.inference.over_time.pre_trend import pre_trend
from evaluation.inference.rows.series import TERMS, segmented
from tests.agreement.golden import Case


def series(case: Case) -> dict[str, Any]:
    first, last = case.spec["window"]
    month = case.frame[case.frame["month"].between(first, last)]
    fit = segmented(month["value"].to_numpy(), int((month["after"] == 0).sum()))
    told = {"coefficient": fit.coefficients, "classical": fit.classical, "std_error": fit.hac}
    return {quantity: dict(zip(TERMS, values, strict=True)) for quantity, values in told.items()}


def alike_before(case: Case) -> dict[str, Any]:
    frame, waves = case.frame, case.spec["waves"]
    columns = np.column_stack([np.ones(len(frame)), frame["pilot"]])
    found = pre_trend(frame[[f"w{k}" for k in waves]].to_numpy(), None, np.arange(len(waves)) * 1.0, columns, 1)
    assert found is not None
    return {"statistic": found.statistic, "df_num": found.df1, "df": found.df2, "p_value": found.p_value}
