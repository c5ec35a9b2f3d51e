"""XmR charts: is a point, or a run of points, beyond what this series did by itself in a fixed baseline?

Centre and limits come from the baseline alone, mean +- 2.66 mean moving range, and are never drawn anew: after a real change the
points lie off the old centre, which is what the chart is there to show. Three rules are read: a point outside the limits, eight
in a row on one side of the centre, six in a row rising or falling. (NHSRplotthedots, the tool of the NHS's "Making Data Count",
takes seven for both.) A baseline of fewer than 12 points is refused.
Sources: Shewhart (1931); Wheeler (2000), Understanding Variation (2.66 = 3 / 1.128); Provost & Murray (2011), The Health Care
Data Guide (eight and six); NHS England, Making Data Count.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from evaluation.errors import DesignError
from evaluation.evidence.any_table import Source
from evaluation.figures.control_chart import Limits, Point
from evaluation.figures.control_chart import control_chart as drawn
from evaluation.figures.looks import LIGHT, Look
from evaluation.inference.algebra import Array
from evaluation.inference.estimate import Estimate, Estimates
from evaluation.inference.flags import flag
from evaluation.inference.over_time.points import Points, points_of

LEAST, REACH = 12, 2.66
SIDE, TREND = 8, 6
OUTSIDE, ONE_SIDE, ONE_WAY = "outside the limits", f"{SIDE} in a row on one side", f"{TREND} in a row one way"


def limits_of(values: Array, baseline: int) -> Limits:
    """Centre and limits of the first `baseline` of `values`, (n,)."""
    own = values[:baseline]
    centre, reach = float(own.mean()), REACH * float(np.abs(np.diff(own)).mean())
    return Limits(centre, centre - reach, centre + reach, baseline)


def signals(values: Array, limits: Limits) -> tuple[tuple[str, ...], ...]:
    """For every point the rules that it breaks, alone or as part of a run; a point on the centre ends a run on one side."""
    outside = (values < limits.low) | (values > limits.high)
    side = _in_runs(np.sign(values - limits.centre), SIDE)
    steps = _in_runs(np.sign(np.diff(values)), TREND - 1)
    trend = np.append(steps, False) | np.append(False, steps)
    rules = ((OUTSIDE, outside), (ONE_SIDE, side), (ONE_WAY, trend))
    return tuple(tuple(name for name, broken in rules if broken[k]) for k in range(len(values)))


def _in_runs(signs: Array, least: int) -> npt.NDArray[np.bool_]:
    """Whether each sign is part of `least` or more equal ones in a row, none of them 0."""
    ends = np.flatnonzero(np.diff(signs)) + 1
    found = np.zeros(len(signs), dtype=bool)
    for run in np.split(np.arange(len(signs)), ends):
        found[run] = len(run) >= least and signs[run[0]] != 0
    return found


@dataclass(frozen=True)
class ControlChart:
    """The points, the limits of the baseline, and the rules that each point breaks."""

    score: str
    points: Points
    limits: Limits
    signals: tuple[tuple[str, ...], ...]

    def table(self) -> pd.DataFrame:
        """One row a point: time, value, rows behind it, whether it is of the baseline, and the rules it breaks."""
        n = len(self.points.values)
        return pd.DataFrame({
            "time": self.points.waves.names, "value": self.points.values, "n": self.points.rows.astype(int),
            "baseline": np.arange(n) < self.limits.baseline, "signals": ["; ".join(each) for each in self.signals],
        })  # fmt: skip

    def tidy(self) -> pd.DataFrame:
        """One row: the centre with its limits for single points, the columns of `RESULT_COLUMNS`."""
        names, rows = self.points.waves.names, int(self.points.rows[: self.limits.baseline].sum())
        row = Estimate(
            measure=self.score, design="control chart", estimator="XmR", variance="moving range", term="centre",
            wave_from=names[0], wave_to=names[self.limits.baseline - 1], estimate=self.limits.centre, n_units=1,
            conf_low=self.limits.low, conf_high=self.limits.high, n_respondents=rows,
            flags=(flag("change_not_effect"),),
        )  # fmt: skip
        return Estimates((row,)).tidy()

    def glance(self) -> pd.DataFrame:
        """One row: points, baseline, centre, limits, and after the baseline how many points break each rule."""
        after = self.signals[self.limits.baseline :]
        record: dict[str, object] = {"n_points": len(self.signals), "n_baseline": self.limits.baseline}
        record |= {"centre": self.limits.centre, "low": self.limits.low, "high": self.limits.high}
        return pd.DataFrame([record | {rule: sum(rule in each for each in after) for rule in (OUTSIDE, ONE_SIDE, ONE_WAY)}])

    def summary(self) -> str:
        """The limits and every point that breaks a rule."""
        lim, table = self.limits, self.table()
        marked = table.loc[table["signals"] != "", ["time", "value", "signals"]]
        head = (
            f"Centre {lim.centre:.4g}, limits {lim.low:.4g} to {lim.high:.4g}, from the first {lim.baseline} of {len(table)} "
            "points and not drawn anew after them.\n"
        )
        return head + (f"{marked.to_string(index=False)}\n" if len(marked) else "No point needs an explanation.\n")

    def plot(self, look: Look = LIGHT) -> Any:
        """The chart as a `plotly.graph_objects.Figure`."""
        from evaluation.figures.plotting import as_figure  # plotly takes long to import

        named = zip(self.points.waves.names, self.points.values, self.signals, strict=True)
        return as_figure(drawn([Point(name, float(value), broken) for name, value, broken in named], self.limits, look))

    def _repr_html_(self) -> str:
        return str(self.table().to_html(index=False))


def control_chart(
    data: Source, score: str, *, time: str, baseline_to: object, times: Sequence[object] | None = None, weights: str | None = None
) -> ControlChart:
    """Chart one series against its own baseline.

    Args:
        data: as for `unit_change`; one row a time, or many rows that are averaged.
        score: the numeric column.
        time: the column of times.
        baseline_to: the last time of the baseline, which begins with the first; usually the last before the pilot.
        times: the times in their order; not needed where they are numbers or dates (2026-03-01).
        weights: a column of weights.

    Raises:
        DesignError: the baseline has fewer than 12 points, or does not vary; a column cannot be read.
    """
    points = points_of(data, score, time, times, weights)
    baseline = points.waves.place(baseline_to, "end of the baseline") + 1
    if baseline < LEAST:
        said = f"the baseline has {baseline} points; limits can be drawn from {LEAST} on."
        raise DesignError(said, fix="begin the series earlier, or show the points without limits.", code="few-points")
    limits = limits_of(points.values, baseline)
    if limits.high <= limits.low:
        raise DesignError("every point of the baseline is the same.", fix="check the file: real series vary.", code="no_spread")
    return ControlChart(score, points, limits, signals(points.values, limits))
