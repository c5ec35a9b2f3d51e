"""How alike people of one organisation answer: the intraclass correlation, from moments.

One-way analysis of variance with G places of unequal size: with mean squares B between and W within and the effective size

    n0 = (N - sum n^2 / N) / (G - 1),    ICC(1) = (B - W) / (B + (n0 - 1) W).

The interval is Searle's, from F with G - 1 and N - G degrees of freedom: exact where places are of one size, and with n0 in place
of the size otherwise, which Donner & Wells (1986) found close. Sources: Donner & Koval (1980), Biometrics 36, 19-25; Searle
(1971), Linear models, section 9.6; Donner & Wells (1986), Biometrics 42, 401-412; Shrout & Fleiss (1979), Psychological Bulletin
86, 420.
"""

import numpy as np
from scipy import stats

from evaluation.errors import DesignError
from evaluation.evidence.moments import Moments
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
    within = float(np.maximum(squares - total**2 / n, 0.0).sum()) / (N - G)
    between = float((total**2 / n).sum() - total.sum() ** 2 / N) / (G - 1)
    if not within > 1e-12 * (within + between):
        raise DesignError(
            f"nobody differs from anybody else of the same organisation on '{measure}'.",
            fix="give answers of people, not means of organisations.", code="no-spread",
        )
    size = (N - float((n**2).sum()) / N) / (G - 1)
    ratio, df = between / within, (G - 1, N - G)
    low, high = (
        _share(ratio / stats.f.ppf(chance, *df), size) for chance in ((1 + confidence) / 2, (1 - confidence) / 2)
    )
    return Reliability(measure, "ICC(1)", _share(ratio, size), low, high, confidence, int(N), G, size)


def _share(ratio: float, size: float) -> float:
    """ICC of a ratio of mean squares."""
    return float((ratio - 1) / (ratio + size - 1))
