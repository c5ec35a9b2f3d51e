"""An event study: how pilots differ from comparison in every wave, beyond how they differed in the last wave before the start.

Every wave's difference is the headline (docs/methods.md, formula 4) on units' changes since the reference wave, with least
squares and CR2 beside it. The differences before the start should be nil; they are tested jointly, and the power of that test
is told with it. Sources: Roth (2022), American Economic Review: Insights 4, 305; `pre_trend`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from evaluation.errors import DesignError
from evaluation.evidence.any_table import Source
from evaluation.evidence.scan import near_moments
from evaluation.figures.event_study import Moment
from evaluation.figures.event_study import event_study as drawn
from evaluation.figures.looks import LIGHT, Look
from evaluation.inference.algebra import Array
from evaluation.inference.analyst import contrast_of, one_arm_each
from evaluation.inference.design import Contrast
from evaluation.inference.estimate import Estimate, Estimates
from evaluation.inference.flags import counted, flag
from evaluation.inference.over_time.pre_trend import PreTrend, pre_trend
from evaluation.inference.over_time.telling import table_of
from evaluation.inference.over_time.unit_waves import UnitWaves, unit_waves
from evaluation.inference.panel import least_squares_rows, lifted, unit_rows, withheld
from evaluation.inference.refusals import Facts, borne
from evaluation.inference.resolution import floor
from evaluation.inference.unit_level import UnitLevel
from evaluation.inference.variance import least_squares
from evaluation.terms import Design

DESIGN, JOINT = "event study", "joint pre-trend"
ENOUGH = 0.8
TERMS = ("1", "pilot")


@dataclass(frozen=True)
class EventStudy:
    """The differences of every wave (`estimates`: of each wave the headline first), and the joint test of those before.

    `harmful` is the straight drift, in points per `step` of time, that would by itself make the minimum important difference in
    the last wave, or where none was given the difference that was estimated.
    """

    figures: UnitWaves
    reference: str
    estimates: Estimates
    before: PreTrend | None
    harmful: float
    confidence: float

    def tidy(self) -> pd.DataFrame:
        """One row an estimate and one for the joint test, the columns of `RESULT_COLUMNS`."""
        return self.estimates.tidy()

    def glance(self) -> pd.DataFrame:
        """One row: sizes, the joint test before the start, its power, and the drifts per step of time that it notices."""
        sizes = ["n_units", "n_pilot", "n_comparison", "resolution_floor"]
        record: dict[str, object] = dict(self.estimates.glance().iloc[0][sizes])
        record |= {"reference": self.reference, "step": self.figures.waves.step, "harmful_drift": self.harmful}
        if self.before is not None:
            test = self.before
            record |= {"pre_trend_f": test.statistic, "df1": test.df1, "df2": test.df2, "pre_trend_p": test.p_value}
            record |= {"power": test.power(self.harmful, self.confidence)}
            record |= {f"noticed_{share}": test.noticed(share / 100, self.confidence) for share in (50, 80)}
        return pd.DataFrame([record])

    def said(self) -> str:
        """What the waves before the start prove, in words."""
        first = self.figures.waves.names.index(self.reference)
        if self.before is None:
            why = "there is one wave before the start" if first == 0 else "too little is left to test it with"
            return f"Whether pilots and comparison moved alike before the start cannot be seen: {why}."
        test, step = self.before, self.figures.waves.step
        power = test.power(self.harmful, self.confidence)
        found = test.p_value < 1 - self.confidence
        kind = "a straight drift" if test.straight else "the differences before the start, jointly"
        head = f"Tested was {kind}: p = {test.p_value:.2g}. "
        if found:
            return f"{head}The arms did not move alike before the start; differences after it may be more of the same."
        tail = (
            f"A drift of {abs(self.harmful):.3g} points per {step}, enough to make the difference by itself, would be noticed "
            f"{100 * power:.0f} times in 100; the test finds drifts of {test.noticed(0.8, self.confidence):.3g} 80 times in 100."
        )
        return f"{head}{tail}{'' if power >= ENOUGH else ' That it found nothing is no proof that pilots did not drift.'}"

    def summary(self) -> str:
        """The estimates as a plain table, then what the waves before prove."""
        return f"{table_of(self.estimates, 'wave_to')}\n\n{self.said()}\n"

    def plot(self, look: Look = LIGHT) -> Any:
        """Every wave's difference with its interval, as a `plotly.graph_objects.Figure`."""
        from evaluation.figures.plotting import as_figure  # plotly takes long to import

        waves = self.figures.waves
        rows = {row.wave_to: row for row in reversed(self.estimates.rows) if row.estimator != JOINT}
        nil = Estimate(estimate=0.0)
        found = [(name, float(at), rows.get(name, nil)) for name, at in zip(waves.names, waves.times, strict=True)]
        at = waves.names.index(self.reference)
        start = float(waves.times[at : at + 2].mean())
        moments = [Moment(name, t, row.estimate, row.conf_low, row.conf_high) for name, t, row in found]
        return as_figure(drawn(moments, start, look))

    def _repr_html_(self) -> str:
        return str(self.tidy().dropna(axis="columns", how="all").to_html(index=False))


