"""People were assigned: least squares on their rows with heteroskedasticity-robust errors, by statsmodels.

The headline is HC2 with Satterthwaite degrees of freedom: with two arms and no covariates HC2 is Neyman's variance, unbiased
under assignment by lot whatever the sizes of the arms, while HC1 is too small when one arm is small. HC1 stands beside it
because published tables print it; with thousands of people the two agree to the printed digits.
Sources: Neyman (1923); Samii & Aronow (2012), Statistics & Probability Letters 82, 365; Imbens & Kolesar (2016).
"""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from statsmodels.regression.linear_model import OLS

from evaluation.inference.algebra import Array, inverse_root, said
from evaluation.inference.design import TARGET_TERM, Contrast
from evaluation.terms import Design


@dataclass(frozen=True)
class People:
    """Rows ready to fit: `outcome` (N,), `columns` (N, k) of full rank with their `terms`, the contrast first.

    `left_out` counts people of these arms who answered only one of two waves; `linked` says that each row is one recognised
    person. Sizes count people at follow-up.
    """

    outcome: Array
    columns: Array
    terms: tuple[str, ...]
    n_pilot: int
    n_comparison: int
    dropped: dict[str, str] = field(default_factory=dict)
    left_out: int = 0
    linked: bool = False

    @property
    def has_contrast(self) -> bool:
        """Whether the contrast's column is there and not explained by others."""
        return self.terms[0] not in self.dropped

    @property
    def varies(self) -> bool:
        """Whether people differ at all beyond what the columns say."""
        fitted = self.columns @ np.linalg.lstsq(self.columns, self.outcome, rcond=None)[0]
        return bool(np.any(np.abs(self.outcome - fitted) > 1e-9 * max(1.0, float(np.abs(self.outcome).max(initial=0.0)))))


@dataclass(frozen=True)
class Robust:
    """The contrast by least squares: estimate, errors by name ('HC1', 'HC2') and their degrees of freedom."""

    estimate: float
    errors: dict[str, float]
    df: dict[str, float]


def prepare(
    frame: pd.DataFrame,
    contrast: Contrast,
    design: Design,
    waves: tuple[str, str],
    covariates: tuple[str, ...] = (),
    *,
    linked: bool,
) -> People:
    """Turn score rows into a regression whose first column is the contrast.

    Args:
        frame: one row a respondent and wave: organisation, arm, wave, respondent, score and the covariates.
        contrast: which arms are compared.
        design: what is compared. Recognised people are compared with themselves: the outcome is then their own change.
        waves: (from, to).
        covariates: names of group columns to adjust for; of recognised people, as they were in the earlier wave.
        linked: whether `respondent` recognises a person from wave to wave.
    """
    own = frame.assign(side=contrast.side(frame["arm"])).dropna(subset=["side", "score"])
    later = own[own["wave"] == waves[1]].reset_index(drop=True)
    if design is Design.COMPARISON:
        return _ready(later, later["score"], {"pilot": later["side"]}, covariates)
    if not (linked or design is Design.ANCOVA):
        return _two_samples(own[own["wave"].isin(waves)].reset_index(drop=True), design, waves[1], covariates)
    return _recognised(own[own["wave"] == waves[0]], later, design, covariates)


def _two_samples(both: pd.DataFrame, design: Design, follow_up: str, covariates: tuple[str, ...]) -> People:
    """Two waves of people who are not recognised: every answer is a row."""
    later = (both["wave"] == follow_up).astype(float)
    terms = (
        {"follow_up": later}
        if design is Design.BEFORE_AFTER
        else {"pilot:follow_up": both["side"] * later, "pilot": both["side"], "follow_up": later}
    )
    pilots, comparisons = _sizes(both[later == 1])
    return replace(_ready(both, both["score"], terms, covariates), n_pilot=pilots, n_comparison=comparisons)


