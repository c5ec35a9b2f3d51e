"""Synthetic difference in differences: comparison units weighted to move like the pilots before, waves weighted alike.

Needs a block: all pilots begin in the same wave. The error is that of placebos, which takes pilots to vary as comparison units.
Source: Arkhangelsky, Athey, Hirshberg, Imbens & Wager (2021), American Economic Review 111, 4088 (algorithms 1 and 4).
"""

from dataclasses import dataclass
from itertools import combinations, islice
from math import comb

import numpy as np
import numpy.typing as npt

from evaluation.inference.algebra import Array
from evaluation.inference.over_time.simplex import simplex_weights

PLACEBOS = 500
HARDLY = 1e-6


@dataclass(frozen=True)
class Synthetic:
    """The `estimate`, the weights of comparison units (C,) and of waves before the start (T0,)."""

    estimate: float
    units: Array
    waves: Array


def synthetic(pilots: Array, others: Array, before: int) -> Synthetic:
    """Estimate the effect on pilots.

    Args:
        pilots: (m, T), their figures.
        others: (C, T), comparison units'.
        before: T0, waves before the start.
    """
    aim, own = pilots.mean(axis=0), others[:, :before]
    noise = float(np.std(np.diff(own, axis=1), ddof=1))
    zeta = (len(pilots) * (others.shape[1] - before)) ** 0.25 * noise
    least = max(noise, 1e-8 * float(np.abs(others).max()), 1e-12)
    # An intercept in each problem: everything is taken about its mean.
    about = own - own.mean(axis=1, keepdims=True)
    units = simplex_weights(about.T, aim[:before] - aim[:before].mean(), before * max(zeta, HARDLY * least) ** 2)
    after = others[:, before:].mean(axis=1)
    waves = simplex_weights(own - own.mean(axis=0), after - after.mean(), len(others) * (HARDLY * least) ** 2)
    gap = aim - units @ others
    return Synthetic(float(gap[before:].mean() - waves @ gap[:before]), units, waves)


def placebos(others: Array, m: int, before: int, seed: int) -> Array:
    """The estimate with every choice of m comparison units in the pilots' place, or with a sample of choices, (B,).

    Args:
        others: (C, T), with C > m.
        m: pilots.
        before: T0.
        seed: of the sample, where there are more than `PLACEBOS` choices.
    """
    return np.array([synthetic(others[list(chosen)], np.delete(others, list(chosen), axis=0), before).estimate
                     for chosen in _choices(len(others), m, seed)])  # fmt: skip


def _choices(count: int, m: int, seed: int) -> list[tuple[int, ...]]:
    if comb(count, m) <= PLACEBOS:
        return list(islice(combinations(range(count), m), PLACEBOS))
    generator = np.random.default_rng(seed)
    return [tuple(map(int, generator.choice(count, m, replace=False))) for _ in range(PLACEBOS)]


def placebo_ranks(changes: Array, pilot: npt.NDArray[np.bool_]) -> tuple[int, float]:
    """The rank of one pilot's change among all, from the highest, and the share of units at least as far from the others.

    Args:
        changes: (G,).
        pilot: (G,), one of them true.
    """
    G, at = len(changes), int(np.flatnonzero(pilot)[0])
    apart = np.abs(changes - (changes.sum() - changes) / (G - 1))
    return int((changes > changes[at]).sum()) + 1, float((apart >= apart[at] * (1 - 1e-12)).mean())
