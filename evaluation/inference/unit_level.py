"""From cells to one number a unit: its change (or level), adjusted for who answered, and how sure that number is.

Covariates are adjusted for by the regression inside cells, the same slopes for every unit: within one unit and wave nobody's
arm differs, so the slopes owe nothing to the programme. Sources: docs/methods.md, formula 4; Hayes & Moulton (2017), Cluster
Randomised Trials, chapter 11 (two-stage analysis with covariates).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from evaluation.evidence.moments import ROUNDING, Moments
from evaluation.inference.algebra import Array, inverse_root, said
from evaluation.inference.design import TARGET_TERM, Contrast, whole_organisations
from evaluation.terms import Design

Codes = npt.NDArray[np.intp]
FLAT = "it does not differ inside any unit and wave"


@dataclass(frozen=True)
class UnitLevel:
    """The second stage's data: `outcome` (G,), `sampling` variances (G,) or None, `columns` X (G, p) and their `terms`.

    `dropped` names covariates that said nothing new, with the reason; `shared` the organisations that hold both arms.
    Where whole organisations were given an arm, `units` are organisations and `of_units` the figures they were gathered from.
    """

    units: tuple[str, ...]
    outcome: Array
    sampling: Array | None
    columns: Array
    terms: tuple[str, ...]
    target: int
    dropped: dict[str, str] = field(default_factory=dict)
    shared: tuple[str, ...] = ()
    of_units: "UnitLevel | None" = None

    @property
    def varies(self) -> bool:
        """Whether anything differs: people, or units beyond X; a design with no degree of freedom left is not judged here."""
        known = self.sampling is not None and bool(np.any(self.sampling > 0))
        return known or self.columns.shape[0] <= self.columns.shape[1] or self.units_differ

    @property
    def units_differ(self) -> bool:
        """Whether units differ beyond X by more than rounding beside people's spread, or 1 where that is 0 or not known."""
        people = 0.0 if self.sampling is None else float(np.sqrt(self.sampling.max(initial=0.0)))
        fitted = self.columns @ np.linalg.lstsq(self.columns, self.outcome, rcond=None)[0]
        scale = max(people or 1.0, float(np.abs(self.outcome).max()))
        return bool(np.any(np.abs(self.outcome - fitted) > 1e-9 * scale))


def balanced(moments: Moments, waves: Sequence[str]) -> tuple[Moments, tuple[str, ...]]:
    """The cells of units that answered in all of `waves`, and the names of the others."""
    present = moments.select(moments.cells["wave"].isin(list(waves)))
    seen = present.cells.groupby("unit")["wave"].nunique()
    whole = seen.index[seen == len(set(waves))]
    rest = tuple(sorted(str(unit) for unit in set(seen.index) - set(whole)))
    return present.select(present.cells["unit"].isin(whole)), rest


def chosen(level: UnitLevel, kept: npt.NDArray[np.bool_]) -> UnitLevel:
    """Some of the units, without columns in which none of them has anything."""
    columns = level.columns[kept]
    used = [k for k in range(columns.shape[1]) if k == level.target or np.any(columns[:, k] != 0)]
    return replace(
        level,
        units=tuple(np.asarray(level.units)[kept].tolist()),
        outcome=level.outcome[kept],
        sampling=None if level.sampling is None else level.sampling[kept],
        columns=columns[:, used],
        terms=tuple(level.terms[k] for k in used),
        target=used.index(level.target),
        of_units=None,
    )


def without_each(level: UnitLevel) -> tuple[UnitLevel, ...]:
    """The same figures without each unit in turn."""
    places = np.arange(len(level.units))
    return tuple(chosen(level, places != out) for out in places)


@dataclass(frozen=True)
class _Within:
    """The regression inside cells: `direction` (q-1,) turns (covariates, outcome) into the adjusted outcome."""

    direction: Array
    residuals: Array
    slopes: int
    names: tuple[str, ...]
    dropped: dict[str, str]

    def without(self, name: str) -> Array:
        """The direction with one column's slope left out, to be dealt with between units."""
        return np.where(np.asarray(self.names) == name, 0.0, self.direction)


