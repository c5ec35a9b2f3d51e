"""The smallest effect a design can detect, in closed form, from what the plan assumes about people and units.

A respondent's score is unit + unit x wave + person; a unit's change has variance v = 2 (s_cp^2 + s_e^2 / n), with
s_e^2 (1 - rho) in place of s_e^2 when the same people answer. Reaches are from Student's t with the design's own degrees of
freedom: the familiar 2.8 gave 0.64 to 0.67 power instead of 0.80 with eight organisations (docs/methods.md, formula 6).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from evaluation.inference.design import OWN_COLUMNS
from evaluation.protocol.model import Expectation
from evaluation.terms import Design

MOST = 1e6
"""Bisection for a detectable effect stops looking here, in standard errors."""


@dataclass(frozen=True)
class Noise:
    """Where scores differ, as variances in squared points: between units, between waves of a unit, between people.

    `linked` is the correlation of one person's two scores given the unit, None when other people answer each wave.
    """

    between_units: float
    between_waves: float
    between_people: float
    linked: float | None = None

    @property
    def icc(self) -> float:
        """Share of the variance of one wave's scores that lies between units."""
        return (self.between_units + self.between_waves) / (self.between_units + self.between_waves + self.between_people)

    @property
    def cluster_autocorrelation(self) -> float:
        """Correlation of one unit's true levels in two waves; 1 where units do not differ at all."""
        both = self.between_units + self.between_waves
        return self.between_units / both if both > 0 else 1.0

    @classmethod
    def expected(cls, plan: Expectation, length: float, *, linked: bool) -> "Noise":
        """What a protocol's `expect:` block says, for a scale of `length` points; its shares are of the total variance."""
        total = (plan.standard_deviation * length) ** 2
        units, waves = total * plan.unit_variance_share, total * plan.wave_variance_share
        return cls(units, waves, max(total - units - waves, 0.0), plan.linked_correlation if linked else None)


def unit_variance(design: Design, noise: Noise, respondents: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """The variance of what each unit contributes to a contrast, in squared points.

    Args:
        design: what is compared.
        noise: the assumed variances.
        respondents: people answering per unit and wave; a number, or one for each unit.
    """
    people = noise.between_people / np.asarray(respondents, dtype=float)
    kept = noise.linked or 0.0
    if design is Design.COMPARISON:
        return np.asarray(noise.between_units + noise.between_waves + people)
    if design is not Design.ANCOVA:
        return np.asarray(2 * noise.between_waves + 2 * people * (1 - kept))
    total = noise.between_units + noise.between_waves + people
    shared = noise.between_units + kept * people
    return np.asarray(total - shared**2 / total)


def contrast_error(design: Design, noise: Noise, pilots: Sequence[float], comparisons: Sequence[float] = ()) -> tuple[float, int]:
    """The standard error of a contrast and its degrees of freedom.

    Args:
        design: what is compared; before/after reads `pilots` only.
        noise: the assumed variances.
        pilots: respondents per wave of each pilot unit.
        comparisons: respondents per wave of each comparison unit.

    Between-unit ANCOVA pays for the slope it estimates: baselines that are alike in both arms only on average raise the
    variance by 1 / (1 - r^2), r their correlation with the arm; with normal baselines its mean is 1 + 1 / (G - 4).
    """
    sides = [pilots] if design.alone else [pilots, comparisons]
    variance = sum(1 / (1 / unit_variance(design, noise, side)).sum() for side in sides)
    units = sum(len(side) for side in sides)
    if design is Design.ANCOVA:
        variance *= 1 + 1 / (units - 4) if units > 4 else float("inf")
    return float(np.sqrt(variance)), units - OWN_COLUMNS[design]


def minimum_detectable_effect(
    design: Design,
    noise: Noise,
    pilots: Sequence[float],
    comparisons: Sequence[float] = (),
    *,
    confidence: float = 0.95,
    power: float = 0.8,
) -> float:
    """The effect found with probability `power` by a two-sided test at `confidence`, in points.

    Returns:
        (t_confidence + t_power) standard errors; infinite when no degree of freedom is left.
    """
    return detectable(*contrast_error(design, noise, pilots, comparisons), confidence=confidence, power=power)


def detectable(error: float, df: float, *, confidence: float = 0.95, power: float = 0.8) -> float:
    """The effect found with probability `power` where the standard error is `error`; infinite without a degree of freedom."""
    return float(stats.t.ppf((1 + confidence) / 2, df) + stats.t.ppf(power, df)) * error if df >= 1 else float("inf")


def chance_to_detect(
    effect: float,
    design: Design,
    noise: Noise,
    pilots: Sequence[float],
    comparisons: Sequence[float] = (),
    *,
    confidence: float = 0.95,
) -> float:
    """The probability that an interval at `confidence` leaves out zero when the true effect is `effect` points."""
    return found_by_t(effect, *contrast_error(design, noise, pilots, comparisons), confidence=confidence)


def found_by_t(effect: float, error: float, df: float, *, confidence: float = 0.95) -> float:
    """The probability that |t| exceeds its critical value when the true effect is `effect` and the standard error `error`."""
    if df < 1:
        return 0.0
    reach, shift = float(stats.t.ppf((1 + confidence) / 2, df)), effect / error
    return float(stats.nct.sf(reach, df, shift) + stats.nct.cdf(-reach, df, shift))


def people_error(noise: Noise, design: Design, pilots: int, comparisons: int) -> float:
    """The standard error of a contrast of people assigned to arms; one place, so units and their waves cancel."""
    kept = noise.linked or 0.0
    factor = {Design.COMPARISON: 1.0, Design.ANCOVA: 1 - kept**2}.get(design, 2 * (1 - kept))
    sides = 1 / pilots + (0.0 if design.alone else 1 / comparisons)
    return float(np.sqrt(noise.between_people * factor * sides))
