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
        DesignError: people's spread is not known, or nobody differs from anybody else in the same place.
    """
    within = moments.variance()
    df = np.where(moments.n > 1, moments.n - 1, 0.0)
    if df.sum() < 2:
        raise DesignError("how much people differ is not known.", fix="give answers of people, not means.", code="no-sampling")
    deviation = float(np.sqrt(np.nansum(within * df) / df.sum()))
    if deviation == 0:
        raise DesignError("everybody in a place answered alike.", fix="check the file for a constant column.", code="no-spread")
    scale = hedges(float(df.sum())) / deviation
    low, high = (None if end is None else scale * end for end in interval)
    return EffectSize(scale * estimate, low, high, deviation)


def hedges(df: float) -> float:
    """What an estimated deviation must be corrected by, exactly; about 1 - 3 / (4 df - 1)."""
    return float(np.exp(gammaln(df / 2) - gammaln((df - 1) / 2)) / np.sqrt(df / 2))
