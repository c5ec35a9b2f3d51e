"""The mean of weighted people with its linearised error: what weighting to known totals leaves to chance.

A mean that is weighted to totals errs only in what the margins do not explain: the linearised values are set against the margins
by least squares, and their residuals take the place of the answers. For one sample of people asked independently; where people
are nested in units, inference goes by unit (docs/methods.md, formula 4) and this error is that of one unit's figure.
Sources: Deville & Saerndal (1992), Journal of the American Statistical Association 87, 376; Lumley (2010), Complex Surveys,
chapter 7, as R's survey::calibrate and svymean work it out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evaluation.measures.weights import Array, Margin, Weighting


@dataclass(frozen=True)
class WeightedMean:
    """A mean and its standard error, in points; `simple_error` is that of the same weights without credit for the margins."""

    mean: float
    std_error: float
    simple_error: float
    effective: float


def weighted_mean(
    values: npt.ArrayLike, found: Weighting, margins: Sequence[Margin] = (), design_weights: npt.ArrayLike | None = None
) -> WeightedMean:
    """The weighted mean of N people.

    Args:
        values: one score a person, (N,), none missing.
        found: their weights, one person a line.
        margins: what the weights were made to meet.
        design_weights: what weighting began from, (N,); equal where not given.

    Raises:
        ValueError: values are not of the lines that were weighted, one is missing or infinite, or a line is not one person.
    """
    y, w = np.asarray(values, dtype=float), found.weights
    if y.shape != w.shape or np.any(found.people != 1) or len(y) < 2:
        raise ValueError("a weighted mean needs one value for each weight, and one person a line")
    if not np.isfinite(y).all():
        raise ValueError("a weighted mean needs every value: leave people without one out before weighting")
    d = np.ones(len(y)) if design_weights is None else np.asarray(design_weights, dtype=float)
    mean = float(w @ y / w.sum())
    apart = (y - mean) / w.sum()
    return WeightedMean(mean, _error(w * _unexplained(apart, margins, d)), _error(w * apart), found.effective)


def _error(linear: Array) -> float:
    """The standard error of a sum of independent terms, with n / (n - 1)."""
    n = len(linear)
    return float(np.sqrt(n / (n - 1) * ((linear - linear.mean()) ** 2).sum()))


def _unexplained(apart: Array, margins: Sequence[Margin], d: Array) -> Array:
    """What the levels of the margins leave of distances from the mean, by least squares with design weights d."""
    columns = [np.asarray(margin.levels) == level for margin in margins for level in sorted(margin.totals)]
    if not columns:
        return apart
    X, root = np.column_stack(columns).astype(float), np.sqrt(d)
    return np.asarray(apart - X @ np.linalg.lstsq(X * root[:, None], apart * root, rcond=None)[0])
