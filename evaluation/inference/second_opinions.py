"""The same question put to methods of other kinds, beside the headline: the wild bootstrap, placebo reassignment, a mixed model
with Kenward and Roger's degrees of freedom, and a Bayesian reading.

A method that a study cannot carry is left out: the row is missing, never filled with a number that means nothing. What the
headline's refusals take away is taken away here too (`panel.withheld`). Source: docs/methods.md, section 4.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from evaluation.errors import DesignError
from evaluation.inference.bayes import posterior
from evaluation.inference.bootstrap import wild_bootstrap
from evaluation.inference.cells import Cells
from evaluation.inference.design import NEEDS_TWO_WAVES
from evaluation.inference.estimate import Estimate, number
from evaluation.inference.flags import flag
from evaluation.inference.mixed.grouped_sums import grouped_sums
from evaluation.inference.mixed.reml import fit as fit_mixed
from evaluation.inference.mixed.small_samples import small_sample
from evaluation.inference.panel import filled, regressors
from evaluation.inference.placebo import placebo
from evaluation.inference.question import Question
from evaluation.inference.sources import shares_of
from evaluation.inference.unit_level import UnitLevel
from evaluation.inference.variance import LeastSquares
from evaluation.terms import Beside, Better, Design, Estimator

PRIOR_SCALES = (0.5, 1.0, 2.0)
"""Of tau's prior, in minimum important differences; the middle one stands in the panel, the others go with the answer."""


def second_opinions(
    question: Question, cells: Cells, level: UnitLevel, fit: LeastSquares, blank: Estimate
) -> tuple[Estimate, ...]:
    """A row for each method that the study can carry.

    Args:
        question: the estimand.
        cells: the cells behind the answer.
        level: its unit-level figures.
        fit: its regression, clustered by what is compared.
        blank: the row of the answer, before any number.
    """
    methods = (_bootstrap, _placebo, _mixed, _bayesian)
    return tuple(row for method in methods for row in _or_nothing(method(question, cells, level, fit, blank)))


def _or_nothing(rows: Iterator[Estimate]) -> Iterator[Estimate]:
    try:
        yield from rows
    except DesignError:  # the study cannot carry this method; its row is left out
        return


def _bootstrap(question: Question, cells: Cells, level: UnitLevel, fit: LeastSquares, blank: Estimate) -> Iterator[Estimate]:
    found = wild_bootstrap(fit, seed=question.protocol.seed, confidence=question.protocol.look_confidence)
    row = replace(
        blank, estimator=Estimator.LEAST_SQUARES.value, variance=f"wild bootstrap, {found.weights}", estimate=found.estimate,
        statistic=number(found.statistic), p_value=found.p_value,
    )  # fmt: skip
    yield _with_ends(row, found.conf_low, found.conf_high)


def _with_ends(row: Estimate, low: float, high: float) -> Estimate:
    """The row with both ends of an interval, or none where one of them is infinite."""
    return replace(row, conf_low=low, conf_high=high) if np.isfinite([low, high]).all() else row


def _placebo(question: Question, cells: Cells, level: UnitLevel, fit: LeastSquares, blank: Estimate) -> Iterator[Estimate]:
    """Without its interval, for which every shift is judged anew: `unit_change(...).placebo()` gives it where it is wanted."""
    found = placebo(level, seed=question.protocol.seed, confidence=question.protocol.look_confidence)
    yield replace(blank, estimator=Beside.PLACEBO.value, variance="none", estimate=found.estimate, p_value=found.p_value)


def _mixed(question: Question, cells: Cells, level: UnitLevel, fit: LeastSquares, blank: Estimate) -> Iterator[Estimate]:
    """Random effects of units and of their waves; not of published means, of units gathered by organisation, or of weights."""
    if level.sampling is None or cells.places or question.weighted or question.design in (Design.ANCOVA, Design.BENCHMARK):
        return
    terms, columns = regressors(
        cells.usable, cells.contrast, question.design, question.waves[1], level.shared, shares_of(question, level))
    groups = [["unit"], ["unit", "wave"]] if NEEDS_TWO_WAVES[question.design] else [["unit"]]
    model = fit_mixed(grouped_sums(cells.usable, columns, terms, groups))
    kept = model.sums.root.kept
    contrast = np.asarray([float(k == len(terms) - 1) for k in kept])
    found = small_sample(model, "kenward-roger").infer(contrast)
    yield filled(
        replace(blank, estimator=Beside.RANDOM_EFFECTS.value), found, "Kenward-Roger", question.protocol.look_confidence)


def _bayesian(question: Question, cells: Cells, level: UnitLevel, fit: LeastSquares, blank: Estimate) -> Iterator[Estimate]:
    yield from bayesian_rows(question, level, blank, (1.0,))


def bayesian_rows(question: Question, level: UnitLevel, blank: Estimate, scales: tuple[float, ...]) -> Iterator[Estimate]:
    """The posterior mean and interval under half-normal priors of tau, their scales in minimum important differences.

    The flag gives the chance that the effect is better than the change that matters; there is no p-value.
    """
    if level.sampling is None or not np.all(level.sampling > 0):
        return
    important = question.measure.minimum_important_difference.value
    better = 1.0 if question.measure.better is Better.HIGHER else -1.0
    for scale in scales:
        found = posterior(better * level.outcome, level.sampling, level.columns, level.target, scale * important)
        low, high = (better * float(end[0]) for end in found.interval(question.protocol.look_confidence))
        yield replace(
            blank, estimator=Beside.BAYESIAN.value, variance=f"prior scale {scale * important:.3g}",
            estimate=better * float(found.mean[0]), std_error=number(found.sd[0]), conf_low=min(low, high),
            conf_high=max(low, high),
            flags=(flag("chance_important", f"{100 * float(found.chance_above(important)[0]):.0f}%"),),
        )  # fmt: skip
