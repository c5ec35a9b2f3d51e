"""The same people's yes/no answers, or their scores in three and more waves, by pingouin: 'within people', never a headline.

Like `paired`, these tests take people as independent, which they are not when nested in organisations, and look at each arm
alone. Only people with an answer in every wave named enter; the others are counted, nothing is filled in. pingouin's
mixed_anova is not used. McNemar's p-value is the exact one of the binomial; that of Cochran's Q is chi-squared's, which is rough
where few people changed; that of repeated measures has both degrees of freedom multiplied by Greenhouse and Geisser's epsilon.
Sources: McNemar (1947), Psychometrika 12, 153; Cochran (1950), Biometrika 37, 256; Greenhouse & Geisser (1959),
Psychometrika 24, 95.
"""

import warnings
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pingouin
from scipy import stats

from evaluation.errors import DesignError
from evaluation.inference.rows.answers import answers
from evaluation.inference.rows.paired import FEWEST

WHO = ("who", "people", "left_out", "mean_from", "mean_to")
MCNEMAR = (*WHO, "to_yes", "to_no", "p_value", "chi2", "p_chi2")
COCHRAN = (*WHO, "changed", "q", "df", "p_value")
REPEATED = (*WHO, "f", "df", "df_error", "p_uncorrected", "epsilon", "p_value", "eta_squared")
NOBODY_DIFFERS = 1e-9

Found = dict[str, float]


def mcnemar(
    data: pd.DataFrame, answer: str, *, unit: str, person: str, wave: str, waves: Sequence[object], arm: str | None = None
) -> pd.DataFrame:
    """McNemar's test: of those whose yes/no answer changed between two waves, did as many turn to yes as to no?

    Args:
        data: one row a person and wave.
        answer: a numeric column of two values; the higher means yes.
        unit: the column of organisations, inside which `person` names a person; rows without either are nobody's.
        person: the column that recognises a person.
        wave: the column that names the wave.
        waves: (from, to).
        arm: the column of arms; without it everybody is described together.

    Returns:
        One row an arm, columns `MCNEMAR`: `left_out` counts people with an answer in one wave only; means are shares of yes;
        `p_value` is exact; `chi2` and `p_chi2` are the test without correction. Tests are missing below three people, or where
        nobody changed.

    Raises:
        DesignError: not two waves, more than two answers, a wave without answers, a person twice in a wave or in two arms, or
            a column that `answers.answers` refuses.
    """
    own = _yes_or_no(_rows(data, answer, unit, person, wave, waves, arm, exactly=2), answer)
    return _table(own, waves, MCNEMAR, _mcnemar)


def cochran_q(
    data: pd.DataFrame, answer: str, *, unit: str, person: str, wave: str, waves: Sequence[object], arm: str | None = None
) -> pd.DataFrame:
    """Cochran's Q: is the share of yes the same in three or more waves?

    Args:
        data: one row a person and wave.
        answer: a numeric column of two values; the higher means yes.
        unit: the column of organisations, inside which `person` names a person; rows without either are nobody's.
        person: the column that recognises a person.
        wave: the column that names the wave.
        waves: three or more, in their order.
        arm: the column of arms; without it everybody is described together.

    Returns:
        One row an arm, columns `COCHRAN`: means are shares of yes in the first and last wave; `changed` counts people who did not
        always answer the same, on whom alone Q rests. Tests are missing below three people, or where nobody changed.

    Raises:
        DesignError: fewer than three waves, or as `mcnemar`.
    """
    own = _yes_or_no(_rows(data, answer, unit, person, wave, waves, arm), answer)
    return _table(own, waves, COCHRAN, _cochran)


def repeated_measures(
    data: pd.DataFrame, score: str, *, unit: str, person: str, wave: str, waves: Sequence[object], arm: str | None = None
) -> pd.DataFrame:
    """Repeated-measures analysis of variance: is the mean score the same in three or more waves?

    Args:
        data: one row a person and wave.
        score: a numeric column.
        unit: the column of organisations, inside which `person` names a person; rows without either are nobody's.
        person: the column that recognises a person.
        wave: the column that names the wave.
        waves: three or more, in their order.
        arm: the column of arms; without it everybody is described together.

    Returns:
        One row an arm, columns `REPEATED`: `p_value` is corrected by Greenhouse and Geisser's `epsilon`, `p_uncorrected` holds if
        all differences between waves vary alike; `eta_squared` is the generalised one. Tests are missing where there are not
        more people than waves, or nobody differs from the others in how they changed.

    Raises:
        DesignError: fewer than three waves, or as `mcnemar` of scores.
    """
    return _table(_rows(data, score, unit, person, wave, waves, arm), waves, REPEATED, _repeated)


