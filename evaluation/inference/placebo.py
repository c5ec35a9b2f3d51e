"""Placebo reassignment: what the same figures would say had other units been the pilots.

The statistic is the precision-weighted difference of formula 4 with the variance between units estimated under the null, so that
a unit keeps its weight whatever arm it is placed in; every way to place the arms is gone through where there are at most 20,000,
else some are drawn and the real one is added. The share of placements at least as extreme as the real one is a placebo p-value;
only where arms were drawn by lot is it that of a randomisation test. Its interval holds constant shifts that are not rejected.
Sources: docs/methods.md, section 14; Rosenbaum (2002), Observational Studies, chapter 2; MacKinnon & Webb (2020).
"""

from dataclasses import dataclass
from itertools import combinations, product
from math import comb, prod

import numpy as np
import numpy.typing as npt

from evaluation.errors import DesignError
from evaluation.inference.algebra import Array
from evaluation.inference.multiplicity import TIE
from evaluation.inference.unit_change import Profile, restricted_likelihood_variance
from evaluation.inference.unit_level import UnitLevel

MOST = 20_000
"""Up to this many placements, all are gone through; otherwise this many less one are drawn."""
STEPS = 60
WIDEST = 1e4


@dataclass(frozen=True)
class PlaceboTest:
    """Where the real placement stands among all that were looked at.

    `placements` counts them, the real one included; `smallest` is the least two-sided p-value they can give. `rank` says how many
    placements give at least so high a figure. An end of the interval is infinite where no shift is rejected on that side.
    """

    estimate: float
    p_value: float
    conf_low: float
    conf_high: float
    confidence: float
    placements: int
    enumerated: bool
    smallest: float
    rank: int


@dataclass(frozen=True)
class Placements:
    """The contrast's column (B, G) in every placement; the first row is the real one. `enumerated`: these are all."""

    columns: Array
    enumerated: bool


def placements(target: Array, places: npt.NDArray[np.intp], seed: int = 0, most: int = MOST) -> Placements:
    """Every way to exchange the values of a column within places, or a sample of them.

    Args:
        target: (G,) the contrast's column: an arm (0 or 1) or a dose.
        places: (G,) numbers of the organisations within which values may be exchanged; all 0 where they may be everywhere.
        seed: of the sample.
        most: how many are gone through at most.
    """
    inside = [np.flatnonzero(places == place) for place in np.unique(places)]
    arms = bool(np.isin(target, (0.0, 1.0)).all())
    ways = prod(comb(len(own), int(target[own].sum())) for own in inside) if arms else most + 1
    if ways <= most:
        return Placements(_all(target, inside), True)
    rng = np.random.default_rng(seed)
    drawn = np.tile(target, (most, 1))
    for own in inside:
        drawn[1:, own] = rng.permuted(drawn[1:, own], axis=1)
    return Placements(drawn, False)


def _all(target: Array, inside: list[npt.NDArray[np.intp]]) -> Array:
    """All placements of pilots within places, the real one first."""
    choices = [list(combinations(own.tolist(), int(target[own].sum()))) for own in inside]
    rows = np.zeros((prod(len(one) for one in choices), len(target)))
    for row, picked in zip(rows, product(*choices), strict=True):
        row[[unit for part in picked for unit in part]] = 1.0
    real = int(np.flatnonzero((rows == target).all(axis=1))[0])
    rows[[0, real]] = rows[[real, 0]]
    return rows


def sign_flips(units: int, seed: int = 0, most: int = MOST) -> Placements:
    """Before and after: every way to turn the signs of the changes (B, G), or a sample; the first row turns none."""
    if 2**units <= most:
        return Placements(np.array(list(product((1.0, -1.0), repeat=units))), True)
    drawn = np.random.default_rng(seed).choice([1.0, -1.0], size=(most, units))
    drawn[0] = 1.0
    return Placements(drawn, False)


def placebo(level: UnitLevel, *, seed: int = 0, confidence: float = 0.95, most: int = MOST) -> PlaceboTest:
    """The real placement among all others, on unit-level figures.

    Args:
        level: G units; where organisations hold both arms, arms are exchanged inside them only.
        seed: of the sample, where there are more than `most` placements.
        confidence: of the interval.
        most: how many placements are gone through.

    Raises:
        DesignError: there is nothing to exchange: all units of every place have one arm.
    """
    target = level.columns[:, level.target]
    if level.columns.shape[1] == 1:
        return _tested(_flipped(level.outcome, level.sampling, sign_flips(len(target), seed, most)), confidence, True)
    found = placements(target, places_of(level), seed, most)
    if np.ptp(target) == 0 or len(found.columns) == 1:
        raise DesignError("there is nothing to exchange between arms.", fix="compare units of both arms.", code="placebo")
    return _tested(_moved(level, found), confidence, mirrored(target, places_of(level)))


