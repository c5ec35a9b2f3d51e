"""Placebo reassignment: what the same figures would say had other units been the pilots.

The statistic is the precision-weighted difference of formula 4 over its error, with the variance between units estimated under
the null, so that a unit keeps its weight whatever arm it is placed in. The error belongs in it, because a placement that makes
pilots of small units is less sure: by the difference alone a true null was rejected up to 21 times in 100 where the real pilots
were small, over its error at most 6.5 times (3,000 studies in each of 84 shapes of 8 to 20 units). Every way to place the arms is
gone through where there are at most 20,000, else some are drawn and the real one is added. The share of placements at least as
extreme as the real one is a placebo p-value; only where arms were drawn by lot is it that of a randomisation test. Its interval
holds constant shifts that are not rejected, with weights found anew for every shift.
Sources: docs/methods.md, section 14; Rosenbaum (2002), Observational Studies, chapter 2; MacKinnon & Webb (2020).
"""

from dataclasses import dataclass, field
from functools import cached_property
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
MOST_CELLS = 20_000_000
"""Placements times units: from 1,000 units on fewer placements are drawn."""
SECTIONS, ROUNDS = 16, 8
OUTWARDS = np.concatenate([[0.0], 4.0 ** np.arange(-1, 8)])
SETTLED = 1e-8


@dataclass(frozen=True)
class PlaceboTest:
    """Where the real placement stands among all that were looked at, with the interval, worked out when it is first asked for.

    `estimate` is the shift at which the real placement shows nothing. `placements` counts them, the real one included; `smallest`
    is the least two-sided p-value they can give. `rank` says how many placements give at least so high a statistic; `reference`
    holds all of these (B,), the real one first. An end of the interval is infinite where no shift is rejected on that side.
    """

    estimate: float
    p_value: float
    confidence: float
    placements: int
    enumerated: bool
    smallest: float
    rank: int
    reference: Array = field(repr=False, compare=False)
    placed: "Placed" = field(repr=False, compare=False)

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
        return self.placed.ends(self.estimate, round(1 - self.confidence, 12))


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
    drawn = np.tile(target, (_fewer(most, len(target)), 1))
    for own in inside:
        drawn[1:, own] = rng.permuted(drawn[1:, own], axis=1)
    return Placements(drawn, False)


