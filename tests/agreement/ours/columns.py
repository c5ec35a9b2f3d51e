"""The regressors of a formula, for functions that take arrays."""

import numpy as np
import pandas as pd
from formulaic import model_matrix

from tests.agreement.golden import Case


def columns_of(case: Case, frame: pd.DataFrame) -> tuple[list[str], np.ndarray]:
    """R's names of the regressors, and their values."""
    matrix = model_matrix(case.spec["formula"].split("~")[1], frame)
    names = [str(name).replace("Intercept", "(Intercept)").replace("[T.", "").replace("]", "") for name in matrix.columns]
    return names, np.asarray(matrix, dtype=float)
