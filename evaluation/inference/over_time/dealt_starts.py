"""A placebo reference distribution for staggered starts: the same starts dealt out to units anew.

The weight of a unit in a summary depends on its start alone, so that a deal costs one sum. Units are weighted by how sure their
figures are, and keep that weight whatever start they are dealt (docs/methods.md, section 5; Ferman & Pinto 2019 on why).
A randomisation test only where starts were drawn by lot. Source: Athey & Imbens (2022), Journal of Econometrics 226, 62.
"""

import numpy as np
import numpy.typing as npt

from evaluation.inference.algebra import Array
from evaluation.inference.unit_change import Profile, restricted_likelihood_variance
from evaluation.inference.unit_level import UnitLevel

DEALS = 9_999
AT_ONCE = 1_000
SAME = 1 - 1e-9


def dealt(
    weights: Array, means: Array, level: UnitLevel, starts: npt.NDArray[np.intp], seed: int, deals: int = DEALS
) -> float:
    """The two-sided p-value: how often a deal gives a summary at least as far from zero, the observed one counted.

    Args:
        weights: of units that take part, (G, T), the same for units that began together.
        means: (G, T).
        level: `by_start.contributions` of the same units.
        starts: (G,).
        seed: of the deals.
        deals: how many.
    """
    codes = np.unique(starts, return_inverse=True)[1]
    first = np.unique(codes, return_index=True)[1]
    by_start = means @ weights[first].T * np.bincount(codes)
    precision = _precision(level)
    generator = np.random.default_rng(seed)
    extreme, observed = 0, abs(_summaries(by_start, precision, codes[None])[0])
    for begin in range(0, deals, AT_ONCE):
        many = generator.permuted(np.tile(codes, (min(AT_ONCE, deals - begin), 1)), axis=1)
        extreme += int((np.abs(_summaries(by_start, precision, many)) >= SAME * observed).sum())
    return (1 + extreme) / (1 + deals)


def _precision(level: UnitLevel) -> Array:
    """1 / (tau2 + s2) of every unit under no effect, (G,)."""
    if level.sampling is None:
        return np.ones(len(level.outcome))
    profile = Profile(level.outcome[None], level.sampling[None], np.ones((1, len(level.outcome), 1)))
    variance = restricted_likelihood_variance(profile, len(level.outcome) - 1)[0] + level.sampling
    return np.asarray(1 / variance) if np.all(variance > 0) else np.ones(len(level.outcome))


def _summaries(by_start: Array, precision: Array, codes: npt.NDArray[np.intp]) -> Array:
    """The summary under each deal, (B,): weighted means by start, `by_start` (G, S), added up; `codes` (B, G)."""
    total = np.zeros(len(codes))
    for start in range(by_start.shape[1]):
        dealt_to = (codes == start) * precision
        total += dealt_to @ by_start[:, start] / dealt_to.sum(axis=1)
    return total
