"""How well the items of a measure go together: alpha, omega, and what each item adds.

Everything is made from covariances. Alpha and the items' table use everybody who answered both items of a pair, as R's psych
does; omega is that of one factor fitted to the same covariances. Both are about the score that is the items' mean: their
covariances as scored, not their correlations.
Sources: Cronbach (1951), Psychometrika 16, 297; Feldt (1965), Psychometrika 30, 357 (interval); McDonald (1999), Test theory,
chapter 6; Raykov (2002), Multivariate Behavioral Research 37, 89 (omega's interval by the delta method).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from evaluation.errors import DesignError
from evaluation.evidence.moments import Array
from evaluation.protocol.wave_checks import read_default
from evaluation.quality.coefficient import Reliability
from evaluation.quality.item_set import ItemSet, Sums, require
from evaluation.quality.one_factor import fit_factor, require_proper
from evaluation.quality.pattern import pattern
from evaluation.waves.compared.turned_items import LEAST_ITEMS


@dataclass(frozen=True, eq=False)
class ScaleReliability:
    """What a measure's items are worth together, in one group of people.

    Attributes:
        measure, group: whose items, and who answered.
        alpha: Cronbach's alpha, at most 1 and possibly negative (reported, not clipped), with Feldt's interval.
        omega: McDonald's omega total of one factor; None where it is not defined, and `omega_refusal` says why.
        omega_refusal: empty where omega is told.
        items: one row an item: item, mean, std_dev, item_rest (correlation with the mean of the others), alpha_without (alpha
            of the others; NaN with two items), floor, ceiling (shares of answers at the ends), turned, points_the_other_way.
    """

    measure: str
    group: str
    alpha: Reliability
    omega: Reliability | None
    omega_refusal: str
    items: pd.DataFrame

    @property
    def other_way(self) -> tuple[str, ...]:
        """Items whose answers fall where those of the others rise."""
        return tuple(self.items.loc[self.items["points_the_other_way"], "item"])


def reliability(items: ItemSet, confidence: float = 0.95) -> ScaleReliability:
    """Reliability of the score that is the mean of these items.

    Args:
        items: one measure in one group; two items at least, three for omega.
        confidence: of the intervals.

    Raises:
        DesignError: fewer than two items or fifty people, an item that everybody answered alike, covariances that are not
            positive definite.
    """
    found = items.pairs
    require(found, items.names, f"{items.measure}, {items.group}", 2, "alpha")
    omega, refusal = _omega(items, confidence)
    return ScaleReliability(
        items.measure, items.group, cronbach_alpha(found, confidence).of(items.measure), omega, refusal, _each(items))


def cronbach_alpha(found: Sums, confidence: float = 0.95) -> Reliability:
    """Alpha of the sum of k items with these covariances, and Feldt's interval: F with n - 1 and (n - 1)(k - 1) degrees.

    Source: Feldt (1965), Psychometrika 30, 357; Feldt, Woodruff & Salih (1987), Applied Psychological Measurement 11, 93.
    """
    k = len(found.means)
    alpha, df = _alpha(found.covariance), (found.n - 1, (found.n - 1) * (k - 1))
    low, high = (1 - (1 - alpha) * float(stats.f.ppf(chance, *df)) for chance in ((1 + confidence) / 2, (1 - confidence) / 2))
    return Reliability("", "alpha", alpha, low, high, confidence, found.n, k, float(found.n))


def omega_total(found: Sums, names: tuple[str, ...], confidence: float = 0.95) -> Reliability:
    """Omega of the sum of the items: (sum of loadings)^2 over itself and the sum of the items' own variances.

    Raises:
        DesignError: no fit of one factor, or a Heywood case.
    """
    k = len(names)
    fit = require_proper(fit_factor([found], pattern(1, k), names))
    common, own = float(fit.loadings.sum()), float(fit.uniquenesses.sum())
    total = common**2 + own
    slope = np.concatenate([2 * common * own / total**2 * fit.scale, -((common / total) ** 2) * fit.scale**2])
    spread = np.linalg.inv(fit.information())[: 2 * k, : 2 * k] / found.n
    omega = common**2 / total
    reach = float(stats.norm.ppf((1 + confidence) / 2) * np.sqrt(slope @ spread @ slope))
    return Reliability("", "omega", omega, omega - reach, min(omega + reach, 1.0), confidence, found.n, k, float(found.n))


def _omega(items: ItemSet, confidence: float) -> tuple[Reliability | None, str]:
    where = f"{items.measure}, {items.group}"
    try:
        require(items.pairs, items.names, where, 3, "omega")
        return omega_total(items.pairs, items.names, confidence).of(items.measure), ""
    except DesignError as refused:
        return None, refused.problems[0].what


def _alpha(covariance: Array) -> float:
    k = len(covariance)
    return float(k / (k - 1) * (1 - np.trace(covariance) / covariance.sum())) if k > 1 else np.nan


def _each(items: ItemSet) -> pd.DataFrame:
    """The table of items; one points the other way by the bound at which a wave file is noted, among three or more."""
    covariance, places = items.pairs.covariance, range(len(items.names))
    others = [[other for other in places if other != place] for place in places]
    rest = np.array([_item_rest(covariance, place) for place in places])
    return pd.DataFrame({
        "item": items.names,
        "mean": items.pairs.means,
        "std_dev": items.pairs.deviations,
        "item_rest": rest,
        "alpha_without": [_alpha(covariance[np.ix_(kept, kept)]) for kept in others],
        "floor": np.nan if items.floor is None else items.floor,
        "ceiling": np.nan if items.ceiling is None else items.ceiling,
        "turned": items.turned,
        "points_the_other_way": (rest < -read_default().turned_item) & (len(rest) >= LEAST_ITEMS),
    })


def _item_rest(covariance: Array, place: int) -> float:
    """Correlation of an item with the sum of the others."""
    with_rest = covariance[place].sum() - covariance[place, place]
    rest = covariance.sum() - 2 * with_rest - covariance[place, place]
    return float(with_rest / np.sqrt(covariance[place, place] * rest)) if rest > 0 else float("nan")
