"""What is refused of an analyst's table before or while it is read."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from evaluation.errors import DesignError
from evaluation.inference.algebra import Array
from evaluation.inference.fit.columns import is_number
from evaluation.inference.fit.regression import place_of
from evaluation.inference.flags import counted
from evaluation.inference.variance import LeastSquares, condition_number

WORST_CONDITION = 2e3
"""Above it sums of products may keep fewer than seven digits (their relative error grows with its square)."""
COLLINEAR = 1e-12
"""A column that keeps less than this of its length beside the others is collinear with them, not nearly so."""
MOST_COLUMNS = 500
LARGEST = 1e140


def row_count(source: str | Path | pa.Table) -> int:
    """Rows of the table, complete or not."""
    return int(source.num_rows if isinstance(source, pa.Table) else pq.read_metadata(source).num_rows)


def refuse_unknown(asked: Sequence[str], schema: pa.Schema) -> None:
    """Raise DesignError where the table has no such column."""
    for name in asked:
        place_of(name, schema.names, "column")


def refuse_text(asked: Sequence[str], schema: pa.Schema, what: str) -> None:
    """Raise DesignError where a column holds no numbers; `what` says what it was asked for as."""
    for name in asked:
        if not is_number(schema.field(name).type):
            raise DesignError(f"the {what} '{name}' is not a number.", fix=f"give a column of numbers as {what}.", code=what)


def refuse_endless(names: Sequence[str], values: Array) -> None:
    """Raise DesignError where a column of `values`, (rows, names), holds infinity, or what cannot be squared."""
    endless = [name for name, column in zip(names, values.T, strict=True) if np.isinf(column).any()]
    if endless:
        said = f"a number is infinite in columns ({counted(endless)})."
        raise DesignError(said, fix="leave it empty where it is not known.", code="infinite")
    if np.nanmax(np.abs(values), initial=0.0) > LARGEST:
        raise DesignError("the table holds numbers too large to be squared.", fix="give them in larger steps.", code="infinite")


def refuse_empty(outcome: str, rows: int, columns: Sequence[str]) -> None:
    """Raise DesignError where no row is complete."""
    if rows == 0:
        said = f"no row has '{outcome}' and everything else that the formula asks for."
        raise DesignError(said, fix=f"check that these are filled in together: {', '.join([outcome, *columns])}.", code="empty")


def refuse_constant(outcome: str, *, varies: bool) -> None:
    """Raise DesignError where an outcome does not vary."""
    if not varies:
        said = f"every answer to '{outcome}' is the same, so there is nothing to explain."
        raise DesignError(said, fix="check the file for a constant column.", code="no_spread")


def refuse_weights(name: str | None, weights: Array) -> None:
    """Raise DesignError where a weight is missing, below zero or infinite."""
    bad = int((~(np.isfinite(weights) & (weights >= 0))).sum())
    if bad:
        said = f"'{name}' is missing, negative or infinite in {bad:,} row{'s' * (bad > 1)}."
        fix = "give every row a weight of zero or more; rows of weight zero are left out."
        raise DesignError(said, fix=fix, code="weights")


def refuse_width(names: Sequence[str]) -> None:
    """Raise DesignError where there are more columns than sums by cluster can hold."""
    if len(names) > MOST_COLUMNS:
        said = f"the formula makes {len(names):,} columns, and at most {MOST_COLUMNS} are fitted."
        raise DesignError(said, fix="group the levels of text, or absorb the column that is given as cluster=.", code="columns")


def refuse_one_cluster(cluster: str, count: int) -> None:
    """Raise DesignError where there is one cluster."""
    if count < 2:
        said = f"everybody is in one '{cluster}', so how much they differ cannot be told."
        raise DesignError(said, fix="give the column of what was assigned to an arm.", code="one_unit")


def refuse_ill_conditioned(fit: LeastSquares) -> float:
    """The condition number of the columns at unit length.

    Raises:
        DesignError: it is so large that sums of products have lost the digits.
    """
    gram, root = fit.lifted.grams.sum(axis=0), fit.root
    kept, condition = list(root.kept), condition_number(fit)
    for column in root.explained_by:
        across = gram[kept, column]
        own = 1 - float(across @ root.inverse @ across) / gram[column, column] if gram[column, column] > 0 else 0.0
        if own > COLLINEAR:
            condition = max(condition, own**-0.5)
    if condition > WORST_CONDITION:
        raise DesignError(
            f"the columns are nearly collinear (condition number {condition:.3g}), and sums by cluster would lose the digits.",
            fix="leave out a term, or measure x and its powers from the middle of x: I((x - 40)**2).",
            code="condition",
        )
    return condition
