"""One pilot (or a few that began together) among many comparison units: where its change ranks, and a synthetic comparison.

With one pilot no error can be judged from pilots: the rank among placebos is told, with a p-value only where the number of units
carries one (1 against 19: 1/20). Sources: Abadie, Diamond & Hainmueller (2010), JASA 105, 493; `synthetic`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import comb
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from evaluation.errors import DesignError
from evaluation.evidence.any_table import Source
from evaluation.evidence.moments import Moments
from evaluation.evidence.scan import near_moments
from evaluation.figures.looks import LIGHT, Look
from evaluation.figures.paths import Path, paths
from evaluation.inference.algebra import Array
from evaluation.inference.analyst import contrast_of, one_arm_each
from evaluation.inference.design import Contrast
from evaluation.inference.estimate import Estimate, Estimates
from evaluation.inference.flags import counted, flag
from evaluation.inference.over_time.synthetic import Synthetic, placebo_ranks, placebos, synthetic
from evaluation.inference.over_time.telling import table_of
from evaluation.inference.over_time.unit_waves import UnitWaves, unit_waves
from evaluation.inference.refusals import Facts, borne
from evaluation.inference.resolution import floor
from evaluation.terms import Design, EstimateStatus

LEAST_OTHERS, LEAST_BEFORE, MOST_OTHERS = 8, 4, 500
SAME = 1 - 1e-12
ALIKE = 1e-12


@dataclass(frozen=True)
class SyntheticDifference:
    """The estimate, the weights behind it, and what it would be with comparison units in the pilots' place (`placebos`)."""

    figures: UnitWaves
    pilots: tuple[str, ...]
    others: tuple[str, ...]
    before: int
    fit: Synthetic
    placebos: tuple[float, ...]
    estimates: Estimates

    def tidy(self) -> pd.DataFrame:
        """One row, the columns of `RESULT_COLUMNS`."""
        return self.estimates.tidy()

    def glance(self) -> pd.DataFrame:
        """One row: sizes, how many units carry weight, and the share of placebos at least as far from zero."""
        row = self.estimates.rows[0]
        reached = np.abs(self.placebos) >= abs(row.estimate or 0.0) * SAME
        record = {
            "n_units": row.n_units, "n_pilot": row.n_pilot, "n_comparison": row.n_comparison, "n_before": self.before,
            "effective_comparison": 1 / float((self.fit.units**2).sum()), "n_placebos": len(self.placebos),
            "placebo_share": (1 + int(reached.sum())) / (1 + len(self.placebos)),
        }  # fmt: skip
        return pd.DataFrame([record])

    def unit_weights(self) -> pd.DataFrame:
        """One row a comparison unit, the heaviest first."""
        table = pd.DataFrame({"unit": self.others, "weight": self.fit.units})
        return table.sort_values("weight", ascending=False, ignore_index=True)

    def wave_weights(self) -> pd.DataFrame:
        """One row a wave before the start."""
        return pd.DataFrame({"wave": self.figures.waves.names[: self.before], "weight": self.fit.waves})

    def summary(self) -> str:
        """The estimate, its placebos, and the units that carry it."""
        share = float(self.glance()["placebo_share"].iloc[0])
        said = f"Counting it, {100 * share:.0f} in 100 placebos lie at least as far from zero."
        return f"{table_of(self.estimates)}\n\n{said}\n\n{self.unit_weights().head(8).to_string(index=False)}\n"

    def plot(self, look: Look = LIGHT) -> Any:
        """Pilots' means and the weighted comparison, moved to their level, as a `plotly.graph_objects.Figure`."""
        from evaluation.figures.plotting import as_figure  # plotly takes long to import

        place = {unit: k for k, unit in enumerate(self.figures.units)}
        own = self.figures.means[[place[unit] for unit in self.pilots]].mean(axis=0)
        beside = self.fit.units @ self.figures.means[[place[unit] for unit in self.others]]
        beside = beside + self.fit.waves @ (own - beside)[: self.before]
        at = tuple(map(float, self.figures.waves.times))
        drawn = [Path("pilots", at, tuple(own)), Path("synthetic comparison", at, tuple(beside), expected=True)]
        start = (at[self.before - 1] + at[self.before]) / 2
        return as_figure(paths(drawn, list(zip(at, self.figures.waves.names, strict=True)), start, look))

    def _repr_html_(self) -> str:
        return str(self.tidy().dropna(axis="columns", how="all").to_html(index=False))


