"""Estimates as rows of a panel: the headline method and what stands beside it, each with its own error and name."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy import stats

from evaluation.evidence.moments import Moments
from evaluation.inference.algebra import Array
from evaluation.inference.design import NEEDS_TWO_WAVES, Contrast, Lifted, absorb_units, cell_columns, clustered, lift
from evaluation.inference.estimate import Estimate, number
from evaluation.inference.flags import flag
from evaluation.inference.refusals import Keeps
from evaluation.inference.testable import EXPLAINED, lacks_error
from evaluation.inference.unit_change import unit_change
from evaluation.inference.unit_level import UnitLevel
from evaluation.inference.variance import Inference, LeastSquares, infer, least_squares
from evaluation.terms import Design, EstimateStatus, Estimator

ERRORS = ("CR2", "CR1", "CR1S", "CR3")
"""The standard errors of least squares that a panel shows, the recommended one first."""


def filled(row: Estimate, found: Inference, variance: str, confidence: float) -> Estimate:
    """`row` with a result in it; only the estimate, the rest withheld, where the error is not a positive number."""
    if not (np.isfinite(found.std_error) and found.std_error > 0 and found.df > 0):
        return replace(row, variance=variance, estimate=number(found.estimate), status=EstimateStatus.WITHHELD.value)
    low, high = found.interval(confidence)
    return replace(
        row,
        variance=variance,
        estimate=number(found.estimate),
        std_error=number(found.std_error),
        df=number(found.df),
        statistic=number(found.statistic),
        p_value=number(found.p_value),
        conf_low=number(low),
        conf_high=number(high),
    )


TAKEN = {Keeps.NOTHING: Estimate.without_number, Keeps.ESTIMATE: Estimate.without_error, Keeps.INTERVAL: Estimate.without_p}


def withheld(rows: Iterable[Estimate], status: EstimateStatus, keeps: Keeps | None) -> tuple[Estimate, ...]:
    """The rows after a refusal: what it takes away goes from the headline and from everything beside it."""
    if keeps is None:
        return tuple(rows)
    return tuple(replace(TAKEN[keeps](row), status=status.value) for row in rows)


def change_estimate(level: UnitLevel, *, weighted: bool) -> Inference | None:
    """The headline method on unit-level data; None where no degree of freedom is left for an error."""
    plain = level if weighted else replace(level, sampling=None)
    return change_estimates([plain])[0]


def change_estimates(levels: Sequence[UnitLevel]) -> list[Inference | None]:
    """The same for many, those of one shape at once: weighted by precision where sampling variances are known."""
    found: list[Inference | None] = [None] * len(levels)
    alike: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for place, level in enumerate(levels):
        alike[*level.columns.shape, level.target, level.sampling is None].append(place)
    for (units, columns, target, unknown), places in alike.items():
        if columns >= units:  # type: ignore[operator]
            continue
        some = [levels[place] for place in places]
        sampling = None if unknown else np.stack([np.asarray(level.sampling) for level in some])
        stacked = (np.stack([level.outcome for level in some]), sampling, np.stack([level.columns for level in some]))
        fit = unit_change(*stacked, target)  # type: ignore[arg-type]
        for k, place in enumerate(places):
            found[place] = Inference(float(fit.estimate[k]), float(fit.std_error[k]), float(fit.df))
    return found


def plain_estimate(level: UnitLevel) -> float:
    """The contrast at equal weights, for when no error can be given."""
    return float(np.linalg.lstsq(level.columns, level.outcome, rcond=None)[0][level.target])


def unit_rows(blank: Estimate, level: UnitLevel, confidence: float) -> tuple[Estimate, ...]:
    """Unit change: the form that the design makes its headline first, the other form after it.

    Before/after the headline is the one-sample t of unit changes (docs/methods.md, section 3); elsewhere it is weighted by
    precision where people's spread is known, and the pooled t where it is not.
    """
    blank = replace(blank, estimator=Estimator.UNIT_CHANGE.value)
    plain_name = "one-sample t" if blank.alone else "pooled t"
    forms = [(plain_name, False)] if level.sampling is None else [(plain_name, False), ("REML-HK", True)]
    if not blank.alone:
        forms.reverse()
    found = [(name, change_estimate(level, weighted=weighted)) for name, weighted in forms]
    alike = level.sampling is not None and not level.units_differ
    rows = tuple(
        without_error(replace(blank, variance=name), row.estimate, *blank.flags, EXPLAINED) if alike and name == plain_name
        else filled(blank, row, name, confidence)
        for name, row in found if row is not None
    )  # fmt: skip
    return rows or (replace(blank, estimate=number(plain_estimate(level))),)


def without_error(row: Estimate, estimate: float, *flags: str) -> Estimate:
    """The row of a term whose error nothing in the data can tell."""
    return replace(row, estimate=number(estimate), status=EstimateStatus.WITHHELD.value, flags=flags)


def lifted(
    moments: Moments, contrast: Contrast, design: Design, follow_up: str, shared: tuple[str, ...],
    shares: Mapping[str, float] | None = None,
) -> Lifted:
    """The least-squares regression of a design; organisations that hold both arms get a level each.

    `shares` gives how far the pilot was implemented in each unit, where that is compared instead of the arm.
    """
    terms, columns = regressors(moments, contrast, design, follow_up, shared, shares or {})
    return lift(moments, columns, terms)


def regressors(
    moments: Moments, contrast: Contrast, design: Design, follow_up: str, shared: tuple[str, ...], shares: Mapping[str, float]
) -> tuple[tuple[str, ...], Array]:
    """Names and values (C, r) of a design's columns that are constant in a cell, the contrast last; arguments as of `lifted`."""
    pilot = contrast.side(moments.cells["arm"]).to_numpy(dtype=float)
    if shares:
        pilot = moments.cells["unit"].astype(str).map(shares).to_numpy(dtype=float)
    later = np.where(moments.cells["wave"] == follow_up, 1.0, 0.0)
    terms, columns = cell_columns(design, pilot, later)
    if shared:
        names, levels = _levels(moments)
        terms, columns = (*names, *terms[1:]), np.column_stack([levels, columns[:, 1:]])
    return terms, columns


