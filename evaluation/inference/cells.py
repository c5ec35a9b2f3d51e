"""The cells that one contrast can use, who is behind them, and the table of units that goes with an answer."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import stats

from evaluation.evidence.evidence import Evidence
from evaluation.evidence.moments import Moments
from evaluation.inference.design import Contrast
from evaluation.inference.question import Question
from evaluation.inference.unit_level import UnitLevel, balanced, organisations_of
from evaluation.organisations.register import Register
from evaluation.terms import Design


@dataclass(frozen=True)
class Cells:
    """The cells that a contrast can use, who is left out, and for each cell the side it is on."""

    usable: Moments
    left_out: tuple[str, ...]
    contrast: Contrast
    design: Design

    @cached_property
    def units(self) -> pd.Series:
        """Side (1.0 pilot, 0.0 comparison) by unit, sorted by name."""
        sides = self.contrast.side(self.usable.cells["arm"])
        return sides.groupby(self.usable.cells["unit"].astype(str)).first().sort_index()

    @cached_property
    def places(self) -> dict[str, str]:
        """The organisation of every unit where whole organisations were given one arm; empty where units are compared."""
        return organisations_of(self.usable, self.contrast, self.design)

    @cached_property
    def compared(self) -> pd.Series:
        """Side by what is compared: units, or organisations where these were given one arm each."""
        return self.units.groupby(self.places.get).first() if self.places else self.units

    @property
    def n_pilot(self) -> int:
        """Usable pilot units, or organisations where these are compared."""
        return int((self.compared == 1).sum())

    @property
    def n_comparison(self) -> int:
        """Usable comparison units, or organisations where these are compared."""
        return int((self.compared == 0).sum())


def cells_of(question: Question, contrast: Contrast, evidence: Evidence, register: Register) -> Cells:
    """Cells of the contrast's arms in units that answered in every wave the design reads."""
    source = _source(question, evidence)
    own = source.select(contrast.side(source.cells["arm"]).notna())
    waves = question.waves[1:] if question.design is Design.ANCOVA else question.needed
    usable, _ = balanced(own, waves)
    units = register.units
    expected = units.index[contrast.side(units["arm"]).notna()].astype(str)
    left_out = sorted(set(expected) - set(usable.cells["unit"].astype(str)))
    return Cells(usable, tuple(left_out), contrast, question.design)


def _source(question: Question, evidence: Evidence) -> Moments:
    measure = question.estimand.measure
    whole = evidence.moments[measure]
    if question.design is Design.ANCOVA:
        whole = evidence.linked.get((measure, *question.waves), whole.select(np.zeros(len(whole.cells), dtype=bool)))
    return whole.with_covariates(question.estimand.covariates)


def people_behind(question: Question, cells: Cells, evidence: Evidence) -> pd.Series:
    """People behind each usable cell: those with a score, or the stated base of a published mean."""
    own = cells.usable.cells[["unit", "wave"]].astype(str)
    if not question.published:
        return pd.Series(cells.usable.n, index=pd.MultiIndex.from_frame(own))
    types = evidence.types[evidence.types["population"] == question.measure.population]
    people = types.groupby([types["unit"].astype(str), types["wave"].astype(str)])["people"].sum()
    return people.reindex(pd.MultiIndex.from_frame(own)).astype(float)


def unit_table(question: Question, cells: Cells, evidence: Evidence, level: UnitLevel | None) -> pd.DataFrame:
    """One row a usable unit, columns as `estimate.Answer` says; levels are in the measure's own units."""
    level = level if level is None else level.of_units or level
    usable, people = cells.usable, people_behind(question, cells, evidence).to_numpy()
    own = usable.cells.assign(unit=usable.cells["unit"].astype(str), people=people, mean=usable.means())
    table = own.drop_duplicates("unit").set_index("unit")[["organisation", "arm", "role"]].sort_index()
    earlier, later = (own[own["wave"] == wave].set_index("unit") for wave in question.waves)
    if question.design is Design.ANCOVA:
        earlier = later.assign(mean=cells.usable.products[:, 0, -2] / cells.usable.n + cells.usable.centre)
    if question.design is Design.COMPARISON:
        earlier = own.iloc[:0].set_index("unit")
    table = table.assign(n_from=earlier["people"], n_to=later["people"], mean_from=earlier["mean"], mean_to=later["mean"])
    table["change"] = table["mean_to"] - table["mean_from"]
    shift = 0.0 if (question.design.alone or question.design.beyond_others) else cells.usable.centre
    table["adjusted_change"] = np.nan if level is None else pd.Series(level.outcome + shift, list(level.units))
    spread = np.full(len(table), np.nan) if level is None or level.sampling is None else np.sqrt(level.sampling)
    table["std_error"] = spread
    reach = float(stats.norm.ppf((1 + question.protocol.look_confidence) / 2)) * spread
    return table.assign(conf_low=table["adjusted_change"] - reach, conf_high=table["adjusted_change"] + reach).reset_index()
