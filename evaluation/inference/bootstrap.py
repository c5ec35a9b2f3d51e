"""The wild cluster bootstrap on sums: signs turned unit by unit, never a row.

Each draw multiplies a unit's residual scores by one weight; the coefficient and its CR0 error follow from k x k matrices. All 2^G
sign vectors are gone through where there are at most 2^14, otherwise Webb's six-point weights are drawn. Restricted (WCR):
residuals under the null; unrestricted (WCU): residuals of the fit. A draw that equals the observed statistic counts as extreme.
The restricted statistic is a ratio of polynomials in the null value, so that intervals by inversion cost no second bootstrap.
Sources: docs/methods.md, section 13; Cameron, Gelbach & Miller (2008); MacKinnon, Nielsen & Webb (2023); Webb (2023).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from evaluation.errors import DesignError
from evaluation.inference.algebra import Array
from evaluation.inference.multiplicity import TIE, step_down
from evaluation.inference.testable import refuse_untestable
from evaluation.inference.variance import LeastSquares

ENUMERATED = 14
"""Up to 2 to this power, every sign vector is gone through."""
DRAWS = 9_999
WEBB = np.sqrt(np.array([1.5, 1.0, 0.5]))
STEPS = 60
AT_ONCE = 4_000_000
"""Draws times units that are worked on together."""
WIDEST = 1e4
"""The search for the end of an interval stops this many standard errors out and calls the end infinite."""


@dataclass(frozen=True)
class BootstrapTest:
    """Two-sided p-value of one coefficient, with the interval by inversion, worked out when it is first asked for.

    `draws` counts sign vectors, all of them when `enumerated`; `weights` is 'Rademacher' or 'Webb'. An end is infinite where even
    endless null values are not rejected. `smallest` is the least p-value that these draws can tell: the restricted statistic
    counts itself and its mirror image, the unrestricted one is held at one draw.
    """

    estimate: float
    statistic: float
    p_value: float
    confidence: float
    draws: int
    enumerated: bool
    weights: str
    restricted: bool
    smallest: float
    curve: "Curve" = field(repr=False, compare=False)
    shift: float = 0.0

    @property
    def conf_low(self) -> float:
        """The lower end of the interval."""
        return self._ends[0]

    @property
    def conf_high(self) -> float:
        """The upper end of the interval."""
        return self._ends[1]

    @cached_property
    def _ends(self) -> tuple[float, float]:
        level = round(1 - self.confidence, 12)
        low, high = (self.curve.end(side, level, self.enumerated) for side in (-1.0, 1.0))
        return low + self.shift, high + self.shift

    def moved(self, by: float) -> "BootstrapTest":
        """The same test of an outcome from which `by` had been taken off."""
        return replace(self, estimate=self.estimate + by, shift=self.shift + by)


def wild_bootstrap(
    fit: LeastSquares, contrast: Array | None = None, *, null: float = 0.0, restricted: bool = True, draws: int = DRAWS,
    seed: int = 0, confidence: float = 0.95,
) -> BootstrapTest:
    """Test one contrast of a fit.

    Args:
        fit: G units, k kept columns.
        contrast: (k,); the regression's own when not given.
        null: the value that is tested.
        restricted: residuals under the null (recommended), or of the fit.
        draws: of Webb weights, where there are too many units to go through every sign vector.
        seed: of the draws.
        confidence: of the interval.

    Raises:
        DesignError: one unit alone decides the contrast, so that its residual is zero in every draw; or nothing is unexplained.
    """
    along = fit.contrast if contrast is None else contrast
    refuse_untestable(fit, [along])
    signs, enumerated = sign_vectors(len(fit.scores), draws, seed)
    curve = _curve(fit, along, signs, restricted=restricted)
    p = curve.p_value(null, enumerated)
    total = 2 * len(signs) if enumerated else len(signs)
    smallest = (2 if restricted else 1) / total if enumerated else 1 / (total + 1)
    statistic = (curve.estimate - null) / curve.error
    return BootstrapTest(
        curve.estimate, float(statistic), max(p, smallest), confidence, total, enumerated,
        "Rademacher" if enumerated else "Webb", restricted, smallest, curve,
    )


def sign_vectors(units: int, draws: int, seed: int) -> tuple[Array, bool]:
    """Weights by draw and unit, (B, G), and whether they are all sign vectors there are.

    Of two mirror images, whose statistics are alike but for the sign, one stands for both: B is 2^(G - 1).
    """
    if units <= ENUMERATED:
        numbers, places = np.arange(2 ** (units - 1)), np.arange(units)[::-1]
        return np.where(numbers[:, None] >> places & 1, -1.0, 1.0), True
    rng = np.random.default_rng(seed)
    return rng.choice(np.concatenate([WEBB, -WEBB]), size=(draws, units)), False


@dataclass(frozen=True)
class Curve:
    """The draws' statistics as functions of the null value r: (n0 + r n1) / sqrt(q0 + r q1 + r^2 q2), (B,) each."""

    estimate: float
    error: float
    numerator: Array
    squares: Array

    def statistics(self, null: float) -> Array:
        """|t| of every draw, (B,)."""
        top = np.abs(self.numerator[0] + null * self.numerator[1])
        below = np.maximum(self.squares[0] + null * self.squares[1] + null**2 * self.squares[2], 0.0)
        scale = max(self.error**2, 1e-300)
        return np.where(below > 1e-24 * scale, top / np.sqrt(np.maximum(below, 1e-300)), np.where(top > 0, np.inf, 0.0))

    def p_value(self, null: float, enumerated: bool) -> float:
        """The share of draws at least as extreme as the answer."""
        observed = abs(self.estimate - null) / self.error
        extreme = int((self.statistics(null) >= observed * (1 - TIE)).sum())
        total = len(self.numerator[0])
        return extreme / total if enumerated else (extreme + 1) / (total + 1)

    def end(self, side: float, level: float, enumerated: bool) -> float:
        """Where p falls to the level on one side of the estimate, by doubling and bisection."""
        reach = 1.0
        while self.p_value(self.estimate + side * reach * self.error, enumerated) > level:
            reach *= 2
            if reach > WIDEST:
                return side * float("inf")
        inside, outside = reach / 2 if reach > 1 else 0.0, reach
        for _ in range(STEPS):
            middle = (inside + outside) / 2
            kept = self.p_value(self.estimate + side * middle * self.error, enumerated) > level
            inside, outside = (middle, outside) if kept else (inside, middle)
        return self.estimate + side * outside * self.error


