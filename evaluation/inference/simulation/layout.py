"""The exact shape of a study to draw: who answers where and when, how much scores differ, and how they are written down."""

from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from evaluation.errors import DesignError
from evaluation.inference.algebra import Array
from evaluation.inference.design import cell_columns
from evaluation.inference.power import Noise
from evaluation.terms import Design


@dataclass(frozen=True)
class Sums:
    """What the methods read of B studies of G units in W waves.

    `means` (B, G, W); `within` (B, W), the mean square of people around their cell's mean, pooled over units; `shared` (B,), the
    covariance of the first and the last score of people recognised in both, 0 where nobody is. Points and squared points.
    """

    means: Array
    within: Array
    shared: Array


class Scores(Protocol):
    """How people's scores come about, given what is expected in their cell."""

    def draw(self, rng: np.random.Generator, expected: Array, layout: "Layout") -> Sums:
        """Sums of studies whose cells expect `expected`, (B, G, W)."""


@dataclass(frozen=True)
class Normal:
    """Normal scores: cell means are normal, mean squares chi-square, linked pairs bivariate; no person need be drawn."""

    def draw(self, rng: np.random.Generator, expected: Array, layout: "Layout") -> Sums:
        """Exact for normal scores whatever the number of people. Source: Bartlett (1933) for the linked products."""
        B, G, W = expected.shape
        people, variance, rho = layout.people, layout.noise.between_people, layout.noise.linked or 0.0
        noise = rng.standard_normal((B, G, W))
        alike = rho * layout.recognised / np.sqrt(people[:, 0] * people[:, -1])
        if W > 1:
            noise[:, :, -1] = alike * noise[:, :, 0] + np.sqrt(1 - alike**2) * noise[:, :, -1]
        means = expected + noise * np.sqrt(variance / people)
        df = people.sum(axis=0) - G
        pairs = max(layout.recognised.sum() - G, 0.0)
        if pairs < 2 or W == 1:
            return Sums(means, variance * rng.chisquare(df, (B, W)) / df, np.zeros(B))
        first, cross, last = _products(rng, pairs, rho, B)
        squares = rng.chisquare(np.maximum(df, 1e-9), (B, W))
        for wave, known in ((0, first), (W - 1, last)):
            rest = df[wave] - pairs
            squares[:, wave] = known + (rng.chisquare(rest, B) if rest > 0 else 0.0)
        return Sums(means, variance * squares / df, variance * cross / pairs)


def _products(rng: np.random.Generator, df: float, rho: float, B: int) -> tuple[Array, Array, Array]:
    """Squares and cross-product of two standard normal scores correlated `rho`, on `df` degrees of freedom."""
    root, slope, rest = np.sqrt(rng.chisquare(df, B)), rng.standard_normal(B), rng.chisquare(df - 1, B)
    other = rho * root + np.sqrt(1 - rho**2) * slope
    return root**2, root * other, other**2 + (1 - rho**2) * rest


@dataclass(frozen=True)
class Options:
    """Answers on `codes` equally spaced options: a normal opinion rounded to the nearest, cut at the ends; drawn as counts."""

    low: float
    high: float
    count: int

    def draw(self, rng: np.random.Generator, expected: Array, layout: "Layout") -> Sums:
        """Multinomial counts of every option in every cell, which hold all that the methods read."""
        codes = np.linspace(self.low, self.high, self.count)
        cuts = (codes[1:] + codes[:-1]) / 2
        below = ndtr((cuts - expected[..., None]) / np.sqrt(layout.noise.between_people))
        ends = np.zeros((*expected.shape, 1))
        shares = np.diff(np.concatenate([ends, below, ends + 1], axis=-1), axis=-1)
        counts = rng.multinomial(layout.whole_people, shares)
        return _counted(counts, codes, layout)


@dataclass(frozen=True)
class Percent:
    """A share of people, 0 to 100, each of whom answers yes or no: binomial counts around each cell's own share."""

    def draw(self, rng: np.random.Generator, expected: Array, layout: "Layout") -> Sums:
        """Cells whose expected share lies beyond 0 or 100 are cut there."""
        share = np.clip(expected / 100, 0.0, 1.0)
        yes = rng.binomial(layout.whole_people, share)
        return _counted(np.stack([layout.whole_people - yes, yes], axis=-1), np.array([0.0, 100.0]), layout)


def _counted(counts: npt.NDArray[np.int64], codes: Array, layout: "Layout") -> Sums:
    people = layout.whole_people
    means = counts @ codes / people
    squares = counts @ codes**2 - people * means**2
    df = people.sum(axis=0) - len(people)
    return Sums(means, squares.sum(axis=1) / df, np.zeros(len(means)))