def places_of(level: UnitLevel) -> npt.NDArray[np.intp]:
    """The organisation of every unit where organisations hold both arms, as numbers; all 0 elsewhere."""
    others = np.delete(level.columns, level.target, axis=1)
    levels = np.isin(others, (0.0, 1.0)).all() and np.all(others.sum(axis=1) == 1)
    return np.asarray(others.argmax(axis=1) if levels else np.zeros(len(others)), dtype=np.intp)


def mirrored(target: Array, places: npt.NDArray[np.intp]) -> bool:
    """Whether every placement has a mirror image in which all arms are exchanged, equally extreme in the other direction."""
    return bool(np.isin(target, (0.0, 1.0)).all()) and all(
        2 * target[places == place].sum() == (places == place).sum() for place in np.unique(places)
    )


@dataclass(frozen=True)
class _Statistics:
    """The figure of every placement is `figures` - shift * `per_shift`, (B,) each; the real placement is the first."""

    figures: Array
    per_shift: Array
    enumerated: bool

    def p_value(self, shift: float) -> float:
        moved = np.abs(self.figures - shift * self.per_shift)
        return float((moved >= moved[0] * (1 - TIE)).mean())


def weights_under_the_null(D: Array, s2: Array | None, others: Array) -> Array:
    """1 / (s2 + tau2) of every unit, (B, G), tau2 by REML on columns that leave the contrast out, (B or 1, G, p)."""
    if s2 is None:
        return np.ones_like(D)
    tau2 = restricted_likelihood_variance(Profile(D, s2, others), D.shape[1] - others.shape[2])
    return np.asarray(1 / np.maximum(s2 + tau2[:, None], 1e-300))


def _moved(level: UnitLevel, found: Placements) -> _Statistics:
    others = np.delete(level.columns, level.target, axis=1)
    s2 = None if level.sampling is None else level.sampling[None]
    w = weights_under_the_null(level.outcome[None], s2, others[None])[0]
    residual = _aside(found.columns, others, w)
    squares = (residual**2 * w).sum(axis=1)
    alive = squares > 1e-12 * squares.max()
    scale = np.where(alive, squares, 1.0)
    figures, per_shift = (np.where(alive, (residual * w) @ one / scale, 0.0) for one in (level.outcome, found.columns[0]))
    return _Statistics(figures, per_shift, found.enumerated)


def _aside(columns: Array, others: Array, w: Array) -> Array:
    """Columns (B, G) less what the others (G, p) say of them, by weighted least squares."""
    root = np.sqrt(w)
    Q, _ = np.linalg.qr(others * root[:, None])
    turned = columns * root
    return np.asarray((turned - turned @ Q @ Q.T) / root)


def _flipped(D: Array, sampling: Array | None, found: Placements) -> _Statistics:
    """Weighted means under turned signs; a shift takes its constant off every change before they are turned."""
    if sampling is None:
        w = np.ones_like(D)
    else:
        tau2 = max(float(np.mean(D**2 - sampling)), 0.0)
        w = 1 / np.maximum(sampling + tau2, 1e-300)
    turned = found.columns * w / w.sum()
    return _Statistics(turned @ D, turned.sum(axis=1), found.enumerated)


def _tested(found: _Statistics, confidence: float, twins: bool) -> PlaceboTest:
    count = len(found.figures)
    low, high = (_end(found, side, round(1 - confidence, 12)) for side in (-1.0, 1.0))
    smallest = min(1.0, (2 if twins and found.enumerated else 1) / count)
    rank = int((found.figures >= found.figures[0] - TIE * abs(found.figures[0])).sum())
    return PlaceboTest(
        float(found.figures[0]), found.p_value(0.0), low, high, confidence, count, found.enumerated, smallest, rank)


def _end(found: _Statistics, side: float, level: float) -> float:
    """The shift on one side of the figure at which p falls to the level, by doubling and bisection."""
    centre = float(found.figures[0])
    step = max(float(np.std(found.figures)), 1e-12)
    inside, outside = 0.0, step
    while found.p_value(centre + side * outside) > level:
        inside, outside = outside, 2 * outside
        if outside > WIDEST * step:
            return side * float("inf")
    for _ in range(STEPS):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if found.p_value(centre + side * middle) > level else (inside, middle)
    return centre + side * outside


def placebo_batch(D: Array, s2: Array | None, level_columns: Array, target: int, found: Placements) -> Array:
    """Placebo p-values of B studies that share their columns, (B,).

    Args:
        D: (B, G) figures.
        s2: (B, G) sampling variances, or None.
        level_columns: X, (G, p).
        target: the column that is exchanged.
        found: placements of that column.
    """
    others = np.delete(level_columns, target, axis=1)
    w = weights_under_the_null(D, s2, others[None])
    p = np.empty(len(D))
    for study, (own, weights) in enumerate(zip(D, w, strict=True)):
        residual = _aside(found.columns, others, weights) * weights
        figures = np.abs(residual @ own / np.maximum((residual * found.columns).sum(axis=1), 1e-300))
        p[study] = (figures >= figures[0] * (1 - TIE)).mean()
    return p
