"""An interrupted series of one place: did level or slope change when the pilot began?

It cannot tell the pilot from whatever else happened then: a change, not an effect. Refused below 12 points in all, because with
four quantities to estimate fewer leave nothing to judge memory by, and below 3 on either side. Sources: Wagner et al. (2002);
`rows.series`, whose simulation is why the larger of two errors is taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from evaluation.errors import DesignError
from evaluation.evidence.any_table import Source
from evaluation.figures.looks import LIGHT, Look
from evaluation.figures.paths import Path, paths
from evaluation.inference.estimate import Estimate, Estimates
from evaluation.inference.flags import flag
from evaluation.inference.over_time.points import Points, points_of
from evaluation.inference.over_time.telling import table_of
from evaluation.inference.panel import filled
from evaluation.inference.rows.series import TERMS, Segments, segmented
from evaluation.inference.variance import Inference

LEAST, LEAST_EACH = 12, 3
LARGER, HAC = "larger of HAC and classical", "HAC"


@dataclass(frozen=True)
class InterruptedSeries:
    """Level and slope change of a series (`estimates`); `start` is the place of the first point after the start."""

    points: Points
    start: int
    fit: Segments
    estimates: Estimates

    def tidy(self) -> pd.DataFrame:
        """One row a change and error, the columns of `RESULT_COLUMNS`; slopes are per point."""
        return self.estimates.tidy()

    def glance(self) -> pd.DataFrame:
        """One row: points before and after, lags of the HAC error, and Durbin and Watson's number (2: no memory)."""
        sizes = {"n_before": self.start, "n_after": len(self.points.values) - self.start}
        return pd.DataFrame([sizes | {"lags": self.fit.lags, "durbin_watson": self.fit.memory}])

    def summary(self) -> str:
        """The changes as a plain table, with the caution that goes with them."""
        said = (
            f"{len(self.points.values)} points of one series: a change, not an effect. Durbin and Watson's number is "
            f"{self.fit.memory:.2f}; well below 2 the points remember each other, and intervals are too narrow."
        )
        return f"{table_of(self.estimates, 'term')}\n\n{said}\n"

    def plot(self, look: Look = LIGHT) -> Any:
        """The series, its fitted lines and where the earlier one would have led, as a `plotly.graph_objects.Figure`."""
        from evaluation.figures.plotting import as_figure  # plotly takes long to import

        at = tuple(map(float, range(len(self.points.values))))
        level, trend = self.fit.coefficients[:2]
        led = level + trend * (np.array(at) - self.start)
        drawn = [
            Path("seen", at, tuple(self.points.values)),
            Path("as before", at, tuple(led), expected=True),
            Path("fitted after", at[self.start :], tuple(self.fit.fitted[self.start :]), expected=True),
        ]
        return as_figure(paths(drawn, list(zip(at, self.points.waves.names, strict=True)), self.start - 0.5, look))

    def _repr_html_(self) -> str:
        return str(self.tidy().dropna(axis="columns", how="all").to_html(index=False))


def interrupted_series(
    data: Source, score: str, *, time: str, start: object, times: Sequence[object] | None = None, weights: str | None = None,
    confidence: float = 0.95,
) -> InterruptedSeries:
    """Estimate the change of level and slope at the start, in one series.

    Args:
        data: as for `unit_change`; one row a time, or many rows that are averaged.
        score: the numeric column.
        time: the column of times, evenly spaced.
        start: the first time with the pilot.
        times: the times in their order; not needed where they are numbers or dates (2026-03-01).
        weights: a column of weights.
        confidence: of the intervals.

    Returns:
        Level change and slope change, each with the larger of the HAC and the classical error, then with the HAC error that is
        usually printed, which is too small in short series and carries no p-value.

    Raises:
        DesignError: fewer than 12 points, or 3 on a side; a gap; a column that cannot be read; nothing varies.
    """
    points = points_of(data, score, time, times, weights)
    n, at = len(points.values), points.waves.place(start, "start")
    if n < LEAST or min(at, n - at) < LEAST_EACH:
        said = (
            f"the series has {n} points, {at} before the start and {n - at} after it; level and slope can be judged from {LEAST} "
            f"on, with {LEAST_EACH} on either side."
        )
        raise DesignError(said, fix="wait for more points, or compare with units that had no pilot.", code="few-points")
    points.refuse_gaps()
    fit = segmented(points.values, at)
    if not np.all(fit.classical > 1e-12 * np.abs(points.values).max()):
        raise DesignError("the series lies exactly on its lines.", fix="check the file: real series vary.", code="no_spread")
    return InterruptedSeries(points, at, fit, Estimates(_rows(points, at, fit, score, confidence)))


def _rows(points: Points, at: int, fit: Segments, score: str, confidence: float) -> tuple[Estimate, ...]:
    names = points.waves.names
    rows = []
    for k in (2, 3):
        blank = Estimate(
            measure=score, design="interrupted series", estimator="segmented regression", term=TERMS[k], wave_from=names[0],
            wave_to=names[-1], confidence=confidence, n_respondents=int(points.rows.sum()), n_units=1,
            flags=(flag("change_not_effect"),),
        )  # fmt: skip
        coefficient = float(fit.coefficients[k])
        larger = Inference(coefficient, float(max(fit.hac[k], fit.classical[k])), float(fit.df))
        printed = Inference(coefficient, float(fit.hac[k]), float(fit.df))
        rows += [filled(blank, larger, LARGER, confidence), filled(blank, printed, HAC, confidence).without_p()]
    return tuple(rows)
