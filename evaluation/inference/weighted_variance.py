"""CR2 of weighted rows, with rows of equal variance as the working model: clubSandwich's default for weighted least squares.

A unit's residuals have covariance B = I - Z K Z' under that model, with Z = [X, WX] and K = [[-M S2 M, M], [M, 0]], M the inverse
of X'WX and S2 = X'W^2X. B^(-1/2) moves only the column space of Z, so that 2k x 2k matrices are enough: T = Z'Z = R R', and the
eigenvalues h of R'KR take the place of leverages. Everything is worked out in coordinates in which X'WX is the identity and
weights have mean 1, and Z is written as [X, (W - m)X / s], m and s being the unit's own mean weight and spread: where weights
hardly differ inside a unit, X and WX are too much alike to be told apart.
Source: docs/methods.md, rule 3; Pustejovsky & Tipton (2018), section 2; their choice of the symmetric root.
"""

from dataclasses import dataclass

import numpy as np

from evaluation.inference.algebra import Array, power_of_complement
from evaluation.inference.design import Lifted, WeightedSums

EVEN = 1e-7
"""Weights whose relative spread is below this count as even: sums cannot tell them from even ones."""
RANK = 1e-11


@dataclass(frozen=True)
class Adjusted:
    """Sums of weighted rows by unit, in orthonormal coordinates, k columns: `back` (k, k) leads back to the coefficients.

    `directions` R U (G, 2k, 2k) and `multiplier` (1 - h)^(-1/2) (G, 2k) give B^(-1/2); `residuals` are U' R^+ Z'e (G, 2k) and
    `spread` is S2.
    """

    back: Array
    directions: Array
    multiplier: Array
    residuals: Array
    spread: Array

    def shares(self) -> Array:
        """What each unit adds to the coefficients, (G, k)."""
        size = len(self.back)
        each = np.einsum("gij,gj->gi", self.directions[:, size:], self.multiplier * self.residuals)
        return np.asarray(each @ self.back.T)

    def product_parts(self, contrast: Array, other: Array) -> tuple[Array, Array, Array]:
        """Covariances under the working model of what units add to two contrasts, as diag(own) - left right'."""
        (a, q, u), (b, p, v) = (self._influence(c) for c in (contrast, other))
        left, right = np.concatenate([u, q, -q @ self.spread], axis=1), np.concatenate([p, v, p], axis=1)
        return (a * b).sum(axis=1), left, right

    def _influence(self, contrast: Array) -> tuple[Array, Array, Array]:
        """A unit's rows in the contrast as coordinates (G, 2k), and their sums with x and with w x, (G, k) each."""
        size = len(self.back)
        along = np.einsum("gij,i->gj", self.directions[:, size:], contrast @ self.back) * self.multiplier
        sums = np.einsum("gij,gj->gi", self.directions, along)
        return along, sums[:, :size], sums[:, size:]


def even_weights(lifted: Lifted) -> bool:
    """Whether weights hardly differ: their coefficient of variation over all rows is below `EVEN`."""
    weighted = lifted.weighted
    if weighted is None:
        return True
    plain, total, squares = (float(np.trace(sums.sum(axis=0))) for sums in (weighted.grams, lifted.grams, weighted.doubled))
    return squares * plain / total**2 - 1 < EVEN**2


def adjusted(
    root: Array, grams: Array, scores: Array, sums: WeightedSums, kept: list[int], coefficients: Array, lifted: Lifted
) -> Adjusted:
    """Gather what CR2 of weighted rows needs.

    Args:
        root: R (k, k) with R R' the inverse of the summed `grams`.
        grams: sums of w x x' by unit, (G, k, k), kept columns.
        scores: sums of w x e by unit, (G, k).
        sums: plain and doubled sums of all columns.
        kept: which of these columns are kept.
        coefficients: (k,).
        lifted: gives the plain scores' columns.
    """
    plain, doubled = (part[:, kept][:, :, kept] for part in (sums.grams, sums.doubled))
    scale = float(np.trace(grams.sum(axis=0)) / np.trace(plain.sum(axis=0)))  # the mean weight, as the columns see it
    turn = root * np.sqrt(scale)
    x, wx, wwx = (turn.T @ part @ turn / scale**power for power, part in enumerate((plain, grams, doubled)))
    spread, mean, size = wwx.sum(axis=0), _ratio(wx, x), len(root)
    apart, squares = wx - mean * x, wwx - 2 * mean * wx + mean**2 * x  # sums of (w - m) x x' and of (w - m)^2 x x'
    length = np.sqrt(np.where(_ratio(squares, x) > EVEN**2 * mean**2, _ratio(squares, x), np.inf))
    products = np.concatenate(
        [np.concatenate([x, apart / length], axis=2), np.concatenate([apart / length, squares / length**2], axis=2)], axis=1
    )
    values, vectors = np.linalg.eigh((products + products.transpose(0, 2, 1)) / 2)
    alive = values > RANK * values[:, -1:]
    lengths = np.sqrt(np.where(alive, values, 1.0))
    R = np.where(alive[:, None, :], vectors * lengths[:, None, :], 0.0)
    own, other = R[:, :size], R[:, size:] * np.where(np.isfinite(length), length, 0.0)  # what R says of X and of (W - m)X
    inner = own.transpose(0, 2, 1) @ (2 * mean * own - spread @ own) + own.transpose(0, 2, 1) @ other
    inner += other.transpose(0, 2, 1) @ own
    h, U = np.linalg.eigh((inner + inner.transpose(0, 2, 1)) / 2)
    plain_residual, weighted_residual = (sums.scores[:, kept] - plain @ coefficients) @ turn, scores @ turn / scale
    residual = np.concatenate([plain_residual, (weighted_residual - mean[:, 0] * plain_residual) / length[:, 0]], axis=1)
    reduced = np.where(alive, np.einsum("gij,gi->gj", vectors, residual) / lengths, 0.0)
    directions = np.concatenate([own, other + mean * own], axis=1) @ U
    return Adjusted(
        turn, directions, power_of_complement(np.minimum(h, 1.0), -0.5), np.einsum("gij,gi->gj", U, reduced), spread
    )


def _ratio(sums: Array, by: Array) -> Array:
    """By unit, how large one sum of squares of the columns is beside another, (G, 1, 1)."""
    above, below = (np.trace(part, axis1=1, axis2=2)[:, None, None] for part in (sums, by))
    return np.asarray(above / np.where(below > 0, below, 1.0))
