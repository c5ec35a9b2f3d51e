"""The cumulative logit from counts: one odds ratio for being above any option, whatever the distances between options.

P(answer <= k) = logistic(threshold_k - x'b). Columns are constant in a cell (unit and wave), so the counts per option are
sufficient and nothing grows with people. Fisher scoring; the error leaves one unit out at a time (the spread around the whole
fit, as CR3 does), with Student's t. Whether one odds ratio is enough is tested by the same jackknife. Sources: McCullagh
(1980), Journal of the Royal Statistical Society B 42, 109; Brant (1990), Biometrics 46, 1171; docs/methods.md, section 17.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import expit

from evaluation.errors import DesignError
from evaluation.inference.algebra import Array
from evaluation.inference.tallied.counts import checked
from evaluation.inference.variance import Inference

ROUNDS = 60
CLOSE = 1e-10
ENDLESS = 12.0
"""A log odds ratio beyond this is none: the columns tell apart who chose what."""


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
    start = np.concatenate([_even_thresholds(N.sum(axis=0)), np.zeros(X.shape[1])])
    whole, information, value = _fitted(N, X, start)
    k = N.shape[1] - 1
    without = np.array([_slopes_without(N[codes != g], X[codes != g], whole) for g in range(len(names))])
    errors = np.sqrt(np.diag(np.linalg.inv(information)))[k:]
    return CumulativeLogit(tuple(terms), whole[:k], whole[k:], errors, without, value, len(names) - 2.0)


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


def _slopes_without(N: Array, X: Array, whole: Array) -> Array:
    """The slopes without a unit; an option that only it chose is gone with it, and so is the threshold below it."""
    chosen = N.sum(axis=0) > 0
    slopes = whole[N.shape[1] - 1 :]
    if chosen.all():
        return _fitted(N, X, whole)[0][-len(slopes) :]
    left = N[:, chosen]
    if left.shape[1] < 2:
        said = "without one unit everybody chose the same option."
        raise DesignError(said, fix="there is nothing to compare.", code="no-spread")
    return _fitted(left, X, np.concatenate([_even_thresholds(left.sum(axis=0)), slopes]))[0][-len(slopes) :]


def _even_thresholds(totals: Array) -> Array:
    shares = np.cumsum(totals)[:-1] / totals.sum()
    return np.asarray(np.log(shares / (1 - shares)))


def _fitted(N: Array, X: Array, start: Array) -> tuple[Array, Array, float]:
    """Parameters (thresholds, slopes), Fisher information and log likelihood."""
    at, k = start, N.shape[1] - 1
    value, score, information = _evaluated(N, X, at)
    for _ in range(ROUNDS):
        try:
            step = np.linalg.solve(information, score)
        except np.linalg.LinAlgError:
            break
        size = 1.0
        while size > 1e-8:
            moved = _evaluated(N, X, at + size * step)
            if np.isfinite(moved[0]) and moved[0] >= value - 1e-12 * abs(value):
                break
            size /= 2
        at = at + size * step
        value, score, information = moved
        if np.abs(at[k:]).max(initial=0.0) > ENDLESS:
            break
        if np.abs(size * step).max() < CLOSE:
            return at, information, value
    raise DesignError(
        "the columns tell apart who chose which option, in all units or without one of them: an odds ratio is without end.",
        fix="join rare options, or compare means.", code="separation",
    )  # fmt: skip


def _evaluated(N: Array, X: Array, at: Array) -> tuple[float, Array, Array]:
    """Log likelihood, score (q,) and Fisher information (q, q) of cells; minus infinity where thresholds do not rise."""
    k, size = N.shape[1] - 1, len(at)
    if np.any(np.diff(at[:k]) <= 0):
        return -np.inf, np.zeros(size), np.eye(size)
    eta = at[:k][None, :] - (X @ at[k:])[:, None]
    above = expit(eta)
    edges = np.column_stack([np.zeros(len(X)), above, np.ones(len(X))])
    share = np.maximum(np.diff(edges, axis=1), 1e-300)
    density = np.column_stack([np.zeros(len(X)), above * (1 - above), np.zeros(len(X))])
    slope = np.zeros((len(X), k + 1, size))
    for j in range(k):
        slope[:, j, j] += density[:, j + 1]
        slope[:, j + 1, j] -= density[:, j + 1]
    slope[:, :, k:] = -np.diff(density, axis=1)[:, :, None] * X[:, None, :]
    value = float((N * np.log(share)).sum())
    score = np.einsum("ck,ckq->q", N / share, slope)
    scaled = slope / np.sqrt(share)[:, :, None]
    return value, score, np.asarray(np.einsum("c,ckq,ckr->qr", N.sum(axis=1), scaled, scaled))
