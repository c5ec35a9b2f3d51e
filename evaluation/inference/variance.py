"""Least squares and its standard errors when people are nested in units.

Reads lifted moments, one k x k matrix a unit; never rows. CR0 sums the squared scores of units; CR1 multiplies by G/(G-1);
CR1S by G(N-1)/((G-1)(N-k)), the 'cluster-robust' error that Stata and statsmodels print; CR2 multiplies each unit's score by
(I - H)^(-1/2), which makes it unbiased when rows are in truth independent.
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

    @cached_property
    def _spectrum(self) -> tuple[Array, Array]:
        """Leverages h (G, k) of every unit and their directions U (G, k, k)."""
        inner = self.root.root.T @ self.grams @ self.root.root
        leverage, directions = np.linalg.eigh((inner + inner.transpose(0, 2, 1)) / 2)
        return np.clip(leverage, 0.0, 1.0), directions

    @cached_property
    def _contrast_in_directions(self) -> Array:
        """c' R U (G, k): how much of the contrast lies along each direction of each unit."""
        return np.asarray(np.einsum("k,gkj->gj", self.contrast @ self.root.root, self._spectrum[1]))

    @property
    def rests_on_one_unit(self) -> bool:
        """Whether some unit alone decides the contrast (leverage 1 along it)."""
        size = np.abs(self._contrast_in_directions) / np.linalg.norm(self.contrast @ self.root.root)
        return bool(np.any((self._spectrum[0] >= 1 - LEVERAGE_ONE) & (size > 1e-6)))


def least_squares(lifted: Lifted) -> LeastSquares:
    """Fit by least squares; columns that add nothing are dropped from the right and named in `dropped`.

    Raises:
        DesignError: no column carries anything, so there is nothing to fit.
    """
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
}


def standard_error(fit: LeastSquares, kind: str) -> float:
    """The contrast's standard error by 'CR0', 'CR1', 'CR1S' or 'CR2', in points of the measure."""
    chosen = KINDS[kind]
    leverage, directions = fit._spectrum
    multiplier = power_of_complement(leverage, chosen.power) if chosen.power else np.ones_like(leverage)
    turned = np.einsum("gkj,gk->gj", directions, fit.scores @ fit.root.root)
    shares = (fit._contrast_in_directions * multiplier * turned).sum(axis=1)
    groups, rows = len(fit.scores), float(fit.lifted.rows.sum())
    factor = chosen.factor(groups, rows, len(fit.root.kept) + fit.lifted.absorbed)
    return float(np.sqrt(factor * (shares**2).sum()))


def degrees_of_freedom(fit: LeastSquares, kind: str) -> float:
    """Satterthwaite's degrees of freedom for CR2, G - 1 for the others as their users report them.

    Working model: independent rows of equal variance (Bell & McCaffrey; docs/methods.md, formula 3).
    """
    if not KINDS[kind].satterthwaite:
        return float(len(fit.scores) - 1)
    leverage, directions = fit._spectrum
    along = fit._contrast_in_directions * power_of_complement(leverage, KINDS[kind].power)
    own = (along**2 * leverage).sum(axis=1)
    shared = np.einsum("gkj,gj->gk", directions, along * leverage)
    product = np.diag(own) - shared @ shared.T
    return float(np.trace(product) ** 2 / (product**2).sum())


@dataclass(frozen=True)
class Inference:
    """A number, its error and degrees of freedom; everything else follows."""

    estimate: float
    std_error: float
    df: float

    @property
    def statistic(self) -> float:
        """Estimate over standard error."""
        return self.estimate / self.std_error

    @property
    def p_value(self) -> float:
        """Two-sided, from Student's t."""
        return float(2 * stats.t.sf(abs(self.statistic), self.df))

    def interval(self, confidence: float) -> tuple[float, float]:
        """The two-sided interval at `confidence`."""
        reach = float(stats.t.ppf((1 + confidence) / 2, self.df)) * self.std_error
        return self.estimate - reach, self.estimate + reach


def infer(fit: LeastSquares, kind: str) -> Inference:
    """The contrast with the standard error and degrees of freedom of `kind`."""
    return Inference(fit.estimate, standard_error(fit, kind), degrees_of_freedom(fit, kind))
