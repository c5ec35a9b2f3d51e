"""The cumulative logit from counts: one odds ratio for being above any option, whatever the distances between options.

P(answer <= k) = logistic(threshold_k - x'b). Columns are constant in a cell (unit and wave), so the counts per option are
sufficient and nothing grows with people; cells with the same columns are added, so that a fit does not grow with units either.
Fisher scoring; the error leaves one unit out at a time (the spread around the whole
fit, as CR3 does), with Student's t. Whether one odds ratio is enough is tested by the same jackknife. Sources: McCullagh
(1980), Journal of the Royal Statistical Society B 42, 109; Brant (1990), Biometrics 46, 1171; docs/methods.md, section 17.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from evaluation.errors import DesignError
from evaluation.inference.algebra import Array
from evaluation.inference.tallied.counts import checked
from evaluation.inference.tallied.scoring import even_thresholds, fitted
from evaluation.inference.variance import Inference

AT_ONCE = 2**20
"""Numbers of the largest array held while fits are made at once."""


@dataclass(frozen=True)
class CumulativeLogit:
    """Thresholds (K - 1,) and slopes (p,) by `terms`.

    `model_errors` (p,) take people as independent; `without` (G, p) are the slopes without each unit.
    """

    terms: tuple[str, ...]
    thresholds: Array
    slopes: Array
    model_errors: Array
    without: Array
    log_likelihood: float
    df: float

    def infer(self, term: str) -> Inference:
        """A slope (a log odds ratio) with the jackknife's error over units and G - 2 degrees of freedom."""
        place = self.terms.index(term)
        error = float(np.sqrt(((self.without[:, place] - self.slopes[place]) ** 2).sum()))
        return Inference(float(self.slopes[place]), error, self.df)

    def tidy(self) -> pd.DataFrame:
        """One row a term: log odds ratio, odds ratio, jackknife error, degrees of freedom and p-value."""
        rows = [(term, one.estimate, np.exp(one.estimate), one.std_error, one.df, one.p_value)
                for term in self.terms for one in (self.infer(term),)]  # fmt: skip
        return pd.DataFrame(rows, columns=["term", "estimate", "odds_ratio", "std_error", "df", "p_value"])


def cumulative_logit(counts: Array, columns: Array, units: Sequence[object], terms: Sequence[str]) -> CumulativeLogit:
    """Fit the cumulative logit.

    Args:
        counts: (C, K), how many of each cell chose each option, in the options' order; options nobody chose are left out.
        columns: (C, p), without a constant.
        units: the C units of the cells, over which the jackknife goes.
        terms: names of the p columns.

    Raises:
        DesignError: a count that is none, fewer than two options chosen, fewer than three units, a column that says nothing of
            its own, or columns that tell apart who chose what (perfect separation), in all units or without one of them.
    """
    N, X = checked(counts), np.asarray(columns, dtype=float)
    N = N[:, N.sum(axis=0) > 0]
    codes, names = pd.factorize(pd.Series(list(units)))
    if N.shape[1] < 2:
        raise DesignError("everybody chose the same option.", fix="there is nothing to compare.", code="no-spread")
    if len(names) < 3:
        raise DesignError(f"{len(names)} units leave nothing to judge an error by.", fix="give three or more.", code="few")
    if np.linalg.matrix_rank(np.column_stack([np.ones(len(X)), X])) <= X.shape[1]:
        raise DesignError("a column says what others already say.", fix="leave it out.", code="collinear")
    start = np.concatenate([even_thresholds(N.sum(axis=0)), np.zeros(X.shape[1])])
    patterns, places = np.unique(X, axis=0, return_inverse=True)
    cells = _Cells(N, patterns, places.ravel(), codes, len(names))
    whole, information, value = (part[0] for part in fitted(cells.total[None], patterns, start[None]))
    k = N.shape[1] - 1
    errors = np.sqrt(np.diag(np.linalg.inv(information)))[k:]
    without = _without_each(cells, whole)
    return CumulativeLogit(tuple(terms), whole[:k], whole[k:], errors, without, float(value), len(names) - 2.0)


def by_threshold(counts: Array, columns: Array, units: Sequence[object], terms: Sequence[str]) -> pd.DataFrame:
    """The slopes when only above or below each threshold counts: alike where odds are proportional. One row a threshold."""
    rows = [[k, *fit.slopes] for k, fit in enumerate(_splits(counts, columns, units, terms), start=1)]
    return pd.DataFrame(rows, columns=["above_option", *terms])


