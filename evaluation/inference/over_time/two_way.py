"""Two-way fixed effects as a diagnostic: what the common regression would say, and what it is a mean of.

With staggered starts its coefficient is a weighted mean of two-by-two comparisons, some of which take units that already
have the pilot as the comparison, and may give some effects negative weight. It is never an estimate here.
Sources: Goodman-Bacon (2021), Journal of Econometrics 225, 254; de Chaisemartin & D'Haultfoeuille (2020), AER 110, 2964.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from evaluation.inference.algebra import Array

KINDS = ("piloted v never piloted", "earlier v later, not yet piloted", "later v earlier, already piloted")


@dataclass(frozen=True)
class TwoWay:
    """The `coefficient` and its two-by-two `parts` (columns kind, start, other, weight, estimate; weights add to one).

    Of piloted units' figures `negative_share` enter with a weight below zero; `negative_weight` is the sum of these weights.
    """

    coefficient: float
    parts: pd.DataFrame
    negative_share: float
    negative_weight: float

    def by_kind(self) -> pd.DataFrame:
        """One row a kind of comparison: its weight, and the weighted mean of its estimates."""
        products = self.parts.assign(estimate=self.parts["weight"] * self.parts["estimate"])
        table = products.groupby("kind", sort=False)[["weight", "estimate"]].sum()
        table["estimate"] /= table["weight"]
        return table.reset_index()


def two_way(means: Array, starts: npt.NDArray[np.intp], names: tuple[str, ...] | None = None) -> TwoWay:
    """The regression of figures on unit, wave and 'has the pilot', taken apart.

    Args:
        means: (G, T), every unit in every wave.
        starts: (G,), the wave in which each began, 1 ... T - 1; T for never.
        names: of the waves; their places where none are given.
    """
    T = means.shape[1]
    has = (np.arange(T) >= starts[:, None]).astype(float)
    own = _doubly_centred(has)
    weights = own / (own**2).sum()
    labels = [*(names or tuple(map(str, range(T)))), "never"]
    parts = pd.DataFrame(_parts(means, starts, labels), columns=["kind", "start", "other", "weight", "estimate"])
    parts["weight"] /= (own**2).sum() / means.size
    below = weights[has == 1] < -1e-12
    return TwoWay(float((weights * means).sum()), parts, float(below.mean()), float(weights[has == 1][below].sum()))


def _doubly_centred(table: Array) -> Array:
    return np.asarray(table - table.mean(axis=1, keepdims=True) - table.mean(axis=0) + table.mean())


def _parts(means: Array, starts: npt.NDArray[np.intp], labels: list[str]) -> list[tuple[str, str, str, float, float]]:
    """Every two-by-two comparison, with its part of the variance of 'has the pilot'."""
    T, groups = means.shape[1], np.unique(starts)
    share = {int(g): float((starts == g).mean()) for g in groups}
    path = {int(g): means[starts == g].mean(axis=0) for g in groups}
    found = []
    for i, early in enumerate(map(int, groups)):
        for late in map(int, groups[i + 1 :]):
            gap = path[early] - path[late]
            n, before, between = share[early] * share[late], gap[:early].mean(), gap[early:late].mean()
            d_early, d_late = 1 - early / T, 1 - late / T
            kind = KINDS[0] if late == T else KINDS[1]
            weight = n * (d_early - d_late) * (1 - d_early)
            found.append((kind, labels[early], labels[late], weight, float(between - before)))
            if late < T:
                weight = n * d_late * (d_early - d_late)
                found.append((KINDS[2], labels[late], labels[early], weight, float(between - gap[late:].mean())))
    return found