def _within(moments: Moments) -> _Within:
    """Slopes of the outcome on the covariates inside cells, and each cell's residual sum of squares (C,).

    What does not differ inside cells but for rounding has no slope: 1e-16 would be divided by 1e-16.
    """
    inside, names = _inside(moments), moments.names[1:-1]
    pooled = inside.sum(axis=0)
    flat = np.diagonal(pooled) <= ROUNDING * np.diagonal(moments.products.sum(axis=0))[1:]
    pooled = np.where(flat[:, None] | flat, 0.0, pooled)
    root = inverse_root(pooled[:-1, :-1])
    kept = list(root.kept)
    direction = np.append(np.zeros(len(names)), 1.0)
    direction[kept] = -root.inverse @ pooled[kept, -1]
    residuals = np.einsum("i,cij,j->c", direction, inside, direction)
    raw = np.abs(direction) @ np.sqrt(np.diagonal(moments.products, axis1=1, axis2=2)[:, 1:].T)
    residuals = np.where(flat[-1] | (residuals <= ROUNDING * raw**2), 0.0, residuals)
    dropped = said(names, root.explained_by) | {names[k]: FLAT for k in np.flatnonzero(flat[:-1])}
    return _Within(direction, residuals, len(kept), moments.names[1:], dropped)


def _inside(moments: Moments) -> Array:
    """Sums of products around each cell's own means, (C, q-1, q-1)."""
    totals = moments.products[:, 0, 1:]
    return np.asarray(moments.products[:, 1:, 1:] - totals[:, :, None] * totals[:, None, :] / moments.total[:, None, None])


def _variances(moments: Moments, fit: _Within) -> Array | None:
    """The residual variance of people, pooled over the cells of each wave, spread back to cells (C,); None if unknown.

    Pooled and not each cell's own: a small cell in which all agree would otherwise be given endless weight. With weights it is
    the weighted mean square, taken up by the same degrees of freedom.
    """
    waves, count = _codes(moments)
    parts = (fit.residuals, moments.total, moments.n, np.ones(len(waves)))
    squares, weights, rows, cells = (np.bincount(waves, values, count) for values in parts)
    df = rows - cells - fit.slopes / count
    return None if np.any(df <= 0) else np.asarray((squares / df * (rows / weights))[waves])


def _codes(moments: Moments) -> tuple[Codes, int]:
    if "wave" not in moments.cells:
        return np.zeros(len(moments.cells), dtype=np.intp), 1
    codes, names = pd.factorize(moments.cells["wave"])
    return codes, len(names)


@dataclass(frozen=True)
class CellMeans:
    """Of C cells: `adjusted` means less the centre (C,), their `sampling` variances (C,), None where unknown.

    `dropped` names covariates that said nothing new, with the reason.
    """

    adjusted: Array
    sampling: Array | None
    dropped: dict[str, str]


def cell_means(moments: Moments) -> CellMeans:
    """Each cell's mean, adjusted for covariates by the regression inside cells, and how sure it is."""
    fit = _within(moments)
    variances = _variances(moments, fit)
    adjusted = moments.products[:, 0, 1:] @ fit.direction / moments.total
    return CellMeans(adjusted, None if variances is None else variances / moments.effective, fit.dropped)


def changes(moments: Moments, contrast: Contrast, design: Design, follow_up: str, linked: Moments | None = None) -> UnitLevel:
    """Unit-level changes (or, for a comparison at follow-up, levels) from everybody who answered.

    The slopes come from all people of all units; their own error is small beside a unit's and is left out.

    Args:
        moments: cells of balanced units of the contrast's arms in the waves compared, covariates chosen.
        contrast: which arms are on which side.
        design: BEFORE_AFTER, COMPARISON or DIFFERENCE_IN_DIFFERENCES.
        follow_up: the later wave, whose cells count as plus; the others count as minus.
        linked: moments of people who answered in both waves; their covariance makes the change surer than two samples would.

    Returns:
        One row a unit, sorted by name; `sampling` None where people's spread is not known.
    """
    found = cell_means(moments)
    sign = np.where(moments.cells["wave"] == follow_up, 1.0, -1.0)
    frame = pd.DataFrame({"unit": moments.cells["unit"], "D": sign * found.adjusted})
    frame["s2"] = np.nan if found.sampling is None else found.sampling
    units = frame.groupby("unit", sort=True).sum()
    gained = _recognised(moments, linked, units.index)
    s2 = units["s2"].to_numpy()
    sampling = None if found.sampling is None else np.where(s2 - gained > ROUNDING * s2, s2 - gained, 0.0)
    level = _second_stage(moments, contrast, design, units["D"].to_numpy(), sampling, found.dropped)
    return _gathered(level, moments, contrast, design)


