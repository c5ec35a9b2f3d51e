"""Least squares and its standard errors when people are nested in units.

Reads lifted moments, one k x k matrix a unit; never rows. CR0 sums the squared scores of units; CR1 multiplies by G/(G-1);
CR1S by G(N-1)/((G-1)(N-k)), the 'cluster-robust' error that Stata and statsmodels print; CR2 multiplies each unit's score by
(I - H)^(-1/2), which makes it unbiased when rows are in truth independent; CR3 by (I - H)^(-1), which leaves one unit out at a
time (clubSandwich's convention, without a factor outside). With weights CR2 is that of `weighted_variance`.
Sources: docs/methods.md, formulas 2 and 3; Bell & McCaffrey (2002); Pustejovsky & Tipton (2018).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import stats

from evaluation.errors import DesignError
from evaluation.inference.algebra import LEVERAGE_ONE, Array, Root, inverse_root, power_of_complement, said
from evaluation.inference.design import Lifted
from evaluation.inference.weighted_variance import Adjusted, adjusted, even_weights


@dataclass(frozen=True)
class LeastSquares:
    """A fitted regression: `coefficients` (k,) over the kept columns, `scores` (G, k) of residuals by unit."""

    lifted: Lifted
    root: Root
    coefficients: Array
    scores: Array
    grams: Array

    @property
    def terms(self) -> tuple[str, ...]:
        """Names of the kept columns."""
        return tuple(self.lifted.terms[k] for k in self.root.kept)

    @property
    def dropped(self) -> dict[str, str]:
        """Columns left out, and why; what absorbed effects already say is not news."""
        gone = self.root.explained_by
        if self.lifted.absorbed:
            gone = {k: others for k, others in gone.items() if others}
        return said(self.lifted.terms, gone)

    @property
    def has_contrast(self) -> bool:
        """Whether the contrast's column survived."""
        return self.lifted.target in self.root.kept

    @property
    def contrast(self) -> Array:
        """c (k,), which picks the contrast out of the coefficients."""
        return np.asarray([float(k == self.lifted.target) for k in self.root.kept])

    @property
    def estimate(self) -> float:
        """The contrast, in points of the measure."""
        return float(self.contrast @ self.coefficients)

    @property
    def residual_squares(self) -> float:
        """The (weighted) sum of squared residuals."""
        fitted = float(self.coefficients @ (self.lifted.scores[:, list(self.root.kept)].sum(axis=0) + self.scores.sum(axis=0)))
        return max(float(self.lifted.squares.sum()) - fitted, 0.0)

    @cached_property
    def spectrum(self) -> tuple[Array, Array]:
        """Leverages h (G, k) of every unit and their directions U (G, k, k), the columns made orthonormal."""
        inner = self.root.root.T @ self.grams @ self.root.root
        leverage, directions = np.linalg.eigh((inner + inner.transpose(0, 2, 1)) / 2)
        return np.clip(leverage, 0.0, 1.0), directions

    @cached_property
    def adjusted(self) -> Adjusted | None:
        """What CR2 of unevenly weighted rows works on; None where weights are even or absent."""
        weighted = self.lifted.weighted
        if weighted is None or even_weights(self.lifted):
            return None
        kept = list(self.root.kept)
        return adjusted(self.root.root, self.grams, self.scores, weighted, kept, self.coefficients, self.lifted)

    def in_directions(self, contrast: Array) -> Array:
        """c' R U (G, k): how much of a contrast lies along each direction of each unit."""
        return np.asarray(np.einsum("k,gkj->gj", contrast @ self.root.root, self.spectrum[1]))

    def rests_on_one(self, contrast: Array) -> bool:
        """Whether some unit alone decides a contrast (leverage 1 along it)."""
        size = np.abs(self.in_directions(contrast)) / np.linalg.norm(contrast @ self.root.root)
        return bool(np.any((self.spectrum[0] >= 1 - LEVERAGE_ONE) & (size > 1e-6)))

    @property
    def rests_on_one_unit(self) -> bool:
        """Whether some unit alone decides the contrast."""
        return self.rests_on_one(self.contrast)