@dataclass(frozen=True)
class Layout:
    """One study's shape. Pilots are the first `pilots` of G units.

    Attributes:
        design: what is compared; waves before the start count by their mean, the last wave is compared with it.
        people: (G, W) people with a score, at least 2 in every cell.
        pilots: m; before/after has no other units.
        noise: where scores differ. `noise.linked` is read for people who are recognised.
        before: how many of the W waves lie before the start.
        kept: share of a unit's people (of the smaller of its first and last wave) who are recognised in both.
        start: the expected score before the start.
        scores: how scores come about.
        tails: degrees of freedom of Student's t from which effects of units come; infinite is normal.
        places: the organisation of every unit, counted from 0, where organisations hold both arms and arms are compared inside.
        matters: the smallest change that matters, points: the scale of the prior under which the Bayesian reading judges.
    """

    design: Design
    people: Array
    pilots: int
    noise: Noise
    before: int = 1
    kept: float = 0.0
    start: float = 0.0
    scores: Scores = field(default_factory=Normal)
    tails: float = float("inf")
    places: tuple[int, ...] = ()
    matters: float | None = None

    def __post_init__(self) -> None:
        people = np.asarray(self.people, dtype=float)
        if people.ndim != 2 or not np.all(np.isfinite(people)) or people.min(initial=np.inf) < 2:
            raise DesignError("a study needs at least two people in every unit and wave.", fix="Give people as units x waves.")
        if not 0 < self.pilots <= len(people):
            raise DesignError(f"{self.pilots} pilots among {len(people)} units cannot be drawn.", fix="Name 1 to all units.")

    @property
    def units(self) -> int:
        """G."""
        return len(self.people)

    @property
    def whole_people(self) -> npt.NDArray[np.int64]:
        """People as whole numbers, (G, W)."""
        return np.rint(self.people).astype(np.int64)

    @property
    def recognised(self) -> Array:
        """People recognised in the first and in the last wave, (G,)."""
        return np.asarray(self.kept * np.minimum(self.people[:, 0], self.people[:, -1]))

    @property
    def pilot(self) -> Array:
        """1.0 for pilots, 0.0 for others, (G,)."""
        return (np.arange(self.units) < self.pilots).astype(float)

    @property
    def weights(self) -> Array:
        """What each wave counts for in a unit's figure, (W,): the last plus one, those before the start minus one in all."""
        counted = np.zeros(self.people.shape[1])
        counted[-1] = 1.0
        if self.design not in (Design.COMPARISON, Design.ANCOVA):
            counted[: self.before] = -1.0 / self.before
        return counted

    @property
    def levels(self) -> Array:
        """The level of every unit, (G, 1), or of its organisation, (G, organisations)."""
        return np.eye(max(self.places) + 1)[list(self.places)] if self.places else np.ones((self.units, 1))

    @property
    def columns(self) -> Array:
        """Columns of the second stage, (G, p), the contrast last; the baseline of ANCOVA is not known before data."""
        return self.levels if self.design.alone else np.column_stack([self.levels, self.pilot])

    @property
    def cell_columns(self) -> Array:
        """Columns of the regression on everybody's answers, (G, W, r), the contrast last."""
        G, W = self.people.shape
        later = np.tile((np.arange(W) >= self.before).astype(float), G)
        _, columns = cell_columns(self.design, np.repeat(self.pilot, W), later)
        return np.column_stack([np.repeat(self.levels, W, axis=0), columns[:, 1:]]).reshape(G, W, -1)

    def with_people(self, people: Array, pilots: int) -> "Layout":
        """The same study with other units."""
        return replace(self, people=people, pilots=pilots)


def draw(layout: Layout, effect: float, studies: int, rng: np.random.Generator) -> Sums:
    """Sums of `studies` studies in which the last waves of pilots are `effect` points higher than they would have been.

    Units differ by `between_units`, a unit's waves by `between_waves`, people by `between_people`.
    """
    G, W = layout.people.shape
    lasting = _effects(rng, (studies, G, 1), layout.tails) * np.sqrt(layout.noise.between_units)
    passing = _effects(rng, (studies, G, W), layout.tails) * np.sqrt(layout.noise.between_waves)
    later = np.arange(W) >= (0 if layout.design is Design.COMPARISON else layout.before)
    return layout.scores.draw(rng, layout.start + lasting + passing + effect * layout.pilot[:, None] * later, layout)


def _effects(rng: np.random.Generator, shape: tuple[int, ...], tails: float) -> Array:
    """Standard draws: normal, or Student's t divided by its standard deviation."""
    if np.isinf(tails):
        return rng.standard_normal(shape)
    return np.asarray(rng.standard_t(tails, shape) / np.sqrt(tails / (tails - 2)))
