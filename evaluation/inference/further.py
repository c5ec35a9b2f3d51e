"""What goes with an answer besides its own number: the effect in each declared group, the gap between groups, and the answer
without each unit. For the analyst; a release never shows them, because they speak of fewer people.

Groups share the scan of the answer: a unit's change in one group is as sure as the people of that group make it, and two groups
of one unit hold different people, so that their sampling variances add. Sources: docs/methods.md, formula 4 and section 12;
Holm (1979), Scandinavian Journal of Statistics 6, 65.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from evaluation.evidence.evidence import Evidence
from evaluation.evidence.moments import NOT_STATED, Moments
from evaluation.inference.design import Contrast, contrasts
from evaluation.inference.estimate import Answer, Estimate
from evaluation.inference.multiplicity import adjusted
from evaluation.inference.over_time.of_study import over_time
from evaluation.inference.panel import change_estimates, filled, withheld
from evaluation.inference.pooling import partially_pooled
from evaluation.inference.question import Question
from evaluation.inference.refusals import Facts, Keeps, refusals, standing
from evaluation.inference.resolution import floor
from evaluation.inference.second_opinions import PRIOR_SCALES, bayesian_rows
from evaluation.inference.sources import with_sources
from evaluation.inference.unit_level import UnitLevel, balanced, changes, chosen, without_each
from evaluation.inference.variance import Inference
from evaluation.organisations.register import Register
from evaluation.terms import Beside, EstimateStatus, Estimator, Multiplicity


def further(
    question: Question, evidence: Evidence, register: Register, blank: Estimate, level: UnitLevel, answer: Answer
) -> tuple[Estimate, ...]:
    """Everything that goes with `answer`: it without each unit, units pooled in part, other priors, other waves, groups and gaps.

    Args:
        question: the estimand.
        evidence: holds the moments of the estimand's group.
        register: doses and types of units, where the estimand reads them.
        blank: the row of the answer, before any number.
        level: the unit-level figures behind the answer.
        answer: what was found; a p-value withheld there is withheld here.
    """
    alone = without_each_unit(question, blank, level) if answer.headline.std_error is not None else ()
    priors = [scale for scale in PRIOR_SCALES if scale != 1] if answer.headline.p_value is not None else []
    readings = bayesian_rows(question, level, blank, tuple(priors))
    contrast = _contrast(answer, question)
    waves = () if level.shared or level.of_units else over_time(question, contrast, evidence, register, blank)
    pooled = _pooled(blank, level, question.protocol.look_confidence) if answer.headline.std_error is not None else ()
    return (*alone, *pooled, *readings, *waves, *by_group(question, contrast, evidence, register, blank))


def _contrast(answer: Answer, question: Question) -> Contrast:
    return next(known for known in contrasts(question.protocol, question.name) if known.label == answer.contrast)


def without_each_unit(question: Question, blank: Estimate, level: UnitLevel) -> tuple[Estimate, ...]:
    """The headline method on all units but one, for each of the G units of `level`; without a p-value, which nobody asked for."""
    rest = [others if _told(others) else None for others in without_each(level)]
    found = iter(change_estimates([others for others in rest if others is not None]))
    rows = [
        _row(question, replace(blank, term=f"{blank.term} without {unit}"), others, None, None if others is None else next(found))
        for unit, others in zip(level.units, rest, strict=True)
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
    sums = evidence.subgroups[question.estimand.measure, group].with_covariates(
        [name for name in question.estimand.covariates if name != group]
    )
    compared = contrast.side(sums.cells["arm"]).notna() & sums.cells["wave"].isin(question.needed)
    own = sums.select(compared)
    names = sorted(set(own.cells["group"]), key=lambda name: (name == NOT_STATED, name))
    levels = {name: _of_group(question, contrast, own.select(own.cells["group"] == name), register) for name in names}
    people = {name: int(own.n[(own.cells["group"] == name).to_numpy()].sum()) for name in names}
    told = [
        _row(question, replace(blank, term=f"{blank.term} | {group}={name}"), level, people[name], _estimated(level))
        for name, level in levels.items()
    ]
    first, *others = [name for name in names if name != NOT_STATED] or [NOT_STATED]
    between = {name: _gap(levels[first], levels[name]) for name in others}
    gaps = [
        _row(question, replace(blank, term=f"{blank.term}:{group}, {name} - {first}"), gap, people[first] + people[name],
             _estimated(gap))
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


def _row(
    question: Question, blank: Estimate, level: UnitLevel | None, people: int | None, found: Inference | None
) -> Estimate:
    """What was `found` on `level` (of so many people, where that is told), after the refusals that its own units call for."""
    if level is None:
        return replace(blank.without_number(), status=EstimateStatus.NOT_ESTIMABLE.value, n_units=0, n_pilot=0, n_comparison=0)
    blank = _counted(replace(blank, estimator=Estimator.UNIT_CHANGE.value, n_respondents=people), level)
    design, pilots, others = question.design, blank.n_pilot or 0, blank.n_comparison or 0
    facts = Facts(
        design, pilots, others, level.columns.shape[1], contrast_lost=not _told(level), no_spread=not level.varies,
        confidence=question.protocol.look_confidence,
    )
    status, keeps = standing(refusals(facts))
    if keeps is Keeps.NOTHING:
        return replace(blank.without_number(), status=status.value)
    if found is None:
        return replace(blank.without_number(), status=EstimateStatus.NOT_ESTIMABLE.value)
    row = replace(blank, resolution_floor=floor(pilots, pilots + others, design))
    return withheld([filled(row, found, _variance(level), question.protocol.look_confidence)], status, keeps)[0]


def _estimated(level: UnitLevel | None) -> Inference | None:
    """The headline method, where the contrast can be told."""
    return change_estimates([level])[0] if level is not None and _told(level) else None


def _holm(rows: list[Estimate]) -> Iterator[Estimate]:
    given = [row.p_value for row in rows if row.p_value is not None]
    shared = iter(adjusted(given, Multiplicity.HOLM))
    return (replace(row, adjusted_p=None if row.p_value is None else next(shared)) for row in rows)


def _counted(blank: Estimate, level: UnitLevel) -> Estimate:
    pilots = len(level.units) if blank.alone else int((level.columns[:, level.target] > 0).sum())
    return replace(blank, n_units=len(level.units), n_pilot=pilots, n_comparison=len(level.units) - pilots)


def _variance(level: UnitLevel) -> str:
    plain = "one-sample t" if level.columns.shape[1] == 1 else "pooled t"
    return plain if level.sampling is None else "REML-HK"


def _told(level: UnitLevel) -> bool:
    """Whether the contrast is something that the other columns do not already say."""
    return bool(np.linalg.matrix_rank(level.columns) == level.columns.shape[1])