def _curve(fit: LeastSquares, along: Array, signs: Array, *, restricted: bool) -> Curve:
    """Everything that statistics at any null value are made of."""
    towards = fit.root.inverse @ along
    spread = float(along @ towards)
    base, slope = fit.scores, np.zeros_like(fit.scores)
    estimate = float(along @ fit.coefficients)
    if restricted:  # b~ = b - M c (c'b - r) / c'Mc, so that residual scores are linear in r
        move = fit.grams @ (towards / spread)
        base, slope = fit.scores + move * estimate, -move
    error = float(np.sqrt(((fit.scores @ towards) ** 2).sum()))
    numerators, squares = [], []
    for some in np.array_split(signs, 1 + signs.size // AT_ONCE):
        (n0, q0), (n1, q1) = (_draws(fit, along, towards, some, scores) for scores in (base, slope))
        numerators.append([n0, n1])
        squares.append([(q0**2).sum(axis=1), 2 * (q0 * q1).sum(axis=1), (q1**2).sum(axis=1)])
    return Curve(estimate, error, np.concatenate(numerators, axis=1), np.concatenate(squares, axis=1))


def _draws(fit: LeastSquares, along: Array, towards: Array, signs: Array, scores: Array) -> tuple[Array, Array]:
    """The coefficient's move (B,) and each unit's share of its error (B, G) when scores (G, k) are turned by signs."""
    moved = signs @ scores @ fit.root.inverse
    return moved @ along, signs * (scores @ towards) - moved @ (fit.grams @ towards).T


@dataclass(frozen=True)
class Together:
    """Several outcomes under the same draws: by outcome its statistic, own p-value, and p-value adjusted for all (step-down)."""

    names: tuple[str, ...]
    statistics: Array
    p_values: Array
    adjusted: Array
    draws: int
    enumerated: bool


def wild_bootstrap_together(fits: Sequence[LeastSquares], names: Sequence[str], *, draws: int = DRAWS, seed: int = 0) -> Together:
    """Test the contrasts of q outcomes at once: the same draw turns every outcome, so that their dependence is kept.

    Adjusted p-values are Romano and Wolf's: the largest statistic over what is left, outcome by outcome from the largest down.

    Raises:
        DesignError: the outcomes do not have the same units, one unit alone decides a contrast, or nothing is unexplained.
    """
    units = fits[0].lifted.units
    if any(fit.lifted.units != units for fit in fits):
        raise DesignError("outcomes tested together need the same units.", fix="leave out units that lack one.", code="units")
    for fit in fits:
        refuse_untestable(fit, [fit.contrast])
    signs, enumerated = sign_vectors(len(units), draws, seed)
    curves = [_curve(fit, fit.contrast, signs, restricted=True) for fit in fits]
    observed = np.array([abs(curve.estimate) / curve.error for curve in curves])
    drawn = np.column_stack([curve.statistics(0.0) for curve in curves])
    p_values = np.array([curve.p_value(0.0, enumerated) for curve in curves])
    total = 2 * len(signs) if enumerated else len(signs)
    return Together(tuple(names), observed, p_values, step_down(observed, drawn, enumerated=enumerated), total, enumerated)


def wild_p_batch(fit: LeastSquares, scores: Array, signs: Array, *, enumerated: bool) -> Array:
    """Restricted p-values of no effect in B studies that share the columns of one.

    Args:
        fit: gives columns, units and the contrast.
        scores: (B, G, K) sums of x y by study and unit, over all K columns of `fit.lifted`.
        signs: (V, G), from `sign_vectors`.
        enumerated: whether these are all there are.

    Returns:
        (B,) p-values; NaN where a study's own error is zero.
    """
    inverse, along = fit.root.inverse, fit.contrast
    towards = inverse @ along
    own = scores[:, :, list(fit.root.kept)]
    coefficients = own.sum(axis=1) @ inverse
    estimate = coefficients @ along
    residual = own - np.einsum("gkl,bl->bgk", fit.grams, coefficients)
    error = np.sqrt(((residual @ towards) ** 2).sum(axis=1))
    null = residual + estimate[:, None, None] * (fit.grams @ (towards / float(along @ towards)))[None]
    weights = fit.grams @ towards
    p = np.full(len(own), np.nan)
    for study in np.flatnonzero(error > 0):
        moved = (signs @ null[study]) @ inverse
        shares = signs * (null[study] @ towards) - moved @ weights.T
        below = np.sqrt((shares**2).sum(axis=1))
        extreme = int((np.abs(moved @ along) >= abs(estimate[study]) / error[study] * (1 - TIE) * below).sum())
        p[study] = extreme / len(signs) if enumerated else (extreme + 1) / (len(signs) + 1)
    return p
