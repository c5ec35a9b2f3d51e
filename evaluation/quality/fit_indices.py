"""How well a factor model fits: chi-square and the indices that people read beside it, in the conventions of several groups.

Sources: Bentler (1990), Psychological Bulletin 107, 238 (CFI); Tucker & Lewis (1973), Psychometrika 38, 1 (TLI); Steiger (1998),
Structural Equation Modeling 5, 411 (RMSEA of G groups: multiplied by the square root of G); Browne & Cudeck (1993), its interval;
Bentler (1995) (SRMR: residuals over observed deviations, means among them, averaged over groups by their people).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from evaluation.quality.item_set import Sums
from evaluation.quality.one_factor import Factor

RMSEA_CONFIDENCE = 0.90


@dataclass(frozen=True)
class FitIndices:
    """Chi-square with its p-value (None without degrees of freedom), CFI, TLI, RMSEA with its 90% interval, SRMR."""

    chi2: float
    df: int
    p_value: float | None
    cfi: float
    tli: float
    rmsea: float
    rmsea_low: float
    rmsea_high: float
    srmr: float


def fit_indices(fit: Factor) -> FitIndices:
    """The indices of a fit; a model without degrees of freedom fits by itself, and its indices say nothing."""
    groups, items = len(fit.groups), fit.pattern.items
    df = groups * items * (items + 3) // 2 - fit.pattern.count
    chi2 = fit.n * max(fit.discrepancy, 0.0)
    apart, apart_df = _independent(fit.groups), groups * items * (items - 1) // 2
    excess, most = max(chi2 - df, 0.0), max(apart - apart_df, chi2 - df, 0.0)
    cfi = 1 - excess / most if most > 0 else 1.0
    ratio = apart / apart_df
    tli = (ratio - chi2 / df) / (ratio - 1) if df and ratio != 1 else 1.0
    size = np.sqrt(groups / (fit.n * df)) if df else 0.0
    tail = (1 - RMSEA_CONFIDENCE) / 2
    return FitIndices(
        chi2=chi2, df=df, p_value=float(special.chdtrc(df, chi2)) if df else None, cfi=cfi, tli=tli,
        rmsea=float(size * np.sqrt(excess)), rmsea_low=float(size * np.sqrt(_noncentral(chi2, df, 1 - tail))),
        rmsea_high=float(size * np.sqrt(_noncentral(chi2, df, tail))), srmr=_residuals(fit),
    )


def _independent(groups: Sequence[Sums]) -> float:
    """Chi-square of items that have nothing in common."""
    return -sum(group.n * float(np.linalg.slogdet(group.correlation)[1]) for group in groups)


def _noncentral(chi2: float, df: int, chance: float) -> float:
    """The noncentrality under which a chi-square up to this one has this chance; 0 where none is low enough."""
    if not df or special.chdtr(df, chi2) <= chance:
        return 0.0
    far = chi2 + 20 * np.sqrt(chi2 + df) + 100
    return float(optimize.brentq(lambda shift: special.chndtr(chi2, df, shift) - chance, 0.0, far, xtol=1e-10, rtol=1e-12))


def _residuals(fit: Factor) -> float:
    total = 0.0
    for group, (means, covariance) in zip(fit.groups, fit.implied, strict=True):
        observed, n = group.covariance * (group.n - 1) / group.n, group.n
        deviations = np.sqrt(np.diag(observed))
        away = ((observed - covariance) / np.outer(deviations, deviations))[np.tril_indices(len(means))]
        squares = np.concatenate([away, (group.means - means) / deviations]) ** 2
        total += n / fit.n * float(np.sqrt(squares.mean()))
    return total
