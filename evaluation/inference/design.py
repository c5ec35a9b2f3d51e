"""Designs as lifts: which units are compared, and how a cell's moments become the regression's.

Arm, wave and arm x wave are constant inside a cell, so the regression's columns are x = T' u with T known per cell, and
S = sum T' U T (docs/methods.md, formula 1). A new design is a new pair of columns here, never a new scan.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from evaluation.errors import DesignError
from evaluation.evidence.moments import Moments
from evaluation.inference.algebra import Array
from evaluation.protocol.model import Protocol
from evaluation.terms import Design, Role

TARGET_TERM = {
    Design.BEFORE_AFTER: "follow_up",
    Design.COMPARISON: "pilot",
    Design.DIFFERENCE_IN_DIFFERENCES: "pilot:follow_up",
    Design.ANCOVA: "pilot",
    Design.BENCHMARK: "follow_up - benchmark",
}
OWN_COLUMNS = {
    Design.BEFORE_AFTER: 1, Design.BENCHMARK: 1, Design.COMPARISON: 2, Design.DIFFERENCE_IN_DIFFERENCES: 2, Design.ANCOVA: 3,
}
"""Columns of a design's regression over units, before covariates: the level, the arm, the score at the start."""
NEEDS_TWO_WAVES = {design: design is not Design.COMPARISON for design in Design}


@dataclass(frozen=True)
class Contrast:
    """Arms on the left minus arms on the right; `right` is empty before/after."""

    label: str
    left: tuple[str, ...]
    right: tuple[str, ...]

    def side(self, arms: pd.Series) -> pd.Series:
        """1.0 for arms on the left, 0.0 for arms on the right, missing for others."""
        sides = dict.fromkeys(self.right, 0.0) | dict.fromkeys(self.left, 1.0)
        return arms.map(sides).astype("float64")


def whole_organisations(units: pd.DataFrame, design: Design) -> bool:
    """Whether organisations were given one arm each though teams or sites were named: what is compared is then organisations.

    What happens to an organisation happens to all its units, so that its units are no independent witnesses. A change without
    comparison speaks of the units that were asked, and counts them.

    Args:
        units: one row a unit of either side, columns organisation and side (1.0 pilot, 0.0 comparison).
        design: what is compared.
    """
    held = units.groupby(units["organisation"].astype(str))["side"].agg(["nunique", "size"])
    return not design.alone and bool((held["nunique"] == 1).all() and (held["size"] > 1).any())


def contrasts(protocol: Protocol, estimand: str) -> tuple[Contrast, ...]:
    """The contrasts of an estimand: as stated ('a - b'), else all pilot arms against all comparison arms.

    Before/after looks at the left arms only.

    Raises:
        DesignError: a contrast names an arm that the protocol does not have.
    """
    asked = protocol.estimands[estimand]
    alone = asked.design.alone
    if asked.contrast:
        return tuple(_parse(text, protocol, alone) for text in asked.contrast)
    pilots, others = protocol.arms_with(Role.PILOT), protocol.arms_with(Role.COMPARISON)
    return (Contrast("pilot", pilots, ()) if alone else Contrast("pilot - comparison", pilots, others),)


def _parse(text: str, protocol: Protocol, alone: bool) -> Contrast:
    left, _, right = (part.strip() for part in text.partition(" - "))
    sides = tuple(_arms(side, protocol) for side in (left, right))
    return Contrast(left, sides[0], ()) if alone else Contrast(text, *sides)


def _arms(side: str, protocol: Protocol) -> tuple[str, ...]:
    """Arms named on one side: 'a', 'a + b', or a role that stands for its arms."""
    named: list[str] = []
    for word in filter(None, (part.strip() for part in side.split("+"))):
        arms = (word,) if word in protocol.arms else protocol.arms_with(Role(word)) if word in list(Role) else ()
        if not arms:
            raise DesignError(f"a contrast names '{word}', which is no arm.", fix=f"Arms: {', '.join(protocol.arms)}.")
        named += arms
    return tuple(named)


@dataclass(frozen=True)
class WeightedSums:
    """What errors of weighted rows need beside the sums with w, by unit: G units, k columns.

    `grams` (G, k, k) and `scores` (G, k) are sums of x x' and x y without weights, `doubled` (G, k, k) of w^2 x x'.
    """

    grams: Array
    scores: Array
    doubled: Array


@dataclass(frozen=True)
class Lifted:
    """A regression's moments by unit: G units, k columns.

    `grams` (G, k, k), `scores` (G, k), `squares` (G,) are sums of x x', x y and y y over a unit's rows (of w x x' and so on
    with weights, whose further sums are `weighted`); `rows` (G,) counts them. `absorbed` counts effects taken out beforehand.
    `target` is the column of the contrast.
    """

    units: tuple[str, ...]
    terms: tuple[str, ...]
    target: int
    grams: Array
    scores: Array
    squares: Array
    rows: Array
    absorbed: int = 0
    weighted: WeightedSums | None = None


