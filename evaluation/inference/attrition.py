"""Whether people were lost from one arm more than from the other: shares lost by unit, compared as any other figure of units.

Where pilots lose other people than comparisons do, whoever is left may differ by arm although nobody changed. The test is the
headline method (docs/methods.md, formula 4) on each unit's share lost, whose sampling variance is that of a share.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from evaluation.errors import DesignError
from evaluation.inference.estimate import Estimate
from evaluation.inference.flags import counted
from evaluation.inference.panel import change_estimate, filled, plain_estimate, withheld
from evaluation.inference.refusals import Facts, borne
from evaluation.inference.resolution import floor
from evaluation.inference.unit_level import UnitLevel
from evaluation.quality.sides import is_pilot
from evaluation.terms import Design, Estimator

COUNTS = ["stayers", "leavers", "moved"]


@dataclass(frozen=True)
class Attrition:
    """People of the earlier wave who did not answer again.

    Attributes:
        arms: one row an arm: arm, role ("pilot" or "comparison"), units, people (recognisable in the earlier wave), lost and
            percent.
        units: one row a unit: unit, arm, role, people, lost, percent.
        difference: pilots' percentage minus the others', in percentage points, by unit; no p-value where units are too few.
    """

    arms: pd.DataFrame
    units: pd.DataFrame
    difference: Estimate

    def tidy(self) -> pd.DataFrame:
        """The percentage lost in each arm, as one table."""
        return self.arms.copy()


def attrition(report: pd.DataFrame, pilot_arms: Collection[str], confidence: float = 0.95) -> Attrition:
    """Compare how many people were lost between two waves.

    Args:
        report: `waves.linkage.match_report` with the arm of every unit; a unit in which nobody was recognisable is left out.
            Who answered again in another unit of the organisation is not lost.
        pilot_arms: the arms that have the pilot.
        confidence: of the interval.

    Raises:
        DesignError: a unit has no arm, an arm is named that is none, a side has no unit, nobody was lost, or nothing can be
            compared, with every reason.
    """
    armless = sorted(set(report.loc[report["arm"].isna(), "unit"].astype(str)))
    if armless:
        fix = "give match_report the register, which says the arm of each."
        raise DesignError(f"units have no arm ({counted(armless)}).", fix=fix, code="arm")
    known = report.groupby(["unit", "arm"], sort=True)[COUNTS].sum().reset_index()
    units = known.assign(people=known["stayers"] + known["leavers"], lost=known["leavers"] - known["moved"]).query("people > 0")
    units = _with_percent(units.assign(role=np.where(is_pilot(units["arm"], pilot_arms), "pilot", "comparison")))
    if not units["lost"].any():
        said = "nobody was lost: on each side every unit gave exactly the same figure, 0%."
        raise DesignError(said, fix="there is nothing to compare.", code="no-loss")
    arms = units.groupby(["arm", "role"], sort=True).agg(units=("unit", "size"), people=("people", "sum"), lost=("lost", "sum"))
    level = _level(units)
    columns = ["unit", "arm", "role", "people", "lost", "percent"]
    return Attrition(
        _with_percent(arms.reset_index()), units[columns].reset_index(drop=True), _difference(level, units, confidence))


def _with_percent(counts: pd.DataFrame) -> pd.DataFrame:
    return counts.assign(percent=100 * counts["lost"] / counts["people"])


def _level(units: pd.DataFrame) -> UnitLevel:
    """Percentages lost by unit, with the sampling variance that a share has where its side loses as many as it does."""
    pilot = np.where(units["role"] == "pilot", 1.0, 0.0)
    side = units.groupby("role")[["lost", "people"]].transform("sum")
    share = (side["lost"] / side["people"]).to_numpy(dtype=float)
    sampling = 100**2 * share * (1 - share) / units["people"].to_numpy(dtype=float)
    columns = np.column_stack([np.ones(len(units)), pilot])
    percent = np.asarray(units["percent"], dtype=float)
    return UnitLevel(tuple(units["unit"].astype(str)), percent, sampling, columns, ("1", "pilot"), 1)


def _difference(level: UnitLevel, units: pd.DataFrame, confidence: float) -> Estimate:
    pilots = int(level.columns[:, 1].sum())
    others = len(level.units) - pilots
    facts = Facts(
        Design.COMPARISON, pilots, others, 2, "unit", "units", no_spread=pilots > 0 and others > 0 and not level.varies,
        confidence=confidence,
    )  # fmt: skip
    status, keeps = borne(facts)
    blank = Estimate(
        measure="people lost", design=Design.COMPARISON.value, estimator=Estimator.UNIT_CHANGE.value, term="pilot",
        contrast="pilot - comparison", confidence=confidence, unit="unit", n_respondents=int(units["people"].sum()),
        n_units=len(level.units), n_pilot=pilots, n_comparison=others,
        resolution_floor=floor(pilots, len(level.units), Design.COMPARISON),
    )  # fmt: skip
    result = change_estimate(level, weighted=True)
    if result is None:
        return withheld([replace(blank, estimate=plain_estimate(level))], status, keeps)[0]
    return withheld([filled(blank, result, "REML-HK", confidence)], status, keeps)[0].beside_floor()
