"""How an opinion becomes an answer: a normal variable, rounded to the nearest response option and bounded by the outer ones.

An item's options lie at positions between 0 (least of what the measure is about) and 1 (most). A respondent's opinion is
`location + spread * z` with z standard normal over units, waves, people and occasions together; the option nearest to it is
the answer. So the expected score is known exactly: probabilities of options are differences of the normal distribution.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr

Array = NDArray[np.float64]
REACH = 3.0


@dataclass(frozen=True)
class Answering:
    """One item's options: K `codes` by rising position, (K,) `positions` in 0 to 1, and the item's own `offset` in position."""

    item: str
    codes: Array
    positions: Array
    offset: float

    @cached_property
    def cuts(self) -> Array:
        """(K - 1,) positions at which one answer gives way to the next."""
        return np.asarray((self.positions[1:] + self.positions[:-1]) / 2)


@dataclass(frozen=True)
class Mixture:
    """The offsets, in standard deviations, that belonging to a group adds to an opinion, and the share of people with each."""

    offsets: Array
    shares: Array


def chances(answering: Answering, location: float, spread: float, mixture: Mixture) -> Array:
    """(K,) probability of each option for a respondent of whom nothing is known."""
    reach = (location + answering.offset - answering.cuts[:, None]) / spread + mixture.offsets
    above = ndtr(reach) @ mixture.shares
    return -np.diff(np.concatenate([[1.0], above, [0.0]]))


def opinions_to_codes(answering: Answering, opinions: Array) -> Array:
    """The codes given by respondents whose opinions, item offset excluded, lie at these positions."""
    return answering.codes[np.searchsorted(answering.cuts, opinions + answering.offset)]


@dataclass(frozen=True)
class Scoring:
    """A measure as a linear function of option probabilities: item by item, the score each option stands for."""

    answering: tuple[Answering, ...]
    values: tuple[Array, ...]
    mixture: Mixture

    def expected(self, location: float, spread: float) -> float:
        """Expected score, in the measure's units, when opinions lie around `location`."""
        parts = [
            value @ chances(item, location, spread, self.mixture) for item, value in zip(self.answering, self.values, strict=True)
        ]
        return float(np.mean(parts))

    def item_deviation(self, location: float, spread: float) -> float:
        """Root mean square over items of the standard deviation of the score one item stands for."""
        variances = []
        for item, value in zip(self.answering, self.values, strict=True):
            chance = chances(item, location, spread, self.mixture)
            variances.append(chance @ value**2 - (chance @ value) ** 2)
        return float(np.sqrt(np.mean(variances)))

    def location_for(self, score: float, spread: float) -> float:
        """Where opinions must lie for this expected score.

        Raises:
            ValueError: no location gives it; the scale ends before.
        """
        low, high = self.expected(-REACH, spread), self.expected(1 + REACH, spread)
        if not low < score < high:
            raise ValueError(f"an expected score of {score:g} lies outside the scale ({low:g} to {high:g})")
        return float(brentq(lambda place: self.expected(place, spread) - score, -REACH, 1 + REACH, xtol=1e-12))

    def spread_for(self, score: float, deviation: float) -> float:
        """The spread of opinions that gives items this standard deviation at this expected score, or the nearest they allow."""
        trial = np.geomspace(0.05, 0.8, 25)
        reached = np.array([self.item_deviation(self.location_for(score, spread), spread) for spread in trial])
        if deviation <= reached[0]:
            return float(trial[0])
        if deviation >= reached.max():
            return float(trial[int(reached.argmax())])
        return float(np.interp(deviation, np.maximum.accumulate(reached), trial))


@dataclass(frozen=True)
class Shares:
    """Standard deviations of the parts of one item's opinion; their squares add up to 1."""

    unit: float
    wave: float
    person: float
    occasion: float
    noise: float


def shares_of(items: int, unit: float, wave: float, linked: float) -> Shares:
    """Parts of an item's opinion that give a score of `items` items the plan's variance shares.

    `unit` and `wave` are shares of the score's variance between units and between waves of one unit; `linked` is the
    correlation of one person's scores in two waves, inside a unit. Half of an item is taken to be what its scale measures,
    more where those shares need it. A percentage keeps only about two thirds of them: see `truth`.
    """
    lasting = unit + wave + linked * (1 - unit - wave)
    loading = max(0.5, lasting / items / (1 - lasting + lasting / items))
    score = loading + (1 - loading) / items
    person = linked * (1 - unit - wave) * score
    occasion = max(0.0, loading - (unit + wave) * score - person)
    parts = np.sqrt([unit * score, wave * score, person, occasion, 1 - loading])
    return Shares(*(float(part) for part in parts))


def score_share(items: int, shares: Shares) -> float:
    """Variance of a score of `items` items as a share of one item's."""
    common = 1 - shares.noise**2
    return common + shares.noise**2 / items
