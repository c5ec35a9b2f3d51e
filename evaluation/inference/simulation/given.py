"""Studies with the people of one that is known: who answers, in which unit and with which covariates stays; answers are drawn.

Given the covariates, sums of products with a normal score are normal themselves, so that no row is read or drawn: with U the
cross-products of (1, covariates) in a cell, U' y = shift U e1 + s U^(1/2) z, and what covariates leave over is chi-square.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import stats

from evaluation.evidence.moments import Moments
from evaluation.inference.algebra import Array
from evaluation.inference.design import Contrast, cell_columns, lift
from evaluation.inference.power import Noise
from evaluation.inference.simulation.methods import HEADLINE, Outcomes, around
from evaluation.inference.simulation.rates import BLOCK, joined
from evaluation.inference.unit_change import unit_change
from evaluation.inference.variance import LeastSquares, infer_batch, least_squares
from evaluation.terms import Design


@dataclass(frozen=True)
class Given:
    """A difference-in-differences whose people are known.

    `moments`: cells of units that answered in both waves, their outcome is not read; `follow_up` names the later wave.
    """

    moments: Moments
    contrast: Contrast
    follow_up: str
    noise: Noise

    @cached_property
    def later(self) -> Array:
        """1.0 for cells of the later wave, (C,)."""
        return np.asarray(self.moments.cells["wave"].astype(str) == self.follow_up, dtype=float)

    @cached_property
    def columns(self) -> Array:
        """The cell columns of the regression, (C, 4), the contrast last."""
        pilot = self.contrast.side(self.moments.cells["arm"]).to_numpy(dtype=float)
        return cell_columns(Design.DIFFERENCE_IN_DIFFERENCES, pilot, self.later)[1]

    @cached_property
    def fit(self) -> LeastSquares:
        """The regression on everybody's answers."""
        return least_squares(lift(self.moments, self.columns, ("1", "pilot", "follow_up", "pilot:follow_up")))

    @cached_property
    def of_unit(self) -> Array:
        """1.0 where a cell belongs to a unit, (G, C), units in the order of `fit`."""
        units = self.moments.cells["unit"].astype(str).to_numpy()
        return np.array([units == unit for unit in self.fit.lifted.units], dtype=float)

    @cached_property
    def people(self) -> Array:
        """Cross-products of (1, covariates), (C, q, q)."""
        return self.moments.products[:, :-1, :-1]

    @cached_property
    def inside(self) -> Array:
        """Cross-products of covariates around each cell's means, (C, q - 1, q - 1)."""
        total, n = self.people[:, 0, 1:], self.people[:, 0, 0]
        return np.asarray(self.people[:, 1:, 1:] - total[:, :, None] * total[:, None, :] / n[:, None, None])


def simulate_given(given: Given, effect: float, *, studies: int, seed: int, confidence: float = 0.95) -> dict[str, Outcomes]:
    """Draw answers for known people, and judge by the headline and by CR2, both with the covariates.

    Args:
        given: the study's people.
        effect: what is added to pilots' later scores, points.
        studies: how many, B.
        seed: equal seeds give equal numbers.
        confidence: of intervals.
    """
    sizes = [min(BLOCK, studies - start) for start in range(0, studies, BLOCK)]
    streams = np.random.SeedSequence(seed).spawn(len(sizes))
    drawn = zip(streams, sizes, strict=True)
    parts = [_judged(given, effect, size, np.random.default_rng(stream), confidence) for stream, size in drawn]
    return {name: joined([part[name] for part in parts]) for name in (HEADLINE, "CR2")}


def _judged(given: Given, effect: float, studies: int, rng: np.random.Generator, confidence: float) -> dict[str, Outcomes]:
    sums = drawn_sums(given, effect, studies, rng)
    adjusted, sampling = adjusted_means(given, sums, rng)
    sign, side = 2 * given.later - 1, given.of_unit @ given.columns[:, 1] / given.of_unit.sum(axis=1)
    X = np.column_stack([np.ones(len(side)), side])
    change = unit_change((adjusted * sign) @ given.of_unit.T, sampling @ given.of_unit.T, X, 1)
    parts = np.concatenate([given.columns * sums[:, :, :1], sums[:, :, 1:]], axis=2)
    robust = infer_batch(given.fit, np.asarray(np.einsum("gc,bck->bgk", given.of_unit, parts)), "CR2")
    p = 2 * stats.t.sf(np.abs(robust.estimate / robust.std_error), robust.df)
    reach = (stats.t.ppf((1 + confidence) / 2, df) for df in (change.df, robust.df))
    return {
        HEADLINE: around(change.estimate, change.p_value, next(reach) * change.std_error),
        "CR2": around(robust.estimate, p, next(reach) * robust.std_error),
    }


def drawn_sums(given: Given, effect: float, studies: int, rng: np.random.Generator) -> Array:
    """Sums of the score and of covariates times the score by study and cell, (B, C, q)."""
    values, vectors = np.linalg.eigh(given.people)
    root = vectors * np.sqrt(np.maximum(values, 0.0))[:, None, :]
    noise, cells = given.noise, len(given.people)
    lasting = rng.standard_normal((studies, len(given.of_unit))) @ given.of_unit * np.sqrt(noise.between_units)
    passing = rng.standard_normal((studies, cells)) * np.sqrt(noise.between_waves)
    shift = lasting + passing + effect * given.columns[:, -1]
    people = rng.standard_normal((studies, cells, root.shape[1])) * np.sqrt(noise.between_people)
    return np.asarray(shift[:, :, None] * given.people[:, 0] + np.einsum("cij,bcj->bci", root, people, optimize=True))


def adjusted_means(given: Given, sums: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Each cell's mean adjusted by the slopes inside cells, and its sampling variance, (B, C) each (`unit_level.changes`)."""
    n, total, inside = given.people[:, 0, 0], given.people[:, 0, 1:], given.inside
    cross = sums[:, :, 1:] - sums[:, :, :1] * (total / n[:, None])
    slopes = cross.sum(axis=1) @ np.linalg.pinv(inside.sum(axis=0), hermitian=True)
    adjusted = (sums[:, :, 0] - slopes @ total.T) / n
    missed = cross - np.einsum("cij,bj->bci", inside, slopes)
    rank = np.linalg.matrix_rank(inside, hermitian=True)
    rest = given.noise.between_people * rng.chisquare(n - 1 - rank, (len(sums), len(n)))
    squares = rest + np.einsum("bci,cij,bcj->bc", missed, np.linalg.pinv(inside, hermitian=True), missed, optimize=True)
    waves = np.stack([given.later == 0, given.later == 1]).astype(float)
    df = waves @ n - waves.sum(axis=1) - np.linalg.matrix_rank(inside.sum(axis=0)) / len(waves)
    return adjusted, (squares @ waves.T / df) @ waves / n