def _rows(
    data: pd.DataFrame, column: str, unit: str, person: str, wave: str, waves: Sequence[object], arm: str | None,
    exactly: int | None = None,
) -> pd.DataFrame:
    """Answers that are there, with columns unit, person, wave, arm and score."""
    asked, fewest = len(set(waves)), exactly or 3
    if asked != len(waves) or asked < fewest or (exactly and asked > exactly):
        said = f"{asked} different waves are named; this test compares {fewest}{'' if exactly else ' or more'}."
        raise DesignError(said, fix="name each wave once; two waves of scores are a paired test.", code="waves")
    keys = [unit, person, wave, *([arm] if arm else [])]
    own = answers(data, [column], keys)
    names = dict(zip([*keys, column], ["unit", "person", "wave", *(["arm"] if arm else []), "score"], strict=True))
    own = own[own[wave].isin(list(waves))].dropna(subset=[column]).rename(columns=names)
    own = own if arm else own.assign(arm="all")
    silent = [str(name) for name in waves if not (own["wave"] == name).any()]
    if silent:
        raise DesignError(f"nobody answered in {', '.join(silent)}.", fix="check the waves' names.", code="empty")
    _refuse_doubles(own)
    return own


def _refuse_doubles(own: pd.DataFrame) -> None:
    double = int(own.duplicated(["unit", "person", "wave"]).sum())
    if double:
        said = f"{double} rows repeat a person and wave."
        raise DesignError(said, fix="keep one row a person and wave.", code="twice")
    torn = int((own.groupby(["unit", "person"])["arm"].nunique() > 1).sum())
    if torn:
        raise DesignError(f"{torn} people stand in two arms.", fix="give every person one arm.", code="arm")


def _yes_or_no(own: pd.DataFrame, answer: str) -> pd.DataFrame:
    """The same with 1 for the higher of two answers and 0 for the lower; an only answer is yes where it is above 0."""
    values = np.unique(own["score"])
    if len(values) > 2:
        said = f"'{answer}' holds {len(values)} different values; a yes/no answer has two."
        raise DesignError(said, fix="say which answers count as yes, or compare means.", code="two-options")
    yes = values[-1] if len(values) == 2 or values[0] > 0 else np.inf
    return own.assign(score=(own["score"] == yes).astype(float))


def _table(
    own: pd.DataFrame, waves: Sequence[object], columns: tuple[str, ...], test: Callable[[pd.DataFrame], Found]
) -> pd.DataFrame:
    rows = []
    for who, people in own.groupby("arm", sort=True):
        wide = people.pivot_table(index=["unit", "person"], columns="wave", values="score").reindex(columns=list(waves))
        whole = wide.dropna().set_axis(list(range(len(waves))), axis=1).reset_index(drop=True)
        means = dict(zip(("mean_from", "mean_to"), whole.mean().iloc[[0, -1]], strict=True)) if len(whole) else {}
        rows.append({"who": str(who), "people": len(whole), "left_out": len(wide) - len(whole), **means, **test(whole)})
    return pd.DataFrame(rows, columns=list(columns))


def _mcnemar(whole: pd.DataFrame) -> Found:
    moved = whole[1] - whole[0]
    counts: Found = {"to_yes": int((moved > 0).sum()), "to_no": int((moved < 0).sum())}
    if len(whole) < FEWEST or not moved.any():
        return counts
    test = pingouin.chi2_mcnemar(whole, 0, 1, correction=False)[1].iloc[0]
    return counts | {"p_value": float(test["p_exact"]), "chi2": float(test["chi2"]), "p_chi2": float(test["p_approx"])}


def _cochran(whole: pd.DataFrame) -> Found:
    changed = int((whole.nunique(axis=1) > 1).sum())
    if len(whole) < FEWEST or not changed:
        return {"changed": changed}
    test = pingouin.cochran(whole).iloc[0]
    return {"changed": changed, "q": float(test["Q"]), "df": float(test["dof"]), "p_value": float(test["p_unc"])}


def _repeated(whole: pd.DataFrame) -> Found:
    values = whole.to_numpy()
    if len(values) <= values.shape[1]:
        return {}
    own = values - values.mean(axis=1, keepdims=True) - values.mean(axis=0) + values.mean()
    if not np.abs(own).max() > NOBODY_DIFFERS * max(1.0, float(np.abs(values).max())):
        return {}
    # Mauchly's test, which is not read, has no determinant where two waves are alike
    with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
        test = pingouin.rm_anova(whole, correction=True, effsize="ng2").iloc[0]
    df, df_error, epsilon, f = (float(test[name]) for name in ("ddof1", "ddof2", "eps", "F"))
    corrected = float(stats.f.sf(f, df * epsilon, df_error * epsilon))
    return {
        "f": f, "df": df, "df_error": df_error, "p_uncorrected": float(test["p_unc"]), "epsilon": epsilon,
        "p_value": corrected, "eta_squared": float(test["ng2"]),
    }  # fmt: skip
