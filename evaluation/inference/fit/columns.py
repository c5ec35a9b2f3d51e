"""The columns of a regression, made batch by batch from the columns of a table.

A number (or yes/no) enters as it is, text as one 0/1 column a level (`C(x)` makes levels of a number), an expression as its
value; a term is the product of its factors. A column that lies far from zero is moved there by a constant, which the fit
takes back: sums of squares of years or salaries would lose the digits that tell them apart.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from evaluation.errors import DesignError
from evaluation.evidence.any_table import coded, numbers
from evaluation.evidence.centres import far_centre
from evaluation.evidence.moments import NOT_STATED, dummy
from evaluation.inference.algebra import Array
from evaluation.inference.fit.expressions import columns_in, value_of
from evaluation.inference.fit.formula import Factors, Formula


@dataclass(frozen=True)
class Factor:
    """One factor: the table's `needs`, the `names` of its columns (one, or one a level) and `values` (columns, rows).

    `levels` holds the levels of a factor of levels, first the one that stands as reference; it is empty for numbers.
    """

    needs: tuple[str, ...]
    names: tuple[str, ...]
    values: Callable[[pa.RecordBatch], Array]
    levels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Piece:
    """A column of the regression: for each factor of its term, which of the factor's columns is multiplied in."""

    name: str
    parts: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Columns:
    """The regression's columns, without the constant; called with a batch it gives (k, rows), NaN where missing.

    `centres` (k,) has been subtracted. `factors` holds every factor by its expression. The first `absorbed` pieces are the
    levels of what is absorbed, the `terms` pieces after them the formula's; what follows stays out of the regression.
    """

    needs: tuple[str, ...]
    pieces: tuple[Piece, ...]
    factors: Mapping[str, Factor]
    centres: Array
    absorbed: int
    terms: int

    @property
    def names(self) -> tuple[str, ...]:
        """The k names, as R writes products: 'pilot:follow_up'."""
        return tuple(piece.name for piece in self.pieces)

    def place_of(self, factor: str, place: int) -> int:
        """Where a factor's column stands by itself, in the regression or after it."""
        alone = [piece.parts for piece in self.pieces[self.absorbed :]]
        return self.absorbed + alone.index(((factor, place),))

    def __call__(self, batch: pa.RecordBatch) -> Array:
        """The columns on the rows of a batch."""
        made = {name: factor.values(batch) for name, factor in self.factors.items()}
        columns = np.empty((len(self.pieces), batch.num_rows))
        for row, piece in zip(columns, self.pieces, strict=True):
            (first, place), *rest = piece.parts
            row[:] = made[first][place]
            for factor, other in rest:
                row *= made[factor][other]
        columns -= self.centres[:, None]
        return columns

    def near_zero(self, sample: pa.RecordBatch) -> "Columns":
        """The same columns, moved by whole steps of their spread where a sample of rows lies far from zero."""
        values = self(sample)
        return replace(self, centres=np.asarray([far_centre(row[np.isfinite(row)]) for row in values]))


def columns_of(formula: Formula, schema: pa.Schema, levels: Mapping[str, Sequence[str]], absorb: Sequence[str]) -> Columns:
    """Every level of what is absorbed, then the columns that a formula asks for, in R's order.

    What is absorbed stands first so that it outlives what it already says. Every column of a factor that is no term by itself
    comes last: the fit looks there for who is compared with whom, and leaves it out of the regression.

    Args:
        formula: what was asked.
        schema: the table's columns and types.
        levels: the levels of every text factor, from `evidence.any_table`, sorted.
        absorb: columns whose every level gets a column of its own.

    Raises:
        DesignError: text is the same in every row, or an expression cannot be worked out.
    """
    factors = {name: factor_of(name, schema, levels) for name in (*formula.factors, *absorb)}
    levels_of_absorbed = list(_alone(absorb, factors))
    for name in formula.factors:
        if len(factors[name].levels) == 1:
            said = f"'{name}' is '{factors[name].levels[0]}' in every row, so there is nothing to compare."
            raise DesignError(said, fix=f"leave {name} out, or keep rows of at least two levels.", code="levels")
    coded_whole = None if formula.constant else _first_of_levels(formula, factors)
    terms = [piece for term in formula.terms for piece in _pieces(term, factors, formula, coded_whole)]
    inside = {piece.name for piece in terms}
    outside = [piece for piece in _alone(formula.factors, factors) if piece.name not in inside]
    pieces = (*levels_of_absorbed, *terms, *outside)
    needs = tuple(dict.fromkeys(name for factor in factors.values() for name in factor.needs))
    return Columns(needs, pieces, factors, np.zeros(len(pieces)), len(levels_of_absorbed), len(terms))


