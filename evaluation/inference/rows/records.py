"""What is counted in records, not asked: sickness days, leavers, complaints, as events over exposure.

The headline takes one figure a unit, the change of its log rate, and goes on as every headline (docs/methods.md, formula 4):
sampling variance 1/events in each wave; events that come in clusters add to the spread between units, which is estimated. Beside
it stands a quasi-Poisson regression with log exposure by statsmodels, whose error takes unit-waves as independent. A wave of a
unit without any event counts as half an event. Sources: McCullagh & Nelder (1989), chapter 9; docs/methods.md, section 17.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM

from evaluation.errors import DesignError
from evaluation.evidence.any_table import Source, batches, opened, schema_of, sort_columns
from evaluation.inference.absent import nobody_in_both, refuse_waves
from evaluation.inference.algebra import Array
from evaluation.inference.analyst import contrast_of, labels_of, one_arm_each
from evaluation.inference.cautions import sized_cautions
from evaluation.inference.estimate import Estimate, Estimates
from evaluation.inference.flags import counted, flag
from evaluation.inference.panel import filled, unit_rows, withheld
from evaluation.inference.refusals import Facts, borne
from evaluation.inference.resolution import floor
from evaluation.inference.restated import not_worked_out
from evaluation.inference.unit_level import UnitLevel
from evaluation.inference.variance import Inference
from evaluation.terms import Beside, Design

HALF = 0.5
ALIKE = 1e-12
TERM = "log rate ratio"
COLUMNS = ("unit", "wave", "arm", "events", "exposure")
INDEPENDENT = "unit-waves independent"


@dataclass(frozen=True)
class Counts:
    """Events and exposure of G units before and after, (G, 2) each; `pilots` (G,) is 1 where the pilot was.

    `places` (G,) names the organisation of each unit where organisations hold both arms, and is empty elsewhere; `left_out` are
    units that have no counts in one of the two waves.
    """

    units: tuple[str, ...]
    events: Array
    exposure: Array
    pilots: Array
    places: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def n_pilot(self) -> int:
        """Pilot units."""
        return int(self.pilots.sum())

    @property
    def varies(self) -> bool:
        """Whether there was any event, and rates changed otherwise than exposure and half an event make them."""
        return bool(self.events.any()) and self.level.varies

    @property
    def corrected(self) -> tuple[str, ...]:
        """The flag that names units without any event in a wave, which count half an event there; none where all had some."""
        bare = [unit for unit, own in zip(self.units, self.events, strict=True) if not own.all()]
        return (flag("half_event", counted(bare)),) if bare else ()

    @property
    def level(self) -> UnitLevel:
        """The change of each unit's log rate, for the headline's second stage."""
        x = np.maximum(self.events, HALF)
        rates = np.log(x / self.exposure)
        names = sorted(set(self.places))
        base = [np.array([place == name for place in self.places], dtype=float) for name in names] or [np.ones(len(self.units))]
        columns, terms = np.column_stack([*base, self.pilots]), (*(names or ["1"]), "pilot")
        return UnitLevel(
            self.units, rates[:, 1] - rates[:, 0], (1 / x).sum(axis=1), columns, terms, len(base), shared=tuple(names))


def event_rates(
    data: Source, *, unit: str, wave: str, arm: str, events: str, exposure: str, baseline: object, follow_up: object,
    pilot: str | None = None, confidence: float = 0.95,
) -> Estimates:
    """Compare how rates of events changed in pilots and elsewhere.

    Args:
        data: a pandas, polars or Arrow table, a DuckDB relation, or the path of a Parquet file; one row a unit and wave (or more,
            which are added up).
        unit: the column that names what was assigned.
        wave: the column that names the wave.
        arm: the column that says which units are pilots.
        events: the column of counts, whole and not below zero.
        exposure: the column of what they could have come from (days, people), above zero.
        baseline: the earlier wave, as the column has it or as text.
        follow_up: the later wave.
        pilot: the value of `arm` that means pilot; not needed where it is 'pilot', true or 1.
        confidence: of the intervals.

    Returns:
        The log rate ratio of pilots beyond comparison: the headline on units' changes first, then quasi-Poisson. `exp` of an
        estimate and of its interval's ends are rate ratios. Units that have only one of the waves are named in a flag.

    Raises:
        DesignError: no rows, a column is missing, counts that are no counts, exposure that is not above zero, a unit without an
            arm or in two, or nothing to compare, with every reason.
    """
    source = opened(data)
    waves = labels_of(source, wave, baseline, follow_up)
    rows = _rows(source, dict(zip(COLUMNS, (unit, wave, arm, events, exposure), strict=True)), waves)
    one_arm_each(rows, arm)
    contrast = contrast_of(rows, arm, pilot)
    rows = rows.assign(side=contrast.side(rows["arm"])).dropna(subset=["side"])
    counts = counts_of(rows, waves)
    if not counts.units:
        raise nobody_in_both(rows["wave"], waves)
    if not counts.events.any():
        fix = "check the column of events; rates of nothing cannot be compared."
        raise DesignError(f"there is no '{events}' at all.", fix=fix, code="events")
    facts = Facts(Design.DIFFERENCE_IN_DIFFERENCES, counts.n_pilot, len(counts.units) - counts.n_pilot, 2, "unit", "units",
                  no_spread=not counts.varies, confidence=confidence)  # fmt: skip
    status, keeps = borne(facts)
    row = Estimate(
        measure=events, design=Design.DIFFERENCE_IN_DIFFERENCES.value, term=TERM, contrast=contrast.label, wave_from=waves[0],
        wave_to=waves[1], confidence=confidence, unit=unit, n_units=facts.units, n_pilot=facts.n_pilot,
        n_comparison=facts.n_comparison, resolution_floor=floor(facts.n_pilot, facts.units),
    )  # fmt: skip
    blank = replace(row, flags=tuple(sized_cautions(row, counts.left_out, (), facts.unit_plural, 1 - confidence)))
    found = withheld(rate_rows(blank, counts, confidence), status, keeps)
    return Estimates(tuple(row.beside_floor() for row in found))


def rate_rows(blank: Estimate, counts: Counts, confidence: float) -> tuple[Estimate, ...]:
    """The headline on units' changes, its other form, and quasi-Poisson, with the reason where that cannot be told."""
    row = replace(blank, estimator=Beside.QUASI_POISSON.value, variance=INDEPENDENT)
    try:
        beside = filled(row, _regression(counts), INDEPENDENT, confidence)
    except DesignError as fault:
        beside = not_worked_out(row, fault)
    corrected = replace(blank, flags=(*blank.flags, *counts.corrected))
    return (*unit_rows(corrected, counts.level, confidence), beside)


