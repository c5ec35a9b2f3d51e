"""How sure a summary of staggered effects is, from what every unit contributes to it.

A summary is the sum over units of a weight for every wave times the unit's figures, z_g = sum_t a_gt y_gt. Units that began
together have the same weights, so z_g divided by the length of a_g is one number a unit, whose mean differs by start and whose
variance is tau2 + s2_g where waves of a unit vary alike. That is the headline's model (docs/methods.md, formula 4) with a
level for every start, and with one start it is the headline itself. Starts share one tau2, so that three starts of one pilot
each can be judged; G - (number of starts) degrees of freedom. Beside it stands the jackknife within starts, which lets every
start have a variance of its own and needs two units in each, with Satterthwaite's degrees of freedom. In 20 simulated designs (8
to 20 units, two or three starts, ICC .05, sizes equal or 10 to 1, 500 studies each) a true null was rejected 4.2 to 6.6 times in
100 with sampling variances, 1.6 to 12.6 without them where sizes differ, 3.0 to 5.8 by the jackknife.
Sources: Callaway & Sant'Anna (2021); Efron & Stein (1981), Annals of Statistics 9, 586; Satterthwaite (1946).
"""

from math import factorial, prod

import numpy as np
import numpy.typing as npt

from evaluation.inference.algebra import Array
from evaluation.inference.resolution import floor
from evaluation.inference.unit_level import UnitLevel
from evaluation.inference.variance import Inference

MOST_NAMED = 170


def contributions(
    weights: Array, means: Array, sampling: Array | None, starts: npt.NDArray[np.intp], units: tuple[str, ...]
) -> UnitLevel:
    """The second stage of a summary.

    Args:
        weights: of every unit's figure in every wave, (G, T), the same for units that began together.
        means: (G, T).
        sampling: sampling variances of the means, (G, T), or None.
        starts: (G,), when each began.
        units: their names.

    Returns:
        One row for each unit that has a weight; the first column's coefficient is the summary.
    """
    length = np.linalg.norm(weights, axis=1)
    used = length > 0
    a, length, codes = weights[used], length[used], np.unique(starts[used], return_inverse=True)[1]
    levels = np.eye(codes.max() + 1)[codes]
    shares = length @ levels
    turn = np.eye(len(shares))
    turn[0] = shares
    outcome = (a * means[used]).sum(axis=1) / length
    noise = None if sampling is None else (a**2 * sampling[used]).sum(axis=1) / length**2
    names = tuple(name for name, keep in zip(units, used, strict=True) if keep)
    return UnitLevel(names, outcome, noise, levels @ np.linalg.inv(turn), ("summary", *map(str, range(1, len(shares)))), 0)


def jackknife(estimate: float, deleted: Array, starts: npt.NDArray[np.intp], used: npt.NDArray[np.bool_]) -> Inference | None:
    """The error of a summary from leaving each unit out, within starts.

    Args:
        estimate: the summary.
        deleted: how it changes without each unit, (G,); NaN where it cannot be told.
        starts: (G,).
        used: units that take part, (G,).

    Returns:
        None where some start has one unit alone.
    """
    parts, spare = [], []
    for start in np.unique(starts[used]):
        own = deleted[used & (starts == start)]
        if len(own) < 2 or np.isnan(own).any():
            return None
        parts.append((len(own) - 1) / len(own) * ((own - own.mean()) ** 2).sum())
        spare.append(len(own) - 1)
    variance = float(np.sum(parts))
    df = variance**2 / float(np.sum(np.square(parts) / spare)) if variance > 0 else 0.0
    return Inference(estimate, variance**0.5, df)


def floor_of_starts(starts: npt.NDArray[np.intp]) -> float:
    """The smallest two-sided p that dealing the same starts out anew could give; `starts` of the units that take part."""
    sizes = np.unique(starts, return_counts=True)[1]
    if len(sizes) == 2:
        return floor(int(sizes[0]), int(sizes.sum()))
    if sizes.sum() > MOST_NAMED:
        return 0.0
    return prod(factorial(int(size)) for size in sizes) / factorial(int(sizes.sum()))
