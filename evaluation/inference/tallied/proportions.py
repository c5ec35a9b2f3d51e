"""Percentages on the logit scale: near 0 or 100 a point means more than near 50.

A unit's logit is that of (x + 1/2) of (n + 1), which exists where nobody or everybody did, with variance 1/(x + 1/2) + 1/(n -
x + 1/2); changes of logits go to the headline method. Sources: Gart & Zweifel (1967), Biometrika 54, 181; docs/methods.md,
section 17.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evaluation.errors import DesignError
from evaluation.inference.algebra import Array
from evaluation.inference.tallied.counts import checked
from evaluation.inference.variance import Inference


def logits(events: npt.ArrayLike, people: npt.ArrayLike) -> tuple[Array, Array]:
    """Logits of shares and their sampling variances, of the same shape.

    Raises:
        DesignError: more events than people, fewer than none, or nobody.
    """
    x, n = checked(events), checked(people)
    if np.any(x > n) or np.any(n <= 0):
        raise DesignError("a share needs between 0 and all of at least one person.", fix="check the two columns.", code="share")
    return np.log((x + 0.5) / (n - x + 0.5)), 1 / (x + 0.5) + 1 / (n - x + 0.5)


@dataclass(frozen=True)
class LogitChange:
    """A difference in differences of logits of mean shares, with the jackknife over what was averaged.

    `shares` (2, 2) are the mean shares of comparison and pilots (rows) before and after (columns).
    """

    found: Inference
    shares: Array

    @property
    def odds_ratio(self) -> float:
        """The ratio of the odds ratios."""
        return float(np.exp(self.found.estimate))

    @property
    def percentage_points(self) -> float:
        """The pilots' share after less what it would have been without the difference, in percentage points."""
        after = self.shares[1, 1]
        odds = after / (1 - after) / self.odds_ratio
        return float(100 * (after - odds / (1 + odds)))


def logit_change(shares: npt.ArrayLike, times: npt.ArrayLike | None = None) -> LogitChange:
    """The change of pilots' mean share beyond that of comparison, on the logit scale.

    Args:
        shares: (2, 2, K): comparison and pilots, before and after, of K indicators (or units). The mean over K is taken before a
            logit, so that an indicator at 0 or 1 needs no correction; the error is the jackknife over K, because indicators, not
            people, differ in how they changed.
        times: (2, 2, K) how often each was measured, which is how much it counts; 0 where it was not. Once each when left out.

    Raises:
        DesignError: fewer than three indicators, or a mean share of 0 or 1.
    """
    p = np.asarray(shares, dtype=float)
    counted = np.ones_like(p) if times is None else np.asarray(times, dtype=float)
    totals, K = np.where(counted > 0, p * counted, 0.0), p.shape[2]
    if K < 3:
        raise DesignError(f"{K} indicators leave nothing to judge an error by.", fix="give three or more.", code="few")
    means = totals.sum(axis=2) / counted.sum(axis=2)
    if np.any(means <= 0) or np.any(means >= 1):
        raise DesignError("a mean share of 0 or 1 has no logit.", fix="leave out indicators that never vary.", code="share")
    whole = _difference(means)
    rest = [(totals.sum(axis=2) - totals[:, :, k]) / (counted.sum(axis=2) - counted[:, :, k]) for k in range(K)]
    left = np.array([_difference(one) for one in rest])
    error = float(np.sqrt((K - 1) / K * ((left - left.mean()) ** 2).sum()))
    return LogitChange(Inference(whole, error, K - 1.0), means)


def _difference(means: Array) -> float:
    logit = np.log(means / (1 - means))
    return float((logit[1, 1] - logit[1, 0]) - (logit[0, 1] - logit[0, 0]))
