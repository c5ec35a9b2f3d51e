"""Differences in standard deviations of people: what a difference is beside how much people of one place and wave differ.

The deviation is that of people within cells (unit and wave), pooled; differences between organisations are not part of it, so
that the size does not depend on which organisations took part. Hedges' factor takes off the bias of an estimated deviation.
The interval is that of the difference, in the same units: with very many people the error of the deviation adds nothing.
Sources: Hedges (2007), Journal of Educational and Behavioral Statistics 32, 341; McGraw & Wong (1992), Psychological Bulletin
111, 361.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.special import gammaln

from evaluation.errors import DesignError
from evaluation.evidence.moments import Moments


@dataclass(frozen=True)
class EffectSize:
    """A difference over the deviation of people within cells; `common_language` is the chance that somebody with the pilot scores
    higher than somebody without, if scores are normal."""

    size: float
    conf_low: float | None
    conf_high: float | None
    deviation: float

    @property
    def common_language(self) -> float:
        """P(one person with the pilot scores higher than one without)."""
        return float(stats.norm.cdf(self.size / np.sqrt(2)))


def effect_size(estimate: float, interval: tuple[float | None, float | None], moments: Moments) -> EffectSize:
    """The size of a difference.

    Args:
        estimate: the difference, in points.
        interval: its ends, None where there is none.
        moments: the cells it was estimated from.

    Raises:
        DesignError: people's spread is not known, nobody differs from anybody else in the same place (as far as sums about the
            moments' centre can tell), the estimate is no number, or the interval's ends are not in order.
    """
    low, high = interval
    if not np.isfinite(estimate) or (low is not None and high is not None and not low <= high):
        said = f"an estimate of {estimate:g} with an interval from {low} to {high} has no size."
        raise DesignError(said, fix="give a number, and the lower end first.", code="interval")
    within = moments.variance()
    df = np.where(moments.n > 1, moments.n - 1, 0.0)
    if df.sum() < 2:
        raise DesignError("how much people differ is not known.", fix="give answers of people, not means.", code="no-sampling")
    deviation = float(np.sqrt(np.nansum(within * df) / df.sum()))
    if deviation == 0:
        said = "everybody in a place answered alike, or so far from the centre that sums cannot tell people apart."
        raise DesignError(said, fix="check for a constant column; give moments_of a centre near the answers.", code="no-spread")
    scale = hedges(float(df.sum())) / deviation
    low, high = (None if end is None else scale * end for end in interval)
    return EffectSize(scale * estimate, low, high, deviation)


def hedges(df: float) -> float:
    """What an estimated deviation must be corrected by, exactly; about 1 - 3 / (4 df - 1)."""
    return float(np.exp(gammaln(df / 2) - gammaln((df - 1) / 2)) / np.sqrt(df / 2))