def _levels(moments: Moments) -> tuple[tuple[str, ...], Array]:
    names = tuple(sorted(set(moments.cells["organisation"].astype(str))))
    columns = [(moments.cells["organisation"].astype(str) == name).to_numpy(dtype=float) for name in names]
    return names, np.column_stack(columns)


def least_squares_rows(blank: Estimate, fit: LeastSquares, kinds: Iterable[str], confidence: float) -> tuple[Estimate, ...]:
    """One row for each kind of standard error; without one, and flagged, where one unit alone decides or no two differ."""
    row = replace(blank, estimator=Estimator.LEAST_SQUARES.value)
    if not fit.has_contrast:
        return ()
    if fit.rests_on_one_unit:
        flagged = replace(row, flags=(flag("leverage_one"),), status=EstimateStatus.WITHHELD.value, estimate=number(fit.estimate))
        return tuple(replace(flagged, variance=kind) for kind in kinds)
    if lacks_error(fit, fit.contrast):
        return tuple(without_error(replace(row, variance=kind), fit.estimate, *row.flags, EXPLAINED) for kind in kinds)
    return tuple(filled(row, infer(fit, kind), kind, confidence) for kind in kinds)


def absorbed_row(
    blank: Estimate, regression: Lifted, design: Design, confidence: float, places: Mapping[str, str]
) -> tuple[Estimate, ...]:
    """CR2 with a level for every unit taken out, where the design has two waves of the same units.

    `places` gives the organisation of every unit where organisations are compared, and is empty elsewhere.
    """
    if not NEEDS_TWO_WAVES[design] or design in (Design.ANCOVA, Design.BENCHMARK):
        return ()
    row = replace(blank, term=f"{blank.term} | unit")
    return least_squares_rows(row, least_squares(clustered(absorb_units(regression), places)), ("CR2",), confidence)


def sign_rows(blank: Estimate, changes: Array) -> tuple[Estimate, ...]:
    """Before/after, beside the headline: Wilcoxon's signed ranks and the sign test over units.

    Estimates are the Hodges-Lehmann centre and the median change; p-values are exact up to 50 units without ties.
    """
    moved = changes[changes != 0]
    if len(moved) < 2:
        return ()
    pairs = (changes[:, None] + changes[None, :])[np.triu_indices(len(changes))] / 2
    ranks = stats.wilcoxon(changes)
    signs = stats.binomtest(int((moved > 0).sum()), len(moved))
    return (
        replace(blank, estimator="signed ranks", variance="none", estimate=float(np.median(pairs)), p_value=number(ranks.pvalue)),
        replace(blank, estimator="signs", variance="none", estimate=float(np.median(changes)), p_value=number(signs.pvalue)),
    )


def assumed_row(blank: Estimate, level: UnitLevel, between: float, estimate: float, confidence: float) -> Estimate:
    """An interval under the spread that the plan assumed, for designs whose own spread cannot be judged.

    Args:
        between: the assumed variance of a unit's contribution beyond people, in squared points.
    """
    variance = between + (0.0 if level.sampling is None else level.sampling)
    pilot = level.columns[:, level.target] == 1
    spread = np.broadcast_to(variance, pilot.shape)
    error = float(np.sqrt(sum(spread[side].sum() / side.sum() ** 2 for side in (pilot, ~pilot))))
    reach = float(stats.norm.ppf((1 + confidence) / 2)) * error
    return replace(
        blank,
        variance="assumed",
        estimate=estimate,
        std_error=error,
        conf_low=estimate - reach,
        conf_high=estimate + reach,
        flags=(flag("assumed_spread"),),
    )
