"""A trend: the mean of a measure at every wave, over the units that have all of them. A description, never an effect.

Every unit counts the same, whatever its size, so that a line over many waves is not moved by which organisations were large, came
or went. What the line cannot say is on docs/published-surveys.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from evaluation.errors import DesignError, UsageError
from evaluation.evidence.moments import Moments
from evaluation.evidence.of_study import stored_evidence
from evaluation.figures.numbers import plain, several
from evaluation.figures.trend import TrendPoint, trend_picture
from evaluation.inference.algebra import Array
from evaluation.inference.over_time.unit_waves import UnitWaves, unit_waves
from evaluation.measures.score import interval_of
from evaluation.organisations.register import read_register
from evaluation.protocol.documents import read_documents
from evaluation.registry import nearest
from evaluation.study import Study

COLUMNS = ("wave", "mean", "low", "high", "units", "mean_of_all", "all_units")


@dataclass(frozen=True, eq=False)
class Trend:
    """The trend of one measure.

    Attributes:
        title: the measure, as documents call it.
        labels: what the waves are called.
        figures: the units with every wave, G of them, and their means (G, T).
        table: what `tidy` gives.
        scale: the lowest and highest possible score.
    """

    title: str
    labels: tuple[str, ...]
    figures: UnitWaves
    table: pd.DataFrame
    scale: tuple[float, float]

    @property
    def units(self) -> tuple[str, ...]:
        """The units with every wave."""
        return self.figures.units

    @property
    def change(self) -> float:
        """From the first wave to the last: the mean of the units' own changes, in points."""
        return float(self._changes.mean())

    @property
    def _changes(self) -> Array:
        return self.figures.means[:, -1] - self.figures.means[:, 0]

    def tidy(self) -> pd.DataFrame:
        """One row a wave: mean, low and high (quarter and three-quarter points) of the units with every wave, how many these are,
        and mean and number of all units that had the wave."""
        return self.table.copy()

    def summary(self) -> str:
        """The table and what may be said of it, for a terminal."""
        shown = self.table.assign(wave=list(self.labels)).round(2)
        rose, fell = int((self._changes > 0).sum()), int((self._changes < 0).sum())
        said = (
            f"From {self.labels[0]} to {self.labels[-1]} the mean of {several(len(self.units), 'organisation')} changed by "
            f"{plain(self.change, 1)}; {rose} rose, {fell} fell. This is a change, not an effect."
        )
        return f"{self.title}\n{shown.to_string(index=False)}\n{said}\n"

    def picture(self) -> str:
        """The line as SVG."""
        drawn = self.table[["mean", "low", "high", "mean_of_all"]].to_numpy(dtype=float).tolist()
        points = [
            TrendPoint(label, mean, low, high, of_all, int(count))
            for label, (mean, low, high, of_all), count in zip(self.labels, drawn, self.table["all_units"], strict=True)
        ]
        return trend_picture(self.title, points, len(self.units), self.scale)

    def _repr_html_(self) -> str:
        return self.picture()


def trend(study: Study | Path | str, measure: str) -> Trend:
    """The trend of a measure over all waves that are stored.

    Args:
        study: a study or its folder.
        measure: a measure of its protocol.

    Raises:
        UsageError: the protocol has no such measure.
        DesignError: fewer than two waves are stored, or no unit answered in all of them.
        ProtocolError, IntegrityError: the documents are wrong, or the store is not what was written.
    """
    place = study if isinstance(study, Study) else Study.open(study)
    documents = read_documents(place.root)
    protocol = documents.protocol
    if measure not in protocol.measures or protocol.measures[measure].is_counted:
        asked = [name for name, one in protocol.measures.items() if not one.is_counted]
        close = nearest(measure, asked)
        hint = f"did you mean '{close}'? " if close else ""
        fix = f"{hint}Measures: {', '.join(asked)}."
        raise UsageError(f"nobody is asked for a measure '{measure}'.", fix=fix, code="measure")
    moments = stored_evidence(place, documents, read_register(documents)).moments[measure].with_covariates(())
    waves = [name for name in protocol.waves if name in set(moments.cells["wave"])]
    if len(waves) < 2:
        said = f"a trend takes at least two waves, and '{measure}' has {len(waves)}."
        raise DesignError(said, fix="load another wave, or read its figure from 'pilot run'.", code="waves")
    interval = interval_of(measure, documents)
    labels = tuple(protocol.waves[name].label for name in waves)
    figures = unit_waves(moments, waves)
    table = trend_table(moments, figures, waves)
    return Trend(protocol.measures[measure].label, labels, figures, table, (interval.low, interval.high))


def trend_table(moments: Moments, figures: UnitWaves, waves: Sequence[str]) -> pd.DataFrame:
    """One row a wave, columns COLUMNS; every unit counts the same."""
    own = pd.Series(moments.means()).groupby(moments.cells["wave"].to_numpy()).agg(["mean", "size"]).loc[list(waves)]
    low, high = np.quantile(figures.means, [0.25, 0.75], axis=0)
    whole = (list(waves), figures.means.mean(axis=0), low, high, len(figures.units))
    return pd.DataFrame(dict(zip(COLUMNS, (*whole, own["mean"].to_numpy(), own["size"].to_numpy()), strict=True)))