def least_squares(lifted: Lifted) -> LeastSquares:
    """Fit by (weighted) least squares; columns that add nothing are dropped from the right and named in `dropped`.

    Raises:
        DesignError: no column carries anything, so there is nothing to fit; or rows are weighted and effects were absorbed,
            whose CR2 would not be exact (docs/methods.md, rule 3).
    """
    if lifted.absorbed and lifted.weighted is not None:
        fix = "enter the effects as columns of their own."
        raise DesignError("effects cannot be absorbed where rows are weighted.", fix=fix, code="absorb")
    root = inverse_root(lifted.grams.sum(axis=0))
    kept = list(root.kept)
    if not kept:
        raise DesignError("there is nothing to fit: every column is zero.", fix="Check that the wave has answers.")
    grams = lifted.grams[:, kept][:, :, kept]
    totals = lifted.scores[:, kept]
    coefficients = root.inverse @ totals.sum(axis=0)
    coefficients += root.inverse @ (totals.sum(axis=0) - grams.sum(axis=0) @ coefficients)  # one step of refinement
    return LeastSquares(lifted, root, coefficients, totals - grams @ coefficients, grams)


@dataclass(frozen=True)
class Kind:
    """One variance: the power of (1 - h) applied to scores, the factor outside, and whether df are Satterthwaite's."""

    power: float
    factor: Callable[[float, float, float], float]
    satterthwaite: bool


KINDS: dict[str, Kind] = {
    "CR0": Kind(0.0, lambda G, N, k: 1.0, satterthwaite=False),
    "CR1": Kind(0.0, lambda G, N, k: G / (G - 1), satterthwaite=False),
    "CR1S": Kind(0.0, lambda G, N, k: G * (N - 1) / ((G - 1) * (N - k)), satterthwaite=False),
    "CR2": Kind(-0.5, lambda G, N, k: 1.0, satterthwaite=True),
    "CR3": Kind(-1.0, lambda G, N, k: 1.0, satterthwaite=False),
}


def shares(fit: LeastSquares, kind: str) -> Array:
    """q (G, k): what each unit adds to the coefficients' error, so that the covariance is q' q times the factor outside."""
    if kind == "CR2" and fit.adjusted is not None:
        return fit.adjusted.shares()
    leverage, directions = fit.spectrum
    multiplier = power_of_complement(leverage, KINDS[kind].power) if KINDS[kind].power else np.ones_like(leverage)
    turned = np.einsum("gkj,gk->gj", directions, fit.scores @ fit.root.root)
    return np.asarray(np.einsum("gkj,gj->gk", directions, multiplier * turned) @ fit.root.root.T)


def covariance(fit: LeastSquares, kind: str) -> Array:
    """The covariance matrix (k, k) of the kept coefficients by 'CR0', 'CR1', 'CR1S', 'CR2' or 'CR3'."""
    each = shares(fit, kind)
    return _factor(fit, kind) * each.T @ each


def standard_error(fit: LeastSquares, kind: str, contrast: Array | None = None) -> float:
    """The standard error of a contrast (k,), or of the regression's own, in points of the measure."""
    along = shares(fit, kind) @ (fit.contrast if contrast is None else contrast)
    return float(np.sqrt(_factor(fit, kind) * (along**2).sum()))


def _factor(fit: LeastSquares, kind: str) -> float:
    groups, rows = len(fit.scores), float(fit.lifted.rows.sum())
    return KINDS[kind].factor(groups, rows, len(fit.root.kept) + fit.lifted.absorbed)


def degrees_of_freedom(fit: LeastSquares, kind: str, contrast: Array | None = None) -> float:
    """Satterthwaite's degrees of freedom for CR2, G - 1 for the others as their users report them.

    Working model: independent rows of equal variance (Bell & McCaffrey; docs/methods.md, formula 3).
    """
    if not KINDS[kind].satterthwaite:
        return float(len(fit.scores) - 1)
    along = fit.contrast if contrast is None else contrast
    return matched(*product_parts(fit, along, along))


