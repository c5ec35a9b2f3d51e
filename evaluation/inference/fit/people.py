"""A formula on rows, each of which was assigned to its arm by itself: least squares by QR, errors HC2.

Where organisations were assigned, or teams, rows are no independent witnesses: `fit` then wants `cluster=`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from evaluation.errors import DesignError
from evaluation.evidence.any_table import Source, batches, numbers
from evaluation.evidence.centres import even_centre
from evaluation.inference.algebra import Array
from evaluation.inference.estimate import Estimate, Estimates
from evaluation.inference.fit.columns import Columns
from evaluation.inference.fit.formula import Formula
from evaluation.inference.fit.readings import Reading, lost, readings
from evaluation.inference.fit.regression import CONSTANT, Quality, Regression
from evaluation.inference.fit.tables import refuse_constant, refuse_empty, refuse_endless, refuse_weights
from evaluation.inference.flags import flag
from evaluation.inference.panel import filled, without_error
from evaluation.inference.rows.qr import ERRORS, RowFit, fit_rows
from evaluation.inference.testable import EXPLAINED
from evaluation.inference.variance import Inference
from evaluation.terms import Assignment, Estimator

Codes = npt.NDArray[np.intp]

UNITS = ("unit", *(word.value for word in Assignment if word is not Assignment.RESPONDENT))
"""Names of columns that say in which organisation, site or team a person is."""


@dataclass(frozen=True)
class PeopleFit(Regression):
    """A regression of independent rows: `fit` on the columns, and the coefficients that are told, `told`."""

    fit: RowFit
    told: tuple[Reading, ...]

    def estimates(self, variance: str | None = None, confidence: float = 0.95, df: str | None = None) -> Estimates:
        """One estimate a coefficient, with the error named: HC2 (where not given), HC1 or classical.

        Raises:
            DesignError: rows have no such error, or degrees of freedom are asked for: each error has its own.
        """
        if df is not None:
            raise DesignError("without clusters every error has degrees of freedom of its own.", fix="leave df out.", code="df")
        kind = variance or ERRORS[0]
        if kind not in ERRORS:
            fix = f"ask for one of {', '.join(ERRORS)}, or fit with cluster=."
            raise DesignError(f"without clusters there is no error '{kind}'.", fix=fix, code="variance")
        blank = Estimate(
            measure=self.outcome, estimator=Estimator.ROBUST_LEAST_SQUARES.value, variance=kind, confidence=confidence,
            unit=Assignment.RESPONDENT.value, weighted=self.quality.weighted, n_respondents=self.quality.n_respondents,
            n_units=self.quality.n_respondents,
        )  # fmt: skip
        return Estimates(tuple(self._row(blank, reading, kind, confidence) for reading in self.told))

    def _row(self, blank: Estimate, reading: Reading, kind: str, confidence: float) -> Estimate:
        row = replace(blank, term=reading.term)
        if reading.contrast is None:
            return lost(row, reading.dropped)
        estimate = float(self.fit.coefficients @ reading.contrast)
        if self.quality.explains_all:
            return without_error(row, estimate, EXPLAINED)
        if self.fit.rests_on_one_row(reading.contrast):
            return without_error(row, estimate, flag("leverage_one"))
        return filled(row, Inference(estimate, *self.fit.error(reading.contrast, kind)), kind, confidence)


@dataclass(frozen=True)
class Rows:
    """All rows of a table: the constant and columns X (N, k), outcomes Y (N, q), weights (N,), and where people are."""

    X: Array
    Y: Array
    weights: Array
    places: dict[str, Array]


def read_rows(source: Source, formula: Formula, columns: Columns, weights: str | None, units: Sequence[str]) -> Rows:
    """Gather what a regression on rows needs; NaN where something is missing."""
    needed = dict.fromkeys([*columns.needs, *formula.outcomes, *units, *([weights] if weights else [])])
    parts: dict[str, list[Array]] = {"X": [], "Y": [], "w": [], **{unit: [] for unit in units}}
    for batch in batches(source, list(needed)):
        ones = np.ones(batch.num_rows)
        parts["X"].append(np.vstack([*([ones] if formula.constant else []), columns(batch)[: columns.absorbed + columns.terms]]))
        parts["Y"].append(numbers(batch, formula.outcomes))
        parts["w"].append(numbers(batch, [weights])[0] if weights else ones)
        for unit in units:
            parts[unit].append(np.asarray(batch.column(unit).cast(pa.string()).to_pylist(), dtype=object))
    joined = {name: np.concatenate(blocks, axis=-1) for name, blocks in parts.items()}
    return Rows(joined["X"].T, joined["Y"].T, joined["w"], {unit: joined[unit] for unit in units})


def fit_people(source: Source, formula: Formula, columns: Columns, weights: str | None, units: Sequence[str]) -> list[PeopleFit]:
    """One regression an outcome.

    Args:
        source: the table.
        formula: what is asked.
        columns: made for it, every absorbed level among them.
        weights: the column of weights.
        units: columns of the table that name organisations, sites or teams.

    Raises:
        DesignError: a number is infinite, nobody has a complete row, or a term does not vary inside organisations.
    """
    rows = read_rows(source, formula, columns, weights, units)
    refuse_weights(weights, rows.weights)
    names = [*([CONSTANT] if formula.constant else []), *columns.names]
    refuse_endless([*names[: rows.X.shape[1]], *formula.outcomes], np.column_stack([rows.X, rows.Y]))
    return [_fit(rows, place, outcome, formula, columns, weights) for place, outcome in enumerate(formula.outcomes)]


def _fit(rows: Rows, place: int, outcome: str, formula: Formula, columns: Columns, weights: str | None) -> PeopleFit:
    whole = ~np.isnan(rows.X.sum(axis=1) + rows.Y[:, place]) & (rows.weights > 0)
    X, y, w = rows.X[whole], rows.Y[whole, place], rows.weights[whole]
    refuse_empty(outcome, len(y), columns.names)
    for unit, held in rows.places.items():
        _refuse_assigned_units(unit, held[whole], X, columns, formula)
    centre = even_centre(y) if formula.constant else 0.0
    fit = fit_rows(X * np.sqrt(w)[:, None], (y - centre) * np.sqrt(w))
    if not fit.kept:
        raise DesignError(f"nothing in '{formula.text}' varies.", fix="ask for a term that does.", code="empty")
    shift = float(w @ (y - centre) / w.sum()) if formula.constant else 0.0
    told = readings(columns, fit.kept, fit.explained_by, constant=formula.constant)
    total = float(w @ (y - centre - shift) ** 2)
    refuse_constant(outcome, varies=bool(np.ptp(y) > 0 if formula.constant else total > 0))
    quality = Quality(
        n_respondents=len(y), n_left_out=len(whole) - len(y), n_units=len(y), unit=Assignment.RESPONDENT.value,
        weighted=weights is not None, sigma=fit.sigma, r_squared=1 - float(fit.residuals @ fit.residuals) / total,
        condition_number=fit.condition, dropped={reading.term: reading.dropped for reading in told if reading.dropped},
    )  # fmt: skip
    if formula.constant:
        fit = replace(fit, coefficients=fit.coefficients + centre * (np.arange(len(fit.kept)) == 0))
    return PeopleFit(formula.text, outcome, quality, fit, tuple(told))


def _refuse_assigned_units(unit: str, held: Array, X: Array, columns: Columns, formula: Formula) -> None:
    """No error of independent people for a term that is the same for everybody in an organisation (docs/methods.md, rule 7)."""
    names, codes = np.unique(np.asarray(held, dtype=str), return_inverse=True)
    if not 1 < len(names) < len(held):
        return
    terms = X[:, int(formula.constant) + columns.absorbed :]
    alike = np.all(_lowest(codes, len(names), terms) == -_lowest(codes, len(names), -terms), axis=0) & (np.ptp(terms, axis=0) > 0)
    if alike.any():
        said = ", ".join(name for name, same in zip(columns.names[columns.absorbed :], alike, strict=False) if same)
        raise DesignError(
            f"everybody of one {unit} has the same '{said}', so people were not assigned one by one.",
            fix=f"give cluster='{unit}', so that errors count {unit}s.",
            code="cluster",
        )


def _lowest(codes: Codes, count: int, values: Array) -> Array:
    found = np.full((count, values.shape[1]), np.inf)
    np.minimum.at(found, codes, values)
    return found

