"""Every level's own effect, drawn towards the mean by how little is known of it.

u = tau^2 Z'V^-1 (y - Xb). Its conditional spread given b is what lme4 calls condVar; the spread that an interval needs also holds
that b was estimated. Both take the variances as known. Source: Robinson (1991), Statistical Science 6, 15-51.
"""

import numpy as np
import pandas as pd
from scipy import stats

from evaluation.inference.algebra import Array
from evaluation.inference.mixed.grouped_sums import Codes
from evaluation.inference.mixed.model import At

COLUMNS = ("group", "level", "effect", "conditional_sd", "std_error", "conf_low", "conf_high")


def effects(model: At, confidence: float = 0.95) -> pd.DataFrame:
    """One row a level of every grouping: the effect in points of the outcome beyond what the columns say.

    `conditional_sd` takes the coefficients as known, `std_error` does not; the interval uses `std_error` and the normal curve.
    """
    tables = [_of_grouping(model, number) for number in range(len(model.theta))]
    table = pd.concat(tables, ignore_index=True)
    reach = float(stats.norm.ppf((1 + confidence) / 2)) * table["std_error"]
    return table.assign(conf_low=table["effect"] - reach, conf_high=table["effect"] + reach)[list(COLUMNS)]


def _of_grouping(model: At, number: int) -> pd.DataFrame:
    sums, grouping, theta = model.sums, model.sums.groupings[number], model.theta[number]
    across, own = _finest(model) if number == 0 else _coarser(model, sums.places[number])
    conditional = np.maximum(theta - theta**2 * own, 0.0)
    fixed = theta**2 * np.einsum("la,ab,lb->l", across[:, :-1], model.phi, across[:, :-1])
    scale = model.squares / model.df
    return pd.DataFrame(
        {
            "group": grouping.name,
            "level": list(grouping.levels),
            "effect": theta * across @ model.residual,
            "conditional_sd": np.sqrt(conditional * scale),
            "std_error": np.sqrt((conditional + fixed) * scale),
        }
    )


def _coarser(model: At, places: Codes) -> tuple[Array, Array]:
    """Z'V^-1 (columns, outcome), (levels, k + 1), and the diagonal of Z'V^-1 Z, (levels,)."""
    k, E, base = model.sums.k + 1, model.inner, model.base
    whole = base[:, k:] - base[:, k:, k:] @ E @ base[:, k:]
    rows = whole[places[:, 0], places[:, 1]]
    return rows[:, :k], rows[np.arange(len(places)), k + places[:, 1]]


def _finest(model: At) -> tuple[Array, Array]:
    """The same for the finest grouping."""
    sums, k = model.sums, model.sums.k + 1
    stretch = 1 + model.theta[0] * sums.rows
    within = sums.totals / stretch[:, None]
    taken = np.einsum("lq,lqr->lr", within[:, k:], model.inner[sums.block])
    across = within[:, :k] - np.einsum("lr,lra->la", taken, model.base[sums.block, k:, :k])
    own = sums.rows / stretch - (taken * within[:, k:]).sum(axis=1)
    return across[sums.places[0]], own[sums.places[0]]