def matched(own: Array, left: Array, right: Array) -> float:
    """Satterthwaite's degrees of freedom: of the chi-square that varies like squares with covariances diag(own) - left right'."""
    squares = (own**2).sum() - 2 * (own * (left * right).sum(axis=1)).sum() + ((left.T @ left) * (right.T @ right)).sum()
    return float((own.sum() - (left * right).sum()) ** 2 / squares)


def product_parts(fit: LeastSquares, contrast: Array, other: Array) -> tuple[Array, Array, Array]:
    """Under the working model, the covariances of what units add to two contrasts' errors by CR2, as diag(own) - left right'.

    own is (G,), left and right are (G, m): thousands of units need no G x G matrix.
    """
    if fit.adjusted is not None:
        return fit.adjusted.product_parts(contrast, other)
    leverage = fit.spectrum[0]
    multiplier = power_of_complement(leverage, KINDS["CR2"].power)
    one, two = (fit.in_directions(c) * multiplier for c in (contrast, other))
    first, second = (np.einsum("gkj,gj->gk", fit.spectrum[1], along * leverage) for along in (one, two))
    return (one * two * leverage).sum(axis=1), first, second


@dataclass(frozen=True)
class Inference:
    """A number, its error and degrees of freedom; everything else follows."""

    estimate: float
    std_error: float
    df: float

    @property
    def statistic(self) -> float:
        """Estimate over standard error; not a number where there is no error, so that there is no p-value either."""
        return self.estimate / self.std_error if self.std_error > 0 else float("nan")

    @property
    def p_value(self) -> float:
        """Two-sided, from Student's t."""
        return float(2 * stats.t.sf(abs(self.statistic), self.df))

    def interval(self, confidence: float) -> tuple[float, float]:
        """The two-sided interval at `confidence`."""
        reach = float(stats.t.ppf((1 + confidence) / 2, self.df)) * self.std_error
        return self.estimate - reach, self.estimate + reach


def infer(fit: LeastSquares, kind: str, contrast: Array | None = None) -> Inference:
    """A contrast (k,) of the kept coefficients, or the regression's own, with the error and degrees of freedom of `kind`."""
    along = fit.contrast if contrast is None else contrast
    found = standard_error(fit, kind, along), degrees_of_freedom(fit, kind, along)
    return Inference(float(along @ fit.coefficients), *found)


def condition_number(fit: LeastSquares) -> float:
    """Of the kept columns at unit length: the largest by the smallest singular value."""
    gram = fit.grams.sum(axis=0)
    scale = np.sqrt(np.diag(gram))
    values = np.linalg.eigvalsh(gram / np.outer(scale, scale))
    return float(np.sqrt(values[-1] / max(values[0], 1e-300)))


@dataclass(frozen=True)
class Batch:
    """The regression's contrast in B studies that share their columns: `estimate` and `std_error` (B,), `df`."""

    estimate: Array
    std_error: Array
    df: float


def infer_batch(fit: LeastSquares, scores: Array, kind: str) -> Batch:
    """Many studies with the columns of one: unweighted, their answers drawn anew.

    Args:
        fit: gives columns, units and the contrast.
        scores: (B, G, K) sums of x y by study and unit, over all K columns of `fit.lifted`.
        kind: as in `KINDS`.
    """
    kept = list(fit.root.kept)
    own = scores[:, :, kept]
    coefficients = own.sum(axis=1) @ fit.root.inverse
    residual = own - np.einsum("gkl,bl->bgk", fit.grams, coefficients)
    leverage, directions = fit.spectrum
    multiplier = power_of_complement(leverage, KINDS[kind].power) if KINDS[kind].power else np.ones_like(leverage)
    weights = np.einsum("gj,gkj->gk", fit.in_directions(fit.contrast) * multiplier, directions) @ fit.root.root.T
    each = np.einsum("bgk,gk->bg", residual, weights)
    error = np.sqrt(_factor(fit, kind) * (each**2).sum(axis=1))
    return Batch(coefficients @ fit.contrast, error, degrees_of_freedom(fit, kind))