def counts_of(rows: pd.DataFrame, waves: Sequence[str]) -> Counts:
    """Add rows up by unit and wave.

    Args:
        rows: columns unit, wave, side (1 pilot, 0 comparison), events, exposure, and organisation where units are nested.
        waves: (from, to).
    """
    own = rows[rows["wave"].isin(list(waves))]
    sums = own.groupby(["unit", "wave"])[["events", "exposure"]].sum()
    sides = [sums[sums.index.get_level_values("wave") == wave].droplevel("wave") for wave in waves]
    whole = sides[0].index.intersection(sides[1].index).sort_values()
    first = own.drop_duplicates("unit").set_index("unit").reindex(whole)
    events, exposure = (
        np.column_stack([side[name].reindex(whole).to_numpy(dtype=float) for side in sides]) for name in ("events", "exposure"))
    return Counts(
        tuple(map(str, whole)), events, exposure, first["side"].to_numpy(dtype=float),
        _both_arms(first) if "organisation" in first else (), tuple(sorted(map(str, set(own["unit"]) - set(whole)))),
    )  # fmt: skip


def _both_arms(units: pd.DataFrame) -> tuple[str, ...]:
    """The organisation of each unit, where some organisation holds both arms."""
    held = units.groupby("organisation")["side"].nunique()
    return tuple(units["organisation"].astype(str)) if (held > 1).any() else ()


