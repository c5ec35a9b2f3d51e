"""From the columns that were fitted to the coefficients that a formula asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from evaluation.inference.algebra import Array
from evaluation.inference.estimate import Estimate
from evaluation.inference.fit.columns import Columns, Piece
from evaluation.inference.fit.regression import CONSTANT
from evaluation.inference.flags import counted, flag
from evaluation.terms import EstimateStatus


@dataclass(frozen=True)
class Reading:
    """One coefficient that was asked for.

    `contrast` (k,) turns the fitted coefficients into it, None where its column was dropped, for the reason `dropped`.
    """

    term: str
    piece: Piece | None
    contrast: Array | None
    dropped: str = ""


def readings(
    columns: Columns, kept: Sequence[int], explained_by: Mapping[int, Sequence[int]], *, constant: bool, absorbed: str = ""
) -> list[Reading]:
    """The constant, unless effects are absorbed, and every term, in the formula's order.

    Args:
        columns: the columns fitted, after the constant where there is one.
        kept: places of the columns that were kept, the constant counted.
        explained_by: for each dropped column the kept ones that say the same.
        constant: whether the first column fitted is the constant.
        absorbed: the column whose effects were taken out of the sums, where there is one.
    """
    first = 1 if constant else 0
    names = ["the constant"] * first + [_family(columns, place) for place in range(columns.absorbed + columns.terms)]
    found = [_of_constant(columns, kept)] if constant and not (columns.absorbed or absorbed) else []
    for place in range(columns.absorbed, columns.absorbed + columns.terms):
        piece, own = columns.pieces[place], place + first
        if own in kept:
            found.append(Reading(piece.name, piece, np.asarray([float(k == own) for k in kept])))
        else:
            others = dict.fromkeys(names[k] for k in explained_by[own]) or dict.fromkeys([absorbed] if absorbed else [])
            reason = f"already said by {', '.join(others)}" if others else "it is the same for everybody in these data"
            found.append(Reading(piece.name, piece, None, reason))
    return found


def _of_constant(columns: Columns, kept: Sequence[int]) -> Reading:
    """The constant of the columns as they were before they were moved to zero."""
    centres = np.concatenate([[-1.0], columns.centres])
    return Reading(CONSTANT, None, -centres[list(kept)])


def _family(columns: Columns, place: int) -> str:
    """The name of a column, or of the whole factor where its levels are absorbed."""
    piece = columns.pieces[place]
    return columns.factors[piece.parts[0][0]].needs[0] if place < columns.absorbed else piece.name


def still_units(term: str, unmoved: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """A caution where a term compares units over something that does not change in some of them, `unmoved` by its name."""
    still = dict.fromkeys(unit for name in term.split(":") for unit in unmoved.get(name, ()))
    return (flag("still_units", counted(still)),) if still else ()


def lost(row: Estimate, reason: str) -> Estimate:
    """The row of a term whose column was dropped."""
    return replace(row, status=EstimateStatus.NOT_ESTIMABLE.value, flags=(flag("singular_dropped", f"{row.term}, {reason}"),))
