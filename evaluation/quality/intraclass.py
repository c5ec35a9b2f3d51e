"""How alike people of one organisation answer: the intraclass correlation, from moments.

One-way analysis of variance with G places of unequal size: with mean squares B between and W within and the effective size

    n0 = (N - sum n^2 / N) / (G - 1),    ICC(1) = (B - W) / (B + (n0 - 1) W).

The interval is Wald's, exact for normal answers whatever the sizes: with q the share between over the share within and weights
w = n / (1 + n q), the weighted spread of the means over (G - 1) W has an F distribution with G - 1 and N - G degrees of freedom
at the true q. Where places are of one size it is Searle's. Sources: Donner & Koval (1980), Biometrics 36, 19-25; Wald (1940),
Annals of Mathematical Statistics 11, 96-100; Shrout & Fleiss (1979), Psychological Bulletin 86, 420.
"""

import numpy as np
from scipy import optimize, stats

from evaluation.errors import DesignError
from evaluation.evidence.moments import ROUNDING, Array, Moments
from evaluation.quality.coefficient import Reliability


def intraclass_correlation(moments: Moments, measure: str, confidence: float = 0.95) -> Reliability:
    """Share of a measure's variance that lies between organisations.

    Args:
        moments: one cell per organisation, G cells (take one wave, and pool first: `moments.pool(["organisation"])`).
        measure: a name in `moments.names`, in the scale's own points.
        confidence: of the interval.

    Returns:
        The ANOVA estimate, at most 1 and possibly negative (reported, not clipped), with G and the effective size n0. Weights are
        not used.

    Raises:
        DesignError: fewer than two organisations answered `measure`, nobody shares one with anybody, or all of an organisation
            answered alike everywhere.

    Source: Donner & Koval (1980), Biometrics 36, 19-25.
    """
    if measure not in moments.names[1:]:
        known = ", ".join(moments.names[1:])
        raise DesignError(f"there is no '{measure}' in these moments.", fix=f"give one of: {known}.", code="column")
    own, place = moments.products if moments.plain is None else moments.plain, moments.names.index(measure)
    there = own[:, 0, 0] > 0
    n, total, squares = own[there, 0, 0], own[there, 0, place], own[there, place, place]
    N, G = float(n.sum()), len(n)
    if G < 2 or N <= G:
        raise DesignError(
            f"'{measure}' was answered in {G} organisations by {N:.0f} people: how alike they are within one cannot be told.",
            fix="wait for answers from two organisations, with several people in one.", code="few-units",
        )
    spread = squares - total**2 / n
    within = float(np.where(spread > ROUNDING * squares, spread, 0.0).sum()) / (N - G)
    between = float((total**2 / n).sum() - total.sum() ** 2 / N) / (G - 1)
    if not within > 1e-12 * (within + between):
        raise DesignError(
            f"nobody differs from anybody else of the same organisation on '{measure}', as far as these sums can tell.",
            fix="give answers of people, not means of organisations, and moments_of a centre near them.", code="no-spread",
        )
    size = (N - float((n**2).sum()) / N) / (G - 1)
    ratio, df = between / within, (G - 1, N - G)
    marks = [float(stats.f.ppf(chance, *df)) * within for chance in ((1 + confidence) / 2, (1 - confidence) / 2)]
    low, high = (_end(n, total / n, mark) for mark in marks)
    return Reliability(measure, "ICC(1)", (ratio - 1) / (ratio + size - 1), low, high, confidence, int(N), G, size)


def _end(n: Array, means: Array, mark: float) -> float:
    """The ICC at which the weighted spread of means is `mark`; the lowest that places of this size can have where none is."""
    def spread(share: float) -> float:
        weights = n * (1 - share) / (1 + (n - 1) * share)
        return float(weights @ (means - weights @ means / weights.sum()) ** 2) / (len(n) - 1) - mark

    least = -1 / (float(n.max()) - 1) if n.max() > 1 else -1.0
    low, high = least + 1e-12 * abs(least), 1 - 1e-15
    if spread(low) <= 0:
        return least
    return 1.0 if spread(high) >= 0 else float(optimize.brentq(spread, low, high, xtol=1e-15, rtol=1e-14))