def _fewer(most: int, units: int) -> int:
    return min(most, max(MOST_CELLS // units, 1))


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
    drawn = np.random.default_rng(seed).choice([1.0, -1.0], size=(_fewer(most, units), units))
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
    return _tested(_placed(level, seed, most), confidence)


def _placed(level: UnitLevel, seed: int, most: int) -> "Placed":
    target = level.columns[:, level.target]
    if level.columns.shape[1] == 1:
        return Placed(level, sign_flips(len(target), seed, most), twins=True)
    places = places_of(level)
    found = placements(target, places, seed, most)
    if np.ptp(target) == 0 or len(found.columns) == 1:
        raise DesignError("there is nothing to exchange between arms.", fix="compare units of both arms.", code="placebo")
    return Placed(level, found, twins=mirrored(target, places))


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
class Placed:
    """The figures of units under every placement of the contrast's column; `twins`: each has a mirror image, equally extreme."""

    level: UnitLevel
    found: Placements
    twins: bool

    @property
    def target(self) -> Array:
        """The real placement, (G,)."""
        return np.asarray(self.found.columns[0])

    @cached_property
    def squares(self) -> Array:
        """Squares of the placements' columns, (B, G)."""
        return self.found.columns**2

    def weights(self, shifts: Array) -> Array:
        """A row of weights for each shift that is taken for the truth, (K, G)."""
        D = self.level.outcome - shifts[:, None] * self.target
        s2 = None if self.level.sampling is None else np.broadcast_to(self.level.sampling, D.shape)
        return weights_under_the_null(D, s2, self.others[None])

    @property
    def others(self) -> Array:
        """The columns that stay in their place, (G, p)."""
        return np.delete(self.level.columns, self.level.target, axis=1)

    def statistics(self, shift: float, w: Array) -> Array:
        """The difference over its error in every placement once a shift is taken off the real pilots, (B,)."""
        return over_error(self.level.outcome - shift * self.target, w, self.others, self.found.columns, self.squares)

    def p_values(self, shifts: Array) -> Array:
        """By shift, the share of placements at least as extreme as the real one, (K,)."""
        found = [np.abs(self.statistics(shift, w)) for shift, w in zip(shifts.tolist(), self.weights(shifts), strict=True)]
        return np.array([(one >= one[0] * (1 - TIE)).mean() for one in found])

    def centre(self) -> float:
        """The shift at which the real placement shows nothing: each step takes off what is still seen."""
        shift, scale = 0.0, float(np.abs(self.level.outcome).max())
        for _ in range(50):
            w = self.weights(np.array([shift]))[0]
            moved = _difference(self.level.outcome, w, self.others, self.target)
            if abs(moved - shift) <= SETTLED * scale:
                return moved
            shift = moved
        return shift

    def ends(self, centre: float, level: float) -> tuple[float, float]:
        """The shifts below and above at which p falls to the level: by going outwards, then by cutting brackets into sections.

        Every round looks at all of its shifts at once, because finding their weights takes longer than placing the arms.
        """
        reach = np.tile(max(float(np.std(self.level.outcome)), 1e-12) * OUTWARDS, (2, 1))
        sides, found = np.array([[-1.0], [1.0]]), np.array([True, True])
        for _ in range(ROUNDS):
            out = self.p_values((centre + sides * reach[:, 1:]).ravel()).reshape(2, -1) <= level
            found, first = found & out.any(axis=1), out.argmax(axis=1)
            inside, outside = reach[[0, 1], first], reach[[0, 1], first + 1]
            reach = np.linspace(inside, outside, SECTIONS + 1, axis=1)
        low, high = centre + np.where(found, sides[:, 0] * reach[:, -1], sides[:, 0] * np.inf)
        return float(low), float(high)


def weights_under_the_null(D: Array, s2: Array | None, others: Array) -> Array:
    """1 / (s2 + tau2) of every unit, (B, G), tau2 by REML on columns that leave the contrast out, (B or 1, G, p).

    Where no column is left (before and after), tau2 is the mean square that sampling does not explain.
    """
    if s2 is None:
        return np.ones_like(D)
    if others.shape[2]:
        tau2 = restricted_likelihood_variance(Profile(D, s2, others), D.shape[1] - others.shape[2])
    else:
        tau2 = np.maximum((D**2 - s2).mean(axis=1), 0.0)
    return np.asarray(1 / np.maximum(s2 + tau2[:, None], 1e-300))


def over_error(D: Array, w: Array, others: Array, columns: Array, squares: Array) -> Array:
    """The coefficient of each column (B, G) beside others (G, p), over the error that weights give it, (B,)."""
    top, left = _aside(D, w, others, columns, squares)
    alive = left > 1e-10 * left.max()
    return np.asarray(np.where(alive, top / np.sqrt(np.where(alive, left, 1.0)), 0.0))


def _difference(D: Array, w: Array, others: Array, target: Array) -> float:
    top, left = _aside(D, w, others, target[None], target[None] ** 2)
    return float(top[0] / left[0])


def _aside(D: Array, w: Array, others: Array, columns: Array, squares: Array) -> tuple[Array, Array]:
    """Each column's weighted products with D and with itself, less what the others say of it, (B,) each."""
    weighted = others * w[:, None]
    inverse = np.linalg.inv(others.T @ weighted)
    rest = w * D - weighted @ (inverse @ (weighted.T @ D))
    sums = columns @ np.column_stack([weighted, rest])
    across, top = sums[:, :-1], sums[:, -1]
    return top, squares @ w - ((across @ inverse) * across).sum(axis=1)


def _tested(placed: Placed, confidence: float) -> PlaceboTest:
    reference = placed.statistics(0.0, placed.weights(np.zeros(1))[0])
    size, count = np.abs(reference), len(reference)
    smallest = min(1.0, (2 if placed.twins and placed.found.enumerated else 1) / count)
    p = float((size >= size[0] * (1 - TIE)).mean())
    rank = int((reference >= reference[0] - TIE * size[0]).sum())
    return PlaceboTest(placed.centre(), p, confidence, count, placed.found.enumerated, smallest, rank, reference, placed)


def placebo_batch(D: Array, s2: Array | None, level_columns: Array, target: int, found: Placements) -> Array:
    """Placebo p-values of B studies that share their columns, (B,).

    Args:
        D: (B, G) figures.
        s2: (B, G) sampling variances, or None.
        level_columns: X, (G, p).
        target: the column that is exchanged.
        found: placements of that column.
    """
    others, squares = np.delete(level_columns, target, axis=1), found.columns**2
    w = weights_under_the_null(D, s2, others[None])
    p = np.empty(len(D))
    for study, (own, weights) in enumerate(zip(D, w, strict=True)):
        size = np.abs(over_error(own, weights, others, found.columns, squares))
        p[study] = (size >= size[0] * (1 - TIE)).mean()
    return p
