"""Satterthwaite's degrees of freedom for every cluster-robust error, not only CR2.

A unit adds q_g = l_g X_g' W_g e to the contrast, with l_g = c'M for CR0, CR1 and CR1S and c'M (I - X_g' W_g X_g M)^(-1) for CR3;
M is the inverse of X'WX. If rows are in truth independent and vary alike, residuals are e = (I - X M X'W) e0, so that
cov(q_g, q_h) = [g = h] l_g S2_g l_g' - l_g A_g M S2_h l_h' - l_g S2_g M A_h l_h' + l_g A_g M S2 M A_h l_h', where A_g is
X_g' W_g X_g and S2_g is X_g' W_g^2 X_g. The factor outside does not matter. Few units or a small side leave far fewer than the
G - 1 that users of these errors report. Sources: docs/methods.md, formula 3; Pustejovsky & Tipton (2018), section 2.
"""

import numpy as np

from evaluation.inference.algebra import Array, power_of_complement
from evaluation.inference.variance import KINDS, LeastSquares, degrees_of_freedom, matched


def satterthwaite(fit: LeastSquares, kind: str, contrast: Array) -> float:
    """Degrees of freedom of a contrast (k,) of the kept coefficients with the error `kind`."""
    if KINDS[kind].satterthwaite:
        return degrees_of_freedom(fit, kind, contrast)
    kept, weighted, M = list(fit.root.kept), fit.lifted.weighted, fit.root.inverse
    doubled = fit.grams if weighted is None else weighted.doubled[:, kept][:, :, kept]
    along = _along(fit, kind, contrast)
    once, twice = (np.einsum("gk,gkl->gl", along, sums) for sums in (fit.grams, doubled))
    turned = once @ M
    left = np.concatenate([turned, twice @ M - turned @ doubled.sum(axis=0) @ M], axis=1)
    return matched((twice * along).sum(axis=1), left, np.concatenate([twice, once], axis=1))


def _along(fit: LeastSquares, kind: str, contrast: Array) -> Array:
    """l (G, k): what a unit's scores count for in the contrast."""
    leverage, directions = fit.spectrum
    multiplier = power_of_complement(leverage, KINDS[kind].power) if KINDS[kind].power else np.ones_like(leverage)
    turned = fit.in_directions(contrast) * multiplier
    return np.asarray(np.einsum("gj,gkj->gk", turned, directions) @ fit.root.root.T)
