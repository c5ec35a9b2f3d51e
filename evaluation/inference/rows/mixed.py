"""A random-intercept model by statsmodels, as a check and for the share of variance between groups; never a headline.

Fitted with Powell's method: the default optimiser stopped at a wrong variance on one million rows and still said that it had
converged, and lbfgs reported an infinite likelihood on balanced groups whose answer is known exactly (tests/inference/rows).
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from statsmodels.regression.mixed_linear_model import MixedLM, MixedLMResults
from statsmodels.tools.sm_exceptions import ConvergenceWarning, SingularMatrixWarning

from evaluation.errors import DesignError

TOLERANCE = {"ftol": 1e-12, "maxiter": 2000}


@dataclass(frozen=True)
class RandomIntercept:
    """REML fit of score ~ columns + (1 | group): coefficients and errors by name, variances in squared points."""

    coefficients: dict[str, float]
    std_errors: dict[str, float]
    between: float
    residual: float
    rows: int
    groups: int

    @property
    def intraclass_correlation(self) -> float:
        """The share of variance that lies between groups."""
        return self.between / (self.between + self.residual)


def random_intercept(frame: pd.DataFrame, score: str, group: str, columns: Sequence[str] = ()) -> RandomIntercept:
    """Fit score ~ 1 + columns with a random intercept by `group`; rows with a missing value are left out.

    Raises:
        DesignError: fewer than two groups, or nobody answered twice, so that the variances cannot be told apart.
    """
    whole = frame[[score, group, *columns]].dropna()
    groups = whole[group].nunique()
    if groups < 2 or groups == len(whole):
        raise DesignError(
            f"'{score}' has {len(whole)} answers in {groups} groups of '{group}', too few for a random intercept.",
            fix="Use a group in which several answers lie.",
        )
    names = ("1", *columns)
    exog = np.column_stack([np.ones(len(whole)), *(whole[name].to_numpy(dtype=float) for name in columns)])
    model = MixedLM(whole[score].to_numpy(dtype=float), exog, groups=whole[group].to_numpy())
    return _read(_fit(model), names, len(whole), groups)


def _fit(model: MixedLM) -> MixedLMResults:
    with warnings.catch_warnings():
        for boundary in (ConvergenceWarning, SingularMatrixWarning):
            warnings.simplefilter("ignore", boundary)  # a variance of zero is an answer, not a fault
        return model.fit(reml=True, method="powell", **TOLERANCE)


def _read(fit: MixedLMResults, names: tuple[str, ...], rows: int, groups: int) -> RandomIntercept:
    coefficients = dict(zip(names, map(float, fit.fe_params), strict=True))
    errors = dict(zip(names, map(float, np.asarray(fit.bse_fe)), strict=True))
    return RandomIntercept(coefficients, errors, float(np.asarray(fit.cov_re)[0, 0]), float(fit.scale), rows, groups)
