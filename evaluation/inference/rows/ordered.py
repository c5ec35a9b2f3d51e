"""The cumulative logit with covariates that have no cells, age in years or a score before, by statsmodels on rows.

Without such covariates it is `tallied.ordinal.cumulative_logit`, which needs counts only and gives the same numbers. The error
leaves one unit out at a time and has G - 2 degrees of freedom, as there. statsmodels works with numerical derivatives: columns
are scaled to unit spread, BFGS finds the place and Newton's steps the last digits.
Sources: McCullagh (1980), Journal of the Royal Statistical Society B 42, 109; Konis (2007), DPhil thesis, Oxford (separation as
a linear program); docs/methods.md, section 19.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import mul

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import linprog
from statsmodels.miscmodels.ordinal_model import OrderedModel

from evaluation.errors import DesignError
from evaluation.inference.algebra import Array
from evaluation.inference.rows.answers import answers
from evaluation.inference.tallied.ordinal import CumulativeLogit

Codes = npt.NDArray[np.intp]

STEPS = 200
EDGE = 1e-6


@dataclass(frozen=True)
class OrderedLogit(CumulativeLogit):
    """A cumulative logit with the rows it rests on; `left_out` counts rows that lack the answer or a covariate."""

    n_rows: int
    n_units: int
    left_out: int


def ordered_logit(data: pd.DataFrame, answer: str, terms: Sequence[str], *, unit: str) -> OrderedLogit:
    """Fit the cumulative logit to answers one by one.

    Args:
        data: one row an answer.
        answer: a numeric column, whose order is that of the options; options nobody chose are left out.
        terms: numeric columns, or products of columns written `pilot:follow_up`; no constant.
        unit: the column of what was assigned, over which the jackknife goes.

    Returns:
        Slopes are log odds ratios of answering higher for one more of the column; `model_errors` take people as independent.

    Raises:
        DesignError: no term; a column is not there, not numeric, infinite or empty, or no row has all; fewer than
            three units; everybody chose the same; a column says what others say, or tells apart who chose what (perfect
            separation), in all units or without one of them; the fit does not settle.
    """
    if not terms:
        raise DesignError("no column is named.", fix="name what may go with the answer.", code="terms")
    parts = {term: [term] if term in data.columns else term.split(":") for term in terms}
    named = list(dict.fromkeys([answer, *(name for names in parts.values() for name in names)]))
    rows = answers(data, named, [unit])
    whole = rows.dropna(subset=named)
    if whole.empty:
        raise DesignError("no row has the answer and every covariate.", fix="leave out the emptiest column.", code="empty")
    columns = np.column_stack([reduce(mul, (whole[name].to_numpy() for name in names)) for names in parts.values()])
    y, codes, units = _checked(whole[answer].to_numpy(), columns, whole[unit])
    middle, spread = columns.mean(axis=0), columns.std(axis=0)
    Z = (columns - middle) / spread
    model, found = _fitted(y, Z)
    without = np.array([_slopes_without(y, Z, codes == g, found) for g in range(units)]) / spread
    k = len(terms)
    slopes = found[:k] / spread
    thresholds = np.asarray(model.transform_threshold_params(found))[1:-1] + middle @ slopes
    errors = np.sqrt(np.diag(np.linalg.inv(-model.hessian(found)))[:k]) / spread
    size = {"n_rows": len(y), "n_units": units, "left_out": len(data) - len(y)}
    return OrderedLogit(tuple(terms), thresholds, slopes, errors, without, float(model.loglike(found)), units - 2.0, **size)


def _checked(y: Array, columns: Array, unit: pd.Series) -> tuple[Codes, Codes, int]:
    """Options and units as codes from 0, and the number of units."""
    codes, names = pd.factorize(unit)
    if len(np.unique(y)) < 2:
        raise DesignError("everybody chose the same option.", fix="there is nothing to compare.", code="no-spread")
    if len(names) < 3:
        raise DesignError(f"{len(names)} units leave nothing to judge an error by.", fix="give three or more.", code="few")
    if not _of_full_rank(columns):
        raise DesignError("a column says what others already say.", fix="leave it out.", code="collinear")
    for g, name in enumerate(names):
        if not _of_full_rank(columns[codes != g]):
            said = f"without unit '{name}' a column says what others already say: that unit alone decides it."
            raise DesignError(said, fix="leave the column out, or describe that unit by itself.", code="leverage-one")
    return np.unique(y, return_inverse=True)[1], codes, len(names)


def _of_full_rank(columns: Array) -> bool:
    spread = columns.std(axis=0)
    if not np.all(spread > 0):
        return False
    scaled = (columns - columns.mean(axis=0)) / spread
    return bool(np.linalg.matrix_rank(np.column_stack([np.ones(len(scaled)), scaled])) > columns.shape[1])


def _slopes_without(y: Codes, Z: Array, out: npt.NDArray[np.bool_], whole: Array) -> Array:
    """Slopes without a unit, from those of all where every option is still chosen."""
    rest = np.unique(y[~out], return_inverse=True)[1]
    start = whole if rest.max() == y.max() else None
    return _fitted(rest, Z[~out], start)[1][: Z.shape[1]]


def _fitted(y: Codes, Z: Array, start: Array | None = None) -> tuple[OrderedModel, Array]:
    """The model and its parameters: slopes, then statsmodels' thresholds (the first, then logarithms of steps)."""
    if not y.any() or _told_apart(y, Z):
        raise DesignError(
            "the columns tell apart who chose which option, in all units or without one of them: an odds ratio is without end.",
            fix="join rare options, or compare means.", code="separation",
        )  # fmt: skip
    model, quiet = OrderedModel(y, Z, distr="logit"), {"disp": False, "warn_convergence": False, "skip_hessian": True}
    with np.errstate(all="ignore"):
        near = model.fit(method="bfgs", maxiter=STEPS, gtol=1e-6, **quiet).params if start is None else start
        found = model.fit(near, method="newton", maxiter=STEPS, **quiet)
    if not found.mle_retvals["converged"]:
        raise DesignError("the fit does not settle.", fix="leave out columns, or join rare options.", code="unsettled")
    return model, np.asarray(found.params)


def _told_apart(y: Codes, Z: Array) -> bool:
    """Whether some slopes put everybody on the right side of their thresholds, and not all on the edge, so that no fit is finite.

    A linear program finds the slopes, at most 1, that leave the most room on the right sides.
    """
    options = np.eye(y.max())
    upper, lower = y < y.max(), y > 0
    below = np.hstack([-Z[upper], options[y[upper]]])
    above = np.hstack([Z[lower], -options[y[lower] - 1]])
    room = np.vstack([below, above])
    bounds = [(-1.0, 1.0)] * Z.shape[1] + [(None, None)] * y.max()
    best = linprog(-room.sum(axis=0), A_ub=-room, b_ub=np.zeros(len(room)), bounds=bounds, method="highs")
    return bool(best.fun is not None and -best.fun > EDGE * len(y))
