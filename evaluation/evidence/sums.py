"""From rows to moments: the sums an engine is asked for, and the matrices made of them.

The engine groups by cell and by the levels of the categorical covariates together, and sums only numbers: a 0/1 column per
level is then constant in a group, so its products follow from the group's count and sums. Scores are bounded, so they are
summed as integers in steps of 2^-52 of half their scale: the sums do not depend on the order of rows, files or threads, and
equal answers give equal bytes on every machine. No aggregate uses FILTER, which was measured 17 times slower than a cast and
a sum.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from evaluation.evidence.moments import NOT_STATED, Array, Moments, dummy, no_moments

STEPS = 2.0**52


@dataclass(frozen=True)
class Ask:
    """One matrix to be summed.

    Attributes:
        key: prefix of its columns in the grouped table.
        names: the numeric columns, outcome last: (outcome,), (baseline, outcome) or (covariates ..., outcome).
        covariates: the categorical columns that get a 0/1 column per level.
        centre: subtracted from the outcome (and baseline), in its own units.
        half: half the length of the scale, by which values are divided before they are summed (1: they are not).
    """

    key: str
    names: tuple[str, ...]
    covariates: tuple[str, ...]
    centre: float = 0.0
    half: float = 1.0

    def unit_values(self, columns: Iterable[ir.NumericValue]) -> list[ir.NumericValue]:
        """Scores as deviations from the centre, between -1 and 1."""
        return [(column - self.centre) / self.half for column in columns]


def add_exactly(value: ir.NumericValue) -> ir.NumericValue:
    """The sum of values between -1 and 1, exact in steps of 2^-52, whatever the order."""
    return (value * STEPS).cast("int64").sum().cast("float64") / STEPS


def sums(ask: Ask, values: Sequence[ir.NumericValue]) -> dict[str, ir.NumericValue]:
    """Count, sums and sums of products, named by `ask.key`; a row has all of `values` or none (`jointly_present`)."""
    asked = {f"{ask.key}_n": values[0].count()}
    for i, left in enumerate(values):
        asked[f"{ask.key}_{i}"] = add_exactly(left)
        asked |= {f"{ask.key}_{i}_{j}": add_exactly(left * values[j]) for j in range(i, len(values))}
    return asked


def jointly_present(values: Sequence[ir.NumericValue]) -> list[ir.NumericValue]:
    """The same columns, null wherever any of them is."""
    present = values[0].notnull()
    for value in values[1:]:
        present = present & value.notnull()
    return [ibis.ifelse(present, value, ibis.null(value.type())) for value in values]


def stated(column: ir.StringValue) -> ir.StringValue:
    """A covariate whose missing answers are a level of their own."""
    return ibis.coalesce(column.cast("string"), NOT_STATED)


def moments_from(grouped: pd.DataFrame, ask: Ask, cells: Sequence[str], weights: Array | None = None) -> Moments:
    """Assemble one matrix per cell.

    Args:
        grouped: one line per cell and combination of covariate levels, with the columns that `sums` asked for.
        ask: what was asked for.
        cells: the columns of `grouped` that identify a cell.
        weights: the weight of each person of a line, (lines,); NaN leaves the line out.

    Returns:
        Moments over the cells in which somebody has a complete row.
    """
    used = (grouped[f"{ask.key}_n"] > 0).to_numpy() & (True if weights is None else np.isfinite(weights))
    rows = grouped[used]
    if rows.empty:
        return no_moments(ask.names[-1], ask.centre, cells)
    groups = rows[list(dict.fromkeys([*cells, *ask.covariates]))].reset_index(drop=True)
    products = _symmetric(rows, ask)
    w = None if weights is None else weights[used][:, None, None]
    sums = (products,) if w is None else (w * products, products, w**2 * products)
    return with_levels(Moments(groups, ("1", *ask.names), sums[0], ask.centre, *sums[1:]), ask.covariates).pool(cells)


def with_levels(moments: Moments, covariates: Sequence[str]) -> Moments:
    """Moments whose cells are parted by categorical `covariates`, with a 0/1 column per level but each covariate's first.

    The columns are constant inside such a cell, so that nothing is summed anew; pool the cells to forget the levels.
    """
    names, levels = _level_columns(moments.cells, covariates)
    p, rest = levels.shape[1], len(moments.names) - 1
    lift = np.zeros((len(levels), 1 + rest, p + rest))
    lift[:, 0, :p], lift[:, 1:, p:] = levels, np.eye(rest)
    products, *weighted = (np.swapaxes(lift, 1, 2) @ sums @ lift for sums in moments.sums)
    return Moments(moments.cells, ("1", *names, *moments.names[1:]), products, moments.centre, *weighted)


def _level_columns(rows: pd.DataFrame, covariates: Sequence[str]) -> tuple[list[str], Array]:
    """Names of the 0/1 columns, and the constant with them, (rows, 1 + p); each covariate's first level is left out."""
    names: list[str] = []
    columns = [np.ones(len(rows))]
    for covariate in covariates:
        levels = sorted(rows[covariate].unique(), key=lambda level: (level == NOT_STATED, level))
        names += [dummy(covariate, level) for level in levels[1:]]
        columns += [(rows[covariate] == level).to_numpy(dtype=float) for level in levels[1:]]
    return names, np.column_stack(columns)


def _symmetric(rows: pd.DataFrame, ask: Ask) -> Array:
    """(rows, 1 + t, 1 + t): count, sums and sums of products of the numeric columns, in their own units."""
    size = len(ask.names)
    first = rows[[f"{ask.key}_{i}" for i in range(size)]].to_numpy(dtype=float) * ask.half
    pairs = [f"{ask.key}_{min(i, j)}_{max(i, j)}" for i in range(size) for j in range(size)]
    products = np.empty((len(rows), 1 + size, 1 + size))
    products[:, 0, 0] = rows[f"{ask.key}_n"]
    products[:, 0, 1:] = products[:, 1:, 0] = first
    products[:, 1:, 1:] = rows[pairs].to_numpy(dtype=float).reshape(-1, size, size) * ask.half**2
    return products


def all_sums(asks: Mapping[Ask, Sequence[ir.NumericValue]]) -> dict[str, ir.NumericValue]:
    """The sums of several matrices, to be computed in one pass."""
    return {name: value for ask, values in asks.items() for name, value in sums(ask, values).items()}
