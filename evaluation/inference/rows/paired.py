"""The same people in two waves, side by side, by pingouin: 'within people', never a headline.

Tests here take people as independent, which they are not when nested in organisations, and look at each side alone: they
describe the people who can be recognised. Only complete pairs enter; the others are counted. pingouin's mixed_anova is not
used (wrong on incomplete pairs: its threads 206 and 199); the interval and Wilcoxon's test come from scipy, because
pingouin rounds its interval to two decimals and its Wilcoxon takes time and memory with the square of the people.
"""

from collections.abc import Iterator
from math import log1p

import pandas as pd
import pingouin
from scipy import stats

from evaluation.inference.algebra import Array

COLUMNS = (
    "who",
    "pairs",
    "left_out",
    "mean_from",
    "mean_to",
    "change",
    "conf_low",
    "conf_high",
    "t",
    "df",
    "p_value",
    "bf10",
    "hedges_g",
    "common_language",
    "wilcoxon_p",
)
FEWEST = 3
LARGEST_EXPONENT = 690
LARGEST_FACTOR = 1e300


def within_people(frame: pd.DataFrame, waves: tuple[str, str], side: pd.Series, confidence: float = 0.95) -> pd.DataFrame:
    """Paired comparisons of two waves, one row for each side of a contrast.

    Args:
        frame: one row a respondent and wave: organisation, respondent, wave, score.
        waves: (from, to).
        side: for each row of `frame`, 1.0 pilot, 0.0 comparison, missing for arms not compared.
        confidence: of the interval of the mean change.

    Returns:
        Columns `COLUMNS`: `left_out` counts people of that side with an answer in one wave only; `common_language` is the share
        of pairs of people, one from each wave, in which the later score is higher; tests are missing below three pairs or when
        nobody changed.
    """
    return pd.DataFrame(list(_rows(frame.assign(side=side), waves, confidence)), columns=list(COLUMNS))


def _rows(frame: pd.DataFrame, waves: tuple[str, str], confidence: float) -> Iterator[dict[str, object]]:
    for value, who in ((1.0, "pilot"), (0.0, "comparison")):
        people = frame[frame["side"] == value]
        if len(people):
            wide = people.pivot_table(index=["organisation", "respondent"], columns="wave", values="score", aggfunc="first")
            wide = wide.reindex(columns=list(waves)).dropna(how="all")
            pairs = wide.dropna()
            found = _describe(pairs[waves[0]].to_numpy(dtype=float), pairs[waves[1]].to_numpy(dtype=float), confidence)
            yield {"who": who, "pairs": len(pairs), "left_out": len(wide) - len(pairs), **found}


def _describe(first: Array, second: Array, confidence: float) -> dict[str, float]:
    change = second - first
    if len(change) == 0:
        return {}
    means = {"mean_from": float(first.mean()), "mean_to": float(second.mean()), "change": float(change.mean())}
    if len(change) < FEWEST or not change.std() > 0:
        return means
    own = stats.ttest_1samp(change, 0.0)
    interval = own.confidence_interval(confidence)
    return (
        means
        | _paired_t(first, second, float(own.statistic))
        | {
            "conf_low": float(interval.low),
            "conf_high": float(interval.high),
            "hedges_g": float(pingouin.compute_effsize(second, first, paired=True, eftype="hedges")),
            "common_language": float(pingouin.compute_effsize(second, first, paired=True, eftype="CLES")),
            "wilcoxon_p": float(stats.wilcoxon(second, first).pvalue),
        }
    )


def _paired_t(first: Array, second: Array, statistic: float) -> dict[str, float]:
    """pingouin's paired t with its Bayes factor; 1e300 stands for any factor that a float cannot hold,
    where pingouin fails."""
    df = len(first) - 1
    if (df + 1) / 2 * log1p(statistic**2 / df) > LARGEST_EXPONENT:
        return {"t": statistic, "df": float(df), "p_value": float(2 * stats.t.sf(abs(statistic), df)), "bf10": LARGEST_FACTOR}
    test = pingouin.ttest(second, first, paired=True).iloc[0]
    bayes = pingouin.bayesfactor_ttest(float(test["T"]), len(first), paired=True)
    return {"t": float(test["T"]), "df": float(test["dof"]), "p_value": float(test["p_val"]), "bf10": float(bayes)}
