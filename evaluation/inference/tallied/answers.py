"""Counts of the answers to one item beside a mean: order without points, one odds ratio, a percentage near its ends.

Each unit's figure (the chance that a later answer is higher, the change of a logit) goes through the headline's second stage, on
its units and columns; the cumulative logit leaves units out. Counts are not adjusted for covariates, and people who answered in
both waves are taken as different people, which makes the error of a change larger than it need be. Source: docs/methods.md,
section 17.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from evaluation.errors import DesignError
from evaluation.inference.algebra import Array
from evaluation.inference.estimate import Estimate
from evaluation.inference.flags import counted, flag
from evaluation.inference.level_row import estimated, level_row
from evaluation.inference.panel import filled
from evaluation.inference.restated import not_worked_out
from evaluation.inference.tallied.ordinal import cumulative_logit, proportional_odds
from evaluation.inference.tallied.proportions import logits
from evaluation.inference.tallied.superiority import superiority
from evaluation.inference.unit_level import UnitLevel, chosen
from evaluation.terms import Beside

FEWEST = 2
JACKKNIFE = "jackknife over units"


@dataclass(frozen=True)
class Answers:
    """How many of each cell chose each option, and how the cells are compared.

    Attributes:
        counts: (C, K), options from low to high as the measure counts them.
        units: (C,) the unit of each cell, one of `level.units`.
        waves: (C,) the wave of each cell.
        columns: (C, p) of the regression, without a constant, the contrast last; `terms` names them.
        level: the headline's second stage, whose units and columns are kept.
        favourable: (K,) which options are positive; none where no percentage is asked for.
    """

    counts: Array
    units: npt.NDArray[np.str_]
    waves: npt.NDArray[np.str_]
    columns: Array
    terms: tuple[str, ...]
    level: UnitLevel
    favourable: npt.NDArray[np.bool_]

    def at(self, wave: str) -> Array:
        """Counts of one wave by unit, (G, K), in the order of the level."""
        there = self.waves == wave
        summed = pd.DataFrame(self.counts[there], index=self.units[there]).groupby(level=0).sum()
        return summed.reindex(list(self.level.units), fill_value=0.0).to_numpy(dtype=float)


def answer_rows(answers: Answers, blank: Estimate, needed: tuple[str, ...], confidence: float) -> tuple[Estimate, ...]:
    """A row for each reading; what cannot be worked out is a row that says why.

    Args:
        answers: the counts.
        blank: the row before any number; its `design` says what is compared.
        needed: the waves that the design reads, one or two, the later last.
        confidence: of the intervals.
    """
    blank = replace(blank, minimum_important_difference=None, weighted=False, n_respondents=int(answers.counts.sum()))
    sides = [answers.at(wave) for wave in needed]
    rows = [_superiority(answers, sides[0], sides[1], blank, confidence)] if len(sides) == 2 else []
    rows += [_cumulative_logit(answers, blank, confidence)]
    rows += [_logit_share(answers, sides, blank, confidence)] if answers.favourable.any() else []
    return tuple(rows)


def _superiority(answers: Answers, before: Array, after: Array, blank: Estimate, confidence: float) -> Estimate:
    """The chance that a later answer is higher, less one half, unit by unit; compared, a difference of chances."""
    enough = (before.sum(axis=1) >= FEWEST) & (after.sum(axis=1) >= FEWEST)
    row = replace(blank, estimator=Beside.SUPERIORITY.value)
    if not enough.all():
        said = flag("too_few_answers", counted(np.asarray(answers.level.units)[~enough].tolist()))
        row = replace(row, flags=(*row.flags, said))
    if not enough.any():
        return level_row(row, None, None, None, confidence)
    found = superiority(before[enough], after[enough])
    level = replace(chosen(answers.level, enough), outcome=found.chance - 0.5, sampling=found.pooled)
    return _second_stage(row, level, int(found.people.sum()), confidence)


def _logit_share(answers: Answers, sides: list[Array], blank: Estimate, confidence: float) -> Estimate:
    """Each unit's share of favourable answers as a logit, or its change."""
    row = replace(blank, estimator=Beside.LOGIT_SHARE.value)
    given = answers.counts[:, answers.favourable].sum()
    if given in (0, answers.counts.sum()):
        said = "every answer was favourable" if given else "nobody gave a favourable answer"
        return not_worked_out(row, DesignError(f"{said}.", fix="there is nothing to compare.", code="no-spread"))
    found = [logits(n[:, answers.favourable].sum(axis=1), n.sum(axis=1)) for n in sides]
    outcome = found[-1][0] - found[0][0] if len(found) == 2 else found[0][0]
    level = replace(answers.level, outcome=outcome, sampling=np.asarray(sum(one[1] for one in found)), of_units=None)
    return _second_stage(row, level, int(answers.counts.sum()), confidence)


def _second_stage(row: Estimate, level: UnitLevel, people: int, confidence: float) -> Estimate:
    return replace(level_row(row, level, people, estimated(level), confidence), estimator=row.estimator)


def _cumulative_logit(answers: Answers, blank: Estimate, confidence: float) -> Estimate:
    """The log odds ratio of a higher answer."""
    row = replace(blank, estimator=Beside.CUMULATIVE_LOGIT.value, variance=JACKKNIFE)
    counts, columns, units, terms = answers.counts, answers.columns, answers.units.tolist(), answers.terms
    try:
        found = cumulative_logit(counts, columns, units, terms).infer(terms[-1])
    except DesignError as fault:
        return not_worked_out(row, fault)
    return filled(replace(row, flags=(*row.flags, *_odds_flag(answers, confidence))), found, JACKKNIFE, confidence)


def _odds_flag(answers: Answers, confidence: float) -> Iterator[str]:
    """Whether one odds ratio is enough; nothing to say where only two options were chosen."""
    if (answers.counts.sum(axis=0) > 0).sum() == 2:
        return
    try:
        test = proportional_odds(answers.counts, answers.columns, answers.units.tolist(), answers.terms, answers.terms[-1])
    except DesignError as fault:
        yield flag("odds_not_tested", fault.problems[0].what.rstrip("."))
        return
    if test.p_value < 1 - confidence:
        ends = f"{test.slopes.min():.2g} to {test.slopes.max():.2g} as logs, p = {test.p_value:.2g}"
        yield flag("odds_not_proportional", ends)