def synthetic_difference(
    data: Source, score: str, *, unit: str, wave: str, arm: str, start: object, pilot: str | None = None,
    waves: Sequence[object] | None = None, adjust_for: Sequence[str] = (), weights: str | None = None, confidence: float = 0.95,
    seed: int = 1,
) -> SyntheticDifference:
    """Synthetic difference in differences for pilots that began together.

    Args:
        data: as for `unit_change`; one row a respondent and wave, or a unit's mean.
        score: the numeric column that is compared.
        unit: the column that names what was assigned.
        wave: the column that names the wave.
        arm: the column that says which units are pilots.
        start: the first wave with the pilot.
        pilot: the value of `arm` that means pilot; not needed where it is 'pilot', true or 1.
        waves: the waves in their order; not needed where their names are numbers or dates.
        adjust_for: covariates, with the same slopes in all waves.
        weights: a column of weights, as for `unit_change`.
        confidence: of the interval, from Student's t with C - 1 degrees of freedom, C comparison units.
        seed: of the sample of placebos, where there are more than 500 choices.

    Returns:
        The estimate with its placebo error. The p-value is the share of placebos at least as far from zero, the observed one
        counted; it is withheld with one pilot, and where it could not fall to 1 - `confidence`.

    Raises:
        DesignError: fewer than 8 comparison units (or more than 500), or 4 waves before the start, with the numbers; or as
            `event_study`.
    """
    figures, contrast = _read(data, score, adjust_for, unit, wave, arm, pilot, weights, waves)
    before = figures.waves.place(start, "start")
    chosen = contrast.side(pd.Series(figures.arms)).to_numpy() == 1
    m, C = int(chosen.sum()), int((~chosen).sum())
    least = max(LEAST_OTHERS, m + 1)
    if least > C or before < LEAST_BEFORE:
        said = (
            f"there are {C} comparison units and {before} waves before the start; a synthetic comparison needs {least} and "
            f"{LEAST_BEFORE}."
        )
        raise DesignError(said, fix="rank the pilot's change with `placebo_rank`, or compare with `unit_change`.", code="few")
    if C > MOST_OTHERS:
        said = f"there are {C:,} comparison units; weights are sought among {MOST_OTHERS} at most."
        raise DesignError(said, fix="keep units of the pilots' type and size.", code="many")
    borne(Facts(Design.DIFFERENCE_IN_DIFFERENCES, m, C, 2, "unit", "units", confidence=confidence))
    fit = synthetic(figures.means[chosen], figures.means[~chosen], before)
    found = placebos(figures.means[~chosen], m, before, seed)
    pilots, others = (tuple(np.asarray(figures.units)[side].tolist()) for side in (chosen, ~chosen))
    blank = replace(_blank(figures, contrast, m, C, score, unit, confidence), design="synthetic difference in differences")
    blank = replace(blank, wave_from=figures.waves.names[before - 1], wave_to=figures.waves.names[-1])
    row = _row(blank, fit.estimate, found, confidence)
    return SyntheticDifference(figures, pilots, others, before, fit, tuple(map(float, found)), Estimates((row,)))


def _row(blank: Estimate, estimate: float, found: Array, confidence: float) -> Estimate:
    error = float(np.sqrt(((found - found.mean()) ** 2).mean()))
    df = (blank.n_comparison or 0) - 1
    reach = float(stats.t.ppf((1 + confidence) / 2, df)) * error
    p = (1 + int((np.abs(found) >= abs(estimate) * SAME).sum())) / (1 + len(found))
    row = replace(
        blank, estimator="synthetic difference in differences", variance="placebo", estimate=estimate, std_error=error,
        df=float(df), conf_low=estimate - reach, conf_high=estimate + reach,
    )  # fmt: skip
    carries = (blank.n_pilot or 0) > 1 and 1 / (1 + comb(df + 1, blank.n_pilot or 0)) <= 1 - confidence + 1e-9
    return replace(row, p_value=p) if carries else replace(row, status=EstimateStatus.WITHHELD.value)


