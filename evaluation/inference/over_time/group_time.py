"""Effects by start and wave where pilots began at different times, as weights of units' figures.

The effect on the pilots that began in wave g, seen in wave t, is their mean change since the wave before g less the mean change
of units that had not begun. Waves before g compare with the wave before them. With covariates of units the comparison's change is
what a regression among comparison units says for units like the pilots. Every effect is a weighted sum of changes, and every
summary a weighted sum of effects, so each summary is a weight for every unit and wave.
Source: Callaway & Sant'Anna (2021), Journal of Econometrics 225, 200 (no anticipation, varying base period).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evaluation.errors import DesignError
from evaluation.inference.algebra import LEVERAGE_ONE, Array, inverse_root

Mask = npt.NDArray[np.bool_]
NEVER, NOT_YET = "never piloted", "not yet piloted"


@dataclass(frozen=True)
class Effect:
    """The effect on units that began in wave `start`, seen in wave `at`, against wave `base`: `weights` (G,) of units' changes.

    `pilots` and `others` (G,) are compared; `columns` (G, k) are the constant and covariates.
    """

    start: int
    at: int
    base: int
    weights: Array
    pilots: Mask
    others: Mask
    columns: Array

    @property
    def event(self) -> int:
        """Waves since the start."""
        return self.at - self.start

    @property
    def size(self) -> int:
        """Pilots, whose number weighs the effect in summaries."""
        return int(self.pilots.sum())

    def changes(self, means: Array) -> Array:
        """Units' changes (G,) that the effect compares; `means` (G, T)."""
        return np.asarray(means[:, self.at] - means[:, self.base])

    def deleted(self, means: Array) -> Array:
        """How the effect changes without each unit, (G,); 0 for units it does not use, NaN for one it cannot do without."""
        D, X, used = self.changes(means), self.columns, self.others
        M = np.linalg.inv(X[used].T @ X[used])
        fitted = X @ (M @ X[used].T @ D[used])
        leverage = np.einsum("gk,kl,gl->g", X, M, X)
        rest = D - fitted
        own = -(rest - rest[self.pilots].mean()) / (self.size - 1) if self.size > 1 else np.full(len(D), np.nan)
        other = X @ M @ X[self.pilots].mean(axis=0) * rest / np.where(leverage < 1 - LEVERAGE_ONE, 1 - leverage, np.nan)
        return np.where(used, other, np.where(self.pilots, own, 0.0))


def group_time(starts: npt.NDArray[np.intp], waves: int, comparison: str, covariates: Array | None = None) -> tuple[Effect, ...]:
    """Every effect that can be told, by start, then wave.

    Args:
        starts: for each of G units the wave in which it began, 1 ... T - 1, and T for units that never did.
        waves: T.
        comparison: `NEVER` or `NOT_YET`, which counts units until they begin.
        covariates: (G, k) of units, for the regression among comparison units.

    Raises:
        DesignError: nobody began, or no effect has a unit to compare with.
    """
    began = sorted({int(g) for g in starts if g < waves})
    if not began:
        raise DesignError("no unit began while it was observed.", fix="check the column of starts.", code="no-pilot")
    effects = [_effect(starts, g, t, waves, comparison, covariates) for g in began for t in range(1, waves)]
    found = tuple(effect for effect in effects if effect is not None)
    if any(effect.event >= 0 for effect in found):
        return found
    said = f"nobody to compare with: no unit was {comparison} when others had the pilot."
    others = f"ask for comparison='{NOT_YET}', " if comparison == NEVER and len(began) > 1 else ""
    raise DesignError(said, fix=f"{others}add units without the pilot, or name the value that means never.", code="no-comparison")


def _effect(
    starts: npt.NDArray[np.intp], g: int, t: int, waves: int, comparison: str, covariates: Array | None
) -> Effect | None:
    base = g - 1 if t >= g else t - 1
    pilots = starts == g
    others = starts >= waves if comparison == NEVER else (starts > t) & ~pilots
    X = np.column_stack([np.ones(len(starts)), *([] if covariates is None else [covariates])])
    if others.sum() < X.shape[1]:
        return None
    gram = X[others].T @ X[others]
    if len(inverse_root(gram).kept) < X.shape[1]:
        said = f"the covariates of the {int(others.sum())} units to compare with say the same."
        raise DesignError(said, fix="leave a covariate out.", code="covariate")
    weights = np.where(pilots, 1 / pilots.sum(), 0.0)
    weights[others] -= X[others] @ np.linalg.solve(gram, X[pilots].mean(axis=0))
    return Effect(g, t, base, weights, pilots, others, X)


@dataclass(frozen=True)
class Summary:
    """A weighted mean of effects: `shares` (J,) of the J effects, adding to one."""

    name: str
    shares: Array
    effects: tuple[Effect, ...]

    def estimate(self, means: Array) -> float:
        """In points; `means` (G, T)."""
        return float((self.weights(means.shape[1]) * means).sum())

    def weights(self, waves: int) -> Array:
        """The weight of every unit's figure in every wave, (G, T)."""
        found = np.zeros((len(self.effects[0].weights), waves))
        for share, effect in self._told():
            found[:, effect.at] += share * effect.weights
            found[:, effect.base] -= share * effect.weights
        return found

    def deleted(self, means: Array) -> Array:
        """How the summary changes when each unit is left out, (G,), shares held."""
        return np.asarray(np.sum([share * effect.deleted(means) for share, effect in self._told()], axis=0))

    def served(self) -> Mask:
        """Units that are compared with in some effect of the summary, (G,)."""
        return np.asarray(np.any([effect.others for _, effect in self._told()], axis=0))

    def piloted(self) -> Mask:
        """Units whose effect is told, (G,)."""
        return np.asarray(np.any([effect.pilots for _, effect in self._told()], axis=0))

    def _told(self) -> list[tuple[float, Effect]]:
        return [(float(share), effect) for share, effect in zip(self.shares, self.effects, strict=True) if share]


def mean_of(name: str, effects: tuple[Effect, ...], chosen: Sequence[bool]) -> Summary:
    """The mean over the effects that `chosen`, (J,), marks, by pilots."""
    sizes = np.array([effect.size * float(one) for effect, one in zip(effects, chosen, strict=True)])
    return Summary(name, sizes / sizes.sum(), effects)


def combined(name: str, parts: list[Summary], sizes: list[float]) -> Summary:
    """The mean of summaries, by `sizes`."""
    shares = np.asarray(sizes) / np.sum(sizes) @ np.stack([part.shares for part in parts])
    return Summary(name, np.asarray(shares), parts[0].effects)
