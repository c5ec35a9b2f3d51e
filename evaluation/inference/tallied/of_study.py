"""What a study's counts of answers say beside one of its answers, for a measure of one item that is answered by choosing.

Designs that adjust for a baseline or a national trend have no such rows. Source: docs/methods.md, section 17.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from evaluation.evidence.evidence import Evidence
from evaluation.inference.cells import Cells
from evaluation.inference.estimate import Estimate
from evaluation.inference.flags import flag
from evaluation.inference.panel import regressors
from evaluation.inference.question import Question
from evaluation.inference.sources import shares_of
from evaluation.inference.tallied.answers import Answers, answer_rows
from evaluation.inference.unit_level import UnitLevel
from evaluation.measures.score import items_of
from evaluation.terms import Design, ScoreRule

DESIGNS = (Design.BEFORE_AFTER, Design.COMPARISON, Design.DIFFERENCE_IN_DIFFERENCES)
KEYS = ["unit", "arm", "wave"]


def tallied_rows(
    question: Question, cells: Cells, evidence: Evidence, level: UnitLevel, blank: Estimate
) -> tuple[Estimate, ...]:
    """The rows that counts of answers allow; none for other measures and designs. What fails is a row that says why.

    Args:
        question: the estimand.
        cells: the cells behind its answer.
        evidence: holds the tallies.
        level: the answer's unit-level figures, whose units and columns are kept.
        blank: the row of the answer, before any number.
    """
    items = items_of(question.estimand.measure, question.documents)
    scale = question.documents.instruments[question.measure.instrument].scale_of(items[0])
    if question.design not in DESIGNS or len(items) != 1 or not scale.options or question.published or evidence.tallies.empty:
        return ()
    answers = _answers(question, items[0], cells, evidence.tallies, level)
    adjusted = (flag("not_adjusted", ", ".join(question.estimand.covariates)),) if question.estimand.covariates else ()
    return answer_rows(answers, replace(blank, flags=adjusted), question.needed, question.protocol.look_confidence)


def _answers(question: Question, item: str, cells: Cells, tallies: pd.DataFrame, level: UnitLevel) -> Answers:
    instrument = question.documents.instruments[question.measure.instrument]
    scale, own = instrument.scale_of(item), cells.usable.cells
    codes = list(scale.codes)[:: -1 if instrument.items[item].reverse else 1]
    named, columns = regressors(
        cells.usable, cells.contrast, question.design, question.waves[1], level.shared, shares_of(question, level))
    positive = question.measure.score is ScoreRule.PERCENT_POSITIVE
    favourable = np.isin(codes, [float(code) for code in scale.positive]) & positive
    mine = tallies[(tallies["population"] == question.measure.population) & (tallies["item"] == item)]
    wide = mine.dropna(subset=["answer"]).pivot_table(index=KEYS, columns="answer", values="n", aggfunc="sum", fill_value=0)
    places = pd.MultiIndex.from_frame(own[KEYS].astype(str))
    counts = wide.reindex(index=places, columns=codes, fill_value=0).to_numpy(dtype=float)
    units = np.array([cells.places.get(unit, unit) for unit in own["unit"].astype(str)], dtype=np.str_)
    return Answers(counts, units, own["wave"].to_numpy(dtype=np.str_), columns[:, 1:], named[1:], level, favourable)