def _recognised(moments: Moments, linked: Moments | None, units: pd.Index) -> Array:
    """What a unit's change gains because the same people answered twice: 2 n_linked cov / (n_from n_to), (G,)."""
    linked = None if linked is None else linked.select(linked.cells["unit"].isin(units))
    if linked is None or not len(linked.cells):
        return np.zeros(len(units))
    pooled = _inside(linked).sum(axis=0)
    covariates = inverse_root(pooled[:-2, :-2])
    kept = list(covariates.kept)
    df = linked.n.sum() - len(linked.cells) - len(kept)
    if df <= 0:
        return np.zeros(len(units))
    covariance = (pooled[-2, -1] - pooled[-2, kept] @ covariates.inverse @ pooled[kept, -1]) / df
    both = pd.Series(linked.n, linked.cells["unit"]).groupby(level=0).sum().reindex(units, fill_value=0.0)
    product = pd.Series(moments.n, moments.cells["unit"]).groupby(level=0).prod().reindex(units)
    return np.asarray(2 * covariance * both / product, dtype=float)


def adjusted_for_baseline(linked: Moments, contrast: Contrast) -> UnitLevel:
    """Follow-up scores of recognised people with the unit's baseline mean as a covariate (ANCOVA).

    The slope inside units sets only how sure each unit's figure is; between units the baseline has a slope of its own, which
    costs one degree of freedom and keeps units of different starting level comparable.
    """
    fit = _within(linked)
    variances = _variances(linked, fit)
    frame = pd.DataFrame(
        {
            "unit": linked.cells["unit"],
            "D": linked.products[:, 0, 1:] @ fit.without("baseline") / linked.n,
            "baseline": linked.products[:, 0, -2] / linked.n,
        }
    )
    frame["s2"] = np.nan if variances is None else variances / linked.n
    units = frame.set_index("unit").sort_index()
    sampling = None if variances is None else units["s2"].to_numpy()
    level = _second_stage(linked, contrast, Design.ANCOVA, units["D"].to_numpy(), sampling, fit.dropped)
    start = units["baseline"].to_numpy()
    columns = np.column_stack([level.columns, start - start.mean()])
    whole = replace(level, columns=columns, terms=(*level.terms, "baseline"))
    return _gathered(whole, linked, contrast, Design.ANCOVA)


def organisations_of(moments: Moments, contrast: Contrast, design: Design) -> dict[str, str]:
    """The organisation of every unit where whole organisations were given one arm; empty where units are compared."""
    cells = moments.cells.drop_duplicates("unit")
    sided = cells.assign(side=contrast.side(cells["arm"]))
    if not whole_organisations(sided, design):
        return {}
    return dict(zip(cells["unit"].astype(str), cells["organisation"].astype(str), strict=True))


def _gathered(level: UnitLevel, moments: Moments, contrast: Contrast, design: Design) -> UnitLevel:
    """One row an organisation, the mean of its units weighted by how sure each is, where organisations are compared."""
    places = organisations_of(moments, contrast, design)
    if not places:
        return level
    codes, names = pd.factorize(np.array([places[unit] for unit in level.units]), sort=True)
    known = level.sampling is not None and bool(np.all(level.sampling > 0))
    weights = 1 / level.sampling if known and level.sampling is not None else np.ones(len(codes))
    share = np.zeros((len(names), len(codes)))
    share[codes, np.arange(len(codes))] = weights
    share /= share.sum(axis=1, keepdims=True)
    return replace(
        level,
        units=tuple(map(str, names)),
        outcome=share @ level.outcome,
        sampling=None if level.sampling is None else share**2 @ level.sampling,
        columns=share @ level.columns,
        of_units=level,
    )


def _second_stage(
    moments: Moments, contrast: Contrast, design: Design, outcome: Array, sampling: Array | None, dropped: dict[str, str]
) -> UnitLevel:
    """Give every unit its row of X: constant and arm, or one level for each organisation when some hold both arms."""
    cells = moments.cells.drop_duplicates("unit").sort_values("unit")
    units = tuple(str(unit) for unit in cells["unit"])
    if design.alone:
        return UnitLevel(units, outcome, sampling, np.ones((len(units), 1)), (TARGET_TERM[design],), 0, dropped)
    pilot = contrast.side(cells["arm"]).to_numpy()
    organisations = cells["organisation"].to_numpy()
    arms_held = pd.Series(pilot).groupby(organisations).nunique()
    shared = tuple(str(name) for name in arms_held.index[arms_held == 2])
    if shared:
        levels = pd.get_dummies(pd.Series(organisations), dtype=float)
        columns, terms = np.column_stack([pilot, levels.to_numpy()]), (TARGET_TERM[design], *map(str, levels.columns))
        return UnitLevel(units, outcome, sampling, columns, terms, 0, dropped, shared)
    columns = np.column_stack([np.ones(len(units)), pilot])
    return UnitLevel(units, outcome, sampling, columns, ("1", TARGET_TERM[design]), 1, dropped, shared)