@dataclass(frozen=True)
class ProportionalOdds:
    """A test that one slope is the same at every threshold: `statistic` is an F with `df_between` and `df` degrees of freedom.

    `slopes` (K - 1,) are those of the thresholds.
    """

    slopes: Array
    statistic: float
    df_between: int
    df: float

    @property
    def p_value(self) -> float:
        """The chance of slopes at least this different where odds are proportional."""
        return float(stats.f.sf(self.statistic, self.df_between, self.df))


def proportional_odds(
    counts: Array, columns: Array, units: Sequence[object], terms: Sequence[str], term: str
) -> ProportionalOdds:
    """Test whether the odds ratio of `term` is the same at every threshold.

    The K - 2 differences of slopes from the first are set beside their jackknife covariance over the G units: Wald's statistic W,
    as Hotelling's T squared on G - 2 degrees of freedom, so that W (G - 1 - q) / (q (G - 2)), q = K - 2, is an F with q and
    G - 1 - q.

    Args:
        counts, columns, units, terms: as of `cumulative_logit`.
        term: whose odds are tested.

    Raises:
        DesignError: as `cumulative_logit`, at any threshold; only two options were chosen; or G is below K, or the differences
            have no covariance.
    """
    fits, place = _splits(counts, columns, units, terms), list(terms).index(term)
    q, df = len(fits) - 1, fits[0].df
    if q < 1 or df - q + 1 < 1:
        said = f"{q + 1} thresholds and {int(df) + 2} units leave no test of proportional odds."
        raise DesignError(said, fix="join options, or add units.", code="few")
    slopes = np.array([fit.slopes[place] for fit in fits])
    apart = np.column_stack([fit.without[:, place] for fit in fits]) - slopes
    gaps = apart[:, 1:] - apart[:, :1]
    covariance = gaps.T @ gaps
    if np.linalg.matrix_rank(covariance) < q:
        raise DesignError("the slopes of thresholds do not vary over units.", fix="join options.", code="no-spread")
    differences = slopes[1:] - slopes[0]
    wald = float(differences @ np.linalg.solve(covariance, differences))
    return ProportionalOdds(slopes, wald * (df - q + 1) / (q * df), q, df - q + 1)


def _splits(counts: Array, columns: Array, units: Sequence[object], terms: Sequence[str]) -> list[CumulativeLogit]:
    """The fit of each threshold, when only above or below it counts; of options that somebody chose."""
    N = checked(counts)
    N = N[:, N.sum(axis=0) > 0]
    halves = (np.column_stack([N[:, :k].sum(axis=1), N[:, k:].sum(axis=1)]) for k in range(1, N.shape[1]))
    return [cumulative_logit(split, columns, units, terms) for split in halves]


@dataclass(frozen=True)
class _Cells:
    """Counts (C, K) of cells, the R different `columns` (R, p), and which of these `rows` and of G `units` a cell has (C,)."""

    counts: Array
    columns: Array
    rows: npt.NDArray[np.intp]
    units: npt.NDArray[np.intp]
    G: int

    @property
    def total(self) -> Array:
        """Counts by row, (R, K)."""
        found: Array = self._added(np.zeros_like(self.units), 1, np.ones(len(self.units), dtype=bool))[0]
        return found

    def of(self, first: int, last: int) -> Array:
        """Counts of the units from `first` up to `last`, by row, (last - first, R, K)."""
        return self._added(self.units - first, last - first, (self.units >= first) & (self.units < last))

    def _added(self, into: npt.NDArray[np.intp], count: int, some: npt.NDArray[np.bool_]) -> Array:
        found = np.zeros((count, len(self.columns), self.counts.shape[1]))
        np.add.at(found, (into[some], self.rows[some]), self.counts[some])
        return found


def _without_each(cells: _Cells, whole: Array) -> Array:
    """The slopes (G, p) without each unit; an option that only it chose is gone with it, and so is the threshold below it."""
    total, X, p = cells.total, cells.columns, cells.columns.shape[1]
    found = np.empty((cells.G, p))
    many = max(1, AT_ONCE // (total.size * len(whole)))
    for first in range(0, cells.G, many):
        rest = total - cells.of(first, min(first + many, cells.G))
        chosen = rest.sum(axis=1) > 0
        full = np.flatnonzero(chosen.all(axis=1))
        if len(full):
            found[first + full] = fitted(rest[full], X, np.tile(whole, (len(full), 1)))[0][:, -p:]
        for g in np.flatnonzero(~chosen.all(axis=1)):
            left = rest[g][:, chosen[g]]
            if left.shape[1] < 2:
                said = "without one unit everybody chose the same option."
                raise DesignError(said, fix="there is nothing to compare.", code="no-spread")
            start = np.concatenate([even_thresholds(left.sum(axis=0)), whole[-p:]])
            found[first + g] = fitted(left[None], X, start[None])[0][0, -p:]
    return found