def _alone(names: Sequence[str], factors: Mapping[str, Factor]) -> Iterator[Piece]:
    """Every column of some factors, by itself."""
    for own in names:
        yield from (Piece(name, ((own, place),)) for place, name in enumerate(factors[own].names))


def _first_of_levels(formula: Formula, factors: Mapping[str, Factor]) -> tuple[Factors, str] | None:
    """The first term with a factor of levels, and that factor."""
    found = ((term, name) for term in formula.terms for name in term if factors[name].levels)
    return next(found, None)


def _pieces(
    term: Factors, factors: Mapping[str, Factor], formula: Formula, coded_whole: tuple[Factors, str] | None
) -> Iterator[Piece]:
    """The columns of a term; the first factor's levels run fastest, as in R."""
    choices = []
    for name in term:
        first = int(bool(factors[name].levels) and (term, name) != coded_whole and formula.has_reference(term, name))
        choices.append([(name, place) for place in range(first, len(factors[name].names))])
    for parts in product(*reversed(choices)):
        ordered = tuple(reversed(parts))
        yield Piece(":".join(factors[name].names[place] for name, place in ordered), ordered)


def text_factor(name: str, schema: pa.Schema) -> str | None:
    """The column whose levels a factor stands for: a text column, or what `C(...)` names; None for numbers."""
    inner = name[2:-1] if name.startswith("C(") and name.endswith(")") else name
    is_levels = inner in schema.names and (inner != name or not is_number(schema.field(inner).type))
    return inner if is_levels else None


def factor_of(name: str, schema: pa.Schema, levels: Mapping[str, Sequence[str]]) -> Factor:
    """How one factor is made.

    Raises:
        DesignError: an expression reads text, or cannot be worked out row by row.
    """
    column = text_factor(name, schema)
    if column is not None:
        held = tuple(levels[column])
        return Factor((column,), tuple(dummy(column, level) for level in held), _levels_maker(column, held), held)
    if name in schema.names:
        return Factor((name,), (name,), lambda batch: numbers(batch, [name]))
    needs = columns_in(name)
    for need in needs:
        if need in schema.names and not is_number(schema.field(need).type):
            raise DesignError(f"'{name}' reads '{need}', which is text.", fix=f"write {need} by itself.", code="formula")
    return Factor(needs, (name,), lambda batch: value_of(name, dict(zip(needs, numbers(batch, needs), strict=True)))[None])


def _levels_maker(column: str, levels: tuple[str, ...]) -> Callable[[pa.RecordBatch], Array]:
    places = {level: place for place, level in enumerate(levels)}

    def values(batch: pa.RecordBatch) -> Array:
        codes, labels = words(batch, column)
        place = np.asarray([places.get(label, -1) for label in labels], dtype=np.intp)[codes]
        return np.asarray(place == np.arange(len(levels))[:, None], dtype=float)

    return values


def words(batch: pa.RecordBatch, name: str) -> tuple[npt.NDArray[np.integer[Any]], list[str]]:
    """A whole number for each row and the text it stands for; what is missing reads 'not stated'."""
    codes, labels = coded(batch.column(name))
    return codes, [NOT_STATED if label is None else label for label in labels]


def levels_of(batches: Iterator[pa.RecordBatch], columns: Sequence[str], schema: pa.Schema) -> dict[str, tuple[str, ...]]:
    """Every level of some columns, in order: of size for numbers, of the alphabet for text, 'not stated' last."""
    held: dict[str, set[str]] = {name: set() for name in columns}
    for batch in batches:
        for name in columns:
            codes, labels = words(batch, name)
            held[name].update(labels[code] for code in np.unique(codes))
    return {name: tuple(sorted(found, key=_order(schema.field(name).type))) for name, found in held.items()}


def _order(kind: pa.DataType) -> Callable[[str], tuple[bool, float, str]]:
    as_number = is_number(kind) and not pa.types.is_boolean(kind)
    return lambda level: (level == NOT_STATED, float(level) if as_number and level != NOT_STATED else 0.0, level)


def is_number(kind: pa.DataType) -> bool:
    """Whether a column enters a regression as it is: a number, or yes and no."""
    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind) or pa.types.is_boolean(kind)
    )
