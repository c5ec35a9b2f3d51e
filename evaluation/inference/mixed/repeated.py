"""Repeated cross-sections need a random effect of organisation x wave: an organisation's intercept alone is refused.

In 100,000 simulated rows with an effect of organisation x wave and none of the pilot, a random intercept for organisations gave a
standard error of 0.028 and p = 7e-34; CR2 gave 0.136 and p = 0.07. People who are asked again are another matter: where every
level has at most one answer a wave, its intercept is all there is. Source: docs/methods.md, rule 2.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from evaluation.errors import DesignError
from evaluation.evidence.moments import Moments
from evaluation.inference.algebra import Array
from evaluation.inference.fit.columns import Columns

SAME = 1e-9


def refuse_one_intercept(moments: Moments, columns: Columns, finest: Sequence[str], wave: str | None) -> None:
    """Refuse a design that compares waves when every level of the finest grouping spans them.

    Args:
        moments: cells by at least the columns of `finest`, and `wave` where it is known.
        columns: the regression's.
        finest: the columns that name the levels of the finest grouping.
        wave: the column of waves, None where it is not known; then a product of a column that is the same throughout a level
            with one that is not is taken for a comparison of waves.

    Raises:
        DesignError: it does.
    """
    within = _constant(moments.pool(finest).products)
    own = columns.pieces[: columns.terms]
    if wave is None:
        waved = [piece.name for piece in own if _crosses(piece.parts, columns, within)]
    elif wave in finest:
        return
    else:
        cells = moments.pool([*finest, wave])
        if cells.n.max(initial=0) <= 1:
            return
        by_wave = _constant(cells.products)
        waved = [piece.name for k, piece in enumerate(own) if by_wave[k] and not within[k]]
    if waved:
        raise _refusal(waved[0], ":".join(finest), wave)


def refuse_without_unit(
    moments: Moments, columns: Columns, keys: Sequence[Sequence[str]], units: Sequence[str], wave: str | None
) -> None:
    """Refuse people's random effects alone for a term that is the same for everybody in an organisation, site or team.

    Args:
        moments: cells by at least the columns of `keys` and `units`.
        columns: the regression's.
        keys: the columns of every grouping.
        units: columns of the table that name organisations, sites or teams.
        wave: the column of waves, None where it is not known.

    Raises:
        DesignError: no grouping is by such a unit (or its waves), though a term was assigned by it.
    """
    grouped = [[name for name in key if name != wave] for key in keys]
    whole = _constant(moments.products.sum(axis=0, keepdims=True))
    for unit in units:
        shared = _constant(moments.pool([unit]).products) & ~whole
        names = [piece.name for k, piece in enumerate(columns.pieces[: columns.terms]) if shared[k]]
        if names and [unit] not in grouped:
            raise DesignError(
                f"everybody of one {unit} has the same '{names[0]}', so people are no independent witnesses of it.",
                fix=f"add '{unit}' to groups.",
                code="cluster",
            )


def _constant(products: Array) -> npt.NDArray[np.bool_]:
    """Which columns are the same in all rows of every cell, from sums without weights."""
    totals, squares = products[:, 0, 1:-1], np.diagonal(products, axis1=1, axis2=2)[:, 1:-1]
    spread = squares - totals**2 / products[:, 0, :1]
    return np.asarray((spread <= SAME * np.maximum(squares, 1e-300)).all(axis=0))


def _crosses(parts: Sequence[tuple[str, int]], columns: Columns, within: npt.NDArray[np.bool_]) -> bool:
    same = [bool(within[columns.place_of(*part)]) for part in parts]
    return any(same) and not all(same)


def _refusal(column: str, finest: str, wave: str | None) -> DesignError:
    again = f"'{finest}:{wave}'" if wave else f"'{finest}' with the column of waves, as in '{finest}:wave',"
    people = "" if wave else f"; where {finest} stands for people who were asked again, name the column of waves as wave="
    return DesignError(
        f"a random intercept for {finest} alone is wrong for repeated cross-sections: '{column}' differs inside a level of it, "
        "and every answer would count as fresh evidence of that change.",
        fix=f"add {again} to groups, or compare units' changes with unit_change{people}.",
        code="one-intercept",
    )