def event_study(
    data: Source, score: str, *, unit: str, wave: str, arm: str, reference: object, pilot: str | None = None,
    waves: Sequence[object] | None = None, adjust_for: Sequence[str] = (), weights: str | None = None,
    minimum_important_difference: float | None = None, confidence: float = 0.95,
) -> EventStudy:
    """Compare pilots with comparison in every wave, against the last wave before the start.

    Args:
        data: as for `unit_change`; one row a respondent and wave, or a unit's mean.
        score: the numeric column that is compared.
        unit: the column that names what was assigned.
        wave: the column that names the wave.
        arm: the column that says which units are pilots.
        reference: the last wave before pilots began; waves in front of it tell whether the arms moved alike.
        pilot: the value of `arm` that means pilot; not needed where it is 'pilot', true or 1.
        waves: the waves in their order; not needed where their names are numbers or dates.
        adjust_for: covariates, with the same slopes in all waves.
        weights: a column of weights, as for `unit_change`.
        minimum_important_difference: in points; the power of the test before is then judged by it.
        confidence: of the intervals.

    Returns:
        Of each wave the headline, the other form of it and least squares, then the joint test. A p-value that few units cannot
        bear is missing, `status` says so. Units that miss a wave are left out and named.

    Raises:
        DesignError: a column is missing or cannot be read, the order of the waves cannot be told, or nothing can be estimated.
    """
    whole = near_moments(data, score, adjust_for, unit=unit, wave=wave, arm=arm, weights=weights)
    one_arm_each(whole.cells, arm)
    contrast = contrast_of(whole.cells, arm, pilot)
    figures = unit_waves(whole, waves)
    at = figures.waves.place(reference, "reference")
    if at == len(figures.waves.names) - 1 or len(figures.waves.names) < 3:
        said, fix = "an event study needs three waves, one after the reference.", "with two waves ask for `unit_change`."
        raise DesignError(said, fix=fix, code="waves")
    blank = Estimate(measure=score, unit=unit, confidence=confidence, minimum_important_difference=minimum_important_difference)
    return studied(figures, contrast, at, blank, confidence)


def studied(figures: UnitWaves, contrast: Contrast, at: int, blank: Estimate, confidence: float) -> EventStudy:
    """The event study of figures already read; `at` is the place of the reference wave, `blank` what every row says.

    Raises:
        DesignError: nothing can be estimated, with every reason.
    """
    pilots = contrast.side(pd.Series(figures.arms)).to_numpy(dtype=float)
    columns = np.column_stack([np.ones(len(pilots)), pilots])
    levels = {k: _level(figures, k, at, columns) for k in range(len(figures.waves.names)) if k != at}
    m, others = int(pilots.sum()), int((1 - pilots).sum())
    still = not any(level.varies for level in levels.values())
    facts = Facts(Design.DIFFERENCE_IN_DIFFERENCES, m, others, 2, "unit", "units", no_spread=still, confidence=confidence)
    status, keeps = borne(facts)
    blank = replace(
        blank, design=DESIGN, contrast=contrast.label, wave_from=figures.waves.names[at], n_units=m + others, n_pilot=m,
        n_comparison=others, resolution_floor=floor(m, m + others), weighted=figures.moments.weighted,
        flags=(flag("unbalanced_waves", counted(figures.left_out)),) if figures.left_out else (),
    )  # fmt: skip
    rows = [row for k, level in levels.items() for row in _of_wave(figures, contrast, at, k, level, blank, confidence)]
    last = next(row for row in rows if row.wave_to == figures.waves.names[max(levels)])
    size = blank.minimum_important_difference or last.estimate or 0.0
    drift = size / float(np.ptp(figures.waves.times[[at, max(levels)]]))
    sampling = None if figures.sampling is None else figures.sampling[:, : at + 1]
    test = None if keeps else pre_trend(figures.means[:, : at + 1], sampling, figures.waves.times[: at + 1], columns, 1)
    joint = () if test is None else (_joint(test, figures, at, blank),)
    estimates = Estimates(tuple(row.beside_floor() for row in (*withheld(rows, status, keeps), *joint)))
    return EventStudy(figures, figures.waves.names[at], estimates, test, drift, confidence)


def _level(figures: UnitWaves, k: int, at: int, columns: Array) -> UnitLevel:
    """Units' changes from the reference wave to wave `k`."""
    sampling = None if figures.sampling is None else figures.sampling[:, k] + figures.sampling[:, at]
    return UnitLevel(figures.units, figures.means[:, k] - figures.means[:, at], sampling, columns, TERMS, 1)


def _of_wave(
    figures: UnitWaves, contrast: Contrast, at: int, k: int, level: UnitLevel, blank: Estimate, confidence: float
) -> tuple[Estimate, ...]:
    name, pair = figures.waves.names[k], [figures.waves.names[at], figures.waves.names[k]]
    blank = replace(
        blank, term=f"pilot:{name}", wave_to=name, n_respondents=int(figures.people[:, [at, k]].sum())
    )  # fmt: skip
    cells = figures.moments.select(figures.moments.cells["wave"].isin(pair))
    squares = least_squares(lifted(cells, contrast, Design.DIFFERENCE_IN_DIFFERENCES, name, ()))
    return (*unit_rows(blank, level, confidence), *least_squares_rows(blank, squares, ("CR2",), confidence))


def _joint(test: PreTrend, figures: UnitWaves, at: int, blank: Estimate) -> Estimate:
    term = "straight drift" if test.straight else "all differences before"
    return replace(
        blank, estimator=JOINT, variance="Hotelling", term=term, wave_from=figures.waves.names[0],
        wave_to=figures.waves.names[at], statistic=test.statistic, df=float(test.df2), p_value=test.p_value,
        minimum_important_difference=None,
    )  # fmt: skip