def _recognised(earlier: pd.DataFrame, later: pd.DataFrame, design: Design, covariates: tuple[str, ...]) -> People:
    """People with a score in both waves, one row each, in the arm and groups of the earlier wave."""
    person = ["organisation", "respondent"]
    known = later.dropna(subset=["respondent"])[[*person, "score"]]
    pairs = earlier.dropna(subset=["respondent"]).merge(known, on=person, suffixes=("", "_to"))
    terms = {TARGET_TERM[design]: pairs["side"]}
    outcome = pairs["score_to"] - pairs["score"]
    if design is Design.ANCOVA:
        terms["baseline"] = pairs["score"] - pairs["score"].mean()
        outcome = pairs["score_to"]
    if design is Design.BEFORE_AFTER:
        covariates = ()
    ready = _ready(pairs, outcome, terms, covariates, alone=design is Design.BEFORE_AFTER)
    return replace(ready, left_out=len(earlier) + len(later) - 2 * len(pairs), linked=True)


def _sizes(people: pd.DataFrame) -> tuple[int, int]:
    return int((people["side"] == 1).sum()), int((people["side"] == 0).sum())


def _ready(
    frame: pd.DataFrame, outcome: pd.Series, terms: dict[str, pd.Series], covariates: tuple[str, ...], *, alone: bool = False
) -> People:
    """Add a constant, a level for every further place and 0/1 columns of the covariates; leave out what says nothing new."""
    contrast = next(iter(terms))
    block = pd.DataFrame(terms).astype(float)
    if not alone:
        block.insert(0, "1", 1.0)
        block = block.join([_dummies(frame, name) for name in ("organisation", *covariates)])
    order = [str(name) for name in block]
    values = block.to_numpy()
    root = inverse_root(values.T @ values)
    kept = [order[k] for k in root.kept]
    terms_kept = (contrast, *(name for name in kept if name != contrast))
    values, gone = block[list(terms_kept)].to_numpy(), said(order, root.explained_by)
    if not alone and _told_by_place(frame["organisation"], block[contrast]):
        gone[contrast] = "already said by the organisations"
    return People(outcome.to_numpy(dtype=float), values, terms_kept, *_sizes(frame), gone)


def _told_by_place(organisation: pd.Series, contrast: pd.Series) -> bool:
    """Whether the contrast differs between organisations only, so that two of them would stand for both sides."""
    return organisation.nunique() > 1 and contrast.nunique() > 1 and contrast.groupby(organisation).nunique().max() == 1


def _dummies(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    levels = frame[name].fillna("not stated")
    return pd.get_dummies(levels, prefix=name, prefix_sep="=", dtype=float).iloc[:, 1:]


def robust(people: People) -> Robust:
    """Fit with statsmodels and report the contrast with HC1 and HC2 errors.

    HC1's degrees of freedom are N - k, as Stata and statsmodels count them; HC2's are Bell and McCaffrey's.
    """
    fit = OLS(people.outcome, people.columns).fit()
    errors = {"HC1": float(fit.HC1_se[0]), "HC2": float(fit.HC2_se[0])}
    return Robust(float(fit.params[0]), errors, {"HC1": float(fit.df_resid), "HC2": _satterthwaite(people.columns)})


def _satterthwaite(columns: Array) -> float:
    """Bell and McCaffrey's degrees of freedom of HC2 for the first column, without any N x N matrix.

    With v_i = (x_i' M c) / sqrt(1 - h_i): df = (sum v^2 (1 - h))^2 / (sum v^4 (1 - 2h) + tr (M Q)^2), Q = sum v^2 x x'.
    """
    inverse = np.linalg.inv(columns.T @ columns)
    leverage = np.einsum("ni,ij,nj->n", columns, inverse, columns)
    rest = np.maximum(1 - leverage, 1e-12)
    v2 = (columns @ inverse[:, 0]) ** 2 / rest
    spread = inverse @ (columns.T @ (columns * v2[:, None]))
    return float((v2 * rest).sum() ** 2 / ((v2**2 * (1 - 2 * leverage)).sum() + np.trace(spread @ spread)))