def placebo_rank(
    data: Source, score: str, *, unit: str, wave: str, arm: str, baseline: object, follow_up: object, pilot: str | None = None,
    adjust_for: Sequence[str] = (), weights: str | None = None, confidence: float = 0.95,
) -> Estimates:
    """Where the change of the one pilot ranks among all units' changes.

    Args:
        data: as for `unit_change`; one row a respondent and wave, or a unit's mean.
        score: the numeric column that is compared.
        unit: the column that names what was assigned.
        wave: the column that names the wave.
        arm: the column that says which units are pilots.
        baseline: the earlier wave, as the column has it or as text.
        follow_up: the later wave.
        pilot: the value of `arm` that means pilot; not needed where it is 'pilot', true or 1.
        adjust_for: covariates, with the same slopes in all waves.
        weights: a column of weights, as for `unit_change`.
        confidence: at which the number of units must carry a p-value for one to be given.

    Returns:
        One row: the pilot's change less the mean of the others', flagged with its rank. The p-value, the share of units whose
        change lies at least as far from the others', is given only where 1/G is at most 1 - `confidence` (1 against 19 at 95%).

    Raises:
        DesignError: there is not one pilot, or as `event_study`.
    """
    figures, contrast = _read(data, score, adjust_for, unit, wave, arm, pilot, weights, (baseline, follow_up))
    first, last = figures.waves.place(baseline, "baseline"), figures.waves.place(follow_up, "follow-up")
    chosen = contrast.side(pd.Series(figures.arms)).to_numpy() == 1
    m, others = int(chosen.sum()), int((~chosen).sum())
    if m != 1 or others < 2:
        said = f"a rank is for one pilot among several comparison units; there are {m} and {others}."
        raise DesignError(said, fix="with more pilots ask for `unit_change`.", code="one-pilot")
    changes = figures.means[:, last] - figures.means[:, first]
    rank, share = placebo_ranks(changes, chosen)
    blank = _blank(figures, contrast, m, others, score, unit, confidence)
    row = replace(
        blank, design="one among many", estimator="placebo rank", variance="none", wave_from=figures.waves.names[first],
        wave_to=figures.waves.names[last], estimate=float(changes[chosen][0] - changes[~chosen].mean()),
        flags=(*blank.flags, flag("pilot_rank", f"{rank} of {len(changes)}")),
    )  # fmt: skip
    carries = floor(1, len(changes)) <= 1 - confidence + 1e-9
    return Estimates((replace(row, p_value=share) if carries else replace(row, status=EstimateStatus.WITHHELD.value),))


def _read(
    data: Source, score: str, adjust_for: Sequence[str], unit: str, wave: str, arm: str, pilot: str | None, weights: str | None,
    waves: Sequence[object] | None,
) -> tuple[UnitWaves, Contrast]:
    whole: Moments = near_moments(data, score, adjust_for, unit=unit, wave=wave, arm=arm, weights=weights)
    one_arm_each(whole.cells, arm)
    figures = unit_waves(whole, waves)
    if np.ptp(figures.means) <= ALIKE * max(1.0, float(np.abs(figures.means).max())):
        fix = "check the file for a constant column."
        raise DesignError(f"every unit's '{score}' is the same in every wave.", fix=fix, code="no_spread")
    return figures, contrast_of(whole.cells, arm, pilot)


def _blank(figures: UnitWaves, contrast: Contrast, m: int, others: int, score: str, unit: str, confidence: float) -> Estimate:
    return Estimate(
        measure=score, contrast=contrast.label, unit=unit, confidence=confidence, n_units=m + others, n_pilot=m,
        n_comparison=others, resolution_floor=floor(m, m + others), weighted=figures.moments.weighted,
        n_respondents=int(figures.people.sum()),
        flags=(flag("unbalanced_waves", counted(figures.left_out)),) if figures.left_out else (),
    )  # fmt: skip
