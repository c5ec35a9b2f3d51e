"""Missing answers drawn once, by chained normal regressions with a level for every unit, wave by wave.

Arm, wave and arm x wave do not vary inside a unit's wave, so its level holds them all and an effect is not watered down.
Coefficients, levels and the residual variance are drawn from their posterior under a flat prior. Drawn answers may be fractions
and lie outside the scale, which rounding or cutting would bias. statsmodels fits the regressions; its own MICE is not used,
because it matches each gap with donors from all organisations.
Sources: Rubin (1987), Multiple Imputation for Nonresponse in Surveys, 5.3; van Buuren (2018), Flexible Imputation of Missing
Data, 3.2 and 4.5.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from statsmodels.regression.linear_model import OLS

from evaluation.errors import DesignError
from evaluation.inference.algebra import Array, inverse_root
from evaluation.inference.flags import counted

Codes = npt.NDArray[np.intp]

ROUNDS = 10
FEWEST_SPARE = 3
COPY = 1e-10


@dataclass(frozen=True)
class WaveModel:
    """One wave: its `places` among the rows, `values` (n, c) with gaps of the columns `names`, units' `codes` (n,), and 0/1
    `levels` of text columns (n, d)."""

    places: Codes
    names: list[str]
    values: Array
    codes: Codes
    levels: Array


def wave_model(own: pd.DataFrame, score: str, numeric: Sequence[str], text: Sequence[str], unit: str, wave: str) -> WaveModel:
    """What is drawn from in one wave; a numeric column that is empty throughout it is left out.

    Raises:
        DesignError: a unit in which nobody answered one of the columns.
    """
    names = [name for name in dict.fromkeys([score, *numeric]) if name == score or own[name].notna().any()]
    codes, units = pd.factorize(own[unit], sort=True)
    there = own[names].notna().groupby(codes).any()
    for name in names:
        silent = [str(units[code]) for code in there.index[~there[name]]]
        if silent:
            said = f"nobody answered '{name}' in wave '{own[wave].iloc[0]}' in units ({counted(silent)})."
            what = "these units" if name == score else "the column"
            raise DesignError(said, fix=f"leave {what} out: there is nothing of their own to draw from.", code="silent")
    levels = [pd.get_dummies(own[name], dtype=float).iloc[:, 1:].to_numpy() for name in text]
    block = np.hstack([np.zeros((len(own), 0)), *levels])
    return WaveModel(own.index.to_numpy(), names, own[names].to_numpy(dtype=float), codes, block)


def completed(rows: pd.DataFrame, models: Sequence[WaveModel], rng: np.random.Generator) -> pd.DataFrame:
    """The rows with every gap drawn once.

    Raises:
        DesignError: too few answers for the columns, or a column that says another, gaps and all.
    """
    table = rows.copy()
    for model in models:
        table.loc[model.places, model.names] = _chained(model, rng)
    return table


def _chained(model: WaveModel, rng: np.random.Generator) -> Array:
    """The wave's values with every gap drawn; columns with fewer gaps first, in turn, until the start is forgotten."""
    gaps = np.isnan(model.values)
    means = pd.DataFrame(model.values).groupby(model.codes).transform("mean").to_numpy()
    values = np.where(gaps, means, model.values)
    order = [int(column) for column in np.argsort(gaps.sum(axis=0), kind="stable") if gaps[:, column].any()]
    for _ in range(ROUNDS if len(order) > 1 else 1):
        for column in order:
            others = np.hstack([np.delete(values, column, axis=1), model.levels])
            values[:, column] = _drawn(values[:, column], gaps[:, column], others, model.codes, model.names[column], rng)
    return values


def _drawn(y: Array, gap: npt.NDArray[np.bool_], X: Array, codes: Codes, name: str, rng: np.random.Generator) -> Array:
    """y with its gaps drawn from the posterior of a normal regression with a level for each unit.

    Levels are swept out first; given slopes and variance they are normal around the unit's own mean.
    """
    seen, counts = ~gap, np.bincount(codes[~gap])
    level_y, level_X = _means(y[seen, None], codes[seen], counts)[:, 0], _means(X[seen], codes[seen], counts)
    own_y, own_X = y[seen] - level_y[codes[seen]], X[seen] - level_X[codes[seen]]
    root = inverse_root(own_X.T @ own_X)
    kept = list(root.kept)
    spare = len(own_y) - len(counts) - len(kept)
    if spare < FEWEST_SPARE:
        said = f"{len(own_y)} answers to '{name}' in a wave are too few for {len(counts)} units and {len(kept)} columns."
        raise DesignError(said, fix="name fewer columns.", code="few")
    slopes, squares = _least_squares(own_y, own_X[:, kept])
    if squares <= COPY * float(own_y @ own_y) and np.any(own_y):
        said = f"the columns named say '{name}' itself, gaps and all."
        raise DesignError(said, fix="leave out copies of the score; leave a score before empty in the earlier wave.", code="copy")
    sigma = np.sqrt(squares / rng.chisquare(spare))
    slopes = slopes + sigma * (root.root @ rng.standard_normal(len(kept)))
    levels = level_y - level_X[:, kept] @ slopes + sigma * rng.standard_normal(len(counts)) / np.sqrt(counts)
    whole = levels[codes] + X[:, kept] @ slopes + sigma * rng.standard_normal(len(y))
    return np.where(gap, whole, y)


def _means(values: Array, codes: Codes, counts: npt.NDArray[np.intp]) -> Array:
    sums = np.zeros((len(counts), values.shape[1]))
    np.add.at(sums, codes, values)
    return np.asarray(sums / counts[:, None])


def _least_squares(y: Array, X: Array) -> tuple[Array, float]:
    """Slopes and the residual sum of squares."""
    if not X.shape[1]:
        return np.zeros(0), float(y @ y)
    fit = OLS(y, X).fit()
    return np.asarray(fit.params), float(fit.ssr)
