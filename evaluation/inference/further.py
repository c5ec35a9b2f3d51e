"""What goes with an answer besides its own number: the number told another way, counts of answers, the effect in each declared
group, the gap between groups, and the answer without each unit. For the analyst; a release never shows them, because many of them
speak of fewer people.

Groups share the scan of the answer: a unit's change in one group is as sure as the people of that group make it, and two groups
of one unit hold different people, so that their sampling variances add. Sources: docs/methods.md, formula 4 and section 12;
Holm (1979), Scandinavian Journal of Statistics 6, 65.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from evaluation.evidence.evidence import Evidence
from evaluation.evidence.moments import NOT_STATED, Moments
from evaluation.inference.cells import Cells
from evaluation.inference.design import Contrast
from evaluation.inference.estimate import Answer, Estimate
from evaluation.inference.level_row import estimated, estimated_each, is_told, level_row
from evaluation.inference.multiplicity import adjusted
from evaluation.inference.over_time.of_study import over_time
from evaluation.inference.panel import TAKEN
from evaluation.inference.pooling import partially_pooled
from evaluation.inference.question import Question
from evaluation.inference.refusals import Refusal, standing
from evaluation.inference.restated import restated
from evaluation.inference.second_opinions import PRIOR_SCALES, bayesian_rows
from evaluation.inference.sources import with_sources
from evaluation.inference.tallied.of_study import tallied_rows
from evaluation.inference.unit_level import UnitLevel, balanced, changes, chosen, without_each
from evaluation.organisations.register import Register
from evaluation.terms import Beside, Multiplicity


def further(
    question: Question, cells: Cells, evidence: Evidence, register: Register, blank: Estimate, level: UnitLevel, answer: Answer
) -> tuple[Estimate, ...]:
    """Everything that goes with `answer`: its number told another way, counts of answers, it without each unit, units pooled in
    part, other priors, other waves, groups and gaps.

    Args:
        question: the estimand.
        cells: the cells behind the answer.
        evidence: holds the moments of the estimand's group, and tallies.
        register: doses and types of units, where the estimand reads them.
        blank: the row of the answer, before any number.
        level: the unit-level figures behind the answer.
        answer: what was found; a p-value withheld there is withheld here.
    """
    alone = without_each_unit(question, blank, level) if answer.headline.std_error is not None else ()
    priors = [scale for scale in PRIOR_SCALES if scale != 1] if answer.headline.p_value is not None else []
    readings = bayesian_rows(question, level, blank, tuple(priors))
    contrast = cells.contrast
    counts = _as_withheld(tallied_rows(question, cells, evidence, level, blank), answer.refusals)
    waves = () if level.shared or level.of_units else over_time(question, contrast, evidence, register, blank)
    pooled = _pooled(blank, level, question.protocol.look_confidence) if answer.headline.std_error is not None else ()
    told = (*restated(question, cells.usable, answer.headline), *counts)
    return (*told, *alone, *pooled, *readings, *waves, *by_group(question, contrast, evidence, register, blank))


def _as_withheld(rows: tuple[Estimate, ...], found: tuple[Refusal, ...]) -> Iterator[Estimate]:
    """What the answer's refusals take away is taken away here too; a row without a number keeps its own reason."""
    status, keeps = standing(found)
    for row in rows:
        yield row if keeps is None or row.estimate is None else replace(TAKEN[keeps](row), status=status.value)


def without_each_unit(question: Question, blank: Estimate, level: UnitLevel) -> tuple[Estimate, ...]:
    """The headline method on all units but one, for each of the G units of `level`; without a p-value, which nobody asked for."""
    rest = without_each(level)
    rows = [
        level_row(replace(blank, term=f"{blank.term} without {unit}"), others if is_told(others) else None, None, found,
                  question.protocol.look_confidence)
        for unit, others, found in zip(level.units, rest, estimated_each(rest), strict=True)
    ]
    return tuple(row.without_p() for row in rows)


def _pooled(blank: Estimate, level: UnitLevel, confidence: float) -> tuple[Estimate, ...]:
    """Each unit's own figure drawn towards its arm's, with interval; none where only means are known."""
    if level.sampling is None or len(level.units) <= level.columns.shape[1]:
        return ()
    row = replace(blank, estimator=Beside.POOLED.value, variance="REML", n_units=1, n_pilot=None, n_comparison=None,
                  n_respondents=None, resolution_floor=None)
    table = partially_pooled(level, confidence).rename(columns={"unit": "term", "pooled": "estimate"})
    records = table[["term", "estimate", "std_error", "conf_low", "conf_high"]].to_dict("records")
    return tuple(replace(row, **{str(name): value for name, value in one.items()}) for one in records)


def by_group(
    question: Question, contrast: Contrast, evidence: Evidence, register: Register, blank: Estimate
) -> tuple[Estimate, ...]:
    """The effect in every level of the estimand's group, and the change in the gap between each level and the first.

    Levels share their error rate, and so do gaps (Holm): `adjusted_p`. What few units or a lost contrast do not bear is
    withheld, level by level, as it is for the whole.
    """
    group = question.estimand.by
    if group is None:
        return ()
    confidence = question.protocol.look_confidence
    sums = evidence.subgroups[question.estimand.measure, group].with_covariates(
        [name for name in question.estimand.covariates if name != group]
    )
    compared = contrast.side(sums.cells["arm"]).notna() & sums.cells["wave"].isin(question.needed)
    own = sums.select(compared)
    names = sorted(set(own.cells["group"]), key=lambda name: (name == NOT_STATED, name))
    levels = {name: _of_group(question, contrast, own.select(own.cells["group"] == name), register) for name in names}
    people = {name: int(own.n[(own.cells["group"] == name).to_numpy()].sum()) for name in names}
    told = [
        level_row(replace(blank, term=f"{blank.term} | {group}={name}"), level, people[name], estimated(level), confidence)
        for name, level in levels.items()
    ]
    first, *others = [name for name in names if name != NOT_STATED] or [NOT_STATED]
    between = {name: _gap(levels[first], levels[name]) for name in others}
    gaps = [
        level_row(replace(blank, term=f"{blank.term}:{group}, {name} - {first}"), gap, people[first] + people[name],
                  estimated(gap), confidence)
        for name, gap in between.items()
    ]
    return (*_holm(told), *_holm(gaps))


def _of_group(question: Question, contrast: Contrast, own: Moments, register: Register) -> UnitLevel | None:
    """Unit-level changes of one group; None where no unit has people of it in every wave compared."""
    usable, _ = balanced(own, question.needed)
    if not len(usable.cells):
        return None
    level = changes(usable, contrast, question.design, question.waves[1])
    return with_sources(question, level, register).level


def _gap(first: UnitLevel | None, other: UnitLevel | None) -> UnitLevel | None:
    """The other group's change minus the first's, in units that have both."""
    if first is None or other is None:
        return None
    both = sorted(set(first.units) & set(other.units))
    left, right = (chosen(one, np.isin(one.units, both)) for one in (first, other))
    if not both:
        return None
    known = left.sampling is not None and right.sampling is not None
    sampling = left.sampling + right.sampling if known else None  # type: ignore[operator]
    return replace(right, outcome=right.outcome - left.outcome, sampling=sampling)


def _holm(rows: list[Estimate]) -> Iterator[Estimate]:
    given = [row.p_value for row in rows if row.p_value is not None]
    shared = iter(adjusted(given, Multiplicity.HOLM))
    return (replace(row, adjusted_p=None if row.p_value is None else next(shared)) for row in rows)
