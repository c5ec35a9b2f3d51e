"""A formula on sums by cluster: least squares with cluster-robust errors, whatever the number of rows."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from evaluation.evidence.any_table import Source
from evaluation.evidence.centres import centres_in
from evaluation.evidence.moments import Moments
from evaluation.evidence.row_sums import row_sums
from evaluation.inference.absent import units_in
from evaluation.inference.design import Lifted, WeightedSums, absorb_units, lift
from evaluation.inference.fit.clustered import Fit
from evaluation.inference.fit.columns import Columns
from evaluation.inference.fit.formula import Formula
from evaluation.inference.fit.readings import readings
from evaluation.inference.fit.regression import CONSTANT, ROUNDING, Quality
from evaluation.inference.fit.sides import between
from evaluation.inference.fit.tables import refuse_constant, refuse_empty, refuse_ill_conditioned, refuse_one_cluster, row_count
from evaluation.inference.variance import least_squares


def fit_clusters(
    source: Source, formula: Formula, columns: Columns, cluster: str, weights: str | None, *, absorb: bool
) -> list[Fit]:
    """One regression an outcome, all from one scan.

    Args:
        source: the table.
        formula: what is asked.
        columns: made for it.
        cluster: the column of what was assigned.
        weights: the column of weights.
        absorb: whether every cluster gets an effect of its own.

    Raises:
        DesignError: as `fit.fit` says.
    """
    centres = centres_in(source, formula.outcomes) if formula.constant else {}
    sums = row_sums(source, columns, formula.outcomes, by={"unit": cluster}, weights=weights, centres=centres)
    rows = row_count(source)
    fits = [_fit(sums[outcome], rows, formula, columns, cluster, absorb=absorb) for outcome in formula.outcomes]
    return [_with_absent(one, source) for one in fits] if any(one.quality.n_left_out for one in fits) else fits


def _with_absent(fit: Fit, source: Source) -> Fit:
    absent = units_in(source, fit.cluster) - set(fit.fit.lifted.units)
    return replace(fit, quality=replace(fit.quality, absent=tuple(sorted(absent))))


def _fit(moments: Moments, rows: int, formula: Formula, columns: Columns, cluster: str, *, absorb: bool) -> Fit:
    refuse_empty(moments.outcome, len(moments.cells), columns.names)
    refuse_one_cluster(cluster, len(moments.cells))
    constant = formula.constant or absorb
    whole = _regression(moments, columns, constant=constant)
    total = _variation(whole, constant=constant)
    refuse_constant(moments.outcome, varies=total > ROUNDING * float(whole.squares.sum()))
    fitted = least_squares(absorb_units(whole) if absorb else whole)
    condition = refuse_ill_conditioned(fitted)
    told = readings(columns, fitted.root.kept, fitted.root.explained_by, constant=constant, absorbed=cluster if absorb else "")
    k = len(fitted.root.kept) + fitted.lifted.absorbed
    n = int(moments.n.sum())
    compared = between(moments, columns)
    unmoved = {name: units for reading in told for name, units in compared.unmoved(reading.piece).items()}
    quality = Quality(
        n_respondents=n, n_left_out=rows - n, n_units=len(moments.cells), unit=cluster, weighted=moments.weighted,
        sigma=float(np.sqrt(fitted.residual_squares / max(n - k, 1))), r_squared=1 - fitted.residual_squares / total,
        condition_number=condition, dropped={reading.term: reading.dropped for reading in told if reading.dropped},
        unmoved=unmoved,
    )  # fmt: skip
    sides = {reading.term: two for reading in told if constant and (two := compared.sides(reading.piece)) is not None}
    return Fit(formula.text, moments.outcome, quality, cluster, fitted, tuple(told), sides, 0.0 if absorb else moments.centre)


def _regression(moments: Moments, columns: Columns, *, constant: bool) -> Lifted:
    """The sums of the columns that are fitted, the constant first where there is one."""
    whole = lift(moments, np.ones((len(moments.cells), 1)), (CONSTANT,))
    return _of_columns(whole, range(0 if constant else 1, 1 + columns.absorbed + columns.terms))


def _of_columns(lifted: Lifted, kept: Sequence[int]) -> Lifted:
    at = list(kept)
    grams, scores = lifted.grams[:, at][:, :, at], lifted.scores[:, at]
    weighted = lifted.weighted
    if weighted is not None:
        plain, doubled = (sums[:, at][:, :, at] for sums in (weighted.grams, weighted.doubled))
        weighted = WeightedSums(plain, weighted.scores[:, at], doubled)
    return replace(lifted, terms=tuple(lifted.terms[k] for k in at), grams=grams, scores=scores, weighted=weighted)


def _variation(lifted: Lifted, *, constant: bool) -> float:
    """The outcome's sum of squares, about its mean where there is a constant."""
    mean_part = float(lifted.scores[:, 0].sum() ** 2 / lifted.grams[:, 0, 0].sum()) if constant else 0.0
    return float(lifted.squares.sum()) - mean_part
