"""Rows to fit, and the same regression by statsmodels."""

from typing import Any

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

from tests.inference.studies_in_memory import arms, survey

SIZES = [8, 15, 30, 6, 12, 25, 40, 9]


def staff(seed: int = 3) -> pd.DataFrame:
    """Staff of three pilots and five comparison organisations in two waves, with covariates of several kinds and weights."""
    frame = survey(arms(3, 5), SIZES)
    rng = np.random.default_rng(seed)
    frame["pilot"] = frame["role"] == "pilot"
    frame["follow_up"] = (frame["wave"] == "month_12").astype(int)
    frame["age"] = rng.normal(42, 9, len(frame)).round()
    frame["year"] = rng.integers(2019, 2024, len(frame))
    frame["band"] = rng.choice(["low", "mid", "top"], len(frame))
    frame["w"] = rng.uniform(0.4, 2.5, len(frame))
    frame["other"] = frame["score"] + rng.normal(0, 1, len(frame))
    return frame.drop(columns=["organisation"])


def by_statsmodels(formula: str, frame: pd.DataFrame, weights: str | None = None, **covariance: Any) -> Any:
    """The fit on rows; yes/no columns as numbers, as they enter here."""
    numbers = frame.assign(**{name: frame[name].astype(float) for name in frame.select_dtypes("bool")})
    model = smf.ols(formula, numbers) if weights is None else smf.wls(formula, numbers, weights=numbers[weights])
    return model.fit(**covariance)


def named(terms: Any) -> list[str]:
    """patsy's and formulaic's names of terms as they are written here."""
    return [term.replace("Intercept", "1").replace("[T.", "=").replace("[", "=").replace("]", "") for term in terms]
