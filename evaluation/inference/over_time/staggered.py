"""Pilots that began at different times, on any table: effects by start and wave, and what they come to.

Two-way fixed effects is told as a diagnostic only. Sources: `group_time`, `by_start`, `dealt_starts`, `two_way`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from evaluation.errors import DesignError
from evaluation.evidence.any_table import Source
from evaluation.evidence.moments import Moments
from evaluation.evidence.scan import near_moments
from evaluation.figures.event_study import Moment
from evaluation.figures.event_study import event_study as drawn
from evaluation.figures.looks import LIGHT, Look
from evaluation.inference.algebra import Array
from evaluation.inference.estimate import Estimate, Estimates
from evaluation.inference.flags import counted, flag
from evaluation.inference.over_time.by_start import contributions, floor_of_starts, jackknife
from evaluation.inference.over_time.dealt_starts import dealt
from evaluation.inference.over_time.group_time import NEVER, NOT_YET, Effect, Summary, combined, group_time, mean_of
from evaluation.inference.over_time.starts import Starts, starts_of
from evaluation.inference.over_time.telling import table_of
from evaluation.inference.over_time.two_way import TwoWay, two_way
from evaluation.inference.over_time.unit_waves import unit_waves
from evaluation.inference.panel import filled, unit_rows, withheld
from evaluation.inference.refusals import Facts, Keeps, refusals, standing
from evaluation.terms import Design, EstimateStatus

DESIGN, ESTIMATOR = "staggered starts", "group-time effects"
OVERALL, SIMPLE, EVENTS = "all starts", "all starts and waves", "all waves since the start"


@dataclass(frozen=True)
class Staggered:
    """What staggered starts say: the overall effect first, then other means, by start, by wave since the start, and each effect.

    `always` had the pilot from the first wave and are left out; `figures` are the others', by unit and wave.
    """

    starts: Starts
    estimates: Estimates
    confidence: float

    @property
    def always(self) -> tuple[str, ...]:
        """Units left out because they had the pilot from the first wave."""
        return self.starts.always

    def two_way(self) -> TwoWay:
        """Two-way fixed effects and its parts, as a diagnostic: never an estimate of the effect."""
        return two_way(self.starts.figures.means, self.starts.places, self.starts.figures.waves.names)

    def tidy(self) -> pd.DataFrame:
        """One row an estimate, the columns of `RESULT_COLUMNS`; `term` says which mean or effect."""
        return self.estimates.tidy()

    def glance(self) -> pd.DataFrame:
        """One row: sizes, units left out, and the diagnostic of two-way fixed effects."""
        common, figures = self.two_way(), self.starts.figures
        began = self.starts.places < len(figures.waves.names)
        record = {
            "n_units": len(figures.units), "n_pilot": int(began.sum()), "n_comparison": int((~began).sum()),
            "n_starts": len(set(self.starts.places[began])), "left_out_always": len(self.always),
            "left_out_unbalanced": len(figures.left_out), "two_way": common.coefficient,
            "two_way_already_piloted": float(common.parts.loc[common.parts["kind"].str.startswith("later"), "weight"].sum()),
            "two_way_negative_weight": common.negative_weight,
        }  # fmt: skip
        return pd.DataFrame([record])

    def summary(self) -> str:
        """The estimates as a plain table, then who was left out."""
        parts = [table_of(self.estimates, "term")]
        parts += [f"Left out because they had the pilot from the first wave ({counted(self.always)})."] if self.always else []
        left_out = self.starts.figures.left_out
        parts += [f"Left out because they miss a wave ({counted(left_out)})."] if left_out else []
        return "\n\n".join(parts) + "\n"

    def plot(self, look: Look = LIGHT) -> Any:
        """The effect by waves since the start, as a `plotly.graph_objects.Figure`."""
        from evaluation.figures.plotting import as_figure  # plotly takes long to import

        rows = {str(row.term): row for row in reversed(self.estimates.rows) if str(row.term).startswith("wave ")}
        events = sorted((int(term.split()[1]), row) for term, row in rows.items())
        moments = [Moment(f"{event:+d}", event, row.estimate, row.conf_low, row.conf_high) for event, row in events]
        return as_figure(drawn(moments, -0.5, look))

    def _repr_html_(self) -> str:
        return str(self.tidy().dropna(axis="columns", how="all").to_html(index=False))


def staggered(
    data: Source, score: str, *, unit: str, wave: str, start: str, never: object = None, comparison: str = NEVER,
    waves: Sequence[object] | None = None, adjust_for: Sequence[str] = (), units_alike_in: Sequence[str] = (),
    weights: str | None = None, confidence: float = 0.95, seed: int = 1,
) -> Staggered:
    """Estimate the effect of a pilot that began at different times, from units' means.

    Args:
        data: as for `unit_change`; one row a respondent and wave, or a unit's mean.
        score: the numeric column that is compared.
        unit: the column that names what was assigned.
        wave: the column that names the wave.
        start: the column that says in which wave (or when, where waves are numbers or dates) a unit began; empty for never.
        never: the value of `start` that means never, where it is not empty; 0 in many tables.
        comparison: 'never piloted', or 'not yet piloted', which counts units until they begin.
        waves: the waves in their order; not needed where their names are numbers or dates.
        adjust_for: covariates of people, with the same slopes in all waves.
        units_alike_in: numeric columns of units, whose means in the first wave enter a regression among comparison units; errors
            are then by the jackknife alone.
        weights: a column of weights, as for `unit_change`.
        confidence: of the intervals.
        seed: of the placebo deals.

    Returns:
        Of each mean and effect the unit-level rows (REML-HK where people's spread is known), then the jackknife; of overall means
        also the placebo p-value. Effects on one unit have no p-value. Units that miss a wave, or had the pilot from the first
        wave, are left out and named.

    Raises:
        DesignError: a column is missing or cannot be read, starts or waves cannot be told, or there is nobody to compare with.
    """
    if comparison not in (NEVER, NOT_YET):
        raise DesignError(f"'{comparison}' is no comparison.", fix=f"give '{NEVER}' or '{NOT_YET}'.", code="comparison")
    columns = [*adjust_for, *(name for name in units_alike_in if name not in adjust_for)]
    whole = near_moments(data, score, columns, unit=unit, wave=wave, arm=start, weights=weights)
    figures = unit_waves(whole.with_covariates(adjust_for), waves)
    starts = starts_of(figures, start, never)
    covariates = _of_units(whole, starts, units_alike_in) if units_alike_in else None
    left_out = (flag("unbalanced_waves", counted(figures.left_out)),) if figures.left_out else ()
    blank = Estimate(
        measure=score, design=DESIGN, contrast=f"piloted - {comparison}", unit=unit, confidence=confidence,
        weighted=whole.weighted, flags=left_out,
    )  # fmt: skip
    rows = effects_of(starts, blank, comparison, seed, covariates)
    return Staggered(starts, Estimates(tuple(row.beside_floor() for row in rows)), confidence)


def effects_of(
    starts: Starts, blank: Estimate, comparison: str, seed: int, covariates: Array | None = None
) -> tuple[Estimate, ...]:
    """Every mean and effect of units whose starts are read; `blank` is what each row says, `covariates` (G, k) are of units.

    Raises:
        DesignError: there is nobody to compare with.
    """
    effects = group_time(starts.places, len(starts.figures.waves.names), comparison, covariates)
    adjusted = covariates is not None
    rows = (_rows(told, starts, blank, seed, adjusted=adjusted) for told in _summaries(effects, starts))
    return tuple(row for some in rows for row in some)


def _of_units(whole: Moments, starts: Starts, names: Sequence[str]) -> Array:
    """Units' means of columns in the first wave, (G, k), centred and scaled."""
    first = whole.select((whole.cells["wave"] == starts.figures.waves.names[0]) & whole.cells["unit"].isin(starts.figures.units))
    places = [k for k, name in enumerate(whole.names[:-1]) if name.partition("=")[0] in names]
    values = first.products[:, 0, places] / first.total[:, None]
    table = pd.DataFrame(values, index=first.cells["unit"].astype(str)).loc[list(starts.figures.units)].to_numpy()
    spread = table.std(axis=0)
    return np.asarray((table - table.mean(axis=0)) / np.where(spread > 0, spread, 1.0))


def _summaries(effects: tuple[Effect, ...], starts: Starts) -> list[Summary]:
    """Overall means, then by start, by waves since the start, and every effect."""
    names = starts.figures.waves.names
    after = sorted({effect.start for effect in effects if effect.event >= 0})
    events = sorted({effect.event for effect in effects})
    by_start = [mean_of(f"start {names[g]}", effects, [e.start == g and e.event >= 0 for e in effects]) for g in after]
    by_event = [mean_of(f"wave {event:+d}", effects, [e.event == event for e in effects]) for event in events]
    sizes = [float(next(effect.size for effect in effects if effect.start == g)) for g in after]
    since = [told for told, event in zip(by_event, events, strict=True) if event >= 0]
    overall = [
        combined(OVERALL, by_start, sizes), mean_of(SIMPLE, effects, [e.event >= 0 for e in effects]),
        combined(EVENTS, since, [1.0] * len(since)),
    ]  # fmt: skip
    each = [mean_of(f"start {names[e.start]} in {names[e.at]}", effects, [other is e for other in effects]) for e in effects]
    return [*overall, *by_start, *by_event, *each]


def _rows(told: Summary, starts: Starts, blank: Estimate, seed: int, *, adjusted: bool) -> tuple[Estimate, ...]:
    figures, confidence = starts.figures, blank.confidence or 0.95
    T = len(figures.waves.names)
    weights, served = told.weights(T), told.served()
    used = served | told.piloted()
    pilots, others = int((used & ~served).sum()) or int(told.piloted().sum()), int(served.sum())
    blank = replace(
        blank, term=told.name, n_units=int(used.sum()), n_pilot=pilots, n_comparison=others,
        resolution_floor=floor_of_starts(starts.places[used]), n_respondents=int(figures.people[used].sum()),
    )  # fmt: skip
    estimate = told.estimate(figures.means)
    left = jackknife(estimate, told.deleted(figures.means), starts.places, used)
    named = replace(blank, estimator=ESTIMATOR)
    beside = () if left is None else (filled(named, left, "jackknife", confidence),)
    if adjusted:
        nothing = replace(named, estimate=estimate, status=EstimateStatus.WITHHELD.value)
        return _borne(beside or (nothing,), pilots, others, confidence, no_spread=False)
    level = contributions(weights, figures.means, figures.sampling, starts.places, figures.units)
    rows = tuple(replace(row, estimator=ESTIMATOR) for row in unit_rows(blank, level, confidence))
    if told.name in (OVERALL, SIMPLE, EVENTS):
        sampling = None if figures.sampling is None else figures.sampling[used]
        p = dealt(weights[used], figures.means[used], sampling, starts.places[used], seed)
        beside = (*beside, replace(named, variance="placebo starts", estimate=estimate, p_value=p))
    return _borne((*rows, *beside), pilots, others, confidence, no_spread=not level.varies)


def _borne(
    rows: tuple[Estimate, ...], pilots: int, others: int, confidence: float, *, no_spread: bool
) -> tuple[Estimate, ...]:
    """The rows with what few units cannot bear taken away; an effect that nothing can judge keeps its number."""
    facts = Facts(Design.DIFFERENCE_IN_DIFFERENCES, pilots, others, 2, "unit", "units", confidence=confidence)
    status, keeps = standing(refusals(facts))
    if keeps is not None or not no_spread:
        return withheld(rows, status, keeps)
    return withheld(rows, EstimateStatus.WITHHELD, Keeps.ESTIMATE)