def cell_columns(design: Design, pilot: Array, follow_up: Array) -> tuple[tuple[str, ...], Array]:
    """Names and values (C, r) of the columns that are constant inside a cell; the contrast is always the last."""
    one = np.ones_like(pilot)
    if design.alone:
        return ("1", "follow_up"), np.column_stack([one, follow_up])
    if design is Design.DIFFERENCE_IN_DIFFERENCES:
        return ("1", "pilot", "follow_up", "pilot:follow_up"), np.column_stack([one, pilot, follow_up, pilot * follow_up])
    return ("1", "pilot"), np.column_stack([one, pilot])


def lift(moments: Moments, columns: Array, terms: Sequence[str]) -> Lifted:
    """Expand cells to a regression of the outcome on `columns` and on everything between "1" and the outcome.

    Args:
        moments: C cells, q names: "1", covariates (and the baseline score of linked people), outcome.
        columns: (C, r), constant inside a cell; the last is the contrast.
        terms: their r names.

    Returns:
        Sums by unit, k = r + q - 2 columns: the cell columns, then the covariates.
    """
    units, codes = _grouped(moments.cells["unit"])
    grams, scores, squares = (_by_unit(part, codes, len(units)) for part in _cell_sums(moments.products, columns))
    rows, names = _by_unit(moments.n, codes, len(units)), (*terms, *moments.names[1:-1])
    weighted = None
    if moments.plain is not None and moments.doubled is not None:
        plain, doubled = _cell_sums(moments.plain, columns), _cell_sums(moments.doubled, columns)
        weighted = WeightedSums(*(_by_unit(part, codes, len(units)) for part in (plain[0], plain[1], doubled[0])))
    return Lifted(units, names, len(terms) - 1, grams, scores, squares, rows, weighted=weighted)


def _cell_sums(products: Array, columns: Array) -> tuple[Array, Array, Array]:
    n, inner = products[:, 0, 0], products[:, 1:-1, 1:-1]
    own = n[:, None, None] * columns[:, :, None] * columns[:, None, :]
    cross = columns[:, :, None] * products[:, 0, None, 1:-1]
    grams = np.concatenate(
        [np.concatenate([own, cross], axis=2), np.concatenate([cross.transpose(0, 2, 1), inner], axis=2)], axis=1
    )
    scores = np.concatenate([columns * products[:, 0, -1, None], products[:, 1:-1, -1]], axis=1)
    return grams, scores, products[:, -1, -1]


def clustered(lifted: Lifted, places: Mapping[str, str]) -> Lifted:
    """The same regression with its units gathered into the places that they are in; without places as it is."""
    if not places:
        return lifted
    names, codes = _grouped(pd.Series([places[unit] for unit in lifted.units]))
    sums = (_by_unit(part, codes, len(names)) for part in (lifted.grams, lifted.scores, lifted.squares, lifted.rows))
    grams, scores, squares, rows = sums
    weighted = lifted.weighted
    if weighted is not None:
        parts = (weighted.grams, weighted.scores, weighted.doubled)
        weighted = WeightedSums(*(_by_unit(part, codes, len(names)) for part in parts))
    return replace(lifted, units=names, grams=grams, scores=scores, squares=squares, rows=rows, weighted=weighted)


def _grouped(names: pd.Series) -> tuple[tuple[str, ...], npt.NDArray[np.intp]]:
    codes, units = pd.factorize(names, sort=True)
    return tuple(str(unit) for unit in units), codes


def _by_unit(parts: Array, codes: npt.NDArray[np.intp], count: int) -> Array:
    total = np.zeros((count, *parts.shape[1:]))
    np.add.at(total, codes, parts)
    return total


def absorb_units(lifted: Lifted) -> Lifted:
    """Take a separate level for every unit out of all columns and the outcome; constants within units become zero.

    Exact for unweighted CR2 (docs/methods.md, rule 3). The first column of `lifted` must be the constant.
    """
    sums, totals, rows = lifted.grams[:, 0, :], lifted.scores[:, 0], lifted.rows
    grams = lifted.grams - sums[:, :, None] * sums[:, None, :] / rows[:, None, None]
    scores = lifted.scores - sums * (totals / rows)[:, None]
    within = np.abs(np.diagonal(grams, axis1=1, axis2=2).sum(axis=0)) > 1e-10 * np.abs(
        np.diagonal(lifted.grams, axis1=1, axis2=2).sum(axis=0)
    )
    grams = grams * within[None, :, None] * within[None, None, :]
    return Lifted(
        lifted.units,
        lifted.terms,
        lifted.target,
        grams,
        scores * within,
        lifted.squares - totals**2 / rows,
        rows,
        absorbed=len(lifted.units),
        weighted=lifted.weighted,
    )
