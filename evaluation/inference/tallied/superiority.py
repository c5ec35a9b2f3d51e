"""The chance that an answer given later is higher than one given before, ties counting half: no points, only order.

From counts per option alone. Each unit gives one chance with the sampling variance of Brunner and Munzel; units are then
compared by the headline method. Sources: Brunner & Munzel (2000), Biometrical Journal 42, 17; docs/methods.md, section 17.
"""

from dataclasses import dataclass

import numpy as np

from evaluation.errors import DesignError
from evaluation.inference.algebra import Array
from evaluation.inference.tallied.counts import checked
from evaluation.inference.variance import Inference


@dataclass(frozen=True)
class Superiority:
    """`chance` (U,) that an answer of the second set is higher, 0.5 where neither is; its `variance` and degrees of freedom.

    `spreads` (2, U) are the variances of both sets' places among the other's answers, `people` (2, U) how many answered.
    """

    chance: Array
    variance: Array
    df: Array
    spreads: Array
    people: Array

    @property
    def pooled(self) -> Array:
        """The sampling variances (U,) with the spread of each set pooled over all U, as units are compared by.

        A small unit in which all answered alike would otherwise have an error of nothing, and endless weight.
        """
        free = self.people - 1
        spread = (self.spreads * free).sum(axis=1) / free.sum(axis=1)
        return np.asarray((spread[:, None] / self.people).sum(axis=0))

    @property
    def against_even(self) -> Inference:
        """The first one's difference from an even chance.

        Raises:
            DesignError: no answer of one set lies among those of the other, so that there is no error.
        """
        if not self.variance[0] > 0:
            fix = "report that every answer of one set is above, or equal to, every answer of the other."
            raise DesignError("the two sets of answers do not overlap, or are all alike.", fix=fix, code="separation")
        return Inference(float(self.chance[0]) - 0.5, float(np.sqrt(self.variance[0])), float(self.df[0]))


def superiority(first: Array, second: Array) -> Superiority:
    """Compare two sets of answers to the same item.

    Args:
        first: (U, K) or (K,), how many chose each of the K options, in their order.
        second: the same for the other set.

    Raises:
        DesignError: a count that is none, or a set in which fewer than two answered.
    """
    a, b = (np.atleast_2d(checked(counts)) for counts in (first, second))
    m, n = a.sum(axis=1), b.sum(axis=1)
    if np.any(m < 2) or np.any(n < 2):
        raise DesignError("fewer than two people answered on one side.", fix="leave out units with so few.", code="few")
    below_b, below_a = _below(b) / n[:, None], _below(a) / m[:, None]
    chance = (b * below_a).sum(axis=1) / n
    spreads, people = np.stack([_spread(1 - below_b, a, m), _spread(below_a, b, n)]), np.stack([m, n])
    each = spreads / people
    variance, below = each.sum(axis=0), (each**2 / (people - 1)).sum(axis=0)
    df = np.divide(variance**2, below, out=np.full_like(m, np.inf), where=below > 0)
    return Superiority(chance, variance, df, spreads, people)


def _below(counts: Array) -> Array:
    """How many of a set chose a lower option, ties half, for every option (U, K)."""
    return np.asarray(np.cumsum(counts, axis=1) - counts / 2)


def _spread(values: Array, counts: Array, total: Array) -> Array:
    """The sample variance of a value of options over who chose them, (U,)."""
    mean = (values * counts).sum(axis=1) / total
    return np.asarray((counts * (values - mean[:, None]) ** 2).sum(axis=1) / (total - 1))