def _rows(data: Source, named: dict[str, str], waves: tuple[str, str]) -> pd.DataFrame:
    """The rows of two waves under the names of `COLUMNS`, keys as text.

    Raises:
        DesignError: counts that are no counts, or exposure that is not above zero.
    """
    sort_columns(schema_of(data), (named["events"], named["exposure"]), (), [named[key] for key in COLUMNS[:3]])
    found = list(batches(data, list(named.values())))
    if not sum(map(len, found)):
        raise DesignError("the table has no rows.", fix="give one row a unit and wave.", code="empty")
    read = pa.Table.from_batches(found)
    kinds = dict.fromkeys(COLUMNS[:3], pa.string()) | dict.fromkeys(COLUMNS[3:], pa.float64())
    rows: pd.DataFrame = pa.table({name: read[column].cast(kinds[name]) for name, column in named.items()}).to_pandas()
    refuse_waves(rows["wave"], waves)
    own = rows[rows["wave"].isin(waves)].reset_index(drop=True)
    nobody = int(own["unit"].isna().sum())
    if nobody:
        fix = "name the unit, or leave the rows out."
        raise DesignError(f"'{named['unit']}' is empty in {nobody} rows.", fix=fix, code="unit")
    counts, bases = own["events"].to_numpy(), own["exposure"].to_numpy()
    wrong = ~np.isfinite(counts) | (counts < 0) | (counts != np.round(counts))
    if wrong.any():
        fix = "give whole numbers from 0."
        raise DesignError(f"{wrong.sum()} rows of '{named['events']}' are no counts.", fix=fix, code="events")
    if not np.all(np.isfinite(bases) & (bases > 0)):
        fix = "leave out rows without exposure."
        raise DesignError(f"'{named['exposure']}' is not above zero everywhere.", fix=fix, code="exposure")
    return own


def _regression(counts: Counts) -> Inference:
    """Quasi-Poisson with a level for every unit: the log rate ratio of pilots at follow-up beyond the change elsewhere.

    Given a unit's events in both waves, those at follow-up are binomial, with the ratio of exposures in the logit; the slope, its
    error and Pearson's dispersion are those of the Poisson regression, without a column for every unit.

    Raises:
        DesignError: too few units had any event, one side had none in a wave, or rates are exactly alike.
    """
    level, whole = counts.level, counts.events.sum(axis=1)
    alive = whole > 0  # a unit without any event tells nothing
    events, exposure, columns = counts.events[alive], counts.exposure[alive], level.columns[alive]
    kept = np.any(columns != 0, axis=0)
    place, X = int(kept[: level.target].sum()), columns[:, kept]
    if not kept[level.target] or np.linalg.matrix_rank(X) < X.shape[1]:
        fix = "read the counts unit by unit."
        raise DesignError("too few units had any event to tell the arms apart.", fix=fix, code="events")
    sides = [events[counts.pilots[alive] == side].sum(axis=0) for side in (0, 1)]
    if not np.all(sides):
        fix = "read the counts unit by unit."
        raise DesignError("one side had no event in one of the waves, so that no ratio has an end.", fix=fix, code="separation")
    with warnings.catch_warnings(action="ignore"):  # statsmodels warns of a perfect fit, which is refused below
        fit = GLM(events[:, ::-1], X, family=Binomial(), offset=np.log(exposure[:, 1] / exposure[:, 0])).fit()
    spread = float(fit.pearson_chi2 / fit.df_resid) if fit.df_resid > 0 else 1.0
    if not spread > ALIKE:
        fix = "read the counts unit by unit."
        raise DesignError("rates are exactly alike within each side, so that chance cannot be judged.", fix=fix, code="no-spread")
    return Inference(float(fit.params[place]), float(fit.bse[place]) * spread**0.5, float(fit.df_resid))
